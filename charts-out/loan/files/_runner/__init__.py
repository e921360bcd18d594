"""The runner: the program that the `jobs` engine ships, which carries out one run of a workflow.

A program of its own: standard library only, Python ≥ 3.9, and nothing of the compiler. Its modules are mounted from a
ConfigMap as the package `runner` and started by `python -B -m runner`. One process is one run's current runner; the
run itself is the Job that the process belongs to.

    plan.py         what is to be run: workflows, tasks, services, as plan.json and bindings.json have them
    values.py       JSON values, their types and their texts
    expressions.py  what `${{ }}` comes to
    progress.py     how far a task is, and what that comes to
    names.py        the path of a task or item in the run, and the names that follow from it
    run.py          the decisions: what starts, is skipped, tried again, ended; no clock, no network
    scope.py          … of one workflow in the run
    node.py           … of one task in a workflow, and of its items
    work.py           … of one task or item: its tries, its mutex
    journal.py      what survives the process: the plan and the progress, on the run's Job
    kube.py         the API server: requests, watches
    pods.py         a task's Job: its manifest, its result
    calls.py        requests to services
    connections.py  the connections that they use
    isolated.py     a call or wait in a pod of its own
    record.py       log lines and Events
    admission.py    before the first task: trigger, inputs, other runs, services
    opening.py      how a run begins: the hook that makes its Job, its first act, what a restart finds
    retrying.py     what a run takes over from the one whose failed tasks it does again
    inbox.py        how the threads work together
    jobs.py         the Jobs of the tasks: created, watched, ended
    locks.py        the mutexes of the tasks: Leases
    runner.py       the loop that ties these together
"""
