"""The wire protocol, nearly right: whatever comes is taken or refused, and the engine stays able to play."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from panel.engine.state import PlayerState, Section, Voice
from panel.engine.wire import (
    COMMANDS,
    Command,
    Heard,
    PortView,
    View,
    WireError,
    decode,
    decode_answer,
    encode,
    encode_error,
    encode_heard,
    encode_view,
)
from panel.engine.written import MAX_QUARTER_TEMPO, MIN_QUARTER_TEMPO
from panel.music.meter import DENOMINATORS, Meter
from panel.music.pattern import ROLES, Pattern, Row
from panel.music.practice import Practice
from panel.music.song import Part
from panel.music.tempo import MICRO, TempoMap, Timeline
from tests.box import BASIC, MS, SECOND, SEVEN, VOICES, Box
from tests.engine.test_wire import GOOD
from tests.fuzz.nearly import promptly, spoilt

TO_THE_LOOP = ("view", "watch", "quit", "listen", "notes", "spin")
COUNT = st.integers(-(10**6), 10**6) | st.sampled_from((0, 1, 1 << 42, (1 << 42) + 1, 1 << 62))
MOMENT = st.integers(-(1 << 62), 1 << 62) | st.integers(-(10**6), 10**6) | st.sampled_from((0, 1, -1, 1 << 61))
NEAR = st.integers(-20 * SECOND, 20 * SECOND).map(lambda ns: 10 * SECOND + ns)


def edges(low: int, high: int) -> st.SearchStrategy[int]:
    return st.sampled_from((low, high)) | st.integers(low, high)


def many(*items: Any, least: int = 0, most: int = 6) -> Any:
    return st.lists(*items, min_size=least, max_size=most).map(tuple)


@st.composite
def meters(draw: st.DrawFn) -> Meter:
    numerator = draw(edges(1, 32))
    groups: list[int] = []
    while draw(st.booleans()) and sum(groups) < numerator:
        groups.append(draw(st.integers(1, numerator - sum(groups))))
    rest = numerator - sum(groups)
    return Meter.of(numerator, draw(st.sampled_from(DENOMINATORS)), (*groups, *[rest] * bool(groups and rest)))


ROWS = many(st.builds(Row, st.sampled_from(ROLES), st.text("Xxg.", min_size=1, max_size=40), st.booleans()))
PATTERNS = st.sampled_from((BASIC, SEVEN)) | st.builds(
    Pattern,
    st.text(max_size=20),
    meters(),
    ROWS,
    ROWS,
    bars=edges(1, 16),
    beat_ticks=edges(1, 20160),
    micro_bpm=edges(0, 300 * MICRO),
    swing=edges(50, 75),
    swing_ticks=edges(1, 20160),
)
VOICE = st.builds(Voice, st.sampled_from(ROLES), edges(0, 127), edges(1, 16), edges(0, 100))
TEMPO = edges(MIN_QUARTER_TEMPO, MAX_QUARTER_TEMPO) | edges(30 * MICRO, 300 * MICRO)
FAR = st.integers(0, 10**6) | st.integers(0, 1 << 43)
TICK = st.integers(-(10**6), 10**6) | st.sampled_from((0, 1 << 42, -(1 << 42))) | MOMENT
PERCENTS = st.tuples(*[edges(0, 100)] * 5)
BPM = edges(30 * MICRO, 300 * MICRO)
PARTS = st.builds(
    Part,
    PATTERNS,
    edges(0, 999) | st.integers(0, 4),
    st.just(0) | BPM,
    st.just(0) | BPM,
    PERCENTS,
    edges(0, 8),
    st.booleans(),
    st.text(max_size=20),
    st.sampled_from(("", "A", "B")),
)
PRACTICES = st.builds(
    Practice,
    edges(0, 64),
    edges(0, 64),
    edges(0, 100),
    edges(0, 1000),
    edges(0, 1 << 32),
    st.just(0) | BPM,
    edges(0, 1000),
    edges(0, 120),
    st.booleans(),
)
SECTIONS = many(st.tuples(TICK, COUNT, PARTS, edges(0, 999), COUNT), least=1, most=4)


@st.composite
def tempo_maps(draw: st.DrawFn) -> TempoMap:
    """Lines that begin where those before them end, as those of a run do."""
    tempo_map = TempoMap((Timeline(draw(TEMPO), draw(TICK), draw(NEAR | MOMENT)),))
    for tempo, ticks in draw(st.lists(st.tuples(TEMPO, FAR), max_size=5)):
        tempo_map = tempo_map.with_tempo(tempo, tempo_map.timelines[-1].origin_tick + ticks)
    return tempo_map


def in_order(items: tuple[tuple[int, int, Part, int, int], ...]) -> tuple[Section, ...]:
    """Sections of which each comes after the one before it, in ticks and in bars."""
    ticks, bars, *rest = zip(*items, strict=True)
    return tuple(map(Section, sorted(ticks), sorted(bars), *rest))


STATES = st.builds(
    PlayerState,
    sections=SECTIONS.map(in_order),
    tempo_map=tempo_maps(),
    beat_micro_bpm=edges(30 * MICRO, 300 * MICRO),
    playing=st.booleans(),
    run=COUNT,
    revision=COUNT,
    fill_first=COUNT,
    fill_last=COUNT,
    stretch=edges(1, 10**10),
    parts=many(PARTS, most=3),
    ahead=many(PARTS, most=3),
    fill_every=edges(0, 999),
    end_bar=COUNT,
    practice=PRACTICES,
    practice_bar=COUNT,
    practice_from=BPM,
    began_ns=MOMENT,
    muted=st.booleans(),
    voices=many(VOICE),
    levels=PERCENTS,
    gate_ms=edges(1, 1000),
    clock=st.booleans(),
)
ARGUMENTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "start": {
        "count_in": edges(0, 8),
        "count_role": st.sampled_from(("", *ROLES)),
        "bars": edges(0, 100_000),
        "repeats": edges(1, 99),
        "at_ns": NEAR | MOMENT,
        "practice": PRACTICES,
    },
    "song": {"part": PARTS},
    "part": {"part": PARTS},
    "go on": {},
    "let end": {},
    "one": {"at_ns": NEAR | MOMENT},
    "slip": {"units": edges(-100, 100)},
    "pull": {"ns": edges(-SECOND, SECOND)},
    "practise": {"practice": PRACTICES},
    "fill every": {"bars": edges(0, 999)},
    "program": {"number": edges(0, 127), "channel": edges(1, 16), "bank_msb": edges(-1, 127)},
    "stop": {},
    "tempo": {"micro_bpm": edges(30 * MICRO, 300 * MICRO)},
    "pattern": {"pattern": PATTERNS, "when": st.sampled_from(("bar", "now")), "micro_bpm": edges(0, 300 * MICRO)},
    "fill": {"bars": edges(0, 16), "when": st.sampled_from(("bar", "now"))},
    "mute": {"on": st.booleans()},
    "voices": {"voices": many(VOICE, most=21)},
    "levels": {"levels": st.tuples(*[edges(0, 100)] * 5)},
    "gate": {"gate_ms": edges(1, 1000)},
    "clock": {"on": st.booleans()},
    "panic": {},
    "hit": {"note": edges(0, 127), "channel": edges(1, 16), "velocity": edges(1, 127)},
    "ports": {"match": many(st.text(max_size=40)), "exact": st.text(max_size=20), "trim_ms": edges(-50, 50)},
    "resume": {"state": STATES, "seen_ns": NEAR | MOMENT},
}
LINES = st.sampled_from(sorted(ARGUMENTS)).flatmap(
    lambda name: st.fixed_dictionaries(ARGUMENTS[name]).map(lambda arguments: encode(name, **arguments)[:-1])
)
GOOD_LINES = [encode(name, 42, **arguments)[:-1] for name, arguments in GOOD]
DEEP = ["[" * 400 + "]" * 400, '{"a":' * 400 + "1" + "}" * 400, "[" * 20_000, "9" * 5000, "1e999", "-Infinity", "NaN"]
JSON_VALUES = st.sampled_from(
    ["null", "true", "0", "-1", "1.0", '""', '"rim"', '"\\ud800"', '"\\u0000"', '"\\u2028"', "[]", "{}", "[[]]", *DEEP]
) | st.integers().map(str)


@st.composite
def spoilt_lines(draw: st.DrawFn, lines: list[bytes]) -> bytes:
    """A line whose values are replaced, or with something put anywhere into its bytes."""
    if draw(st.booleans()):
        return draw(spoilt(lines))
    line = draw(st.sampled_from(lines)).decode()
    for _ in range(draw(st.integers(1, 3))):
        starts = [at + 1 for at, sign in enumerate(line[:3000]) if sign in ":,["]
        if starts:
            start = draw(st.sampled_from(starts))
            ends = [at for at in range(start, min(start + 80, len(line))) if line[at] in ",]}"]
            line = line[:start] + draw(JSON_VALUES) + line[draw(st.sampled_from(ends)) if ends else start :]
    return line.encode("utf-8", "surrogatepass")


def taken(line: bytes) -> Command | None:
    """The command in a line; None where it was refused, in one sentence."""
    try:
        with promptly(line):
            return decode(line)
    except WireError as error:
        text = str(error)
    assert text
    assert "\n" not in text
    assert len(text) < 400
    return None


def one_sentence(error: WireError) -> None:
    assert 0 < len(str(error)) <= 400


def stays_able_to_play(box: Box) -> None:
    """Whatever happened to it: a new beginning sounds, on its beats."""
    assert decode_answer(encode_view(box.engine.view())) == box.engine.view()
    for name, arguments in (
        ("stop", {}),
        ("pattern", {"pattern": BASIC}),
        ("tempo", {"micro_bpm": 120 * MICRO}),
        ("voices", {"voices": VOICES}),
        ("levels", {"levels": (100,) * 5}),
        ("fill every", {"bars": 0}),
        ("ports", {"trim_ms": 0}),
        ("clock", {"on": False}),
    ):
        box.do(name, **arguments)
    box.run(2 * SECOND)
    box.forget()
    began = box.now
    box.do("start")
    box.run(2 * SECOND - MS)
    assert [note for _, note, _ in box.notes] == [37] * 4
    ons = [sent.due_ns - began for sent in box.port.sent if sent.message[0] & 0xF0 == 0x90]
    assert all(abs(ns - number * SECOND // 2) <= MS for number, ns in enumerate(ons)), ons


@given(spoilt_lines(GOOD_LINES) | st.binary(max_size=200))
def test_a_spoilt_line_is_taken_or_refused(line: bytes) -> None:
    command = taken(line)
    if command:
        assert command.name in COMMANDS
        box = Box()
        if command.name not in TO_THE_LOOP:
            try:
                with promptly(line):
                    box.engine.do(command, box.now)
                    box.run(SECOND)
            except WireError as error:
                one_sentence(error)
        with promptly(line):
            stays_able_to_play(box)


@given(st.lists(st.tuples(st.integers(0, SECOND) | st.integers(0, 5 * MS), LINES), min_size=1, max_size=10))
def test_after_any_commands_the_engine_can_play(turns: list[tuple[int, bytes]]) -> None:
    box = Box()
    with promptly(turns):
        for ns, line in turns:
            box.run(ns)
            command = taken(line)
            if command:
                try:
                    box.engine.do(command, box.now)
                except WireError as error:
                    one_sentence(error)
        box.run(SECOND)
        stays_able_to_play(box)


@given(STATES, NEAR | MOMENT)
def test_an_engine_that_took_over_any_state_can_play(state: PlayerState, seen_ns: int) -> None:
    test = test_after_any_commands_the_engine_can_play.hypothesis.inner_test  # type: ignore[attr-defined]
    test([(0, encode("resume", state=state, seen_ns=seen_ns)[:-1])])


def answers() -> list[bytes]:
    """What engines say."""
    box = Box(SEVEN)
    box.do("start", count_in=1, bars=3)
    box.do("fill")
    ports = (PortView("module", "SamplePad Pro", True), PortView("din", "/dev/x", False))
    view = View(box.engine.state, ports, ("a",), "fifo", (1, 2, 3), 4, 5, 6)
    return [encode_view(view)[:-1], encode_heard(Heard(1, 2, 3, 4, True))[:-1], encode_error("no")[:-1]]


@given(spoilt_lines(answers()) | st.binary(max_size=200))
@example(b'{"error":' + b"[" * 900 + b"]" * 900 + b"}")
def test_a_spoilt_answer_is_taken_or_refused(line: bytes) -> None:
    try:
        with promptly(line):
            answer = decode_answer(line)
    except WireError as error:
        one_sentence(error)
        return
    assert isinstance(answer, (View, Heard))
    if isinstance(answer, View):
        assert decode_answer(encode_view(answer)) == answer


@given(spoilt_lines(GOOD_LINES))
def test_what_is_taken_can_be_printed(line: bytes) -> None:
    command = taken(line)
    if command:
        assert json.dumps(command.arguments, ensure_ascii=False).encode()
