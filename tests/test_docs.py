"""The documents name tests and files: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path
from shlex import split
from textwrap import dedent

import pytest

from panel.__main__ import main
from panel.library import load_library
from panel.music import setlist, songsheet
from panel.music.meter import LEVELS
from panel.music.notation import parse_pattern
from panel.music.pattern import ROLES
from panel.music.scales import SCALES
from panel.music.setlist import missing_songs, parse_set
from panel.music.songsheet import parse_song

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/.]+)(?:::(?:\w+::)?(\w+))?`")
REFERENCES = sorted(
    {match.groups(default="") for match in NAMED.finditer((ROOT / "docs" / "reliability.md").read_text())}
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PAGES = [
    ROOT / name
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "docs/reliability.md",
        "docs/songs.md",
        "docs/beats.md",
        "docs/states.md",
        "docs/patches.md",
        "docs/kits.md",
        "docs/midi.md",
        "docs/manual.md",
        "benchmarks/README.md",
    )
]
TO_A_HEADING = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")


@pytest.mark.parametrize(("path", "name"), REFERENCES)
def test_what_reliability_names_is_there(path: str, name: str) -> None:
    assert (ROOT / path).exists()
    if name:
        assert re.search(rf"^ *def {name}\(", (ROOT / path).read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_heading_finds_it(page: Path) -> None:
    links = TO_A_HEADING.findall(page.read_text())
    broken = [(to, heading) for to, heading in links if heading not in _headings(page.parent / to if to else page)]
    assert broken == []


def _headings(page: Path) -> list[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


EXAMPLES = re.findall(r"(?:^(?:    .*)?\n)+", (ROOT / "docs" / "songs.md").read_text(), re.MULTILINE)
TOML = [dedent(block).strip() + "\n" for block in EXAMPLES if " = " in block]
SECTION = '[verse]\npattern = "Money beat"\nbars = 4\n'


@pytest.mark.parametrize("text", TOML, ids=lambda text: text.split("\n")[0])
def test_every_example_of_a_song_or_a_set_is_one(text: str) -> None:
    """What is not whole becomes so by a section, or by the name that it lacks."""
    library = load_library(None)
    if "songs" in text:
        assert missing_songs(text.encode(), "x", library.songs) == []
        assert parse_set(text.encode(), "x").entries
        return
    if not text.startswith("name"):
        text = f'name = "S"\n{SECTION}{text}'
    parse_song(text.encode(), "x", library.patterns)


def test_the_pattern_of_the_readme_is_one() -> None:
    blocks = re.findall(r"(?:^(?:    .*)?\n)+", (ROOT / "README.md").read_text(), re.MULTILINE)
    chart, said = [dedent(block) for block in blocks if "[groove]" in block or "[velocity]" in block]
    pattern = parse_pattern((chart + said).encode(), "README.md")
    assert [len(numbers) for numbers in pattern.groove[0][4:]] == [3, 3, 0]
    assert [len(numbers) for numbers in pattern.groove[1][4:]] == [0, 0, 7]


GENERATED = re.findall(
    r"^    drumassist (generate .+?)(?:  .*)?$", (ROOT / "docs" / "beats.md").read_text(), re.MULTILINE
)


@pytest.mark.parametrize("words", GENERATED)
def test_every_example_of_generate_writes_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*split(words), "--data", str(tmp_path / "own")]) == 0
    assert [path.name for path in tmp_path.glob("x.*")] == [split(words)[-1]]


def test_every_scale_is_told() -> None:
    told = (ROOT / "docs" / "beats.md").read_text().split("The scales: ", 1)[1].split(".")[0]
    assert " ".join(told.split()).split(", ") == list(SCALES)


def test_every_key_of_a_song_is_told() -> None:
    told = (ROOT / "docs" / "songs.md").read_text()
    every = *songsheet.KEYS, *songsheet.SECTION_KEYS, *songsheet.PRACTICE_KEYS, *setlist.KEYS, *ROLES, *LEVELS
    assert [key for key in every if not re.search(rf"\b{key}\b", told)] == []
