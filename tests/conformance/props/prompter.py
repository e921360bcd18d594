# Tells each try of each task what to do, and each service how to answer: the one place that counts how often.
#
# The table: {"pods": {"<start of a pod's name>": [path, [script, ...]]}, "calls": {row: {path: [[answer, ...], ...]}}}.
# A line of JSON comes in, a text goes out. What came in is one line of the log, with its row and path.
import json
import re
import socketserver
import sys
import threading
import time

with open("/etc/prompter/table.json", encoding="utf-8") as file:
    TABLE = json.load(file)
LOCK = threading.Lock()
TIMES: dict = {}


def prompt(asked):
    if "pod" in asked:
        start = re.sub(r"-[0-9a-f]{8}-[a-z0-9]{5}$", "", asked["pod"])
        path, scripts = TABLE["pods"][start]
        return {"row": start.partition("-")[0], "path": path}, start, scripts
    key, row = asked["headers"]["Idempotency-Key"], asked["headers"]["X-Row"]
    path, _, position = key.partition("/")[2].rpartition("/")
    answers = TABLE["calls"][row][re.sub(r"\[\d+\]", "", path)][int(position)]
    return {"row": row, "path": path}, key, answers


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline()
        if not line:
            return  # a probe
        asked = json.loads(line)
        where, key, texts = prompt(asked)
        with LOCK:
            TIMES[key] = TIMES.get(key, 0) + 1
            text = texts[min(TIMES[key], len(texts)) - 1]
            print(json.dumps({**where, **asked, "told": text[:40], "time": time.time()}), flush=True)
        self.wfile.write(text.encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    print("ready", file=sys.stderr, flush=True)
    Server(("", 8080), Handler).serve_forever()
