"""What plays, as one frozen value, and how each command changes it.

It must never hold anything that can't be written down: events are a function of this state and the tick, so whoever
has the state (the engine, a panel that predicts it, an engine that took over) makes the same music of it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from panel.music.meter import LEVELS, BarMap, BarSegment, Place
from panel.music.pattern import Pattern, count_in_pattern
from panel.music.tempo import DEFAULT_MICRO_BPM, TICKS_PER_QUARTER, TempoMap, Timeline, clamp_micro_bpm, quarter_tempo

DEFAULT_GATE_MS = 60
MAX_COUNT_IN_BARS = 8
MAX_FILL_BARS = 16
MAX_TIMELINES = 100


class Voice(NamedTuple):
    """The sound of a role: a MIDI note on a channel (1 to 16), at a level of 0 to 100 percent."""

    role: str
    note: int
    channel: int
    level: int = 100


class Section(NamedTuple):
    """A pattern from `origin_tick` on, its first bar numbered `bar`; it plays until the next section."""

    origin_tick: int
    bar: int
    pattern: Pattern


class PlayerState(NamedTuple):
    """All that plays. Ticks count from bar 1 of a run, a count-in lies before 0; times are CLOCK_MONOTONIC.

    `beat_micro_bpm` is the tempo on the screen, in beats of the pattern. `levels` are percents for LEVELS (one, beat,
    eighth, triplet, sixteenth). `fill_first` to `fill_last` are the bars that play the fill, `end_bar` the bar before
    which the run ends by itself (0: never). `run` counts the starts, `revision` the changes.
    """

    sections: tuple[Section, ...]
    tempo_map: TempoMap
    beat_micro_bpm: int = DEFAULT_MICRO_BPM
    playing: bool = False
    run: int = 0
    revision: int = 0
    fill_first: int = 0
    fill_last: int = -1
    end_bar: int = 0
    muted: bool = False
    voices: tuple[Voice, ...] = ()
    levels: tuple[int, ...] = (100,) * len(LEVELS)
    gate_ms: int = DEFAULT_GATE_MS
    clock: bool = False

    @property
    def bar_map(self) -> BarMap:
        """Where the bar lines are."""
        return BarMap(tuple(BarSegment(s.origin_tick, s.bar, s.pattern.meter) for s in self.sections))

    @property
    def first_tick(self) -> int:
        """Where the run begins: 0, or before it where there is a count-in."""
        return self.sections[0].origin_tick if self.playing else 0

    @property
    def chosen(self) -> Pattern:
        """The pattern that was chosen last; while playing it may still wait for its bar line."""
        return self.sections[-1].pattern

    def section_at(self, tick: int) -> Section:
        """The section that holds `tick`; the first one for whatever lies before it."""
        return next((s for s in reversed(self.sections) if s.origin_tick <= tick), self.sections[0])

    def place_at(self, ns: int) -> Place:
        """The bar and beat that sound at `ns`."""
        return self.bar_map.place_of(self.tempo_map.tick_at(ns))

    def fills(self, bar: int) -> bool:
        """Whether bar `bar` plays the fill."""
        return self.fill_first <= bar <= self.fill_last

    @property
    def end_tick(self) -> int | None:
        """The tick before which the run ends, None where it goes on."""
        if not self.end_bar:
            return None
        last = next((s for s in reversed(self.sections) if s.bar <= self.end_bar), self.sections[0])
        return last.origin_tick + (self.end_bar - last.bar) * last.pattern.meter.bar_ticks


def stopped_state(pattern: Pattern, beat_micro_bpm: int, now_ns: int) -> PlayerState:
    """A box at rest with a pattern and a tempo."""
    tempo = quarter_tempo(beat_micro_bpm, pattern.beat_ticks)
    return PlayerState((Section(0, 1, pattern),), TempoMap((Timeline(tempo, 0, now_ns),)), beat_micro_bpm)


def start(state: PlayerState, now_ns: int, reach_ns: int, count_in: int = 0, bars: int = 0) -> PlayerState:
    """Start from bar 1 after `count_in` bars of counting, and end after `bars` bars (0: go on for ever).

    `reach_ns` is the first moment that every port can still play: the first beat lies there.
    """
    pattern = state.chosen
    sections = [Section(0, 1, pattern)]
    first = -count_in * pattern.meter.bar_ticks
    if count_in:
        sections.insert(0, Section(first, 1 - count_in, count_in_pattern(pattern.meter, pattern.beat_ticks)))
    line = Timeline(quarter_tempo(state.beat_micro_bpm, pattern.beat_ticks), first, reach_ns)
    return state._replace(
        playing=True,
        run=state.run + 1,
        sections=tuple(sections),
        tempo_map=TempoMap((line,)),
        fill_first=0,
        fill_last=-1,
        end_bar=bars + 1 if bars else 0,
    )


def stop(state: PlayerState, now_ns: int, reach_ns: int) -> PlayerState:
    """Stop at once, and let go of the mute: START is one press from silence, always.

    Time goes on underneath, for receivers that follow the clock while stopped.
    """
    sections = (Section(0, 1, state.chosen),)
    stopped = state._replace(playing=False, muted=False, sections=sections, fill_first=0, fill_last=-1, end_bar=0)
    return _retimed(stopped, now_ns)


def set_tempo(state: PlayerState, now_ns: int, reach_ns: int, micro_bpm: int) -> PlayerState:
    """Another tempo from now on, in micro-BPM of the beat; the beat that sounds does not move."""
    return _retimed(state._replace(beat_micro_bpm=clamp_micro_bpm(micro_bpm)), now_ns)


def set_pattern(
    state: PlayerState,
    now_ns: int,
    reach_ns: int,
    pattern: Pattern,
    when: Literal["bar", "now"] = "bar",
    micro_bpm: int = 0,
) -> PlayerState:
    """Another pattern, at the next bar line or now; stopped, it is simply chosen. `micro_bpm` sets a tempo with it.

    "now" keeps the bar where the meters agree, else a new bar begins on the next beat. A pattern that was chosen
    before and still waits for its bar line is dropped; to choose the one that sounds is to go on with it. A fill that
    was asked for belongs to the pattern that sounds: the next one waits for its end.
    """
    if micro_bpm:
        state = state._replace(beat_micro_bpm=clamp_micro_bpm(micro_bpm))
    if not state.playing:
        return _retimed(state._replace(sections=(Section(0, 1, pattern),)), now_ns)
    sections = _with_section(state, reach_ns, pattern, when)
    return _retimed(state._replace(sections=sections), now_ns)


def _with_section(state: PlayerState, reach_ns: int, pattern: Pattern, when: str) -> tuple[Section, ...]:
    tick = max(state.tempo_map.tick_at(reach_ns), state.first_tick)
    here, place = state.section_at(tick), state.bar_map.place_of(tick)
    bar_start = tick - place.tick
    if place.bar < 1:  # counting in: what was counted for is replaced
        line, bar = 0, 1
    elif when == "now" and pattern.meter == place.meter:
        line, bar = bar_start, place.bar
    elif when == "now":
        units = -(-place.tick // place.meter.unit_ticks)
        line, bar = bar_start + units * place.meter.unit_ticks, place.bar + (units > 0)
    elif pattern == here.pattern:
        return tuple(s for s in state.sections if s.origin_tick <= here.origin_tick)
    else:
        bar = max(place.bar, state.fill_last if here.pattern.fill else 0) + 1
        line = bar_start + (bar - place.bar) * place.meter.bar_ticks
    kept = tuple(s for s in state.sections if s.origin_tick <= here.origin_tick and s.origin_tick < line)
    return (*kept, Section(line, bar, pattern))


def fill(state: PlayerState, now_ns: int, reach_ns: int, bars: int = 1) -> PlayerState:
    """Play the fill for `bars` bars from the next bar line; asked for again before its end, it grows by as many.

    0 takes back what has not begun. Stopped, nothing happens.
    """
    if not state.playing:
        return state
    bar = max(0, state.place_at(reach_ns).bar)
    if bars == 0:
        return state._replace(fill_last=min(state.fill_last, bar))
    if state.fill_last >= bar:
        return state._replace(fill_last=min(state.fill_last + bars, bar + MAX_FILL_BARS))
    return state._replace(fill_first=bar + 1, fill_last=bar + bars)


def mute(state: PlayerState, now_ns: int, reach_ns: int, on: bool) -> PlayerState:
    """Silence the notes, not the time."""
    return state._replace(muted=on)


def set_voices(state: PlayerState, now_ns: int, reach_ns: int, voices: tuple[Voice, ...]) -> PlayerState:
    """What each role sounds like; a role without a voice is silent."""
    return state._replace(voices=voices)


def set_levels(state: PlayerState, now_ns: int, reach_ns: int, levels: tuple[int, ...]) -> PlayerState:
    """How loud each metric level is, in percent, in the order of LEVELS."""
    return state._replace(levels=levels)


def set_gate(state: PlayerState, now_ns: int, reach_ns: int, gate_ms: int) -> PlayerState:
    """How long a note is held."""
    return state._replace(gate_ms=gate_ms)


def set_clock(state: PlayerState, now_ns: int, reach_ns: int, on: bool) -> PlayerState:
    """Whether MIDI clock, Start and Stop go out."""
    return state._replace(clock=on)


def _retimed(state: PlayerState, now_ns: int) -> PlayerState:
    """The tempo map from now on, made of the tempo and of the beat that each section counts.

    What is over is forgotten, but for a quarter note: some notes may still ring, some ports be behind.
    """
    # The first tick that is not over: were it the last one, a faster tempo would put the next into the past.
    here = max(state.tempo_map.tick_at(now_ns - 1) + 1, state.tempo_map.timelines[0].origin_tick)
    past = state.tempo_map.since(here - TICKS_PER_QUARTER).timelines
    timed = TempoMap(tuple(t for t in past if t.origin_tick <= here)[-MAX_TIMELINES // 2 :])
    current = state.section_at(here)
    for at_tick, section in [(here, current), *((s.origin_tick, s) for s in state.sections if s.origin_tick > here)]:
        tempo = quarter_tempo(state.beat_micro_bpm, section.pattern.beat_ticks)
        if tempo != timed.tempo_at(at_tick):
            timed = timed.with_tempo(tempo, at_tick)
    oldest = current.origin_tick - current.pattern.meter.bar_ticks
    sections = tuple(s for s in state.sections if s.origin_tick >= oldest)
    return state._replace(tempo_map=timed, sections=sections)
