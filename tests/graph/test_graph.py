"""Task graphs and the communication graph."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from generator.diagnostics import Diagnostics
from generator.graph import Communication, Graph, Party, build_graph
from tests.systems import sound_system


def workflow(tasks: str) -> str:
    return f"""
services:
  web: {{image: shop/web:1.0.0, ports: {{http: 8080}}}}
workflows:
  table:
    tasks:
{tasks}
"""


def test_the_table_with_a_cycle_is_one_error_that_shows_the_whole_cycle() -> None:
    # task1 → task2, task3; task3 → task2, task4; task4 → task3, task5, as a table of what leads to what.
    found = Diagnostics()
    build_graph(
        sound_system(
            workflow("""
      task1: {call: {service: web, get: /1}}
      task2: {needs: [task1, task3], call: {service: web, get: /2}}
      task3: {needs: [task1, task4], call: {service: web, get: /3}}
      task4: {needs: [task3], call: {service: web, get: /4}}
      task5: {needs: [task4], call: {service: web, get: /5}}
""")
        ),
        found,
    )
    (finding,) = found
    assert finding.code.id == "FH2301"
    assert "task3 → task4 → task3" in finding.message
    places = [finding.span, *(note.span for note in finding.notes)]
    assert [place.start.line for place in places if place] == [13, 14]
    assert [note.message for note in finding.notes] == ["task4 needs task3 here"]


def test_without_the_cycle_the_tasks_have_an_order() -> None:
    found = Diagnostics()
    graph = build_graph(
        sound_system(
            workflow("""
      task4: {needs: [task3], call: {service: web, get: /4}}
      task5: {needs: [task4], call: {service: web, get: /5}}
      task2: {needs: [task1, task3], call: {service: web, get: /2}}
      task3: {needs: [task1], call: {service: web, get: /3}}
      task1: {call: {service: web, get: /1}}
""")
        ),
        found,
    )
    assert not list(found)
    assert graph.workflows["table"].tasks == ("task1", "task3", "task4", "task5", "task2")


def test_each_independent_cycle_is_reported_once_the_shortest_way_round() -> None:
    graph = Graph(
        {
            "a": ("b", "e"),
            "b": ("c",),
            "c": ("a", "b"),  # a → b → c → a, and b → c only once
            "d": ("d2",),
            "d2": ("d",),
            "e": ("a",),
            "f": ("a", "d"),
        }
    )
    assert graph.cycles() == [("a", "e"), ("d", "d2"), ("a", "b", "c")]


def test_a_node_that_needs_itself_is_a_cycle() -> None:
    assert Graph({"a": ("a",)}).cycles() == [("a",)]


def test_a_tangle_gives_a_bounded_number_of_cycles() -> None:
    names = tuple(f"t{index}" for index in range(60))
    assert len(Graph(dict.fromkeys(names, names)).cycles()) == 20


def test_what_is_already_in_order_needs_no_networkx() -> None:
    program = (
        "import sys; from generator.graph import Graph; g = Graph({'a': (), 'b': ('a',)});"
        "assert g.order() == ('a', 'b') and g.cycles() == [] and 'networkx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefghi"), max_size=3).map(tuple)))
def test_a_graph_has_a_cycle_or_an_order(needs: dict[str, tuple[str, ...]]) -> None:
    graph = Graph(needs)
    cycles = graph.cycles()
    for cycle in cycles:
        assert all(need in needs[node] for node, need in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        assert len(set(cycle)) == len(cycle)
    if not cycles:
        order = graph.order()
        assert sorted(order) == sorted(needs)
        assert all(
            order.index(need) < order.index(node) for node, each in needs.items() for need in each if need in needs
        )


def test_every_declared_edge_has_its_caller() -> None:
    graph = build_graph(
        sound_system("""
services:
  front: {image: shop/front:1.0.0, ports: {http: 8080}, env: {STOCK: "${{ services.stock.url }}"}, calls: ["db:5432"]}
  stock: {image: shop/stock:1.0.0, ports: {http: 8080}, depends_on: [front]}
workflows:
  order:
    tasks:
      ask: {call: {service: stock, get: /}}
      pack: {run: {image: shop/pack:1.0.0}, calls: [front]}
    on_exit:
      audit: {call: {service: front, get: /}}
"""),
        Diagnostics(),
    )

    def told(each: Communication) -> tuple[Party, str]:
        return each.caller, each.edge.service or each.edge.host

    assert [told(each) for each in graph.communications] == [
        (Party("service", "front"), "db"),
        (Party("service", "front"), "stock"),
        (Party("service", "stock"), "front"),
        (Party("workflow", "order"), "stock"),
        (Party("task", "order", "pack"), "front"),
        (Party("workflow", "order"), "front"),
    ]
    assert [each.caller.name for each in graph.callers("stock")] == ["front", "order"]
