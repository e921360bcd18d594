"""The runner: the program that the `jobs` engine ships, which carries out one run of a workflow.

A program of its own: standard library only, Python ≥ 3.9, and nothing of the compiler. Its modules are mounted from a
ConfigMap as the package `runner` and started by `python -B -m runner`. One process is one run's current runner; the
run itself is the Job that the process belongs to.

Four ideas carry it:

- **Decisions** are made by objects that know no clock, no network and no thread: they are told what has happened and
  what time it is, change the progress, and return what is to be done.
- **Effects** are what is to be done: `Start`, `End`, `Lock`, … The loop has them carried out by whoever waits for the
  network, in threads that put what they learn into the loop's inbox.
- **The journal** is the progress as an annotation of the run's Job. It is written behind what happens, but always
  before a Job is created or a mutex is asked for: a successor that reads it can find whatever there may be.
- **Exactly once** follows from names. That of a try's Job follows from run, path and try, so that creating it again
  finds the first one; a call has the same idempotency key whoever repeats it; who holds a mutex is named by its path.

In this order it can be read. The first part is the core: what a run is, decides, and keeps.

    plan.py         what is to be run: workflows, tasks, services, as plan.json and bindings.json have them
    progress.py     how far a task is, how a try has ended, and what decisions come to
    work.py         the decisions about what is tried: a task without foreach, or an item
    node.py         … about a task among others: when it begins, and what comes of its items
    scope.py        … about a workflow: its tasks, its time, its verdict
    run.py          … about a run: what may start at once
    journal.py      what survives the process, on the run's Job
    runner.py       the loop that ties all of this together

How a run begins:

    __main__.py     what the pod is started for
    opening.py      the hook that makes a run's Job, the run's first act, and what a restart finds
    admission.py    before the first task: trigger, inputs, other runs, services
    retrying.py     what a run takes over from the one whose failed tasks it does again

What is done outside:

    kube.py         the API server: requests, watches
    inbox.py        how the threads work together
    jobs.py         the Jobs of the tasks: created, watched, ended
    pods.py         a task's Job: its manifest, its result
    troubles.py     why a pod does not start, or has failed
    calls.py        requests to services
    connections.py  the connections that they use
    addresses.py    where these lead
    isolated.py     a call or wait in a pod of its own
    locks.py        the mutexes of the tasks: Leases
    record.py       log lines and Events

What all of them use:

    names.py        the names that follow from a path in the run
    values.py       JSON values, their types and their texts
    expressions.py  what `${{ }}` comes to
"""
