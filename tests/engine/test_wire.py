"""The protocol: everything that is said comes through whole, everything else is refused in one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.engine.state import PlayerState, Voice, stopped_state
from panel.engine.wire import (
    COMMANDS,
    MAX_COMMAND_BYTES,
    MAX_RESUME_BYTES,
    STATE_COMMANDS,
    Command,
    Heard,
    PortView,
    View,
    WireError,
    apply,
    decode,
    decode_answer,
    encode,
    encode_error,
    encode_heard,
    encode_view,
)
from panel.engine.written import state_value
from panel.music.meter import Meter
from panel.music.pattern import ROLES, Pattern, Row
from panel.music.practice import Practice
from panel.music.song import Part
from panel.music.tempo import MICRO
from tests.box import BASIC, SECOND, SEVEN, Box

STATE = stopped_state(BASIC, 120 * MICRO, 7)
SECTION = state_value(STATE)["sections"][0]
PART = Part(SEVEN, 8, 120 * MICRO, 140 * MICRO, (1, 2, 3, 4, 5), 4, True, "Verse", "Song")
PLAYED_ROW = Row("rim", "X.x.g..", velocities=(120, 80, 20), late=(0, -600, 15), notes=(60, 63, 0))
PLAYED = SEVEN._replace(groove=(PLAYED_ROW,))
PRACTICE = Practice(4, 2, 30, 16, 7, 140 * MICRO, 32, 5, True)
GOOD: list[tuple[str, dict[str, Any]]] = [
    (
        "start",
        {"count_in": 8, "count_role": "block", "bars": 100_000, "repeats": 99, "at_ns": 5, "practice": PRACTICE},
    ),
    ("stop", {}),
    ("tempo", {"micro_bpm": 123_456_789}),
    ("pattern", {"pattern": SEVEN, "when": "now", "micro_bpm": 0}),
    ("vary", {"pattern": PLAYED}),
    ("song", {"part": PART}),
    ("part", {"part": Part(BASIC)}),
    ("go on", {}),
    ("let end", {}),
    ("one", {"at_ns": 7}),
    ("slip", {"units": -3}),
    ("pull", {"ns": -20_000_000}),
    ("practise", {"practice": PRACTICE}),
    ("fill", {"bars": 16, "when": "now"}),
    ("fill every", {"bars": 8}),
    ("mute", {"on": True}),
    ("voices", {"voices": (Voice("rim", 37, 10, 55), Voice("kick", 0, 16, 0))}),
    ("levels", {"levels": (1, 2, 3, 4, 100)}),
    ("gate", {"gate_ms": 1000}),
    ("clock", {"on": False}),
    ("view", {}),
    ("watch", {}),
    ("panic", {}),
    ("hit", {"note": 127, "channel": 16, "velocity": 1, "role": "rim"}),
    ("program", {"number": 127, "channel": 16, "bank_msb": 0, "bank_lsb": -1}),
    ("listen", {"on": True}),
    ("notes", {"lead_ms": 40}),
    (
        "ports",
        {
            "match": ("a", "é"),
            "exact": "b",
            "remembered": "c",
            "din": "/dev/x",
            "din_rate": 38400,
            "trim_ms": -50,
            "click_to": "both",
        },
    ),
    ("resume", {"state": STATE, "seen_ns": 10**18, "restarts": 3, "followers": ("synth:in 129:0",)}),
    ("spin", {"us": 1000}),
    ("quit", {"unless_watched": True}),
]


def refusal(line: bytes) -> str:
    """The one sentence that refuses a line."""
    with pytest.raises(WireError) as caught:
        decode(line)
    text = str(caught.value)
    assert text
    assert "\n" not in text
    assert len(text) < 400
    return text


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        ("velocities", (1, 2)),
        ("velocities", (1, 2, 0)),
        ("late", (0, 0, 631)),
        ("notes", (0, 128, 0)),
        ("notes", (1, 2, 3, 4)),
    ],
)
def test_a_row_says_something_of_each_stroke_or_of_none(field: str, numbers: tuple[int, ...]) -> None:
    row = Row(**PLAYED.groove[0]._asdict() | {field: numbers})
    refusal(encode("vary", pattern=PLAYED._replace(groove=(row,)))[:-1])


class TestRoundTrip:
    @pytest.mark.parametrize(("name", "arguments"), GOOD)
    def test_of_every_command(self, name: str, arguments: dict[str, Any]) -> None:
        line = encode(name, 42, **arguments)
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        assert decode(line[:-1]) == Command(name, arguments, 42)

    def test_none_is_left_out(self) -> None:
        assert {name for name, _ in GOOD} == set(COMMANDS)

    def test_a_pattern_as_an_object_or_a_list(self) -> None:
        as_object = json.dumps({"do": "pattern", "pattern": SEVEN._asdict()}).encode()
        as_list = json.dumps({"do": "pattern", "pattern": SEVEN}).encode()
        assert decode(as_object) == decode(as_list)
        assert decode(as_list).arguments["pattern"] == SEVEN

    def test_what_is_not_told_has_its_default(self) -> None:
        defaults = {"count_in": 0, "count_role": "count", "bars": 0, "repeats": 1, "at_ns": 0, "practice": Practice()}
        assert decode(b'{"do":"start"}') == Command("start", defaults)

    def test_of_answers(self) -> None:
        box = Box(SEVEN)
        box.do("start", count_in=1, bars=3)
        box.do("fill")
        view = View(box.engine.state, (PortView("din", "/dev/x", False),), ("a",), "fifo", (1, 2, 3), 4, 5, 6)
        assert decode_answer(encode_view(view)[:-1]) == view
        for heard in (Heard(1, 2, 3, 4), Heard(4, 10, 127, 1 << 50, control=True)):
            assert decode_answer(encode_heard(heard)) == heard
        with pytest.raises(WireError, match=r"^no$"):
            decode_answer(encode_error("no"))
        for nothing in (b'{"error":""}', b'{"error":null}', b'{"error":[' + b"[" * 900 + b"]" * 900 + b"]}"):
            with pytest.raises(WireError, match="not known"):
                decode_answer(nothing)

    @pytest.mark.parametrize("name", STATE_COMMANDS)
    def test_applying_raises_the_revision(self, name: str) -> None:
        arguments = dict(GOOD)[name]
        assert apply(STATE, Command(name, arguments), SECOND, SECOND).revision == 1

    def test_a_state_of_the_largest_patterns_can_be_handed_over(self) -> None:
        rows = tuple(Row(role, "Xx.g" * 240) for role in ROLES[:7])
        box = Box(bpm=300)
        box.do("start", count_in=1)
        for number, meter in enumerate([Meter.of(4, 4), Meter.of(3, 4), Meter.of(2, 4), Meter.of(3, 4)]):
            box.do("pattern", pattern=Pattern(f"Big {number}", meter, rows), when="now")
            box.run(400_000_000)
        assert len(encode("resume", state=box.engine.state, seen_ns=0)) < MAX_RESUME_BYTES


class TestRefusals:
    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"start",
            b"\xff\xfe\x00",
            b"[]",
            b"5",
            b'"start"',
            b"null",
            b"{}",
            b'{"do":5}',
            b'{"do":["start"]}',
            b'{"do":""}',
            b'{"do":"start","do":"fly"}',
            b'{"do":"start","count_in":1e3}',
            b'{"do":"start","count_in":true}',
            b'{"do":"start","count_in":-1}',
            b'{"do":"start","count_in":9}',
            b'{"do":"start","stamp_ns":"now"}',
            b'{"do":"start","stamp_ns":NaN}',
            b'{"do":"start","x":1}',
            b'{"do":"tempo"}',
            b'{"do":"tempo","micro_bpm":29999999}',
            b'{"do":"tempo","micro_bpm":' + b"9" * 5000 + b"}",
            b'{"do":"mute","on":1}',
            b'{"do":"levels","levels":[1,2,3,4]}',
            b'{"do":"levels","levels":{}}',
            b'{"do":"voices","voices":[["rim",1,1]]}',
            b'{"do":"voices","voices":[["rim",128,1,1]]}',
            b'{"do":"voices","voices":[["rim",1,0,1]]}',
            b'{"do":"voices","voices":[["gong",1,1,1]]}',
            b'{"do":"voices","voices":"rim"}',
            b'{"do":"pattern","pattern":[]}',
            b'{"do":"pattern","pattern":{}}',
            b'{"do":"pattern","pattern":"Basic"}',
            b'{"do":"pattern","pattern":{"name":"x","meter":[4,4,[5]],"groove":[]}}',
            b'{"do":"pattern","pattern":{"name":"x","meter":[4,3,[]],"groove":[]}}',
            b'{"do":"pattern","pattern":{"name":"x","meter":[4,4,[]],"groove":[["rim","",false]]}}',
            b'{"do":"pattern","pattern":{"name":"x","meter":[4,4,[]],"groove":[["rim","xox",false]]}}',
            b'{"do":"pattern","pattern":{"name":"x","meter":[4,4,[]],"groove":[["rim",5,false]]}}',
            b'{"do":"hit","note":1}',
            b'{"do":"ports","match":["' + b"x" * 201 + b'"]}',
            b'{"do":"resume","state":{},"seen_ns":0}',
            b'{"do":"resume","state":[],"seen_ns":0}',
        ],
    )
    def test_of_what_is_wrong(self, line: bytes) -> None:
        refusal(line)

    def test_name_the_field(self) -> None:
        assert refusal(b'{"do":"tempo","micro_bpm":"fast"}').startswith("micro_bpm: a whole number from 30000000 to")
        assert "when: one of bar, now is wanted, not 'later'" in refusal(
            json.dumps({"do": "pattern", "pattern": SEVEN, "when": "later"}).encode()
        )

    def test_name_the_commands_there_are(self) -> None:
        assert "there is no command 'fly'; there are start, stop" in refusal(b'{"do":"fly"}')

    @pytest.mark.parametrize("depth", [50, 300, 900, 985, 990, 995, 1000, 5000, 30_000])
    @pytest.mark.parametrize("shape", ['{"do":"tempo","micro_bpm":%s}', '{"do":"voices","voices":[[%s,1,1,1]]}', "%s"])
    def test_of_deep_json(self, depth: int, shape: str) -> None:
        refusal((shape % ("[" * depth + "]" * depth)).encode())
        refusal((shape % ('{"a":' * depth + "1" + "}" * depth)).encode())

    def test_of_a_long_line(self) -> None:
        pad = b" " * MAX_COMMAND_BYTES
        assert "at most 8192" in refusal(b'{"do":"start"}' + pad)
        assert "at most 8192" in refusal(b'{"do":"start"}' + b" " * MAX_RESUME_BYTES)
        assert decode(encode("resume", state=STATE, seen_ns=0)[:-1] + pad).name == "resume"

    @pytest.mark.parametrize(
        "change",
        [
            {"sections": ()},
            {"sections": [SECTION, [-1, *SECTION[1:]]]},
            {"sections": [SECTION, [0, 0, *SECTION[2:]]]},
            {"tempo_map": ((),)},
            {"tempo_map": (((120 * MICRO, 5, 5), (120 * MICRO, 4, 6)),)},
            {"tempo_map": (((120 * MICRO, 5, 5), (120 * MICRO, 6, 4)),)},
            {"tempo_map": (((0, 0, 0),),)},
            {"tempo_map": (((10**12, 0, 0),),)},
            {"levels": ()},
            {"gate_ms": 0},
            {"playing": 1},
            {"run": 1 << 63},
            {"run": 1 << 60},
            {"fill_last": 1 << 60},
            {"tempo_map": (((120 * MICRO, 0, 0), (120 * MICRO, 5, 1 << 60)),)},
            {"tempo_map": (((120 * MICRO, 0, 1 << 60),),)},
            {"tempo_map": (((1, 0, 0),),)},
            {"sections": [[-(1 << 50), *SECTION[1:]]]},
            {"sections": [[0, 1, 1, 0, 1]]},
            {"sections": [[0, 1, -1, 0, 1]]},
            {"parts": [1]},
            {"pool": []},
            {"patterns": []},
            {"stretch": 0},
            {"practice": [0] * 3},
        ],
    )
    def test_of_a_state_that_could_not_be_played(self, change: dict[str, Any]) -> None:
        whole = {"do": "resume", "state": state_value(STATE) | change, "seen_ns": 0}
        refusal(json.dumps(whole).encode())

    def test_of_half_a_character(self) -> None:
        assert "a text of at most" in refusal(b'{"do":"ports","exact":"\\ud800"}')
        assert decode(b'{"do":"ports","exact":"\\ud83d\\ude00"}').arguments["exact"] == "\U0001f600"

    @pytest.mark.parametrize(
        "answer", [b"", b"x", b"5", b"[]", b'"view"', b"{}", b'{"view":5}', b'{"view":{}}', b"\xff"]
    )
    def test_of_what_no_engine_says(self, answer: bytes) -> None:
        with pytest.raises(WireError):
            decode_answer(answer)
        with pytest.raises(WireError):
            decode_answer(b'{"heard":[1,2,"x",4,false]}')
        with pytest.raises(WireError):
            decode_answer(b'{"heard":[1,2,3,4,5]}')
        with pytest.raises(WireError):
            decode_answer(b'{"heard":' + b"[" * 9000 + b"]" * 9000 + b"}")


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=10),
        st.sampled_from(["rim", "bar", "now", "X.x.", [4, 4, []]]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=12,
)
FIELDS = sorted({field for fields in COMMANDS.values() for field in fields} | {"stamp_ns", "bogus"})


class TestFuzz:
    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=200))
    def test_bytes(self, line: bytes) -> None:
        refusal(line)

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(sorted(COMMANDS)), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
    def test_wrong_values(self, name: str, arguments: dict[str, Any]) -> None:
        line = json.dumps({"do": name} | arguments).encode()
        try:
            command = decode(line)
        except WireError:
            refusal(line)
            return
        assert command.name == name

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(GOOD), st.data())
    def test_one_field_of_a_good_command_spoilt(self, good: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
        message = json.loads(encode(good[0], **good[1]))
        spoilt = data.draw(_spoilt(message))
        box = Box()
        try:
            command = decode(json.dumps(spoilt).encode())
            if command.name not in ("view", "watch", "quit", "listen"):
                box.engine.do(command, box.now)
        except WireError:
            pass
        box.run(SECOND)  # what was taken can be played
        assert decode_answer(encode_view(box.engine.view())) == box.engine.view()

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_a_spoilt_view(self, data: st.DataObject) -> None:
        message = json.loads(encode_view(Box(SEVEN).engine.view()))
        line = json.dumps(data.draw(_spoilt(message))).encode()
        try:
            view = decode_answer(line)
        except WireError:
            return
        assert isinstance(view, View | Heard)


@st.composite
def _spoilt(draw: st.DrawFn, message: Any) -> Any:
    """The message with one value, somewhere inside, replaced."""
    here = message
    while True:
        inner = isinstance(here, (dict, list)) and len(here) > 0
        assert inner
        key = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        below = here[key]
        if not (isinstance(below, (dict, list)) and below) or draw(st.integers(0, 4)) == 0:
            here[key] = draw(VALUES)
            return message
        here = below


def test_the_state_is_all_that_is_written_down() -> None:
    written = json.loads(encode("resume", state=STATE, seen_ns=0))["state"]
    assert set(written) == {*PlayerState._fields, "patterns", "pool"}
