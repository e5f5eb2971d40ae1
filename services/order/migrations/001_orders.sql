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

create table orders (
  id uuid primary key,
  org_id text not null,
  kind text not null check (kind in ('ride', 'delivery')),
  customer_id uuid not null,
  driver_id uuid,
  status text not null default 'created'
    check (status in ('created', 'assigned', 'picked-up', 'delivered', 'cancelled')),
  version int not null default 1,
  pickup jsonb not null,
  dropoff jsonb not null,
  scheduled_at timestamptz,
  priority int not null default 0,
  demand jsonb not null default '{}',
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- Lists are newest first; ids are in the order of time.
create index orders_of_org on orders (org_id, id desc);
create index orders_of_customer on orders (customer_id, id desc);
create index orders_of_driver on orders (driver_id, id desc) where driver_id is not null;

-- What happened to an order, one row a change, never altered.
create table order_events (
  order_id uuid not null references orders (id),
  seq int not null,
  type text not null,
  at timestamptz not null default now(),
  by text not null,
  data jsonb not null default '{}',
  primary key (order_id, seq)
);

create table files (
  id uuid primary key,
  order_id uuid not null references orders (id),
  name text not null,
  media_type text not null,
  key text not null,
  by text not null,
  created_at timestamptz not null default now()
);
create index files_of_order on files (order_id);

-- What this service knows of people and drivers, from their services' events.
create table user_ref (
  id uuid primary key,
  org_id text not null,
  name text not null,
  role text not null,
  at timestamptz not null
);

create table driver_ref (
  id uuid primary key,
  org_id text not null,
  status text not null,
  at timestamptz not null
);
