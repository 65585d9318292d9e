"""Song files and set files, where they are right: every key, and the parts that come of it."""

from __future__ import annotations

from typing import Any

import pytest

from panel.engine.transport import MAX_COUNT_IN_BARS, MAX_REPEATS
from panel.engine.wire import decode, encode
from panel.library import load_library
from panel.music import songsheet
from panel.music.arrangement import in_meter
from panel.music.meter import LEVELS, Meter
from panel.music.pattern import ROLES, Pattern, Row
from panel.music.practice import NOTHING, Practice
from panel.music.setlist import missing_songs, parse_set
from panel.music.song import AS_USUAL, Entry, Part, Program, Song
from panel.music.songsheet import MAX_COUNT_IN, parse_song, shown_name
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from panel.tomltext import TextError

SHIPPED = load_library(None)
PATTERNS = SHIPPED.patterns
BASIC, PROG = PATTERNS["4/4 Basic"], PATTERNS["Prog Rock 7/8"]

SEVEN_UP = """\
format      = 1
name        = "Seven up"
tempo       = 132
form        = "intro verse*2 chorus verse end"
start       = "taps"
count_in    = 2
count_voice = "block"
program     = 12
bank_msb    = 1
channel     = 3
repeats     = 2
about       = "Seven, up and away."

[levels]
hat = 50
eighth = 80
[sounds]
rim = "block"
[practice]
gap_on  = 4
gap_off = 2

[intro]
pattern = "4/4 Basic"
bars    = 4

[verse]
name       = "Verse A"
pattern    = "Prog Rock 7/8"
bars       = 8
ramp_to    = 140.5
count_in   = 1
fill_every = 4
fill_last  = true
[verse.levels]
hat = 50
eighth = 50
kick = 0
[verse.sounds]
hat = "ride"
rim = "clave"

[chorus]
pattern = "4/4 Basic"
meter   = "2/4"
bars    = 2
tempo   = 100

[end]
pattern = "4/4 Basic"
bars    = "until told"
"""


def parse(text: str, patterns: dict[str, Pattern] = PATTERNS) -> Song:
    return parse_song(text.encode(), "x.toml", patterns)


def song(section: str = "", **keys: Any) -> Song:
    """A song of one section "verse", with lines of the song and of the section."""
    lines = [f"{key} = {value}" for key, value in ({"name": '"S"'} | keys).items()]
    if "pattern" not in section:
        section = f'pattern = "4/4 Basic"\n{section}'
    return parse("\n".join([*lines, "[verse]", section if "bars" in section else f"{section}\nbars = 4"]))


class TestTheExample:
    SONG = parse(SEVEN_UP)

    def test_its_frame(self) -> None:
        assert self.SONG._replace(parts=(), tables=()) == Song(
            "Seven up",
            (),
            count_in=2,
            count_role="block",
            by_taps=True,
            program=Program(11, 3, 1, -1),
            practice=Practice(gap_on=4, gap_off=2),
            repeats=2,
            about="Seven, up and away.",
        )

    def test_its_parts_in_playing_order(self) -> None:
        told = [(p.name, p.bars, p.micro_bpm / MICRO, p.to_micro_bpm / MICRO) for p in self.SONG.parts]
        verse, count = ("Verse A", 8), ("Count-in", 1)
        assert told == [
            ("Intro", 4, 132, 0),
            (*count, 132, 0),
            (*verse, 132, 140.5),
            (*count, 140.5, 0),
            (*verse, 140.5, 140.5),
            ("Chorus", 2, 100, 0),
            (*count, 100, 0),
            (*verse, 100, 140.5),
            ("End", 0, 140.5, 0),
        ]
        assert self.SONG.tables == ("intro", *["verse"] * 4, "chorus", "verse", "verse", "end")
        assert {part.song for part in self.SONG.parts} == {"Seven up"}

    def test_a_verse_has_levels_sounds_and_fills_of_its_own_over_the_songs(self) -> None:
        part = self.SONG.parts[2]
        assert part.levels == tuple(40 if level == "eighth" else 100 for level in LEVELS)
        assert (part.fill_every, part.fill_last) == (4, True)
        roles = [row.role for row in _rows(PROG)]
        assert {"hat", "kick", "snare"} <= set(roles)
        changed = {"hat": ("ride", 25), "kick": ("kick", 0)}
        wanted = [changed.get(role, (role, 100)) for role in roles]
        assert [(row.role, row.percent) for row in _rows(part.pattern)] == wanted

    def test_the_song_wide_ones_hold_elsewhere(self) -> None:
        intro = self.SONG.parts[0]
        assert intro.levels == tuple(80 if level == "eighth" else 100 for level in LEVELS)
        assert intro.pattern == BASIC._replace(
            groove=tuple(row._replace(role="block") for row in BASIC.groove),
            fill=tuple(row._replace(role="block") for row in BASIC.fill),
        )

    def test_a_section_is_counted_in_its_own_meter_by_the_songs_voice(self) -> None:
        assert self.SONG.parts[1] == Part(
            Pattern("Count-in", PROG.meter, (Row("block", "Xgxgxgg"),)),
            1,
            132 * MICRO,
            name="Count-in",
            song="Seven up",
        )

    def test_the_chorus_is_the_pattern_cut(self) -> None:
        chorus = self.SONG.parts[5].pattern
        assert chorus.meter == Meter.of(2, 4)
        assert chorus.groove == (Row("block", "X.x."),)
        assert chorus.fill == (Row("block", "X.x."),)


def _rows(pattern: Pattern) -> tuple[Row, ...]:
    return pattern.groove + pattern.fill


def test_the_least_a_song_can_say() -> None:
    least = parse('name = "S"\n[a]\npattern = "4/4 Basic"\nbars = 1\n')
    assert least == Song("S", (Part(BASIC, 1, 120 * MICRO, name="A", song="S"),), tables=("a",))
    assert (least.count_in, least.count_role, least.practice, least.program) == (-1, "count", NOTHING, None)


def test_without_a_tempo_the_first_patterns_own_counts() -> None:
    assert PROG.micro_bpm
    assert song('pattern = "Prog Rock 7/8"').micro_bpm == PROG.micro_bpm
    assert song('pattern = "Prog Rock 7/8"\ntempo = 99').micro_bpm == 99 * MICRO
    assert song('pattern = "Prog Rock 7/8"', tempo=98.5).micro_bpm == 98_500_000


def test_without_a_form_each_section_is_played_once_as_they_stand() -> None:
    sections = "".join(f'[{name}]\npattern = "4/4 Basic"\nbars = 1\n' for name in "cab")
    assert parse(f'name = "S"\n{sections}').tables == ("c", "a", "b")
    assert parse(f'name = "S"\nform = """\na*2\n  b c*1"""\n{sections}').tables == ("a", "a", "b", "c")


@pytest.mark.parametrize(
    ("table", "name"), [("verse", "Verse"), ("pre-chorus", "Pre chorus"), ("B_2", "B 2"), ("-", "-"), ("é", "É")]
)
def test_what_a_section_is_called(table: str, name: str) -> None:
    assert shown_name(table) == name
    assert parse(f'name = "S"\n["{table}"]\npattern = "4/4 Basic"\nbars = 1\n').parts[0].name == name


@pytest.mark.parametrize(
    ("own", "of_the_song", "counted"), [("", {}, -1), ("count_in = 2", {}, 2), ("count_in = 2", {"count_in": 0}, 0)]
)
def test_before_the_first_section_the_song_counts(own: str, of_the_song: dict[str, int], counted: int) -> None:
    """The first section's own count-in is the song's where the song says none; it is never counted twice."""
    found = song(own, **of_the_song)
    assert (found.count_in, len(found.parts)) == (counted, 1)


def test_a_silent_count_in_has_its_bars_and_no_sound() -> None:
    sections = '[a]\npattern = "4/4 Basic"\nbars = 1\n[b]\npattern = "6/8 Feel"\nbars = 1\ncount_in = 2\n'
    silent = parse(f'name = "S"\ncount_voice = "silent"\n{sections}')
    assert silent.count_role == ""
    counting = silent.parts[1]
    assert (counting.bars, counting.pattern.meter, counting.pattern.beat_ticks) == (
        2,
        Meter.of(6, 8),
        3 * TICKS_PER_QUARTER // 2,
    )
    assert counting.pattern.strokes() == ()


@pytest.mark.parametrize(
    ("section", "meter", "cells"),
    [
        ("", (4, 4, (1, 1, 1, 1)), "X.x.x.x."),
        ('meter = "3/4"', (3, 4, (1, 1, 1)), "X.x.x."),
        ('meter = "5/4"', (5, 4, (1,) * 5), "X.x.x.x.X."),
        ('meter = "9/4"', (9, 4, (1,) * 9), "X.x.x.x." * 2 + "X."),
        ('meter = "7/8"\ngroup = "2+2+3"', (7, 8, (2, 2, 3)), "X.x.x.x"),
        ('meter = "4/4"', (4, 4, (1, 1, 1, 1)), "X.x.x.x."),
        ('group = "3+1"', (4, 4, (3, 1)), "X.x.x.x."),
        ('pattern = "Prog Rock 7/8"\nmeter = "7/8"', PROG.meter, PROG.groove[0].cells),
    ],
)
def test_a_pattern_in_another_meter_is_cut_or_goes_round_again(section: str, meter: Any, cells: str) -> None:
    pattern = song(section).parts[0].pattern
    assert (pattern.meter, pattern.groove[0].cells) == (Meter(*meter), cells)


def test_each_bar_is_cut_by_itself() -> None:
    two = BASIC._replace(bars=2, groove=(Row("rim", "X.x.x.x.xxxxgggg"), Row("bell", "XxxXxg", own_grid=True)))
    cut = in_meter(two, Meter.of(8, 8, (4, 4)))
    assert cut.groove == two.groove
    assert in_meter(two._replace(groove=two.groove[:1]), Meter.of(2, 4)).groove == (Row("rim", "X.x.xxxx"),)
    assert in_meter(two, Meter.of(8, 4)).groove[1] == Row("bell", "XxxXxxXxgXxg", own_grid=True)


def test_a_song_may_say_what_the_engine_takes() -> None:
    assert (MAX_COUNT_IN, songsheet.MAX_REPEATS) == (MAX_COUNT_IN_BARS, MAX_REPEATS)


@pytest.mark.parametrize("name", SHIPPED.songs)
def test_the_engine_takes_each_part_of_what_ships(name: str) -> None:
    for part in (*SHIPPED.songs[name].parts, *parse(SEVEN_UP).parts):
        assert decode(encode("part", part=part)).arguments["part"] == part


def test_a_section_until_told_may_end_in_a_fill() -> None:
    part = song('bars = "until told"\nfill_last = true\nfill_every = 4').parts[0]
    assert (part.bars, part.fill_last, part.fill_every) == (0, True, 4)


def test_what_ships_has_all_that_there_is_to_try() -> None:
    songs = SHIPPED.songs.values()
    parts = [part for song in songs for part in song.parts]
    assert {"7/8", "5/4", "11/8", "12/8", "2/4"} <= {str(part.pattern.meter) for part in parts}
    assert any(part.to_micro_bpm for part in parts)
    assert any(row.own_grid for part in parts for row in part.pattern.groove)
    assert any(len({part.pattern.meter for part in song.parts}) > 1 for song in songs)
    assert any(song.parts[-1].bars == 0 for song in songs)
    assert any(song.by_taps for song in songs)
    assert any(song.program for song in songs)
    assert any(song.count_role == "" for song in songs)
    assert any(part.fill_last for part in parts)
    assert any(entry.goes_on for entry in SHIPPED.sets["Ten to try"].entries)
    assert {entry.song for entry in SHIPPED.sets["Ten to try"].entries} == set(SHIPPED.songs)


def test_every_role_has_a_level_and_a_sound() -> None:
    assert not set(ROLES) & set(LEVELS), "levels of both stand in one table"
    all_levels = "[levels]\n" + "\n".join(f"{key} = 7" for key in (*ROLES, *LEVELS))
    sounds = "[sounds]\n" + "\n".join(f'{role} = "cowbell"' for role in ROLES)
    part = parse(f'name = "S"\n{all_levels}\n{sounds}\n[a]\npattern = "Prog Rock 7/8"\nbars = 1\n').parts[0]
    assert {(row.role, row.percent) for row in _rows(part.pattern)} == {("cowbell", 7)}
    assert part.levels == (7,) * len(LEVELS) != AS_USUAL


def test_practice() -> None:
    lines = "mutes = 30\nmutes_over = 40\nramp_to = 160\nramp_minutes = 5\nramp_back = true"
    found = parse(f'name = "S"\n[practice]\n{lines}\n[a]\npattern = "4/4 Basic"\nbars = 1\n').practice
    assert found == Practice(mutes=30, mutes_over=40, ramp_to=160 * MICRO, ramp_minutes=5, ramp_back=True)


FRIDAY = '''\
# sets/friday.toml
format = 1
name   = "Friday"
about  = "The small room."
songs  = """
Seven up     | brushes! # softly
  Scarlet >

# after the break
Fire>        | watch | the ending
"""
'''


class TestSets:
    def test_the_example(self) -> None:
        found = parse_set(FRIDAY.encode(), "x.toml")
        assert (found.name, found.about) == ("Friday", "The small room.")
        assert found.entries == (
            Entry("Seven up", "brushes! # softly"),
            Entry("Scarlet", "", goes_on=True),
            Entry("Fire", "watch | the ending", goes_on=True),
        )

    def test_songs_that_are_not_there_are_told_in_their_lines(self) -> None:
        missing = missing_songs(FRIDAY.encode(), "x.toml", ["Seven up", "Fired", "Skarlet"])
        assert [str(fault) for fault in missing] == [
            "x.toml:7:3: there is no song 'Scarlet', did you mean 'Skarlet'?",
            "x.toml:10:1: there is no song 'Fire', did you mean 'Fired'?",
        ]

    @pytest.mark.parametrize("songs", ['"Fire"', '"""Fire"""', "'''\r\nFire\r\n'''", '"\\nFire | x\\n"'])
    def test_however_the_text_is_written(self, songs: str) -> None:
        found = parse_set(f'name = "S"\nsongs = {songs}\n'.encode(), "x")
        assert [entry.song for entry in found.entries] == ["Fire"]

    def test_a_new_set_is_empty(self) -> None:
        assert parse_set(b'name = "S"\nsongs = ""\n', "x").entries == ()


def test_a_song_with_nothing_right_says_all_of_it() -> None:
    text = SEVEN_UP.replace("132", "13").replace('"taps"', '"tabs"').replace("hat = 50", "hit = 50", 1)
    with pytest.raises(TextError) as refused:
        parse(text.replace('"2/4"', '"2/5"'))
    assert [(f.line, f.column) for f in refused.value.faults] == [(3, 15), (5, 16), (15, 1), (45, 12)]
