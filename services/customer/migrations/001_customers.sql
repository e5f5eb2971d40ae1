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

create table customers (
  -- The account's id at identity.
  id uuid primary key,
  org_id text not null,
  name text,
  email text,
  -- When the newest event about the name was told.
  named_at timestamptz,
  -- No channel is used before somebody has said yes to it.
  channels jsonb not null default '{"email": false, "sms": false, "push": false, "slack": false}',
  locale text,
  quiet_hours jsonb,
  -- Of the preferences; 1 until they are set.
  version int not null default 1,
  created_at timestamptz not null default now(),
  -- The row of somebody erased stays, empty: it keeps late events from bringing them back.
  erased_at timestamptz,
  check (erased_at is null or (name is null and email is null))
);

create table addresses (
  id uuid primary key,
  customer_id uuid not null references customers (id),
  label text not null,
  address text not null,
  lat float8 not null check (lat between -90 and 90),
  lon float8 not null check (lon between -180 and 180),
  instructions text,
  version int not null default 1,
  created_at timestamptz not null default now()
);
create index addresses_of_customer on addresses (customer_id, id);

create table comm_tokens (
  id uuid primary key,
  customer_id uuid not null references customers (id),
  kind text not null check (kind in ('push', 'sms')),
  value text not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  unique (customer_id, kind, value)
);
create index comm_tokens_seen on comm_tokens (seen_at);

-- Who said yes or no to which channel, when and where: the proof that a message was wanted. It names nobody.
create table consents (
  id bigserial primary key,
  customer_id uuid not null references customers (id),
  channel text not null check (channel in ('email', 'sms', 'push', 'slack')),
  granted boolean not null,
  source text not null check (source in ('app', 'web', 'link', 'erasure')),
  at timestamptz not null default now()
);
create index consents_of_customer on consents (customer_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end
$$;
create trigger consents_append_only before update or delete or truncate on consents
  for each statement execute function refuse_change();

create table erasure_requests (
  id uuid primary key,
  customer_id uuid not null unique references customers (id),
  requested_by text not null,
  at timestamptz not null
);
