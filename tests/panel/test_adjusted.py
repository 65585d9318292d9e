"""sounds.toml: what was turned of kits and patches is kept, readable, and told where it is broken."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from panel.adjusted import SOUNDS_FILE, Adjusted, parse_adjusted
from panel.backup import back_up, read_backup
from panel.check import check_file
from panel.storage import save
from panel.tomltext import TextError

MINE = """# mine
["kit Acoustic"]
"level snare" = 60  # too loud
"choke crash" = ""

["patch Supersaw"]
cutoff = 440
"detune, in cent" = 7.5
"""


def test_what_was_turned_is_read() -> None:
    found = Adjusted(MINE)
    assert (found.kits, found.levels("Acoustic"), found.chokes("Acoustic")) == (
        ["Acoustic"], {"snare": 60}, {"crash": ""},
    )  # fmt: skip
    assert found.values("Supersaw") == {"cutoff": 440, "detune, in cent": 7.5}
    assert (found.levels("Supersaw"), found.values("Acoustic")) == ({}, {})


def test_single_lines_change_and_comments_stay() -> None:
    found = Adjusted(MINE)
    found.set_level("Acoustic", "snare", 80)
    found.set_choke("Acoustic", "crash", None)
    found.set_value("Supersaw", "cutoff", None)
    found.set_level('A "kit" of mine', "open hat", 0)
    assert (
        found.text
        == """# mine
["kit Acoustic"]
"level snare" = 80  # too loud

["patch Supersaw"]
"detune, in cent" = 7.5

["kit A \\"kit\\" of mine"]
"level open hat" = 0
"""
    )
    assert Adjusted(found.text).levels('A "kit" of mine') == {"open hat": 0}


def test_a_kit_on_one_line_is_written_anew_and_nothing_is_lost() -> None:
    found = Adjusted('"kit A" = { "level kick" = 3, "choke kick" = "b" }\n')
    found.set_level("A", "kick", None)
    found.set_level("A", "snare", 5)
    assert tomllib.loads(found.text) == {"kit A": {"choke kick": "b", "level snare": 5}}


def test_a_file_that_was_edited_meanwhile_keeps_that_and_a_broken_one_is_not_spread() -> None:
    found = Adjusted(MINE)
    found.set_level("Acoustic", "snare", 80)
    text_over = found.edits()
    assert text_over(MINE + "# later\n").endswith("7.5\n# later\n")
    assert '"level snare" = 80  # too loud' in text_over(MINE)
    assert text_over("") == text_over("[broken") == found.text


FAULTS = [
    ('["kit A"]\n"level snare" = 101\n', "sounds.toml:2:17: level snare is a whole number from 0 to 100"),
    ('["kit A"]\n"level snare" = 7.5\n', "sounds.toml:2:17: level snare is a whole number"),
    ('["kit A"]\n"level snare" = true\n', "sounds.toml:2:17: level snare is a whole number"),
    ('["kit A"]\n"choke snare" = 3\n', "sounds.toml:2:17: choke snare is the name of a group in quotes"),
    ('["kit A"]\n\nsnare = 3\n', "sounds.toml:3:1: there is no key 'snare' of a kit; there are \"level SOUND\""),
    ('["kit A"]\n"level " = 3\n', "sounds.toml:2:1: there is no key 'level '"),
    ('["patch A"]\ncutoff = "x"\n', "sounds.toml:2:10: cutoff is a number"),
    ('["patch A"]\ncutoff = nan\n', "sounds.toml:2:10: cutoff is a number"),
    ('["patch A"]\ncutoff = inf\n', "sounds.toml:2:10: cutoff is a number"),
    ("[synth]\nx = 1\n", 'sounds.toml:1:2: a table is ["kit NAME"] or ["patch NAME"]'),
    ('"kit A" = 3\n', 'sounds.toml:1:11: a table is ["kit NAME"]'),
    ('["kit A"\n', "sounds.toml:1:"),
    (
        '["patch A"]\n' + "".join(f"p{n} = 1\n" for n in range(300)),
        "sounds.toml:1:2: a kit or patch has at most 256 rows",
    ),
]


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_a_fault_has_its_place(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(TextError) as caught:
        parse_adjusted(text.encode(), SOUNDS_FILE)
    assert str(caught.value).startswith(fault)
    path = tmp_path / SOUNDS_FILE
    path.write_text(text)
    assert [str(found).startswith(f"{tmp_path}/{fault}") for found in check_file(path)] == [True]


def test_it_is_in_a_backup(tmp_path: Path) -> None:
    save(tmp_path / SOUNDS_FILE, MINE)
    assert back_up(tmp_path, tmp_path / "own.zip") == ([SOUNDS_FILE], [])
    assert read_backup(tmp_path / "own.zip") == {SOUNDS_FILE: MINE.encode()}
