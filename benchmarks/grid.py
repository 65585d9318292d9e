"""The music that everybody plays here: sixteenths at 120 BPM with MIDI clock, as due times.

Pure: it must never ask a clock.
"""

from __future__ import annotations

BPM = 120
CLOCKS_PER_QUARTER = 24
CLOCKS_PER_NOTE = 6
QUARTER_NS = 500_000_000
TICK_NS = QUARTER_NS / 5040  # of the box's own grid
CLOCK_NS = QUARTER_NS / CLOCKS_PER_QUARTER
NOTE_NS = QUARTER_NS / 4


def clock_due_ns(number: int) -> int:
    """When the clock of that number is due, from the first one on."""
    return number * QUARTER_NS // CLOCKS_PER_QUARTER


def interval_ns(is_note: bool) -> float:
    """From one clock, or note, to the next."""
    return NOTE_NS if is_note else CLOCK_NS
