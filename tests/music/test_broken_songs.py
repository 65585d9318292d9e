"""More than a hundred ways to break a song or a set: each is refused with the place of the mistake and a sentence.

Line and column are counted here from the broken text itself: § stands before what is wrong.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from panel.library import load_library
from panel.music.setlist import MAX_SONGS, parse_set
from panel.music.songsheet import parse_song
from panel.tomltext import TextError

PATTERNS = load_library(None).patterns

SONG = """\
# a song with everything
format = 1
name = "Seven up"
tempo = 132.5
form = "verse*2 chorus"
start = "taps"
count_in = 1
count_voice = "block"
program = 12
bank_msb = 0
channel = 3
repeats = 2
about = "All there is."
[levels]
hat = 60
[sounds]
rim = "block"
[practice]
gap_on = 4
gap_off = 2
[verse]
name = "Verse A"
pattern = "Prog Rock 7/8"
bars = 8
tempo = 140
ramp_to = 150
count_in = 1
fill_every = 4
fill_last = true
[verse.levels]
one = 90
[verse.sounds]
hat = "ride"
[chorus]  # and home
pattern = "4/4 Basic"
meter = "5/4"
group = "3+2"
bars = "until told"
"""

SET = '''\
format = 1
name = "Friday"
about = "The small room."
songs = """
Fire | watch the end
# a remark
Scarlet >
"""
'''


class Broken(NamedTuple):
    """A text with a mistake behind §, in place of what stood there, and some words of the fault."""

    old: str
    new: str
    words: str


SONGS = [
    Broken("format = 1", "format = §2", "a newer box"),
    Broken("format = 1", "format = §true", "a whole number"),
    Broken('name = "Seven up"', 'name = "§"', "a name has 1 to 24"),
    Broken('"Seven up"', '"§ x"', "no space at its ends"),
    Broken('"Seven up"', '"§' + "x" * 25 + '"', "a name has 1 to 24"),
    Broken('"Seven up"', "§7", "text in quotes"),
    Broken('"Seven up"', '"§Fire >"', "sets use them"),
    Broken('"Seven up"', '"§#1"', "sets use them"),
    Broken('"Seven up"', '"§A|B"', "sets use them"),
    Broken("132.5", "§29.9", "a tempo is a number from 30 to 300"),
    Broken("132.5", "§300.1", "a tempo"),
    Broken("132.5", "§nan", "a tempo"),
    Broken("132.5", '§"132"', "a tempo"),
    Broken("132.5", "§true", "a tempo"),
    Broken('"verse*2 chorus"', '"verse*2 §corus"', "there is no section [corus], did you mean 'chorus'?"),
    Broken('"verse*2 chorus"', '"§Verse chorus"', "did you mean 'verse'?"),
    Broken('"verse*2 chorus"', '"verse*2 chorus §bridge"', "there is no section [bridge], there are verse, chorus"),
    Broken('"verse*2 chorus"', '"§verse*0 chorus"', "reads like verse*2"),
    Broken('"verse*2 chorus"', '"§verse* chorus"', "reads like verse*2"),
    Broken('"verse*2 chorus"', '"§verse*x chorus"', "reads like verse*2"),
    Broken('"verse*2 chorus"', '"§*2 chorus verse"', "reads like verse*2"),
    Broken('"verse*2 chorus"', '"verse chorus §verse*1000"', "reads like verse*2"),
    Broken('"verse*2 chorus"', '"""\nverse*2\n  §corus"""', "no section [corus]"),
    Broken('"verse*2 chorus"', "'''verse*2\r\nchorus \t§corus'''", "no section [corus]"),
    Broken('"verse*2 chorus"', '"verse*2 \\t\\u0063horus §x"', "no section [x]"),
    Broken('"verse*2 chorus"', '"""verse*2 \\\n   chorus §x"""', "no section [x]"),
    Broken('form = "verse*2 chorus"', 'form = "§"', "the form names no section"),
    Broken('"verse*2 chorus"', "§3", "form is text"),
    Broken('"verse*2 chorus"', '§["verse", "chorus"]', "form is text"),
    Broken('"verse*2 chorus"', '§"chorus verse*33"', "67 parts, at most 64"),
    Broken('"taps"', '"§tap"', "start is one of button, taps"),
    Broken("count_in = 1", "count_in = §9", "0 to 8"),
    Broken("count_in = 1", "count_in = §-1", "0 to 8"),
    Broken('"block"\nprogram', '"§blok"\nprogram', "count_voice is one of silent, rim"),
    Broken("program = 12", "program = §0", "1 to 128"),
    Broken("program = 12", "program = §129", "1 to 128"),
    Broken("bank_msb = 0", "bank_msb = §128", "0 to 127"),
    Broken("bank_msb = 0", "bank_lsb = §-1", "0 to 127"),
    Broken("channel = 3", "channel = §17", "1 to 16"),
    Broken("channel = 3", "channel = §0", "1 to 16"),
    Broken("program = 12\nbank_msb = 0\nchannel = 3", "§bank_msb = 0", "bank_msb goes with a program"),
    Broken("program = 12\nbank_msb = 0\nchannel = 3", "§channel = 3", "channel goes with a program"),
    Broken("repeats = 2", "repeats = §0", "1 to 99"),
    Broken("repeats = 2", "§repeat = 2", "did you mean 'repeats'?"),
    Broken("repeats = 2", "§bars = 2", "it stands below a [section]"),
    Broken("repeats = 2", "§verses = 2", "there are format, name"),
    Broken('"All there is."', '"§' + "x" * 201 + '"', "at most 200"),
    Broken("hat = 60", "hat = §101", "0 to 100"),
    Broken("hat = 60", "hat = §-1", "0 to 100"),
    Broken("hat = 60", "hat = §60.0", "0 to 100"),
    Broken("hat = 60", "§hatt = 60", "did you mean 'hat'?"),
    Broken("hat = 60", "§beats = 60", "did you mean 'beat'?"),
    Broken("[levels]\nhat = 60", "levels = §60", "levels is a table: write [levels]"),
    Broken('rim = "block"', 'rim = "§blok"', "there is no role 'blok', did you mean 'block'?"),
    Broken('rim = "block"', "rim = §76", "rim is text"),
    Broken('rim = "block"', '§one = "block"', "there is no key 'one'"),
    Broken("gap_on = 4", "gap_on = §65", "1 to 64"),
    Broken("gap_on = 4\ngap_off = 2", "§gap_on = 4", "gap_on goes with gap_off"),
    Broken("gap_on = 4\ngap_off = 2", "§gap_off = 4", "gap_off goes with gap_on"),
    Broken("gap_on = 4\ngap_off = 2", "mutes = §101", "0 to 100"),
    Broken("gap_on = 4\ngap_off = 2", "§mutes_over = 8", "mutes_over goes with mutes"),
    Broken("gap_on = 4\ngap_off = 2", "§ramp_to = 100", "ramp_to goes with ramp_bars or ramp_minutes"),
    Broken("gap_on = 4\ngap_off = 2", "§ramp_bars = 100", "ramp_bars goes with ramp_to"),
    Broken("gap_on = 4\ngap_off = 2", "ramp_to = 99\nramp_bars = 9\n§ramp_minutes = 9", "bars or minutes"),
    Broken("gap_on = 4\ngap_off = 2", "ramp_to = 99\nramp_bars = 9\nramp_back = §1", "true or false"),
    Broken("gap_off = 2", "gap_off = 2\n§gapon = 4", "did you mean 'gap_on'?"),
    Broken("[practice]", "[§practise]", "there is no table [practise], did you mean [practice]?"),
    Broken("[practice]", "[§level]", "did you mean [levels]?"),
    Broken('"Verse A"', '"§A "', "a name has"),
    Broken('"Prog Rock 7/8"', '"§Prog Rock 7/9"', "there is no pattern 'Prog Rock 7/9', did you mean 'Prog Rock 7/8'?"),
    Broken('"Prog Rock 7/8"', '"§prog rock"', "did you mean 'Prog Rock 7/8'?"),
    Broken('"Prog Rock 7/8"', '"§Xylophone"', "`drumassist patterns` lists what there is"),
    Broken('"Prog Rock 7/8"', "§7", "pattern is text"),
    Broken('[verse]\nname = "Verse A"\npattern = "Prog Rock 7/8"', "[§verse]", "no line for 'pattern'"),
    Broken("[chorus]  #", '[§bridge]\npattern = "Samba"\nbars = 1\n[chorus]  #', "[bridge] is not in the form"),
    Broken("bars = 8", "bars = §0", '1 to 999, or "until told"'),
    Broken("bars = 8", "bars = §1000", "1 to 999"),
    Broken("bars = 8", "bars = §8.0", "1 to 999"),
    Broken("bars = 8", 'bars = §"until"', '"until told"'),
    Broken(SONG[SONG.index("[chorus]") :], '[§chorus]\npattern = "Samba"\n', 'bars = 8, or bars = "until told"'),
    Broken("tempo = 140", "tempo = §3", "a tempo"),
    Broken("ramp_to = 150", "ramp_to = §0", "a tempo"),
    Broken('bars = "until told"', 'bars = "until told"\n§ramp_to = 99', "a ramp has an end"),
    Broken("fill_every = 4", "fill_every = §0", "1 to 999"),
    Broken("fill_last = true", 'fill_last = §"yes"', "true or false"),
    Broken('"4/4 Basic"', '"Eighths"\n§fill_last = true', "'Eighths' has no fill"),
    Broken('"4/4 Basic"', '"Eighths"\n§fill_every = 2', "'Eighths' has no fill"),
    Broken("fill_every = 4", "§fill = 4", "no key 'fill' in a section, did you mean"),
    Broken("fill_every = 4", '§form = "x"', "it stands above the first [table]"),
    Broken("one = 90", "one = §900", "0 to 100"),
    Broken('hat = "ride"', 'hat = "§rid"', "did you mean 'ride'?"),
    Broken('hat = "ride"', '§hut = "ride"', "did you mean 'hat'?"),
    Broken('meter = "5/4"', 'meter = "§5/5"', "2, 4, 8 or 16"),
    Broken('meter = "5/4"', 'meter = "§five"', "reads like"),
    Broken('group = "3+2"', 'group = "§3+3"', "add up to 6, the meter has 5"),
    Broken('meter = "5/4"\ngroup = "3+2"', 'meter = "§5/16"', "no whole number of steps in a bar of 5/16"),
    Broken('"4/4 Basic"\nmeter = "5/4"\ngroup = "3+2"', '"3 over 4"\nmeter = "§2/4"', "the cowbell of '3 over 4'"),
    Broken("[chorus]  # and home", "[[§chorus]]", "single brackets: [chorus]"),
    Broken("[chorus]  # and home", '[§"a b"]', "a word of at most 24"),
    Broken("[chorus]  # and home", '[§"a*2"]', "a word of at most 24"),
    Broken("[chorus]  # and home", "[§" + "c" * 25 + "]", "a word of at most 24"),
]

SETS = [
    Broken("format = 1", "format = §3", "a newer box"),
    Broken('"Friday"', '"§"', "a name has"),
    Broken('about = "The small room."', "§note = 1", "there are format, name, songs, about"),
    Broken('songs = """', '§song = """', "did you mean 'songs'?"),
    Broken("Fire |", "§|", "there is no song on this line"),
    Broken("Fire |", "  §> |", "there is no song on this line"),
    Broken("Scarlet >", "\t§" + "x" * 25 + " >", "is no song's name"),
    Broken("Scarlet >", "§a\\u0007b", "is no song's name"),
    Broken("watch the end", "x" * 201, "a note has at most 200"),
    Broken(SET[SET.index("songs") :], 'songs = §["Scarlet", "Fire"]\n', "a song a line"),
    Broken("Scarlet >", "Scarlet\n" * (MAX_SONGS - 1) + "§Scarlet", "201 songs, at most 200"),
]


def place(text: str) -> tuple[int, int]:
    """Line and column of the last §."""
    before = text[: text.rindex("§")].replace("§", "")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def refusal(text: str, is_set: bool) -> list[tuple[int, int, str]]:
    raw = text.replace("§", "").encode()
    with pytest.raises(TextError) as refused:
        parse_set(raw, "x.toml") if is_set else parse_song(raw, "x.toml", PATTERNS)
    assert all(fault.what.isprintable() and len(fault.what) < 240 for fault in refused.value.faults)
    return [(fault.line, fault.column, fault.what) for fault in refused.value.faults]


def test_what_is_broken_was_whole() -> None:
    assert parse_song(SONG.encode(), "x", PATTERNS).name == "Seven up"
    assert parse_set(SET.encode(), "x").name == "Friday"
    assert all(SONG.count(broken.old) >= 1 for broken in SONGS)
    assert all(SET.count(broken.old) == 1 for broken in SETS)
    assert len(SONGS) + len(SETS) > 100


@pytest.mark.parametrize("broken", [*SONGS, *SETS], ids=lambda broken: f"{broken.new[:40]}-{broken.words[:12]}")
def test_a_mistake_is_told_where_it_is(broken: Broken) -> None:
    is_set = broken in SETS
    text = (SET if is_set else SONG).replace(broken.old, broken.new, 1)
    found = refusal(text, is_set)
    if "§" not in broken.new:  # a note: its line is told where it begins
        text = text.replace("Fire", "§Fire")
    line, column = place(text)
    assert [True for fault in found if fault[:2] == (line, column) and broken.words in fault[2]], found


ONE = [broken for broken in (*SONGS, *SETS) if not broken.new.startswith(("[", "§song", "§fill ", "§form", "bars = 0"))]


@pytest.mark.parametrize("broken", ONE, ids=lambda broken: f"{broken.new[:40]}-{broken.words[:12]}")
def test_one_mistake_is_told_once(broken: Broken) -> None:
    """But where a table is another one now, or a line that had to be there is not."""
    is_set = broken in SETS
    found = refusal((SET if is_set else SONG).replace(broken.old, broken.new, 1), is_set)
    assert len(found) == 1, found
