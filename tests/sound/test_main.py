"""The sound's process where it can't be: one clear line each, an exit code, and nothing left behind."""

from __future__ import annotations

import argparse
import fcntl
import sys
from pathlib import Path

import pytest

from panel.failure import WRONG_INPUT, Failure
from panel.sound import midi_in
from panel.sound.__main__ import do_sound, main
from panel.sound.wire import LOCK, NO_FOLDER, NO_LIBRARIES, RUNNING, SOCKET


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runtime"
    monkeypatch.setenv("DRUMASSIST_RUNTIME", str(folder))
    monkeypatch.setattr(midi_in, "SEQUENCER", str(tmp_path / "no sequencer"))
    return folder


def ends(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """How it ends, and its one line."""
    code = main([])
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return code, line


def test_beside_another(runtime: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runtime.mkdir()
    with open(runtime / LOCK, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, line = ends(capsys)
    assert (code, "running already" in line) == (RUNNING, True)


def test_in_a_folder_that_is_none(runtime: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runtime.write_text("")
    code, line = ends(capsys)
    assert code == NO_FOLDER
    assert "the runtime folder can't be used" in line
    assert str(runtime) in line


def test_in_a_folder_that_others_write_to(runtime: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runtime.mkdir()
    runtime.chmod(0o777)
    code, line = ends(capsys)
    assert (code, "others can write" in line) == (NO_FOLDER, True)


@pytest.mark.parametrize("library", ["numpy", "sounddevice", "soundfile"])
def test_without_a_library(
    runtime: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("panel.sound.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    code, line = ends(capsys)
    assert (code, "pip install 'drumassist[sound]'" in line) == (NO_LIBRARIES, True)
    assert not runtime.exists()


def test_with_a_kit_that_is_not_there(runtime: Path, tmp_path: Path) -> None:
    options = argparse.Namespace(data=tmp_path, kit="Nonsense", patch=None, device=None)
    with pytest.raises(Failure, match="there is no kit 'Nonsense'") as failure:
        do_sound(options)
    assert failure.value.code == WRONG_INPUT
    assert not (runtime / SOCKET).exists()
