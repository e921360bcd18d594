"""Small specs without mistakes, as Hypothesis thinks them up: services, and workflows that call and run them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="$\ufeff\ufffe\uffff"), max_size=12)
VARIABLES = st.from_regex(r"V_[A-Z0-9]{0,4}", fullmatch=True)
CONSTANTS: dict[str, st.SearchStrategy[Any]] = {
    "string": WORDS,
    "integer": st.integers(-(2**31), 2**31),
    "boolean": st.booleans(),
    "number": st.integers(-100, 100).map(lambda number: number / 4),
}
DURATIONS = st.sampled_from(["1s", "90s", "5m", "1h30m", "2h"])
RETRIES = st.fixed_dictionaries(
    {"attempts": st.integers(1, 4)},
    optional={"backoff": st.fixed_dictionaries({}, optional={"initial": st.just("2s"), "factor": st.just(1.5)})},
)
RESOURCES = st.fixed_dictionaries({"cpu": st.sampled_from(["10m", "0.5"]), "memory": st.just("32Mi")})
SLOS = st.sampled_from([{"availability": 99.9}, {"latency": {"p99": "250ms"}, "window": "14d"}])
ALERTS = st.fixed_dictionaries(
    {"expr": st.just("up == 0"), "summary": WORDS.map("down {}".format)}, optional={"for": st.just("1.5m")}
)
Spec = dict[str, Any]


@st.composite
def services(draw: st.DrawFn, names: list[str], number: int) -> Spec:
    """The service of this number, which may call and wait for those before it."""
    found: Spec = {"image": f"registry.example.com/{names[number]}:1.0.0"}
    found["ports"] = draw(st.sampled_from([{"http": 8080}, {"http": 8080, "metrics": 9090}, {"api": 3000}]))
    found["resources"] = draw(RESOURCES)
    if draw(st.booleans()):
        probe = draw(st.sampled_from(["GET /readyz", {"tcp": True, "period": "5s"}, {"exec": ["true"], "failures": 2}]))
        found["health"] = {draw(st.sampled_from(["ready", "live", "startup"])): probe}
    texts = draw(st.dictionaries(VARIABLES, WORDS, max_size=3))
    references = {"PASSWORD": {"secret": "vault", "key": "password"}} if draw(st.booleans()) else {}
    found["env"] = {**texts, **references}
    files = draw(st.dictionaries(NAMES.map("/etc/app/{}".format), WORDS, max_size=2))
    found["files"] = {path: {"content": text} for path, text in files.items()}
    found["scratch"] = draw(st.sampled_from([[], ["/tmp"], ["/tmp", "/var/cache"]]))
    shape = draw(st.sampled_from(["plain", "replicas", "autoscale", "storage", "daemonset"]))
    if shape == "replicas":
        found["replicas"] = draw(st.integers(0, 5))
    elif shape == "autoscale":
        found["autoscale"] = {"min": draw(st.integers(1, 3)), "max": draw(st.integers(3, 9)), "cpu": 70}
    elif shape == "storage":
        found["storage"] = {"data": {"path": "/data", "size": "1Gi"}}
    elif shape == "daemonset":
        found["kind"] = "daemonset"
    if draw(st.booleans()):
        found["metrics"] = {"port": draw(st.sampled_from(sorted(found["ports"])))}
        found["slo"] = draw(SLOS)
        found["alerts"] = draw(st.dictionaries(st.sampled_from(["Busy", "Odd"]), ALERTS, max_size=2))
    before = st.lists(st.sampled_from(names[:number]), unique=True, max_size=2) if number else st.just([])
    found["calls"] = draw(before)
    waited = draw(before)
    if waited and shape != "daemonset":
        found["depends_on"] = waited
    if number and draw(st.booleans()):
        found["env"]["PEER"] = f"${{{{ services.{names[0]}.url }}}}"
    return {key: value for key, value in found.items() if value or value == 0}


@st.composite
def outputs(draw: st.DrawFn) -> Spec:
    """Declared outputs; each has a default, so that everybody may read it."""
    types = draw(st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(sorted(CONSTANTS)), max_size=2))
    return {name: {"type": kind, "default": draw(CONSTANTS[kind])} for name, kind in types.items()}


@st.composite
def tasks(draw: st.DrawFn, peers: list[str], before: dict[str, Spec], inputs: list[str]) -> Spec:
    """A task that may need, and read, tasks before it."""
    needs = draw(st.lists(st.sampled_from(sorted(before)), unique=True, max_size=2)) if before else []
    states = st.sampled_from(["succeeded", "failed", "skipped", "done", "not_failed"])
    found: Spec = {"needs": {name: draw(states) for name in needs} if draw(st.booleans()) else needs}
    values = [f"${{{{ inputs.{name} }}}}" for name in inputs]
    values += [f"${{{{ tasks.{name}.outputs.{key} }}}}" for name in needs for key in before[name].get("outputs", ())]
    value = st.one_of(WORDS, st.sampled_from([*values, "${{ run.id }}"]))
    if needs:
        found["when"] = draw(st.sampled_from([None, f"${{{{ tasks.{needs[0]}.status != 'failed' }}}}", True]))
        found["join"] = draw(st.sampled_from([None, "all", "any"])) if len(needs) > 1 else None
    kind = draw(st.sampled_from(["call", "run", "as", "sql", "approve", "wait"])) if peers else "run"
    if draw(st.booleans()):
        found["foreach"] = {"items": draw(st.lists(st.one_of(WORDS, st.integers(), value), max_size=3))}
        value = st.one_of(value, st.just("${{ item }}"))
    found["mutex"] = draw(st.one_of(st.none(), value))
    found["priority"] = draw(st.one_of(st.none(), st.integers(-9, 9)))
    if kind in ("approve", "wait"):
        found[kind] = draw(value) if kind == "approve" else draw(DURATIONS)
        return {key: each for key, each in found.items() if each not in (None, [], {})}
    if kind == "sql":
        dsn = {"secret": "db", "key": "dsn"}
        params = draw(st.dictionaries(st.sampled_from(["a", "b"]), value))
        query = "select 'x'" + "".join(f", :{name}" for name in params)
        engine = draw(st.sampled_from(["postgres", "mysql"]))
        found["sql"] = {"dsn": dsn, "query": query, "params": params, "engine": engine}
        found["calls"] = [peers[0]]
        found["env"] = draw(st.dictionaries(VARIABLES, value, max_size=2))
    elif kind == "call":
        step = {"service": st.sampled_from(peers), "post": value.map("/{}".format)}
        more = {"body": st.fixed_dictionaries({"x": value}), "expect": st.just({"status": [200, 204]})}
        found["call"] = draw(st.lists(st.fixed_dictionaries(step, optional=more), min_size=1, max_size=2))
        for each in found["call"]:
            each["port"] = "api"
        if draw(st.booleans()):
            found["isolate"], found["env"] = True, draw(st.dictionaries(VARIABLES, value, max_size=2))
    else:
        source = (
            {"image": "registry.example.com/tool:2"} if kind == "run" else {"service": draw(st.sampled_from(peers))}
        )
        found["run"] = {**source, "args": draw(st.lists(value, max_size=2))}
        found["env"] = draw(st.dictionaries(VARIABLES, value, max_size=2))
        found["resources"] = draw(RESOURCES)
    found["outputs"] = draw(outputs())
    found["retry"] = draw(st.one_of(st.none(), RETRIES))
    found["timeout"] = draw(st.one_of(st.none(), DURATIONS))
    return {key: value for key, value in found.items() if value not in (None, [], {})}


@st.composite
def workflows(draw: st.DrawFn, peers: list[str]) -> Spec:
    """A workflow of up to four tasks, and one at its end."""
    kinds = draw(
        st.dictionaries(st.sampled_from(["order", "count"]), st.sampled_from(["string", "integer"]), max_size=2)
    )
    inputs = {name: {"type": kind, "default": draw(CONSTANTS[kind])} for name, kind in kinds.items()}
    found: dict[str, Spec] = {}
    for name in draw(st.lists(NAMES.map("t-{}".format), unique=True, min_size=1, max_size=4)):
        found[name] = draw(tasks(peers, found, sorted(inputs)))
    triggers: list[Spec | None] = [
        None,
        {"schedule": {"cron": "0 3 * * *"}},
        {"schedule": [{"cron": "0 3 * * *"}, {"cron": "@hourly", "concurrency": "allow"}], "manual": False},
        {"install": {}},
        {"install": {"wait": True}},
    ]
    whole = {
        "inputs": inputs,
        "tasks": found,
        "triggers": draw(st.sampled_from(triggers)),
        "on_exit": {"last": draw(tasks(peers, {}, sorted(inputs)))} if draw(st.booleans()) else None,
        "timeout": draw(st.sampled_from([None, "12h"])),
        "concurrency": draw(st.sampled_from([None, "forbid", "allow", "replace"])),
    }
    return {key: value for key, value in whole.items() if value}


@st.composite
def reuses(draw: st.DrawFn, name: str, workflow: Spec) -> Spec:
    """A task that reuses a workflow, and gives it some of its inputs."""
    inputs = workflow.get("inputs", {})
    given = {each: draw(CONSTANTS[inputs[each]["type"]]) for each in inputs if draw(st.booleans())}
    found = {"workflow": name, "with": given, "retry": draw(st.one_of(st.none(), RETRIES))}
    return {key: value for key, value in found.items() if value not in (None, {})}


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A whole spec."""
    names = [f"s-{name}" for name in draw(st.lists(NAMES, unique=True, min_size=1, max_size=3))]
    found = {name: draw(services(names, number)) for number, name in enumerate(names)}
    for each in found.values():
        each["ports"].setdefault("api", 3000)  # what calls go to
        each["ports"].setdefault("http", 8080)
    flows = draw(st.lists(NAMES.map("w-{}".format), unique=True, max_size=2))
    all_flows = {name: draw(workflows(names)) for name in flows}
    if len(flows) == 2 and draw(st.booleans()):
        all_flows[flows[1]]["tasks"]["reuse"] = draw(reuses(flows[0], all_flows[flows[0]]))
    return {
        "flowhelm": "v1",
        "name": "shop",
        "version": "1.0.0",
        "description": draw(WORDS),
        "services": found,
        "workflows": all_flows,
    }


# Mappings whose order the program sees (docs/rulings.md, L27), and what is sent in its order.
KEPT = {"env", "body"}


@st.composite
def shuffled(draw: st.DrawFn, tree: Any, key: str = "") -> Any:
    """The same with its keys in another order, where the order says nothing."""
    if isinstance(tree, dict):
        items = list(tree.items()) if key in KEPT else draw(st.permutations(list(tree.items())))
        return {name: draw(shuffled(value, name)) for name, value in items}
    if isinstance(tree, list):
        return [draw(shuffled(item)) for item in tree]
    return tree
