"""A kubectl for tests: a program that does what the commands on runs ask of kubectl, on the simulated API server.

Logs are files of the pods' names in a folder; one is at its end when there is a file with the suffix `.ended`.
`written` makes the program.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROGRAM = """#!{python} -SB
import json, pathlib, sys, time
from urllib import error, parse, request

SERVER, LOGS = "http://127.0.0.1:{port}", pathlib.Path({logs!r})
GROUPS = {{"job": "/apis/batch/v1", "cronjob": "/apis/batch/v1", "pod": "/api/v1", "configmap": "/api/v1"}}
NAMESPACES = ("ns", "shop")
REASONS = {{404: "NotFound", 409: "Conflict", 403: "Forbidden"}}

def ask(method, kind, name="", body=None, query=None):
    kind = kind.rstrip("s")
    path = f"{{GROUPS[kind]}}/namespaces/ns/{{kind}}s" + (f"/{{name}}" if name else "")
    path += "?" + parse.urlencode(query) if query else ""
    content = "application/merge-patch+json" if method == "PATCH" else "application/json"
    data = None if body is None else json.dumps(body).encode()
    try:
        asked = request.Request(SERVER + path, data, {{"Content-Type": content}}, method=method)
        with request.urlopen(asked) as answer:
            return json.load(answer)
    except error.HTTPError as problem:
        said = json.load(problem)["message"]
        sys.exit(f"Error from server ({{REASONS[problem.code]}}): {{said}}")

def value_of(option):
    return words[words.index(option) + 1] if option in words else None

words = [word for word in sys.argv[1:] if not word.startswith("--request-timeout=")]
for option in ("--namespace", "--context"):
    if option in words:
        del words[words.index(option) : words.index(option) + 2]
verb, *rest = words
if words[:2] == ["get", "namespace"]:
    if rest[1] not in NAMESPACES:
        sys.exit(f'Error from server (NotFound): namespaces "{{rest[1]}}" not found')
    print(json.dumps({{"metadata": {{"name": rest[1]}}}}))
    sys.exit()
if words[:2] == ["get", "namespaces"]:
    print(json.dumps({{"items": [{{"metadata": {{"name": name}}}} for name in NAMESPACES]}}))
    sys.exit()
if verb == "get" and rest[1] == "-l":
    print(json.dumps(ask("GET", rest[0], query={{"labelSelector": rest[2], "limit": 500}})))
elif verb == "get":
    print(json.dumps(ask("GET", rest[0], rest[1])))
elif verb == "create":
    manifest = json.load(sys.stdin)
    print(json.dumps(ask("POST", manifest["kind"].lower(), body=manifest)))
elif verb == "patch":
    print(json.dumps(ask("PATCH", rest[0], rest[1], json.loads(value_of("-p")))))
elif verb == "logs":
    file = LOGS / rest[0]
    if not file.exists():
        sys.exit(f'Error from server (NotFound): pods "{{rest[0]}}" not found')
    with file.open(encoding="utf-8") as log:
        while "--follow" in rest and not file.with_suffix(".ended").exists():
            sys.stdout.write(log.read())
            sys.stdout.flush()
            time.sleep(0.02)
        sys.stdout.write(log.read())
elif words == ["auth", "whoami", "-o", "json"]:
    print(json.dumps({{"status": {{"userInfo": {{"username": "ada@example.com"}}}}}}))
elif words[:2] == ["config", "view"]:
    print(json.dumps({{"contexts": [{{"context": {{"user": "ada", "namespace": "ns"}}}}]}}))
else:
    sys.exit(f"error: unknown command {{words}}")
"""


def written(folder: Path, port: int) -> Path:
    """The program, in a folder that becomes that of the logs."""
    program = folder / "kubectl"
    program.write_text(PROGRAM.format(python=sys.executable, port=port, logs=str(folder)), "utf-8")
    program.chmod(0o755)
    return program
