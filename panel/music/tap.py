"""Tap tempo: from the time stamps of taps to a tempo and how far it can be trusted.

It must never be thrown off by one bad tap, nor cling to a tempo that the drummer has left.
"""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from statistics import median
from typing import NamedTuple

from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, NS_PER_MINUTE, clamp_micro_bpm

MAX_TAPS = 12  # three bars of four; older taps only tell where the tempo was
PAUSE_NS = NS_PER_MINUTE * 5 // (MIN_BPM * 4)  # a quarter longer than the slowest beat: a new series begins
BOUNCE_NS = NS_PER_MINUTE * 3 // (MAX_BPM * 4)  # a quarter shorter than the fastest beat: one hand, one tap
TOLERANCE = 0.25  # of a beat: further from the beat than this is a stray tap
COUNT = 4  # so many taps that agree are a count-in, and a new tempo

# A few taps say little about how evenly a hand taps, so the spread that expert drummers show (10 to 15 ms) counts as
# much as PRIOR_TAPS taps; 14 makes the +/- right for nineteen series in twenty. Without it two taps would be exact.
PRIOR_SD_NS = 14_000_000
PRIOR_TAPS = 4


class Tempo(NamedTuple):
    """What the taps say: a tempo in micro-BPM of the tapped beat, its +/- (two standard errors), and from how many."""

    micro_bpm: int
    plus_minus: int
    taps: int


class _Beat(NamedTuple):
    """A tap that was taken: its beat's number in the series, and when it came."""

    number: int
    stamp_ns: int


class TapTempo:
    """A series of taps. Feed `tap` with stamps in nanoseconds; it answers from the second tap on.

    A tap that lies off the beat is left out; a beat that was left out is counted. A pause begins a new series, and so
    does a count of four that agrees on something else (half and double included): three taps would not do, for one
    stray tap midway between two beats makes three that agree on the double. Only a series of two taps, which nothing
    has confirmed yet, yields to three.
    """

    def __init__(self) -> None:
        self._beats: list[_Beat] = []
        self._stamps: list[int] = []

    def reset(self) -> None:
        """Forget the series."""
        self._beats, self._stamps = [], []

    def tap(self, stamp_ns: int) -> Tempo | None:
        """Take a tap and tell the tempo so far; None after the first tap of a series."""
        if self._stamps and 0 <= stamp_ns - self._stamps[-1] < BOUNCE_NS:
            return self.tempo()
        if self._stamps and not 0 <= stamp_ns - self._stamps[-1] <= PAUSE_NS:
            self.reset()
        self._stamps = [*self._stamps[1 - COUNT :], stamp_ns]
        if latest := self._new_count():
            self._beats = [_Beat(number, stamp) for number, stamp in enumerate(latest)]
        else:
            self._take(stamp_ns)
        return self.tempo()

    def tempo(self) -> Tempo | None:
        """The tempo of the series, by the median of all pairwise slopes (Theil 1950, Sen 1968)."""
        if len(self._beats) < 2:
            return None
        period = self._period_ns()
        bpm = NS_PER_MINUTE / period
        plus_minus = 2 * self._period_error_ns(period) / period * bpm
        return Tempo(clamp_micro_bpm(round(bpm * MICRO)), round(plus_minus * MICRO), len(self._beats))

    def _take(self, stamp_ns: int) -> None:
        """Append the tap where it lies on the beat."""
        if len(self._beats) < 2:
            number = len(self._beats)
        else:
            last, period = self._beats[-1], self._period_ns()
            beats = (stamp_ns - last.stamp_ns) / period
            if round(beats) < 1 or abs(beats - round(beats)) > TOLERANCE:
                return
            number = last.number + round(beats)
        self._beats = [*self._beats[1 - MAX_TAPS :], _Beat(number, stamp_ns)]

    def _new_count(self) -> list[int]:
        """The latest taps, stray ones included, if they agree with each other but not with the series."""
        latest = self._stamps[-min(COUNT, len(self._beats) + 1) :]
        if len(latest) < 3:
            return []
        gaps = [later - earlier for earlier, later in pairwise(latest)]
        mean, apart = sum(gaps) / len(gaps), _apart(max(gaps))
        other_tempo = abs(mean - self._period_ns()) > apart / len(gaps)
        off_the_beat = self._beats[-1].stamp_ns < latest[1]
        return latest if max(gaps) - min(gaps) <= apart and (other_tempo or off_the_beat) else []

    def _period_ns(self) -> float:
        return median(
            (b.stamp_ns - a.stamp_ns) / (b.number - a.number)
            for i, a in enumerate(self._beats)
            for b in self._beats[i + 1 :]
        )

    def _period_error_ns(self, period: float) -> float:
        """The standard error of the slope of a straight line through the taps, the spread held up by the prior."""
        numbers = [beat.number for beat in self._beats]
        mean = sum(numbers) / len(numbers)
        spread = sum((number - mean) ** 2 for number in numbers)
        offsets = [beat.stamp_ns - beat.number * period for beat in self._beats]
        centre = median(offsets)
        squares = sum((offset - centre) ** 2 for offset in offsets)
        freedom = PRIOR_TAPS + len(numbers) - 2
        return sqrt((PRIOR_TAPS * PRIOR_SD_NS**2 + squares) / freedom / spread)


def _apart(gap_ns: float) -> float:
    """How far gaps that one hand means to be even may differ; at fast tempos its scatter weighs more."""
    return max(0.15 * gap_ns, 75_000_000)
