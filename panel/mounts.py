"""Sticks that are plugged in: notices that one was mounted, has its files copied in beside the music, and tells of it.

It must never mount anything, nor wait: copying has a thread of its own, and a stick that hangs holds up only the next.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from panel.changes import in_a_thread
from panel.library import Loaded, load_library

if TYPE_CHECKING:
    from panel.stick import Copied

LOOK_NS = 1_000_000_000
BELOW = (Path("/media"), Path("/run/media"), Path("/mnt"))  # where sticks are mounted

_MOUNTS, _SYS = Path("/proc/self/mountinfo"), Path("/sys")


class Mount(NamedTuple):
    """A line of mountinfo: its number, its device as major:minor, and where it is; see proc(5)."""

    number: str
    device: str
    point: Path


class Sticks:
    """Looks for sticks once a second; each is copied in once, also one that was there before.

    All calls from one thread. `mounts` and `sys` are the kernel's, `below` where sticks are mounted; `changed` tells
    whether the mounts may have changed since it was asked last.
    """

    def __init__(
        self,
        data: Path,
        mounts: Path = _MOUNTS,
        sys: Path = _SYS,
        below: tuple[Path, ...] = BELOW,
        changed: Callable[[], bool] | None = None,
    ) -> None:
        self.behind: Callable[[Callable[[], None]], Callable[[], None]] = in_a_thread
        self._data, self._mounts, self._sys, self._below = data, mounts, sys, below
        self._changed = changed or _mounts_change(mounts)
        self._there: list[Mount] = []
        self._waiting: list[Mount] = []
        self._busy = False
        self._copied: Copied | None = None
        self._library: Loaded | None = None
        self._new = self._stale = False  # something was taken; the library that is being loaded is not all
        self._look_ns = 0

    def tend(self, now_ns: int) -> Copied | None:
        """Look for sticks where it is time to; what became of one, once."""
        if self._copied:
            copied, self._copied, self._busy = self._copied, None, False
            self._new = self._new or bool(copied.taken)
            return copied
        if now_ns >= self._look_ns:
            self._look_ns = now_ns + LOOK_NS
            if self._changed():
                self._look()
        if self._waiting and not self._busy:
            self._busy = True
            self._copy(self._waiting.pop(0).point)
        return None

    def fresh_library(self, settled: bool) -> Loaded | None:
        """The library with what was taken, once; to be asked as often as `tend`.

        It is loaded while all that was changed on the box is on the disk (`settled`), and again where that was not so
        all the time: nothing that the hand has done meanwhile is missing in it.
        """
        self._stale = self._stale or not settled
        if self._library:
            library, self._library, self._busy = self._library, None, False
            if not self._stale:
                self._new = False
                return library
        if self._new and settled and not self._busy:
            self._busy, self._stale = True, False
            self._load()
        return None

    def _look(self) -> None:
        try:
            lines = self._mounts.read_text("utf-8", "surrogateescape").splitlines()
        except OSError:  # no such file on this system: no sticks
            return
        now = [mount for line in lines if (mount := _mount(line)) and self._is_stick(mount)]
        self._waiting = [mount for mount in self._waiting if mount in now]
        self._waiting += [mount for mount in now if mount not in self._there]
        self._there = now

    def _is_stick(self, mount: Mount) -> bool:
        """Whether something that can be taken out is mounted where sticks are; not where our own files lie."""
        if not any(mount.point.is_relative_to(place) for place in self._below):
            return False
        return not self._data.absolute().is_relative_to(mount.point) and self._is_removable(mount.device)

    def _is_removable(self, device: str) -> bool:
        try:
            disk = (self._sys / "dev" / "block" / device).resolve(strict=True)
            if (disk / "partition").exists():
                disk = disk.parent
            return any(part.startswith("usb") for part in disk.parts) or (disk / "removable").read_text().strip() == "1"
        except (OSError, RuntimeError):  # no such device; a loop of links
            return False

    def _copy(self, point: Path) -> None:
        def copy() -> None:
            from panel.stick import copy_in  # no start waits for what few sticks need

            self._copied = copy_in(point, self._data)

        self._do_behind(copy)

    def _load(self) -> None:
        def load() -> None:
            self._library = load_library(self._data)

        self._do_behind(load)

    def _do_behind(self, do: Callable[[], None]) -> None:
        """A fault of our own is told as well: or nobody would know of it, and no other stick be read."""

        def work() -> None:
            try:
                do()
            except Exception as fault:
                from panel.stick import Copied

                self._new, self._copied = False, Copied(why=f"Stick: {fault or type(fault).__name__}")

        self.behind(work)


def _mount(line: str) -> Mount | None:
    """A line of mountinfo such as `36 25 8:1 / /media/STICK rw,noatime shared:1 - vfat /dev/sda1 rw`."""
    fields = line.split(" ")
    return Mount(fields[0], fields[2], Path(_unescaped(fields[4]))) if len(fields) > 4 else None


def _unescaped(text: str) -> str:
    """A path in which the kernel has written space, tab, line end and backslash in octal."""
    for octal, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(octal, char)
    return text


def _mounts_change(mounts: Path) -> Callable[[], bool]:
    """Asks the kernel whether mounts have come or gone, for the hundredth part of what reading them takes.

    It says so once to each that has the file open, by an exceptional condition: see proc(5). The first time it is so.
    """
    try:
        descriptor = os.open(mounts, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return lambda: False
    poll = select.poll()
    poll.register(descriptor, select.POLLPRI)
    news = [True]  # until it was asked

    def changed() -> bool:
        return bool(poll.poll(0)) | bool(news and news.pop())

    return changed
