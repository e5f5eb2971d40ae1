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

-- What this service knows of an order, from the events of others.
create table order_ref (
  id uuid primary key,
  org_id text not null,
  customer_id uuid,
  driver_id uuid,
  status text not null default 'created'
    check (status in ('created', 'assigned', 'picked-up', 'delivered', 'cancelled')),
  -- The newest version told; 0 until the first.
  version int not null default 0,
  -- How far its driver is; null until they are under way.
  stage text check (stage in ('en-route', 'near-pickup', 'picked-up', 'near-dropoff', 'delivered')),
  pickup jsonb,
  dropoff jsonb
);
create index carried_orders on order_ref (driver_id) where status in ('assigned', 'picked-up');
create index orders_of_customer on order_ref (customer_id);

-- What happened to a delivery, never altered; one partition a month, so that an old month goes without a delete.
-- Ids of one order rise in the order of its commits: whoever writes holds the order's row.
create table delivery_updates (
  id bigserial,
  order_id uuid not null,
  driver_id uuid,
  type text not null,
  at timestamptz not null,
  point jsonb,
  data jsonb not null default '{}',
  primary key (id, at)
) partition by range (at);
create index updates_of_order on delivery_updates (order_id, id);

-- The service's role owns nothing, so these run as who migrates. Only that role may use this schema.
-- Makes the partition of a month (any date of it) if there is none.
create function cover_month(month date) returns void
language plpgsql security definer set search_path from current as $$
declare
  first date := date_trunc('month', month);
  name text := 'delivery_updates_' || to_char(first, 'YYYY_MM');
begin
  -- Instances start together: the second finds the partition of the first.
  perform pg_advisory_xact_lock(hashtext('delivery_updates'));
  execute format(
    'create table if not exists %I partition of delivery_updates for values from (%L) to (%L)',
    name, first::timestamp at time zone 'UTC', (first + interval '1 month') at time zone 'UTC'
  );
end $$;

-- Drops the partitions of months before the given one; gives their names.
create function drop_months_before(month date) returns setof text
language plpgsql security definer set search_path from current as $$
declare
  name text;
begin
  perform pg_advisory_xact_lock(hashtext('delivery_updates'));
  for name in
    select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = 'delivery_updates'::regclass
        and relname < 'delivery_updates_' || to_char(month, 'YYYY_MM')
      order by relname
  loop
    execute format('drop table %I', name);
    return next name;
  end loop;
end $$;
