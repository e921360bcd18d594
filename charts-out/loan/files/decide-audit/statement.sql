insert into decisions (application, amount, contract, run, status)
values (:'param_application', :'param_amount', :'param_contract', :'param_run', :'param_status')
