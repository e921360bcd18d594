"""Writes the new chart, and is killed just before the N-th change that it asks of the file system.

    python dying_writer.py TARGET N

The interpreter's own audit events tell when a file is opened for writing, made, linked, renamed or removed; nothing of
the program under test is replaced. Exit code 0: it came to the end before the N-th change.
"""

import os
import signal
import sys
from pathlib import Path

from tests.write.charts import NEW, write

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown"}


def main(target: Path, last: int) -> None:
    count = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        opens_for_writing = event == "open" and isinstance(flags := arguments[2], int) and flags & os.O_CREAT
        if event in CHANGES or opens_for_writing:
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    write(NEW, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
