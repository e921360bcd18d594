# A service: asks the prompter how to answer each request, and answers so.
import json
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MEETING = {"there": 0, "over": False}
CHANGED = threading.Condition()


def join(wanted):
    # As in tests/runtime/fake_services.py.
    with CHANGED:
        MEETING["there"] += not MEETING["over"]
        CHANGED.notify_all()
        if CHANGED.wait_for(lambda: MEETING["over"] or MEETING["there"] >= wanted, 25) and not MEETING["over"]:
            CHANGED.wait_for(lambda: MEETING["over"], 1)
        MEETING["over"] = True
        CHANGED.notify_all()
        return MEETING["there"]


class Server(ThreadingHTTPServer):
    request_queue_size = 256


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        what = f"{self.command} {os.environ['SERVICE']} {self.path}"
        asked = {"request": what, "headers": dict(self.headers), "body": body}
        with socket.create_connection(("conformance-prompter", 8080), 60) as line:
            line.sendall(json.dumps(asked).encode() + b"\n")
            answer = line.makefile(encoding="utf-8").read()
        status, _, rest = answer.partition(" ")
        if status == "hang":
            time.sleep(3600)
        if status in ("drop", "hang"):
            self.close_connection = True
            return
        if status == "together":
            status, rest = "200", json.dumps({"there": join(int(rest))})
        self.send_response(int(status))
        if rest.startswith("/"):
            self.send_header("Location", rest)
            rest = ""
        data = rest.replace("$PATH", self.path).removeprefix("text: ").encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET


Server(("", 8080), Handler).serve_forever()
