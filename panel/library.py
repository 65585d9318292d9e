"""Patterns and profiles on disk: the ones that ship with the box and the user's own, which may replace them by name.

It must never let a broken file hide a good one: what can't be read is told with file, line and column, the rest loads.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from panel.datafiles import data_folder
from panel.engine.wire import MAX_COMMAND_BYTES, encode
from panel.music.notation import FAMILIES, parse_pattern
from panel.music.pattern import Pattern
from panel.music.tempo import MAX_BPM, MICRO
from panel.profiles import Profile, parse_profile
from panel.tomltext import MAX_BYTES, Fault, TextError

_Item = TypeVar("_Item", Pattern, Profile)


class Loaded(NamedTuple):
    """Patterns in the order of the list and profiles, by name; where each came from; what could not be read."""

    patterns: dict[str, Pattern]
    profiles: dict[str, Profile]
    sources: dict[str, Path]
    faults: tuple[Fault, ...]


def read(path: Path) -> bytes:
    """A file's bytes, at most one more than may be read at all. Raises TextError for a file that can't be opened."""
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TextError([Fault(str(path), 1, 1, f"the file can't be read: {error.strerror}")]) from error


def load_pattern(path: Path) -> Pattern:
    """The pattern in a file. Raises TextError, also for one that is too large to be handed to the engine."""
    pattern = parse_pattern(read(path), str(path))
    size = len(encode("pattern", pattern=pattern._asdict(), micro_bpm=MAX_BPM * MICRO))
    if size > MAX_COMMAND_BYTES:
        what = f"the pattern takes {size:,} bytes, at most {MAX_COMMAND_BYTES:,} can be played: fewer bars or rows"
        raise TextError([Fault(str(path), 1, 1, what)])
    return pattern


def load_profile(path: Path) -> Profile:
    """The profile in a file. Raises TextError."""
    return parse_profile(read(path), str(path))


def load_library(data: Path | None) -> Loaded:
    """Everything that ships, and the user's own from `data`/patterns and `data`/profiles over it."""
    faults: list[Fault] = []
    sources: dict[str, Path] = {}
    patterns: dict[str, Pattern] = {}
    profiles: dict[str, Profile] = {}
    for base in (data_folder("patterns"), data and data / "patterns"):
        patterns |= _load_folder(base, load_pattern, sources, faults)
    for base in (data_folder("profiles"), data and data / "profiles"):
        profiles |= _load_folder(base, load_profile, sources, faults)
    ordered = dict(sorted(patterns.items(), key=lambda item: (FAMILIES.index(item[1].family), _natural(item[0]))))
    return Loaded(ordered, profiles, sources, tuple(faults))


def _load_folder(
    folder: Path | None, load: Callable[[Path], _Item], sources: dict[str, Path], faults: list[Fault]
) -> dict[str, _Item]:
    found: dict[str, _Item] = {}
    try:
        paths = sorted(folder.glob("*.toml")) if folder else []
    except OSError as error:
        faults.append(Fault(str(folder), 1, 1, f"the folder can't be read: {error.strerror}"))
        return found
    for path in paths:
        try:
            item = load(path)
        except TextError as error:
            faults += error.faults
            continue
        if item.name in found:
            faults.append(Fault(str(path), 1, 1, f"'{item.name}' is the name of {sources[item.name].name} too"))
        found[item.name] = item
        sources[item.name] = path
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """A sort key that puts 5/4 before 10/8."""
    return [
        (int(part), "") if part.isdecimal() else (1 << 30, part.lower()) for part in re.split(r"(\d+)", name) if part
    ]


def slug(name: str) -> str:
    """A file name for a name: "Seven up" -> "seven-up"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"
