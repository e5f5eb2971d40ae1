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

create table drivers (
  -- The account's id at identity.
  id uuid primary key,
  org_id text not null,
  name text not null,
  status text not null default 'offline' check (status in ('available', 'busy', 'offline')),
  skills text[] not null default '{}',
  version int not null default 1,
  -- The order that keeps them busy, and when the newest event about it was told.
  order_id uuid,
  order_at timestamptz,
  created_at timestamptz not null default now()
);
create index drivers_of_org on drivers (org_id, id);

create table vehicles (
  id uuid primary key,
  driver_id uuid not null unique references drivers (id) on delete cascade,
  type text not null check (type in ('bike', 'car', 'van', 'truck')),
  capacity jsonb not null default '{}'
);

-- When a driver works in a week: minutes of the day, local to the organisation.
create table availability_windows (
  id uuid primary key,
  driver_id uuid not null references drivers (id) on delete cascade,
  weekday int not null check (weekday between 0 and 6),
  starts int not null check (starts between 0 and 1439),
  ends int not null check (ends between 1 and 1440),
  check (starts < ends)
);
create index windows_of_driver on availability_windows (driver_id);
