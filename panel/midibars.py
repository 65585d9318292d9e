"""Which bars of a MIDI file are taken: those of one meter, from the first hit to the last, or those that are wanted.

It must never take bars of two meters, nor leave any out without a word.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.failure import Failure
from panel.mididrums import Struck
from panel.midiread import Music
from panel.music.meter import Meter
from panel.music.pattern import MAX_BARS
from panel.music.tempo import NEVER, TICKS_PER_WHOLE

MAX_FILE_BARS = 4096
EARLY_TICKS = TICKS_PER_WHOLE // 128  # a hit so early is meant for what follows
CLICKS = 24  # MIDI clocks to the quarter note


class Segment(NamedTuple):
    """Bars of one meter, the first of them numbered `bar`, up to `end_tick`."""

    tick: int
    end_tick: int
    bar: int
    upper: int
    lower: int
    clicks: int

    @property
    def bar_ticks(self) -> int:
        """The length of a bar, whether it can be played or not."""
        return max(1, self.upper * TICKS_PER_WHOLE // self.lower)


class Stretch(NamedTuple):
    """The bars that are taken: `bars` of them from `bar` on, which begins at `tick`."""

    segment: Segment
    meter: Meter
    tick: int
    bar: int
    bars: int

    @property
    def end_tick(self) -> int:
        """Where they end."""
        return self.tick + self.bars * self.meter.bar_ticks


def stretch_of(
    music: Music,
    hits: list[Struck],
    wanted: tuple[int, int] | None,
    source: str,
    early_ticks: int = EARLY_TICKS,
    what: str = "the chart",
) -> tuple[Stretch, list[str]]:
    """The bars to take: those that are wanted, else from the first hit on, which may be so early for its bar; and what
    that leaves out. `what` they are taken for is said there. Raises Failure."""
    segments = _segments(music)
    if wanted:
        segment = [each for each in segments if each.bar <= wanted[0]][-1]
    else:
        segment = [each for each in segments if each.tick <= hits[0].tick + early_ticks][-1]
    try:
        meter = Meter.of(segment.upper, segment.lower)
    except ValueError as error:
        raise Failure(
            f"{source}: its meter in bar {segment.bar} is {segment.upper}/{segment.lower}: {error}"
        ) from error
    first_hit = segment.bar + (hits[0].tick + early_ticks - segment.tick) // meter.bar_ticks
    bar, last = wanted or (first_hit, _last_bar(music, hits, segment, first_hit))
    told = [f"{_bars(1, bar - 1)} empty: {what} begins with bar {bar}"] if bar > 1 and not wanted else []
    if segment.end_tick < NEVER:
        end_bar = segment.bar - (segment.tick - segment.end_tick) // meter.bar_ticks
        if last >= end_bar or (not wanted and hits[-1].tick >= segment.end_tick):
            told.append(f"the meter changes in bar {end_bar}: {what} ends there")
        last = min(last, end_bar - 1)
    if last - bar >= MAX_FILE_BARS:
        last = bar + MAX_FILE_BARS - 1
        told.append(f"what comes after bar {last} is left out")
    return Stretch(segment, meter, segment.tick + (bar - segment.bar) * meter.bar_ticks, bar, last - bar + 1), told


def _segments(music: Music) -> list[Segment]:
    """The meters in order; 4/4 where a file says nothing."""
    changes = [(0, 4, 4, CLICKS)]
    for change in music.meters:
        if changes[-1][0] == change[0]:
            changes[-1] = change
        elif change[1:3] != changes[-1][1:3]:
            changes.append(change)
    found: list[Segment] = []
    for (tick, upper, lower, clicks), after in zip(changes, [*changes[1:], (NEVER,)], strict=True):
        before = found[-1] if found else None
        bar = before.bar - (before.tick - tick) // before.bar_ticks if before else 1
        found.append(Segment(tick, after[0], bar, upper, lower, clicks))
    return found


def _last_bar(music: Music, hits: list[Struck], segment: Segment, first: int) -> int:
    """The bar of the last hit; or, where the track ends with a bar soon after it, that one."""
    last = max(hit.tick for hit in hits if hit.tick < segment.end_tick) + EARLY_TICKS
    by_hit = segment.bar + (last - segment.tick) // segment.bar_ticks
    bars, rest = divmod(music.end_tick - segment.tick, segment.bar_ticks)
    by_end = segment.bar + bars - 1
    return by_end if rest <= music.exact_ticks and by_hit < by_end < first + MAX_BARS else by_hit


def _bars(first: int, last: int) -> str:
    return f"bars {first} to {last} are" if last > first else f"bar {last} is"
