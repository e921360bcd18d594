create table if not exists fees (
    trade        text primary key,
    amount       integer not null,
    needs_record boolean not null
);
insert into fees values ('bakery', 120, false), ('locksmith', 180, true), ('pawnbroker', 400, true)
    on conflict (trade) do update set amount = excluded.amount, needs_record = excluded.needs_record;
