"""Names that meet in the cluster or in values.yaml, and names that grow too long (rulings L05, C22, L24)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from generator.check import codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Note, Span
from generator.kube.identifiers import MAX_CRONJOB, MAX_NAME, MAX_STATEFULSET, camel_case
from generator.records import dataclass

RELEASE_LENGTH = 20
"""Characters of a release name that names are checked for: the real one is not known yet."""


@dataclass(frozen=True)
class _Component:
    """What gives objects their names, `<release>-<chart>-<name>`, and how long the strictest kind lets them be."""

    name: str
    words: str
    span: Span
    limit: int
    owner: tuple[str, ...]


def _components(subject: Subject) -> Iterator[_Component]:
    for service in subject.system.services.values():
        owner: tuple[str, ...] = ("services", service.name)
        stateful = service.kind == "statefulset"
        limit = MAX_STATEFULSET if stateful else MAX_NAME
        yield _Component(service.name, f"service `{service.name}`", service.span, limit, owner)
        if stateful:
            words = f"the headless Service of `{service.name}`"
            yield _Component(f"{service.name}-headless", words, service.span, MAX_NAME, owner)
    for workflow in subject.system.workflows.values():
        words = f"workflow `{workflow.name}`"
        if workflow.startable:
            yield _Component(workflow.name, words, workflow.span, MAX_CRONJOB, ("workflows", workflow.name))
        triggers = workflow.spec.triggers if workflow.startable else None
        schedules = triggers.named_schedules if triggers else {}
        for trigger in schedules if len(schedules) > 1 else ():
            words, owner = f"`{trigger}` of `{workflow.name}`", ("workflows", workflow.name)
            span = workflow.spec.span("triggers", "schedule")
            yield _Component(f"{workflow.name}-{trigger}", words, span, MAX_CRONJOB, owner)
        for task in {**workflow.on_exit, **workflow.tasks}.values():  # one name on both sides has a finding of its own
            if task.has_pod:
                words, owner = f"task `{task.name}` of `{workflow.name}`", ("workflows", workflow.name, task.name)
                yield _Component(f"{workflow.name}-{task.name}", words, task.span, MAX_CRONJOB, owner)


def names_that_meet(subject: Subject) -> Iterator[Finding]:
    """Two components whose objects would have one name."""
    first: dict[str, _Component] = {}
    for component in _components(subject):
        other = first.setdefault(component.name, component)
        if other is not component:
            message = f"{other.words} and {component.words} would both make objects named `{component.name}`"
            notes = (Note(f"{other.words} is here", other.span),)
            hint = "rename one of them"
            yield Finding(codes.NAMES_MEET, message, component.span, hint, notes, component.owner)


def host_names_that_meet(subject: Subject) -> Iterator[Finding]:
    """Two Services with one fixed name."""
    first: dict[str, tuple[str, Span]] = {}
    for service in subject.system.services.values():
        host = service.spec.hostname
        if not host:
            continue
        span = service.spec.span("hostname")
        if host in first:
            name, other = first[host]
            message = f"services `{name}` and `{service.name}` both have the host name `{host}`"
            notes = (Note(f"`{name}` has it here", other),)
            yield Finding(codes.NAMES_MEET, message, span, "change one of them", notes, ("services", service.name))
        first.setdefault(host, (service.name, span))


def keys_that_meet(subject: Subject) -> Iterator[Finding]:
    """Two names that have one key in values.yaml."""
    system = subject.system
    yield from _meeting("services", {name: each.span for name, each in system.services.items()}, ("services",))
    yield from _meeting("workflows", {name: each.span for name, each in system.workflows.items()}, ("workflows",))
    for service in system.services.values():
        volumes = {name: service.spec.span("storage", name) for name in service.spec.storage}
        yield from _meeting("volumes", volumes, ("services", service.name))
    for workflow in system.workflows.values():
        tasks = {task.name: task.span for task in workflow.all_tasks()}
        yield from _meeting("tasks", tasks, ("workflows", workflow.name))


def _meeting(words: str, names: Mapping[str, Span], owner: tuple[str, ...]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name, span in names.items():
        other = first.setdefault(camel_case(name), name)
        if other != name:
            message = f"{words} `{other}` and `{name}` both become the key `{camel_case(name)}` of values.yaml"
            notes = (Note(f"`{other}` is here", names[other]),)
            yield Finding(codes.KEYS_MEET, message, span, "rename one of them", notes, owner)


def names_that_are_cut(subject: Subject) -> Iterable[Finding]:
    """Names that are cut for a release name of usual length."""
    before = RELEASE_LENGTH + len(f"-{subject.system.spec.name}-")
    for component in _components(subject):
        length = before + len(component.name)
        if length > component.limit:
            message = (
                f"with a release name of {RELEASE_LENGTH} characters, objects of {component.words} would have names of "
                f"{length}; Kubernetes takes {component.limit}, so they are cut and end in a hash"
            )
            yield Finding(codes.LONG_NAME, message, component.span, "", (), component.owner)


def fixed_host_names(subject: Subject) -> Iterator[Finding]:
    """Host names that only one release of a namespace can have; said once."""
    fixed = [service for service in subject.system.services.values() if service.spec.hostname]
    if fixed:
        names = ", ".join(service.spec.hostname for service in fixed)
        message = f"only one release fits a namespace, because of fixed host names: {names}"
        yield Finding(codes.FIXED_HOST, message, fixed[0].spec.span("hostname"))


RULES: tuple[Rule, ...] = (names_that_meet, host_names_that_meet, keys_that_meet, names_that_are_cut, fixed_host_names)
