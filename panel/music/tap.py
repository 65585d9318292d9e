"""Tap tempo: from the time stamps of taps to a tempo and how far it can be trusted.

It must never be thrown off by one bad tap, nor cling to a tempo that the drummer has left.
"""

from __future__ import annotations

from math import sqrt
from statistics import median
from typing import NamedTuple

from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, clamp_micro_bpm

NS_PER_MINUTE = 60_000_000_000
MAX_TAPS = 16  # older taps only tell where the tempo was
PAUSE_NS = NS_PER_MINUTE * 5 // (MIN_BPM * 4)  # a quarter longer than the slowest beat: a new series begins
BOUNCE_NS = NS_PER_MINUTE // (MAX_BPM * 2)  # no hand taps twice as fast as the fastest beat
TOLERANCE = 0.2  # of a beat: further from the grid than this is a stray tap
AGREEMENT = 0.15  # two gaps that differ by less are one tempo

# A few taps say little about how evenly a hand taps, so the spread that expert drummers show (10 to 15 ms) counts as
# much as PRIOR_TAPS taps. Without it two taps would claim to be exact.
PRIOR_SD_NS = 12_000_000
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

    A tap that lies off the beat is left out; a beat that was left out is counted; three taps in a row that agree on
    another tempo (half and double included) begin a new series, and so does a pause.
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
        self._stamps = [*self._stamps[-2:], stamp_ns]
        if self._begins_anew():
            self._beats = [_Beat(number, stamp) for number, stamp in enumerate(self._stamps)]
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

    def _begins_anew(self) -> bool:
        """Whether the last three taps, stray ones included, agree with each other but not with the series."""
        if len(self._stamps) < 3 or len(self._beats) < 2:
            return False
        first, second = (b - a for a, b in zip(self._stamps, self._stamps[1:], strict=False))
        if abs(first - second) > AGREEMENT * max(first, second):
            return False
        return abs((first + second) / 2 / self._period_ns() - 1) > TOLERANCE

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
