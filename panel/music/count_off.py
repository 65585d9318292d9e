"""The stick count-off: four taps, and the music begins where the fifth would have been.

It must never begin on anything but four even taps, nor bend a stored tempo for the scatter of a hand.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from panel.music.hand import Beat, period_of
from panel.music.tap import BOUNCE_NS, PAUSE_NS
from panel.music.tempo import MICRO, NS_PER_MINUTE, clamp_micro_bpm

TAPS = 4
SAME_TEMPO = 0.04  # of the stored tempo: what lies within is meant to be that
# How far the gaps of a count may differ: a hand scatters by 15 ms, its gaps by 37, and this is four times that.
_APART, _APART_NS = 0.4, 150_000_000


class Begin(NamedTuple):
    """When the first beat is to come, and at which tempo, in micro-BPM of the tapped beat."""

    at_ns: int
    micro_bpm: int


class CountOff:
    """Hears taps until four of them are a count. Stamps are CLOCK_MONOTONIC in nanoseconds."""

    def __init__(self) -> None:
        self._stamps: list[int] = []

    @property
    def taps(self) -> int:
        """How many taps of the count there are so far, 0 to 3."""
        return len(self._stamps)

    def reset(self) -> None:
        """Forget what was tapped."""
        self._stamps = []

    def tap(self, stamp_ns: int, stored_micro_bpm: int) -> Begin | None:
        """Take a tap; the fourth that is even with the three before it tells when to begin.

        Within 4 % of the stored tempo that tempo is kept and only the phase is the taps'; beyond it the tapped one is
        taken.
        """
        gap_ns = stamp_ns - self._stamps[-1] if self._stamps else PAUSE_NS
        if 0 <= gap_ns < BOUNCE_NS:
            return None
        self._stamps = [*self._stamps[1 - TAPS :], stamp_ns] if 0 <= gap_ns < PAUSE_NS else [stamp_ns]
        if len(self._stamps) < TAPS or not _are_even(self._stamps):
            return None
        stamps, self._stamps = self._stamps, []
        return _begin(stamps, stored_micro_bpm)


def _begin(stamps: list[int], stored_micro_bpm: int) -> Begin:
    tapped_ns = period_of([Beat(number, stamp) for number, stamp in enumerate(stamps)]).ns
    tapped = clamp_micro_bpm(round(NS_PER_MINUTE * MICRO / tapped_ns))
    micro_bpm = stored_micro_bpm if abs(tapped - stored_micro_bpm) <= SAME_TEMPO * stored_micro_bpm else tapped
    beat_ns = NS_PER_MINUTE * MICRO / micro_bpm
    # The line of that slope that lies nearest to the taps, by least squares, one beat on.
    middle = sum(stamp - stamps[0] for stamp in stamps) / len(stamps)
    return Begin(stamps[0] + round(middle + (len(stamps) - (len(stamps) - 1) / 2) * beat_ns), micro_bpm)


def _are_even(stamps: list[int]) -> bool:
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    return max(gaps) - min(gaps) <= max(_APART_NS, _APART * sum(gaps) / len(gaps))
