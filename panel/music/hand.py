"""What is known of a drummer's hand, and from that the period its taps mean and how sure that is.

It must never trust a tap more than hands deserve, nor know of a series: which taps belong together is told to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from operator import mul
from typing import NamedTuple

# Expert drummers scatter by 10 to 15 ms; a few taps say little about this hand, so that counts as much as these taps.
SPREAD_NS = 12_000_000
SPREAD_TAPS = 4


class Beat(NamedTuple):
    """A tap: its beat's number in the series, and when it came."""

    number: int
    stamp_ns: int


class Period(NamedTuple):
    """The time from beat to beat, and its standard error: the truth lies within two of them 95 times in 100.

    That is so for a hand that keeps a beat. Of one whose every beat strays from the last the mean tempo lies outside
    more often, the longer the series.
    """

    ns: float
    error_ns: float


class _Doubt(NamedTuple):
    """What a hand may do besides scattering: how often, against nothing of the kind, and by how many spreads."""

    odds: float
    size: float


_FIRST_OFF = _Doubt(0.3, 5)  # the hand was not in time yet
_OFF = _Doubt(0.05, 5)
_TURN = _Doubt(0.005, 2)  # from here on another tempo; the size is for each beat
_TURN_BEATS = 5  # so many show it; fewer could as well be one tap that is off


class _Line(NamedTuple):
    """A straight line through the taps: how likely against the others, its slope, and that slope's variance."""

    likely: float
    slope: float
    variance: float


def period_of(beats: Sequence[Beat]) -> Period:
    """The period of two taps or more: the mean and the deviation of all lines, each counted as it is likely."""
    lines = list(_lines(beats))
    total = sum(line.likely for line in lines)
    slope = sum(line.likely * line.slope for line in lines) / total
    variance = sum(line.likely * (line.variance + (line.slope - slope) ** 2) for line in lines) / total
    return Period(slope, sqrt(variance))


def _lines(beats: Sequence[Beat]) -> Iterator[_Line]:
    """The line of least squares that trusts every tap, and one more for each doubt.

    Box and Tiao, "A Bayesian approach to some outlier problems", Biometrika 55 (1968). A doubt adds a column to the
    line (one tap moved; all taps before a beat on another slope), by an amount that is normal around nought. The less
    then is left between taps and line, the likelier the doubt. As the spread is not known either, every slope is a
    Student's t; two of its deviations hold 95 in 100 however few the taps.
    """
    middle = sum(beat.number for beat in beats) / len(beats)
    places = [beat.number - middle for beat in beats]
    width = _dot(places, places)
    slope, misses = _straight(places, width, [beat.stamp_ns - beats[0].stamp_ns for beat in beats])
    squares = SPREAD_TAPS * SPREAD_NS**2 + _dot(misses, misses)
    freedom = SPREAD_TAPS + len(beats) - 2
    yield _Line(1, slope, squares / width / (freedom - 2))
    for doubt, column in _doubts(places):
        tilt, rest = _straight(places, width, column)
        room = _dot(rest, rest) + 1 / doubt.size**2
        amount = _dot(rest, misses) / room
        left = squares - amount * amount * room
        likely = doubt.odds / doubt.size / sqrt(room) * (squares / left) ** (freedom / 2)
        yield _Line(likely, slope - amount * tilt, left * (1 / width + tilt * tilt / room) / (freedom - 2))


def _doubts(places: Sequence[float]) -> Iterator[tuple[_Doubt, list[float]]]:
    """Every doubt, with what it adds to each tap: 0 0 1 0 0 0 0 for one that is off, 2 1 0 0 0 0 0 for a turn."""
    for at, place in enumerate(places):
        yield _OFF if at else _FIRST_OFF, [float(at == other) for other in range(len(places))]
        if 2 <= at <= len(places) - _TURN_BEATS:
            yield _TURN, [max(0.0, place - other) for other in places]


def _straight(places: Sequence[float], width: float, values: Sequence[float]) -> tuple[float, list[float]]:
    """The slope of the values by least squares, and what each misses the line by.

    The places are centred; `width` is the sum of their squares.
    """
    mean, slope = sum(values) / len(values), _dot(places, values) / width
    return slope, [value - mean - slope * place for place, value in zip(places, values, strict=True)]


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    total: float = sum(map(mul, left, right))
    return total
