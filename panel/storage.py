"""Files that survive: a save is whole or has not happened, whenever the power goes.

It must never leave a moment in which neither the old nor the new content is on the disk.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import RLock

BACKUP = ".bak"
BROKEN = ".broken"
BEFORE = ".before"  # a start on defaults

_ONE = RLock()  # save at a time: another would clear away what this one has just written

_LEFT = re.compile(r"\..+\.([1-9]\d{0,8})\.(?:bak\.)?tmp")  # what a save writes first, with its process
_WORDS = {
    errno.ENOSPC: "disk full",
    errno.EDQUOT: "disk full",
    errno.EFBIG: "disk full",
    errno.EROFS: "read-only",
    errno.EIO: "disk error",
    errno.ENOENT: "no folder",
    errno.ENOTDIR: "no folder",
    errno.EACCES: "not allowed",
    errno.EPERM: "not allowed",
}


def in_words(error: OSError) -> str:
    """What hinders a save, for the screen."""
    return _WORDS.get(error.errno or 0) or error.strerror or str(error)


def save(path: Path, content: str | bytes) -> None:
    """Replace a file's content, keeping what it was in one backup beside it. Raises OSError; the old content stays.

    The new content is on the disk under another name before it takes the old one's place, and the folder's entry is
    flushed too: see rename(2) and fsync(2). For any thread.
    """
    with _ONE:
        _save(path, content.encode() if isinstance(content, str) else content)


def _save(path: Path, content: bytes) -> None:
    _make_folder(path.parent)
    _clear_away_leftovers(path.parent)
    fresh = _fresh_name(path)
    backup = path.with_name(f".{path.name}.{os.getpid()}.bak.tmp")
    try:
        _write(fresh, content)
        if path.exists():
            _write(backup, path.read_bytes())
            os.replace(backup, path.with_name(path.name + BACKUP))
        os.replace(fresh, path)
    finally:
        for left in (fresh, backup):
            left.unlink(missing_ok=True)
    _sync_folder(path.parent)


def set_aside(path: Path) -> Path:
    """Move a broken file out of the way, beside the ones before it; returns its new name. Raises OSError."""
    aside = _free_name(path, BROKEN)
    os.replace(path, aside)
    _sync_folder(path.parent)
    return aside


def copy_aside(path: Path) -> Path | None:
    """Copy a file, where there is one, to a name that nothing else will take, and return that. Raises OSError."""
    if not path.exists():
        return None
    with _ONE:
        copy, aside = _fresh_name(path), _free_name(path, BEFORE)
        try:
            _write(copy, path.read_bytes())
            os.replace(copy, aside)
        finally:
            copy.unlink(missing_ok=True)
        _sync_folder(path.parent)
    return aside


def save_all(contents: Mapping[Path, bytes]) -> dict[Path, Path]:
    """Replace the content of several files, of all or of none; returns where each that was there is kept.

    Raises OSError; then all are as they were. All is on the disk under other names before the first takes its place, so
    that a disk that is full is so before anything has changed; after a power cut in between each file is whole, old or
    new, and the old ones are there.
    """
    with _ONE:
        kept: dict[Path, Path] = {}
        placed: list[Path] = []
        try:
            for path in contents:
                _make_folder(path.parent)
                if aside := copy_aside(path):
                    kept[path] = aside
            for path, content in contents.items():
                _write(_fresh_name(path), content)
            for path in contents:
                os.replace(_fresh_name(path), path)
                placed.append(path)
            for folder in {path.parent for path in contents}:
                _sync_folder(folder)
        except OSError:
            _take_back(placed, kept)
            raise
        finally:
            for path in contents:
                with suppress(OSError):
                    _fresh_name(path).unlink(missing_ok=True)
        return kept


def _take_back(placed: list[Path], kept: Mapping[Path, Path]) -> None:
    """Put what was kept where it was: a rename takes no room."""
    for path in placed:
        with suppress(OSError):
            os.replace(kept[path], path) if path in kept else path.unlink()
    for path, aside in kept.items():
        if path not in placed:
            with suppress(OSError):
                aside.unlink(missing_ok=True)


def _fresh_name(path: Path) -> Path:
    """Where new content is written first."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def _make_folder(folder: Path) -> None:
    """A folder that is still there when the power comes back, and what it lies in."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in reversed(missing):
        _sync_folder(made.parent)


def _clear_away_leftovers(folder: Path) -> None:
    """What power cuts left of saves that were under way; another panel that lives may be at one just now."""
    for path in folder.iterdir():
        left = _LEFT.fullmatch(path.name)
        if left and (int(left[1]) == os.getpid() or not _lives(int(left[1]))):
            with suppress(OSError):  # it hinders nobody
                path.unlink()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def _free_name(path: Path, mark: str) -> Path:
    names = (path.with_name(f"{path.name}{mark}{number or ''}") for number in count())
    return next(name for name in names if not name.exists())


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
