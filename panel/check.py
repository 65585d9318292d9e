"""Whatever of the user's files it is: what is wrong in it.

It must never judge by other rules than the box does when it reads that file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from panel.belongings import READERS
from panel.library import (
    KINDS,
    PATTERNS,
    PROFILES,
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
from panel.tomltext import Fault, TextError, TomlText

KIT_FILE = "kit.toml"
PATCH_SUFFIX = ".py"

Beside = Callable[[Path], Loaded]


def own_files(data: Path) -> list[str]:
    """What the drummer has in his folder, as paths in it: not the copies that the box keeps. Raises OSError."""
    paths = [data / name for name in READERS]
    for folder in KINDS:
        paths += sorted((data / folder).glob("*.toml")) if (data / folder).is_dir() else []
    return [str(path.relative_to(data)) for path in paths if path.is_file() and not path.name.startswith(".")]


def check_together(contents: Mapping[str, bytes], data: Path) -> dict[str, list[Fault]]:
    """Every fault in files that are to lie in the user's folder beside what is there; all by their path in it.

    Raises OSError where there is no room to lay them out.
    """
    with TemporaryDirectory(prefix="drumassist-") as name:
        folder = Path(name)
        for path in own_files(data):
            if path not in contents:
                with suppress(TextError):  # it is not what is asked about
                    _lay_out(folder / path, read(data / path))
        for path, raw in contents.items():
            _lay_out(folder / path, raw)
        beside = cache(load_library)
        faults = {path: check_file(folder / path, beside, songs_too=False) for path in contents}
    return {path: [fault._replace(source=path) for fault in found] for path, found in faults.items()}


def _lay_out(path: Path, raw: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)


def check_files(paths: Iterable[Path], beside: Beside, say: Callable[[str], None]) -> Iterator[Fault]:
    """Every fault in files; patches are tried, one after the other, when all else is told.

    `say` is told what they print. Raises Failure where they can't be tried.
    """
    patches = []
    for path in paths:
        if path.suffix == PATCH_SUFFIX and not path.is_dir():
            patches.append(path)
        else:
            yield from check_file(path, beside)
    if patches:
        from panel.sound.tryout import faults_of  # here, so that the panel's start does not pay for it

        yield from faults_of(patches, say)


def check_file(path: Path, beside: Beside = load_library, songs_too: bool = True) -> list[Fault]:
    """Every fault in a pattern, profile, song, set, settings, pads, sounds or session file; in a kit: its folder or
    kit.toml.

    A song's patterns, and a set's songs, may also lie `beside` its folder. `songs_too`: a song that is not there is a
    fault of its set; the box plays the others.
    """
    try:
        if path.name == KIT_FILE or (path.is_dir() and path.suffix != ".toml"):
            from panel.sound.kitsheet import check_kit  # here, so that the panel's start does not pay for it

            return check_kit(path if path.is_dir() else path.parent)
        raw = read(path)
        if path.name in READERS:
            READERS[path.name](raw, str(path))
        elif (kind := kind_of(path, raw)) == SONGS:
            load_song(path, beside(path.absolute().parent.parent).patterns)
        elif kind == SETS:
            missing = load_set(path, beside(path.absolute().parent.parent).songs)[1]
            return missing if songs_too else []
        else:
            (load_profile if kind == PROFILES else load_pattern)(path)
    except TextError as error:
        return error.faults
    return []


def kind_of(path: Path, raw: bytes) -> str:
    """What a file is to be, as one of KINDS: what it holds says it, else its folder. Raises TextError."""
    data = TomlText(raw, str(path)).data
    if "notes" in data:
        return PROFILES
    if path.parent.name in KINDS:
        return path.parent.name
    if "songs" in data:
        return SETS
    parts = [value for value in data.values() if isinstance(value, dict)]
    return SONGS if "form" in data or any("pattern" in part for part in parts) else PATTERNS
