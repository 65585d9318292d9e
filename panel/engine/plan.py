"""Parts of a song laid out in time: where each begins, and at which tempo every tick of it plays.

It must never move what has sounded, nor the beat that sounds: whatever is planned anew begins behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

from panel.engine.state import AS_STORED, PlayerState, Section
from panel.music.ramp import Span, Step, even_steps, practice_steps
from panel.music.song import Part
from panel.music.tempo import NEVER, TICKS_PER_QUARTER, TempoMap, Timeline, clamp_micro_bpm, quarter_tempo

MAX_TIMELINES = 200
_MOST_STEPS = 96  # of all ramps that are still to come
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
    here = state.section_at(tick)
    at, pattern = state.sections.index(here), here.pattern
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
    if not _is_stored(state, section):
        return 0
    return _step_at(_steps(state._replace(stretch=AS_STORED), section, _MOST_STEPS), tick).micro_bpm


def micro_bpm_at(state: PlayerState, tick: int) -> int:
    """The tempo that is meant at `tick`, in micro-BPM of the beat there; a pull on the phase is no other tempo."""
    return _step_at(_steps(state, state.section_at(tick), _MOST_STEPS), tick).micro_bpm


def retimed(state: PlayerState, now_ns: int, pull_ns: int = 0) -> PlayerState:
    """The state with its tempo map from now on made anew: of the tempo, of the beat that each section counts, of ramps.

    Over the next two beats the grid is pulled to be `pull_ns` later (earlier, below 0). What is over is forgotten, but
    for a quarter note: some notes may still ring, some ports be behind.
    """
    # The first tick that is not over: were it the last one, a faster tempo would put the next into the past.
    here = max(state.tempo_map.tick_at(now_ns - 1) + 1, state.tempo_map.timelines[0].origin_tick)
    past = state.tempo_map.since(here - TICKS_PER_QUARTER).timelines
    lines = [line for line in past if line.origin_tick <= here][-MAX_TIMELINES // 4 :]
    tempos = _tempos(state, here)
    if pull_ns:
        tempos = _pulled(tempos, here, _PULL_BEATS * state.section_at(here).pattern.beat_ticks, pull_ns)
    for tick, tempo in tempos:
        if tempo == lines[-1].tempo:
            continue
        if lines[-1].origin_tick == tick:
            lines[-1] = lines[-1]._replace(tempo=tempo)
        else:
            lines.append(lines[-1].with_tempo(tempo, tick))
    current = state.section_at(here)
    oldest = current.origin_tick - current.pattern.meter.bar_ticks
    sections = tuple(s for s in state.sections if s.origin_tick >= oldest)
    return state._replace(tempo_map=TempoMap(tuple(lines)), sections=sections)


def _is_stored(state: PlayerState, section: Section) -> bool:
    return bool(section.part.micro_bpm or (state.playing and state.practice.ramp_to))


def _steps(state: PlayerState, section: Section, most: int) -> list[Step]:
    """The tempos of a section by the tick in the run, in its beat; the first may lie before it."""
    part = section.part
    if not _is_stored(state, section):
        return [Step(section.origin_tick, state.beat_micro_bpm)]
    if state.playing and state.practice.ramp_to:
        steps, origin = _practised(state, most)
    elif part.to_micro_bpm:
        span = Span(part.micro_bpm, part.to_micro_bpm, part.pattern.beat_ticks)
        length = part.bars * part.pattern.meter.bar_ticks
        steps, origin = even_steps(span, length, part.pattern.count_ticks, most), section.origin_tick
    else:
        steps, origin = [Step(0, part.micro_bpm)], section.origin_tick
    return [Step(origin + tick, _stretched(bpm, state.stretch)) for tick, bpm in steps]


def _stretched(micro_bpm: int, stretch: int) -> int:
    return clamp_micro_bpm((micro_bpm * stretch + AS_STORED // 2) // AS_STORED)


def _practised(state: PlayerState, most: int) -> tuple[list[Step], int]:
    """The steps of the practice's ramp, and the tick where it begins."""
    practice, bar = state.practice, state.practice_bar
    first = next((s for s in reversed(state.sections) if s.bar <= bar), state.sections[0])
    span = Span(state.practice_from, practice.ramp_to, first.pattern.beat_ticks)
    return practice_steps(practice, span, first.pattern.meter.bar_ticks, most), first.tick_of(bar)


def _step_at(steps: list[Step], tick: int) -> Step:
    return steps[max(0, bisect_right(steps, tick, key=_tick) - 1)]


def _tempos(state: PlayerState, here: int) -> list[tuple[int, int]]:
    """[(tick, tempo in quarters)] from `here` on."""
    coming = [state.section_at(here), *(s for s in state.sections if s.origin_tick > here)]
    ramps = sum(bool(section.part.to_micro_bpm) for section in coming)
    most = _MOST_STEPS // max(1, ramps)
    found = []
    for section, end_tick in zip(coming, [*(s.origin_tick for s in coming[1:]), NEVER], strict=True):
        begin = max(here, section.origin_tick)
        steps, beat_ticks = _steps(state, section, max(1, most)), section.pattern.beat_ticks
        found.append((begin, quarter_tempo(_step_at(steps, begin).micro_bpm, beat_ticks)))
        found += [(t, quarter_tempo(bpm, beat_ticks)) for t, bpm in steps if begin < t < end_tick]
    return found


def _pulled(tempos: list[tuple[int, int]], here: int, ticks: int, pull_ns: int) -> list[tuple[int, int]]:
    """The tempos with one in place of all over the next `ticks`, so that what follows lies `pull_ns` later."""
    end = here + ticks
    (_, tempo), after = tempos[0], [item for item in tempos if item[0] > end]
    last = [tempo for tick, tempo in tempos if tick <= end][-1]
    line = Timeline(tempo, here, 0)
    length_ns = line.time_of(end)
    pull_ns = max(-length_ns // _PULL_SHARE, min(length_ns // _PULL_SHARE, pull_ns))
    return [(here, tempo * length_ns // (length_ns + pull_ns)), (end, last), *after]
