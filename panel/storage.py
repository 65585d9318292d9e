"""Files that survive: a save is whole or has not happened, whenever the power goes.

It must never leave a moment in which neither the old nor the new content is on the disk.
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

BACKUP = ".bak"
BROKEN = ".broken"
BEFORE = ".before"  # a start on defaults


def save(path: Path, text: str) -> None:
    """Replace a file's content, keeping what it was in one backup beside it. Raises OSError; the old content stays.

    The new content is on the disk under another name before it takes the old one's place, and the folder's entry is
    flushed too: see rename(2) and fsync(2).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    backup = path.with_name(f".{path.name}.{os.getpid()}.bak.tmp")
    try:
        _write(fresh, text.encode())
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


def copy_aside(path: Path) -> None:
    """Copy a file, where there is one, to a name that nothing else will take. Raises OSError."""
    if path.exists():
        _write(_free_name(path, BEFORE), path.read_bytes())


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
