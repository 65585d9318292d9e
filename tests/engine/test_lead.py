"""Ports that want their messages ahead of time, and ports whose sound is moved: nothing doubled, lost or stuck."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.engine.player import Message
from panel.engine.recording import RecordingPort, Sent
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import MICRO, TICKS_PER_WHOLE
from tests.box import BASIC, MS, SECOND, SEVEN, Box
from tests.engine.check import in_time, onsets, ringing

FAST = Pattern("Fast", Meter.of(4, 4), (Row("hat", "x" * 16),))


class Module(RecordingPort):
    """Plays at once what comes late, as a real port does, and is trimmed as a module is."""

    kind = "module"

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        super().send(messages, max(due_ns, self.now()), revision)


def module(lead_ms: int = 0) -> RecordingPort:
    return Module("module", lead_ms * MS)


def started(lead_ms: int, pattern: Pattern = FAST, trim_ms: int = 0, plain: bool = False) -> Box:
    """A box with one module; `plain`: and with an untrimmed port beside it."""
    port = module(lead_ms)
    box = Box(pattern, (port, RecordingPort("plain")) if plain else (port,))
    box.do("ports", trim_ms=trim_ms)
    box.do("start")
    return box


class TestLead:
    def test_is_sent_so_much_ahead(self) -> None:
        box = started(40)
        box.run(0)
        assert [s.due_ns - box.now for s in box.port.sent] == [40 * MS]
        box.run(SECOND)
        assert onsets(box.port.sent) == [(10 * SECOND + 40 * MS + i * 125 * MS, 42) for i in range(9)]

    def test_both_ports_sound_together(self) -> None:
        box = started(40, plain=True)
        box.run(SECOND)
        plain = box.patchbay.ports[1]
        assert isinstance(plain, RecordingPort)
        heard = [onset for onset in onsets(box.port.sent) if onset[0] <= box.now]
        assert onsets(plain.sent) == heard
        assert box.engine.view().lateness_us == (0, 0, 0)

    def test_lateness_counts_from_when_it_should_have_been_sent(self) -> None:
        box = started(40)
        box.run(110 * MS)
        box.stall(25 * MS)  # sent at 125
        box.run(0)
        assert box.engine.view().lateness_us[2] == 10_000
        assert box.engine.view().dropped == 0

    def test_stop_takes_back_what_has_not_sounded(self) -> None:
        box = started(40)
        box.run(130 * MS)  # the second stroke has been sent, for 165
        box.do("stop")
        assert onsets(box.port.sent) == [(10 * SECOND + 40 * MS, 42)]
        assert ringing(in_time(box.port.sent)) == set()

    def test_a_restart_leaves_nothing_of_the_old_run(self) -> None:
        box = started(40)
        box.run(130 * MS)
        box.do("start")
        box.run(200 * MS)
        assert onsets(box.port.sent) == [(10 * SECOND + ms * MS, 42) for ms in (40, 170, 295)]
        assert ringing(in_time(box.port.sent)) <= {(9, 42)}

    def test_panic_takes_back_and_plays_on(self) -> None:
        box = started(40)
        box.run(130 * MS)
        box.do("panic")
        box.run(500 * MS)
        notes = [s for s in box.port.sent if s.message[0] & 0xF0 != 0xB0]
        assert onsets(notes) == [(10 * SECOND + (40 + 125 * i) * MS, 42) for i in range(6)]
        assert ringing(in_time(notes)) <= {(9, 42)}

    def test_a_test_hit_is_now(self) -> None:
        box = started(40)
        box.run(130 * MS)
        box.do("hit", note=42, channel=10)
        box.run(500 * MS)
        assert (10 * SECOND + 130 * MS, 42) in onsets(box.port.sent)
        assert len(onsets(box.port.sent)) == 7
        assert ringing(in_time(box.port.sent)) <= {(9, 42)}


LEAD_COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("tempo", {"micro_bpm": 240 * MICRO}),
    ("tempo", {"micro_bpm": 60 * MICRO}),
    ("gate", {"gate_ms": 200}),
    ("mute", {"on": False}),
    ("fill", {"bars": 0}),
    ("levels", {"levels": (90, 90, 90, 90, 90)}),
]


@pytest.mark.parametrize(("name", "arguments"), LEAD_COMMANDS)
@pytest.mark.parametrize("trim_ms", [-50, -20, 0, 20, 50])
@pytest.mark.parametrize("lead_ms", [0, 40])
def test_a_change_at_any_moment_loses_and_doubles_nothing(
    name: str, arguments: dict[str, Any], trim_ms: int, lead_ms: int
) -> None:
    for at_ms in range(230, 380, 7):
        box = started(lead_ms, BASIC, trim_ms)
        box.run(at_ms * MS)
        box.do(name, **arguments)
        first = box.engine.state.tempo_map.time_of(0)
        beats = 6
        box.run(box.engine.state.tempo_map.time_of(beats * 5040) - box.now + (trim_ms + 5) * MS)
        assert ringing(in_time([s for s in box.port.sent if s.due_ns <= box.now])) <= {(9, 37)}
        heard = [due for due, _ in onsets(box.port.sent) if due <= box.now]
        assert len(heard) == beats + 1, at_ms
        assert heard[0] == 10 * SECOND + max(0, lead_ms + min(0, trim_ms)) * MS or heard[0] >= first - 50 * MS
        assert box.engine.view().dropped == 0


def test_the_longest_lead_at_the_fastest_tempo_leaves_no_note_stuck() -> None:
    for at_ms in range(500, 560, 3):
        port = module(500)
        fast = Pattern("Whole", Meter.of(4, 4), (Row("hat", "x" * 8),), beat_ticks=TICKS_PER_WHOLE)
        box = Box(fast, (port,), bpm=300)
        box.do("gate", gate_ms=20)
        box.do("start")
        box.run(at_ms * MS)
        box.do("levels", levels=(90, 90, 90, 90, 90))
        box.do("stop")
        box.run(SECOND)
        assert ringing(in_time(port.sent)) == set(), at_ms


class TestTrim:
    @pytest.mark.parametrize("trim_ms", [-50, -1, 0, 1, 50])
    def test_moves_the_sound_of_the_module_alone(self, trim_ms: int) -> None:
        box = started(0, plain=True, trim_ms=trim_ms)
        box.run(SECOND + 100 * MS)
        plain = box.patchbay.ports[1]
        assert isinstance(plain, RecordingPort)
        moved = [(due - trim_ms * MS, note) for due, note in onsets(box.port.sent)]
        both = min(len(moved), len(onsets(plain.sent)))
        assert both >= 8
        assert moved[:both] == onsets(plain.sent)[:both]

    def test_a_module_that_must_be_early_lets_the_start_wait(self) -> None:
        box = started(0, plain=True, trim_ms=-50)
        box.run(SECOND)
        assert onsets(box.port.sent)[0][0] == 10 * SECOND
        assert box.engine.view().lateness_us == (0, 0, 0)

    def test_a_late_module_does_not_make_a_port_with_a_lead_late(self) -> None:
        late, ahead = module(), RecordingPort("sound", 40 * MS)
        box = Box(FAST, (late, ahead))
        box.do("ports", trim_ms=50)
        box.do("start")
        box.run(SECOND)
        assert onsets(ahead.sent)[0][0] == 10 * SECOND + 40 * MS
        assert box.engine.view().lateness_us == (0, 0, 0)

    @pytest.mark.parametrize("trim_ms", [-50, 0, 50])
    def test_the_last_note_of_a_run_is_played(self, trim_ms: int) -> None:
        box = Box(Pattern("End", BASIC.meter, (Row("hat", "x" * 64),)), (module(),))
        box.do("ports", trim_ms=trim_ms)
        box.do("start", bars=1)
        box.run(3 * SECOND)
        assert len(onsets(box.port.sent)) == 64
        assert ringing(in_time(box.port.sent)) == set()

    @pytest.mark.parametrize("lead_ms", [0, 40])
    @pytest.mark.parametrize(("before", "after"), [(0, 50), (50, 0), (0, -50), (-50, 0), (10, 15), (-50, 50)])
    def test_another_trim_while_playing_doubles_nothing(self, before: int, after: int, lead_ms: int) -> None:
        for at_ms in range(1000, 1130, 9):
            box = started(lead_ms, FAST, before)
            box.run(at_ms * MS)
            box.do("ports", trim_ms=after)
            box.run(2 * SECOND)
            box.do("stop")
            last = box.engine.state.tempo_map.tick_at(box.now - after * MS) // 1260
            assert ringing(in_time(box.port.sent)) == set()
            heard = len(onsets(box.port.sent))
            assert heard + box.engine.view().dropped == last + 1, at_ms


COMMANDS = st.sampled_from(
    [
        *LEAD_COMMANDS,
        ("start", {}),
        ("start", {"count_in": 1}),
        ("stop", {}),
        ("pattern", {"pattern": SEVEN, "when": "now"}),
        ("pattern", {"pattern": FAST}),
        ("voices", {"voices": ()}),
        ("hit", {"note": 42, "channel": 10}),
        ("hit", {"note": 60, "channel": 10}),
        ("ports", {"trim_ms": 20}),
        ("ports", {"trim_ms": -50}),
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    lead_ms=st.sampled_from([1, 10, 40]),
    turns=st.lists(st.tuples(st.integers(0, 200 * MS), COMMANDS), max_size=12),
)
def test_no_recall_ever_leaves_a_note_stuck(lead_ms: int, turns: list[tuple[int, tuple[str, dict[str, Any]]]]) -> None:
    port = module(lead_ms)
    box = Box(FAST, (port,))
    box.do("gate", gate_ms=90)
    box.do("start")
    for ns, (name, arguments) in turns:
        box.run(ns)
        box.do(name, **arguments)
    box.run(20 * MS)
    box.do("stop")
    box.run(SECOND)
    kept: list[Sent] = port.sent
    assert ringing(in_time(kept)) == set()
