"""A standard MIDI file's drums as bars that were heard: every hit on its step, as loud and as late as it was played.

It must never leave out a hit without a word, nor show more of a spoilt file than one clear line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from panel.failure import Failure
from panel.midibars import stretch_of
from panel.mididrums import Struck, drums_of, times
from panel.midifile import frame_of
from panel.midiread import read_midi
from panel.music.generators.beat import Bar, Grid, grid_of
from panel.music.generators.listening import bars_of, placed, places_of
from panel.music.meter import Meter
from panel.music.pattern import Pattern
from panel.music.tempo import TICKS_PER_SIXTEENTH, TICKS_PER_WHOLE
from panel.profiles import Profile

_TRIPLET_TICKS = TICKS_PER_WHOLE // 24
_MEANT = 2  # so many times nearer triplets must be, for they are finer, before somebody meant them


class Heard(NamedTuple):
    """The bars, all of one grid; a pattern without rows in their meter and tempo; a line for each kind of thing that
    was left out."""

    bars: tuple[Bar, ...]
    grid: Grid
    frame: Pattern
    lost: tuple[str, ...]


def heard_in(raw: bytes, source: str, name: str, profile: Profile, played_to: Pattern | None = None) -> Heard:
    """The drums of a file, from the first hit to the last, in sixteenths, in triplets or, swung as it is, in the steps
    of the pattern that they may have been played to, whichever they are nearest to.

    Raises Failure, in one line, for what is no such file or has no drums.
    """
    music = read_midi(raw, source)
    drums = drums_of(music, profile, source)
    stretch, cut = stretch_of(music, drums.hits, None, source, TICKS_PER_SIXTEENTH // 2, "learning")
    frame, tempo = (played_to, []) if played_to else frame_of(music, stretch, name, source)
    hits = [hit._replace(tick=hit.tick - stretch.tick) for hit in drums.hits]
    grid, swung = _nearest(hits, stretch.meter, frame)
    places = places_of(grid, swung)
    bars = bars_of(hits, _whole_bars(hits, stretch.bars, places), grid, swung)
    if not any(bar.strikes for bar in bars):
        raise Failure(f"{source}: there is no hit in these bars")
    lost = (*cut, *tempo, *drums.roleless, *drums.others, *_not_kept(hits, bars, places), *music.unread)
    return Heard(bars, grid, frame, lost)


def _nearest(hits: list[Struck], meter: Meter, frame: Pattern) -> tuple[Grid, Pattern | None]:
    """The steps, and whose swing they have. How a meter is grouped is in no file: the frame knows it, if it is its."""
    same = frame.meter.bar_ticks == meter.bar_ticks
    meter = frame.meter if same else meter
    tried: list[tuple[Grid, Pattern | None, int]] = [(grid_of(frame), frame, 1)] if same else []
    tried.append((Grid(meter, TICKS_PER_SIXTEENTH), None, 1))
    if meter.bar_ticks % _TRIPLET_TICKS == 0:
        tried.append((Grid(meter, _TRIPLET_TICKS), None, _MEANT))

    def off(grid: Grid, swung: Pattern | None, times_nearer: int) -> int:
        places = places_of(grid, swung)
        return times_nearer * sum(abs(placed(hit.tick, places).late) for hit in hits)

    grid, swung, _ = min(tried, key=lambda each: off(*each))
    return grid, swung


def _whole_bars(hits: list[Struck], bars: int, places: tuple[int, ...]) -> int:
    """How many there are, without a last one of which there is nothing but hits that came early for it."""
    last = bars - 1
    in_it = [hit.tick for hit in hits if placed(hit.tick, places).bars_on == last]
    early = last > 0 and in_it and max(in_it) < last * places[-1]
    return bars - bool(early)


def _not_kept(hits: list[Struck], bars: tuple[Bar, ...], places: tuple[int, ...]) -> Iterator[str]:
    """How many hits are in no bar, or on the step of another."""
    within = sum(0 <= placed(hit.tick, places).bars_on < len(bars) for hit in hits)
    if merged := within - sum(len(strikes) for bar in bars for strikes in bar.strikes.values()):
        yield f"{times(merged)} fell on the step of another, the louder one is kept"
    if beyond := len(hits) - within:
        yield f"{times(beyond)} before or after these {len(bars)} bars {'is' if beyond == 1 else 'are'} left out"
