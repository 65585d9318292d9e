"""A backup is the same for the same files; restoring one looks through it first, and does all of it or nothing."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import storage
from panel.adjusted import SOUNDS_FILE, Adjusted
from panel.backup import (
    MAX_ARCHIVE_BYTES,
    MAX_ENTRIES,
    back_up,
    changes_of,
    faults_of,
    read_backup,
    restore,
)
from panel.dialled import DIALS_FILE
from panel.failure import Failure
from panel.kept import KEPT_FILE, Kept
from panel.library import load_library
from panel.pads import PADS_FILE, Pads
from panel.settings import SETTINGS_FILE, default_text
from panel.storage import save
from panel.tomltext import MAX_BYTES
from tests.disk import Disk, after_a_cut, laid_out
from tests.fuzz.nearly import promptly
from tests.panel.broken import good
from tests.panel.test_command_line import Shell

PROFILE = load_library(None).profiles["Nord Drum"].text.encode()
OWN = {
    "patterns/a.toml": good("A"),
    "patterns/b.toml": good("B"),
    "profiles/mine.toml": PROFILE,
    "songs/s.toml": b'format = 1\nname = "S"\ntempo = 100\n\n[verse]\npattern = "A"\nbars = 4\n',
    "sets/f.toml": b'format = 1\nname = "F"\nsongs = """\nS\nNot written yet\n"""\n',
    KEPT_FILE: Kept("A", 97_000_000).text.encode(),
    PADS_FILE: Pads().text.encode(),
    SETTINGS_FILE: default_text().encode(),
    SOUNDS_FILE: Adjusted().text.encode(),
    DIALS_FILE: b"[map]\nchaos = 30\n",
}


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    """A user's folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def found(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with files of one's own."""
    return lay(tmp_path / "data", OWN)


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    """Its backup."""
    assert back_up(data, tmp_path / "own.zip") == (
        [SETTINGS_FILE, KEPT_FILE, PADS_FILE, SOUNDS_FILE, DIALS_FILE, *list(OWN)[:5]],
        [],
    )
    return tmp_path / "own.zip"


def test_there_and_back(backup: Path, tmp_path: Path) -> None:
    contents = read_backup(backup)
    assert contents == OWN
    assert faults_of(contents, tmp_path / "other") == []
    assert restore(contents, tmp_path / "other") == {}
    assert found(tmp_path / "other") == OWN


def test_the_same_files_make_the_same_zip(backup: Path, tmp_path: Path) -> None:
    other = lay(tmp_path / "other", dict(reversed(OWN.items())))
    for path in other.rglob("*.toml"):
        os.utime(path, (1, 1))
    back_up(other, tmp_path / "other.zip")
    assert (tmp_path / "other.zip").read_bytes() == backup.read_bytes()


def test_copies_of_the_box_and_what_is_not_its_own_stay_behind(data: Path, backup: Path, tmp_path: Path) -> None:
    before = backup.read_bytes()
    others = (
        "settings.toml.bak",
        "session.toml.before",
        "patterns/a.toml.broken",
        "patterns/.x.toml",
        "x/y.toml",
        "z.toml",
    )
    lay(data, dict.fromkeys(others, b"name = 1"))
    back_up(data, backup)
    assert backup.read_bytes() == before


def test_a_broken_file_is_left_out_and_told(data: Path, tmp_path: Path) -> None:
    lay(data, {"patterns/b.toml": b"name = ", "patterns/\n.toml": good("C")})
    names, faults = back_up(data, tmp_path / "own.zip")
    assert set(OWN) - set(names) == {"patterns/b.toml"}
    assert {Path(fault.source).name for fault in faults} == {"b.toml", "\\u000a.toml"}
    assert set(read_backup(tmp_path / "own.zip")) == set(names)


def test_what_is_replaced_is_kept(data: Path, backup: Path) -> None:
    mine = {"patterns/a.toml": good("Newer"), "patterns/c.toml": good("C"), "patterns/a.toml.before": b"older"}
    lay(data, mine)
    (data / "patterns" / "b.toml").unlink()
    contents = read_backup(backup)
    assert {change.path: change.how for change in changes_of(contents, data)} == dict.fromkeys(OWN, "same") | {
        "patterns/a.toml": "replaces",
        "patterns/b.toml": "new",
    }
    assert restore(contents, data) == {"patterns/a.toml": "a.toml.before1"}
    assert found(data) == OWN | mine | {"patterns/a.toml": good("A"), "patterns/a.toml.before1": good("Newer")}


# What somebody else's zip may hold.


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def special(kind: int, name: str = "patterns/a.toml") -> zipfile.ZipInfo:
    """An entry that says it is no plain file."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    return entry


BAD: dict[str, tuple[bytes, str]] = {
    "no zip": (b"PK\x03\x04 and so on", "no zip"),
    "empty": (b"", "no zip"),
    "absolute": (zipped(("/etc/settings.toml", b"")), "no file of the box"),
    "upwards": (zipped(("patterns/../../settings.toml", b"")), "no file of the box"),
    "upwards alone": (zipped(("../settings.toml", b"")), "no file of the box"),
    "backslashes": (zipped(("patterns\\..\\a.toml", b"")), "no file of the box"),
    "hidden": (zipped(("patterns/.a.toml", good("A"))), "no file of the box"),
    "deep": (zipped(("patterns/x/a.toml", good("A"))), "no file of the box"),
    "unknown place": (zipped(("bin/a.toml", good("A"))), "no file of the box"),
    "unknown kind": (zipped(("patterns/a.py", b"")), "no file of the box"),
    "link": (zipped((special(stat.S_IFLNK), b"/etc/passwd")), "no plain file"),
    "device": (zipped((special(stat.S_IFCHR), b"")), "no plain file"),
    "bomb": (zipped(("patterns/a.toml", b" " * 30_000_000)), "more than 65,536 bytes"),
    "many": (zipped(*((f"patterns/{n}.toml", b"") for n in range(MAX_ENTRIES + 1))), "at most 2000"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_backup_is_refused_before_anything_is_written(what: str, data: Path, tmp_path: Path) -> None:
    raw, why = BAD[what]
    (tmp_path / "bad.zip").write_bytes(raw)
    with pytest.raises(Failure, match=why), promptly(what):
        read_backup(tmp_path / "bad.zip")
    assert found(data) == OWN


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(zipped(("session.toml", b""), ("session.toml", b"")))
    with pytest.raises(Failure, match="twice"):
        read_backup(tmp_path / "bad.zip")


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    raw = zipped(("session.toml", b" " * 30_000_000))
    small = (100).to_bytes(4, "little")
    (tmp_path / "bad.zip").write_bytes(raw.replace((30_000_000).to_bytes(4, "little"), small))
    with pytest.raises(Failure), promptly("bomb"):
        read_backup(tmp_path / "bad.zip")


def test_what_is_too_large_is_not_even_opened(tmp_path: Path) -> None:
    with open(tmp_path / "bad.zip", "wb") as file:
        file.truncate(MAX_ARCHIVE_BYTES + 1)
    with pytest.raises(Failure, match="16 MB"):
        read_backup(tmp_path / "bad.zip")
    with pytest.raises(Failure, match="no file"):
        read_backup(tmp_path)
    with pytest.raises(Failure, match="can't be read"):
        read_backup(tmp_path / "none.zip")


SMALL = zipped(("session.toml", b"bpm = 97\n"), ("patterns/a.toml", good("A")))


@given(st.data())
def test_spoilt_bytes_are_refused_or_hold_files_of_the_box(spoil: st.DataObject) -> None:
    raw = bytearray(SMALL)
    for _ in range(spoil.draw(st.integers(1, 4))):
        at = spoil.draw(st.integers(0, len(raw)))
        raw[at : at + spoil.draw(st.integers(0, 4))] = spoil.draw(st.binary(max_size=4))
    with TemporaryDirectory() as folder, promptly(bytes(raw)):
        path = Path(folder) / "spoilt.zip"
        path.write_bytes(raw)
        try:
            contents = read_backup(path)
        except Failure:
            return
    assert all(len(content) <= MAX_BYTES and ".." not in name for name, content in contents.items())


# A disk that fails on the way.


class FailingOnce:
    """Counts the calls to the disk; the one with that number fails, and, where it is full, every write after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, full: bool) -> None:
        self.calls = 0
        self._number, self._full = number, full
        monkeypatch.setattr(storage, "_write", self._failing(storage._write, True))
        monkeypatch.setattr(os, "replace", self._failing(os.replace, False))
        monkeypatch.setattr(storage, "_sync_folder", self._failing(storage._sync_folder, False))

    def _failing(self, call: Callable[..., Any], writes: bool) -> Callable[..., Any]:
        def failing(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls == self._number or (self._full and writes and self.calls > self._number):
                raise OSError(28, "No space left on device")
            return call(*arguments)

        return failing


@pytest.mark.parametrize("full", [False, True])
def test_a_disk_that_fails_at_any_call_leaves_everything_as_it_was(full: bool, backup: Path, tmp_path: Path) -> None:
    contents = read_backup(backup)
    mine = OWN | {"patterns/a.toml": good("Newer"), "profiles/mine.toml": PROFILE + b"# mine\n"}
    del mine[KEPT_FILE]
    with pytest.MonkeyPatch.context() as patch:
        counted = FailingOnce(patch, 0, False)
        restore(contents, lay(tmp_path / "counted", mine))
    assert counted.calls > 10
    for number in range(1, counted.calls + 1):
        folder = lay(tmp_path / f"{number}", mine)
        with pytest.MonkeyPatch.context() as patch:
            FailingOnce(patch, number, full)
            with pytest.raises(OSError, match="No space"):
                restore(contents, folder)
        there = found(folder)
        copies = {name: there.pop(name) for name in list(there) if name.endswith(".before")}
        assert there == mine, number
        assert all(content == mine[name.removesuffix(".before")] for name, content in copies.items())


def test_a_cut_in_the_middle_leaves_whole_files_and_the_old_ones(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents, random = read_backup(backup), Random(3)
    mine = {name: content + b"# mine\n" for name, content in OWN.items()}
    folder = tmp_path / "old"
    disk = Disk(folder, monkeypatch)
    for name, content in mine.items():
        save(folder / name, content)
    first = len(disk.calls)
    restore(contents, folder)
    calls = disk.calls
    monkeypatch.undo()
    for number in range(150):
        cut = random.randint(first, len(calls))
        laid = laid_out(
            after_a_cut(calls, str(folder), cut, number % 2 == 0, random), str(folder), tmp_path / f"{number}"
        )
        there = found(laid)
        for name, content in OWN.items():
            assert there[name] in (content, mine[name])
            assert there[name] == mine[name] or there[name + ".before"] == mine[name]
        restore(contents, laid)
        assert {name: content for name, content in found(laid).items() if name in OWN} == OWN


class TestCommands:
    """drumassist backup and restore"""

    def test_there_and_back(self, shell: Shell, tmp_path: Path) -> None:
        data = lay(shell.data.parent / "drumassist", OWN)
        out = tmp_path / "own.zip"
        assert shell.ok("backup", out) == f"{out}: 10 files\n"
        lay(data, {"patterns/a.toml": good("Newer")})
        (data / "session.toml").unlink()
        lines = [
            "same      beats.toml",
            "same      pads.toml",
            "replaces  patterns/a.toml",
            "same      patterns/b.toml",
            "same      profiles/mine.toml",
            "new       session.toml",
            "same      sets/f.toml",
            "same      settings.toml",
            "same      songs/s.toml",
            "same      sounds.toml",
        ]
        dry = shell.ok("restore", out, "--dry-run").splitlines()
        assert dry == [*lines, "nothing was changed: this was a dry run"]
        assert not (data / "session.toml").exists()
        lines[2] += " (what was there is a.toml.before now)"
        assert shell.ok("restore", out).splitlines() == lines
        assert found(data) == OWN | {"patterns/a.toml.before": good("Newer")}

    def test_a_broken_file_in_a_backup_is_told_with_its_place_and_nothing_is_restored(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        out = tmp_path / "bad.zip"
        out.write_bytes(zipped(("patterns/a.toml", good("A")), ("patterns/b.toml", good("B").replace(b"7/8", b"7/9"))))
        assert shell.fails(1, "restore", out).startswith(f"{out}: patterns/b.toml:3:")
        assert not (shell.data.parent / "drumassist").exists()

    def test_what_can_not_be_done_is_one_line(self, shell: Shell, tmp_path: Path) -> None:
        assert "can't be read" in shell.fails(1, "restore", tmp_path / "no.zip")
        (tmp_path / "x.zip").write_bytes(b"x")
        assert "no zip" in shell.fails(1, "restore", tmp_path / "x.zip")
        lay(shell.data.parent / "drumassist", OWN)
        assert "can't be written" in shell.fails(3, "backup", tmp_path / "x.zip" / "y.zip")
        lay(shell.data.parent / "drumassist", {"patterns/b.toml": b"name = "})
        ran = shell("backup", tmp_path / "own.zip")
        assert (ran.returncode, ran.stdout) == (1, f"{tmp_path / 'own.zip'}: 9 files\n")
        assert ran.stderr.startswith("left out: ")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell of its own."""
    return Shell(tmp_path)
