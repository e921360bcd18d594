-- Once only: a second try finds the licence that the first one entered.
insert into licences (number, application, trade, official, fee)
    values ('L-' || :application, :application, :trade, :official, :amount)
    on conflict (application) do nothing;
select number from licences where application = :application;
