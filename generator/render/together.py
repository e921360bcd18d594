"""Waits for several programs at once, and lets the caller work meanwhile.

Input: what to do with each item, the items. Output: what came of them, in their order. Threads do, because they only
wait for Helm; the pools of the standard library would too, but for what they load.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from os import cpu_count
from threading import Thread
from typing import TypeVar

from generator.render.process import end_all

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


def together(
    work: Callable[[_Item], _Made], items: Sequence[_Item], meanwhile: Callable[[], None] | None = None
) -> list[_Made]:
    """What `work` makes of each item, as many at once as there are processors; `meanwhile` is called in this thread.

    However this function ends, also by Ctrl-C, no program of :mod:`generator.render.process` is left. What `work` or
    `meanwhile` raises is raised.
    """
    waiting = deque(enumerate(items))
    made: dict[int, _Made] = {}
    raised: list[BaseException] = []

    def run() -> None:
        while True:
            try:
                index, item = waiting.popleft()
            except IndexError:
                return
            try:
                made[index] = work(item)
            except BaseException as error:
                raised.append(error)
                waiting.clear()

    threads = [Thread(target=run, daemon=True) for _ in range(min(len(items), cpu_count() or 1))]
    try:
        for thread in threads:
            thread.start()
        if meanwhile:
            meanwhile()
        for thread in threads:
            thread.join()
    except BaseException:
        waiting.clear()
        for thread in threads:
            while thread.is_alive():
                end_all()  # again and again: a program may be starting at this moment
                thread.join(0.05)
        raise
    if raised:
        raise raised[0]
    return [made[index] for index in range(len(items))]
