"""A kit's folder: which sound files lie in it, and which sound each is by its name.

It must never follow a link, or look deeper than into the folder's own folders.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from panel.music.percussion import NOTES
from panel.tomltext import MAX_BYTES, Fault, TextError, printable

KIT_FILE = "kit.toml"
SUFFIXES = (".wav", ".wave", ".flac")
MAX_FILES = 1000

# What else a sound may be called, beside the roles of panel.music.percussion.
ALIASES = {
    "hihat": "hat", "closedhat": "hat", "closedhihat": "hat", "openhihat": "openhat", "pedalhihat": "pedalhat",
    "bassdrum": "kick", "sidestick": "rim", "rimshot": "rim", "woodblock": "block", "handclap": "clap",
    "floortom": "lowtom", "midtom": "tom", "hightom": "hitom", "claves": "clave",
}  # fmt: skip
NOTES_OF = NOTES | {"perc": 60}  # of every sound that needs no note said
NAMES = (*NOTES_OF, *ALIASES)


class KitFile(NamedTuple):
    """A file of a kit, and the place that names it."""

    path: Path
    place: Fault

    def wrong(self, what: str) -> Fault:
        """What is wrong with the file, told at its place; `what` goes on behind its name."""
        named = self.place.source == str(self.path)
        return self.place._replace(what=what if named else f"'{printable(self.path.name, 60)}' {what}")


def sound_of(name: str, others: tuple[str, ...] = ()) -> str:
    """The sound that a name without ending means, "" where it is none of those known and none of the `others`.

    Only letters count, case aside: "Snare_2", "SNARE 2" and "Snare Drum" are "snare", "Ride Cymbal" is "ride";
    unless one of the others is just that, "snare2".
    """
    if exact := next((other for other in others if other.lower() == name.lower()), ""):
        return exact
    known = {letters_of(other): other for other in others} | {word: ALIASES.get(word, word) for word in NAMES}
    letters = letters_of(name)
    return known.get(letters) or known.get(re.sub("(drum|cymbal)s?$", "", letters), "")


def letters_of(name: str) -> str:
    """The letters of a name, in lower case."""
    return re.sub(r"[\W\d_]+", "", name.lower())


def sound_files(folder: Path) -> dict[str, Path]:
    """The sound files of a folder and of the folders in it, by their path in it: "snare 2" before "snare 10".

    Raises TextError where there are none, too many, links, or no folder.
    """
    try:
        found = _shown(folder)
        if links := [path for path in found if path.is_symlink()]:
            raise TextError([_at(path, "is a link: put the file itself into the folder") for path in links])
        found += [path for inner in found if inner.is_dir() for path in _shown(inner)]
        files = [path for path in found if path.suffix.lower() in SUFFIXES]
        if links := [path for path in files if path.is_symlink()]:
            raise TextError([_at(path, "is a link: put the file itself into the folder") for path in links])
    except OSError as error:
        raise TextError([_at(folder, f"can't be read: {error.strerror or error}")]) from error
    if not 1 <= len(files) <= MAX_FILES:
        what = f"there are {len(files)} sound files in it, at most {MAX_FILES} are read"
        raise TextError([_at(folder, what if files else "there is no WAV or FLAC file in it")])
    named = ((str(PurePosixPath(path.relative_to(folder))), path) for path in files)
    return dict(sorted(named, key=lambda file: (_words(file[1].relative_to(folder).with_suffix("")), file[0])))


def kit_toml(folder: Path) -> bytes:
    """The bytes of a folder's kit.toml, none where it has none. Raises TextError."""
    path = folder / KIT_FILE
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise TextError([_at(path, f"can't be read: {error.strerror or error}")]) from error


def _shown(folder: Path) -> list[Path]:
    """What lies in a folder but for hidden files, such as those which a Mac leaves on a stick."""
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _at(path: Path, what: str) -> Fault:
    return Fault(str(path), 1, 1, what)


def _words(path: Path) -> list[tuple[int, str]]:
    """The numbers and words of a name, to sort by; numbers come first."""
    found = re.findall(r"(\d{1,9})|([^\W\d_]+)", str(path).lower())
    return [(int(number) if number else 10**9, word) for number, word in found]
