"""Where patches lie, and whether the one that is watched has been saved anew.

It must never write to one, nor take what an editor has half written for what it is going to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from panel.music.reading import meant

LARGEST = 65536  # bytes
LOOKS_APART_NS = 15_000_000
PERHAPS_WRITING_NS = 300_000_000  # that long a file may be gone or empty while an editor saves it


class Saved(NamedTuple):
    """What a patch's file says, or why it can't be read (`fault`, else ""); `line` 0: as a whole."""

    path: str
    text: str
    fault: str = ""
    line: int = 0


def patches_in(folders: Sequence[Path]) -> dict[str, Path]:
    """The patches by name, which their files' names say; a later folder's replaces an earlier one's."""
    found: dict[str, Path] = {}
    for folder in folders:
        found.update({name_of(path.stem): path for path in folder.glob("*.py") if not path.name.startswith((".", "_"))})
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def name_of(stem: str) -> str:
    """What a file is called on the screen: electric-piano.py is Electric piano. Broken ones have a name as well."""
    words = " ".join(stem.replace("-", " ").replace("_", " ").split())
    return words[:1].upper() + words[1:]


def named(name: str, found: Mapping[str, Path]) -> str:
    """Which of the patches that were found is meant: by its name or its file's, capitals or not; "" for none."""
    if name in found:
        return name
    plain = name_of(name.removesuffix(".py")).lower()
    return next((known for known in found if known.lower() == plain), "")


def stem_of(name: str) -> str:
    """The usual file of a name."""
    return "-".join(name.lower().replace("/", " ").split())


class PatchFile:
    """One patch's file, watched. One thread."""

    def __init__(self, name: str, stem: str, folders: Sequence[Path]) -> None:
        self.name, self._stem, self._folders = name, stem, folders
        self._last: Saved | None = None  # what was given out
        self._seen: object = None  # how the file looked at the last look
        self._read: object = None  # how it looked when it was read
        self._odd_since_ns: int | None = None
        self._looked_ns = -LOOKS_APART_NS

    def look(self, now_ns: int) -> Saved | None:
        """What is new in the file; None if nothing is. To be called every 20 ms or so; microseconds where nothing is.

        A change is taken at the second look that finds the file the same: an editor may write in several steps.
        """
        if now_ns - self._looked_ns < LOOKS_APART_NS:
            return None
        self._looked_ns = now_ns
        path, looks = self._find()
        changed, self._seen = looks != self._seen, looks
        if self._last is not None and (changed or looks == self._read):
            return None
        saved = read_patch(path) if path else self._gone()
        if self._is_odd(saved) and self._may_be_writing(now_ns):
            return None
        self._odd_since_ns, self._read = None, looks
        if saved == self._last:
            return None
        self._last = saved
        return saved

    def _gone(self) -> Saved:
        if self._last is None:
            return Saved(self.name, "", f"there is no patch of this name{meant(self.name, patches_in(self._folders))}")
        return Saved(self._last.path, "", "the file is gone")

    def _is_odd(self, saved: Saved) -> bool:
        """Whether an editor is likely to be in the middle of something: the file is empty, gone, or another one."""
        return self._last is not None and (not saved.text.strip() or saved.path != self._last.path)

    def _may_be_writing(self, now_ns: int) -> bool:
        self._odd_since_ns = now_ns if self._odd_since_ns is None else self._odd_since_ns
        return now_ns - self._odd_since_ns < PERHAPS_WRITING_NS

    def _find(self) -> tuple[Path | None, object]:
        for folder in reversed(self._folders):
            path = folder / f"{self._stem}.py"
            try:
                stat = path.stat()
            except OSError:
                continue
            return path, (path, stat.st_ino, stat.st_mtime_ns, stat.st_size)
        return None, None


def read_patch(path: Path) -> Saved:
    """What is in a patch's file, or why it can't be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        return Saved(str(path), "", f"can't be read: {error.strerror}")
    if len(raw) > LARGEST:
        return Saved(str(path), "", f"larger than {LARGEST // 1024} KB")
    try:
        return Saved(str(path), raw.decode("utf-8-sig"))  # some editors begin with a mark
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8 text: save the file as UTF-8"
        return Saved(str(path), "", what, line)
