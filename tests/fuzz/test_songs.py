"""Song and set files, nearly right: read and taken by the engine, or refused where they are wrong; and edited."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.engine.wire import MAX_COMMAND_BYTES, decode, encode
from panel.library import load_library
from panel.music.setlist import missing_songs, parse_set
from panel.music.song import MAX_PARTS, Entry, SetList, Song
from panel.music.songsheet import parse_song
from panel.songbook import (
    with_name,
    with_pattern,
    with_song,
    with_song_moved,
    with_song_renamed,
    with_tempo,
    without_song,
)
from panel.tomltext import TextError, TomlText
from tests.fuzz.check import grows_with_the_file, read_or_refused
from tests.fuzz.nearly import CHARTS, PROFILES, SETS, SONGS, growing, promptly, spoilt

PATTERNS = load_library(None).patterns
sheet = partial(parse_song, patterns=PATTERNS)


def plays(song: Song) -> None:
    """The engine takes each part of it."""
    assert 0 < len(song.parts) == len(song.tables) <= MAX_PARTS
    for part in set(song.parts):
        line = encode("part", part=part)
        if len(line) <= MAX_COMMAND_BYTES:
            assert decode(line[:-1]).arguments["part"] == part


def edited(text: str, *edits: Callable[[str], str]) -> str | None:
    """The text after these edits; None where one was refused, as the box may do with a text of its own kind."""
    try:
        for edit in edits:
            text = edit(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - a TextError too
        return None
    return text


@given(spoilt(SONGS), st.integers(30, 300))
def test_a_spoilt_song_is_read_and_edited_or_refused(raw: bytes, bpm: int) -> None:
    song = read_or_refused(sheet, raw)
    if song is None:
        return
    plays(song)
    table = song.tables[0]
    with promptly(raw):
        text = edited(
            TomlText(raw, "x").text,
            lambda text: with_tempo(text, bpm * 1_000_000, table),
            lambda text: with_name(text, "Another"),
            lambda text: with_pattern(text, table, "4/4 Basic"),
        )
    after = read_or_refused(sheet, text.encode()) if text is not None else None
    if after:  # the pattern may not go into the section's meter
        assert (after.name, after.micro_bpm, after.tables) == ("Another", bpm * 1_000_000, song.tables)
        assert after.parts[0].pattern.name == "4/4 Basic"


NAMES = st.text(min_size=1, max_size=24).filter(
    lambda name: name.isprintable() and name == name.strip() and "|" not in name and name[0] != "#" and name[-1] != ">"
)


@given(spoilt(SETS), NAMES, st.integers(0, 12))
def test_a_spoilt_set_is_read_and_edited_or_refused(raw: bytes, name: str, at: int) -> None:
    found = read_or_refused(parse_set, raw)
    if found is None:
        return
    faults = missing_songs(raw, "x", PATTERNS)
    assert len(faults) >= len({entry.song for entry in found.entries} - set(PATTERNS)) - 50
    assert all(fault.line <= raw.count(b"\n") + 1 for fault in faults)
    at = min(at, len(found.entries))
    with promptly((raw, name, at)):
        text = edited(TomlText(raw, "x").text, lambda text: with_song(text, at, name))
        if text is None:
            return
        wanted = [*found.entries[:at], Entry(name), *found.entries[at:]]
        assert entries(text) == wanted
        assert entries(without_song(text, at, name)) == list(found.entries)
        moved = with_song_moved(text, at, 0, name)
        assert entries(moved) == [Entry(name), *found.entries]
        assert {entry.song for entry in entries(with_song_renamed(moved, name, "Another"))} == {
            "Another" if entry.song == name else entry.song for entry in wanted
        }


def entries(text: str) -> list[Entry]:
    return list(parse_set(text.encode(), "x").entries)


@given(spoilt([*CHARTS, *PROFILES]) | st.binary(max_size=300), st.sampled_from((sheet, parse_set)))
def test_whatever_else_is_refused(raw: bytes, parse: Callable[[bytes, str], Song | SetList]) -> None:
    assert read_or_refused(parse, raw) is None


@given(growing(SONGS))
def test_the_time_grows_with_the_song(of_size: Callable[[int], bytes]) -> None:
    grows_with_the_file(sheet, of_size)


@given(growing(SETS))
def test_the_time_grows_with_the_set(of_size: Callable[[int], bytes]) -> None:
    grows_with_the_file(parse_set, of_size)


NASTY = {
    "a form of words": b'name = "S"\nform = "' + b"x " * 32000 + b'"\n[a]\npattern = "Samba"\nbars = 1\n',
    "an escaped form": b'name = "S"\nform = "' + b"\\tx" * 21000 + b'"\n[a]\npattern = "Samba"\nbars = 1\n',
    "a form of one": b'name = "S"\nform = "' + b"a*999 " * 10000 + b'"\n[a]\npattern = "Samba"\nbars = 1\n',
    "many sections": b'name = "S"\n' + b"".join(b"[s%x]\n" % n for n in range(9000)),
    "many good sections": b'name = "S"\n' + b"".join(b'[s%x]\npattern="Samba"\nbars=1\n' % n for n in range(2000)),
    "unknown patterns": b'name = "S"\n' + b"".join(b'[s%x]\npattern="x%x"\n' % (n, n) for n in range(2500)),
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_song_costs_little(name: str) -> None:
    assert read_or_refused(sheet, NASTY[name]) is None


def test_a_set_of_many_escaped_songs_costs_little() -> None:
    raw = b'name = "S"\nsongs = """' + b"\\u0041\n" * 9000 + b'"""\n'
    assert read_or_refused(parse_set, raw) is None
    with promptly(raw), pytest.raises(TextError):
        parse_set(raw, "x")
