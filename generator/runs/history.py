"""From when on no run is missing: CronJobs remove older runs, by one limit those that succeeded, by another the failed.

In: the Jobs of a workflow's runs, CronJobs. Out: the :class:`Gap`. Who counted all runs that are left would find as
many failures as successes, however rarely the workflow fails: the last three of either kind, by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from generator.runs.state import seconds_of
from generator.runtime.pods import ended

Json = Any

LIMITS = (("successfulJobsHistoryLimit", 3, True), ("failedJobsHistoryLimit", 1, False))
"""The fields of a CronJob, what Kubernetes does without them, and whether they count Jobs that are complete."""


class Gap(NamedTuple):
    """What is missing: runs from before `since` (0: none), and all of one kind (`one_sided`)."""

    since: float
    one_sided: bool


def gap_in(runs: Sequence[Json], cronjobs: Iterable[Json]) -> Gap:
    """What is missing of the runs of one workflow. `cronjobs`: those of any workflow.

    A limit that is not reached has removed nothing; one that is has removed what is older than the oldest run that it
    counts. (A limit that was raised lately has removed more: nobody knows that any more.)
    """
    since, one_sided = 0.0, False
    for cronjob in cronjobs:
        own = [job for job in runs if _owner(job) == cronjob["metadata"]["uid"]]
        for field, default, counts_complete in LIMITS:
            limit = cronjob["spec"].get(field, default)
            kept = [
                seconds_of(job["metadata"]["creationTimestamp"])
                for job in own
                if ended(job) is not None and (ended(job) == "Complete") == counts_complete
            ]
            one_sided = one_sided or (limit == 0 and bool(own))
            if limit and len(kept) >= limit:
                since = max(since, min(kept))
    return Gap(since, one_sided)


def _owner(job: Json) -> str:
    owners = job["metadata"].get("ownerReferences", ())
    return str(next((owner["uid"] for owner in owners if owner.get("controller")), ""))
