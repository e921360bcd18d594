"""The decisions of one workflow, the run's own or one that a task has called: what starts, is skipped, has ended.

A scope holds its tasks (node.py) and the scopes of the workflows that they have called, and so on to any depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .expressions import Lookup, value_of
from .node import Each, Node
from .plan import Task, Workflow
from .progress import (
    CANCELLED,
    ENDED,
    FAILED,
    RUNNING,
    SUCCEEDED,
    WAITING,
    Progress,
    unhandled,
)
from .values import WrongValue, is_a, not_a
from .work import Work

if TYPE_CHECKING:
    from .run import Run

Json = Any

ON_EXIT_SECONDS = 600.0


class Scope:
    """One workflow from its first task to its verdict.

    `prefix` is what its tasks' paths begin with (`pay/`), `tries` are the tries of the tasks around it (`1.`).
    """

    def __init__(self, run: Run, plan: Workflow, inputs: Mapping[str, Json], prefix: str = "", tries: str = "") -> None:
        self.run, self.plan, self.inputs, self.prefix, self.tries = run, plan, inputs, prefix, tries
        self.phase = "tasks"
        self.status, self.reason = RUNNING, ""
        self.started: float | None = None
        self.on_exit_started: float | None = None
        self.stopping: tuple[str, str] = ("", "")
        self.outputs: dict[str, Json] = {}
        self.nodes: dict[str, Node] = {
            task.name: Each(self, task, task.foreach) if task.foreach else Node(self, task) for task in plan.own_tasks()
        }
        self._dumped: dict[str, dict[str, Json]] = {}

    # --- what happens -------------------------------------------------------------------------------------------------

    def begin(self, now: float) -> None:
        """Its time begins."""
        self.started = now

    def step(self, now: float) -> bool:
        """One round of decisions; true when it changed something that others may wait for."""
        deadline = self._deadline()
        if deadline is not None and now >= deadline:
            self.stop(FAILED, "timeout", now)
        changed = False
        for node in self.open_nodes():
            before = node.status
            self._step(node, now)
            changed |= before != node.status
            for inner in node.inner():
                changed |= inner.step(now)
        if self.phase != "ended" and not self.open_nodes():
            self._close_phase(now)
            changed = True
        return changed

    def _step(self, node: Node, now: float) -> None:
        if node.status == WAITING:
            if self.stopping[0]:  # after a restart
                node.stop(self.stopping[1], now)
            elif all(self.nodes[need].status in ENDED for need in node.task.needs):
                node.decide(now)
            return
        for work in node.works:
            work.step_inner(now)
            if self.stopping[0]:  # after a restart
                work.cancel_unstarted(self.stopping[1], now)
        node.step(now)

    def within(self, work: Work, inputs: Mapping[str, Json]) -> Scope:
        """The workflow that a work of this one calls in its current try."""
        assert work.task.callee is not None
        return Scope(self.run, work.task.callee, inputs, f"{work.path}/", f"{work.try_of(work.progress.tries)}.")

    def cancel(self, reason: str, now: float) -> None:
        """Someone wants it to end. Once on_exit runs there is nothing left to cancel."""
        if self.phase == "tasks" and not self.stopping[0]:
            self.stop(CANCELLED, reason, now)

    def stop(self, verdict: str, reason: str, now: float) -> None:
        """No more tasks of this phase start; what runs is ended."""
        if self.stopping[0]:
            return
        self.stopping = (verdict, reason)
        for node in self.open_nodes():
            node.stop(reason, now)
            for inner in node.inner():
                inner.cancel(reason, now)

    def stopped(self, task: Task) -> str:
        """Why a task of the current phase is being ended, "" when it is not."""
        return self.stopping[1] if self.stopping[0] and task.name in self._current_tasks() else ""

    # --- what is there ------------------------------------------------------------------------------------------------

    def open_nodes(self) -> list[Node]:
        """The tasks of the current phase that have not ended."""
        nodes = self.nodes
        return [nodes[name] for name in self._current_tasks() if nodes[name].progress.status not in ENDED]

    def works(self) -> Iterator[Work]:
        """All that has been tried or may be, in this workflow and those that it has called."""
        for node in self.nodes.values():
            for work in node.works:
                yield work
                if work.called is not None:
                    yield from work.called.works()

    def next_due(self) -> float | None:
        """When something happens of itself, if nothing else does."""
        times = [self._deadline()]
        for node in self.open_nodes():
            times += [work.progress.due for work in node.works]
            times += [inner.next_due() for inner in node.inner()]
        return min((time for time in times if time is not None), default=None)

    def _current_tasks(self) -> Mapping[str, Task]:
        return {"tasks": self.plan.tasks, "on_exit": self.plan.on_exit}.get(self.phase, {})

    def _deadline(self) -> float | None:
        if self.stopping[0]:
            return None
        if self.phase == "tasks" and self.started is not None:
            return self.started + self.plan.timeout
        if self.phase == "on_exit" and self.on_exit_started is not None:
            return self.on_exit_started + ON_EXIT_SECONDS
        return None

    # --- what expressions see -----------------------------------------------------------------------------------------

    def lookup(self, name: tuple[str, ...]) -> Json:
        """The value of a name in an expression. Raises :class:`WrongValue` for an output that is not there."""
        root = name[0]
        if root == "inputs":
            return self.inputs[name[1]]
        if root == "run":
            return {"id": self.run.run_id, "name": self.run.run_name, "status": self.status}[name[1]]
        if root == "services":
            return self._service_value(name)
        if root == "tasks" and name[2] == "status":
            return self.nodes[name[1]].status
        if root == "tasks":
            return self.nodes[name[1]].output(name[3])
        raise WrongValue(f"there is no {'.'.join(name)} here")

    def _service_value(self, name: tuple[str, ...]) -> Json:
        service = self.run.services[name[1]]
        if name[2] == "host":
            return service.host
        if name[2] == "url":
            return f"{service.scheme}://{service.host}:{service.port(None)}"
        return service.ports[name[3]]

    # --- verdicts -----------------------------------------------------------------------------------------------------

    def _close_phase(self, now: float) -> None:
        """All tasks of this phase have ended: on to the next."""
        if self.phase == "tasks":
            self._settle_tasks()
            self.phase, self.on_exit_started, self.stopping = "on_exit", now, ("", "")
        elif self.phase == "on_exit":
            self._settle_on_exit()
            self.phase = "ended"

    def _settle_tasks(self) -> None:
        progress = {name: node.progress for name, node in self.nodes.items()}
        failed = unhandled(self.plan.tasks, progress)
        if self.stopping[0]:
            self.status, self.reason = self.stopping
        elif failed:
            self.status, self.reason = FAILED, _blame(failed, "task", progress)
        else:
            try:
                self.outputs = _outputs(self.plan, self.lookup)
                self.status = SUCCEEDED
            except WrongValue as problem:
                self.status, self.reason = FAILED, str(problem)

    def _settle_on_exit(self) -> None:
        progress = {name: node.progress for name, node in self.nodes.items()}
        failed = unhandled(self.plan.on_exit, progress)
        if self.status != SUCCEEDED:
            return
        if self.stopping[0]:
            self.status, self.reason = FAILED, f"on_exit: {self.stopping[1]}"
        elif failed:
            self.status, self.reason = FAILED, _blame(failed, "on_exit task", progress)
        if self.status == FAILED:
            self.outputs = {}

    # --- what survives the process ------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Json]:
        """The progress as JSON."""
        tasks = {}
        for name, node in self.nodes.items():
            dumped = self._dumped.get(name) or node.dump()
            if dumped:
                tasks[name] = dumped
            if node.status in ENDED and not any(work.progress.lock for work in node.works):
                self._dumped[name] = dumped  # nothing changes it any more
        return {
            "phase": self.phase,
            "status": self.status,
            "reason": self.reason,
            "started": self.started,
            "on_exit_started": self.on_exit_started,
            "stopping": list(self.stopping),
            "outputs": self.outputs,
            "tasks": tasks,
        }

    def dump_called(self) -> dict[str, Json]:
        """The same for a workflow that a task has called; when it has ended, what the task has is not kept twice."""
        if self.phase == "ended":
            return {"phase": "ended", "status": self.status, "tasks": self.dump()["tasks"]}
        return {**self.dump(), "inputs": self.inputs}

    def load(self, dumped: Mapping[str, Json]) -> None:
        """Take over a progress."""
        self.phase, self.status, self.reason = dumped["phase"], dumped["status"], dumped.get("reason", "")
        self.started, self.on_exit_started = dumped.get("started"), dumped.get("on_exit_started")
        verdict, why = dumped.get("stopping", ("", ""))
        self.stopping, self.outputs = (verdict, why), dict(dumped.get("outputs", {}))
        for name, node in self.nodes.items():
            node.load(dumped["tasks"].get(name, {}))


def _blame(failed: list[str], kind: str, progress: Mapping[str, Progress]) -> str:
    """Why a workflow has failed, in one sentence."""
    first = failed[0]
    if len(failed) == 1:
        return f"{kind} {first} failed: {progress[first].reason}"
    return f"{kind}s {', '.join(failed)} failed; {first}: {progress[first].reason}"


def _outputs(plan: Workflow, lookup: Lookup) -> dict[str, Json]:
    """The outputs of a workflow that has succeeded. Raises :class:`WrongValue`."""
    outputs = {}
    for name, output in plan.outputs.items():
        try:
            value = value_of(output.value, lookup)
        except WrongValue as problem:
            if not output.has_default:
                raise WrongValue(f"output {name} of the workflow: {problem}") from None
            value = None
        value = output.default if value is None else value
        if not is_a(value, output.type):
            raise WrongValue(f"output {name} of the workflow is {not_a(value, output.type)}")
        outputs[name] = value
    return outputs
