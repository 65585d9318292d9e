"""How each command changes what plays: from one PlayerState to the next, `reach_ns` being the first moment that every
port can still play.

It must never look at a clock or raise for what a drummer may press: what means nothing now changes nothing.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Literal

from panel.engine.plan import (
    following,
    forgotten,
    laid_out,
    micro_bpm_at,
    placed,
    retimed,
    shifted,
    stored_micro_bpm_at,
)
from panel.engine.state import AS_STORED, PlayerState, Section, Voice
from panel.music.meter import Place
from panel.music.pattern import COUNT, Pattern, count_in_pattern
from panel.music.practice import NOTHING, Practice
from panel.music.song import MAX_PARTS, Part
from panel.music.tempo import TICKS_PER_QUARTER, TempoMap, Timeline, clamp_micro_bpm, quarter_tempo

MAX_COUNT_IN_BARS = 8
MAX_FILL_BARS = 16
MAX_REPEATS = 99
MAX_AHEAD_NS = 10_000_000_000  # of a start that is to come: taps count off two seconds, at most
MAX_PLANNED = 500  # parts that a start lays out: a long song is repeated less often
MAX_KEPT_PARTS = 2 * MAX_PARTS  # of a song and of the one that it goes on into
_EIGHTH_TICKS = TICKS_PER_QUARTER // 2


def start(
    state: PlayerState,
    now_ns: int,
    reach_ns: int,
    count_in: int = 0,
    count_role: str = COUNT,
    bars: int = 0,
    repeats: int = 1,
    at_ns: int = 0,
    practice: Practice = NOTHING,
) -> PlayerState:
    """Start from bar 1 after `count_in` bars of counting by `count_role` ("": silent), at `at_ns` or as soon as may be.

    A song is played `repeats` times, as often as MAX_PLANNED parts allow; a pattern for `bars` bars (0: until it is
    stopped), or `repeats` times if those are more than one.
    """
    part = state.first_part
    first = -count_in * part.pattern.meter.bar_ticks
    bars = bars or (part.pattern.bars * repeats if repeats > 1 else 0)
    sections = [Section(0, 1, part, part.bars)]
    if count_in:
        counting = _count_in(part, count_in, count_role)
        sections.insert(0, Section(first, 1 - count_in, counting, count_in))
    line = Timeline(quarter_tempo(_first_micro_bpm(state), part.pattern.beat_ticks), first, _moment(at_ns, reach_ns))
    started = state._replace(
        playing=True,
        run=state.run + 1,
        sections=tuple(sections),
        ahead=(state.parts * repeats)[1:MAX_PLANNED],
        tempo_map=TempoMap((line,)),
        fill_first=0,
        fill_last=-1,
        end_bar=bars + 1 if bars and not state.parts else 0,
        practice=_unstretched(practice, state),
        practice_bar=1,
        practice_from=_as_stored(_first_micro_bpm(state), state.stretch),
    )
    timed = retimed(laid_out(started), line.origin_ns)
    return timed._replace(began_ns=timed.tempo_map.time_of(0))


def _moment(at_ns: int, reach_ns: int) -> int:
    """When to begin: at the moment that was asked for, if that can still be had and is no mistake."""
    return at_ns if reach_ns <= at_ns <= reach_ns + MAX_AHEAD_NS else reach_ns


def _count_in(part: Part, bars: int, role: str) -> Part:
    counted = count_in_pattern(part.pattern.meter, part.pattern.beat_ticks, role)
    return Part(counted, bars, part.micro_bpm, name=counted.name, song=part.song)


def _unstretched(practice: Practice, state: PlayerState) -> Practice:
    """The practice with a ramp that the drummer's nudge takes to where it is to go: it stretches whatever is stored."""
    return practice._replace(ramp_to=practice.ramp_to and _as_stored(practice.ramp_to, state.stretch))


def _as_stored(micro_bpm: int, stretch: int) -> int:
    return clamp_micro_bpm((micro_bpm * AS_STORED + stretch // 2) // stretch)


def _first_micro_bpm(state: PlayerState) -> int:
    """The tempo at which a start would begin."""
    stopped = state._replace(playing=False, sections=(Section(0, 1, state.first_part),))
    return micro_bpm_at(stopped, 0)


def stop(state: PlayerState, now_ns: int, reach_ns: int) -> PlayerState:
    """Stop at once, end the practice, and let go of the mute: START is one press from silence, always.

    The song that sounds stands at its beginning again. Time goes on underneath, for receivers that follow the clock
    while stopped.
    """
    song = state.sounding_at(now_ns).part.song
    parts = tuple(part for part in state.parts if part.song == song) or state.parts
    first = parts[0] if parts else state.first_part
    stopped = state._replace(
        playing=False,
        muted=False,
        sections=(Section(0, 1, first),),
        parts=parts,
        ahead=(),
        fill_first=0,
        fill_last=-1,
        end_bar=0,
        practice=NOTHING,
        stretch=state.stretch if parts else AS_STORED,
    )
    return retimed(stopped, now_ns)


def set_tempo(state: PlayerState, now_ns: int, reach_ns: int, micro_bpm: int) -> PlayerState:
    """Another tempo from now on, in micro-BPM of the beat; the beat that sounds does not move.

    Where the tempo is written down, in a song or a ramp, all that is still to come is stretched as much.
    """
    wanted = clamp_micro_bpm(micro_bpm)
    stored = stored_micro_bpm_at(state, state.tempo_map.tick_at(now_ns) if state.playing else 0)
    if stored:
        if not state.parts and not state.practice.ramp_to:  # a song was left for a pattern that waits for its bar line
            state = state._replace(beat_micro_bpm=wanted)
        return retimed(state._replace(stretch=(wanted * AS_STORED + stored // 2) // stored), now_ns)
    return retimed(state._replace(beat_micro_bpm=wanted), now_ns)


def pull(state: PlayerState, now_ns: int, reach_ns: int, ns: int) -> PlayerState:
    """Let the grid be `ns` later (earlier, below 0) two beats from now, by no more than an eighth of that time."""
    return retimed(state, now_ns, ns) if state.playing else state


def set_pattern(
    state: PlayerState,
    now_ns: int,
    reach_ns: int,
    pattern: Pattern,
    when: Literal["bar", "now"] = "bar",
    micro_bpm: int = 0,
) -> PlayerState:
    """Another pattern, freely, at the next bar line or now; stopped, it is simply chosen. `micro_bpm` sets a tempo
    with it.

    "now" keeps the bar where the meters agree, else a new bar begins on the next beat. A pattern that was chosen
    before and still waits for its bar line is dropped; to choose the one that sounds is to go on with it. A fill that
    was asked for belongs to the pattern that sounds: the next one waits for its end. A song is left, its tempo stays.
    """
    if state.parts:
        tick = state.tempo_map.tick_at(now_ns) if state.playing else 0
        stretch = state.stretch if state.playing else AS_STORED  # what is left of the song's bar keeps its nudge
        state = state._replace(beat_micro_bpm=micro_bpm_at(state, tick), parts=(), stretch=stretch)
    if micro_bpm:
        state = state._replace(beat_micro_bpm=clamp_micro_bpm(micro_bpm))
    part = Part(pattern)
    if not state.playing:
        return retimed(state._replace(sections=(Section(0, 1, part),)), now_ns)
    return retimed(_with_part(state, reach_ns, part, when), now_ns)


def vary(state: PlayerState, now_ns: int, reach_ns: int, pattern: Pattern) -> PlayerState:
    """The bar that follows, freely, in place of what was to follow; stopped, it is what a start begins with.

    As `set_pattern`, but that it is the same music: a fill that was asked for is this one's, the bars after which one
    comes by itself are counted on, and a pull goes on. While a song plays, or is loaded, nothing happens.
    """
    if state.parts:
        return state
    if not state.playing:
        return set_pattern(state, now_ns, reach_ns, pattern)
    _, here, place = _reached(state, reach_ns)
    bar = max(1, place.bar + 1)
    phrase_bar = (here.phrase_bar or here.bar) if place.bar >= 1 else 0
    section = Section(here.tick_of(bar), bar, Part(pattern), phrase_bar=phrase_bar)
    replaced = state.sections[state.sections.index(here) :]
    varied = placed(state, here, section)
    return forgotten(varied, now_ns) if _are_timed_alike(replaced, section) else retimed(varied, now_ns)


def _are_timed_alike(sections: tuple[Section, ...], section: Section) -> bool:
    """Whether sections that are played at the drummer's tempo, or a practice's, have it from the same bars and beats:
    then none has to be made anew, and a tap's pull is not cut short at every bar line."""
    times = {(each.pattern.meter, each.pattern.beat_ticks, each.part.micro_bpm) for each in (*sections, section)}
    return len(times) == 1


def _reached(state: PlayerState, reach_ns: int) -> tuple[int, Section, Place]:
    """The first tick of the run that every port can still play, the section that holds it, and its place there."""
    tick = max(state.tempo_map.tick_at(reach_ns), state.first_tick)
    here = state.section_at(tick)
    return tick, here, here.place_of(tick)


def _with_part(state: PlayerState, reach_ns: int, part: Part, when: str) -> PlayerState:
    """The state with a part from its bar line on, in place of all that was to come."""
    tick, here, place = _reached(state, reach_ns)
    bar_start, unit_ticks = tick - place.tick, place.meter.unit_ticks
    if place.bar < 1:  # counting in: what was counted for is replaced
        line, bar = here.tick_of(1), 1
    elif when == "now" and part.pattern.meter == place.meter:
        line, bar = bar_start, place.bar
    elif when == "now":
        units = -(-place.tick // unit_ticks)
        line, bar = bar_start + units * unit_ticks, place.bar + (units > 0)
    elif part == here.part:
        return state._replace(sections=tuple(s for s in state.sections if s.origin_tick <= here.origin_tick))
    else:
        bar = max(place.bar, state.fill_last if here.pattern.fill and not here.part.song else 0) + 1
        line = here.tick_of(bar)
    return placed(state, here, Section(line, bar, part, part.bars, bar if part.song else 1))


def load_song(state: PlayerState, now_ns: int, reach_ns: int, part: Part) -> PlayerState:
    """A song, of which this is the first part; the others follow by `add_part`. Its tempo is the stored one again.

    Playing, it begins at the next bar line.
    """
    loaded = state._replace(parts=(part,), ahead=(), end_bar=0, stretch=AS_STORED, practice=NOTHING)
    if state.playing:
        return retimed(_with_part(loaded, reach_ns, part, "bar"), now_ns)
    return retimed(loaded._replace(sections=(Section(0, 1, part),)), now_ns)


def add_part(state: PlayerState, now_ns: int, reach_ns: int, part: Part) -> PlayerState:
    """One more part behind all others: of the song that is loaded, or of one that follows without a stop.

    Raises ValueError for more parts than a song and the next one can have.
    """
    over = 0
    if state.playing:
        sounding = state.sounding_at(now_ns).part.song
        over = next((at for at, known in enumerate(state.parts) if known.song == sounding), 0)
    parts = (*state.parts[over:], part)
    if len(parts) > MAX_KEPT_PARTS:
        raise ValueError(f"at most {MAX_KEPT_PARTS} parts are taken")
    if not state.playing:
        return state._replace(parts=parts)
    return retimed(laid_out(state._replace(parts=parts, ahead=(*state.ahead, part))), now_ns)


def go_on(state: PlayerState, now_ns: int, reach_ns: int) -> PlayerState:
    """The section that sounds ends with this bar: the next one follows, or the song ends there.

    A bar line at which that happens anyway is left alone. In free play, and while counting in, nothing happens.
    """
    here = state.sounding_at(now_ns)
    bar = here.place_of(state.tempo_map.tick_at(reach_ns)).bar
    has_begun, ends_anyway = 1 <= here.bar <= bar, here.end_bar and bar + 1 >= here.end_bar
    if not state.playing or not here.part.song or not has_begun or ends_anyway:
        return state
    behind = following(state, here)
    cut = here._replace(bars=bar + 1 - here.bar)
    return retimed(placed(state, here, cut, behind), now_ns)


def let_end(state: PlayerState, now_ns: int, reach_ns: int) -> PlayerState:
    """The song that sounds is the last one: another that was to follow it without a stop is not loaded any more."""
    at = state.index_at(state.tempo_map.tick_at(reach_ns))
    song = state.sections[at].part.song
    parts = tuple(part for part in state.parts if part.song == song)
    if not parts or not song:
        return state
    end = next((n for n, later in enumerate(state.sections) if n > at and later.part.song != song), 0)
    ahead = () if end else tuple(takewhile(lambda part: part.song == song, state.ahead))
    kept = state.sections[: end or None]
    return retimed(state._replace(sections=kept, parts=parts, ahead=ahead), now_ns)


def one(state: PlayerState, now_ns: int, reach_ns: int, at_ns: int) -> PlayerState:
    """What was pressed at `at_ns` was the one: the bar line that is nearer moves to the slip unit nearest to it."""
    if not state.playing:
        return state
    tick = state.tempo_map.tick_at(at_ns)
    place = state.place_of(tick)
    unit = slip_ticks(place)
    later, bar_ticks = (2 * place.tick + unit) // (2 * unit) * unit, place.meter.bar_ticks
    return _slipped(state, now_ns, later if 2 * later <= bar_ticks else later - bar_ticks)


def slip(state: PlayerState, now_ns: int, reach_ns: int, units: int) -> PlayerState:
    """The click later against the bar (earlier, below 0) by eighths, or by what the meter counts in where that is
    shorter."""
    if not state.playing:
        return state
    return _slipped(state, now_ns, units * slip_ticks(state.place_at(now_ns)))


def slip_ticks(place: Place) -> int:
    """By how many ticks the click slips at a time."""
    return min(_EIGHTH_TICKS, place.meter.unit_ticks)


def _slipped(state: PlayerState, now_ns: int, ticks: int) -> PlayerState:
    tick = max(state.tempo_map.tick_at(now_ns), state.first_tick)
    return retimed(shifted(state, tick, ticks), now_ns)


def practise(state: PlayerState, now_ns: int, reach_ns: int, practice: Practice) -> PlayerState:
    """Practise from the next bar line on; Practice() ends it, at the tempo where it is."""
    if not state.playing:
        return state
    tick = state.tempo_map.tick_at(reach_ns)
    tempo, bar = micro_bpm_at(state, tick), max(1, state.place_of(tick).bar + 1)
    if not state.parts:
        state = state._replace(beat_micro_bpm=tempo, stretch=AS_STORED)
    begin = _as_stored(tempo, state.stretch)
    begun = state._replace(practice=_unstretched(practice, state), practice_bar=bar, practice_from=begin)
    return retimed(begun, now_ns)


def fill(
    state: PlayerState, now_ns: int, reach_ns: int, bars: int = 1, when: Literal["bar", "now"] = "bar"
) -> PlayerState:
    """Play the fill for `bars` bars from the next bar line, or from now on to the end of as many bars.

    Asked for again before its end, it grows by as many. 0 takes back what has not begun. Stopped, nothing happens.
    """
    if not state.playing:
        return state
    bar = max(0, state.place_at(reach_ns).bar)
    if bars == 0:
        return state._replace(fill_last=min(state.fill_last, bar))
    if state.fill_last >= bar:
        return state._replace(fill_last=min(state.fill_last + bars, bar + MAX_FILL_BARS))
    first = bar if when == "now" and bar >= 1 else bar + 1
    return state._replace(fill_first=first, fill_last=first + bars - 1)


def set_fill_every(state: PlayerState, now_ns: int, reach_ns: int, bars: int) -> PlayerState:
    """In free play, a fill in every so many bars (0: none)."""
    return state._replace(fill_every=bars)


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
