"""The panel's side of the socket: what it foresees, and how it heals. The engine is a real one on a fake clock."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from panel.engine.client import (
    MAX_RETRY_NS,
    RETRY_NS,
    SOON_NS,
    SPAWN_NS,
    TRUST_NS,
    EngineClient,
    News,
    ask,
)
from panel.engine.engine import Engine
from panel.engine.loop import Loop
from panel.engine.player import NOTE_ON
from panel.engine.ports import Patchbay
from panel.engine.recording import RecordingPort
from panel.engine.server import Server
from panel.engine.spin import Spin
from panel.engine.state import PlayerState, stopped_state
from panel.engine.wire import Heard, WireError, encode_heard
from panel.music.tempo import MICRO, NEVER
from tests.box import BASIC, MS, SECOND, SEVEN, VOICES


class Child:
    """An engine that was started, as its parent sees it."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.ended = False

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.ended = True


class LeadingBay(Patchbay):
    """A patchbay that remembers whom it was told to connect, and finds them there."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.led: list[tuple[str, ...]] = []

    def follow(self, followers: tuple[str, ...]) -> None:
        self.led.append(followers)
        self.followers = followers


class House:
    """An engine that can die, and panels, all on one fake clock in one thread."""

    def __init__(self, path: str) -> None:
        self.path, self.now = path, 10 * SECOND
        self.loop: Loop | None = None
        self.port = RecordingPort()
        self.spawned: list[int] = []
        self.children: list[Child] = []

    def clock(self) -> int:
        return self.now

    def wait(self, sources: list[Any], _: list[Any], __: list[Any], timeout_s: float) -> Any:
        """Whoever has something to read; else time passes, but not past the end of the turn."""
        readable, _, _ = select.select(sources, [], [], 0)
        if not readable:
            self.now = min(self.until, self.now + max(1000, round(timeout_s * 1e9)))
        return readable, [], []

    def engine_lives(self) -> None:
        self.port = RecordingPort()
        self.patchbay = LeadingBay(lambda: None, (self.port,))
        engine = Engine(stopped_state(BASIC, 120 * MICRO, self.now), self.patchbay, self.now, pid=len(self.spawned))
        self.engine = engine
        self.server = Server(self.path)
        self.loop = Loop(engine, self.patchbay, self.server, self.clock, self.wait, spin=Spin(0))

    def engine_dies(self) -> None:
        """As by kill -9: no last word, the socket stays where it is."""
        assert self.loop
        self.loop = None
        for client in self.server.clients:
            client.connection.close()
        self.server._listener.close()

    def spawn(self) -> Child:
        self.spawned.append(self.now)
        self.children.append(Child())
        return self.children[-1]

    def panel(self, state: PlayerState | None = None) -> EngineClient:
        return EngineClient(state or stopped_state(SEVEN, 90 * MICRO, self.now), self.clock, self.spawn, self.path)

    def run(self, ns: int, *panels: EngineClient) -> list[News]:
        """Let time pass in frames of 10 ms; the news of the panels."""
        news = []
        end = self.now + ns
        while True:
            self.until = min(end, self.now + 10 * MS)
            while self.loop and self.now < self.until:
                self.loop.step()
            self.now = self.until
            news += [told for panel in panels if (told := panel.tend())]
            if self.now >= end:
                return news


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(str(tmp_path / "s"))
    yield house
    if house.loop:
        house.engine_dies()


def settled(house: House) -> EngineClient:
    """A panel beside a fresh engine that has its voices."""
    house.engine_lives()
    panel = house.panel()
    assert house.run(100 * MS, panel) == [News.FRESH]
    panel.send("voices", voices=VOICES)
    house.run(20 * MS, panel)
    return panel


def test_a_fresh_engine_is_news(house: House) -> None:
    house.engine_lives()
    panel = house.panel()
    assert not panel.connected
    assert house.run(100 * MS, panel) == [News.FRESH]
    assert panel.connected
    assert panel.state.chosen == SEVEN  # what it will be told is up to the session


def test_a_command_is_foreseen_at_once(house: House) -> None:
    panel = settled(house)
    panel.send("tempo", micro_bpm=99 * MICRO)
    panel.send("start", count_in=1)
    assert panel.state.beat_micro_bpm == 99 * MICRO
    assert panel.state.playing
    house.run(50 * MS, panel)
    assert house.engine.state.playing
    assert panel.state == house.engine.state


def test_an_older_view_does_not_undo_what_was_foreseen(house: House) -> None:
    panel = settled(house)
    house.engine.changed = True  # a View is on its way
    house.until = house.now + 1
    house.loop.step()  # type: ignore[union-attr]
    panel.send("tempo", micro_bpm=99 * MICRO)
    panel.tend()
    assert panel.state.beat_micro_bpm == 99 * MICRO


def test_what_did_not_happen_is_believed_after_a_second(house: House) -> None:
    panel = settled(house)
    panel.send("start")
    house.run(20 * MS, panel)
    panel.state = panel.state._replace(revision=1000, muted=True)  # foreseen wrongly
    panel._sent_ns = house.now
    house.run(TRUST_NS + SECOND + 50 * MS, panel)
    assert panel.state == house.engine.state


def test_a_refusal_is_kept_for_whoever_asks(house: House) -> None:
    panel = settled(house)
    panel.send("start")
    house.run(20 * MS, panel)
    panel.send("resume", state=panel.state, seen_ns=0)
    house.run(20 * MS, panel)
    assert panel.refusals == ["the engine is playing already: it does not take another's state"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("tempo", {"micro_bpm": 1}), ("hit", {"note": 128, "channel": 1}), ("ports", {"trim_ms": 51}), ("fly", {})],
)
def test_a_wrong_command_is_not_sent(house: House, name: str, arguments: dict[str, Any]) -> None:
    panel = settled(house)
    with pytest.raises(WireError):
        panel.send(name, **arguments)


def test_a_running_engine_is_adopted(house: House) -> None:
    first = settled(house)
    first.send("start")
    house.run(100 * MS, first)
    second = house.panel()
    assert house.run(100 * MS, first, second) == [News.RUNNING]
    assert second.state == house.engine.state == first.state


def test_two_panels_see_each_others_turns(house: House) -> None:
    first = settled(house)
    second = house.panel()
    house.run(100 * MS, first, second)
    first.send("start")
    house.run(30 * MS, first, second)
    second.send("tempo", micro_bpm=99 * MICRO)
    house.run(30 * MS, first, second)
    first.send("mute", on=True)
    second.send("fill")
    house.run(30 * MS, first, second)
    assert first.state == second.state == house.engine.state
    assert house.engine.state.muted
    assert house.engine.state.fill_last == 2


class TestDeath:
    def test_an_engine_that_died_is_healed_in_phase(self, house: House) -> None:
        panel = settled(house)
        panel.send("start")
        house.run(1100 * MS, panel)
        grid = house.engine.state.tempo_map.time_of(0) % (500 * MS)
        house.engine_dies()
        assert house.run(300 * MS, panel) == [News.LOST]
        assert not panel.connected
        house.engine_lives()
        assert house.run(200 * MS, panel) == [News.FRESH]
        house.run(2 * SECOND, panel)
        onsets = [sent.due_ns for sent in house.port.sent if sent.message[0] & 0xF0 == NOTE_ON]
        assert len(onsets) >= 4
        assert {due % (500 * MS) for due in onsets} == {grid}
        assert panel.state == house.engine.state

    def test_start_pressed_meanwhile_counts(self, house: House) -> None:
        panel = settled(house)
        house.engine_dies()
        house.run(300 * MS, panel)
        panel.send("start")
        panel.send("tempo", micro_bpm=77 * MICRO)
        house.engine_lives()
        house.run(300 * MS, panel)
        assert house.engine.state.playing
        assert house.engine.state.beat_micro_bpm == 77 * MICRO

    @pytest.mark.parametrize(("away_ms", "plays"), [(4000, True), (6000, False)])
    def test_only_within_five_seconds(self, house: House, away_ms: int, plays: bool) -> None:
        panel = settled(house)
        panel.send("start")
        house.run(300 * MS, panel)
        house.engine_dies()
        house.run(away_ms * MS, panel)
        house.engine_lives()
        house.run(300 * MS, panel)
        assert house.engine.state.playing == plays == panel.state.playing

    def test_it_is_noticed_behind_a_last_view(self, house: House) -> None:
        panel = settled(house)
        panel.send("start")
        house.until = house.now + 5 * MS
        while house.now < house.until:
            house.loop.step()  # type: ignore[union-attr]
        house.engine_dies()  # its View has been sent, and not been read
        assert panel.tend() == News.LOST
        assert not panel.connected
        house.engine_lives()
        assert house.run(300 * MS, panel) == [News.FRESH]
        assert house.engine.state.playing

    def test_a_new_engine_is_asked_for_now_and_then(self, house: House) -> None:
        panel = house.panel()
        house.run(SPAWN_NS * 3 - 10 * MS, panel)
        assert len(house.spawned) == 3
        assert min(b - a for a, b in zip(house.spawned, house.spawned[1:], strict=False)) >= SPAWN_NS

    def test_one_that_ended_before_it_answered_is_replaced_at_once(self, house: House) -> None:
        panel = house.panel()
        house.run(RETRY_NS, panel)
        house.children[0].code = 3
        house.run(2 * RETRY_NS, panel)
        assert len(house.spawned) == 2
        assert RETRY_NS <= house.spawned[1] - house.spawned[0] <= 3 * RETRY_NS
        house.run(SPAWN_NS - 2 * RETRY_NS, panel)
        assert len(house.spawned) == 2  # the second lives, and has its time

    def test_one_that_cannot_start_is_tried_later_and_later(self, house: House) -> None:
        panel = house.panel()
        for _ in range(600):  # a minute
            house.run(RETRY_NS, panel)
            for child in house.children:
                child.code = 3
        gaps = [later - earlier for earlier, later in pairwise(house.spawned)]
        assert gaps[0] < 3 * RETRY_NS
        assert gaps == sorted(gaps)
        assert MAX_RETRY_NS <= gaps[-1] <= MAX_RETRY_NS + 2 * RETRY_NS
        house.engine_lives()
        assert house.run(2 * RETRY_NS, panel) == [News.FRESH]
        house.engine_dies()
        spawned = len(house.spawned)
        house.run(2 * RETRY_NS, panel)
        assert len(house.spawned) == spawned + 1, "one that has answered is replaced at once"

    def test_the_next_engine_is_told_who_followed_and_how_many_have_died(self, house: House) -> None:
        panel = settled(house)
        house.patchbay.followers = ("synth:in 129:0",)
        house.engine.changed = True
        for restarts in (1, 2, 3):
            house.run(50 * MS, panel)
            house.engine_dies()
            house.run(200 * MS, panel)
            house.engine_lives()
            house.run(RETRY_NS + 200 * MS, panel)
            assert house.patchbay.led == [("synth:in 129:0",)]
            assert house.engine.view().restarts == restarts
            assert panel.view
            assert panel.view.restarts == restarts

    def test_one_that_died_young_is_replaced_at_once(self, house: House) -> None:
        panel = house.panel()
        house.run(RETRY_NS, panel)
        house.engine_lives()
        assert house.run(2 * RETRY_NS, panel) == [News.FRESH]
        house.engine_dies()
        house.children[0].code = -9
        assert house.run(2 * RETRY_NS, panel) == [News.LOST]
        assert len(house.spawned) == 2

    def test_one_that_died_while_playing_is_replaced_in_the_same_breath(self, house: House) -> None:
        panel = settled(house)
        panel.send("start")
        house.run(300 * MS, panel)
        assert panel.due_ns == NEVER
        house.engine_dies()
        assert panel.tend() == News.LOST
        assert house.spawned == [house.now]
        assert panel.due_ns == house.now + SOON_NS
        house.now += 70 * MS
        assert panel.tend() is None
        house.engine_lives()
        assert house.run(SOON_NS + 10 * MS, panel) == [News.FRESH]
        assert panel.due_ns == NEVER
        house.run(100 * MS, panel)
        assert house.engine.state.playing

    def test_one_that_was_told_to_end_is_not_replaced_by_the_panel_that_told_it(self, house: House) -> None:
        panel = settled(house)
        panel.send("start")
        house.run(300 * MS, panel)
        panel.end_engine()
        house.until = house.now + SECOND
        while house.loop and not house.loop.ended:
            house.loop.step()
        house.engine_dies()
        assert panel.tend() == News.LOST
        assert not house.spawned

    def test_nobody_is_woken_for_an_engine_that_stays_away(self, house: House) -> None:
        panel = EngineClient(stopped_state(SEVEN, 90 * MICRO, 0), house.clock, None, house.path)
        house.run(SECOND, panel)
        assert panel.due_ns == NEVER

    def test_an_engine_that_does_not_answer_yet_is_not_left_behind(self, house: House) -> None:
        panel = house.panel()
        house.run(RETRY_NS, panel)
        panel.end_engine()
        assert house.children[0].ended

    @pytest.mark.parametrize(("unless_watched", "ends"), [(True, False), (False, True)])
    def test_another_panel_may_keep_the_engine(self, house: House, unless_watched: bool, ends: bool) -> None:
        panel, other = settled(house), house.panel()
        house.run(100 * MS, panel, other)
        panel.end_engine(unless_watched)
        house.until = house.now + SECOND
        while house.loop and not house.loop.ended and house.now < house.until:
            house.loop.step()
        assert house.loop
        assert house.loop.ended == ends

    def test_an_engine_that_answers_is_asked_to_end(self, house: House) -> None:
        panel = settled(house)
        panel.end_engine()
        house.until = house.now + SECOND
        while house.loop and not house.loop.ended and house.now < house.until:
            house.loop.step()
        assert house.loop
        assert house.loop.ended
        assert not house.children

    def test_the_second_panel_adopts_what_the_first_handed_over(self, house: House) -> None:
        first = settled(house)
        second = house.panel()
        first.send("start")
        house.run(300 * MS, first, second)
        house.engine_dies()
        house.run(200 * MS, first, second)
        house.engine_lives()
        house.run(RETRY_NS + 200 * MS, first, second)
        assert first.state == second.state == house.engine.state
        assert house.engine.state.playing
        assert house.engine.state.run == 1


def test_it_never_waits_for_an_engine_that_hangs(house: House) -> None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(house.path)
    listener.listen(0)
    panels = [house.panel() for _ in range(5)]
    for panel in panels:
        assert panel.tend() is None  # the queue is full after one or two
        assert not panel.connected
        panel.close()
    listener.close()


def test_garbage_from_the_engine_is_a_refusal(house: House) -> None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(house.path)
    listener.listen(1)
    panel = house.panel()
    panel.tend()
    connection, _ = listener.accept()
    connection.sendall(b"garbage\n5\n[]\n{}\n" + b"[" * 5000 + b"\n" + encode_heard(Heard(1, 2, 3, 4)))
    assert panel.tend() is None
    assert len(panel.refusals) == 5
    assert panel.heard == [Heard(1, 2, 3, 4)]
    connection.close()
    listener.close()
    assert panel.tend() is None  # it had never settled: nothing is lost
    assert panel.fileno() == -1


def test_asking_without_an_engine_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRUMASSIST_RUNTIME", str(tmp_path))
    monkeypatch.setattr("panel.engine.place.SYSTEM_FOLDER", str(tmp_path / "none"))
    with pytest.raises(OSError, match="No such file"):
        ask("view")


def test_an_engine_that_plays_and_says_nothing_is_not_there(house: House) -> None:
    panel = settled(house)
    panel.send("start")
    house.run(SECOND, panel)
    assert panel.connected
    hung, house.loop = house.loop, None  # as by SIGSTOP: the socket stays open
    house.run(2 * SECOND, panel)
    assert panel.connected
    house.run(2 * SECOND, panel)
    assert not panel.connected
    house.loop = hung
    house.run(2 * SECOND, panel)
    assert panel.connected


def test_stopped_an_engine_may_be_silent(house: House) -> None:
    panel = settled(house)
    house.run(60 * SECOND, panel)
    assert panel.connected
    panel.send("start")
    assert panel.connected
