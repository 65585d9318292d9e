"""What has changed and is not on the disk yet: settings, choices, the notes and levels of profiles.

It must never raise for a disk: what can't be written is told, what was there stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from panel.library import read, slug
from panel.profiles import parse_profile
from panel.storage import copy_aside, save
from panel.tomltext import TextError, TomlText, with_value

SETTLE_NS = 1_000_000_000  # what changes while stopped is written when the hand has been still for this long


class Changes:
    """Gathers changes in the user's folder `data` until they are written; without a folder they are forgotten.

    True while there are any. All calls from one thread.
    """

    def __init__(self, data: Path | None) -> None:
        self.copy_first: set[str] = set()  # files that a start on defaults must not lose
        self._data = data
        self._files: set[str] = set()
        self._profiles: set[str] = set()
        self._edits: dict[str, dict[tuple[str, str], int]] = {}  # of each profile, until they are on the disk
        self._latest_ns = 0

    def __bool__(self) -> bool:
        return bool(self._files or self._profiles)

    def note_file(self, name: str, now_ns: int) -> None:
        """The file of that name has another text."""
        self._files.add(name)
        self._latest_ns = now_ns

    def note_profile(self, name: str, table: str, role: str, value: int, now_ns: int) -> None:
        """In the profile of that name, `role` has another value in `table` ("notes" or "levels")."""
        self._edits.setdefault(name, {})[table, role] = value
        self._profiles.add(name)
        self._latest_ns = now_ns

    def have_settled(self, now_ns: int) -> bool:
        """Whether there are changes, and the last one was a while ago."""
        return bool(self) and now_ns - self._latest_ns >= SETTLE_NS

    def write(self, texts: Mapping[str, str], sources: dict[str, Path]) -> list[str]:
        """Write what has changed; why something could not be, in a few words each.

        `texts` are the files as they are now; `sources` tells where each profile came from, and from now on comes from.
        """
        files, profiles = sorted(self._files), sorted(self._profiles)
        self._files, self._profiles = set(), set()
        if self._data is None:
            return []
        writes = [partial(self._write_file, self._data / name, texts[name]) for name in files]
        writes += [partial(self._write_profile, name, self._data / "profiles", sources) for name in profiles]
        return [fault for write in writes if (fault := _fault_of(write))]

    def _write_file(self, path: Path, text: str) -> None:
        if path.name in self.copy_first:
            copy_aside(path)
            self.copy_first.discard(path.name)
        save(path, text)

    def _write_profile(self, name: str, folder: Path, sources: dict[str, Path]) -> None:
        """Write the edits into the user's own copy, begun from the file that the profile came from."""
        source = sources[name]
        text = TomlText(read(source), str(source)).text
        for edit, value in self._edits[name].items():
            text = with_value(text, edit, value)
        path = source if source.parent == folder else folder / f"{slug(name)}.toml"
        parse_profile(text.encode(), str(path))  # a table on one line can't be edited line by line
        save(path, text)
        sources[name] = path
        del self._edits[name]


def _fault_of(write: Callable[[], None]) -> str:
    """What hindered a write, "" where nothing did."""
    try:
        write()
    except OSError as error:
        return error.strerror or str(error)
    except TextError as error:
        return error.faults[0].what
    except ValueError as error:  # what was a number when it was read is a table now
        return str(error)
    return ""
