-- Who has which order, by the newest event about each. It takes the place of order_id and order_at in drivers, which
-- instances of the version before still write.
create table order_ref (
  id uuid primary key,
  -- Who has it, or had it last.
  driver_id uuid not null,
  is_over boolean not null,
  at timestamptz not null
);
create index carried_orders on order_ref (driver_id) where not is_over;

insert into order_ref (id, driver_id, is_over, at)
  select order_id, id, false, order_at from drivers where order_id is not null and order_at is not null
  on conflict (id) do nothing;
