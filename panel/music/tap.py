"""Tap tempo: from the time stamps of taps to a tempo and how far it can be trusted.

It must never be thrown off by one bad tap, nor cling to a tempo that the drummer has left.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from panel.music.hand import Beat, Period, period_of
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, NS_PER_MINUTE, clamp_micro_bpm

MAX_TAPS = 12  # three bars of four; older taps only tell where the tempo was
PAUSE_NS = NS_PER_MINUTE * 5 // (MIN_BPM * 4)  # a quarter longer than the slowest beat: a new series begins
BOUNCE_NS = NS_PER_MINUTE * 3 // (MAX_BPM * 4)  # a quarter shorter than the fastest beat: one hand, one tap
TOLERANCE = 0.25  # of a beat: further from the beat than this is a stray tap
COUNT = 4  # so many taps that agree are a count-in, and a new tempo


class Tempo(NamedTuple):
    """What the taps say: a tempo in micro-BPM of the tapped beat, its +/- (right 19 times in 20), and from how many."""

    micro_bpm: int
    plus_minus: int
    taps: int


class TapTempo:
    """A series of taps. Feed `tap` with stamps in nanoseconds; it answers from the second tap on.

    A tap that lies off the beat is left out; a beat that was left out is counted. A pause begins a new series, and so
    does a count of four that agrees on something else (half and double included): three taps would not do, for one
    stray tap midway between two beats makes three that agree on the double. Only a series of two taps, which nothing
    has confirmed yet, yields to three.
    """

    def __init__(self) -> None:
        self._beats: list[Beat] = []
        self._stamps: list[int] = []
        self._period: Period | None = None

    def reset(self) -> None:
        """Forget the series."""
        self._beats, self._stamps, self._period = [], [], None

    def tap(self, stamp_ns: int) -> Tempo | None:
        """Take a tap and tell the tempo so far; None after the first tap of a series."""
        if self._stamps and 0 <= stamp_ns - self._stamps[-1] < BOUNCE_NS:
            return self.tempo()
        if self._stamps and not 0 <= stamp_ns - self._stamps[-1] <= PAUSE_NS:
            self.reset()
        self._stamps = [*self._stamps[1 - COUNT :], stamp_ns]
        if latest := self._new_count():
            self._begin(latest)
        else:
            self._take(stamp_ns)
            self._period = period_of(self._beats) if len(self._beats) > 1 else None
            if self._has_lost_them():
                self._begin(self._stamps)
        return self.tempo()

    def _begin(self, stamps: list[int]) -> None:
        """Begin a series with taps that agree."""
        self._beats = [Beat(number, stamp) for number, stamp in enumerate(stamps)]
        self._period = period_of(self._beats)

    def tempo(self) -> Tempo | None:
        """The tempo of the series; None before its second tap."""
        if not self._period:
            return None
        bpm = NS_PER_MINUTE / self._period.ns
        plus_minus = 2 * self._period.error_ns / self._period.ns * bpm
        return Tempo(clamp_micro_bpm(round(bpm * MICRO)), round(plus_minus * MICRO), len(self._beats))

    def _take(self, stamp_ns: int) -> None:
        """Append the tap where it lies on the beat; the next beat may be as far off as the tempo is unsure."""
        number = len(self._beats)
        if self._period:
            last, (period, error) = self._beats[-1], self._period
            beats = (stamp_ns - last.stamp_ns) / period
            tolerance = TOLERANCE + (error / period if round(beats) == 1 else 0)
            if round(beats) < 1 or abs(beats - round(beats)) > tolerance:
                return
            number = last.number + round(beats)
        self._beats = [*self._beats[1 - MAX_TAPS :], Beat(number, stamp_ns)]

    def _new_count(self) -> list[int]:
        """The latest taps, stray ones included, if they agree with each other but not with the series."""
        latest = self._stamps[-min(COUNT, len(self._beats) + 1) :]
        if not self._period or len(latest) < 3:
            return []
        gaps = _even_gaps(latest)
        if not gaps:
            return []
        before = [beat for beat in self._beats if beat.stamp_ns <= latest[0]]  # these taps may have bent the rest
        period = period_of(before) if len(before) >= COUNT else self._period
        off_the_beat = self._beats[-1].stamp_ns < latest[1]
        return latest if off_the_beat or _are_others(gaps, period) else []

    def _has_lost_them(self) -> bool:
        """Whether the latest taps are even, and the series, for all that lies before them, says another tempo."""
        gaps = _even_gaps(self._stamps) if len(self._stamps) == COUNT else []
        if not self._period or not gaps:
            return False
        one_sided = min(gaps) > self._period.ns or max(gaps) < self._period.ns
        return one_sided and abs(sum(gaps) / len(gaps) - self._period.ns) > _apart(max(gaps)) / len(gaps)


def _even_gaps(stamps: list[int]) -> list[int]:
    """The gaps of taps that agree with each other; none of taps that don't."""
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    return gaps if max(gaps) - min(gaps) <= _apart(max(gaps)) else []


def _are_others(gaps: list[int], period: Period) -> bool:
    """Whether the gaps are all longer, or all shorter, than a period as sure as this and one hand's scatter make."""
    margin = _apart(max(gaps)) / len(gaps) + 2 * period.error_ns
    return min(gaps) > period.ns + margin or max(gaps) < period.ns - margin


def _apart(gap_ns: float) -> float:
    """How far gaps that one hand means to be even may differ; at fast tempos its scatter weighs more."""
    return max(0.15 * gap_ns, 75_000_000)
