"""What has changed and is not on the disk yet: settings, choices, the notes and levels of profiles.

It must never raise for a disk, nor forget: what can't be written is told, what was there stays, and it is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from pathlib import Path

from panel.library import Loaded, read, slug
from panel.profiles import parse_profile
from panel.storage import copy_aside, in_words, save
from panel.tomltext import TextError, TomlText, with_value

SETTLE_NS = 1_000_000_000  # what changes while stopped is written when the hand has been still for this long
MAX_SLUG = 60  # of the name of a file
RETRY_NS = 20_000_000_000  # what could not be written is tried again


class Changes:
    """Gathers changes in the user's folder `data` until they are written; without a folder they are forgotten.

    True while there are any, `failing` while the disk does not take them. All calls from one thread.
    """

    def __init__(self, data: Path | None) -> None:
        self.copy_first: set[str] = set()  # files that a start on defaults must not lose
        self._data = data
        self._anew: set[str] = set()  # of those, the ones that were copied, and are not written yet
        self._files: set[str] = set()
        self._edits: dict[str, dict[tuple[str, str], int]] = {}  # of each profile
        self._faults: list[str] = []  # of the last time
        self._due_ns = 0
        self._again = False  # nothing has changed since the last time

    def __bool__(self) -> bool:
        return bool(self._files or self._edits)

    @property
    def failing(self) -> bool:
        """Whether something could not be written the last time."""
        return bool(self._faults)

    def note_file(self, name: str, now_ns: int) -> None:
        """The file of that name has another text."""
        self._files.add(name)
        self._due_ns, self._again = now_ns + SETTLE_NS, False

    def note_profile(self, name: str, table: str, role: str, value: int, now_ns: int) -> None:
        """In the profile of that name, `role` has another value in `table` ("notes" or "levels")."""
        self._edits.setdefault(name, {})[table, role] = value
        self._due_ns, self._again = now_ns + SETTLE_NS, False

    def have_settled(self, now_ns: int) -> bool:
        """Whether there are changes, and the last one, or the last attempt that failed, was a while ago."""
        return bool(self) and now_ns >= self._due_ns

    def write(self, texts: Mapping[str, Callable[[str], str]], library: Loaded, now_ns: int) -> list[str]:
        """Write what has changed; what there is to tell of it, in a few words each. The same fault is told but once.

        `texts` tell what a file is to hold, by what it holds now ("" where there is none);
        `library` tells where each profile came from, and from now on comes from.
        """
        if self._data is None:
            self._files, self._edits = set(), {}
            return []
        before, faults = self._faults, dict[str, None]()
        for name in sorted(self._files):
            if fault := _fault_of(partial(self._write_file, self._data / name, texts[name])):
                faults[fault] = None
            else:
                self._files.discard(name)
        for name in sorted(self._edits):
            if fault := _fault_of(partial(self._write_profile, name, self._data / "profiles", library)):
                faults[fault] = None
        self._faults, self._due_ns = list(faults), now_ns + RETRY_NS
        known, self._again = self._again and self._faults == before, True
        if before and not faults:
            return ["Saved"]
        return [] if known else [f"Not saved: {fault}" for fault in faults]

    def _write_file(self, path: Path, text: Callable[[str], str]) -> None:
        if path.name in self.copy_first:
            copy_aside(path)
            self.copy_first.discard(path.name)
            self._anew.add(path.name)
        anew = path.name in self._anew or not path.exists()
        save(path, text("" if anew else path.read_bytes().decode("utf-8", "surrogateescape")))
        self._anew.discard(path.name)

    def _write_profile(self, name: str, folder: Path, library: Loaded) -> None:
        """Write the edits into the user's own copy, begun from the file that the profile came from."""
        source = library.sources[name]
        text = TomlText(read(source), str(source)).text if source.exists() else library.profiles[name].text
        for edit, value in self._edits[name].items():
            text = with_value(text, edit, value)
        path = source if source.parent == folder else _free_place(folder, slug(name)[:MAX_SLUG])
        parse_profile(text.encode(), str(path))  # a table on one line can't be edited line by line
        save(path, text)
        library.sources[name] = path
        del self._edits[name]


def _free_place(folder: Path, name: str) -> Path:
    """A file that is not there yet: one of that name may hold another profile, begun as a copy of this one's."""
    paths = (folder / f"{name}{f'-{number}' if number > 1 else ''}.toml" for number in count(1))
    return next(path for path in paths if not path.exists())


def _fault_of(write: Callable[[], None]) -> str:
    """What hindered a write, "" where nothing did."""
    try:
        write()
    except OSError as error:
        return in_words(error)
    except TextError as error:
        return error.faults[0].what
    except ValueError as error:  # what was a number when it was read is a table now
        return str(error)
    return ""
