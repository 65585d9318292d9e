"""Parts of a song laid out in time: where each begins, and at which tempo every tick of it plays.

It must never move what has sounded, nor the beat that sounds: whatever is planned anew begins behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from panel.engine.state import AS_STORED, PlayerState, Section
from panel.music.ramp import Span, Step, even_steps, practice_steps
from panel.music.song import Part
from panel.music.tempo import NEVER, TICKS_PER_QUARTER, TempoMap, Timeline, clamp_micro_bpm, quarter_tempo

MAX_TIMELINES = 200
_MOST_PAST = 40  # lines of the past quarter note that are kept
_MOST_COMING = 20  # lines, and sections, that are laid out: four seconds of the fastest ramp
_FEW_COMING = 8  # with so many left it is time to lay on
MAX_STEPS = 96  # of a ramp
_PULL_BEATS = 2  # a phase is pulled over so many
_PULL_SHARE = 8  # by no more than an eighth of their time

_tick = attrgetter("tick")


def laid_out(state: PlayerState) -> PlayerState:
    """The state with a place for every part whose beginning is known: all up to one that lasts until it is told."""
    sections, ahead = list(state.sections), list(state.ahead)
    while ahead and sections[-1].end_bar:
        last, part = sections[-1], ahead.pop(0)
        bar = last.end_bar
        song_bar = last.song_bar if part.song == last.part.song else bar
        sections.append(Section(last.tick_of(bar), bar, part, part.bars, song_bar))
    return state._replace(sections=tuple(sections), ahead=tuple(ahead))


def placed(state: PlayerState, here: Section, section: Section, ahead: tuple[Part, ...] = ()) -> PlayerState:
    """The state with `section` in place of all that was to come after `here`, and `ahead` behind it."""
    end_tick = min(here.origin_tick + 1, section.origin_tick)
    kept = tuple(s for s in state.sections if s.origin_tick < end_tick)
    return laid_out(state._replace(sections=(*kept, section), ahead=ahead))


def following(state: PlayerState, section: Section) -> tuple[Part, ...]:
    """The parts behind `section`, placed or not."""
    at = state.sections.index(section)
    return (*(later.part for later in state.sections[at + 1 :]), *state.ahead)


def shifted(state: PlayerState, tick: int, ticks: int) -> PlayerState:
    """The music that plays at `tick`, and all that comes behind it, moved by `ticks`.

    A section that would begin behind `tick` is begun as many rounds of its pattern earlier as that takes.
    """
    at = state.index_at(tick)
    here, pattern = state.sections[at], state.sections[at].pattern
    rounds = max(0, -(-(here.origin_tick + ticks - tick) // pattern.length_ticks))
    bars = rounds * pattern.bars
    begun = here._replace(
        origin_tick=here.origin_tick + ticks - rounds * pattern.length_ticks,
        bar=here.bar - bars,
        bars=here.bars and here.bars + bars,
    )
    kept = [s for s in state.sections[:at] if s.origin_tick < begun.origin_tick and s.bar <= begun.bar]
    later = [s._replace(origin_tick=s.origin_tick + ticks) for s in state.sections[at + 1 :]]
    return state._replace(sections=(*kept, begun, *later))


def stored_micro_bpm_at(state: PlayerState, tick: int) -> int:
    """The tempo that is written down for `tick`, in micro-BPM of the beat there, before any nudge; 0 in free play."""
    section = state.section_at(tick)
    return _course(state, section)._replace(stretch=AS_STORED).at(tick) if _is_stored(state, section) else 0


def micro_bpm_at(state: PlayerState, tick: int) -> int:
    """The tempo that is meant at `tick`, in micro-BPM of the beat there; a pull on the phase is no other tempo."""
    return _course(state, state.section_at(tick)).at(tick)


def retimed(state: PlayerState, now_ns: int, pull_ns: int = 0, most: int = _MOST_COMING) -> PlayerState:
    """The state with its tempo map from now on made anew: of the tempo, of the beat that each section counts, of ramps.

    Over the next two beats the grid is pulled to be `pull_ns` later (earlier, below 0). What is over is forgotten, but
    for a quarter note: some notes may still ring, some ports be behind. `most` lines or sections are laid out:
    `laid_on` goes on behind them.
    """
    here = _first_tick_left(state, now_ns)
    lines = [line for line in _past(state.tempo_map, here) if line.origin_tick <= here]
    tempos = _tempos(state, here, most)
    if pull_ns:
        tempos = _pulled(tempos, here, _PULL_BEATS * state.section_at(here).pattern.beat_ticks, pull_ns)
    return state._replace(tempo_map=_with_tempos(lines, tempos), sections=_sections_left(state, here))


def retimed_after(before: PlayerState, after: PlayerState, now_ns: int) -> PlayerState:
    """The state `after`, which is `before` but for its sections: where these have the same tempos all that was laid out
    stays, a pull on its way too."""
    anew = retimed(after, now_ns)
    same = anew.tempo_map == retimed(before, now_ns).tempo_map
    return anew._replace(tempo_map=before.tempo_map) if same else anew


def laid_on(state: PlayerState, now_ns: int) -> PlayerState:
    """The state with its tempo map laid out further where little of it is left, else the very same state.

    The map of a long song ends before the song does; to be asked every second. Nothing that is laid out moves.
    """
    here, tempo_map = _first_tick_left(state, now_ns), state.tempo_map
    if len(tempo_map.since(here).timelines) > _FEW_COMING:
        return state
    last_tick = tempo_map.timelines[-1].origin_tick
    tempos = [item for item in _tempos(state, max(here, last_tick), _MOST_COMING) if item[0] > last_tick]
    if all(tempo == tempo_map.timelines[-1].tempo for _, tempo in tempos):
        return state
    return state._replace(tempo_map=_with_tempos(_past(tempo_map, here), tempos))


def _first_tick_left(state: PlayerState, now_ns: int) -> int:
    """The first tick that is not over: were it the last one, a faster tempo would put the next into the past."""
    return max(state.tempo_map.tick_at(now_ns - 1) + 1, state.tempo_map.timelines[0].origin_tick)


def _past(tempo_map: TempoMap, here: int) -> list[Timeline]:
    """The lines from a quarter note before `here` on."""
    lines = tempo_map.since(here - TICKS_PER_QUARTER).timelines
    over = sum(line.origin_tick <= here for line in lines)
    return list(lines[max(0, over - _MOST_PAST) :])


def _with_tempos(lines: list[Timeline], tempos: list[tuple[int, int]]) -> TempoMap:
    """A map of `lines`, and of what comes: [(tick, tempo in quarters)] from the last one's origin on."""
    for tick, tempo in tempos:
        if tempo == lines[-1].tempo:
            continue
        if lines[-1].origin_tick == tick:
            lines[-1] = lines[-1]._replace(tempo=tempo)
        else:
            lines.append(lines[-1].with_tempo(tempo, tick))
    return TempoMap(tuple(lines))


def _sections_left(state: PlayerState, here: int) -> tuple[Section, ...]:
    """The sections without those that are long over, but for the one in which a practice's ramp has its beginning."""
    current = state.section_at(here)
    oldest = current.origin_tick - current.pattern.meter.bar_ticks
    ramp = state.section_of(state.practice_bar) if state.practice.ramp_to else None
    return tuple(s for s in state.sections if s.origin_tick >= oldest or s is ramp)


def _is_stored(state: PlayerState, section: Section) -> bool:
    return bool(section.part.micro_bpm or (state.playing and state.practice.ramp_to))


class _Course(NamedTuple):
    """The tempos of a section: steps, by the tick from `origin_tick`, in micro-BPM of its beat, stretched."""

    steps: tuple[Step, ...]
    origin_tick: int
    stretch: int = AS_STORED

    def at(self, tick: int) -> int:
        """The tempo at `tick`; before the first step, that of the first."""
        step = self.steps[max(0, bisect_right(self.steps, tick - self.origin_tick, key=_tick) - 1)]
        return _stretched(step.micro_bpm, self.stretch)

    def between(self, start_tick: int, end_tick: int) -> Iterator[tuple[int, int]]:
        """(tick, tempo) of each step with start_tick < tick < end_tick."""
        for step in self.steps[bisect_right(self.steps, start_tick - self.origin_tick, key=_tick) :]:
            if self.origin_tick + step.tick >= end_tick:
                return
            yield self.origin_tick + step.tick, _stretched(step.micro_bpm, self.stretch)


def _stretched(micro_bpm: int, stretch: int) -> int:
    return clamp_micro_bpm((micro_bpm * stretch + AS_STORED // 2) // AS_STORED)


def _course(state: PlayerState, section: Section) -> _Course:
    part = section.part
    if not _is_stored(state, section):
        return _Course((Step(0, state.beat_micro_bpm),), section.origin_tick)
    if state.playing and state.practice.ramp_to:
        return _practised(state)
    if part.to_micro_bpm:
        span = Span(part.micro_bpm, part.to_micro_bpm, part.pattern.beat_ticks)
        length = part.bars * part.pattern.meter.bar_ticks
        steps = even_steps(span, length, part.pattern.count_ticks, MAX_STEPS)
        return _Course(steps, section.origin_tick, state.stretch)
    return _Course((Step(0, part.micro_bpm),), section.origin_tick, state.stretch)


def _practised(state: PlayerState) -> _Course:
    """The practice's ramp."""
    practice, first = state.practice, state.section_of(state.practice_bar)
    span = Span(state.practice_from, practice.ramp_to, first.pattern.beat_ticks)
    steps = practice_steps(practice, span, first.pattern.meter.bar_ticks, MAX_STEPS)
    return _Course(steps, first.tick_of(state.practice_bar), state.stretch)


def _tempos(state: PlayerState, here: int, most: int) -> list[tuple[int, int]]:
    """[(tick, tempo in quarters)] from `here` on: of at most `most` sections, and no more than `most` steps."""
    at = state.index_at(here)
    coming = state.sections[at : at + most + 1]
    found: list[tuple[int, int]] = []
    for number, section in enumerate(coming[:most], 1):
        end_tick = coming[number].origin_tick if number < len(coming) else NEVER
        begin = max(here, section.origin_tick)
        course, beat_ticks = _course(state, section), section.pattern.beat_ticks
        found.append((begin, quarter_tempo(course.at(begin), beat_ticks)))
        found += [(tick, quarter_tempo(bpm, beat_ticks)) for tick, bpm in course.between(begin, end_tick)]
        if len(found) >= most:
            break
    return found[:most]


def _pulled(tempos: list[tuple[int, int]], here: int, ticks: int, pull_ns: int) -> list[tuple[int, int]]:
    """The tempos with one in place of all over the next `ticks`, so that what follows lies `pull_ns` later."""
    end = here + ticks
    (_, tempo), after = tempos[0], [item for item in tempos if item[0] > end]
    last = [tempo for tick, tempo in tempos if tick <= end][-1]
    line = Timeline(tempo, here, 0)
    length_ns = line.time_of(end)
    pull_ns = max(-length_ns // _PULL_SHARE, min(length_ns // _PULL_SHARE, pull_ns))
    return [(here, tempo * length_ns // (length_ns + pull_ns)), (end, last), *after]
