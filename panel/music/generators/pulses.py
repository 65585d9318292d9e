"""The pulses of any meter, and which beat of a bar of four each of them plays: so a groove in four goes into seven.

It must never leave a step of the bar without a pulse, nor begin a bar with any beat but the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from panel.music.generators.beat import Grid
from panel.music.meter import Meter
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH

Section = tuple[int, ...]  # the lengths of the pulses that belong together, in ticks


class Pulse(NamedTuple):
    """What the foot would tap: for so many steps it plays beat `beat` (0 to 3) of the four.

    A long one, half as long again, goes on with the first half of beat `then`, or where that is -1 with its own second
    half once more. `part_ticks` is the length of a part of a beat.
    """

    steps: int
    beat: int
    then: int
    part_ticks: int


class Pulses(NamedTuple):
    """Those of a bar. A beat has three parts where the meter goes `in_threes` or the grid is in triplets, else four."""

    in_threes: bool
    parts: int
    pulses: tuple[Pulse, ...]


@lru_cache(maxsize=64)
def pulses_of(grid: Grid, backbeat: int) -> Pulses:
    """The pulses of a bar; in two and in three the second of them plays beat `backbeat`, 1 or 2."""
    sections, beat_ticks = _sections(grid.meter), _beat_ticks(grid.meter)
    lengths = [length for section in sections for length in section]
    in_threes = all(2 * length == 3 * beat_ticks for length in lengths)
    parts = 3 if in_threes or grid.step_ticks != TICKS_PER_SIXTEENTH else 4
    usual_ticks = lengths[0] if in_threes else beat_ticks
    timed = zip(lengths, _played(sections, usual_ticks, backbeat), strict=True)
    pulses = [Pulse(length // grid.step_ticks, *beats, usual_ticks // parts) for length, beats in timed]
    return Pulses(in_threes, parts, tuple(pulses))


def _beat_ticks(meter: Meter) -> int:
    """The length of a pulse that is not long: a quarter, or in sixteenths by twos and threes an eighth."""
    return TICKS_PER_QUARTER // 2 if meter.denominator == 16 and max(meter.groups) in (2, 3) else TICKS_PER_QUARTER


def _sections(meter: Meter) -> list[Section]:
    """A group of three pulses or more is a section, a row of shorter ones is one; a meter without groups is all one."""
    beat_ticks = _beat_ticks(meter)
    sections: list[Section] = []
    joins = False
    for group in meter.groups if max(meter.groups) > 1 else (meter.numerator,):
        cut = tuple(_cut(group * meter.unit_ticks, beat_ticks))
        if joins and len(cut) < 3:
            sections[-1] += cut
        else:
            sections.append(cut)
        joins = len(cut) < 3
    return sections


def _cut(length: int, beat_ticks: int) -> Iterator[int]:
    """Pulse after pulse; an odd eighth makes the last one long: 5/8 is 2+3, 7/8 is 2+2+3."""
    while 2 * length > 3 * beat_ticks:
        yield beat_ticks
        length -= beat_ticks
    yield length


def _played(sections: Sequence[Section], usual_ticks: int, backbeat: int) -> Iterator[tuple[int, int]]:
    """Which beat each pulse plays, and what a long one goes on with.

    Where the pulses of a section are odd in number, its last long one is a beat and a half: 2+2+3 is a bar of four
    whose last beat is cut in half, kick, snare, kick and snare.
    """
    sizes = [_size(section, usual_ticks) for section in sections]
    beats = iter(_beats([part for size in sizes for part in _parts(size)], backbeat))
    for section, size in zip(sections, sizes, strict=True):
        long = max((at for at, length in enumerate(section) if length > usual_ticks), default=-1)
        for at in range(len(section)):
            yield next(beats), next(beats) if at == long and size > len(section) else -1


def _size(section: Section, usual_ticks: int) -> int:
    """How many beats a section plays."""
    return len(section) + (len(section) % 2 and len(section) > 1 and max(section) > usual_ticks)


def _parts(size: int) -> list[int]:
    """So many beats as fours and what is left: five is three and two."""
    fours, left = divmod(size, 4)
    if left == 1 and fours:
        return [4] * (fours - 1) + [3, 2]
    return [4] * fours + [left] * (left > 0)


def _beats(parts: Sequence[int], backbeat: int) -> Iterator[int]:
    """The beats that these parts of a bar play, by their size: a bar ends as four beats end where there is room."""
    for number, size in enumerate(parts):
        two = (0, backbeat) if len(parts) == 1 else (2 if backbeat == 1 else 0, 3) if number % 2 else (0, 1)
        yield from {4: (0, 1, 2, 3), 3: (0, backbeat, 3), 2: two, 1: (3 if number else 0,)}[size]
