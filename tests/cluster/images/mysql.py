"""Makes the root of an image with a database's server and client out of Debian's packages: LIB FOLDER SERVER.

LIB is the cluster's own, which unpacks Debian packages. SERVER is mariadb or mysql; MySQL's own server is in Debian's
unstable distribution alone. The image's program makes a database with a user of the same name: DATABASE and PASSWORD
say which.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVE = r"""#!/bin/sh
set -eu
printf "CREATE DATABASE %s;\nCREATE USER %s@'%%' IDENTIFIED BY '%s';\nGRANT ALL ON %s.* TO %s@'%%';\n" \
    "$DATABASE" "$DATABASE" "$PASSWORD" "$DATABASE" "$DATABASE" >/data/init.sql
{prepare}
exec {program} --no-defaults --datadir=/data/db --socket=/data/socket --pid-file=/data/pid --init-file=/data/init.sql \
    --character-set-server=utf8mb4 --skip-name-resolve --innodb-buffer-pool-size=32M --performance-schema=off {more}
"""
SERVERS = {
    "mariadb": {
        "prepare": "mariadb-install-db --no-defaults --datadir=/data/db --skip-test-db --force "
        "--auth-root-authentication-method=normal",
        "program": "mariadbd",
        "more": "",
    },
    "mysql": {
        "prepare": "mysqld --no-defaults --initialize-insecure --datadir=/data/db",
        "program": "mysqld",
        "more": "--mysqlx=off --secure-file-priv=null",
    },
}
PACKAGES = ["{}-server-core", "{}-client-core", "busybox", "dash", "tzdata"]
LEFT_OUT = ["perl.*", "libperl.*", "libdb.*", "dpkg", "tar", "debconf", "openssl", "passwd", "adduser"]


@contextmanager
def unstable() -> Iterator[None]:
    """Apt takes packages from the unstable distribution of the mirror that this machine knows."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    mirrors = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    mirror = min(mirrors, key=len)  # the others are those of parts of it
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "lists" / "partial").mkdir(parents=True)
        (Path(folder) / "sources.list").write_text(f"deb {mirror} sid main\n", encoding="utf-8")
        settings = {
            "Dir::Etc::sourcelist": f"{folder}/sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": f"{folder}/lists",
            "Acquire::Languages": "none",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
            "APT::Sandbox::User": "root",
        }
        configuration = Path(folder) / "apt.conf"
        configuration.write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()), encoding="utf-8")
        os.environ["APT_CONFIG"] = str(configuration)
        subprocess.run(["apt-get", "-qq", "update"], check=True, stdout=subprocess.DEVNULL)
        yield


def main(library: str, folder: Path, server: str) -> None:
    """Fill the folder."""
    sys.path.insert(0, library)
    from mkimage import add_users, busybox_applets, debian_rootfs  # type: ignore[import-not-found]  # it is the cluster's

    packages = [name.format(server) for name in PACKAGES]
    if server == "mysql":
        with unstable():
            debian_rootfs(folder, packages, without=LEFT_OUT)
    else:
        debian_rootfs(folder, packages, without=LEFT_OUT)
    add_users(folder, mysql=999)
    busybox_applets(folder)
    program = folder / "usr/local/bin/serve"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(SERVE.format(**SERVERS[server]), encoding="utf-8")
    program.chmod(0o755)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
