"""A stand-in for every image of an example: it answers as the example's table says, and refuses all else.

    STAND_IN=registry.example.com/bank/credit:3.2.0  python3 stand_in.py [arguments of the image]

The table, /app/stand-in.json, has an entry for each image:

    {"registry.example.com/bank/credit:3.2.0": {
        "env": {"LOG_LEVEL": "info", "TOKEN": "*"},        what it must find, or it does not start; * is any text
        "files": {"/etc/limits.yaml": "max"},              files it must find, and a text in each
        "writable": ["/var/lib/index"],                    folders it must be able to write to
        "port": 8080,                                      a service: where it listens, and what it answers
        "answers": {"GET /readyz": {}, "GET /scores/{person}": [RULE, …]}},
     "registry.example.com/bank/affordability:1.1.0": {
        "runs": [RULE, …]}}                                a program that runs to its end

A RULE is {"if": {"person": "bob"}, "times": 1, "status": 503, "exit": 3, "write": {"/path": "text"}, "give": {…}}, all
of it optional. The first one that fits counts. `if` compares facts: the words in braces of the path, the query, the
fields of the body, `--option value` and `--option=value` of the arguments, the arguments by position ("1", "2" …).
`times` makes it fit so many times only. `give` is the answer's JSON, or the outputs; "{person}" in it is the fact, with
its type when it stands alone. What stands for a list of RULEs, as in "GET /readyz" above, is given to everyone. What no
rule fits is refused.

Whatever it is asked is one line of JSON on stdout, but for GET /healthz and /readyz. It needs nothing but Python 3.9.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TABLE = Path(__file__).with_name("stand-in.json")
PROBES = ("/healthz", "/readyz")
Facts = dict[str, Any]


def say(what: str, **facts: object) -> None:
    """One line for whoever reads the log."""
    print(json.dumps({"did": what, "pod": socket.gethostname(), "time": time.time(), **facts}), flush=True)


def missing(entry: dict[str, Any]) -> list[str]:
    """What the real program would need at its start, and does not find."""
    found = []
    for name, value in entry.get("env", {}).items():
        actual = os.environ.get(name, "")
        if actual != value and not (value == "*" and actual):
            found.append(f"the variable {name} is {actual!r}, not {value!r}")
    for path, text in entry.get("files", {}).items():
        try:
            if text not in Path(path).read_text(encoding="utf-8"):
                found.append(f"{path} does not hold {text!r}")
        except OSError as error:
            found.append(f"{path}: {error}")
    for folder in entry.get("writable", ()):
        try:
            probe = Path(folder) / ".probe"
            probe.write_text("x", encoding="utf-8")
            probe.unlink()
        except OSError as error:
            found.append(f"{folder} is not writable: {error}")
    return found


def filled(pattern: Any, facts: Facts) -> Any:
    """A value in which each text "{name}" is the fact of that name."""
    if isinstance(pattern, dict):
        return {name: filled(value, facts) for name, value in pattern.items()}
    if isinstance(pattern, list):
        return [filled(value, facts) for value in pattern]
    if not isinstance(pattern, str):
        return pattern
    alone = re.fullmatch(r"\{(\w+)\}", pattern)
    return facts[alone[1]] if alone else re.sub(r"\{(\w+)\}", lambda name: str(facts[name[1]]), pattern)


class Rules:
    """What is given, and on which condition; safe to use from many threads."""

    def __init__(self, written: Any) -> None:
        self._rules = written if isinstance(written, list) else [{"give": written}]
        self._used = [0] * len(self._rules)
        self._lock = threading.Lock()

    def choose(self, facts: Facts) -> dict[str, Any] | None:
        """The first rule that fits."""
        with self._lock:
            for number, rule in enumerate(self._rules):
                fits = all(facts.get(name) == value for name, value in rule.get("if", {}).items())
                if fits and self._used[number] < rule.get("times", sys.maxsize):
                    self._used[number] += 1
                    return dict(rule)
        return None


# --- a service ------------------------------------------------------------------------------------------------------


class Service(ThreadingHTTPServer):
    """Serves an entry's answers."""

    request_queue_size = 64

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(("", entry["port"]), Handler)
        self.answers = [
            (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(request))), Rules(written))
            for request, written in entry["answers"].items()
        ]

    def answer(self, request: str, facts: Facts) -> tuple[int, Any]:
        """The status and the JSON for a request such as "GET /path"."""
        for pattern, rules in self.answers:
            if found := pattern.fullmatch(request):
                facts = {**facts, **{name: unquote(value) for name, value in found.groupdict().items()}}
                rule = rules.choose(facts)
                if rule is None:
                    return 422, {"error": f"no rule fits {facts}"}
                return rule.get("status", 200), filled(rule.get("give", {}), facts)
        return 404, {"error": f"nothing is known of {request}"}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Service
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _work(self) -> None:
        address = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text) if text else None
        facts: Facts = {**dict(parse_qsl(address.query)), **(body if isinstance(body, dict) else {})}
        status, answer = self.server.answer(f"{self.command} {address.path}", facts)
        if address.path not in PROBES:
            headers = {name: value for name, value in self.headers.items() if name.startswith(("X-", "Authorization"))}
            say("answer", request=f"{self.command} {self.path}", body=body, status=status, headers=headers,
                key=self.headers.get("Idempotency-Key", ""))  # fmt: skip
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _work  # noqa: N815 - the base class's names

    def log_message(self, *_: object) -> None:
        """Nothing: `say` is the log."""


# --- a program that runs to its end ---------------------------------------------------------------------------------


def options(arguments: list[str]) -> Facts:
    """Each `--option value`, `--option=value`, and the others by position."""
    facts: Facts = {}
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if not word.startswith("--"):
            facts[str(sum(name.isdigit() for name in facts) + 1)] = word
        else:
            facts[name.removeprefix("--")] = value if equals else next(words, "")
    return facts


def run(entry: dict[str, Any], arguments: list[str]) -> int:
    """Do what the table says of these arguments; the exit code."""
    facts = options(arguments)
    rule = Rules(entry["runs"]).choose(facts)
    say("refusal" if rule is None else "run", args=arguments)
    if rule is None:
        return 64
    for path, text in rule.get("write", {}).items():
        Path(path).write_text(filled(text, facts), encoding="utf-8")
    if "give" in rule:
        Path(os.environ["FLOWHELM_OUTPUTS"]).write_text(json.dumps(filled(rule["give"], facts)), encoding="utf-8")
    return int(rule.get("exit", 0))


def main(arguments: list[str]) -> int:
    """Play the image that $STAND_IN names."""
    entry = json.loads(TABLE.read_text(encoding="utf-8"))[os.environ["STAND_IN"]]
    if faults := missing(entry):
        say("refusal", faults=faults)
        return 78
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if "runs" in entry:
        return run(entry, arguments)
    with Service(entry) as service:
        service.serve_forever(poll_interval=5)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
