"""Stand-ins for the images of the AKS store demo, for a cluster that cannot pull them: one program, nine roles.

    python3 aks_store.py ROLE

Each role refuses to start unless it finds what the real program needs at its start: variables, writable paths, its
user, names that resolve, peers that answer. Then it serves the real program's port and endpoints, and does the work
for real on a small scale: orders travel from the order service through the queue to the database, under the user name
and the password that each side was given. What happened is one line each on stdout.

Little more than `socket` and `json` is imported: the demo gives some programs 20 MiB and 2 thousandths of a processor.
The queue and the database speak a protocol of their own: a line "user password", a line "VERB name [json]", one answer.
"""

# ruff: noqa: PTH103, PTH107, PTH123, T201
# pathlib alone would take a fifth of the memory, and the log is stdout.

import _signal  # type: ignore[import-not-found]  # `signal` would bring enum and more with it
import _thread
import json
import os
import socket
import sys
import time

VERSION = "2.2.0"
PRODUCTS = [
    {"id": 1, "name": "Contoso Catnip's Friend", "price": 9.99},
    {"id": 2, "name": "Salty Sailor's Squeaky Squid", "price": 6.99},
]


class Refusal(Exception):
    """What the real program needs is missing."""


# --- what a program needs to start --------------------------------------------------------------------------------


def variable(name):
    """The variable's value, which must be there."""
    value = os.environ.get(name, "")
    if not value:
        raise Refusal(f"the variable {name} is not set")
    return value


def writable(path):
    """Make sure that files can be made under the path."""
    try:
        os.makedirs(path, exist_ok=True)
        probe = f"{path}/.probe"
        with open(probe, "w") as file:
            file.write("x")
        os.remove(probe)
    except OSError as error:
        raise Refusal(f"{path} is not writable: {error}") from error


def sudo_works():
    """Whether a program that changes its user may still do so in this container."""
    with open("/proc/self/status") as status:
        return "NoNewPrivs:\t0" in status.read()


def resolvable(host):
    """Make sure that the name is known, as nginx wants of the hosts it passes requests on to."""
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        raise Refusal(f"the host name {host} is not known: {error}") from error


def reachable(peer, patience):
    """Make sure that the peer takes connections within so many seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            socket.create_connection(peer, timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > end:
                raise Refusal(f"{peer[0]}:{peer[1]} cannot be reached: {error}") from error
            time.sleep(1)


def address(url) -> tuple[str, int]:
    """Host and port of scheme://host:port/…"""
    host, _, port = url.partition("://")[2].partition("/")[0].partition(":")
    return host, int(port)


def say(what, **facts):
    """One line for whoever reads the log."""
    print(json.dumps({"did": what, **facts}), flush=True)


# --- serving and asking ---------------------------------------------------------------------------------------------


def listen(port, serve):
    """Give each connection on the port to `serve`, in a thread of its own, for ever."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", port))
    listener.listen(64)
    while True:
        connection, _ = listener.accept()
        _thread.start_new_thread(attend, (connection, serve))


def attend(connection, serve):
    """One connection; whoever hangs up early is forgotten, as probes do."""
    with connection:
        connection.settimeout(10)
        try:
            with connection.makefile("rwb") as stream:
                serve(stream)
        except OSError:
            pass


def web(routes):
    """Serve HTTP: `routes` gives for "METHOD /path" a function of the body that returns status and answer."""

    def serve(stream):
        method, _, rest = stream.readline().decode().partition(" ")
        path, length = rest.partition(" ")[0], 0
        while (header := stream.readline().strip()) != b"":
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        body = json.loads(stream.read(length)) if length else None
        action = routes.get(f"{method} {path}")
        status, answer = action(body) if action else (404, {"error": f"no {method} {path}"})
        content = json.dumps(answer).encode()
        head = f"HTTP/1.0 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        stream.write(head.encode() + content)

    return serve


def ask_web(method, url, body=None):
    """The status and the answer of an HTTP request."""
    content = b"" if body is None else json.dumps(body).encode()
    path = "/" + url.partition("://")[2].partition("/")[2]
    with socket.create_connection(address(url), timeout=10) as connection:
        connection.sendall(f"{method} {path} HTTP/1.0\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        head, _, answer = connection.makefile("rb").read().partition(b"\r\n\r\n")
    if not head:
        raise ConnectionError("no answer")
    return int(head.split()[1]), json.loads(answer)


def healthy(_):
    """The answer to a health check."""
    return 200, {"status": "ok", "version": VERSION}


# --- the queue and the database -------------------------------------------------------------------------------------


def store(user, password):
    """Lists by name, for those who know the password: PUT adds, TAKE empties, LIST reads, SET replaces by `orderId`."""
    lists: dict[str, list] = {}
    lock = _thread.allocate_lock()

    def serve(stream):
        credentials = stream.readline()
        if not credentials:
            return  # a probe, or someone who only looks whether we are up
        if credentials.decode().rstrip("\n") != f"{user} {password}":
            say("refused a stranger")
            stream.write(b'{"error": "access denied"}\n')
            return
        verb, name, *rest = stream.readline().decode().rstrip("\n").split(" ", 2)
        with lock:
            items = lists.setdefault(name, [])
            answer = list(items)
            if verb == "PUT":
                items.append(json.loads(rest[0]))
            elif verb == "TAKE":
                items.clear()
            elif verb == "SET":
                new = json.loads(rest[0])
                items[:] = [new if item["orderId"] == new["orderId"] else item for item in items]
        if rest:
            say(verb, name=name, item=json.loads(rest[0]))
        stream.write(json.dumps(answer).encode() + b"\n")

    return serve


def ask_store(peer, credentials, request):
    """The answer of the queue or the database; raises OSError when it denies the access."""
    with socket.create_connection(peer, timeout=10) as connection:
        connection.sendall(f"{credentials}\n{request}\n".encode())
        answer = json.loads(connection.makefile("rb").readline())
    if isinstance(answer, dict):
        raise PermissionError(answer["error"])
    return answer


# --- the roles ------------------------------------------------------------------------------------------------------


def documentdb():
    if os.getuid() != 1000:
        raise Refusal(f"user {os.getuid()} has no name in this image; its own is 1000")
    for option, value in zip(sys.argv[2::2], sys.argv[3::2], strict=True):
        os.environ[option.lstrip("-").upper()] = value  # --username and --password, as variables or as arguments
    user, password = variable("USERNAME"), variable("PASSWORD")
    if not sudo_works():
        writable(os.environ.get("DATA_PATH", "/data"))
    writable("/home/documentdb/gateway/pg_documentdb_gw/target")
    listen(10260, store(user, password))


def rabbitmq():
    user, password = variable("RABBITMQ_DEFAULT_USER"), variable("RABBITMQ_DEFAULT_PASS")
    writable("/var/lib/rabbitmq")
    _thread.start_new_thread(listen, (15672, web({"GET /": healthy})))
    listen(5672, store(user, password))


def order_service():
    variable("FASTIFY_ADDRESS")
    queue_at = variable("ORDER_QUEUE_HOSTNAME"), int(variable("ORDER_QUEUE_PORT"))
    queue_key = f"{variable('ORDER_QUEUE_USERNAME')} {variable('ORDER_QUEUE_PASSWORD')}"
    queue = variable("ORDER_QUEUE_NAME")
    reachable(queue_at, 0)  # the demo's init container has waited for it

    def order(body):
        ask_store(queue_at, queue_key, f"PUT {queue} {json.dumps(body)}")
        return 201, None

    listen(3000, web({"GET /health": healthy, "POST /": order}))


def makeline_service():
    queue_at, database_at = address(variable("ORDER_QUEUE_URI")), address(variable("ORDER_DB_URI"))
    queue_key = f"{variable('ORDER_QUEUE_USERNAME')} {variable('ORDER_QUEUE_PASSWORD')}"
    database_key = f"{variable('ORDER_DB_USERNAME')} {variable('ORDER_DB_PASSWORD')}"
    queue, _, table = variable("ORDER_QUEUE_NAME"), variable("ORDER_DB_NAME"), variable("ORDER_DB_COLLECTION_NAME")
    reachable(database_at, 30)  # as long as the real one's driver looks for a server

    def database(request):
        return ask_store(database_at, database_key, request)

    def fetch(_):
        taken = ask_store(queue_at, queue_key, f"TAKE {queue}")
        known = len(database(f"LIST {table}"))
        for number, order in enumerate(taken, known + 1):
            database(f"PUT {table} {json.dumps({**order, 'orderId': str(number), 'status': 0})}")
        pending = [order for order in database(f"LIST {table}") if order["status"] == 0]
        return 200, pending or None

    def update(order):
        database(f"SET {table} {json.dumps(order)}")
        return 202, None

    listen(
        3001, web({"GET /health": healthy, "GET /liveness": healthy, "GET /order/fetch": fetch, "PUT /order": update})
    )


def product_service():
    variable("AI_SERVICE_URL")
    listen(3002, web({"GET /health": healthy, "GET /": lambda _: (200, PRODUCTS)}))


def store_front():
    nginx(8080, "order-service", "product-service")


def store_admin():
    nginx(8081, "makeline-service", "order-service", "product-service")


def nginx(port, *upstreams):
    writable("/var/cache/nginx")
    writable("/run")
    for host in upstreams:
        resolvable(host)
    listen(port, web({"GET /health": healthy, "GET /": lambda _: (200, "a page")}))


def virtual_customer():
    url, pause = variable("ORDER_SERVICE_URL"), 3600 / int(variable("ORDERS_PER_HOUR"))
    resolvable(address(url)[0])
    while True:
        try:
            status, _ = ask_web(
                "POST", url, {"customerId": "7", "items": [{"productId": 1, "quantity": 1, "price": 1}]}
            )
            say("ordered", status=status)
        except OSError as error:
            say("could not order", error=str(error))
        time.sleep(pause)


def virtual_worker():
    url, pause = variable("MAKELINE_SERVICE_URL"), 3600 / int(variable("ORDERS_PER_HOUR"))
    resolvable(address(url)[0])
    while True:
        try:
            _, orders = ask_web("GET", f"{url}/order/fetch")
            for order in orders or ():
                ask_web("PUT", f"{url}/order", {**order, "status": 1})
                say("made", order=order["orderId"])
        except OSError as error:
            say("could not work", error=str(error))
        time.sleep(pause)


ROLES = {
    role.__name__.replace("_", "-"): role
    for role in (documentdb, rabbitmq, order_service, makeline_service, product_service,
                 store_front, store_admin, virtual_customer, virtual_worker)
}  # fmt: skip


if __name__ == "__main__":
    _signal.signal(
        _signal.SIGTERM, lambda *_: os._exit(0)
    )  # the first process of a container dies of no signal by itself
    try:
        ROLES[sys.argv[1]]()
    except Refusal as refusal:
        sys.exit(f"refused to start: {refusal}")
