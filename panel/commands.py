"""What the command line does with files: find, list and check them, and tell the ports whose modules they know.

It must never print a traceback for a user's mistake: what is wrong is one line, and the exit code says of what kind.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from panel.check import KIT_FILE, PATCH_SUFFIX, check_files, kind_of
from panel.engine.rtmidi_sequencer import RtMidiSequencer
from panel.failure import NOT_TO_BE_HAD, WRONG_INPUT, Failure
from panel.library import (
    PATTERNS,
    SETS,
    SONGS,
    Loaded,
    load_library,
    load_pattern,
    load_profile,
    load_set,
    load_song,
    read,
)
from panel.music.pattern import Pattern
from panel.music.reading import MAX_NAME
from panel.music.song import Entry, SetList, Song
from panel.music.tempo import DEFAULT_MICRO_BPM, MICRO, TICKS_PER_QUARTER
from panel.profiles import Profile, profile_of_port
from panel.sound.kitfolder import SUFFIXES, sound_files
from panel.tomltext import Fault, TextError

_Item = TypeVar("_Item")

MUSIC = (PATTERNS, SONGS, SETS)  # are commands too, which list them

NO_MIDI = "there is no MIDI here: /dev/snd/seq is missing (modprobe snd-seq?)"


def find_music(library: Loaded, name: str) -> Pattern | Song | SetList:
    """A pattern, a song or a set by its name, looked for in this order, or by the path of its file.

    Upper and lower case are the same. Raises Failure, TextError.
    """
    if name.endswith(".toml"):
        return _music_in(library, Path(name))
    shelves: tuple[dict[str, Any], ...] = (library.patterns, library.songs, library.sets)
    music = {key: item for shelf in reversed(shelves) for key, item in shelf.items()}
    found: Pattern | Song | SetList = _named(
        music, name, "pattern, song or set", "`, `".join(f"drumassist {kind}" for kind in MUSIC)
    )
    return found


def _music_in(library: Loaded, path: Path) -> Pattern | Song | SetList:
    kind = kind_of(path, read(path))
    if kind == SONGS:
        return load_song(path, library.patterns)
    if kind == SETS:
        found, missing = load_set(path, library.songs)
        if missing:
            raise TextError(missing)
        return found
    return load_pattern(path)


def find_profile(library: Loaded, name: str) -> Profile:
    """A profile by its name, or by the path of its file. Raises Failure, TextError."""
    if name.endswith(".toml"):
        return load_profile(Path(name))
    return _named(library.profiles, name, "profile", "")


def _named(items: dict[str, _Item], name: str, kind: str, command: str) -> _Item:
    found = [item for key, item in items.items() if key.lower() == name.lower()]
    if found:
        return found[0]
    close = [key for key in items if name.lower() in key.lower()]
    hint = f"did you mean {', '.join(close[:5])}?" if close else command and f"`{command}` lists them"
    raise Failure(f"there is no {kind} '{name}'; {hint or 'there are ' + ', '.join(items)}")


def tempo_of(pattern: Pattern, bpm: float | None) -> int:
    """Micro-BPM: what was asked for, else the pattern's own, else 120."""
    return round(bpm * MICRO) if bpm else pattern.micro_bpm or DEFAULT_MICRO_BPM


def do_patterns(options: argparse.Namespace) -> int:
    """drumassist patterns"""
    library = load_library(options.data)
    if options.json:
        print(json.dumps([_pattern_facts(library, pattern) for pattern in library.patterns.values()], indent=2))
    else:
        width = max(map(len, library.patterns))
        for pattern in library.patterns.values():
            fill = "fill" if pattern.fill else ""
            print(f"{pattern.name:{width}}  {pattern.meter!s:>5}  {fill:4}  {pattern.about}".rstrip())
    return _told(library.faults)


def _told(faults: Iterable[Fault]) -> int:
    """The exit code, when each fault is told."""
    code = 0
    for fault in faults:
        print(fault, file=sys.stderr)
        code = WRONG_INPUT
    return code


def _pattern_facts(library: Loaded, pattern: Pattern) -> dict[str, Any]:
    return {
        "name": pattern.name,
        "meter": str(pattern.meter),
        "group": "+".join(map(str, pattern.meter.groups)),
        "bars": pattern.bars,
        "bpm": pattern.micro_bpm / MICRO if pattern.micro_bpm else None,
        "beat_quarters": pattern.beat_ticks / TICKS_PER_QUARTER,
        "roles": list(pattern.roles),
        "fill": bool(pattern.fill),
        "family": pattern.family,
        "about": pattern.about,
        "file": str(library.sources[PATTERNS, pattern.name]),
    }


def do_songs(options: argparse.Namespace) -> int:
    """drumassist songs"""
    library = load_library(options.data)
    if options.json:
        print(json.dumps([_song_facts(library, song) for song in library.songs.values()], indent=2))
    else:
        width = max(map(len, library.songs))
        for song in library.songs.values():
            print(f"{song.name:{width}}  {song.micro_bpm / MICRO:5.1f}  {_length(song):>8}  {song.about}".rstrip())
    return _told(library.faults)


def _length(song: Song) -> str:
    """How long it is, in bars, with a + where a section lasts until told."""
    bars = sum(part.bars for part in song.parts) * song.repeats
    return f"{bars}{'' if all(part.bars for part in song.parts) else '+'} bars"


def _song_facts(library: Loaded, song: Song) -> dict[str, Any]:
    return {
        "name": song.name,
        "bpm": song.micro_bpm / MICRO,
        "start": "taps" if song.by_taps else "button",
        "repeats": song.repeats,
        "parts": [
            {
                "name": part.name,
                "section": table,
                "pattern": part.pattern.name,
                "meter": str(part.pattern.meter),
                "bars": part.bars or None,
                "bpm": part.micro_bpm / MICRO,
                "ramp_to": part.to_micro_bpm / MICRO or None,
            }
            for table, part in zip(song.tables, song.parts, strict=True)
        ],
        "about": song.about,
        "file": str(library.sources[SONGS, song.name]),
    }


def do_sets(options: argparse.Namespace) -> int:
    """drumassist sets"""
    library = load_library(options.data)
    if options.json:
        print(json.dumps([_set_facts(library, each) for each in library.sets.values()], indent=2))
    else:
        for each in library.sets.values():
            print(f"{each.name}  {each.about}".rstrip())
            for number, entry in enumerate(each.entries, 1):
                print(f"{number:4}  {_set_line(library, entry)}".rstrip())
    return _told(library.faults)


def _set_line(library: Loaded, entry: Entry) -> str:
    song = library.songs.get(entry.song)
    tempo = f"{song.micro_bpm / MICRO:5.1f}" if song else "  ?  "
    return f"{entry.song + (' >' if entry.goes_on else ''):{MAX_NAME + 2}}  {tempo}  {entry.note}"


def _set_facts(library: Loaded, each: SetList) -> dict[str, Any]:
    return {
        "name": each.name,
        "songs": [entry._asdict() | {"there": entry.song in library.songs} for entry in each.entries],
        "about": each.about,
        "file": str(library.sources[SETS, each.name]),
    }


def do_check(options: argparse.Namespace) -> int:
    """drumassist check"""
    beside = cache(partial(load_library, options.data))
    return _told(check_files((file for path in options.files for file in _files(path)), beside, print))


def _files(path: Path) -> list[Path]:
    """The files to check below a folder, kits as the folders they are, and patches where patches are."""
    if not path.is_dir():
        return [path]
    kits = {folder for folder in (path, *path.glob("**/kits/*"), *path.glob("*")) if _is_kit(folder)}
    kits = {folder for folder in kits if not kits & {folder.parent}}  # a kit's own folders are none
    texts = [file for file in path.glob("**/*.toml") if not kits & {file.parent}]
    patches = [file for file in path.glob(f"**/*{PATCH_SUFFIX}") if file.absolute().parent.name == "patches"]
    return sorted((*kits, *texts, *(file for file in patches if not file.name.startswith((".", "_")))))


def _is_kit(folder: Path) -> bool:
    """Whether a folder holds a kit: its kit.toml, or sounds where kits are."""
    if not folder.is_dir() or folder.name == "kits":
        return False
    sounds = any(file.suffix.lower() in SUFFIXES for file in folder.glob("*"))
    return (folder / KIT_FILE).is_file() or sounds or (folder.parent.name == "kits" and bool(sound_files(folder)))


def do_ports(options: argparse.Namespace) -> int:
    """drumassist ports"""
    sequencer = RtMidiSequencer.open_system()
    if sequencer is None:
        raise Failure(NO_MIDI, NOT_TO_BE_HAD)
    profiles = load_library(options.data).profiles.values()
    found = [(name, profile_of_port(name, profiles)) for name in sequencer.names()]
    if options.json:
        print(json.dumps([{"name": name, "profile": profile and profile.name} for name, profile in found], indent=2))
    else:
        for name, profile in found:
            print(f"{name}  ({profile.name})" if profile else name)
        if not found:
            print("no MIDI destination is there; programs can connect to the port DrumAssist while the box runs")
    return 0
