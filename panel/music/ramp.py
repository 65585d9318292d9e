"""A tempo that changes evenly: as steps, each a tempo from a tick on.

It must never take more steps than it is allowed: each is a line in the map that engine and panel share.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from panel.music.practice import Practice
from panel.music.tempo import MICRO, NS_PER_MINUTE

_NS_MICRO_PER_MINUTE = NS_PER_MINUTE * MICRO


class Step(NamedTuple):
    """From `tick` on the tempo is `micro_bpm`, in micro-BPM of the beat."""

    tick: int
    micro_bpm: int


class Span(NamedTuple):
    """From one tempo to another, in micro-BPM of a beat of `beat_ticks`."""

    from_micro_bpm: int
    to_micro_bpm: int
    beat_ticks: int

    def at(self, part: int, whole: int) -> int:
        """The tempo `part` of `whole` of the way."""
        return self.from_micro_bpm + (self.to_micro_bpm - self.from_micro_bpm) * part // whole


@lru_cache(maxsize=16)  # asked for with every frame and every command: as many as a song may have of them
def even_steps(span: Span, length_ticks: int, step_ticks: int, most: int) -> tuple[Step, ...]:
    """At most `most` steps over `length_ticks`, each on a multiple of `step_ticks`.

    The first is the span's own beginning; its end would be reached at the end of the length.
    """
    beats = max(1, length_ticks // step_ticks)
    every = -(-beats // most)
    return tuple(Step(beat * step_ticks, span.at(beat, beats)) for beat in range(0, beats, every))


@lru_cache(maxsize=2)  # as above
def practice_steps(practice: Practice, span: Span, bar_ticks: int, most: int) -> tuple[Step, ...]:
    """The steps of a practice's ramp on bar lines, its end included, from tick 0 on; with the way back where it has
    one."""
    most = max(1, most // (2 if practice.ramp_back else 1) - 1)
    if practice.ramp_minutes:
        up = _timed_steps(practice.ramp_minutes * NS_PER_MINUTE, span, bar_ticks, most)
    else:
        bars = max(1, practice.ramp_bars)
        up = [*even_steps(span, bars * bar_ticks, bar_ticks, most), Step(bars * bar_ticks, span.to_micro_bpm)]
    return tuple(up + _way_back(up) if practice.ramp_back else up)


def _timed_steps(length_ns: int, span: Span, bar_ticks: int, most: int) -> list[Step]:
    """Steps of about equal time, each a whole number of bars at its own tempo."""
    steps, tick, elapsed_ns = list[Step](), 0, 0
    while elapsed_ns < length_ns:
        tempo = span.at(elapsed_ns, length_ns)
        steps.append(Step(tick, tempo))
        bar_ns = bar_ticks * _NS_MICRO_PER_MINUTE // (tempo * span.beat_ticks)
        bars = max(1, -(-length_ns // (most * bar_ns)))
        tick, elapsed_ns = tick + bars * bar_ticks, elapsed_ns + bars * bar_ns
    return [*steps, Step(tick, span.to_micro_bpm)]


def _way_back(up: list[Step]) -> list[Step]:
    """The same steps down again: each tempo for as long as on the way up, the top for as long as the step before it."""
    lengths = [later.tick - step.tick for step, later in pairwise(up)]
    tick = up[-1].tick + lengths[-1]
    back = []
    for step, length in zip(reversed(up[:-1]), reversed(lengths), strict=True):
        back.append(Step(tick, step.micro_bpm))
        tick += length
    return back
