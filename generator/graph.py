"""Stage graph: :class:`System` → :class:`SystemGraph`.

Input: the resolved system. Output: the order of each workflow's tasks, and who communicates with whom. Tasks that
wait for each other are reported. The only room that imports networkx, and only when a question needs it: loading it
takes longer than compiling a small spec.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from generator.diagnostics import Code, Diagnostics, Note, Span
from generator.records import dataclass
from generator.resolve.model import Edge, System, Task

if TYPE_CHECKING:
    from networkx import DiGraph

CYCLE = Code(
    "FH2301",
    "tasks that wait for each other",
    "A task starts when its needs have ended; in a cycle none of them can be the first. The needs between tasks must "
    "lead in one direction.",
    source="language rule 3",
    wrong="pack: {needs: [ship]}\nship: {needs: [pay, pack]}",
    right="pack: {needs: [pay]}\nship: {needs: [pay, pack]}",
)

CODES = (CYCLE,)

_MOST_CYCLES = 20
"""Reported in one graph: a tangle may hold thousands, and a few show the mistake."""


@dataclass(frozen=True)
class Graph:
    """Nodes in the order of the file, each with the nodes that it needs; needs outside the graph do not count."""

    needs: Mapping[str, tuple[str, ...]]

    def cycles(self) -> list[tuple[str, ...]]:
        """Independent cycles: no two have an edge in common.

        Each starts at its node that comes first in the file and goes the shortest way back to it, along the needs.
        """
        if self._is_in_order:
            return []
        import networkx as nx

        graph, place = self._digraph(), self._places
        found: list[tuple[str, ...]] = []
        while len(found) < _MOST_CYCLES:
            tangles = [tangle for tangle in nx.strongly_connected_components(graph) if _has_cycle(graph, tangle)]
            if not tangles:
                break
            for tangle in sorted(tangles, key=lambda nodes: min(place[node] for node in nodes)):
                cycle = _shortest_cycle(graph, min(tangle, key=place.__getitem__))
                graph.remove_edges_from(cycle_edges(cycle))
                found.append(cycle)
        return found[:_MOST_CYCLES]

    def order(self) -> tuple[str, ...]:
        """Every node after those it needs, else in the order of the file. Only for graphs without cycles."""
        if self._is_in_order:
            return tuple(self.needs)
        import networkx as nx

        return tuple(nx.lexicographical_topological_sort(self._digraph().reverse(), key=self._places.__getitem__))

    @property
    def _places(self) -> dict[str, int]:
        return {node: place for place, node in enumerate(self.needs)}

    @property
    def _is_in_order(self) -> bool:
        """Whether every node is written below all that it needs, as most people write them."""
        place = self._places
        return all(place.get(need, -1) < place[node] for node, needs in self.needs.items() for need in needs)

    def _digraph(self) -> DiGraph[str]:
        import networkx as nx

        graph: DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.needs)
        graph.add_edges_from((node, need) for node, needs in self.needs.items() for need in needs if need in self.needs)
        return graph


def _has_cycle(graph: DiGraph[str], tangle: set[str]) -> bool:
    return len(tangle) > 1 or any(graph.has_edge(node, node) for node in tangle)


def _shortest_cycle(graph: DiGraph[str], start: str) -> tuple[str, ...]:
    """The shortest way along the edges from a node on a cycle back to it."""
    import networkx as nx

    before = dict(nx.bfs_predecessors(graph, start))  # nearest nodes first
    path = [next(node for node in (start, *before) if graph.has_edge(node, start))]
    while path[-1] != start:
        path.append(before[path[-1]])
    return tuple(reversed(path))


def cycle_edges(cycle: tuple[str, ...]) -> list[tuple[str, str]]:
    """The edges of a cycle, the one back to its start last."""
    return list(zip(cycle, (*cycle[1:], cycle[0]), strict=True))


@dataclass(frozen=True)
class Party:
    """One side of a communication: a service, a workflow's runner (which makes the calls), or a task's own pod."""

    kind: str
    name: str
    task: str = ""


@dataclass(frozen=True)
class Communication:
    """A declared edge, and whose it is."""

    caller: Party
    edge: Edge


@dataclass(frozen=True)
class WorkflowGraph:
    """The tasks of one workflow, and those of its on_exit, each after its needs."""

    tasks: tuple[str, ...]
    on_exit: tuple[str, ...]


@dataclass(frozen=True)
class SystemGraph:
    """The task graphs by workflow, and all communications in the order of the spec."""

    workflows: Mapping[str, WorkflowGraph]
    communications: tuple[Communication, ...]

    def callers(self, service: str) -> tuple[Communication, ...]:
        """Who communicates with a service."""
        return tuple(each for each in self.communications if each.edge.service == service)


def build_graph(system: System, diagnostics: Diagnostics) -> SystemGraph:
    """The graphs of a system; where tasks wait for each other, that is reported and their order is the file's."""
    workflows = {
        name: WorkflowGraph(_ordered(workflow.tasks, diagnostics), _ordered(workflow.on_exit, diagnostics))
        for name, workflow in system.workflows.items()
    }
    return SystemGraph(workflows, tuple(dict.fromkeys(_communications(system))))


def _ordered(tasks: Mapping[str, Task], diagnostics: Diagnostics) -> tuple[str, ...]:
    graph = Graph({name: tuple(need.task for need in task.needs) for name, task in tasks.items()})
    spans = {(name, need.task): need.span for name, task in tasks.items() for need in task.needs}
    cycles = graph.cycles()
    for cycle in cycles:
        _report(cycle, spans, diagnostics)
    return tuple(tasks) if cycles else graph.order()


def _report(cycle: tuple[str, ...], spans: Mapping[tuple[str, str], Span], diagnostics: Diagnostics) -> None:
    """One finding for a whole cycle: at its first edge, with a note at each of the others."""
    first, *others = cycle_edges(cycle)
    notes = tuple(Note(f"{task} needs {need} here", spans[task, need]) for task, need in others)
    message = f"tasks wait for each other: {' → '.join((*cycle, cycle[0]))}"
    diagnostics.add(CYCLE, message, spans[first], hint="remove one of these needs", notes=notes)


def _communications(system: System) -> Iterable[Communication]:
    for service in system.services.values():
        party = Party("service", service.name)
        yield from (Communication(party, edge) for edge in service.edges)
    for workflow in system.startable.values():
        for name, task, edge in workflow.communications():
            yield Communication(Party("task", name, task) if task else Party("workflow", name), edge)
