"""What has changed and is not on the disk yet: settings, choices, notes and levels of profiles, songs and sets.

It must never raise for a disk, nor forget: what can't be written is told, what was there stays, and it is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from panel.drafts import Drafts
from panel.library import PROFILES, Loaded, free_place, read
from panel.profiles import parse_profile
from panel.songbook import Edit
from panel.storage import copy_aside, in_words, save
from panel.tomltext import TextError, TomlText, with_value

SETTLE_NS = 1_000_000_000  # what changes is written when the hand has been still for this long
RETRY_NS = 20_000_000_000  # what could not be written is tried again


class _Job(NamedTuple):
    """Something to write; `forget` follows once it is on the disk."""

    write: Callable[[], None]
    forget: Callable[[], None]


class Changes:
    """Gathers changes in the user's folder `data` until they are written; without a folder they are forgotten.

    True while there are any, `failing` while the disk does not take them. All calls from one thread; `behind` runs
    what `write_behind` has to do in another, for a card can take seconds over it and the drummer's hands don't wait.
    """

    def __init__(self, data: Path | None) -> None:
        self.copy_first: set[str] = set()  # files that a start on defaults must not lose
        self.behind: Callable[[Callable[[], None]], Callable[[], None]] = in_a_thread
        self._data = data
        self._anew: set[str] = set()  # of those, the ones that were copied, and are not written yet
        self._files: dict[str, int] = {}  # and which change of it was the last
        self._edits: dict[str, dict[tuple[str, str], int]] = {}  # of each profile
        self._drafts = Drafts(data)
        self._count = 0
        self._faults: list[str] = []  # of the last time
        self._due_ns = 0
        self._again = False  # nothing has changed since the last time
        self._wait: Callable[[], None] | None = None  # for what is being written
        self._results: list[tuple[_Job, str]] | None = None  # of what has been written

    def __bool__(self) -> bool:
        return bool(self._files or self._edits or self._drafts)

    @property
    def failing(self) -> bool:
        """Whether something could not be written the last time."""
        return bool(self._faults)

    def note_file(self, name: str, now_ns: int) -> None:
        """The file of that name has another text."""
        self._count += 1
        self._files[name] = self._count
        self._due_ns, self._again = now_ns + SETTLE_NS, False

    def note_profile(self, name: str, table: str, role: str, value: int, now_ns: int) -> None:
        """In the profile of that name, `role` has another value in `table` ("notes" or "levels")."""
        self._edits.setdefault(name, {})[table, role] = value
        self._due_ns, self._again = now_ns + SETTLE_NS, False

    def add_text(self, kind: str, text: str, library: Loaded, now_ns: int) -> str:
        """A new pattern, song or set, in the library from now on; its name. Raises ValueError; see Drafts."""
        name = self._drafts.add(kind, text, library)
        self._due_ns, self._again = now_ns + SETTLE_NS, False
        return name

    def edit_text(self, kind: str, name: str, edit: Edit, library: Loaded, now_ns: int) -> str:
        """Edit a song or a set, in the library at once; its name from now on. Raises TextError, ValueError."""
        name = self._drafts.edit(kind, name, edit, library)
        self._due_ns, self._again = now_ns + SETTLE_NS, False
        return name

    def have_settled(self, now_ns: int) -> bool:
        """Whether there are changes, and the last one, or the last attempt that failed, was a while ago."""
        return bool(self) and self._wait is None and now_ns >= self._due_ns

    def write(self, texts: Mapping[str, Callable[[str], str]], library: Loaded, now_ns: int) -> list[str]:
        """Write what has changed; what there is to tell of it, in a few words each. The same fault is told but once.

        `texts` tell what a file is to hold, by what it holds now ("" where there is none);
        `library` tells where each profile came from, and from now on comes from.
        """
        if self._wait:
            self._wait()
        told = self.written(now_ns)
        self._results = _outcome(self._jobs(texts, library))
        return [*told, *self.written(now_ns)]

    def write_behind(self, texts: Mapping[str, Callable[[str], str]], library: Loaded) -> None:
        """Begin to write what has changed; `written` tells what became of it."""
        jobs = self._jobs(texts, library)

        def work() -> None:
            self._results = _outcome(jobs)

        self._wait = self.behind(work)

    def written(self, now_ns: int) -> list[str]:
        """What there is to tell of what has been written meanwhile, as `write` tells it."""
        if self._results is None:
            return []
        results, self._results, self._wait = self._results, None, None
        for job, fault in results:
            if not fault:
                job.forget()
        before, self._faults = self._faults, list(dict.fromkeys(fault for _, fault in results if fault))
        self._due_ns = max(self._due_ns, now_ns + RETRY_NS) if self._faults else self._due_ns
        known, self._again = self._again and self._faults == before, True
        if before and not self._faults:
            return ["Saved"]
        return [] if known else [f"Not saved: {fault}" for fault in self._faults]

    def _jobs(self, texts: Mapping[str, Callable[[str], str]], library: Loaded) -> list[_Job]:
        data = self._data
        if data is None:
            self._files, self._edits = {}, {}
            self._drafts.forget_all()
            return []
        jobs = [
            _Job(partial(self._write_file, data / name, texts[name]), partial(self._forget_file, name, change))
            for name, change in sorted(self._files.items())
        ]
        for name, all_edits in sorted(self._edits.items()):
            edits = dict(all_edits)
            write = partial(self._write_profile, name, edits, data / "profiles", library)
            jobs.append(_Job(write, partial(self._forget_edits, name, edits)))
        return jobs + [_Job(*job) for job in self._drafts.jobs(library)]

    def _forget_file(self, name: str, change: int) -> None:
        if self._files.get(name) == change:
            del self._files[name]

    def _forget_edits(self, name: str, written: dict[tuple[str, str], int]) -> None:
        left = {edit: value for edit, value in self._edits[name].items() if written.get(edit) != value}
        if left:
            self._edits[name] = left
        else:
            del self._edits[name]

    def _write_file(self, path: Path, text: Callable[[str], str]) -> None:
        if path.name in self.copy_first:
            copy_aside(path)
            self.copy_first.discard(path.name)
            self._anew.add(path.name)
        anew = path.name in self._anew or not path.exists()
        save(path, text("" if anew else path.read_bytes().decode("utf-8", "surrogateescape")))
        self._anew.discard(path.name)

    def _write_profile(self, name: str, edits: dict[tuple[str, str], int], folder: Path, library: Loaded) -> None:
        """Write the edits into the user's own copy, begun from the file that the profile came from."""
        source = library.sources[PROFILES, name]
        text = TomlText(read(source), str(source)).text if source.exists() else library.profiles[name].text
        for edit, value in edits.items():
            text = with_value(text, edit, value)
        path = source if source.parent == folder else free_place(folder, name)
        parse_profile(text.encode(), str(path))  # a table on one line can't be edited line by line
        save(path, text)
        library.sources[PROFILES, name] = path


def in_a_thread(work: Callable[[], None]) -> Callable[[], None]:
    """Begin `work`; what is returned waits for its end."""
    thread = Thread(target=work, name="save", daemon=True)
    thread.start()
    return thread.join


def _outcome(jobs: list[_Job]) -> list[tuple[_Job, str]]:
    """Each job, and what hindered it."""
    return [(job, _fault_of(job.write)) for job in jobs]


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
