"""Practice: bars in which the click falls silent, and a tempo that climbs. Both are functions of the bar alone.

It must never draw a random number: which bar is mute is a hash of seed and bar, so that whoever knows the state knows
what will sound.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.music.chance import GOLDEN, finalized

MAX_GAP_BARS = 64
MAX_MUTES = 100  # percent
MAX_RAMP_BARS = 1000
MAX_RAMP_MINUTES = 120


class Practice(NamedTuple):
    """What is practised; bars are counted from 0 where the practice begins.

    `gap_on` bars sound, then `gap_off` are silent, round and round (0: no gaps). `mutes` percent of the bars fall
    silent at random, a share that rises from nothing over `mutes_over` bars (0: at once); `seed` says which. The tempo
    climbs, or falls, to `ramp_to` micro-BPM of the beat (0: it stays), over `ramp_bars` bars, or over `ramp_minutes`
    where that is not 0; with `ramp_back` it comes back the same way.
    """

    gap_on: int = 0
    gap_off: int = 0
    mutes: int = 0
    mutes_over: int = 0
    seed: int = 0
    ramp_to: int = 0
    ramp_bars: int = 0
    ramp_minutes: int = 0
    ramp_back: bool = False

    def silences(self, bar: int) -> bool:
        """Whether the click is silent in bar `bar`, from 0."""
        if bar < 0:
            return False
        if self.gap_on and self.gap_off and bar % (self.gap_on + self.gap_off) >= self.gap_on:
            return True
        return bool(self.mutes) and _percentile(self.seed, bar) < self.mutes_at(bar)

    def mutes_at(self, bar: int) -> int:
        """The share of random mutes at bar `bar`, in percent."""
        return self.mutes * min(bar, self.mutes_over) // self.mutes_over if self.mutes_over else self.mutes


NOTHING = Practice()


def _percentile(seed: int, bar: int) -> int:
    """0 to 99, as good as at random."""
    return finalized(seed * GOLDEN + bar) % 100
