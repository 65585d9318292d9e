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
        self._told: dict[Path, str] = {}  # what was wrong with a kit when it was loaded
        self._under: dict[str, list[Path]] = {}  # kits whose place others of their name have taken
        self._loaded: SimpleQueue[tuple[str, Path, int, Kit | str]] = SimpleQueue()
        self._wanted: SimpleQueue[tuple[str, Path, int]] = SimpleQueue()
        self._kits: dict[tuple[Path, int], Kit] = {}
        self._seen = self._seen_before = self._looks_of_folders()
        self._asked: set[tuple[Path, int]] = set()
        self._looks: dict[Path, tuple[object, ...]] = {}  # of each kit's files, when they were last looked at
        threading.Thread(target=self._load_for_ever, daemon=True, name="kits").start()
        self.look()

    def look(self) -> None:
        """See which kits there are; reads their sheets only. One whose files have changed will be loaded anew."""
        paths: dict[str, Path] = {}
        under: dict[str, list[Path]] = {}
        faults: list[str] = []
        for parent in self._folders:
            for folder in sorted(path for path in parent.glob("*") if path.is_dir() and path.name[0] not in "._"):
                try:
                    sheet = read_sheet(folder)
                except TextError as error:
                    faults.append(str(error.faults[0]))
                    continue
                if sheet.name in paths:
                    under.setdefault(sheet.name, []).append(paths[sheet.name])
                paths[sheet.name] = folder
                self._notice(folder, [folder / KIT_FILE, *(file.path for file in sheet.files)])
        self.paths, self._under, self._sheet_faults = paths, under, faults
        self._tell()

    def look_again(self) -> bool:
        """`look` where a kit has come, gone or changed, and nothing has since the last time: it may take long to copy.

        To be called about once a second: it looks at no more than the folders. True where there was something new.
        """
        looks = self._looks_of_folders()
        if is_news := looks != self._seen and looks == self._seen_before:
            self._told = {path: what for path, what in self._told.items() if looks.get(path) == self._seen.get(path)}
            self._seen = looks
            self.look()
        self._seen_before = looks
        return is_news

    def _looks_of_folders(self) -> dict[Path, object]:
        """What changes with each folder, and with what says what is in it."""
        folders = [folder for parent in self._folders for folder in parent.glob("*")]
        return {folder: (_look_of(folder), _look_of(folder / KIT_FILE)) for folder in folders}

    def _notice(self, folder: Path, files: list[Path]) -> None:
        """Forget a kit that was loaded from other files than these."""
        looks = tuple((path, *_look_of(path)) for path in files)
        if self._looks.setdefault(folder, looks) != looks:
            self._looks[folder] = looks
            self._kits = {key: kit for key, kit in self._kits.items() if key[0] != folder}

    def named(self, name: str) -> str:
        """The kit of that name, capitals or not; "" for none."""
        if name in self.paths:
            return name
        return next((known for known in self.paths if known.lower() == name.lower()), "")

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
            self._told.pop(path, None)
            if isinstance(kit, str):
                self._told[path] = kit
                self._give_way(name, path)
            else:
                self._kits[path, rate] = kit
                while len(self._kits) > KEPT_KITS:
                    del self._kits[next(iter(self._kits))]
        self._tell()
        return was_there

    def _give_way(self, name: str, path: Path) -> None:
        """A kit that can't be loaded hides none that can."""
        if self.paths.get(name) == path:
            del self.paths[name]
            if under := self._under.get(name):
                self.paths[name] = under.pop()

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
            except Exception as error:  # whatever it is: without this thread no kit would be loaded any more
                kit = f"{path}: {type(error).__name__}: {error}"
            self._loaded.put((name, path, rate, kit))
            self._wake()


def _look_of(path: Path) -> tuple[int, ...]:
    """What changes with a file; nothing where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
