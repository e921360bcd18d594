"""kubectl, as the commands on runs use it: kubeconfig, contexts and sign-in plugins are its own.

Input: a request. Output: objects as JSON. What the server or kubectl refuses is raised as :class:`Refused`, with the
sentence for people; values reach kubectl by its standard input or as arguments, never through a shell.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from shlex import quote
from typing import Any

from generator.records import dataclass
from generator.runs.waiting import wait_for

Json = Any


RIGHTS = 'the rights that the commands on runs need: docs/runs.md, "Rights"'

NOISE = r"^[EWI][0-9]{4} [0-9:.]+ .*\n?"
"""What kubectl logs beside its message, once for each attempt."""

PATIENCE = 120
"""Seconds that one request may take: a server that takes connections and never answers would hold kubectl for ever."""

ASKS_WHO = "Please enter Username: "
"""What kubectl prints when the kubeconfig has neither certificate, token nor sign-in program."""


class Refused(Exception):
    """A command cannot be carried out; the text says why, for people."""


class NotFound(Refused):
    """An object is not there."""


class Conflict(Refused):
    """An object has changed since it was read, or is there already."""


def check_name(what: str, name: str) -> None:
    """Raises :class:`Refused` for what cannot be a name, and might mean something else to kubectl."""
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", name):
        raise Refused(f"{name!r} is no name of a {what}: those have small letters, digits, - and . alone")


@dataclass(frozen=True)
class Kubectl:
    """One kubectl with its context and namespace; `everywhere`: what is selected may be in any namespace.

    `tell` is given what people should see while it works: what a sign-in asks of them, and that it takes long.
    """

    program: str = "kubectl"
    context: str | None = None
    namespace: str | None = None
    everywhere: bool = False
    tell: Callable[[str], None] | None = None

    @property
    def place(self) -> str:
        """Where it looks, in words."""
        if self.everywhere:
            return "any namespace"
        name = self.namespace or self._namespace_of_context()
        return f"the namespace {name}" if name else "this namespace"

    def _namespace_of_context(self) -> str:
        """The namespace of the kubeconfig's context; "" where there is no kubeconfig, as in a pod."""
        try:
            about = json.loads(self.run("config", "view", "--minify", "-o", "json"))["contexts"][0]["context"]
        except (Refused, ValueError, LookupError, TypeError):
            return ""
        return str(about.get("namespace") or "default")

    def get(self, kind: str, name: str) -> Json:
        """One object. Raises :class:`NotFound`, :class:`Refused`."""
        return self._object("get", kind, name)

    def select(self, kind: str, selector: str) -> Sequence[Json]:
        """The objects that a label selector takes. Raises :class:`Refused`."""
        where = ["--all-namespaces"] if self.everywhere else []
        return self._items("get", kind, "-l", selector, *where)

    def events(self, kind: str, name: str) -> Sequence[Json]:
        """The Events about an object that are still kept, oldest first. Raises :class:`Refused`."""
        about = f"involvedObject.kind={kind},involvedObject.name={name}"
        return sorted(
            self._items("get", "events", "--field-selector", about),
            key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""),
        )

    def create(self, manifest: Json) -> Json:
        """Create an object, as the server then has it. Raises :class:`Conflict`, :class:`Refused`."""
        return self._object("create", "-f", "-", stdin=json.dumps(manifest))

    def patch(self, kind: str, name: str, change: Json) -> Json:
        """Merge a change into an object. Raises :class:`NotFound`, :class:`Conflict`, :class:`Refused`."""
        return self._object("patch", kind, name, "--type=merge", "-p", json.dumps(change))

    @property
    def options(self) -> str:
        """Where it looks, as it was said and can be said to any command: ` --namespace shop`."""
        return "".join(f" {quote(word)}" for word in self.command()[1:])

    def command(self, *arguments: str) -> list[str]:
        """The words of a command."""
        context = ["--context", self.context] if self.context else []
        namespace = ["--namespace", self.namespace] if self.namespace else []
        return [self.program, *context, *namespace, *arguments]

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """What a command prints. Raises :class:`Refused`."""
        if shutil.which(self.program) is None:
            where = "" if "/" in self.program else " on the PATH"
            raise Refused(f"there is no {self.program}{where}: the commands on runs work through it")
        limit = [] if arguments[0] == "logs" else [f"--request-timeout={PATIENCE}s"]  # a log may be long
        done = wait_for(self.command(*arguments, *limit), stdin, self._say)
        if done.returncode == 0:
            return done.stdout
        if done.stdout.startswith(ASKS_WHO):
            raise Refused("kubectl asks for a user's name: the kubeconfig has nothing to sign in with")
        said = re.sub(NOISE, "", done.stderr, flags=re.MULTILINE).strip()
        said = re.sub("^(error|Error from server|Error in configuration): ", "", said)
        for kind, mark in ((NotFound, "(NotFound)"), (Conflict, "(Conflict)"), (Conflict, "(AlreadyExists)")):
            if mark in said:
                raise kind(said)
        if "(Forbidden)" in said:
            raise Refused(f"{said.partition('(Forbidden): ')[2]}\n{RIGHTS}")
        if "localhost:8080 was refused" in said:  # what kubectl looks for when nobody has told it where
            raise Refused("kubectl has no kubeconfig here: set KUBECONFIG, or write ~/.kube/config")
        raise Refused(said)

    def _say(self, line: str) -> None:
        """Pass on what kubectl says while it works, but not its own log."""
        if self.tell and not re.match(NOISE, line):
            self.tell(line)

    def _object(self, *arguments: str, stdin: str | None = None) -> Json:
        """The object that a command prints."""
        said = self.run(*arguments, "-o", "json", stdin=stdin)
        try:
            found = json.loads(said)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Refused(f"{self.program} {arguments[0]} did not print an object as JSON: is it kubectl?")
        return found

    def _items(self, *arguments: str) -> Sequence[Json]:
        """The objects of the list that a command prints."""
        found: Sequence[Json] = self._object(*arguments).get("items", [])
        return found

    def open(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that goes on, whose output is read while it does."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
