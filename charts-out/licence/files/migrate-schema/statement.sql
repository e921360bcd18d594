create table if not exists licences (
    number      text primary key,
    application text not null unique,
    trade       text not null,
    official    text not null,
    fee         integer not null,
    issued      timestamptz not null default now()
);
