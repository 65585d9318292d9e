"""How many instructions a second of playing takes the engine, by callgrind: the figure that no neighbour disturbs.

It must never count what is not playing: a short run is taken from a longer one, so that the start drops out.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import tty
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import budgets
from benchmarks.box import BenchError, Engine, folder
from benchmarks.budgets import Verdict
from benchmarks.report import progress, table

SHORT_S, LONG_S = 2, 8


class Result(NamedTuple):
    """Millions of instructions a second of playing, to one DIN port, watched by one panel; what it played to."""

    with_clock: float
    without_clock: float
    stopped: float
    ports: list[str]


@contextmanager
def serial_line() -> Iterator[str]:
    """A pseudo-terminal that takes all that comes, as a DIN output: the engine's own port, and no recording."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    reader = threading.Thread(target=_read_all, args=(ours,), daemon=True)
    reader.start()
    try:
        yield os.ttyname(theirs)
    finally:
        os.close(theirs)
        reader.join(1)
        os.close(ours)


def _read_all(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        return  # the last writer has hung up


def measure() -> Result:
    """Three kinds of run, a short and a long one of each, two at a time. Raises BenchError."""
    if shutil.which("valgrind") is None:
        raise BenchError("valgrind is missing: sudo apt install valgrind")
    progress("instructions of the engine, under valgrind")
    kinds = ({"clock": True}, {"clock": False}, {"playing": False})
    runs = [(kind, seconds) for kind in kinds for seconds in (LONG_S, SHORT_S)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda run: _count(run[1], **run[0]), runs))
    counts = [count for count, _ in found]
    clock, no_clock, stopped = [
        (long - short) / (LONG_S - SHORT_S) / 1e6 for long, short in zip(counts[::2], counts[1::2], strict=True)
    ]
    return Result(clock, no_clock, stopped, ports=found[0][1])


def _count(seconds: float, clock: bool = False, playing: bool = True) -> tuple[int, list[str]]:
    """The instructions of an engine's whole life with so many seconds of playing, and its ports."""
    with folder() as home, serial_line() as line:
        out = home / "callgrind"
        wrapper = ("valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}")
        engine = Engine(home, "--spin-us", "0", wrapper=wrapper)
        try:
            engine.choose(clock=clock, din=line)
            engine.watch(0.5)
            ports = engine.ports
            if playing:
                engine.start()
            engine.watch(seconds)
            engine.stop()
            engine.watch(0.2)
        finally:
            engine.close()
        return _total(out), ports


def _total(out: Path) -> int:
    found = re.search(r"^(?:totals|summary): (\d+)", out.read_text(errors="replace"), re.MULTILINE)
    if found is None:
        raise BenchError("callgrind left no count")
    return int(found[1])


def show(result: Result) -> str:
    """The table."""
    rows = [("playing with clock", result.with_clock), ("playing without clock", result.without_clock)]
    head = ("Instructions of the engine, millions a second", "")
    note = f"no spin; sixteenths at 120 BPM; to {', '.join(result.ports) or 'no port'}; a panel watches"
    return table(head, [*rows, ("stopped", result.stopped)]) + f"\n{note}"


def verdicts(result: Result | None, why: str = "") -> list[Verdict]:
    """The budget, with clock and without."""
    limit = budgets.INSTRUCTIONS_PER_SECOND / 1e6
    kinds = ("with clock", "without clock")
    values = (result.with_clock, result.without_clock) if result else (None, None)
    return [
        Verdict(f"engine, instructions a second, {kind}", value, limit, " million", why=why)
        for kind, value in zip(kinds, values, strict=True)
    ]
