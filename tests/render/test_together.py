"""Several things at once: their order, their exceptions, and no program that is left."""

import sys
import threading
import time

import pytest

from generator.render.process import Limits, run
from generator.render.together import together


def test_the_answers_come_in_order_and_the_caller_works_meanwhile():
    told = threading.Event()

    def work(number: int) -> int:
        assert told.wait(30), "the caller's own work waits for nobody"
        return number * 10

    assert together(work, [3, 1, 2, 5, 4], told.set) == [30, 10, 20, 50, 40]
    assert together(work, []) == []


def test_what_the_work_raises_is_raised_and_nothing_more_begins(monkeypatch):
    monkeypatch.setattr("generator.render.together.cpu_count", lambda: 1)
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        raise LookupError(number)

    with pytest.raises(LookupError, match="1"):
        together(work, [1, 2, 3])
    assert begun == [1]


def test_when_the_caller_fails_no_program_is_left():
    def work(number: int) -> object:
        return run([sys.executable, "-c", "import time; time.sleep(60)"], {}, Limits())

    def meanwhile() -> None:
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        together(work, [1, 2, 3], meanwhile)
    assert time.monotonic() - start < 50, "the programs were ended"
