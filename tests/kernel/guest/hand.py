"""A hand that turns an encoder all the time while a test looks at something else.

It must never start a process, nor be above the engine's priority.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.kernel.lines import Lines


@contextmanager
def turning(lines: Lines, pin_a: int, pin_b: int, edge_ms: float, detents: int = 5) -> Iterator[list[int]]:
    """A hand that turns the encoder to and fro; yields a list that grows by the detents it has turned."""
    turned: list[int] = []
    over = threading.Event()

    def turn() -> None:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(60))  # a hand waits for nobody; the engine has 70
        way = 1
        while not over.is_set():
            lines.turn(pin_a, pin_b, way * detents, edge_ms)
            turned.append(detents)
            way = -way

    hand = threading.Thread(target=turn)
    hand.start()
    try:
        yield turned
    finally:
        over.set()
        hand.join()
