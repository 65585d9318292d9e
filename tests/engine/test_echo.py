"""What comes back from the module: our click and test hits are known, what the drummer plays is not one of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.engine.echo import ECHO_NS
from panel.engine.player import NOTE_ON, Message
from panel.engine.recording import RecordingPort
from tests.box import BASIC, MS, SECOND, SEVEN, Box

RIM, SNARE, COUNT, OTHER = 37, 38, 75, 49


def _note(note: int, channel: int = 10) -> Message:
    return (NOTE_ON + channel - 1, note, 90)


def _playing(**arguments: int) -> Box:
    """A box whose first click has just sounded."""
    box = Box()
    box.do("start", **arguments)
    box.run(0)
    assert [message for _, message in box.played if message[0] & 0xF0 == NOTE_ON] != []
    return box


class TestOfTheClick:
    @pytest.mark.parametrize("after_ms", [0, 5, 20, 40])
    def test_is_known_for_40_ms(self, after_ms: int) -> None:
        box = _playing()
        assert box.engine.echoes(_note(RIM), box.now + after_ms * MS)

    @pytest.mark.parametrize("after_ms", [41, 100, 499])
    def test_is_the_drummers_own_hit_later_on(self, after_ms: int) -> None:
        box = _playing()
        assert not box.engine.echoes(_note(RIM), box.now + after_ms * MS)

    def test_before_the_beat_it_is_the_drummers_own(self) -> None:
        box = _playing()
        assert not box.engine.echoes(_note(RIM), box.now + 500 * MS - 1)
        assert box.engine.echoes(_note(RIM), box.now + 500 * MS)

    def test_another_note_at_the_same_instant_is_heard(self) -> None:
        box = _playing()
        assert not box.engine.echoes(_note(OTHER), box.now)

    def test_on_whatever_channel_the_module_answers(self) -> None:
        box = _playing()
        assert box.engine.echoes(_note(RIM, channel=1), box.now + MS)

    def test_of_a_count_in(self) -> None:
        box = _playing(count_in=1)
        assert box.engine.echoes(_note(COUNT), box.now + MS)
        assert not box.engine.echoes(_note(RIM), box.now + MS)

    def test_of_a_muted_click_there_is_none(self) -> None:
        box = _playing()
        box.do("mute", on=True)
        box.run(500 * MS)
        assert not box.engine.echoes(_note(RIM), box.now + MS)

    def test_stopped_there_is_none(self) -> None:
        box = Box()
        box.run(SECOND)
        assert not box.engine.echoes(_note(RIM), box.now)

    @pytest.mark.parametrize("trim_ms", [-30, 0, 50])
    def test_comes_when_the_port_has_it_by_its_trim(self, trim_ms: int) -> None:
        port = RecordingPort()
        port.kind = "module"
        box = Box(ports=(port,))
        box.do("ports", trim_ms=trim_ms)
        box.do("start")
        box.run(5 * SECOND)
        (*_, sent) = (s.due_ns for s in port.sent if s.message[0] & 0xF0 == NOTE_ON)
        heard = [box.engine.echoes(_note(RIM), sent + ns) for ns in (-MS, 0, ECHO_NS, ECHO_NS + 1)]
        assert heard == [False, True, True, False]


class TestOfWhatIsOver:
    """A note that was sent under a state that is no more."""

    def test_after_a_stop(self) -> None:
        """Else the last click would come back as a press of START, and start the box again."""
        box = _playing()
        box.now += 3 * MS
        box.do("stop")
        assert box.engine.echoes(_note(RIM), box.now + 5 * MS)
        assert not box.engine.echoes(_note(RIM), box.now + 40 * MS)

    def test_after_a_mute(self) -> None:
        box = _playing()
        box.do("mute", on=True)
        assert box.engine.echoes(_note(RIM), box.now + 5 * MS)

    def test_after_another_pattern_and_another_voice(self) -> None:
        box = _playing()
        box.do("pattern", pattern=SEVEN._asdict(), when="now")
        box.do("voices", voices=(("rim", OTHER, 10, 100),))
        assert box.engine.echoes(_note(RIM), box.now + 5 * MS)
        assert not box.engine.echoes(_note(RIM), box.now + 41 * MS)

    def test_after_many_changes_in_a_row(self) -> None:
        box = _playing()
        for bpm in range(121, 126):
            box.run(5 * MS)
            box.do("tempo", micro_bpm=bpm * 1_000_000)
        assert box.engine.echoes(_note(RIM), box.now + 15 * MS)
        assert not box.engine.echoes(_note(RIM), box.now + 16 * MS)

    def test_what_was_heard_before_a_change_and_asked_for_behind_it(self) -> None:
        """What is heard waits for a gap."""
        box = _playing()
        heard_ns = box.now + 5 * MS
        box.run(200 * MS)
        box.do("stop")
        box.run(200 * MS)
        box.do("start")
        assert box.engine.echoes(_note(RIM), heard_ns)
        assert not box.engine.echoes(_note(RIM), heard_ns + 100 * MS)


class TestOfATestHit:
    def test_is_known_for_40_ms(self) -> None:
        box = Box()
        box.do("hit", note=OTHER, channel=10, velocity=100)
        heard = [box.engine.echoes(_note(OTHER), box.now + ns) for ns in (0, ECHO_NS, ECHO_NS + 1)]
        assert heard == [True, True, False]
        assert not box.engine.echoes(_note(RIM), box.now)

    def test_each_of_a_fast_turn(self) -> None:
        box = Box()
        for note in range(40, 60):
            box.do("hit", note=note, channel=10, velocity=100)
            box.run(MS)
        assert all(box.engine.echoes(_note(note), box.now + 5 * MS) for note in range(40, 60))


@given(st.integers(0, 3000), st.integers(40, 240), st.lists(st.tuples(st.integers(1, 700), st.integers(40, 240))))
def test_every_note_that_is_sent_comes_back_unheard(echo_us: int, bpm: int, turns: list[tuple[int, int]]) -> None:
    """However the tempo is turned meanwhile."""
    box = Box(BASIC, bpm=bpm)
    box.do("start")
    asked = 0
    for gap_ms, wanted in [*turns[:5], (500, bpm)]:
        box.run(gap_ms * MS)
        notes = [sent for sent in box.port.sent if sent.message[0] & 0xF0 == NOTE_ON]
        for sent in notes[asked:]:
            assert box.engine.echoes(sent.message, sent.due_ns + echo_us * 10_000)
        asked = len(notes)
        box.do("tempo", micro_bpm=wanted * 1_000_000)
    assert asked > 0
