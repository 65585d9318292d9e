"""Musical time as exact integers: ticks on one side, nanoseconds on the other.

It must never use a float between the two, and never look at a clock: time is always passed in.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import NamedTuple

TICKS_PER_QUARTER = 5040  # divides by 2..10, 12, 14, 16, 18, 20, 21, 24: every usual subdivision is exact
TICKS_PER_WHOLE = 4 * TICKS_PER_QUARTER
TICKS_PER_CLOCK = TICKS_PER_QUARTER // 24  # MIDI clock: 24 to the quarter note
TICKS_PER_SIXTEENTH = TICKS_PER_QUARTER // 4  # MIDI song position counts these

NEVER = 1 << 62  # a tick, or a time in ns, that does not come

MICRO = 1_000_000
MIN_BPM = 30
MAX_BPM = 300
DEFAULT_MICRO_BPM = 120 * MICRO  # until somebody sets another

NS_PER_MINUTE = 60_000_000_000


def micro_bpm(bpm: float) -> int:
    """BPM as an integer of micro-BPM; 0.05 BPM off would be 25 ms a minute, so tenths are not enough inside."""
    return round(bpm * MICRO)


def clamp_micro_bpm(value: int) -> int:
    """Hold a tempo, in micro-BPM of the beat that is counted, within 30 to 300 BPM."""
    return max(MIN_BPM * MICRO, min(MAX_BPM * MICRO, value))


def quarter_tempo(beat_micro_bpm: int, beat_ticks: int) -> int:
    """Micro-BPM in quarters for a tempo that counts beats of `beat_ticks`: dotted quarters at 80 make 120."""
    return (beat_micro_bpm * beat_ticks + TICKS_PER_QUARTER // 2) // TICKS_PER_QUARTER


class Timeline(NamedTuple):
    """One stretch of constant tempo: a straight line through (origin_tick, origin_ns), exact in both directions.

    `tempo` is micro-BPM in quarter notes, `origin_ns` is CLOCK_MONOTONIC.
    """

    tempo: int
    origin_tick: int
    origin_ns: int

    def time_of(self, tick: int) -> int:
        """The nanosecond at which `tick` falls, rounded down; ticks before the origin are extrapolated."""
        return self.origin_ns + (tick - self.origin_tick) * NS_PER_MINUTE * MICRO // (TICKS_PER_QUARTER * self.tempo)

    def tick_at(self, ns: int) -> int:
        """The last tick whose `time_of` is not after `ns`: the exact inverse, so tick_at(time_of(t)) == t."""
        # floor(k*d/m) <= e  <=>  k*d/m < e + 1  <=>  d <= ceil((e + 1)*m/k) - 1
        k, m = NS_PER_MINUTE * MICRO, TICKS_PER_QUARTER * self.tempo
        return self.origin_tick + -(-(ns - self.origin_ns + 1) * m // k) - 1

    def ticks_in(self, ns: int) -> int:
        """The whole ticks in a span of `ns`."""
        return ns * TICKS_PER_QUARTER * self.tempo // (NS_PER_MINUTE * MICRO)

    def with_tempo(self, tempo: int, at_tick: int) -> Timeline:
        """The line that goes on from `at_tick` at another tempo; that tick itself does not move."""
        return Timeline(tempo, at_tick, self.time_of(at_tick))


_origin_tick = attrgetter("origin_tick")
_origin_ns = attrgetter("origin_ns")


class TempoMap(NamedTuple):
    """Timelines in order of origin, the future included: whoever has the map and a clock knows the beat.

    Before the first origin its line is extrapolated.
    """

    timelines: tuple[Timeline, ...]

    def line_at(self, tick: int) -> Timeline:
        """The line that holds at `tick`."""
        last = self.timelines[-1]
        if tick >= last.origin_tick:  # nearly always: what lies before it is over
            return last
        return self.timelines[max(0, bisect_right(self.timelines, tick, key=_origin_tick) - 1)]

    def next_origin(self, tick: int) -> int:
        """The tick at which the line that holds at `tick` ends; NEVER for the last."""
        if tick >= self.timelines[-1].origin_tick:
            return NEVER
        after = max(1, bisect_right(self.timelines, tick, key=_origin_tick))  # the first one holds before it, too
        return self.timelines[after].origin_tick if after < len(self.timelines) else NEVER

    def time_of(self, tick: int) -> int:
        """The nanosecond of `tick`."""
        return self.line_at(tick).time_of(tick)

    def tick_at(self, ns: int) -> int:
        """The last tick that is not after `ns`."""
        return self.timelines[max(0, bisect_right(self.timelines, ns, key=_origin_ns) - 1)].tick_at(ns)

    def tempo_at(self, tick: int) -> int:
        """The tempo, in micro-BPM of quarters, that holds at `tick`."""
        return self.line_at(tick).tempo

    def with_tempo(self, tempo: int, at_tick: int) -> TempoMap:
        """The map with another tempo from `at_tick` on; what was planned after it is gone."""
        line = self.line_at(at_tick)
        kept = tuple(t for t in self.timelines if t.origin_tick < at_tick)
        return TempoMap((*kept, line.with_tempo(tempo, at_tick)))

    def since(self, tick: int) -> TempoMap:
        """The map without the lines that ended before `tick`."""
        index = max(0, bisect_right(self.timelines, tick, key=_origin_tick) - 1)
        return TempoMap(self.timelines[index:])
