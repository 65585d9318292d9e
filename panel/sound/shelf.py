"""The kits there are, by name, and a thread that loads those that are asked for.

It must never load in the thread that asks: a kit takes seconds on a Pi, and what sounds goes on meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from panel.sound.kit import Kit, load_kit
from panel.sound.kitfolder import KIT_FILE
from panel.sound.kitsheet import read_sheet
from panel.tomltext import TextError

KEPT_KITS = 4  # that were loaded last, so that one that comes again is there at once


class Adjustment(NamedTuple):
    """What the drummer has turned at a kit's sounds: levels in percent, choke groups, by the sound's name."""

    levels: dict[str, int] = {}  # noqa: RUF012 - never written to
    chokes: dict[str, str] = {}  # noqa: RUF012

    def of(self, kit: Kit) -> Kit:
        """The kit with that."""
        return kit.with_levels(self.levels).with_chokes(self.chokes)


class Shelf:
    """Kits in folders of folders, what ships first; the user's own replace them by name.

    `wake` is called from the loading thread when `take_loaded` has something; all else from one thread.
    """

    def __init__(self, folders: Iterable[Path], wake: Callable[[], None]) -> None:
        self._folders = tuple(folders)
        self._wake = wake
        self.paths: dict[str, Path] = {}
        self.faults: tuple[str, ...] = ()
        self._told: dict[str, str] = {}  # what was wrong with a kit when it was loaded
        self._loaded: SimpleQueue[tuple[str, Path, int, Kit | str]] = SimpleQueue()
        self._wanted: SimpleQueue[tuple[str, Path, int]] = SimpleQueue()
        self._kits: dict[tuple[Path, int], Kit] = {}
        self._seen = self._seen_before = self._stamps()
        self._asked: set[tuple[Path, int]] = set()
        threading.Thread(target=self._load_for_ever, daemon=True, name="kits").start()
        self.look()

    def look(self) -> None:
        """See which kits there are; reads their sheets only."""
        paths: dict[str, Path] = {}
        faults: list[str] = []
        for parent in self._folders:
            for folder in sorted(path for path in parent.glob("*") if path.is_dir() and path.name[0] not in "._"):
                try:
                    paths[read_sheet(folder).name] = folder
                except TextError as error:
                    faults.append(str(error.faults[0]))
        self.paths, self._sheet_faults = paths, faults
        self._tell()

    def look_again(self) -> bool:
        """`look` where a kit has come, gone or changed, and nothing has since the last time: it may take long to copy.

        To be called about once a second. A kit that has changed is loaded anew when it is asked for. True for news.
        """
        stamps = self._stamps()
        if is_news := stamps != self._seen and stamps == self._seen_before:
            changed = {path for path, stamp in self._seen.items() if stamps.get(path) != stamp}
            self._kits = {at: kit for at, kit in self._kits.items() if at[0] not in changed}
            self._told = {}
            self._seen = stamps
            self.look()
        self._seen_before = stamps
        return is_news

    def _stamps(self) -> dict[Path, object]:
        """How each folder, and what says what is in it, was written last."""
        folders = [folder for parent in self._folders for folder in parent.glob("*")]
        return {folder: (_stamp(folder), _stamp(folder / KIT_FILE)) for folder in folders}

    def kit(self, name: str, rate: int) -> Kit | None:
        """A kit of that name for a stream of `rate`; None until it is loaded, which this sets going."""
        path = self.paths.get(name)
        if path is None:
            return None
        if kit := self._kits.get((path, rate)):
            self._kits[path, rate] = self._kits.pop((path, rate))  # asked for last
            return kit
        if (path, rate) not in self._asked:
            self._asked.add((path, rate))
            self._wanted.put((name, path, rate))
        return None

    def take_loaded(self) -> bool:
        """Put what was loaded on the shelf; True where there was something."""
        was_there = not self._loaded.empty()
        while not self._loaded.empty():
            name, path, rate, kit = self._loaded.get()
            self._asked.discard((path, rate))
            self._told.pop(name, None)
            if isinstance(kit, str):
                self._told[name] = kit
                self.paths.pop(name, None)
            else:
                self._kits[path, rate] = kit
                while len(self._kits) > KEPT_KITS:
                    del self._kits[next(iter(self._kits))]
        self._tell()
        return was_there

    def _tell(self) -> None:
        self.faults = (*self._sheet_faults, *self._told.values())

    def _load_for_ever(self) -> None:
        while True:
            name, path, rate = self._wanted.get()
            try:
                kit: Kit | str = load_kit(path, rate)
            except TextError as error:
                kit = str(error.faults[0])
            except MemoryError:
                kit = f"{path}: it does not fit into the memory"
            self._loaded.put((name, path, rate, kit))
            self._wake()


def _stamp(path: Path) -> object:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
