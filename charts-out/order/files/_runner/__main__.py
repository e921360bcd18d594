"""The program in the pods: `python -B -m runner run` carries out the run whose pod this is, `… start` starts one.

`… start-and-wait` also waits for its end; `… task` does what one task of a run does in a pod of its own.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from .isolated import VARIABLE, do_task
from .kube import Api, Clock
from .opening import Identity, start
from .runner import EXIT_FINAL, Runner, carry_out

TERMINATION_LOG = Path("/dev/termination-log")
PLAN = Path("/flowhelm/plan")


def main() -> int:
    """Do what the argument says, with what the pod's environment tells."""
    environment = os.environ
    clock = Clock()
    if sys.argv[1:] == ["task"]:
        return do_task(json.loads(environment[VARIABLE]), clock, TERMINATION_LOG)
    host, port = environment["KUBERNETES_SERVICE_HOST"], int(environment["KUBERNETES_SERVICE_PORT"])
    api = Api.of_pod(host, port, environment["FLOWHELM_NAMESPACE"], clock)
    if sys.argv[1:] in (["start"], ["start-and-wait"]):
        cronjob, revision = environment["FLOWHELM_CRONJOB"], environment["FLOWHELM_REVISION"]
        return 0 if start(api, clock, cronjob, revision, wait=sys.argv[1] == "start-and-wait") else EXIT_FINAL
    identity = Identity(environment["FLOWHELM_RUN"], environment["FLOWHELM_RUN_UID"], environment["FLOWHELM_POD_UID"])
    runner = Runner(api, clock, identity, PLAN)
    signal.signal(signal.SIGTERM, lambda *_: runner.stop())
    return carry_out(runner, TERMINATION_LOG)


code = main()
sys.stdout.flush()
os._exit(code)  # calls that were broken off may still hold threads
