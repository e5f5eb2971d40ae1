-- People who asked to be forgotten: a late event must not bring their name back.
create table erased (
  id uuid primary key,
  at timestamptz not null default now()
);
