"""The sheet of a kit: kit.toml and the names of files, and the sentence where they are wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from panel.music.percussion import NOTES
from panel.sound.kitfolder import ALIASES, sound_of
from panel.sound.kitsheet import KitSheet, check_kit, read_sheet
from panel.tomltext import TextError
from tests.sound.kits import tone, write


def folder_of(folder: Path, *names: str, toml: str | None = None) -> Path:
    """A folder with short sounds of these names, and perhaps a kit.toml."""
    for name in names:
        write(folder, name, tone(seconds=0.01))
    if toml is not None:
        folder.mkdir(exist_ok=True)
        (folder / "kit.toml").write_text(toml)
    return folder


def files_of(sheet: KitSheet) -> dict[str, list[tuple[int, list[str]]]]:
    """Each sound's velocities and the names of their files."""
    return {
        sound.name: [(layer.velocity, [file.path.name for file in layer.files]) for layer in sound.layers]
        for sound in sheet.sounds
    }


def faults_of(folder: Path) -> list[str]:
    """What is wrong, with the folder's path left out."""
    found = [str(fault).replace(str(folder) + "/", "").replace(str(folder), "") for fault in check_kit(folder)]
    if found:
        with pytest.raises(TextError):
            read_sheet(folder)
    return found


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("Kick Drum 01", "kick"), ("CLOSEDHAT", "hat"), ("snare_2", "snare"), ("snare 2", "snare"),
        ("hihat", "hat"), ("openhat", "openhat"), ("Open Hi-Hat", "openhat"), ("lowtom", "lowtom"), ("tom", "tom"),
        ("hitom", "hitom"), ("perc", "perc"), ("clap", "clap"), ("cowbell", "cowbell"), ("crash", "crash"),
        ("rim", "rim"), ("Bass Drum", "kick"), ("Crash Cymbal 2", "crash"), ("cymbal", ""),
        ("808 kick", "kick"), ("zap", ""), ("", ""), ("1", ""), ("kickoff", ""),
    ],
)  # fmt: skip
def test_a_name_says_what_it_is(name: str, sound: str) -> None:
    assert sound_of(name) == sound


def test_every_alias_is_a_sound_with_a_note() -> None:
    assert set(ALIASES.values()) <= set(NOTES)


def test_a_plain_folder_needs_no_kit_toml(tmp_path: Path) -> None:
    names = [
        "kick.wav",
        "snare 10.wav",
        "snare_2.flac",
        "CLOSEDHAT.WAV",
        "perc.wav",
        "tom/a.wav",
        "tom/b.wav",
        "tom.wav",
    ]
    folder = folder_of(tmp_path / "My kit", *names)
    for other in ("notes.txt", ".hidden.wav", "._kick.wav"):
        (folder / other).write_text("nothing to hear")
    sheet = read_sheet(folder)
    assert (sheet.name, sheet.about) == ("My kit", "")
    assert files_of(sheet) == {
        "hat": [(1, ["CLOSEDHAT.WAV"])],
        "kick": [(1, ["kick.wav"])],
        "perc": [(1, ["perc.wav"])],
        "snare": [(1, ["snare_2.flac", "snare 10.wav"])],
        "tom": [(1, ["tom.wav", "a.wav", "b.wav"])],
    }
    assert {sound.name: sound.note for sound in sheet.sounds}["perc"] == 60
    assert check_kit(folder) == []


ACOUSTIC = """
format = 1
name  = "Acoustic"
about = "A small kit, close by"

[snare]
gain  = -3.0
90 = ["snare hard.flac"]
1  = ["snare soft 1.flac", "snare soft 2.flac"]

[HiHat]
choke = ""

[zap]
note = 61
choke = "zaps"
1 = ["fx/zap.wav"]

[kick]
note = 35
"""


def test_kit_toml_says_more_and_leaves_the_rest_to_the_names(tmp_path: Path) -> None:
    soft, hard = ["snare soft 1.flac", "snare soft 2.flac"], ["snare hard.flac"]
    names = [*soft, *hard, "closedhat.wav", "openhat.wav", "fx/zap.wav", "kick.wav"]
    sheet = read_sheet(folder_of(tmp_path, *names, toml=ACOUSTIC))
    assert (sheet.name, sheet.about) == ("Acoustic", "A small kit, close by")
    assert files_of(sheet)["snare"] == [(1, soft), (90, hard)]
    assert {sound.name: (sound.note, sound.gain_db, sound.choke) for sound in sheet.sounds} == {
        "snare": (38, -3.0, ""),
        "hat": (42, 0.0, ""),
        "zap": (61, 0.0, "zaps"),
        "kick": (35, 0.0, ""),
        "openhat": (46, 0.0, "hats"),
    }
    assert len(sheet.files) == len(names)


def test_a_table_may_have_the_name_of_a_known_sound_with_a_number(tmp_path: Path) -> None:
    sheet = read_sheet(folder_of(tmp_path, "snare.wav", "Snare2.wav", toml="[snare2]\nnote = 40\n"))
    assert files_of(sheet) == {"snare2": [(1, ["Snare2.wav"])], "snare": [(1, ["snare.wav"])]}


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ('[snare]\n1 = ["snare.wav"]\nvolume = 3', "3:1: there is no key 'volume' in a sound"),
        ("[snare]\n0 = []", "2:1: a velocity is a whole number from 1 to 127"),
        ('[snare]\n128 = ["snare.wav"]', "2:1: a velocity is a whole number"),
        ('[snare]\n1 = ["snare.wav"]\n01 = ["snare.wav"]', "3:1: a velocity is a whole number from 1 to 127, and"),
        ('[snare]\n1 = "snare.wav"', "2:5: behind a velocity stands a list of files"),
        ("[snare]\n1 = []", "2:5: behind a velocity stands a list of files"),
        ("[snare]\n1 = [3]", "2:5: behind a velocity stands a list of files"),
        ('[snare]\n1 = ["snare.wav", "snore.wav"]', "2:20: there is no file 'snore.wav', did you mean 'snare.wav'?"),
        ('[snare]\n1 = ["../x.wav"]', "2:7: '../x.wav' leaves the kit's folder"),
        ('[snare]\n1 = ["/etc/x.wav"]', "2:7: '/etc/x.wav' leaves the kit's folder"),
        ('[snare]\n1 = ["a\\\\x.wav"]', "2:7: 'a\\x.wav' leaves the kit's folder"),
        ('[snare]\n1 = ["snare.mp3"]', "2:7: 'snare.mp3' is neither .wav nor .flac"),
        ("[snare]\nnote = 128", "2:8: note is a whole number from 0 to 127"),
        ("[snare]\ngain = 13", "2:8: gain is a number from -60 to 12, in dB"),
        ("[snare]\ngain = nan", "2:8: gain is a number"),
        ('[snare]\ngain = "loud"', "2:8: gain is a number"),
        ("[snare]\nchoke = 3", "2:9: choke is text in quotes"),
        ('[snare]\nchoke = "\\n"', "2:10: a choke group's name has at most 24 characters"),
        ("[snare]\n[Snare]", "2:2: [Snare] is the snare, which stands here already"),
        ('[snare]\nnote = 60\n[pling]\nnote = 60\n1 = ["snare.wav"]', "4:8: note 60 is the snare's already"),
        ('[pling]\n1 = ["snare.wav"]', "1:2: a sound called 'pling' says its note"),
        ('[snaer]\n1 = ["snare.wav"]', "1:2: a sound called 'snaer' says its note, such as note = 60; did you"),
        ("[kick]", "1:2: there is no file for the kick"),
        ("gain = 3", "1:1: there is no key 'gain' for a whole kit: it stands below a [sound]"),
        ("nmae = 3", "1:1: there is no key 'nmae' for a whole kit, did you mean 'name'?"),
        ("format = 2", "1:10: this box reads format 1: a newer box wrote this file"),
        ('name = ""', "1:9: a name has 1 to 24 printable characters"),
        ("[snare]\ngain = -3\ngain = -4", "3:10: this stands here a second time"),
        ("[snare]\ngain: -3", "2:5: a line is key = value"),
        ("x" * 70_000, "1:1: the file has 65,537 bytes, at most 65,536 are read"),
    ],
)  # fmt: skip
def test_a_mistake_in_kit_toml_is_told_with_its_place(tmp_path: Path, toml: str, fault: str) -> None:
    told = faults_of(folder_of(tmp_path, "snare.wav", toml=toml))
    assert any(line.startswith(f"kit.toml:{fault}") for line in told), told


def test_all_mistakes_are_told_in_their_order(tmp_path: Path) -> None:
    told = faults_of(folder_of(tmp_path, "snare.wav", toml='nam = 1\n[snare]\ngain = 99\n1 = ["snare.wav", "x.wav"]\n'))
    assert [line.split(":")[1] for line in told] == ["1", "3", "4"]


@pytest.mark.parametrize(
    ("names", "toml", "fault"),
    [
        (["zap.wav"], None, "zap.wav:1:1: is no sound by its name"),
        (["snaer.wav"], None, "snaer.wav:1:1: is no sound by its name, did you mean 'snare'?"),
        (["fx/snare.wav"], None, "fx/snare.wav:1:1: is no sound by its name"),
        (["a.wav", "snare 2.wav"], '[snare]\n1 = ["a.wav"]', "snare 2.wav:1:1: is not among the files that"),
        (["a.wav", "snare.wav"], '[x]\nnote = 38\n1 = ["a.wav"]', "snare.wav:1:1: note 38 is the x's already"),
    ],
)  # fmt: skip
def test_a_file_without_a_place_is_told(tmp_path: Path, names: list[str], toml: str | None, fault: str) -> None:
    told = faults_of(folder_of(tmp_path, *names, toml=toml))
    assert len(told) == 1
    assert told[0].startswith(fault)


def test_a_folder_without_a_sound_is_a_fault_and_so_is_none(tmp_path: Path) -> None:
    assert faults_of(folder_of(tmp_path, toml="")) == [":1:1: there is no WAV or FLAC file in it"]
    assert faults_of(tmp_path / "nowhere") == [":1:1: can't be read: No such file or directory"]
    assert faults_of(tmp_path / "kit.toml") == [":1:1: can't be read: Not a directory"]


def test_links_are_refused(tmp_path: Path) -> None:
    secret = write(tmp_path / "elsewhere", "snare.wav", tone())
    kit = folder_of(tmp_path / "kit", "kick.wav")
    (kit / "snare.wav").symlink_to(secret)
    assert faults_of(kit) == ["snare.wav:1:1: is a link: put the file itself into the folder"]
    (kit / "snare.wav").unlink()
    (kit / "snare").symlink_to(secret.parent)
    assert faults_of(kit) == ["snare:1:1: is a link: put the file itself into the folder"]
    (kit / "snare").unlink()
    (kit / "tom").mkdir()
    (kit / "tom" / "a.wav").symlink_to(secret)
    assert faults_of(kit) == ["tom/a.wav:1:1: is a link: put the file itself into the folder"]


def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    kit = folder_of(tmp_path, "kick.wav")
    os.mkfifo(kit / "snare.wav")  # whoever opens it, waits
    (kit / "tom.wav").mkdir()
    assert sorted(map(str, check_kit(kit))) == [f"{kit}/snare.wav:1:1: is no file", f"{kit}/tom.wav:1:1: is no file"]


def test_thousands_of_files_are_refused(tmp_path: Path) -> None:
    for number in range(1001):
        (tmp_path / f"snare {number}.wav").touch()
    assert faults_of(tmp_path) == [":1:1: there are 1001 sound files in it, at most 1000 are read"]


def test_reading_a_sheet_needs_no_numpy() -> None:
    code = "import sys, panel.sound.kitsheet; sys.exit('numpy' in sys.modules or 'soundfile' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


KITS_PAGE = (Path(__file__).parents[2] / "docs" / "kits.md").read_text()
BLOCKS = [block for block in re.findall(r"(?:^(?:    .*)?\n)+", KITS_PAGE, re.MULTILINE) if block.strip()]
TOMLS = ["".join(line[4:] or "\n" for line in block.splitlines(keepends=True)) for block in BLOCKS if " = " in block]


@pytest.mark.parametrize("toml", TOMLS, ids=lambda toml: toml.split("\n")[0])
def test_every_example_of_the_page_is_a_kit(tmp_path: Path, toml: str) -> None:
    """With the files that it names, and one of each sound that it has a table for."""
    named = re.findall(r'"([^"]+\.(?:wav|flac))"', toml)
    tables = re.findall(r"^\[(\w+)\](.*?)(?=^\[|\Z)", toml, re.MULTILINE | re.DOTALL)
    by_name = [f"{table}.wav" for table, lines in tables if not re.search(r"^\d+ *=", lines, re.MULTILINE)]
    folder = folder_of(tmp_path, *named, *(by_name or ["cowbell.wav"]), toml=toml)
    assert check_kit(folder) == []
    assert len(read_sheet(folder).files) == len({*named, *(by_name or ["cowbell.wav"])})


def test_every_name_stands_on_the_page() -> None:
    assert [name for name in (*NOTES, *ALIASES, "perc") if f"`{name}`" not in KITS_PAGE] == []


def test_the_folder_on_the_page_is_a_kit(tmp_path: Path) -> None:
    names = re.findall(r"^        (\S.*?\.(?:wav|flac|WAV))", KITS_PAGE, re.MULTILINE)
    assert len(names) >= 8
    assert check_kit(folder_of(tmp_path, *names)) == []
