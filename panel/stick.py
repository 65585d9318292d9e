"""Files from a USB stick: looked for in a few places, read whole, checked, and copied into the drummer's own folder.

It must never run or trust what is on a stick, nor lose a file of ours for one of it; it may be pulled at any moment.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from panel.belongings import READERS
from panel.check import check_together, kind_of
from panel.datafiles import data_folder
from panel.failure import Failure
from panel.library import KINDS, load_profile, slug
from panel.profiles import Profile
from panel.storage import copy_aside, in_words, save
from panel.tomltext import MAX_BYTES, Fault, TextError, TomlText, printable

OWN_FOLDER = "drumassist"
TAKEN_FILE = "taken.txt"
MAX_FILES = 400
MAX_ENTRIES = 5000  # of a folder that are looked at
MAX_NAME_BYTES = 100
MAX_MIDI_BYTES = 512 * 1024
FAULTS_TOLD = 3

# What hinders one file. Whatever else a read says, the stick is gone: also that there is no such file any more.
_OF_ONE_FILE = (errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG, errno.EILSEQ)
_KEYS = {"format", "groove", "notes", "songs", "form"}  # of our files; others lie on a stick as well
_WORDS = {"songs": "song", "sets": "set", "patterns": "pattern", "profiles": "profile"}
_TAKEN = re.compile(r"([0-9a-f]{64})  (.+)")


class Copied(NamedTuple):
    """What became of a stick's files: `found` of them, of which the `taken` ones are new here, by their paths.

    `kept` are those of ours that were set aside for one of them, `known` have been taken before. `why` it ended early,
    "" where it did not.
    """

    taken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    known: int = 0
    found: int = 0
    faults: tuple[Fault, ...] = ()
    why: str = ""

    @property
    def lines(self) -> list[str]:
        """What to tell the drummer of it, shortly."""
        lines = [self._summary(), *(f"{Path(path).name} replaced, yours is kept" for path in self.kept[:FAULTS_TOLD])]
        if len(self.kept) > FAULTS_TOLD:
            lines.append(f"... and {len(self.kept) - FAULTS_TOLD} more replaced")
        lines += [f"{Path(fault.source).name}:{fault.line} {fault.what}" for fault in self.faults[:FAULTS_TOLD]]
        return lines + ([f"... and {len(self.faults) - FAULTS_TOLD} more"] if len(self.faults) > FAULTS_TOLD else [])

    def _summary(self) -> str:
        if self.why:
            return f"{self.why}: {len(self.taken) + self.known} of {self.found} copied"
        counts = {folder: sum(path.startswith(folder + "/") for path in self.taken) for folder in _WORDS}
        told = [f"{count} {_WORDS[folder]}{'s' * (count > 1)}" for folder, count in counts.items() if count]
        nothing = "nothing new" if self.found else "nothing for the box"
        return f"Stick: {', '.join(told) or nothing}"


class _Gone(Exception):  # noqa: N818 - what happens to sticks
    """The stick does not answer any more."""


class _Seen(NamedTuple):
    """A file on the stick, and the folder that its place there says, "" where it says none."""

    path: Path
    folder: str


def copy_in(stick: Path, data: Path) -> Copied:
    """Copy what is new on the stick below `stick` into the user's folder; what was whole before it was pulled stays.

    Never raises for a stick or a disk: it is told.
    """
    why, faults = "", list[Fault]()
    seen: list[_Seen] = []
    contents: dict[str, bytes] = {}
    others = 0
    try:
        for each in _look(stick):
            if len(seen) == MAX_FILES:
                faults.append(Fault(str(stick), 1, 1, f"more than {MAX_FILES} files: the rest is left there"))
                break
            seen.append(each)
        for each in seen:
            others += not _take(each, contents, faults)
    except _Gone:
        why = "Stick pulled out"
    copied = Copied(found=len(seen) - others, faults=tuple(faults), why=why)
    try:
        broken = check_together(contents, data) if contents else {}
        good = {path: raw for path, raw in contents.items() if not broken[path]}
        copied = copied._replace(faults=(*copied.faults, *(fault for found in broken.values() for fault in found)))
        return _save(good, data, copied)
    except OSError as error:
        return copied._replace(why=f"Stick: {in_words(error)}")


# Looking and reading. Nothing here follows a link, opens what is no plain file, or goes deeper than two folders.


def _look(stick: Path) -> Iterator[_Seen]:
    """Every .toml and .mid file in the places where they belong. Raises _Gone."""
    for home in (stick, *_folders(stick, (OWN_FOLDER,)).values()):
        yield from _files(home, "" if home == stick else OWN_FOLDER)
        for name, folder in _folders(home, KINDS).items():
            yield from _files(folder, name)


def _folders(folder: Path, names: tuple[str, ...]) -> dict[str, Path]:
    """The folders of these names, upper or lower case, in a folder."""
    found = {entry.name.lower(): folder / entry.name for entry in _entries(folder) if entry.is_folder}
    return {name: found[name] for name in names if name in found}


def _files(folder: Path, place: str) -> list[_Seen]:
    """The plain files in a folder that may be ours; what begins with a dot is some system's own."""
    names = [entry.name for entry in _entries(folder) if entry.is_file and not entry.name.startswith(".")]
    return [_Seen(folder / name, place) for name in sorted(names) if name.lower().endswith((".toml", ".mid", ".midi"))]


class _Entry(NamedTuple):
    """What is in a folder; a link is neither."""

    name: str
    is_folder: bool
    is_file: bool


def _entries(folder: Path) -> list[_Entry]:
    """What is in a folder, as far as one looks. Raises _Gone."""
    try:
        with os.scandir(folder) as entries:
            return [
                _Entry(entry.name, entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False))
                for entry in islice(entries, MAX_ENTRIES)
            ]
    except OSError as error:
        if error.errno in _OF_ONE_FILE:
            return []
        raise _Gone from error


def _take(seen: _Seen, contents: dict[str, bytes], faults: list[Fault]) -> bool:
    """Read a file into `contents`, by the path that it will have; whether it is one of ours. Raises _Gone."""
    try:
        path, raw = _as_ours(seen)
    except TextError as error:
        faults += error.faults
        return True
    if path in contents and contents[path] != raw:
        faults.append(Fault(seen.path.name, 1, 1, f"there is another {path} on the stick, which was taken"))
    elif path:
        contents[path] = raw
    return bool(path)


def _as_ours(seen: _Seen) -> tuple[str, bytes]:
    """The path that a file will have here, and what it will hold; "" for a file that is not meant for us.

    Raises TextError for one that can't be used, _Gone.
    """
    name = seen.path.name
    if not name.isprintable() or len(name.encode()) > MAX_NAME_BYTES:
        raise TextError(
            [Fault(printable(name, 40), 1, 1, "its name is too long, or has characters that can't be read")]
        )
    is_midi = not name.lower().endswith(".toml")
    raw = _read(seen.path, MAX_MIDI_BYTES if is_midi else MAX_BYTES)
    if is_midi:
        return _imported(seen.path, raw)
    stem = name[: -len(".toml")]
    if seen.folder in KINDS:
        return f"{seen.folder}/{stem}.toml", raw
    if f"{stem}.toml" in READERS:  # of the box that they were made for
        return "", raw
    text = TomlText(raw, name)
    if not seen.folder and not _KEYS & text.data.keys():
        return "", raw
    return f"{kind_of(Path(name), raw)}/{stem}.toml", raw


def _read(path: Path, most: int) -> bytes:
    """A plain file, whole. Raises TextError for one that is too large or can't be opened, _Gone."""
    try:
        with open(_opened(path), "rb") as file:
            status = os.fstat(file.fileno())
            raw = file.read(most + 1) if stat.S_ISREG(status.st_mode) and status.st_size <= most else None
    except OSError as error:
        if error.errno in _OF_ONE_FILE:
            raise TextError([Fault(path.name, 1, 1, f"the file can't be read: {error.strerror}")]) from error
        raise _Gone from error
    if raw is None or len(raw) > most:
        raise TextError([Fault(path.name, 1, 1, f"this is no plain file of at most {most // 1024} KB")])
    return raw


def _opened(path: Path) -> int:
    """A descriptor of what is there, without waiting for a pipe's other end. Raises OSError, also for a link."""
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY)


def _imported(path: Path, raw: bytes) -> tuple[str, bytes]:
    """A MIDI file as a pattern, which says at its end what it could not keep. Raises TextError."""
    from panel.midifile import import_midi, name_of  # and with it mido, which nobody else in the panel needs

    name = name_of(path.stem)
    try:
        imported = import_midi(raw, path.name, name, _general_midi())
    except Failure as error:
        raise TextError([Fault(path.name, 1, 1, str(error).removeprefix(f"{path.name}: "))]) from error
    lost = "".join(f"# {printable(line)}\n" for line in imported.lost)
    return f"patterns/{slug(name)}.toml", f"{imported.text}\n{lost}".encode()


def _general_midi() -> Profile:
    return load_profile(data_folder("profiles") / "general-midi.toml")


# Writing.


def _save(contents: Mapping[str, bytes], data: Path, copied: Copied) -> Copied:
    """Write what is new, each file whole; what was taken once is not taken again, for ours may be newer by now.

    A stick that stays in the box would else undo at every start what was changed here.
    """
    taken_before = _taken_before(data)
    for path, raw in contents.items():
        digest = sha256(raw).hexdigest()
        try:
            if taken_before.get(path) == digest or _holds(data / path, raw):
                copied = copied._replace(known=copied.known + 1)
            else:
                kept = copy_aside(data / path)
                save(data / path, raw)
                copied = copied._replace(taken=(*copied.taken, path), kept=(*copied.kept, *([path] if kept else [])))
        except OSError as error:
            copied = copied._replace(why=f"Stick: {in_words(error)}")
            break
        taken_before[path] = digest
    _remember(data, taken_before)
    return copied


def _holds(path: Path, raw: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(raw) and path.read_bytes() == raw


def _taken_before(data: Path) -> dict[str, str]:
    """The digest of what was taken last, by path; whatever is wrong in that list is as if it had not been."""
    try:
        text = (data / TAKEN_FILE).read_text("utf-8", "replace")
    except OSError:
        return {}
    return {match[2]: match[1] for match in map(_TAKEN.fullmatch, text.splitlines()) if match}


def _remember(data: Path, taken: Mapping[str, str]) -> None:
    """Keep that list. Raises OSError."""
    text = "".join(f"{digest}  {path}\n" for path, digest in sorted(taken.items()))
    if text and not _holds(data / TAKEN_FILE, text.encode()):
        save(data / TAKEN_FILE, text)
