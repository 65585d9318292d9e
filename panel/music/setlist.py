"""The notation of set lists: one song a line, as it is written on the paper that lies beside the snare.

It must never lose a line: whatever is written is a song, a note to oneself, or a fault with line and column.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from panel.music.pattern import MAX_TEXT
from panel.music.reading import MAX_NAME, Keys, is_name, meant
from panel.music.song import Entry, SetList
from panel.tomltext import Fault, TomlText, printable

FORMAT = 1
MAX_SONGS = 200
NOTE, GOES_ON, REMARK = "|", ">", "#"

KEYS = ("format", "name", "songs", "about")


class Line(NamedTuple):
    """A line of a list of songs: its place (from 0), and at which character of the whole text it begins."""

    number: int
    entry: Entry
    at: int


def parse_set(raw: bytes, source: str) -> SetList:
    """The set in a file's bytes; its songs need not be there. Raises TextError."""
    keys = Keys(TomlText(raw, source))
    keys.refuse_unknown(KEYS)
    keys.format(FORMAT)
    name, about = keys.name('name = "Friday"'), keys.about()
    if isinstance(keys.data.get("songs"), list):
        keys.fault("songs is a text between three quotes, with a song a line", "songs")
        keys.refuse_faults()
    lines = lines_of(keys.string("songs", such_as="songs = followed by three quotes, and a song a line") or "")
    for line in lines:
        _judge(keys, line)
    if len(lines) > MAX_SONGS:
        keys.fault(f"there are {len(lines)} songs, at most {MAX_SONGS} are read", "songs", index=lines[MAX_SONGS].at)
    keys.refuse_faults()
    return SetList(name, tuple(line.entry for line in lines), about)


def missing_songs(raw: bytes, source: str, songs: Collection[str]) -> list[Fault]:
    """A fault for each line of a set, which parse_set has read, whose song is none of these."""
    text = TomlText(raw, source)
    missing = [line for line in lines_of(text.data["songs"]) if line.entry.song not in songs]
    return [
        text.fault(f"there is no song '{song}'{meant(song, songs, 'drumassist songs')}", "songs", index=line.at)
        for line in missing
        for song in [line.entry.song]
    ]


def lines_of(songs: str) -> list[Line]:
    """The lines with a song; empty ones, and remarks that begin with #, are for the eye only."""
    found, at = [], 0
    for number, text in enumerate(songs.split("\n")):
        if text.strip() and not text.lstrip().startswith(REMARK):
            found.append(Line(number, entry_of(text), at + len(text) - len(text.lstrip())))
        at += len(text) + 1
    return found


def entry_of(line: str) -> Entry:
    """What a line says: "Scarlet > | brushes!"."""
    song, _, note = line.partition(NOTE)
    song = song.strip()
    goes_on = song.endswith(GOES_ON)
    return Entry(song.removesuffix(GOES_ON).strip(), note.strip(), goes_on)


def _judge(keys: Keys, line: Line) -> None:
    song, note, _ = line.entry
    if not is_name(song):
        what = "there is no song on this line" if not song else f"'{printable(song, 24)}' is no song's name"
        keys.fault(f"{what}: a name has 1 to {MAX_NAME} printable characters", "songs", index=line.at)
    elif len(note) > MAX_TEXT or not note.isprintable():
        keys.fault(f"a note has at most {MAX_TEXT} printable characters", "songs", index=line.at)
