# The program of a task's pod: asks the prompter what this try is to do, and does it.
import json
import os
import signal
import socket
import sys
import time

signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
env = {name: value for name, value in os.environ.items() if "_PORT" not in name and "_SERVICE_" not in name}
seen = {"pod": socket.gethostname(), "args": sys.argv[1:], "env": env}
with socket.create_connection(("conformance-prompter", 8080), 60) as line:
    line.sendall(json.dumps(seen).encode() + b"\n")
    script = line.makefile(encoding="utf-8").read()
what, _, rest = script.partition(" ")
if script == "out of memory":
    taken = []
    while True:
        taken.append(bytearray(os.urandom(1 << 20)))
if script == "hang, then exit 0":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
if what not in ("ok", "exit"):
    time.sleep(3600)
code = 0
if what == "exit":
    number, _, rest = rest.partition(" ")
    code = int(number)
if rest and "FLOWHELM_OUTPUTS" in os.environ:
    with open(os.environ["FLOWHELM_OUTPUTS"], "w", encoding="utf-8") as outputs:
        outputs.write(rest)
sys.exit(code)
