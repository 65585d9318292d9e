"""The own sound as a process: the panel starts it and ends it, the command line asks it, and nothing waits for it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from panel import box, status
from panel.board import Board, Health
from panel.box import close_session, open_session
from panel.engine.client import EngineClient
from panel.engine.wire import View
from panel.failure import Failure
from panel.gallery import Scene
from panel.screens.about import sound_lines
from panel.session import Session
from panel.settings import Settings
from panel.sound.wire import SOCKET, SoundView
from panel.status import do_status, do_stop, sound_facts, sound_told
from tests.sound.fake import Child, FakeSound

PATIENCE_S = 30
VIEW = SoundView(device="USB Audio", rate=48000, latency_us=8700, load=72, dropouts=1, late=2, engine=True, kit="A")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime folder of its own."""
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("DRUMASSIST_RUNTIME", str(tmp_path / "runtime"))


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[FakeSound]:
    """A sound that answers, in a thread; it hangs up when it is told to quit."""
    found, done = FakeSound(str(tmp_path / "runtime" / SOCKET), VIEW), threading.Event()

    def serve() -> None:
        while not done.is_set():
            found.step()
            if "quit" in [command.name for command in found.commands]:
                found.die()
                found.has_quit.set()
                return

    thread = threading.Thread(target=serve)
    thread.start()
    yield found
    done.set()
    thread.join()


def _said(sound: FakeSound) -> list[tuple[str, dict[str, Any]]]:
    return [(command.name, command.arguments) for command in sound.commands]


def _session(tmp_path: Path, no_sound: bool) -> Session:
    return open_session(tmp_path, Settings(), [], no_engine=True, no_sound=no_sound)


def _meet(session: Session) -> None:
    """Until the sound has answered: another thread works."""
    while not session.sound.view.device:
        session.sound.tend(True, "")


class TestBeginningAndEnd:
    def test_it_is_ended_with_the_panel_unless_another_watches_and_seen_to_go(
        self, tmp_path: Path, sound: FakeSound
    ) -> None:
        session = _session(tmp_path, no_sound=False)
        _meet(session)
        close_session(session, end_engine=False)
        assert _said(sound)[-1] == ("quit", {"unless_watched": True})
        assert session.sound.fileno() == -1

    def test_the_systems_own_is_used_and_left(self, tmp_path: Path, sound: FakeSound) -> None:
        session = _session(tmp_path, no_sound=True)
        _meet(session)
        close_session(session, end_engine=False)
        assert "quit" not in [name for name, _ in _said(sound)]

    def test_one_that_is_coming_up_is_ended_by_a_signal_and_not_waited_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        child, asked = Child(), list[Path]()

        def spawn(data: Path) -> Child:
            asked.append(data)
            return child

        monkeypatch.setattr(box, "spawn_sound", spawn)
        session = _session(tmp_path, no_sound=False)
        session.sound.tend(True, "")
        monkeypatch.setattr(box, "_wait_while", lambda so, client, deadline: assert_gone(client))

        def assert_gone(client: object) -> None:
            assert not getattr(client, "connected", True)

        close_session(session, end_engine=False)
        assert (asked, child.ended) == ([tmp_path], True)

    def test_off_in_the_settings_none_is_started(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(box, "spawn_sound", lambda data: pytest.fail("it was started"))
        settings = Settings()
        settings.set("sound.on", "off")
        session = open_session(tmp_path, settings, [], no_engine=True)
        for _ in range(5):
            session.sound.tend(True, "")
        assert session.sound.silence == "off in Settings"

    def test_on_defaults_what_was_turned_is_not_read_and_not_lost(self, tmp_path: Path) -> None:
        (tmp_path / "sounds.toml").write_text('["kit A"]\n"level kick" = 3\n')
        told: list[str] = []
        session = open_session(tmp_path, Settings(), told, no_engine=True, defaults=True, no_sound=True)
        assert session.sound.adjusted.kits == []
        session.sound.set_level("B", "kick", 4)
        session.save()
        assert (tmp_path / "sounds.toml.before").read_text() == '["kit A"]\n"level kick" = 3\n'

    def test_a_broken_file_is_set_aside_and_told(self, tmp_path: Path) -> None:
        (tmp_path / "sounds.toml").write_text('["kit A"]\n"level kick" = 300\n')
        told: list[str] = []
        open_session(tmp_path, Settings(), told, no_engine=True, no_sound=True)
        assert told == ["sounds.toml:2 broken, defaults"]
        assert (tmp_path / "sounds.toml.broken").exists()


class TestCommandLine:
    def test_stop_ends_it_where_there_is_no_engine(self, sound: FakeSound) -> None:
        assert do_stop(argparse.Namespace()) == 0
        assert sound.has_quit.wait(PATIENCE_S)
        assert _said(sound) == [("quit", {"unless_watched": False})]

    def test_stop_with_neither_is_a_failure(self) -> None:
        with pytest.raises(Failure, match="no engine is running"):
            do_stop(argparse.Namespace())

    def test_status_tells_of_it(
        self, sound: FakeSound, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(status, "_ask", lambda name: View(Scene().session.state))
        monkeypatch.setattr(Board, "look", lambda self, now_ns: Health())
        assert do_status(argparse.Namespace(json=False)) == 0
        assert "own sound: USB Audio, 8.7 ms, load 7%, drop-outs: 1, late notes: 2" in capsys.readouterr().out
        assert do_status(argparse.Namespace(json=True)) == 0
        assert json.loads(capsys.readouterr().out)["sound"] == sound_facts(VIEW)

    def test_status_without_one(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(status, "_ask", lambda name: View(Scene().session.state))
        assert do_status(argparse.Namespace(json=False)) == 0
        assert "own sound: does not run" in capsys.readouterr().out

    def test_what_is_wrong_is_told_instead_and_faults_of_files_behind(self) -> None:
        assert sound_told(sound_facts(VIEW._replace(problem="no sound card"))) == ["own sound: no sound card"]
        facts = sound_facts(VIEW._replace(fault="lead.py:3: a", faults=("kit.toml:1:1: b",)))
        assert sound_told(facts)[1:] == ["lead.py:3: a", "kit.toml:1:1: b"]


class TestAbout:
    def test_how_it_fares(self) -> None:
        scene = Scene()
        scene.sound.begin(dropouts=2, load=701)
        lines = {line.label: (line.value, line.fault) for line in sound_lines(scene.session)}
        assert lines["Sound latency"] == ("8.7 ms", False)
        assert (lines["Sound load"], lines["Drop-outs"], lines["Late notes"]) == (
            ("70.1%", True),
            ("2", True),
            ("0", False),
        )

    def test_that_there_is_none_is_no_fault(self) -> None:
        scene = Scene()
        scene.sound.problem = "not installed"
        assert [(line.value, line.fault) for line in sound_lines(scene.session)] == [("not installed", False)]


def test_the_panel_imports_nothing_that_makes_sound() -> None:
    code = "import sys, panel.box, panel.status; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(ran.stdout.split())
    assert {name for name in imported if name.startswith("panel.sound.")} == {"panel.sound.wire", "panel.sound.client"}
    assert imported.isdisjoint({"numpy", "sounddevice", "soundfile"})


def test_the_engine_is_ended_first_and_the_sound_waited_for_no_longer_than_both_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[tuple[bool, float]] = []
    monkeypatch.setattr(box, "_wait_while", lambda so, client, deadline: waited.append((so, deadline)))
    monkeypatch.setattr(EngineClient, "end_engine", lambda self, unless_watched: None)
    monkeypatch.setattr(box, "spawn_sound", lambda data: Child())
    close_session(_session(tmp_path, no_sound=False), end_engine=True)
    assert [so for so, _ in waited] == [False, True, True]
    assert len({deadline for _, deadline in waited}) == 1
