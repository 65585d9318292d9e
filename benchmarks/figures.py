"""The arithmetic of the benchmarks: lateness, percentiles, drift, which rounds count, distributions.

Pure: it must never leave out a value that it was given, nor make up one where there is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from benchmarks.grid import CLOCK_NS, QUARTER_NS, TICK_NS, interval_ns

FLOOR = "floor"
STALL_US = 1000.0  # a round in which the floor is later than this does not count
BINS_A_DECADE, DECADES = 10, 6
LEAD_IN_NS = QUARTER_NS  # the first beat of every contestant is left out alike


class Handed(NamedTuple):
    """A message that was handed to an output. `due_ns` is None where only the player knows it."""

    is_note: bool
    due_ns: int | None
    stamp_ns: int


class Played(NamedTuple):
    """What came of one contestant in one round, in microseconds."""

    late_us: list[float]  # every clock and note-on in the order of playing, the first beat left out
    notes_us: list[float]  # the note-ons among them
    drift_us: float  # the median of the last quarter of it less that of the first
    off_grid_ns: float  # how far a due time lies from an even grid at most
    missing: int  # messages that never came


def played(handed: Sequence[Handed]) -> Played:
    """What came of it. ValueError where nothing was played."""
    known = [*_with_due(handed, True), *_with_due(handed, False)]
    if not known:
        raise ValueError("nothing was played")
    known.sort(key=lambda one: (one.stamp_ns, one.is_note))
    from_ns = min(one.due for one in known) + LEAD_IN_NS - CLOCK_NS / 2  # between two clocks: no rounding decides
    steady = [one for one in known if one.due > from_ns]
    late_us = [one.late_us for one in steady]
    return Played(
        late_us=late_us,
        notes_us=[one.late_us for one in steady if one.is_note],
        drift_us=drift(late_us),
        off_grid_ns=max(_off_grid([one.due for one in steady if one.is_note is kind], kind) for kind in (True, False)),
        missing=sum(_missing([one.due for one in known if one.is_note is kind], kind) for kind in (True, False)),
    )


class _Known(NamedTuple):
    is_note: bool
    due: float
    stamp_ns: int

    @property
    def late_us(self) -> float:
        return (self.stamp_ns - self.due) / 1000


def _with_due(handed: Sequence[Handed], is_note: bool) -> list[_Known]:
    """The messages of a kind, with their due times.

    Where these are not known, the grid is laid through the one that came earliest, each against its own place: a
    player that is always late by the same is taken to be on time.
    """
    ours = [one for one in handed if one.is_note is is_note]
    interval = interval_ns(is_note)
    unknown = [one.stamp_ns - place * interval for place, one in enumerate(ours) if one.due_ns is None]
    origin = min(unknown, default=0.0)
    return [
        _Known(is_note, origin + place * interval if one.due_ns is None else one.due_ns, one.stamp_ns)
        for place, one in enumerate(ours)
    ]


def _off_grid(due: Sequence[float], is_note: bool) -> float:
    interval = interval_ns(is_note)
    return max((abs(at - due[0] - round((at - due[0]) / interval) * interval) for at in due), default=0.0)


def _missing(due: Sequence[float], is_note: bool) -> int:
    """How many places of the grid were passed over, also where the tempo varies a little."""
    interval = interval_ns(is_note)
    return sum(max(0, round((later - at) / interval) - 1) for at, later in pairwise(due))


def drift(late_us: Sequence[float]) -> float:
    """How much later the last quarter is than the first, median against median."""
    quarter = len(late_us) // 4
    return percentile(late_us[-quarter:], 50) - percentile(late_us[:quarter], 50) if quarter else 0.0


def drift_ticks(drift_us: float) -> int:
    """A drift in whole ticks of the box."""
    return round(drift_us * 1000 / TICK_NS)


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that `percent` of them do not exceed (nearest rank). ValueError of none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, math.ceil(len(ordered) * percent / 100 - 1e-9) - 1)]


Round = Mapping[str, Played]


def counted(rounds: Sequence[Round]) -> list[Round]:
    """The rounds in which the floor itself did not stall."""
    return [one for one in rounds if max(one[FLOOR].late_us) <= STALL_US]


class Summary(NamedTuple):
    """A contestant under a load, over the rounds that count; microseconds."""

    messages: int
    p50: float
    p99: float
    p999: float
    max: float
    notes_p99: float
    drift_us: float  # the median of the rounds: a real drift is in each
    off_grid_ns: float
    missing: int
    over_floor: float  # p99 as a multiple of the floor's


def summarize(rounds: Sequence[Round]) -> dict[str, Summary]:
    """Every contestant of the rounds given; nothing of none."""
    if not rounds:
        return {}
    floor_p99 = percentile(_pooled(rounds, FLOOR), 99)
    return {name: _summary([one[name] for one in rounds], floor_p99) for name in rounds[0]}


def _pooled(rounds: Sequence[Round], name: str) -> list[float]:
    return [late for one in rounds for late in one[name].late_us]


def _summary(slices: Sequence[Played], floor_p99: float) -> Summary:
    late_us = [late for one in slices for late in one.late_us]
    return Summary(
        messages=len(late_us),
        p50=percentile(late_us, 50),
        p99=percentile(late_us, 99),
        p999=percentile(late_us, 99.9),
        max=max(late_us),
        notes_p99=percentile([late for one in slices for late in one.notes_us], 99),
        drift_us=percentile([one.drift_us for one in slices], 50),
        off_grid_ns=max(one.off_grid_ns for one in slices),
        missing=sum(one.missing for one in slices),
        over_floor=percentile(late_us, 99) / floor_p99,
    )


def histogram(late_us: Iterable[float]) -> list[int]:
    """How many lie in each tenth of a decade from 1 us to 1 s; what is less or more is in the first or last one."""
    bins = [0] * (BINS_A_DECADE * DECADES)
    for late in late_us:
        place = math.floor(math.log10(max(late, 1.0)) * BINS_A_DECADE)
        bins[min(place, len(bins) - 1)] += 1
    return bins
