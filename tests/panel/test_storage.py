"""Files survive: whole old or whole new content at any moment at which the power may go, or the disk refuse."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from panel import storage
from panel.storage import copy_aside, save, set_aside


class _Disk:
    """Lets so many calls through to the disk, and fails or dies at the next."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, allowed: int, error: BaseException) -> None:
        self.calls: list[str] = []
        self._allowed, self._error = allowed, error
        monkeypatch.setattr(storage, "open", self._counted("open", self._open), raising=False)
        for name in ("fsync", "replace", "open"):
            monkeypatch.setattr(os, name, self._counted(f"os.{name}", getattr(os, name)))

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            if len(self.calls) == self._allowed:
                raise self._error
            self.calls.append(name)
            return call(*arguments, **named)

        return counted

    def _open(self, path: Path, mode: str) -> Any:
        file = open(path, mode)  # noqa: SIM115 - as the one it stands for
        file.write = self._counted("write", self._half(file.write))  # type: ignore[method-assign]
        return file

    def _half(self, write: Callable[[bytes], int]) -> Callable[[bytes], int]:
        """A write that dies leaves half of it behind."""

        def half(content: bytes) -> int:
            if len(self.calls) > self._allowed:
                write(content[: len(content) // 2])
                raise self._error
            return write(content)

        return half


class PowerCut(BaseException):
    """The power goes: not an exception that anything could catch."""


def _calls_of_a_save(tmp_path: Path) -> int:
    """How many calls a save makes, where there is something to back up."""
    with pytest.MonkeyPatch.context() as patch:
        disk = _Disk(patch, 1000, PowerCut())
        save(tmp_path / "counted", "old")
        del disk.calls[:]
        save(tmp_path / "counted", "new")
        assert {"open", "write", "os.fsync", "os.replace"} <= set(disk.calls)
        return len(disk.calls)


@pytest.mark.parametrize("error", [PowerCut(), OSError(28, "No space left on device")], ids=["power", "full"])
def test_at_any_call_the_file_is_whole_old_or_whole_new(tmp_path: Path, error: BaseException) -> None:
    calls = _calls_of_a_save(tmp_path)
    old, new = "old\n" * 50, "new\n" * 70
    found = []
    for allowed in range(calls + 1):
        path = tmp_path / f"{allowed}.toml"
        path.write_text(old)
        with pytest.MonkeyPatch.context() as patch:
            _Disk(patch, allowed, error)
            if allowed == calls:
                save(path, new)
            else:
                with pytest.raises(type(error)):
                    save(path, new)
        found.append(path.read_text())
        backup = path.with_name(path.name + ".bak")
        assert not backup.exists() or backup.read_text() == old
    assert set(found) == {old, new}
    assert found == sorted(found, reverse=True), "once it is new it stays new"


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("old")
    for allowed in range(4):
        with pytest.MonkeyPatch.context() as patch:
            _Disk(patch, allowed, OSError(28, "No space left on device"))
            with pytest.raises(OSError, match="No space left"):
                save(path, "new")
        assert [file.name for file in tmp_path.iterdir() if not file.name.endswith(".bak")] == ["settings.toml"]


def test_a_save_keeps_one_backup_and_makes_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "settings.toml"
    for text in ("one", "two", "three"):
        save(path, text)
    assert {file.name: file.read_text() for file in path.parent.iterdir()} == {
        "settings.toml": "three",
        "settings.toml.bak": "two",
    }


def test_the_content_is_on_the_disk_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = _Disk(monkeypatch, 1000, PowerCut())
    save(tmp_path / "settings.toml", "new")
    assert disk.calls == ["open", "write", "os.fsync", "os.replace", "os.open", "os.fsync"]


def test_what_is_set_aside_never_overwrites_what_was_set_aside_before(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    for text in ("one", "two", "three"):
        path.write_text(text)
        set_aside(path)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "settings.toml.broken": "one",
        "settings.toml.broken1": "two",
        "settings.toml.broken2": "three",
    }


def test_a_copy_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "session.toml"
    copy_aside(path)
    assert list(tmp_path.iterdir()) == []
    path.write_text("one")
    copy_aside(path)
    assert (path.read_text(), (tmp_path / "session.toml.before").read_text()) == ("one", "one")
