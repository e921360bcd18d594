"""Whole specs of the small examples that diagnostic codes have: what an example leaves out is put around it."""

from __future__ import annotations

import re

from generator.spec.model import Spec
from generator.spec.service import Service
from generator.spec.shapes import Record, keys_of
from generator.spec.workflow import Task, Workflow

HEAD = {"flowhelm": "v1", "name": "shop", "version": "1.0.0"}
WEB = {"image": "registry.example.com/shop/web:1.0.0", "ports": "{http: 8080, metrics: 9090}"}
PEERS = """\
  inventory: {image: registry.example.com/shop/inventory:1.0.0, ports: {http: 8080}}
  stock: {image: registry.example.com/shop/stock:1.0.0, ports: {http: 8080}}
"""
TEMPLATES = "templates:\n  base: {image: registry.example.com/shop/base:1.0.0}\n"
INPUTS = """\
    inputs:
      order: {type: string, default: none}
      name: {type: string, default: none}
      express: {type: boolean, default: false}
      count: {type: integer, default: 1}
      items: {type: list, default: []}
"""
TASKS = """\
      receive: {run: {image: registry.example.com/shop/task:1.0.0}}
      check: {run: {image: registry.example.com/shop/task:1.0.0}, outputs: {in_stock: {type: boolean}}}
      pay: {run: {image: registry.example.com/shop/task:1.0.0}}
      invoice: {run: {image: registry.example.com/shop/task:1.0.0}}
      find:
        run: {image: registry.example.com/shop/task:1.0.0}
        outputs: {customer: {type: object, default: {}}}
"""
CHARGE = """\
  charge:
    inputs: {order: {type: string}}
    outputs: {receipt: {type: string, value: "${{ inputs.order }}"}}
    tasks:
      book: {run: {image: registry.example.com/shop/book:1.0.0}}
"""
RUN = "run: {image: registry.example.com/shop/task:1.0.0}"
_KEY = re.compile(r"^(?:\? )?([A-Za-z0-9_.-]+)(?: :|:)", re.MULTILINE)
_INNER = re.compile(r"^[A-Za-z0-9_-]+:\s*\{?\s*([A-Za-z_]+):", re.MULTILINE)
_PORTS = re.compile(r"\bports:")
_IMAGE = re.compile(r"\{image:")
_KINDS = re.compile(r"\b(?:run|call|sql|workflow|approve|wait):")


def complete(fragment: str) -> str:
    """A whole spec with the fragment in it; its keys tell where it belongs."""
    keys = set(_KEY.findall(fragment))
    inner = set(_INNER.findall(fragment))
    if _known(keys, Spec):
        return _spec(fragment, keys)
    if _known(keys, Service):
        templates = TEMPLATES if "extends" in keys else ""
        body = "services:\n  web:\n" + _indented(fragment, 4) + _missing(WEB, keys, 4) + PEERS
        return _spec(templates + body, {"services"})
    if _known(keys, Task):
        kind = "" if _KINDS.search(fragment) else f"        {RUN}\n"
        return _workflow(INPUTS + "    tasks:\n" + TASKS + "      example:\n" + kind + _indented(fragment, 8))
    if _known(keys, Workflow):
        inputs, tasks = ("" if "inputs" in keys else INPUTS), ("" if "tasks" in keys else "    tasks:\n" + TASKS)
        return _workflow(inputs + _indented(fragment, 4) + tasks)
    if _known(inner, Task) and not _known(inner, Service):
        others = [line for line in TASKS.splitlines() if f"{line.split(':')[0].strip()}" not in keys]
        base = TASKS if len(others) == len(TASKS.splitlines()) else "\n".join(others) + "\n"
        return _workflow(INPUTS + "    tasks:\n" + base + _indented(_with(RUN, _KINDS, fragment), 6))
    if _known(inner, Service):
        whole = _with("ports: {http: 8080}", _PORTS, _with(f"image: {WEB['image']}", _IMAGE, fragment))
        peers = "".join(line for line in PEERS.splitlines(keepends=True) if line.split(":")[0].strip() not in keys)
        return _spec("services:\n" + _indented(whole, 2) + peers, {"services"})
    if _known(inner, Workflow):
        return _spec("workflows:\n" + _indented(fragment, 2), {"workflows"})
    return _spec(fragment, keys)


def _with(default: str, wanted: re.Pattern[str], fragment: str) -> str:
    """The fragment with the default in each `name: {…}` that lacks what is wanted."""
    lines = fragment.splitlines()
    return "\n".join(line if wanted.search(line) else line.replace("{", f"{{{default}, ", 1) for line in lines)


def _known(keys: set[str], record: type[Record]) -> bool:
    return bool(keys) and keys <= keys_of(record).keys()


def _spec(body: str, keys: set[str]) -> str:
    services = "" if "services" in keys else "services:\n  web:\n" + _missing(WEB, set(), 4) + PEERS
    return _missing(HEAD, keys, 0) + body.rstrip("\n") + "\n" + services


def _workflow(body: str) -> str:
    return _spec("workflows:\n" + CHARGE + "  example:\n" + body, {"workflows"})


def _missing(defaults: dict[str, str], keys: set[str], indent: int) -> str:
    return "".join(" " * indent + f"{key}: {value}\n" for key, value in defaults.items() if key not in keys)


def _indented(fragment: str, indent: int) -> str:
    return "".join(" " * indent + line + "\n" if line.strip() else "\n" for line in fragment.splitlines())
