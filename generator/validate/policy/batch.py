"""Jobs and CronJobs: what stays of them, and what a missed start means."""

from __future__ import annotations

from typing import Final

from generator.kube.workloads import value_at
from generator.validate.model import Data, ObjectRule, Problem, Problems
from generator.validate.policy import workload_codes as codes


def jobs(data: Data) -> Problems:
    """A finished Job goes by itself. One that Helm runs as a hook goes as the hook says."""
    is_hook = "helm.sh/hook" in (value_at(data, ("metadata", "annotations")) or {})
    if value_at(data, ("spec", "ttlSecondsAfterFinished")) is None and not is_hook:
        yield Problem(codes.JOB_STAYS, "the Job stays when it is done", ("spec",), "write ttlSecondsAfterFinished")


def cron_jobs(data: Data) -> Problems:
    """A CronJob keeps its history by its own limits, and does not make up for a start that is of no use any more."""
    is_idle = value_at(data, ("spec", "suspend"))
    if value_at(data, ("spec", "startingDeadlineSeconds")) is None and not is_idle:
        message = "a missed start is made up for however late"
        yield Problem(codes.CRON_DEADLINE, message, ("spec",), "write startingDeadlineSeconds")
    path = ("spec", "jobTemplate", "spec", "ttlSecondsAfterFinished")
    if value_at(data, path) is not None:
        message = "finished Jobs go before the history limits say so"
        yield Problem(codes.TTL_IN_CRON, message, path, "remove it, and write the history limits")


RULES: Final = (ObjectRule(jobs, ("batch/Job",)), ObjectRule(cron_jobs, ("batch/CronJob",)))
