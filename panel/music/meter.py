"""Meters, their accent groups, and places in their bars.

It must never round: every beat of every meter it accepts is a whole number of ticks.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from panel.music.tempo import TICKS_PER_WHOLE

DENOMINATORS = (2, 4, 8, 16)
MAX_NUMERATOR = 32

ONE, BEAT, EIGHTH, TRIPLET, SIXTEENTH = LEVELS = ("one", "beat", "eighth", "triplet", "sixteenth")

_EIGHTH_TICKS = TICKS_PER_WHOLE // 8
_SIXTEENTH_TICKS = TICKS_PER_WHOLE // 16
_SHORTEST_TRIPLET_TICKS = TICKS_PER_WHOLE // 24


class Meter(NamedTuple):
    """A time signature with the groups that its accents make: 7/8 as 2+2+3 is Meter(7, 8, (2, 2, 3)).

    `groups` count units of the denominator and add up to the numerator.
    """

    numerator: int
    denominator: int
    groups: tuple[int, ...]

    @classmethod
    def of(cls, numerator: int, denominator: int, groups: tuple[int, ...] = ()) -> Meter:
        """A checked meter; without groups, 6/8, 9/8 and 12/8 go in threes and all else in ones.

        Raises ValueError, with a sentence for the user, for a meter that cannot be played.
        """
        if not 1 <= numerator <= MAX_NUMERATOR:
            raise ValueError(f"a meter has 1 to {MAX_NUMERATOR} beats")
        if denominator not in DENOMINATORS:
            raise ValueError("the lower number of a meter is 2, 4, 8 or 16")
        groups = groups or _usual_groups(numerator, denominator)
        if min(groups) < 1:
            raise ValueError("a group has 1 beat or more")
        if sum(groups) != numerator:
            raise ValueError(f"the groups add up to {sum(groups)}, the meter has {numerator}")
        return cls(numerator, denominator, groups)

    @classmethod
    def parse(cls, text: str, group: str = "") -> Meter:
        """A meter from "7/8" and "2+2+3". Raises ValueError with a sentence for the user."""
        upper, slash, lower = text.partition("/")
        if not (slash and upper.strip().isdecimal() and lower.strip().isdecimal()):
            raise ValueError('a meter reads like "7/8"')
        parts = [part.strip() for part in group.split("+")] if group else []
        if not all(part.isdecimal() for part in parts):
            raise ValueError('groups read like "2+2+3"')
        return cls.of(_small(upper), _small(lower), tuple(map(_small, parts)))

    @property
    def unit_ticks(self) -> int:
        """The length of one denominator note in ticks."""
        return TICKS_PER_WHOLE // self.denominator

    @property
    def bar_ticks(self) -> int:
        """The length of a bar in ticks."""
        return self.numerator * self.unit_ticks

    @property
    def group_starts(self) -> tuple[int, ...]:
        """Where the groups begin, in ticks from the bar line."""
        return _group_starts(self)

    def level_of(self, tick: int) -> str:
        """What `tick`, counted from the bar line, falls on: the one, a beat, an eighth, a triplet or a sixteenth.

        Beats are where groups begin. Whatever lies on no such grid counts as a sixteenth, the finest level.
        """
        if tick == 0:
            return ONE
        if tick in self.group_starts:
            return BEAT
        if tick % _EIGHTH_TICKS == 0:
            return EIGHTH
        if tick % _SIXTEENTH_TICKS and tick % _SHORTEST_TRIPLET_TICKS == 0:
            return TRIPLET
        return SIXTEENTH

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


@lru_cache(maxsize=64)
def _group_starts(meter: Meter) -> tuple[int, ...]:
    """Asked for every stroke of a chart, a thousand times over."""
    return tuple(start * meter.unit_ticks for start in accumulate(meter.groups[:-1], initial=0))


def _usual_groups(numerator: int, denominator: int) -> tuple[int, ...]:
    compound = denominator >= 8 and numerator > 3 and numerator % 3 == 0
    return (3,) * (numerator // 3) if compound else (1,) * numerator


def _small(digits: str) -> int:
    """The number, or one out of every range: a thousand digits are no reason to fail."""
    return int(digits) if len(digits.strip()) <= 6 else 999_999


class Place(NamedTuple):
    """A place in the music: its bar (the first is 1, a count-in lies before), ticks into it, its meter."""

    bar: int
    tick: int
    meter: Meter
