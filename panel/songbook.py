"""Edits of song and set files, text to text: what was not edited stays as it was written, comments and notes included.

It must never read or write a file, nor judge a song: whoever saves an edited text has it parsed first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from panel.music.setlist import GOES_ON, NOTE, entry_of, lines_of
from panel.music.tempo import MICRO, clamp_micro_bpm
from panel.tomlscan import BOM
from panel.tomltext import TomlText, literal, with_value

Edit = Callable[[str], str]

_TEMPOS = ("tempo", "ramp_to")  # of a section
_NO_SECTIONS = ("practice",)  # a tempo that is practised for is a goal, none that the song has
_LINES = ('"""', "'''")  # what stands round a text of more than one line


def new_song(name: str, pattern: str, micro_bpm: int) -> str:
    """The text of a song that goes on with one pattern until it is told to stop."""
    return (
        f"format  = 1\nname    = {literal(name)}\ntempo   = {_bpm(micro_bpm)}\n\n"
        f'[groove]\npattern = {literal(pattern)}\nbars    = "until told"\n'
    )


def new_set(name: str, songs: Iterable[str] = ()) -> str:
    """The text of a set of these songs."""
    lines = "".join(_escaped(song) + "\n" for song in songs)
    return f'format = 1\nname   = {literal(name)}\nsongs  = """\n{lines}"""\n'


def with_name(text: str, name: str) -> str:
    """A song or a set by another name. Raises TextError, ValueError, as all of these do, for a text that is broken."""
    return with_value(text, ("name",), name)


def with_tempo(text: str, micro_bpm: int, table: str = "") -> str:
    """A song at another tempo, to a tenth of a BPM: where section `table` has a tempo line of its own, that one's."""
    section = TomlText(text.encode(), "song").data.get(table, {})
    own = isinstance(section, dict) and "tempo" in section
    return with_value(text, (table, "tempo") if own else ("tempo",), _bpm(micro_bpm))


def with_tempos_stretched(text: str, stretch: Fraction, table: str, micro_bpm: int) -> str:
    """A song all of whose tempos, and those that ramps reach, are `stretch` times what they are, to a tenth of a BPM.

    It begins with section `table`; where nothing says at which tempo, that becomes `micro_bpm`.
    """
    data = TomlText(text.encode(), "song").data
    sections = [name for name, keys in data.items() if isinstance(keys, dict) and name not in _NO_SECTIONS]
    paths = [(name, key) for name in sections for key in _TEMPOS if key in data[name]]
    for path in paths:
        text = with_value(text, path, _stretched(data[path[0]][path[1]], stretch))
    if "tempo" in data:
        return with_value(text, ("tempo",), _stretched(data["tempo"], stretch))
    return text if (table, "tempo") in paths else with_value(text, ("tempo",), _bpm(micro_bpm))


def _stretched(bpm: int | float, stretch: Fraction) -> int | float:
    return _bpm(clamp_micro_bpm(round(round(bpm * MICRO) * stretch)))


def with_pattern(text: str, table: str, pattern: str) -> str:
    """A song with another pattern in one of its sections."""
    return with_value(text, (table, "pattern"), pattern)


def with_song(text: str, at: int, song: str) -> str:
    """A set with a song more, as its entry `at`, from 0; behind the last one where there are not so many."""

    def insert(lines: list[_Line]) -> list[_Line]:
        place, beside = _slot(lines, at), next((lines[entry].said for entry in _entries(lines)), "")
        indent = beside[: len(beside) - len(beside.lstrip())]
        return [*lines[:place], _Line(indent + song), *lines[place:]]

    return _with_lines(text, insert)


def without_song(text: str, at: int, song: str) -> str:
    """A set without its entry `at`, which is `song`: the nearest such one, should the file have changed meanwhile."""

    def remove(lines: list[_Line]) -> list[_Line]:
        place = _place_of(lines, at, song)
        return lines if place is None else lines[:place] + lines[place + 1 :]

    return _with_lines(text, remove)


def with_song_moved(text: str, at: int, to: int, song: str) -> str:
    """A set whose entry `at`, which is `song`, has become entry `to`; remarks and empty lines stay where they are."""

    def move(lines: list[_Line]) -> list[_Line]:
        place = _place_of(lines, at, song)
        if place is None:
            return lines
        rest = lines[:place] + lines[place + 1 :]
        new = _slot(rest, to, behind=to > at)
        return [*rest[:new], lines[place], *rest[new:]]

    return _with_lines(text, move)


def with_going_on(text: str, at: int, song: str, on: bool) -> str:
    """A set whose entry `at`, which is `song`, goes on into the next one without a stop, or does not."""

    def change(lines: list[_Line]) -> list[_Line]:
        place = _place_of(lines, at, song)
        if place is None or entry_of(lines[place].said).goes_on == on:
            return lines
        said = lines[place].said
        changed = _renamed(said, song, f"{song} {GOES_ON}") if on else _without_mark(said)
        return [*lines[:place], _Line(changed), *lines[place + 1 :]]

    return _with_lines(text, change)


def with_song_renamed(text: str, old: str, new: str) -> str:
    """A set in which a song has another name, wherever it is played."""

    def rename(lines: list[_Line]) -> list[_Line]:
        played = [number for number in _entries(lines) if entry_of(lines[number].said).song == old]
        return [_Line(_renamed(line.said, old, new)) if n in played else line for n, line in enumerate(lines)]

    return _with_lines(text, rename)


def _without_mark(line: str) -> str:
    """A line of a set without the mark that it goes on; its note stays in its column."""
    song, bar, note = line.partition(NOTE)
    bare = song.rstrip().removesuffix(GOES_ON).rstrip()
    return f"{bare.ljust(len(song) - 1)} {bar}{note}" if bar else bare


def _renamed(line: str, old: str, new: str) -> str:
    """A line of a set with another song's name; its note stays in its column where there is room."""
    song, bar, note = line.partition(NOTE)
    renamed = song.replace(old, new, 1).rstrip()
    return f"{renamed.ljust(len(song) - 1)} {bar}{note}" if bar else renamed


class _Line(NamedTuple):
    """A line of a set's songs: what it says, and how the file writes that where it has not changed."""

    said: str
    written: str | None = None


def _entries(lines: list[_Line]) -> list[int]:
    """Which of the lines are songs."""
    return [line.number for line in lines_of("\n".join(line.said for line in lines))]


def _place_of(lines: list[_Line], at: int, song: str) -> int | None:
    """The line of entry `at`, or of the nearest one that is `song`."""
    found = [
        (abs(n - at), place) for n, place in enumerate(_entries(lines)) if entry_of(lines[place].said).song == song
    ]
    return min(found)[1] if found else None


def _slot(lines: list[_Line], at: int, behind: bool = True) -> int:
    """Where a line goes to be entry `at`: right behind the one before it, else right before the one after it."""
    entries = _entries(lines)
    if not entries:
        return len(lines) - bool(lines and not lines[-1].said.strip())
    if at > 0 and (behind or at >= len(entries)):
        return entries[min(at, len(entries)) - 1] + 1
    return entries[max(at, 0)]


def _with_lines(text: str, change: Callable[[list[_Line]], list[_Line]]) -> str:
    """The text of a set with other lines of songs."""
    if text.startswith(BOM):
        return BOM + _with_lines(text[1:], change)
    toml = TomlText(text.encode(), "set")
    songs, spot = toml.data.get("songs"), toml.where("songs")
    if not isinstance(songs, str):
        raise ValueError("the songs are no text in quotes")
    quotes, below, lines = _read(text[spot.start : spot.end], songs.split("\n"))
    after = change(lines)
    if after == lines:
        return text
    if quotes == "'''" and any(line.written is None and not _is_plain(line.said) for line in after):
        quotes, after = '"""', [_Line(line.said) for line in after]
    written = [_escaped(line.said, quotes) if line.written is None else line.written for line in after]
    if below:
        written = ["", *written]
    line_end = "\r\n" if "\r\n" in text else "\n"
    return text[: spot.start] + quotes + line_end.join(written) + quotes + text[spot.end :]


def _read(quoted: str, said: list[str]) -> tuple[str, bool, list[_Line]]:
    """A text in quotes: its quotes, whether its lines begin below them, and its lines, which say `said`."""
    quotes = quoted[:3]
    if quotes not in _LINES:
        return '"""', True, [_Line(line) for line in said] + ([_Line("")] if said[-1].strip() else [])
    body = quoted[3:-3].replace("\r\n", "\n")
    written: list[str] = body.removeprefix("\n").split("\n")
    as_it_is = len(written) == len(said) and (quotes == "'''" or "\\" not in body)
    lines = [_Line(*both) for both in zip(said, written, strict=True)] if as_it_is else [_Line(line) for line in said]
    return quotes, body.startswith("\n"), lines


def _is_plain(line: str) -> bool:
    """Whether three single quotes can stand round it."""
    return "'''" not in line and not line.endswith("'") and line.replace("\t", "").isprintable()


def _escaped(line: str, quotes: str = '"""') -> str:
    """A line as it is written between three quotes."""
    if quotes == "'''":
        return line
    return re.sub('"(?="")|"$', r'\\"', "".join(char if char == '"' else literal(char)[1:-1] for char in line))


def _bpm(micro_bpm: int) -> int | float:
    """A tempo as a file has it: to a tenth."""
    bpm = round(micro_bpm / MICRO, 1)
    return int(bpm) if bpm == int(bpm) else bpm
