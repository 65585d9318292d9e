"""What plays, as one frozen value.

It must never hold anything that can't be written down: events are a function of this state and the tick, so whoever
has the state (the engine, a panel that predicts it, an engine that took over) makes the same music of it.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import NamedTuple

from panel.music.meter import Place
from panel.music.pattern import Pattern
from panel.music.practice import NOTHING, Practice
from panel.music.song import AS_USUAL, Part
from panel.music.tempo import DEFAULT_MICRO_BPM, TempoMap, Timeline, quarter_tempo

DEFAULT_GATE_MS = 60
AS_STORED = 1_000_000_000  # a stretch that changes nothing

_origin_tick = attrgetter("origin_tick")


class Voice(NamedTuple):
    """The sound of a role: a MIDI note on a channel (1 to 16), at a level of 0 to 100 percent."""

    role: str
    note: int
    channel: int
    level: int = 100


class Section(NamedTuple):
    """A part in its place: from `origin_tick` on, its first bar numbered `bar`; it plays until the next section.

    It lasts `bars` bars (0: until the drummer says so), which are the part's own unless the drummer cut them short.
    `song_bar` is the bar of the run at which its song began. Where it varies what played before it, bars are counted
    from `phrase_bar` for what comes every so many of them (0: from its own first).
    """

    origin_tick: int
    bar: int
    part: Part
    bars: int = 0
    song_bar: int = 1
    phrase_bar: int = 0

    @property
    def pattern(self) -> Pattern:
        """What it plays."""
        return self.part.pattern

    @property
    def end_bar(self) -> int:
        """The bar before which it ends, 0 where the drummer says when."""
        return self.bar + self.bars if self.bars else 0

    def tick_of(self, bar: int) -> int:
        """Where bar `bar` begins."""
        return self.origin_tick + (bar - self.bar) * self.part.pattern.meter.bar_ticks

    def place_of(self, tick: int) -> Place:
        """The bar that holds `tick`; ticks before the section count backwards through its meter."""
        meter = self.part.pattern.meter
        bars, rest = divmod(tick - self.origin_tick, meter.bar_ticks)
        return Place(self.bar + bars, rest, meter)


class PlayerState(NamedTuple):
    """All that plays. Ticks count from bar 1 of a run, a count-in lies before 0; times are CLOCK_MONOTONIC.

    `parts` are those of the song that is loaded (none in free play), `ahead` those that have no place yet, because one
    before them lasts until the drummer says so. `beat_micro_bpm` is the tempo that the drummer set, in beats of the
    pattern; parts with a tempo of their own play at that times `stretch`, in parts per billion: the drummer's nudge.
    `levels` are percents for LEVELS (one, beat, eighth, triplet, sixteenth). `fill_first` to `fill_last` are the bars
    whose fill was asked for; in free play every `fill_every`-th has one, and `end_bar` is the bar before which the run
    ends by itself (0: never). `practice` counts from `practice_bar`, its ramp from `practice_from` micro-BPM.
    `began_ns` is when bar 1 began. `run` counts the starts, `revision` the changes.
    """

    sections: tuple[Section, ...]
    tempo_map: TempoMap
    beat_micro_bpm: int = DEFAULT_MICRO_BPM
    stretch: int = AS_STORED
    playing: bool = False
    run: int = 0
    revision: int = 0
    parts: tuple[Part, ...] = ()
    ahead: tuple[Part, ...] = ()
    fill_first: int = 0
    fill_last: int = -1
    fill_every: int = 0
    end_bar: int = 0
    practice: Practice = NOTHING
    practice_bar: int = 1
    practice_from: int = DEFAULT_MICRO_BPM
    began_ns: int = 0
    muted: bool = False
    voices: tuple[Voice, ...] = ()
    levels: tuple[int, ...] = AS_USUAL
    gate_ms: int = DEFAULT_GATE_MS
    clock: bool = False

    @property
    def first_tick(self) -> int:
        """Where the run begins: 0, or before it where there is a count-in."""
        return self.sections[0].origin_tick if self.playing else 0

    @property
    def first_part(self) -> Part:
        """What a start begins with: the song's first part, else the pattern that was chosen last."""
        return self.parts[0] if self.parts else self.sections[-1].part

    @property
    def chosen(self) -> Pattern:
        """The pattern of that; while playing it may still wait for its bar line."""
        return self.first_part.pattern

    def index_at(self, tick: int) -> int:
        """Which of the sections holds `tick`; the first one for whatever lies before it."""
        return max(0, bisect_right(self.sections, tick, key=_origin_tick) - 1)

    def section_at(self, tick: int) -> Section:
        """The section that holds `tick`."""
        return self.sections[self.index_at(tick)]

    def sounding_at(self, ns: int) -> Section:
        """The section that sounds at `ns`."""
        return self.section_at(self.tempo_map.tick_at(ns))

    def section_of(self, bar: int) -> Section:
        """The section that holds bar `bar`; the first one for whatever lies before it."""
        return next((s for s in reversed(self.sections) if s.bar <= bar), self.sections[0])

    def place_of(self, tick: int) -> Place:
        """The bar that holds `tick`."""
        return self.section_at(tick).place_of(tick)

    def place_at(self, ns: int) -> Place:
        """The bar and beat that sound at `ns`."""
        return self.place_of(self.tempo_map.tick_at(ns))

    def next_bar_line(self, tick: int) -> int:
        """The first bar line after `tick`."""
        at = self.index_at(tick)
        place = self.sections[at].place_of(tick)
        line = tick - place.tick + place.meter.bar_ticks
        return min([line, *(s.origin_tick for s in self.sections[at : at + 2] if s.origin_tick > tick)])

    def fills(self, section: Section, bar: int) -> bool:
        """Whether bar `bar` plays the fill, in that section."""
        if self.fill_first <= bar <= self.fill_last or (section.part.fill_last and bar + 1 == section.end_bar):
            return True
        every = section.part.fill_every if section.part.song else self.fill_every
        return bool(every and bar >= 1 and (bar - (section.phrase_bar or section.bar) + 1) % every == 0)

    def is_silent(self, bar: int) -> bool:
        """Whether practice keeps bar `bar` silent."""
        return self.practice.silences(bar - self.practice_bar)

    @property
    def end_tick(self) -> int | None:
        """The tick before which the run ends, None where it goes on."""
        if self.end_bar:
            return self.section_of(self.end_bar).tick_of(self.end_bar)
        last = self.sections[-1]
        return None if self.ahead or not last.end_bar else last.tick_of(last.end_bar)


def stopped_state(pattern: Pattern, beat_micro_bpm: int, now_ns: int) -> PlayerState:
    """A box at rest with a pattern and a tempo."""
    tempo = quarter_tempo(beat_micro_bpm, pattern.beat_ticks)
    return PlayerState((Section(0, 1, Part(pattern)),), TempoMap((Timeline(tempo, 0, now_ns),)), beat_micro_bpm)
