"""The images that the end-to-end tests need and a cluster without a way out cannot pull: made here, then loaded.

`load` is the program that gives the cluster an image (`load NAME DIRECTORY --from BASE …`).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile

REPOSITORY = Path(__file__).resolve().parents[2]
BASE = "python:3.13-slim"
DATABASES = {"mariadb": "mariadb:10.11", "mysql": "mysql:9.7"}
"""Servers that statements for MySQL are tried on, and their images."""

SHOP = "registry.example.com/shop/shop"

_AKS = "ghcr.io/azure-samples/aks-store-demo"
AKS_STORE = {
    "documentdb": "ghcr.io/documentdb/documentdb/documentdb-local:pg17-0.112.0",
    "rabbitmq": "rabbitmq:4.3.2-management-alpine",
    **{
        role: f"{_AKS}/{role}:2.2.0"
        for role in (
            "order-service",
            "makeline-service",
            "product-service",
            "store-front",
            "store-admin",
            "virtual-customer",
            "virtual-worker",
        )
    },
}


def load_shop(load: Path, tag: str) -> None:
    """The five services of the order example, as its Dockerfile makes them."""
    with tempfile.TemporaryDirectory() as folder:
        _program(REPOSITORY / "examples/order/app/shop.py", Path(folder) / "app")
        _load(load, f"{SHOP}:{tag}", folder, ["python3", "/app/shop.py"], user="10001")


def load_aks_store(load: Path) -> None:
    """A stand-in under each image name of the AKS store. As in the originals, only the database has its own user."""
    with tempfile.TemporaryDirectory() as folder:
        _program(REPOSITORY / "tests/cluster/images/aks_store.py", Path(folder) / "app")
        for directory in ("home/documentdb", "home/documentdb/gateway/pg_documentdb_gw/target"):
            (Path(folder) / directory).mkdir(parents=True)
            (Path(folder) / directory).chmod(0o777)
        for role, name in AKS_STORE.items():
            command = ["python3", "-I", "-S", "/app/aks_store.py", role]
            _load(load, name, folder, command, user="1000" if role == "documentdb" else "0")


def load_database(load: Path, server: str) -> None:
    """MariaDB or MySQL, server and client, under its name in DATABASES.

    Raises `CalledProcessError` when their packages cannot be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        program = REPOSITORY / "tests/cluster/images/mysql.py"
        made: list[str | Path] = [sys.executable, program, load.parent / "lib", folder, server]
        subprocess.run(made, check=True, capture_output=True, text=True)
        start = ["--entrypoint", '["/usr/local/bin/serve"]', "--user", "999"]
        command: list[str | Path] = [load, DATABASES[server], folder, *start]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def load_example(load: Path, example: str) -> None:
    """A stand-in under the name of each image of an example: one program and the example's table."""
    table = REPOSITORY / f"examples/{example}/stand-in.json"
    with tempfile.TemporaryDirectory() as folder:
        _program(REPOSITORY / "examples/stand-in/stand_in.py", Path(folder) / "app")
        copyfile(table, Path(folder) / "app/stand-in.json")
        for name in json.loads(table.read_text(encoding="utf-8")):
            _load(load, name, folder, ["python3", "/app/stand_in.py"], "10001", "--env", f"STAND_IN={name}")


def _program(source: Path, folder: Path) -> None:
    folder.mkdir()
    copyfile(source, folder / source.name)


def _load(load: Path, name: str, folder: str, entrypoint: Sequence[str], user: str, *more: str) -> None:
    command: list[str | Path] = [
        load,
        name,
        folder,
        "--from",
        BASE,
        "--entrypoint",
        json.dumps(entrypoint),
        "--user",
        user,
        *more,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
