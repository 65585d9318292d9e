"""The engine as a process of its own: one at a time, killed and resumed, ended by signal and by word.

Nothing here sleeps for time to pass: it waits for what is to happen, and gives up at a deadline.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from panel.engine.client import EngineClient, News, ask
from panel.engine.place import make_runtime_folder
from panel.engine.wire import View
from panel.music.tempo import MICRO
from tests.box import VOICES
from tests.engine.check import ringing
from tests.engine.stage import TIMEOUT_S, Stage, until


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("DRUMASSIST_RUNTIME", str(tmp_path))
    stage = Stage(tmp_path)
    yield stage
    stage.end()


def playing(stage: Stage) -> EngineClient:
    """A panel whose engine plays at 240 BPM."""
    panel = stage.panel()
    assert until(panel.tend) == News.FRESH
    panel.send("voices", voices=VOICES)
    panel.send("tempo", micro_bpm=240 * MICRO)
    panel.send("start")
    until(lambda: stage.onsets)
    return panel


def test_it_plays_on_the_grid_and_never_early(stage: Stage) -> None:
    panel = playing(stage)
    until(lambda: len(stage.onsets) >= 5)
    panel.tend()
    first = stage.onsets[0].due_ns
    assert [line.due_ns - first for line in stage.onsets[:5]] == [beat * 250_000_000 for beat in range(5)]
    assert all(line.written_ns >= line.due_ns for line in stage.lines[1:])
    panel.close()


def test_killed_it_comes_back_in_phase(stage: Stage) -> None:
    panel = playing(stage)
    until(lambda: len(stage.onsets) >= 2)
    panel.tend()
    grid = stage.onsets[0].due_ns
    stage.engines[0].kill()
    assert until(lambda: (panel.tend() == News.LOST) or None)
    assert until(panel.tend) == News.FRESH
    count = len(stage.onsets)
    until(lambda: len(stage.onsets) >= count + 3)
    assert len(stage.engines) == 2
    assert {(line.due_ns - grid) % 250_000_000 for line in stage.onsets} <= {0, 1, 249_999_999}
    offs = [line.message for line in stage.lines if line.written_ns > grid and line.message[0] == 0x89]
    assert {(0x89, voice.note, 64) for voice in VOICES} <= set(offs)
    panel.close()


def test_a_second_engine_is_refused(stage: Stage) -> None:
    stage.start()
    until(lambda: (stage.folder / "engine.sock").exists())
    second = stage.start()
    assert second.wait(TIMEOUT_S) == 3
    assert second.stderr is not None
    assert second.stderr.read() == b"an engine is running already: `drumassist stop` ends it\n"
    view = ask("view")
    assert isinstance(view, View)
    assert view.pid == stage.engines[0].pid


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_and_the_notes(stage: Stage, number: signal.Signals) -> None:
    panel = playing(stage)
    stage.engines[0].send_signal(number)
    assert stage.engines[0].wait(TIMEOUT_S) == 0
    assert ringing(line.message for line in stage.lines) == set()
    assert not (stage.folder / "engine.sock").exists()
    assert stage.engines[0].stderr is not None
    assert stage.engines[0].stderr.read() == b""
    panel.close()


def test_a_panel_whose_engine_was_ended_goes_on_stopped(stage: Stage) -> None:
    """`drumassist stop` beside an open panel: the panel needs an engine, but nobody wants the click back."""
    panel = playing(stage)
    assert ask("quit") is None
    assert until(lambda: (panel.tend() == News.LOST) or None)
    assert until(panel.tend) == News.FRESH
    until(lambda: (panel.tend(), panel.view and panel.view.state.revision > 0)[1])
    assert not panel.state.playing
    assert panel.state.beat_micro_bpm == 240 * MICRO
    panel.close()


def test_quit_ends_it(stage: Stage) -> None:
    panel = playing(stage)
    assert ask("quit") is None
    assert stage.engines[0].wait(TIMEOUT_S) == 0
    assert ringing(line.message for line in stage.lines) == set()
    assert until(lambda: (panel.tend() == News.LOST) or None)
    assert not panel.state.playing, "the next engine is not to play on"
    panel.close()


def test_the_panel_may_die_and_the_music_goes_on(stage: Stage) -> None:
    panel = playing(stage)
    panel.close()
    count = len(stage.onsets)
    until(lambda: len(stage.onsets) >= count + 2)
    other = stage.panel()
    assert until(other.tend) == News.RUNNING
    assert other.state.playing
    other.close()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--fly",), 2),
        (("--record",), 2),
        (("--spin-us", "1001"), 2),
        (("--spin-us", "-1"), 2),
        (("--record", "/no/such/folder/x"), 3),
    ],
)
def test_what_keeps_it_from_starting_is_said(stage: Stage, arguments: tuple[str, ...], code: int) -> None:
    engine = stage.start(*arguments)
    assert engine.wait(TIMEOUT_S) == code
    assert engine.stderr is not None
    said = engine.stderr.read().decode()
    assert "Traceback" not in said
    assert said.startswith("usage: " if code == 2 else "the engine can't start: ")


class TestFolder:
    def test_is_its_owners_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DRUMASSIST_RUNTIME", str(tmp_path / "a" / "b"))
        assert make_runtime_folder() == str(tmp_path / "a" / "b")
        assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777, 0o702])
    def test_is_refused_where_others_can_write(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
    ) -> None:
        monkeypatch.setenv("DRUMASSIST_RUNTIME", str(tmp_path))
        os.chmod(tmp_path, mode)
        with pytest.raises(PermissionError, match="others can write to"):
            make_runtime_folder()
