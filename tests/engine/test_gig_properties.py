"""What must hold of songs whatever is pressed and when: the past stands, no clock is lost, sizes are bounded."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from panel.engine.plan import MAX_TIMELINES
from panel.engine.player import CLOCK
from panel.engine.recording import RecordingPort
from panel.engine.wire import MAX_RESUME_BYTES, apply, decode, encode
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.practice import Practice
from panel.music.song import AS_USUAL, Part
from panel.music.tempo import MICRO, TICKS_PER_CLOCK, TICKS_PER_QUARTER
from tests.box import BASIC, MS, SECOND, SEVEN, Box
from tests.engine.check import in_time, ringing
from tests.engine.test_lead import module
from tests.engine.test_properties import command

Q = TICKS_PER_QUARTER
DOTTED = Pattern("12/8", Meter.of(12, 8), (Row("rim", "X..x..x..x.."),), beat_ticks=3 * Q // 2)
SHORT = Pattern("1/8", Meter.of(1, 8), (Row("hat", "X"),))
BPM = st.integers(30, 300).map(lambda bpm: bpm * MICRO)
PARTS = st.builds(
    Part,
    st.sampled_from((BASIC, SEVEN, DOTTED, SHORT)),
    st.sampled_from((0, 1, 1, 2, 5)),
    BPM,
    st.one_of(st.just(0), BPM),
    levels=st.just(AS_USUAL),
    fill_every=st.integers(0, 2),
    fill_last=st.booleans(),
    name=st.just(""),
    song=st.sampled_from(("One", "Two")),
).map(lambda part: part if part.bars else part._replace(to_micro_bpm=0))
PRACTICES = st.builds(
    Practice,
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from((0, 50)),
    mutes_over=st.just(0),
    seed=st.integers(0, 9),
    ramp_to=st.one_of(st.just(0), BPM),
    ramp_bars=st.integers(1, 8),
    ramp_minutes=st.integers(0, 1),
    ramp_back=st.booleans(),
)
WHEN = st.sampled_from(("bar", "now"))
TURNS = st.one_of(
    command("start", count_in=st.integers(0, 2), repeats=st.sampled_from((1, 1, 3, 99)), practice=PRACTICES),
    command("stop"),
    command("tempo", micro_bpm=BPM),
    command("pattern", pattern=st.sampled_from((BASIC, SEVEN, DOTTED)), when=WHEN),
    command("song", part=PARTS),
    command("part", part=PARTS),
    command("go on"),
    command("go on"),
    command("let end"),
    command("one", ago_ns=st.integers(0, SECOND)),
    command("slip", units=st.integers(-9, 9)),
    command("pull", ns=st.integers(-200 * MS, 200 * MS)),
    command("fill", bars=st.integers(0, 2), when=WHEN),
    command("practise", practice=PRACTICES),
    command("clock", on=st.just(True)),
)
TIMES = st.one_of(st.integers(0, 5 * MS), st.integers(0, SECOND), st.integers(0, 5 * SECOND))
SONG = st.lists(PARTS, min_size=1, max_size=6)


AHEAD = st.sampled_from((0, 0, 5, 2000))  # of the first beat, in ms: a process's, a count-off's


def timed(box: Box, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a command; that of the one comes as how long ago it was."""
    return {"at_ns": box.now - arguments["ago_ns"]} if name == "one" else arguments


def sung(parts: list[Part], ahead_ms: int, port: RecordingPort | None = None, trim_ms: int = 0) -> Box:
    box = Box(ports=(port or RecordingPort(),))
    box.do("ports", trim_ms=trim_ms)
    box.do("clock", on=True)
    box.do("song", part=parts[0])
    for part in parts[1:]:
        box.do("part", part=part)
    box.do("start", at_ns=box.now + ahead_ms * MS)
    return box


@settings(max_examples=150, deadline=None)
@given(parts=SONG, ahead_ms=AHEAD, turns=st.lists(st.tuples(TIMES, TURNS), max_size=12))
def test_no_command_moves_what_has_sounded(parts: list[Part], ahead_ms: int, turns: list[Any]) -> None:
    box = sung(parts, ahead_ms)
    for ns, (name, arguments) in turns:
        box.run(ns)
        before = box.engine.state.tempo_map
        box.do(name, **timed(box, name, arguments))
        state = box.engine.state
        if name != "start":
            here, first = before.tick_at(box.now), before.timelines[0].origin_tick  # before it is only reckoned
            for tick in range(max(first, here - Q), here + 1, 210):
                assert state.tempo_map.time_of(tick) == before.time_of(tick), (name, tick - here)
        assert len(state.tempo_map.timelines) <= MAX_TIMELINES
        times = [line.origin_ns for line in state.tempo_map.timelines]
        assert times == sorted(times)
        origins = [section.origin_tick for section in state.sections]
        assert origins == sorted(set(origins))
        line = encode("resume", state=state, seen_ns=box.now)
        assert len(line) <= MAX_RESUME_BYTES
        assert decode(line[:-1]).arguments["state"] == state


@settings(max_examples=150, deadline=None)
@given(parts=SONG, ahead_ms=AHEAD, turns=st.lists(st.tuples(TIMES, TURNS), max_size=12))
def test_a_panel_foresees_what_the_engine_does(parts: list[Part], ahead_ms: int, turns: list[Any]) -> None:
    box = sung(parts, ahead_ms)
    for ns, (name, arguments) in turns:
        box.run(ns)
        arguments = timed(box, name, arguments)
        foreseen = apply(box.engine.state, decode(encode(name, **arguments)[:-1]), box.now, box.now)
        other = Box.of_state(box.engine.state, box.now)
        box.do(name, **arguments)
        other.do(name, **arguments)
        assert box.engine.state == foreseen
        assert other.engine.state._replace(revision=foreseen.revision) == foreseen


@settings(max_examples=150, deadline=None)
@given(parts=SONG, ahead_ms=AHEAD, turns=st.lists(st.tuples(TIMES, TURNS), max_size=12))
def test_no_clock_is_lost_or_doubled(parts: list[Part], ahead_ms: int, turns: list[Any]) -> None:
    box = sung(parts, ahead_ms)
    for ns, (name, arguments) in turns:
        if name == "start":
            continue
        box.run(ns)
        box.do(name, **timed(box, name, arguments))
    box.run(3 * SECOND)  # whatever was to come has begun
    first = box.played.index((0, (CLOCK,)))
    after = [tick for tick, message in box.played[first:] if message[0] == CLOCK]
    assert after == list(range(0, len(after) * TICKS_PER_CLOCK, TICKS_PER_CLOCK))
    assert box.engine.view().dropped == 0


@settings(max_examples=150, deadline=None)
@given(
    parts=SONG,
    ahead_ms=AHEAD,
    lead_ms=st.sampled_from((0, 40)),
    trim_ms=st.sampled_from((-50, 0, 50)),
    turns=st.lists(st.tuples(TIMES, TURNS), max_size=12),
)
def test_a_stop_always_ends_it_and_nothing_rings_on(
    parts: list[Part], ahead_ms: int, lead_ms: int, trim_ms: int, turns: list[Any]
) -> None:
    box = sung(parts, ahead_ms, module(lead_ms), trim_ms)
    for ns, (name, arguments) in turns:
        box.run(ns)
        box.do(name, **timed(box, name, arguments))
    box.do("stop")
    box.run(11 * SECOND)
    state = box.engine.state
    assert not state.playing
    assert (state.ahead, state.practice) == ((), Practice())
    assert len(state.sections) == 1
    assert ringing([m for m in in_time(box.port.sent) if m[0] < 0xF0]) == set()
