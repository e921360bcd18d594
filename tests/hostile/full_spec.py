"""A spec that says everything the language can say; each text of the user's own choice is a :class:`Free`.

`written` writes it down with one scalar a line, so that a finding's line tells which text it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import yaml

_numbers = count(1)


@dataclass(frozen=True)
class Free:
    """A text that the user chooses: its number, what it must start with, and a `sound` one where not any text will do.

    A text that is refused gives way to the sound one, or goes with its key when there is none.
    """

    number: int
    start: str = ""
    sound: str = ""

    @property
    def mark(self) -> str:
        """A word that stands nowhere else in the chart."""
        return f"zq{self.number:03}qz"

    @property
    def harmless(self) -> str:
        """A text that means nothing to anybody."""
        return self.start + self.mark


def free(start: str = "", sound: str = "") -> Free:
    """The next text."""
    return Free(next(_numbers), start, sound)


def _variables() -> dict[Any, Any]:
    return {
        "PLAIN": free(),
        "FROM_SECRET": {"secret": "vault", "key": "password"},
        "FROM_CONFIG": {"config": "settings", "key": "level", "optional": True},
        "SECRET_NAME": {"secret": free(sound="vault"), "key": free(sound="thing")},
        "CONFIG_NAME": {"config": free(sound="settings"), "key": free(sound="thing")},
    }


def _files() -> dict[Any, Any]:
    return {
        "/etc/app/text": {"content": free(), "mode": "0644"},
        free("/etc/app/"): {"content": "x"},
        "/etc/app/beside": {"from": "beside.txt"},
        "/etc/app/elsewhere": {"from": free()},
        "/etc/app/secret": {"secret": free(sound="vault"), "key": free(sound="thing")},
        "/etc/app/config": {"config": free(sound="settings"), "key": free(sound="thing")},
    }


def _placement() -> dict[Any, Any]:
    return {
        "nodeSelector": {free(): free()},
        "tolerations": [{"key": free(sound="dedicated"), "value": free(), "effect": "NoSchedule"}],
        "spread": "zone",
        "priority": free(),
    }


def _security() -> dict[Any, Any]:
    return {
        "user": 1000,
        "readOnlyRootFilesystem": {"value": False, "reason": free()},
        "capabilities": {"value": {"add": [free()]}, "reason": free()},
        "seccompProfile": {"value": {"type": "Localhost", "localhostProfile": free()}, "reason": free()},
    }


def _account() -> dict[Any, Any]:
    return {
        "annotations": {free(): free()},
        "rules": [{"apiGroups": [free()], "resources": [free()], "verbs": [free()]}],
    }


def _container(name: str) -> dict[Any, Any]:
    return {
        "name": name,
        "image": {"repository": "registry.example.com/side", "tag": free(sound="1.0.0")},
        "command": [free()],
        "args": [free()],
        "env": _variables(),
        "envFrom": [{"secret": free(sound="vault"), "prefix": free()}, {"config": free(sound="settings")}],
        "files": {f"/{name}/text": {"content": free()}},
        "resources": {"cpu": "10m", "memory": "16Mi"},
    }


def _service() -> dict[Any, Any]:
    return {
        "image": {"repository": free(sound="registry.example.com/web"), "tag": free(sound="1.0.0")},
        "command": [free()],
        "args": [free(), "${{ services.peer.url }}"],
        "workdir": free("/"),
        "ports": {"http": 8080, "admin": {"port": 9000, "target": 9001, "appProtocol": free()}},
        "env": _variables(),
        "envFrom": [{"secret": free(sound="vault"), "prefix": free()}, {"config": free(sound="settings")}],
        "files": _files(),
        "health": {
            "startup": {"get": free("/"), "port": free()},
            "ready": {"exec": [free()]},
            "live": {"grpc": free()},
        },
        "resources": {"cpu": "10m", "memory": "16Mi"},
        "scratch": [free("/")],
        "expose": {
            "host": "shop.example.com",
            "path": free("/"),
            "tls": free(),
            "class": free(),
            "port": free(),
            "annotations": {free(): free()},
        },
        "autoscale": {"max": 5, "metric": {"name": free(sound="hits"), "target": 5, "labels": {free(): free()}}},
        "calls": ["peer", free()],
        "metrics": {"port": free(), "path": free("/")},
        "slo": {
            "availability": 99.9,
            "latency": {"p99": "250ms"},
            "metric": {"requests": free(sound="requests_total"), "duration": free(sound="request_seconds")},
        },
        "alerts": {
            "Busy": {
                "expr": free("up == 0 # ", sound="up == 0"),
                "severity": free(sound="page"),
                "summary": free(sound="it is busy"),
                "description": free(),
                "runbook": free(),
            },
            free(): {"expr": "up == 0", "summary": "down"},
        },
        "security": _security(),
        "account": _account(),
        "placement": _placement(),
        "init": [_container("first")],
        "sidecars": [_container("beside")],
        "depends_on": ["peer", free()],
        "patches": _patches(),
        "accept": {"FH4007": free(), free(): "because"},
    }


def _patches() -> dict[Any, Any]:
    container = {"name": "web", "terminationMessagePath": free("/"), "workingDir": free("/")}
    pod = {"metadata": {"annotations": {"note": free()}}, "spec": {"containers": [container]}}
    return {
        "Deployment": {"metadata": {"annotations": {free(): free(), "note": free()}}, "spec": {"template": pod}},
        "ConfigMap": {"data": {"more": free(), free(): "x"}},
        free(): {"spec": {}},
    }


def _peer() -> dict[Any, Any]:
    return {
        "image": {"repository": "registry.example.com/peer", "tag": free(sound="1.0.0")},
        "ports": {"http": 8080},
        "health": {"ready": {"get": "/readyz"}, "live": "GET /livez"},
        "expose": {
            "via": "gateway",
            "host": "peer.example.com",
            "path": free("/"),
            "gateway": {"name": free(sound="public"), "namespace": free(sound="edge"), "listener": free(sound="https")},
            "annotations": {free(): free()},
        },
        "resources": {"cpu": "10m", "memory": "16Mi"},
        "storage": {"data": {"path": free("/", sound="/data"), "size": "1Gi", "class": free()}},
        "extends": free(),
    }


def _workflow() -> dict[Any, Any]:
    return {
        "description": free(),
        "inputs": {
            "order": {"type": "string", "description": free(), "default": free()},
            "things": {"type": "list", "default": [free()]},
            "object": {"type": "object", "default": {free(): free()}},
        },
        "outputs": {
            "result": {"type": "string", "value": free(), "description": free(), "default": free()},
            "kept": {"type": "string", "value": "${{ tasks.ask.outputs.answer }}"},
        },
        "triggers": {
            "schedule": {"cron": "0 3 * * *", "with": {"order": free(), free(): "x"}},
            "install": {"with": {"order": free()}},
        },
        "tasks": {
            "ask": _call(),
            "work": _run(),
            "reuse": {
                "workflow": "inner",
                "with": {"note": free(), "bag": {free(): free()}, "at": "${{ services.peer }}", free(): "x"},
                "outputs": {"told": {"type": "string", "default": free()}},
            },
            "as-service": {"run": {"service": "web", "args": [free()]}},
            "question": {"approve": {"message": free()}, "mutex": free()},
            "row": _sql(),
            "each": {"foreach": {"items": [free(), {free(): free()}]}, "wait": "1s"},
        },
        "on_exit": {"last": {"call": {"service": free(sound="web"), "get": free("/")}}},
        "accept": {"FH4007": free()},
    }


def _early() -> dict[Any, Any]:
    return {
        "inputs": {"word": {"type": "string"}},
        "triggers": {
            "schedule": [
                {"cron": "0 3 * * *", "with": {"word": free()}},
                {"cron": "@hourly", "timezone": free(sound="Europe/Paris"), "with": {"word": free()}},
            ],
            "install": {"when": "before", "with": {"word": free()}},
            "manual": False,
        },
        "tasks": {
            "work": {
                "run": {"image": "registry.example.com/work:1.0.0", "command": [free()]},
                "env": _variables(),
                "files": _files(),
            }
        },
    }


def _inner() -> dict[Any, Any]:
    """A workflow that the other one reuses."""
    return {
        "inputs": {"note": {"type": "string"}, "bag": {"type": "object"}, "at": {"type": "service"}},
        "outputs": {"told": {"type": "string", "value": "${{ inputs.note }}"}},
        "tasks": {
            "tell": {"call": {"service": "${{ inputs.at }}", "post": free("/"), "body": free()}},
            "show": {"run": {"service": "web", "args": [free(), "${{ inputs.at.url }}"]}},
        },
    }


def _call() -> dict[Any, Any]:
    return {
        "description": free(),
        "call": [
            {
                "service": "web",
                "port": free(),
                "post": free("/"),
                "headers": {"X-Plain": free(), free(): "x"},
                "body": {free(): free(), "list": [free()], "deep": {"er": free()}},
                "expect": {"status": [200], "json": "${{ response.state == 'good' }}"},
            },
            {"service": "web", "put": free("/")},
            {"service": "web", "patch": free("/"), "body": free()},
            {"service": "web", "delete": free("/")},
            {"service": "web", "get": "/things/${{ inputs.order }}", "expect": {"json": free()}},
        ],
        "outputs": {"answer": {"type": "string", "description": free(), "default": free()}},
        "accept": {"FH4007": free()},
    }


def _sql() -> dict[Any, Any]:
    return {
        "sql": {
            "dsn": {"secret": free(sound="vault"), "key": free(sound="dsn")},
            "query": free("select :a -- "),
            "params": {"a": free()},
        },
        "calls": ["peer"],
    }


def _run() -> dict[Any, Any]:
    return {
        "description": free(),
        "needs": {"ask": "succeeded", free(): "done"},
        "when": free(),
        "run": {
            "image": {"repository": "registry.example.com/work", "tag": free(sound="1.0.0")},
            "command": [free()],
            "args": [free(), "${{ tasks.ask.outputs.answer }}"],
        },
        "env": _variables(),
        "files": _files(),
        "resources": {"cpu": "10m", "memory": "16Mi"},
        "security": _security(),
        "account": _account(),
        "placement": _placement(),
        "calls": ["peer", free()],
        "services": ["web", free()],
        "patches": {"Job": {"metadata": {"annotations": {"note": free()}}}, free(): {"spec": {}}},
    }


def full_spec() -> dict[Any, Any]:
    """Every key that takes a text, at least once."""
    return {
        "flowhelm": "v1",
        "name": "shop",
        "version": "1.0.0",
        "appVersion": free(),
        "description": free(),
        "maintainers": [{"name": free(), "email": free(), "url": free()}],
        "home": free(),
        "sources": [free()],
        "keywords": [free()],
        "icon": free(),
        "kubeVersion": free(sound=">=1.28.0-0"),
        "services": {"web": _service(), "peer": _peer()},
        "workflows": {"flow": _workflow(), "early": _early(), "inner": _inner()},
        "accept": {"FH4007": free()},
        "extra": _extra(),
        "dependencies": [
            {
                "name": "redis",
                "version": free(sound="^1.0.0"),
                "repository": free(sound="https://charts.example.com"),
                "condition": free(sound="redis.enabled"),
                "alias": free(sound="cache"),
                "tags": [free(sound="data")],
                "values": {free(): free(), "deep": [{"text": free()}]},
            }
        ],
    }


def _extra() -> list[Any]:
    custom = {"spec": {"text": free(), free(): [free(), {"deep": free()}]}}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "raw"}, "data": {"more": free(), free(): "x"}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": free(sound="named"), "annotations": {"a": free()}},
        },
        {"apiVersion": "example.com/v1", "kind": free(sound="Thing"), "metadata": {"name": "thing"}, **custom},
    ]


class _OneLine(yaml.SafeDumper):
    """Texts in double quotes, each on a line of its own, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_OneLine.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def filled(tree: Any, text_of: Callable[[Free], str]) -> Any:
    """The tree with a text in the place of each free one."""
    if isinstance(tree, Free):
        return text_of(tree)
    if isinstance(tree, dict):
        return {filled(key, text_of): filled(value, text_of) for key, value in tree.items()}
    if isinstance(tree, list):
        return [filled(item, text_of) for item in tree]
    return tree


def without(tree: Any, left_out: frozenset[Free]) -> Any:
    """The tree without the entries and items that hold one of these texts."""
    if isinstance(tree, dict):
        kept = {key: without(value, left_out) for key, value in tree.items() if not {key, _hashed(value)} & left_out}
        return {key: value for key, value in kept.items() if value not in ({}, []) or tree[key] == value}
    if isinstance(tree, list):
        return [without(item, left_out) for item in tree if _hashed(item) not in left_out]
    return tree


def _hashed(value: Any) -> Any:
    return value if isinstance(value, Free) else None


def texts(tree: Any) -> Iterator[Free]:
    """The free texts of a tree, in their order."""
    if isinstance(tree, Free):
        yield tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield from texts(key)
            yield from texts(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from texts(item)


def written(tree: Any) -> str:
    """The spec's text: one scalar a line."""
    return yaml.dump(tree, Dumper=_OneLine, sort_keys=False, width=2**30)
