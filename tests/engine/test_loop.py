"""The loop with a fake clock and a fake select: writes on time, everything else in the gaps."""

from __future__ import annotations

import json
import os
import select
from collections.abc import Callable
from typing import Any

import pytest

from panel.engine.engine import Engine
from panel.engine.loop import GAP_NS, HUNGRY_NS, Loop
from panel.engine.player import CONTROL_CHANGE, NOTE_ON, Message
from panel.engine.ports import Hear, Patchbay
from panel.engine.recording import RecordingPort
from panel.engine.server import Received
from panel.engine.spin import DEFAULT_NS
from panel.engine.state import PlayerState, Voice, stopped_state
from panel.engine.wire import Answer, Heard, View, WireError, decode_answer, encode
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import MICRO
from tests.box import BASIC, MS, SECOND, VOICES

ROLL = Pattern("Roll", Meter.of(4, 4), (Row("hat", "x" * 1000),))  # at 300 BPM a stroke every 0.8 ms


class FakeClient:
    """What the loop sees of a connection."""

    def __init__(self) -> None:
        self.watching = False
        self.told: list[bytes] = []

    @property
    def answers(self) -> list[Answer]:
        found: list[Answer] = []
        known: PlayerState | None = None
        for line in self.told:
            if b'"error"' not in line:
                found.append(decode_answer(line, known))
                known = found[-1].state if isinstance(found[-1], View) else known
        return found

    @property
    def refusals(self) -> list[str]:
        return [json.loads(line)["error"] for line in self.told if b'"error"' in line]


class FakeServer:
    """Lines that come at a given time, and what was said to whom."""

    def __init__(self) -> None:
        self.mail: list[tuple[int, FakeClient, bytes]] = []
        self.clients: list[FakeClient] = []
        self.taken: list[int] = []
        self.waiting = False
        self.closed = False
        self.now: Callable[[], int] = lambda: 0

    @property
    def sources(self) -> list[FakeClient]:
        return self.clients

    @property
    def watched(self) -> bool:
        return any(client.watching for client in self.clients)

    def ready(self) -> bool:
        return bool(self.mail) and self.mail[0][0] <= self.now()

    def take(self, readable: list[Any]) -> Received | None:
        assert self.ready()
        _, client, line = self.mail.pop(0)
        self.taken.append(self.now())
        return Received(client, line)  # type: ignore[arg-type]

    def send(self, client: FakeClient, line: bytes) -> None:
        client.told.append(line)

    def publish(self, line: bytes) -> None:
        for client in self.clients:
            if client.watching:
                client.told.append(line)

    def close(self) -> None:
        self.closed = True


class ListeningBay(Patchbay):
    """A patchbay that remembers who listens."""

    hear: Hear | None = None

    def listen(self, hear: Hear | None) -> None:
        self.hear = hear


class Stage:
    """A loop on a fake clock that costs 1 us a look, and a select that jumps."""

    def __init__(self, pattern: Pattern = BASIC, bpm: int = 120, take_ns: int = 0) -> None:
        self.now = 10 * SECOND
        self.take_ns = take_ns
        self.waits: list[float] = []
        self.oversleep_ns = 0  # so much later than asked does a wait end
        self.written: list[int] = []
        self.port = RecordingPort()
        self.patchbay = ListeningBay(lambda: None, (self.port,))
        self.engine = Engine(stopped_state(pattern, bpm * MICRO, self.now), self.patchbay, self.now)
        self.server = FakeServer()
        self.server.now = lambda: self.now
        self.client = FakeClient()
        self.server.clients.append(self.client)
        self.loop = Loop(self.engine, self.patchbay, self.server, self.clock, self.wait)  # type: ignore[arg-type]
        self.until = 1 << 62
        self.interrupts: list[tuple[int, Callable[[], object]]] = []
        self.say("voices", voices=VOICES)

    def clock(self) -> int:
        self.now += 1000
        return self.now

    def wait(self, sources: list[Any], _: list[Any], __: list[Any], timeout_s: float) -> tuple[list[Any], Any, Any]:
        self.waits.append(timeout_s)
        assert timeout_s >= 0
        end = min(self.now + round(timeout_s * 1e9) + (self.oversleep_ns if timeout_s else 0), self.until)
        wakes = [at for at, _ in self.interrupts[:1]]
        if self.client in sources and self.server.mail:
            wakes.append(self.server.mail[0][0])
        self.now = max(self.now, min([end, *wakes]))
        while self.interrupts and self.interrupts[0][0] <= self.now:
            self.interrupts.pop(0)[1]()
        readable, _, _ = select.select([sources[0]], [], [], 0)  # the pipe is a real one
        if self.client in sources and self.server.ready():
            readable.append(self.client)
        return readable, [], []

    def say(self, name: str, after_ns: int = 0, **arguments: Any) -> None:
        """A command that comes over the socket after a time."""
        self.server.mail.append((self.now + after_ns, self.client, encode(name, **arguments)[:-1]))
        self.server.mail.sort(key=lambda mail: mail[0])

    def run(self, ns: int, steps: int = 100_000) -> None:
        """Let the loop turn for so long."""
        self.until = self.now + ns
        for _ in range(steps):
            if self.now >= self.until or self.loop.ended:
                self.until = 1 << 62
                return
            before = len(self.port.sent)
            self.loop.step()
            self.written += [self.now] * (len(self.port.sent) - before)
        raise AssertionError("it turns and turns, and no time passes")

    @property
    def lateness(self) -> list[int]:
        return [at - sent.due_ns for at, sent in zip(self.written, self.port.sent, strict=True)]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_writes_are_on_time_and_never_early(stage: Stage) -> None:
    stage.say("clock", on=True)
    stage.say("start")
    stage.run(5 * SECOND)
    assert len(stage.port.sent) > 100
    assert min(stage.lateness[3:]) >= 0
    assert max(stage.lateness[3:]) <= 3000  # a look at the clock costs 1 us here


def test_the_sleep_ends_just_before_the_due_time(stage: Stage) -> None:
    stage.say("start")
    stage.run(600 * MS)
    stage.waits.clear()
    due = stage.engine.due_ns
    while stage.engine.due_ns == due:
        before = stage.now
        stage.loop.step()
        assert stage.now <= due - DEFAULT_NS + 3000 or before >= due - DEFAULT_NS
    assert stage.waits


def test_at_rest_it_sleeps(stage: Stage) -> None:
    stage.run(SECOND)
    stage.waits.clear()
    stage.run(60 * SECOND)
    assert len(stage.waits) <= 60 * 5 + 5  # the ports four times a second, the lateness once


def test_a_message_is_not_taken_within_5_ms_of_a_due_time(stage: Stage) -> None:
    stage.say("start")
    stage.run(400 * MS)
    due = stage.engine.due_ns
    assert due - stage.now > GAP_NS
    for before_ns in (20 * MS, 4 * MS, 2 * MS, 300_000, 50_000):
        stage.say("mute", after_ns=due - before_ns - stage.now, on=False)
    stage.server.taken.clear()
    stage.run(110 * MS)
    assert stage.server.taken[0] < due - 19 * MS
    assert min(stage.server.taken[1:]) >= due
    assert max(stage.lateness[1:]) <= 3000


def test_messages_are_not_starved_by_dense_events() -> None:
    stage = Stage(ROLL, 300)
    stage.say("gate", gate_ms=1)
    stage.say("start")
    stage.run(100 * MS)
    for _ in range(20):
        stage.say("mute", on=False)
    stage.server.taken.clear()
    stage.run(60 * HUNGRY_NS)
    assert len(stage.server.taken) == 20
    writes = sorted(set(stage.written))
    for taken in stage.server.taken:  # right behind a write: there is most time
        assert min(abs(taken - write) for write in writes) < 1 * MS


def test_no_message_squeezes_between_two_writes_where_gaps_are_near(stage: Stage) -> None:
    stage.say("gate", gate_ms=497)  # ends 3 ms before the next note
    stage.say("start")
    stage.run(400 * MS)
    stage.server.taken.clear()
    end_ns = stage.engine.due_ns
    stage.say("mute", after_ns=end_ns - stage.now - 1 * MS, on=False)
    stage.run(200 * MS)
    assert len(stage.server.taken) == 1
    assert stage.server.taken[0] > end_ns + 3 * MS


def test_a_storm_of_messages_makes_nothing_late(stage: Stage) -> None:
    stage.say("start")
    for ms in range(3000):
        stage.say("tempo", after_ns=ms * MS, micro_bpm=(120 + ms % 2) * MICRO)
    stage.run(3 * SECOND)
    assert max(stage.lateness[1:]) <= 3000
    assert len(stage.server.mail) < 30


def test_a_view_on_every_change_and_once_a_second_while_playing(stage: Stage) -> None:
    stage.say("watch")
    stage.run(10 * MS)
    assert len(stage.client.answers) == 1
    stage.run(5 * SECOND)
    assert len(stage.client.answers) == 1
    stage.say("start")
    stage.run(10 * MS)
    started = stage.client.answers[-1]
    assert isinstance(started, View)
    assert started.state.playing
    before = len(stage.client.answers)
    stage.run(5 * SECOND)
    assert 5 <= len(stage.client.answers) - before <= 6
    assert all(b'"state"' not in line for line in stage.client.told[before:])  # it is the one that was told
    stage.say("watch")
    stage.run(10 * MS)
    assert b'"state"' in stage.client.told[-1]  # whoever comes new is told it whole


def test_nobody_watches_nobody_is_told(stage: Stage) -> None:
    stage.say("start")
    stage.run(3 * SECOND)
    assert stage.client.told == []


def test_view_answers_once(stage: Stage) -> None:
    stage.say("view")
    stage.run(SECOND)
    assert [type(answer) for answer in stage.client.answers] == [View]


def test_what_is_wrong_is_answered_and_nothing_ends(stage: Stage) -> None:
    for line in (b"garbage", b"{}", b'{"do":"fly"}', b"\xff" * 100):
        stage.server.mail.append((stage.now, stage.client, line))
    stage.say("start")
    stage.run(10 * MS)
    assert len(stage.client.refusals) == 4
    assert stage.engine.state.playing


def test_while_it_plays_nothing_long_is_read(stage: Stage) -> None:
    nested = b"[" * 60_000
    stage.server.mail.append((stage.now, stage.client, nested))
    stage.run(10 * MS)
    stage.say("start")
    stage.run(10 * MS)
    stage.server.mail.append((stage.now, stage.client, nested))
    stage.run(10 * MS)
    assert stage.client.refusals == [
        "a message is one line of JSON",
        "a message of 60000 bytes: at most 8192 are taken",
    ]


def test_the_spin_is_as_long_as_it_is_told(stage: Stage) -> None:
    stage.say("spin", us=1000)
    stage.say("start")
    stage.run(400 * MS)
    due, stage.now = stage.engine.due_ns, stage.engine.due_ns - 900_000
    stage.waits.clear()
    stage.loop.step()
    assert stage.waits == [], "the rest of it is spun"
    assert due <= stage.now <= due + 3000


def test_a_sleep_that_ends_behind_its_write_is_counted(stage: Stage) -> None:
    spin = stage.loop._spin
    stage.say("start")
    stage.run(3 * SECOND)
    assert spin.overslept == 0
    stage.oversleep_ns = 150_000
    spin.overslept = 0
    stage.run(990 * MS)
    assert spin.overslept == 3, "a beat, its end, and the end of the one before"


def test_what_comes_right_behind_a_write_was_not_slept_for() -> None:
    stage = Stage(ROLL, 300)
    stage.say("start")
    stage.run(900 * MS)
    assert stage.loop._spin.overslept == 0


def test_the_view_holds_the_state_of_the_moment(stage: Stage) -> None:
    """Its JSON is kept from View to View: never longer than the state is the same."""
    stage.say("watch")
    stage.say("start")
    for bpm in (100, 101, 101, 90):
        stage.say("tempo", micro_bpm=bpm * MICRO)
        stage.run(10 * MS)
        last = stage.client.answers[-1]
        assert isinstance(last, View)
        assert last.state == stage.engine.state
        assert last.state.beat_micro_bpm == bpm * MICRO


def test_a_refused_resume_is_told(stage: Stage) -> None:
    stage.say("start")
    stage.run(10 * MS)
    stage.say("resume", state=stage.engine.state, seen_ns=0)
    stage.run(10 * MS)
    assert stage.client.refusals == ["the engine is playing already: it does not take another's state"]


def test_quit_ends_with_the_ends_of_notes(stage: Stage) -> None:
    stage.say("start")
    stage.run(10 * MS)
    stage.say("quit")
    stage.loop.run()
    assert [sent.message[0] for sent in stage.port.sent] == [0x99, 0x89]
    assert stage.server.closed


def test_who_watches_is_told_of_the_stop_before_the_end(stage: Stage) -> None:
    stage.client.watching = True
    stage.say("start")
    stage.run(10 * MS)
    stage.say("quit")
    stage.loop.run()
    last = stage.client.answers[-1]
    assert isinstance(last, View)
    assert not last.state.playing


def test_who_leaves_does_not_end_what_another_watches(stage: Stage) -> None:
    other = FakeClient()
    stage.server.clients.append(other)
    other.watching = stage.client.watching = True
    stage.say("start")
    stage.say("quit", unless_watched=True)
    stage.run(10 * MS)
    assert stage.engine.state.playing
    assert not stage.loop.ended
    other.watching = False
    stage.say("quit", unless_watched=True)
    stage.run(10 * MS)
    assert stage.loop.ended


def test_a_signal_ends_a_long_sleep(stage: Stage) -> None:
    stage.run(SECOND)

    def end() -> None:
        stage.loop.ended = True
        os.write(stage.loop.wake_descriptor, b"x")

    stage.interrupts.append((stage.now + 10 * MS, end))
    started = stage.now
    stage.loop.run()
    assert stage.now - started < 11 * MS


def test_a_wake_just_before_a_write_does_not_spin(stage: Stage) -> None:
    stage.say("start")
    stage.run(450 * MS)
    due = stage.engine.due_ns
    stage.say("mute", after_ns=due - 4 * MS - stage.now, on=False)  # from here on only the pipe is waited for
    stage.interrupts.append((due - 3 * MS, lambda: os.write(stage.loop.wake_descriptor, b"x")))
    stage.waits.clear()
    stage.run(due - stage.now - DEFAULT_NS)
    assert len(stage.waits) < 10


class TestHeard:
    def hear(self, stage: Stage, *message: int) -> None:
        hear = stage.patchbay.hear
        assert hear is not None
        message_: Message = message
        stage.interrupts.append((stage.now + MS, lambda: hear(message_)))
        stage.run(5 * MS)

    def test_a_note_is_told_to_who_listens(self, stage: Stage) -> None:
        stage.say("listen", on=True)
        stage.run(5 * MS)
        self.hear(stage, NOTE_ON + 9, 38, 77)
        (heard,) = stage.client.answers
        assert isinstance(heard, Heard)
        assert heard[:3] == (38, 10, 77)
        assert abs(stage.now - heard.stamp_ns) < 5 * MS

    def test_only_strokes_are_told(self, stage: Stage) -> None:
        stage.say("listen", on=True)
        stage.run(5 * MS)
        for message in [(NOTE_ON + 9, 38, 0), (0x89, 38, 64), (0xF8,), (0xB9, 4, 5), (0xD9, 99), ()]:
            self.hear(stage, *message)
        assert stage.client.told == []

    def test_a_pedal_is_told_when_it_goes_down(self, stage: Stage) -> None:
        stage.say("listen", on=True)
        stage.run(5 * MS)
        for value in (0, 63, 64, 127, 90, 63, 127):
            self.hear(stage, CONTROL_CHANGE + 9, 4, value)
        assert [answer[:3] for answer in stage.client.answers] == [(4, 10, 64), (4, 10, 127)]
        assert all(isinstance(answer, Heard) and answer.control for answer in stage.client.answers)

    def test_each_pedal_for_itself_and_the_first_press_counts(self, stage: Stage) -> None:
        stage.say("listen", on=True)
        stage.run(5 * MS)
        for status, controller in ((0xB9, 4), (0xB9, 64), (0xB0, 4)):
            self.hear(stage, status, controller, 127)
        assert [answer[:2] for answer in stage.client.answers] == [(4, 10), (64, 10), (4, 1)]

    def test_the_echo_of_the_click_is_not_told_and_what_else_is_hit_is(self, stage: Stage) -> None:
        stage.say("listen", on=True)
        stage.say("start")
        stage.run(5 * MS)
        for note in (37, 42, 37):  # the click's own, another, and the click's again a while later
            self.hear(stage, NOTE_ON + 9, note, 77)
            stage.run(45 * MS)
        assert [answer[0] for answer in stage.client.answers] == [42, 37]

    def test_more_than_the_pipe_holds_raises_nothing_in_the_other_thread(self, stage: Stage) -> None:
        stage.say("listen", on=True)
        stage.run(5 * MS)
        assert stage.patchbay.hear
        for _ in range(70_000):
            stage.patchbay.hear((NOTE_ON + 9, 38, 77))
        assert len(stage.client.answers) == 0
        stage.run(500 * MS)
        assert len(stage.client.answers) == 100

    def test_no_longer_when_it_is_switched_off(self, stage: Stage) -> None:
        stage.say("listen", on=True)
        stage.say("listen", on=False)
        stage.run(5 * MS)
        assert stage.patchbay.hear is None

    def test_the_ear_is_closed_when_the_listener_has_gone(self, stage: Stage) -> None:
        stage.say("listen", on=True)
        stage.run(5 * MS)
        stage.server.clients.remove(stage.client)
        stage.server.clients.append(FakeClient())
        self.hear(stage, NOTE_ON + 9, 38, 77)
        assert stage.client.told == []
        assert stage.patchbay.hear is None


def test_voices_are_checked_on_the_way(stage: Stage) -> None:
    with pytest.raises(WireError):
        decode_answer(b'{"error":"x"}')
    stage.say("voices", voices=(Voice("rim", 200, 1),))
    stage.run(10 * MS)
    assert stage.client.refusals == ["voices: a whole number from 0 to 127 is wanted, not 200"]
