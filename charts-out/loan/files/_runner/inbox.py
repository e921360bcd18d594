"""How threads work together: turns and the loop's inbox, workers for what waits for the network, threads for calls."""

from __future__ import annotations

import queue
import threading
from typing import Any, Callable

Message = tuple[Callable[..., None], tuple[Any, ...]]

WORKERS = 8


class Inbox:
    """What the loop is to do next: functions, called in the loop's thread, in the order in which they came.

    Only who has the `turn` may look at the run or change it; these functions are called in the loop's.
    """

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def put(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have the loop call a function; safe in every thread and in a signal handler."""
        self._messages.put((function, arguments))

    def take_in(self, seconds: float | None) -> None:
        """Wait so long for a message (None: for ever), then call all that are there."""
        try:
            function, arguments = self._messages.get(timeout=seconds)
            with self.turn:
                while True:
                    function(*arguments)
                    function, arguments = self._messages.get_nowait()
        except queue.Empty:
            pass


class Workers:
    """A few threads, hired as there is work. A failure is told to `broken`, in the loop's thread."""

    def __init__(self, inbox: Inbox, broken: Callable[[Exception], None]) -> None:
        self._inbox, self._broken = inbox, broken
        self._work: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._hired = 0

    def submit(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have a worker call a function; only by who has the turn."""
        self._work.put((function, arguments))
        if self._hired < WORKERS:
            self._hired += 1
            threading.Thread(target=self._do_work, name="worker", daemon=True).start()

    def _do_work(self) -> None:
        while True:
            function, arguments = self._work.get()
            try:
                function(*arguments)
            except Exception as problem:  # nothing may be lost in silence: a successor tries again
                self._inbox.put(self._broken, problem)


class Threads:
    """As many threads as there is to do at once, each kept for what comes next: a new one takes its time to begin."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._free = 0
        self._here = threading.local()

    def submit(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have a function called at once, which must not raise.

        The last act of such a function may be to submit what follows: its thread goes on with the first of it, as to
        wake another one takes longer.
        """
        if getattr(self._here, "next", self) is None:
            self._here.next = function, arguments
            return
        with self._lock:
            self._free -= 1
            is_short = self._free < 0
        self._work.put((function, arguments))
        if is_short:
            threading.Thread(target=self._do_work, name="call", daemon=True).start()

    def _do_work(self) -> None:
        with self._lock:
            self._free += 1
        while True:
            message: Message | None = self._work.get()
            while message is not None:
                self._here.next = None
                function, arguments = message
                function(*arguments)
                message = self._here.next
            with self._lock:
                self._free += 1
