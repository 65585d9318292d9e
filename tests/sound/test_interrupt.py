"""A thread that hangs is called off from another, and never once it has left what was guarded."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from panel.sound.interrupt import Endless, Guard


def test_what_ends_by_itself_is_let_be() -> None:
    guard = Guard(10**9, 1)
    done: list[int] = []
    guard.run(lambda: done.append(1))
    assert done == [1]
    assert not guard.look(time.monotonic_ns() + 10**12)


def test_what_raises_raises() -> None:
    guard = Guard(10**9, 1)
    with pytest.raises(KeyError):
        guard.run(lambda: dict[int, None]().pop(1))
    assert not guard.look(time.monotonic_ns() + 10**12)


def _hang() -> None:
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def test_what_hangs_is_called_off_after_so_many_looks() -> None:
    guard, ended = Guard(0, 5), threading.Event()

    def work() -> None:
        with pytest.raises(Endless):
            guard.run(_hang)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    looks = 0
    while not guard.look(time.monotonic_ns()):
        looks += 1
    thread.join(10)
    assert ended.is_set()
    assert looks >= 4


def test_it_is_not_called_off_before_its_time_however_often_one_looks() -> None:
    guard = Guard(10**12, 1)
    told: list[bool] = []

    def work() -> None:
        told.extend(guard.look(time.monotonic_ns()) for _ in range(100))

    guard.run(work)
    assert told == [False] * 100


@pytest.fixture
def _hasty() -> Iterator[None]:
    """Threads take turns as often as they can, so that one is met wherever it may be."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual_s)


@pytest.mark.usefixtures("_hasty")
def test_nothing_is_raised_outside_of_the_guarded_block() -> None:
    """Work that ends at about the time at which it is called off, many times: it is hit inside, or not at all."""
    guard, called_off, outside, enough = Guard(0, 20), [0], [0], threading.Event()

    def count() -> None:
        for _ in range(200):
            pass

    def work() -> None:
        while not enough.is_set():
            try:
                try:
                    guard.run(count)
                except Endless:
                    called_off[0] += 1
                for _ in range(5):
                    pass
            except Endless:
                outside[0] += 1

    thread = threading.Thread(target=work)
    thread.start()
    fired = 0
    while fired < 500:
        fired += guard.look(time.monotonic_ns())
    enough.set()
    thread.join(10)
    assert outside == [0]
    assert 0 < called_off[0] <= fired  # a second one, before the first has hit, replaces it
