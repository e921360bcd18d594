-- Once only: a second try finds the licence that the first one entered.
insert into licences (number, application, trade, official, fee)
    values ('L-' || :'param_application', :'param_application', :'param_trade', :'param_official', :'param_amount')
    on conflict (application) do nothing; \o 1 \\
select number from licences where application = :'param_application'; \o 2 \\
