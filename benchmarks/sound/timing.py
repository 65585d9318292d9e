"""What blocks of sound cost: a contestant at some numbers of voices, in turns with the others, and how many voices fit.

It must never let the machine's noise pass for a contestant's cost: CPU time counts, and wall time stands beside it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

RATE, BLOCK = 48_000, 128  # frames: what a sound card of a small box can be asked for
REAL_US = BLOCK / RATE * 1e6
HALF_US = REAL_US / 2
BLOCKS = 120  # that are timed at a time: a third of a second of sound


class Cost(NamedTuple):
    """What a block took with so many voices, in microseconds of CPU and of time."""

    voices: float  # that sounded, on the average
    cpu_us: float
    wall_us: float


Play = Callable[[int], Cost]  # so many voices


class Contestant(NamedTuple):
    """Who makes sound, and with how many voices it is tried."""

    name: str
    counts: Sequence[int]
    play: Play


def timed(voices: float, block: Callable[[], object], blocks: int = BLOCKS) -> Cost:
    """The cost of a block, over so many. The garbage collector rests meanwhile, as it does in the sound's process."""
    for _ in range(4):
        block()
    gc.collect()
    gc.disable()
    cpu_ns, wall_ns = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(blocks):
        block()
    cpu_ns, wall_ns = time.process_time_ns() - cpu_ns, time.perf_counter_ns() - wall_ns
    gc.enable()
    return Cost(voices, cpu_ns / blocks / 1000, wall_ns / blocks / 1000)


def in_turns(contestants: Sequence[Contestant], rounds: int) -> dict[str, list[Cost]]:
    """Each contestant's cost at each of its counts: the median of the rounds, in each of which another begins."""
    found: dict[tuple[str, int], list[Cost]] = {}
    for turn in range(rounds):
        for one in (*contestants[turn % len(contestants) :], *contestants[: turn % len(contestants)]):
            for count in one.counts:
                found.setdefault((one.name, count), []).append(one.play(count))
    return {one.name: [middle(found[one.name, count]) for count in one.counts] for one in contestants}


def middle(costs: Iterable[Cost]) -> Cost:
    """The median, of each figure by itself."""
    return Cost(*map(median, zip(*costs, strict=True)))


def fitting(costs: Sequence[Cost], limit_us: float = HALF_US) -> float:
    """How many voices a block has room for within a time: on straight lines between what was measured, and beyond.

    ValueError of fewer than two measurements, or where more voices do not cost more.
    """
    ordered = sorted(costs)
    if len(ordered) < 2:
        raise ValueError("two numbers of voices are needed")
    at = next((at for at, cost in enumerate(ordered) if cost.cpu_us > limit_us), len(ordered) - 1)
    before, after = ordered[max(0, at - 1)], ordered[max(1, at)]
    if after.cpu_us <= before.cpu_us or after.voices <= before.voices:
        raise ValueError("more voices do not cost more: the machine was busy with something else")
    slope = (after.voices - before.voices) / (after.cpu_us - before.cpu_us)
    return max(0.0, before.voices + slope * (limit_us - before.cpu_us))


def noise(costs: Mapping[str, Sequence[Cost]]) -> float:
    """How much longer than its CPU time everything took at worst: 1 where nobody else wanted the machine."""
    return max(cost.wall_us / cost.cpu_us for one in costs.values() for cost in one)
