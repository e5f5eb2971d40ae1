-- The three tables of reliable exchange. Each schema's first migration begins with a copy of this file.
create table outbox (
  id bigserial primary key,
  event_id uuid not null unique,
  subject text not null,
  -- Events of one key are published in order.
  key text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_unpublished on outbox (id) where published_at is null;

create table inbox (
  consumer text not null,
  event_id uuid not null,
  at timestamptz not null default now(),
  primary key (consumer, event_id)
);

create table idempotency_keys (
  scope text not null,
  key text not null,
  body_hash text not null,
  status int,
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);

-- Whom this service writes to: the account as identity tells it, and what the customer service tells of their wishes.
create table recipients (
  id uuid primary key,
  org_id text not null,
  name text,
  email text,
  -- Of the newest event of each kind: an older one changes nothing.
  user_at timestamptz,
  channels jsonb,
  locale text,
  quiet_hours jsonb,
  contact_email text,
  phone text,
  push_tokens jsonb not null default '[]',
  preferences_at timestamptz,
  erased_at timestamptz
);

create table notifications (
  id uuid primary key,
  -- The event or job that asked for it.
  event_id uuid not null,
  org_id text not null,
  -- A user's id, or org:<organisation> for an alert to its Slack.
  user_id text not null,
  channel text not null check (channel in ('email', 'sms', 'push', 'slack')),
  template text not null,
  -- What the template is filled with. Never an address: that is looked up when it is sent.
  payload jsonb not null,
  -- What it tells, where two events may tell the same: it is said once.
  about text,
  status text not null default 'pending' check (status in ('pending', 'parked', 'sent', 'failed')),
  attempts int not null default 0,
  -- When a job is due; while one is in the queue, when it counts as lost.
  next_at timestamptz not null,
  expires_at timestamptz not null,
  claimed_until timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  -- When the feed had it; also set where the feed is not to have it.
  fed_at timestamptz,
  unique (event_id, channel, user_id)
);
create unique index notifications_said_once on notifications (user_id, channel, template, about)
  where about is not null;
create index notifications_due on notifications (next_at) where status = 'pending';
create index notifications_not_fed on notifications (settled_at) where settled_at is not null and fed_at is null;
create index notifications_fed on notifications (fed_at) where fed_at is not null;
create index notifications_of_user on notifications (user_id);

-- Feeds that are still to be emptied.
create table feed_erasures (
  user_id uuid primary key,
  at timestamptz not null default now()
);

-- Why a job of the queue was not done, by its SQS message id, which it keeps in the dead-letter queue.
create table job_faults (
  message_id text primary key,
  reason text not null,
  at timestamptz not null default now()
);
