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

create table users (
  id uuid primary key,
  org_id text not null,
  email text not null,
  name text not null,
  password_hash text not null,
  role text not null check (role in ('customer', 'driver', 'manager')),
  permissions text[] not null default '{}',
  version int not null default 1,
  created_at timestamptz not null default now(),
  erased_at timestamptz
);
-- An address is one account, however it is written.
create unique index users_email on users (lower(email));
create index users_org on users (org_id, id);

create table refresh_tokens (
  id uuid primary key,
  -- All tokens that came from one login; one of them used twice revokes them all.
  family uuid not null,
  user_id uuid not null references users (id) on delete cascade,
  hash bytea not null unique,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index refresh_tokens_family on refresh_tokens (family);
create index refresh_tokens_expiry on refresh_tokens (expires_at);
