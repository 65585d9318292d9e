"""What the machine itself does to anything that wants to be on time: stalls, measured in the same run.

It must never share a process with what it measures, nor do more than look at the clock.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from typing import NamedTuple

INTERVAL_NS = 1_000_000
NOTABLE_NS = 200_000


class Stall(NamedTuple):
    """A wake-up at the highest priority that was due at `due_ns` and came at `woke_ns` (CLOCK_MONOTONIC)."""

    due_ns: int
    woke_ns: int


class Floor:
    """A process above the box's priority that wakes every millisecond while a test runs; a context manager.

    Whatever keeps this process waiting (a kernel that doesn't yield, an emulator that hangs) is not the box's doing.
    It wakes too briefly to be seen in the rig's own timing on virtual time.
    """

    def __init__(self) -> None:
        self.stalls: list[Stall] = []

    def __enter__(self) -> Floor:
        """Start, and return once it runs."""
        command = [sys.executable, "-m", "tests.kernel.floor"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; from now on `stalls` is known."""
        self._process.terminate()
        words = self._process.communicate(timeout=60)[0]
        self.stalls = [Stall(*pair) for pair in json.loads(words)]

    def share_ns(self, due_ns: int, done_ns: int) -> int:
        """How much of the time between two instants the machine was stalled; to be asked after the end.

        A stall may have begun up to one interval before the wake-up that told of it.
        """
        return sum(
            max(0, min(done_ns, stall.woke_ns) - max(due_ns, stall.due_ns - INTERVAL_NS)) for stall in self.stalls
        )


def watch() -> list[Stall]:
    """Wake every millisecond until SIGTERM."""
    stalls: list[Stall] = []
    ended = False

    def end(*_: object) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(98))
    gc.disable()
    print("ready", flush=True)
    due_ns = time.monotonic_ns()
    while not ended:
        due_ns += INTERVAL_NS
        time.sleep(max(0, due_ns - time.monotonic_ns()) / 1e9)
        woke_ns = time.monotonic_ns()
        if woke_ns - due_ns > NOTABLE_NS:
            stalls.append(Stall(due_ns, woke_ns))
            due_ns = woke_ns
    return stalls


if __name__ == "__main__":
    print(json.dumps(watch()))
