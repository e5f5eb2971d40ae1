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

-- The orders that are to be matched, or were: what dispatch knows of each from order's events. No addresses.
create table order_ref (
  id uuid primary key,
  org_id text not null,
  -- The version of the order that this row knows; a choice made on it fails when the order has changed since.
  version int not null,
  state text not null check (state in ('waiting', 'proposed', 'assigned', 'picked-up', 'delivered', 'over')),
  customer_id uuid,
  driver_id uuid,
  -- Null where a later event came before the one that tells them.
  pickup jsonb,
  dropoff jsonb,
  demand jsonb not null default '{}',
  priority int not null default 0,
  scheduled_at timestamptz,
  -- It has changed in a way no event tells: it is asked of order before it is matched.
  is_stale boolean not null default false,
  -- When it is looked at next; claiming an order puts this off, so a crashed instance loses nothing.
  next_at timestamptz not null,
  -- Why nobody was found the last time.
  reason text,
  -- The trace of the request that placed it.
  trace text,
  since timestamptz not null,
  picked_up_at timestamptz,
  ended_at timestamptz
);
create index orders_due on order_ref (priority desc, since) where state = 'waiting';
create index orders_delivered on order_ref (next_at) where state = 'delivered';

-- What this service knows of drivers, from their service's events.
create table driver_ref (
  id uuid primary key,
  org_id text not null,
  status text not null,
  capacity jsonb not null default '{}',
  skills text[] not null default '{}',
  at timestamptz not null
);
create index drivers_available on driver_ref (org_id) where status = 'available';

-- An order proposed to a driver. It ends declined, expired, withdrawn (its order went elsewhere) or over (driven).
create table offers (
  id uuid primary key,
  order_id uuid not null references order_ref (id) on delete cascade,
  org_id text not null,
  driver_id uuid not null,
  state text not null
    check (state in ('open', 'accepted', 'assigned', 'declined', 'expired', 'withdrawn', 'over')),
  expires_at timestamptz not null,
  distance_metres int not null,
  cost double precision not null,
  strategy text not null,
  -- The manager who chose, or this service.
  by text not null,
  -- When the assignment is written to order next, and how often that was tried.
  next_at timestamptz not null,
  attempts int not null default 0,
  created_at timestamptz not null,
  decided_at timestamptz
);
-- Nobody is promised twice, whatever instances do at the same moment.
create unique index offer_of_order on offers (order_id) where state in ('open', 'accepted', 'assigned');
create unique index offer_of_driver on offers (driver_id) where state in ('open', 'accepted', 'assigned');
create index offers_by_order on offers (order_id);
create index offers_open on offers (expires_at) where state = 'open';
create index offers_accepted on offers (next_at) where state = 'accepted';

-- Messages for the queue of notifications, until SQS has them.
create table notices (
  id uuid primary key,
  body jsonb not null,
  next_at timestamptz not null
);
create index notices_due on notices (next_at);
