"""The runner: the program that the `jobs` engine ships, which carries out one run of a workflow.

A program of its own: standard library only, Python ≥ 3.9, and nothing of the compiler. Its modules are mounted from a
ConfigMap as the package `runner` and started by `python -B -m runner`. One process is one run's current runner; the
run itself is the Job that the process belongs to.

    workflow.py     a workflow, its tasks, the services: what is to be run
    plan.py         how that is written: plan.json and bindings.json
    values.py       JSON values, their types and their texts
    expressions.py  what `${{ }}` comes to
    run.py          the decisions: what starts, is skipped, tried again, ended; no clock, no network
    progress.py     how far the tasks are, and what that comes to
    journal.py      what survives the process: the plan and the progress, on the run's Job
    kube.py         the API server: requests, watches
    pods.py         a task's Job: its manifest, its result
    calls.py        requests to services
    record.py       log lines and Events
    admission.py    before the first task: trigger, inputs, other runs, services
    opening.py      the first act of a run, and what a restart finds
    inbox.py        how the threads work together
    jobs.py         the Jobs of the tasks: created, watched, ended
    runner.py       the loop that ties these together
    starter.py      starts a run after an installation
"""
