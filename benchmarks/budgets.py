"""The budgets, and whether what was measured keeps them.

It must never leave one out: what misses is named, and so is what was not measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LATE_OVER_FLOOR = 0.5  # p99 under full load, as a multiple of the C floor's
LATE_OVER_FLOOR_WITHOUT_FIFO = 15.0
TIMES_BETTER = 100.0  # than isobar and mido's player
INSTRUCTIONS_PER_SECOND = 1_500_000
DRIFT_TICKS = 0
DETENT_PERCENT = {1: 15.0, 2: 15.0, 3: 20.0}  # of luma's full frame, by how many digits change
DETENT_MS = 6.0  # to the last byte on the wire
START_OVER_IMPORTS = 1.5
ENGINE_MB, PANEL_MB = 8.0, 45.0
ENGINE_CPU_PERCENT, PANEL_CPU_PERCENT = 0.5, 2.0
SAMPLER_VOICES, SYNTH_VOICES = 128, 32  # within half of real time: twice what the box has
SOUND_PERCENT = 20.0  # of real time, for all its voices at once
ONSET_FRAMES = 0
ALIAS_DB = -80.0  # of all that is no harmonic, against the harmonics
PITCH_CENTS = 0.1
STEP = 1.1  # the largest at a choke or a steal, as a multiple of the sound's own
BLOCK_SIZE_DIFFERENCE = 1e-6  # of full scale
BAR_MS = 1.0  # that writes itself
DROPOUTS, LATE_NOTES = 0, 0


class Verdict(NamedTuple):
    """A budget beside what was measured; `measured` is None where nothing was, and `why` says why."""

    what: str
    measured: float | None
    limit: float
    unit: str = ""
    at_least: bool = False
    why: str = ""

    @property
    def missed(self) -> bool:
        """Whether it was measured and does not do."""
        if self.measured is None:
            return False
        return self.measured < self.limit if self.at_least else self.measured > self.limit

    def __str__(self) -> str:
        bound = f"{'at least' if self.at_least else 'at most'} {_plain(self.limit)}{self.unit}"
        if self.measured is None:
            return f"NOT MEASURED: {self.what}, {bound}: {self.why}"
        return f"{'MISSED' if self.missed else 'kept'}: {self.what}: {_plain(self.measured)}{self.unit}, {bound}"


def ending(verdicts: Sequence[Verdict]) -> str:
    """Every verdict, a line each, the missed ones last where the eye falls on them; then how many."""
    ranked = sorted(verdicts, key=lambda one: (one.missed, one.measured is None))
    missed = sum(one.missed for one in verdicts)
    unknown = sum(one.measured is None for one in verdicts)
    count = f"{len(verdicts)} budgets: {len(verdicts) - missed - unknown} kept, {missed} missed, {unknown} not measured"
    return "\n".join([*map(str, ranked), count])


def _plain(value: float) -> str:
    """Three digits that count, and no more than are needed."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
