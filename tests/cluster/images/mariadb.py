"""Makes the root of an image with MariaDB's server and client out of Debian's packages: FOLDER, with the library LIB.

LIB is the cluster's own, which unpacks Debian packages. The image's program makes a database with a user of the same
name: DATABASE and PASSWORD say which.
"""

import sys
from pathlib import Path

SERVE = r"""#!/bin/sh
set -eu
printf "CREATE DATABASE %s;\nCREATE USER %s@'%%' IDENTIFIED BY '%s';\nGRANT ALL ON %s.* TO %s@'%%';\n" \
    "$DATABASE" "$DATABASE" "$PASSWORD" "$DATABASE" "$DATABASE" >/data/init.sql
mariadb-install-db --no-defaults --datadir=/data/db --skip-test-db --force --auth-root-authentication-method=normal
exec mariadbd --no-defaults --datadir=/data/db --socket=/data/socket --pid-file=/data/pid --init-file=/data/init.sql \
    --character-set-server=utf8mb4 --skip-name-resolve --innodb-buffer-pool-size=32M --performance-schema=off
"""
PACKAGES = ["mariadb-server-core", "mariadb-client-core", "busybox", "dash", "tzdata"]
LEFT_OUT = ["perl.*", "libperl.*", "libdb.*", "dpkg", "tar", "debconf", "openssl", "passwd", "adduser"]


def main(library: str, folder: Path) -> None:
    """Fill the folder."""
    sys.path.insert(0, library)
    from mkimage import add_users, busybox_applets, debian_rootfs  # type: ignore[import-not-found]  # it is the cluster's

    debian_rootfs(folder, PACKAGES, without=LEFT_OUT)
    add_users(folder, mysql=999)
    busybox_applets(folder)
    program = folder / "usr/local/bin/serve"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(SERVE, encoding="utf-8")
    program.chmod(0o755)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
