"""What a bar that writes itself takes, from the dials to the command that is handed to the engine.

It must never measure what a cache has answered: every bar is another one, and the first of a meter counts too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks import budgets
from benchmarks.budgets import Verdict
from benchmarks.figures import percentile
from benchmarks.report import progress, table
from panel.engine.wire import decode, encode
from panel.library import load_library
from panel.music.generators.beat import Generator, bar_of_rows, grid_of, pattern_of
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.fills import with_fill
from panel.music.generators.learn import LEARN, manner_of_bars
from panel.music.pattern import Pattern

BARS = 200  # of each generator beside all patterns
FLOOR_LOOPS = 1000
LEARNED_BARS = 16


class Cost(NamedTuple):
    """Microseconds of one bar, as a p50 and a p99 over bars; of the whole way, and as a multiple of the floor."""

    generator: str
    p50_us: float
    p99_us: float
    whole_us: float
    over_floor: float


class Result(NamedTuple):
    """What each generator takes; `floor_us` is what this machine needs for a loop of 1000 additions."""

    floor_us: float
    costs: tuple[Cost, ...]


def measure() -> Result:
    """Every generator beside every pattern that ships."""
    progress("bars that write themselves")
    patterns = list(load_library(None).patterns.values())
    floor = min(_timed(_floor) for _ in range(BARS))
    costs = tuple(_cost(generator, patterns, floor) for generator in GENERATORS.values())
    return Result(floor / 1000, costs)


def _cost(generator: Generator, patterns: list[Pattern], floor_ns: int) -> Cost:
    taken = list(_bars(generator, patterns))
    bars, whole = ([ns / 1000 for ns in each] for each in zip(*taken, strict=True))
    p50 = percentile(bars, 50)
    return Cost(generator.name, p50, percentile(bars, 99), percentile(whole, 50), p50 * 1000 / floor_ns)


def _bars(generator: Generator, patterns: list[Pattern]) -> Iterator[tuple[int, int]]:
    """Nanoseconds of a bar, and of all until the engine has understood it."""
    for pattern in patterns:
        grid, memory = grid_of(pattern), _learned(pattern) if generator is LEARN else None
        for number in range(BARS // len(patterns) + 2):
            began = time.perf_counter_ns()
            memory, bar = generator.next_bar(memory, grid, generator.defaults, 1, number)
            made = time.perf_counter_ns()
            kept = bar_of_rows(pattern, pattern.groove, number)
            beside = pattern_of(bar, pattern, grid, generator.name, kept)
            decode(encode("vary", pattern=with_fill(beside, tuple(row.role for row in kept), 1, number))[:-1])
            yield made - began, time.perf_counter_ns() - began


def _learned(pattern: Pattern) -> Any:
    """A manner learned of what another generator played beside the pattern."""
    grid, memory, bars = grid_of(pattern), None, []
    drift = GENERATORS["drift"]
    for number in range(LEARNED_BARS):
        memory, bar = drift.next_bar(memory, grid, drift.defaults, 2, number)
        bars.append(bar)
    return manner_of_bars(bars, grid)


def _floor() -> None:
    total = 0
    for number in range(FLOOR_LOOPS):
        total += number


def _timed(work: Callable[[], None]) -> int:
    began = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - began


def show(result: Result) -> str:
    """As a table."""
    rows = [
        (c.generator, f"{c.p50_us:.0f}", f"{c.p99_us:.0f}", f"{c.whole_us:.0f}", f"{c.over_floor:.1f}")
        for c in result.costs
    ]
    head = ("a bar of", "p50 us", "p99 us", "to the engine's own us", "x 1000 additions")
    return f"A bar beside each pattern that ships (1000 additions: {result.floor_us:.0f} us)\n" + table(head, rows)


def verdicts(result: Result) -> list[Verdict]:
    """Whether each keeps its budget."""
    return [Verdict(f"a bar of {c.generator}, p99", c.p99_us / 1000, budgets.BAR_MS, " ms") for c in result.costs]
