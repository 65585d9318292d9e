"""Patterns, profiles, songs and sets on disk: what ships, and the user's own, which may replace it by name.

It must never let a broken file hide a good one: what can't be read is told with file, line and column, the rest loads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeVar

from panel.datafiles import data_folder
from panel.engine.wire import MAX_COMMAND_BYTES, encode
from panel.music.notation import FAMILIES, parse_pattern
from panel.music.pattern import Pattern
from panel.music.setlist import missing_songs, parse_set
from panel.music.song import Part, SetList, Song
from panel.music.songsheet import parse_song
from panel.music.tempo import MAX_BPM, MICRO
from panel.profiles import Profile, parse_profile
from panel.tomltext import MAX_BYTES, Fault, TextError, TomlText

PATTERNS, PROFILES, SONGS, SETS = KINDS = ("patterns", "profiles", "songs", "sets")  # folders of files
FIRST_PATTERN = "4/4 Basic"
MAX_SLUG = 60  # of the name of a file
MAX_SONG_BYTES = 40 * 1024  # of all its patterns, as they are handed to the engine

_Item = TypeVar("_Item", Pattern, Profile, Song, SetList)


class Loaded(NamedTuple):
    """Everything by name, in the order of the lists; where each came from, by kind and name; what could not be read."""

    patterns: dict[str, Pattern]
    profiles: dict[str, Profile]
    songs: dict[str, Song]
    sets: dict[str, SetList]
    sources: dict[tuple[str, str], Path]
    faults: tuple[Fault, ...]

    def pattern(self, name: str) -> Pattern:
        """The pattern of that name, else the one that a new box plays."""
        return self.patterns.get(name) or self.patterns.get(FIRST_PATTERN) or next(iter(self.patterns.values()))


def read(path: Path) -> bytes:
    """A file's bytes, at most one more than may be read at all. Raises TextError for a file that can't be opened."""
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TextError([Fault(str(path), 1, 1, f"the file can't be read: {error.strerror}")]) from error


def load_pattern(path: Path) -> Pattern:
    """The pattern in a file. Raises TextError, also for one that is too large to be handed to the engine."""
    return pattern_in(read(path), str(path))


def message_bytes(pattern: Pattern) -> int:
    """What it takes to hand a pattern to the engine, which takes at most MAX_COMMAND_BYTES."""
    return len(encode("pattern", pattern=pattern._asdict(), micro_bpm=MAX_BPM * MICRO))


def pattern_in(raw: bytes, source: str) -> Pattern:
    """The pattern in a file's bytes, which the engine can take. Raises TextError."""
    pattern = parse_pattern(raw, source)
    size = message_bytes(pattern)
    if size > MAX_COMMAND_BYTES:
        most = f"at most {MAX_COMMAND_BYTES:,} can be played: fewer bars, rows or numbers"
        raise TextError([Fault(source, 1, 1, f"the pattern takes {size:,} bytes, {most}")])
    return pattern


def load_profile(path: Path) -> Profile:
    """The profile in a file. Raises TextError."""
    return parse_profile(read(path), str(path))


def load_song(path: Path, patterns: Mapping[str, Pattern]) -> Song:
    """The song in a file, of these patterns. Raises TextError, also for one that is too large for the engine."""
    return song_of(read(path), str(path), patterns)


def song_of(raw: bytes, source: str, patterns: Mapping[str, Pattern]) -> Song:
    """The song in a file's bytes, which the engine can take. Raises TextError."""
    song = parse_song(raw, source, patterns)
    if faults := _too_large(song, TomlText(raw, source)):
        raise TextError(faults)
    return song


def load_set(path: Path, songs: Mapping[str, Song]) -> tuple[SetList, list[Fault]]:
    """The set in a file, and a fault for each of its songs that is none of these. Raises TextError."""
    raw = read(path)
    return parse_set(raw, str(path)), missing_songs(raw, str(path), songs)


def load_library(*folders: Path | None) -> Loaded:
    """Everything that ships, and over it the user's own from `folders`, each with the folders patterns, songs, ..."""
    own = _Shelf([folder for folder in folders if folder])
    patterns = own.load(PATTERNS, load_pattern)
    songs = own.load(SONGS, partial(load_song, patterns=patterns))

    def load_and_judge(path: Path) -> SetList:
        found, faults = load_set(path, songs)
        own.faults += faults
        return found

    sets = own.load(SETS, load_and_judge)
    return Loaded(
        in_families(patterns),
        own.load(PROFILES, load_profile),
        in_order(SONGS, songs, own.sources),
        in_order(SETS, sets, own.sources),
        own.sources,
        tuple(own.faults),
    )


def in_families(patterns: Mapping[str, Pattern]) -> dict[str, Pattern]:
    """Patterns as they are listed: by family, then by name."""
    return dict(sorted(patterns.items(), key=lambda item: (FAMILIES.index(item[1].family), _natural(item[0]))))


def in_order(kind: str, items: Mapping[str, _Item], sources: Mapping[tuple[str, str], Path]) -> dict[str, _Item]:
    """Songs or sets as they are listed: one's own first, then what ships, by name."""
    shipped = {name for name in items if is_shipped(kind, sources.get((kind, name)))}
    return {name: items[name] for name in sorted(items, key=lambda name: (name in shipped, _natural(name)))}


def is_shipped(kind: str, path: Path | None) -> bool:
    """Whether a file, of that kind, came with the box."""
    return path is not None and path.parent == data_folder(kind)


class _Shelf:
    """Files as they are loaded, folder by folder, what ships first."""

    def __init__(self, folders: list[Path]) -> None:
        self.sources: dict[tuple[str, str], Path] = {}
        self.faults: list[Fault] = []
        self._folders = folders

    def load(self, kind: str, load: Callable[[Path], _Item]) -> dict[str, _Item]:
        """All of a kind, by name; what comes later replaces what was there."""
        found: dict[str, _Item] = {}
        for folder in (data_folder(kind), *(folder / kind for folder in self._folders)):
            found |= self._load_folder(folder, kind, load)
        return found

    def _load_folder(self, folder: Path, kind: str, load: Callable[[Path], _Item]) -> dict[str, _Item]:
        found: dict[str, _Item] = {}
        try:
            paths = sorted(folder.glob("*.toml"))
        except OSError as error:
            self.faults.append(Fault(str(folder), 1, 1, f"the folder can't be read: {error.strerror}"))
            return found
        for path in paths:
            try:
                item = load(path)
            except TextError as error:
                self.faults += error.faults
                continue
            if item.name in found:
                other = self.sources[kind, item.name].name
                self.faults.append(Fault(str(path), 1, 1, f"'{item.name}' is the name of {other} too"))
            found[item.name] = item
            self.sources[kind, item.name] = path
        return found


def _too_large(song: Song, text: TomlText) -> list[Fault]:
    """Faults of a song that the engine would not take, at the pattern of the section."""
    parts = dict(zip(song.tables, song.parts, strict=True))
    faults = [
        text.fault(f"the section takes {size:,} bytes, at most {MAX_COMMAND_BYTES:,} can be played", table, "pattern")
        for table, part in parts.items()
        if (size := _part_bytes(part)) > MAX_COMMAND_BYTES
    ]
    size = sum(len(encode("pattern", pattern=pattern._asdict())) for pattern in {part.pattern for part in song.parts})
    if size > MAX_SONG_BYTES:
        what = f"the song's patterns take {size:,} bytes, at most {MAX_SONG_BYTES:,} can be played: fewer of them"
        faults.append(text.fault(what))
    return faults


def _part_bytes(part: Part) -> int:
    return len(encode("part", part=part._asdict() | {"pattern": part.pattern._asdict()}))


def _natural(name: str) -> list[tuple[int, str]]:
    """A sort key that puts 5/4 before 10/8."""
    return [
        (int(part), "") if part.isdecimal() else (1 << 30, part.lower()) for part in re.split(r"(\d+)", name) if part
    ]


def slug(name: str) -> str:
    """A file name for a name: "Seven up" -> "seven-up"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"


def free_place(folder: Path, name: str) -> Path:
    """A file for a name that is not there yet: one of that name may hold another, begun as a copy of this one's."""
    return unused(folder / f"{slug(name)[:MAX_SLUG]}.toml")


def unused(path: Path) -> Path:
    """That file, or one with a number, so that it is not there yet."""
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return path if not path.exists() else next(other for other in numbered if not other.exists())
