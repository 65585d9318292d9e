"""The panel's end of the sound's socket: it starts a process, hears of it, loses it, and never waits."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import pytest

from panel.music.tempo import NEVER
from panel.sound.client import NO_ANSWER, NOT_INSTALLED, SILENT_NS, SOON_NS, SPAWN_NS, UNUSABLE, ask_sound
from panel.sound.wire import NO_FOLDER, NO_LIBRARIES, RUNNING, SOCKET, WireError, encode_view
from tests.sound.fake import SECOND, FakeSound, Panel


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Where the socket is."""
    return str(tmp_path / SOCKET)


def _met(path: str) -> tuple[Panel, FakeSound]:
    """A panel and a sound that have met."""
    sound, panel = FakeSound(path), Panel(path)
    panel.tend()
    sound.step()
    assert panel.tend() == [True]
    sound.names()
    return panel, sound


def test_a_sound_that_runs_is_found_and_told_as_new_once(path: str) -> None:
    panel, sound = _met(path)
    assert panel.client.connected
    assert panel.client.view == sound.view
    assert (panel.tend(3), panel.children) == ([False] * 3, [])
    sound.tell(load=7)
    assert panel.tend() == [False]
    assert panel.client.view == sound.view


def test_a_command_goes_out_checked_and_only_where_somebody_is(path: str) -> None:
    panel = Panel(path)
    panel.client.send("mix", levels={"click": 50})
    with pytest.raises(WireError, match="from 0 to 100"):
        panel.client.send("mix", levels={"click": 101})
    panel, sound = _met(path)
    panel.client.send("mix", levels={"click": 50})
    assert [command.arguments for command in sound.step().commands] == [{"levels": {"click": 50}}]


def test_where_there_is_none_one_is_started_and_waited_for(path: str) -> None:
    panel = Panel(path)
    panel.tend(20)
    assert len(panel.children) == 1
    sound = FakeSound(path)
    panel.tend()
    sound.step()
    assert panel.tend() == [True]


def test_one_that_dies_is_started_again_and_the_next_is_new(path: str) -> None:
    panel, sound = _met(path)
    sound.die()
    panel.tend(3)
    assert (panel.client.connected, panel.client.view, len(panel.children)) == (False, None, 1)
    sound = FakeSound(path)
    panel.tend()
    sound.step()
    assert panel.tend() == [True]


def test_one_that_was_killed_is_started_again_at_once_and_looked_for_every_20_ms(path: str) -> None:
    panel = Panel(path)
    panel.tend()
    sound = FakeSound(path)
    panel.tend()
    sound.step()
    assert panel.tend() == [True]
    assert panel.client.due_ns == NEVER
    sound.die()
    panel.children[0].code = -9
    panel.tend(every_ns=0)
    for children in (2, 2):
        assert panel.client.due_ns == panel.now + SOON_NS
        panel.now = panel.client.due_ns
        panel.tend(every_ns=0)
        assert len(panel.children) == children
    sound = FakeSound(path)
    panel.now = panel.client.due_ns
    panel.tend(every_ns=0)
    sound.step()
    assert panel.tend() == [True]
    assert panel.client.due_ns == NEVER


def test_one_that_does_not_come_is_not_looked_for_so_often_for_ever(path: str) -> None:
    panel = Panel(path)
    panel.tend(every_ns=0)
    assert panel.client.due_ns == panel.now + SOON_NS
    panel.tend(SPAWN_NS // SOON_NS + 1, SOON_NS)
    assert panel.client.due_ns == NEVER


def test_one_that_can_not_start_is_tried_less_and_less_often(path: str) -> None:
    panel, tried = Panel(path), []
    for _ in range(1500):
        before = len(panel.children)
        panel.tend()
        if len(panel.children) > before:
            tried.append(panel.now)
            panel.children[-1].code = 1
    gaps = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert gaps == sorted(gaps)
    assert gaps[0] <= SECOND
    assert gaps[-1] >= 30 * SECOND
    assert panel.client.problem == "it ended with code 1"


def test_one_that_says_nothing_any_more_hangs_until_it_does(path: str) -> None:
    panel, sound = _met(path)
    panel.tend(9, SILENT_NS // 10)
    assert (panel.client.hangs, panel.client.problem) == (False, "")
    panel.tend(2)
    assert (panel.client.hangs, panel.client.problem) == (True, NO_ANSWER)
    sound.tell(load=7)
    assert panel.tend() == [False]
    assert (panel.client.hangs, panel.client.problem) == (False, "")


def test_where_the_libraries_are_missing_it_is_said_and_not_tried_again(path: str) -> None:
    panel = Panel(path)
    panel.tend()
    panel.children[0].code = NO_LIBRARIES
    panel.tend(1000)
    assert (len(panel.children), panel.client.problem, panel.client.starts) == (1, NOT_INSTALLED, False)


def test_a_folder_that_it_cannot_use_is_named(path: str) -> None:
    panel = Panel(path)
    panel.tend()
    panel.children[0].code = NO_FOLDER
    panel.tend()
    assert panel.client.problem == UNUSABLE


def test_one_that_ends_for_another_runs_is_no_problem(path: str) -> None:
    panel = Panel(path)
    panel.tend()
    panel.children[0].code = RUNNING
    panel.tend(5)
    assert panel.client.problem == ""


def test_without_a_right_to_start_it_waits_for_the_systems(path: str) -> None:
    panel = Panel(path, starts=False)
    panel.tend(100)
    assert (panel.children, panel.client.starts, panel.client.fileno()) == ([], False, -1)


def test_a_refusal_is_kept_and_rubbish_too(path: str) -> None:
    panel, sound = _met(path)
    sound.refuse("there is no kit 'X'")
    sound.say(b'not json\n{"sound": {"device": 3}}\n')
    panel.tend()
    assert panel.client.refusals[0] == "there is no kit 'X'"
    assert len(panel.client.refusals) == 3
    assert panel.client.view == sound.view


def test_a_view_in_pieces_is_one_view(path: str) -> None:
    panel, sound = _met(path)
    sound.view = sound.view._replace(load=9)
    line = encode_view(sound.view)
    sound.say(line[:40])
    panel.tend()
    assert panel.client.view
    assert panel.client.view.load == 0
    sound.say(line[40:])
    panel.tend()
    assert panel.client.view.load == 9


def test_it_is_ended_by_a_word_or_while_it_comes_up_by_a_signal(path: str) -> None:
    panel, sound = _met(path)
    panel.client.end(unless_watched=True)
    assert [(c.name, c.arguments) for c in sound.step().commands] == [("quit", {"unless_watched": True})]
    panel.client.close()
    sound.die()
    panel = Panel(path)
    panel.tend()
    panel.client.end()
    assert panel.children[0].ended


def test_a_sound_that_hangs_keeps_nobody_waiting(path: str) -> None:
    panel, sound = _met(path)
    for _ in range(20_000):  # more than a socket holds
        panel.client.send("mix", levels={"click": 50, "kit": 50, "synth": 50, "master": 50})
    assert not panel.client.connected, "what did not go out whole ends the connection"
    sound.die()


def test_the_command_line_asks_once(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRUMASSIST_RUNTIME", str(Path(path).parent))
    with pytest.raises(OSError, match="No such file"):
        ask_sound("view")
    sound = FakeSound(path)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            sound.step()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ask_sound("view") == sound.view
        assert ask_sound("quit") is None
    finally:
        done.set()
        thread.join()
    assert [command.name for command in sound.step().commands] == ["view", "quit"]
