"""The drummer's manual says what is so: its rows, marks, messages, keys and settings are those of the box."""

from __future__ import annotations

import ast
import re
import runpy
from functools import cache
from pathlib import Path

import pytest

from panel.canvas import Canvas
from panel.gallery import PICTURES
from panel.hardware.keys import meaning, split
from panel.screens.listing import ListScreen
from panel.screens.live import Live
from panel.settings import BEATS_MENU, MENU, PRACTICE_MENU

ROOT = Path(__file__).parents[1]
MANUAL = (ROOT / "docs" / "manual.md").read_text()
MEANT_AS_EXAMPLE = {"like this"}


def _table(heading: str) -> list[list[str]]:
    """The rows below a heading, without the table's own heading; a cell of alternatives is one text still."""
    section = re.split(r"^#", MANUAL.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [row.strip("|").split(" | ") for row in re.findall(r"^\|.*\|$", section, re.MULTILINE)]
    return [[cell.strip() for cell in row] for row in rows if "---" not in row[0]][1:]


def _in_backticks(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _in_italics(text: str) -> list[str]:
    without_bold = text.replace("**", "")
    return [" ".join(words.split()) for words in re.findall(r"\*([^*\s][^*]*)\*", re.sub(r"`[^`]+`", "", without_bold))]


class _Read(Canvas):
    """A canvas that keeps what was written on it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def text(self, x: int, y: int, text: str, font: str = "small", *, bold: bool = False, lit: bool = True) -> None:
        self.texts.append(text)


@cache
def _rows() -> set[str]:
    """Every row and every title of a list, in all pictures of the panel."""
    screens = [picture.scene().machine.screen for picture in PICTURES]
    lists = [screen for screen in screens if isinstance(screen, ListScreen)]
    return {line.label for screen in lists for line in screen.lines} | {screen.title for screen in lists}


@cache
def _on_live(marks_alone: bool = False) -> set[str]:
    """Whatever stands on Live in some picture, each digit as 0; or only its marks."""
    found: set[str] = set()
    for picture in PICTURES:
        if picture.state == "live":
            scene, canvas = picture.scene(), _Read()
            screen = scene.machine.screen
            assert isinstance(screen, Live)
            if marks_alone:
                screen._draw_marks(canvas, scene.now)
            else:
                screen.draw(canvas, scene.now)
            found |= set(map(_without_digits, canvas.texts))
    return found


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def test_every_row_that_is_named_is_on_some_screen() -> None:
    named = set(_in_italics(MANUAL)) - MEANT_AS_EXAMPLE
    screens = _rows() | {row.name for row in (*MENU, *PRACTICE_MENU, *BEATS_MENU)}
    assert len(named) > 60
    assert sorted(named - screens) == []


def test_every_row_of_the_menu_is_told() -> None:
    menus = [picture.scene().machine.screen for picture in PICTURES if picture.state == "menu"]
    labels = {line.label for menu in menus if isinstance(menu, ListScreen) for line in menu.lines}
    assert sorted(labels - set(_in_italics(MANUAL))) == []


@pytest.mark.parametrize(
    ("heading", "rows"),
    [
        ("Settings", [*(row.name for row in MENU), "Pads and pedals"]),
        ("Practice", [row.name for row in PRACTICE_MENU]),
        (
            "Beats",
            ["Dials", "Hold", "Keep", "Generator", "Store style", *(row.name for row in BEATS_MENU[1:]), "New seed"],
        ),
    ],
)
def test_the_rows_of_a_screen_are_told_in_their_order(heading: str, rows: list[str]) -> None:
    assert [name for cells in _table(heading) for name in _in_italics(cells[0])] == rows


def test_every_mark_in_the_table_is_one_that_live_draws() -> None:
    drawn = _on_live()
    marks = [mark for cells in _table("What the marks mean") for mark in _in_backticks(cells[0])]
    assert len(marks) > 20
    lost = [mark for mark in marks if not _is_drawn(_without_digits(mark), drawn)]
    assert lost == []


def _is_drawn(mark: str, drawn: set[str]) -> bool:
    """A fault's two words stand below each other."""
    return mark in drawn or (mark.startswith("NO ") and set(mark.split()) <= drawn)


def test_every_mark_that_live_draws_is_in_the_table() -> None:
    told = [mark for cells in _table("What the marks mean") for mark in _in_backticks(cells[0])]
    words = {_without_digits(word) for mark in told for word in (mark, *mark.split()[: 2 * mark.startswith("NO ")])}
    assert sorted(_on_live(marks_alone=True) - words) == []


@cache
def _strings() -> str:
    """Every string in the program, a line each; of an f-string what stands between its values."""
    texts = []
    for path in sorted((ROOT / "panel").glob("**/*.py")):
        texts += [
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    return "\n".join(texts)


@pytest.mark.parametrize(
    "message", [told for cells in _table("What the box tells") for told in _in_backticks(cells[0])]
)
def test_every_message_is_one_of_the_box(message: str) -> None:
    """Names, numbers and places in it are examples."""
    parts = re.split(r"\.\.\.|\b[\w-]+\.toml:\d+|\d+|: (?:disk full$)?|is START$|'", message)
    wanted = [part.strip(" :") for part in parts if part.strip(" :")]
    assert [part for part in wanted if part not in _strings()] == []


def test_every_key_is_told_and_means_something() -> None:
    keys = [name for cells in _table("Every control on one page") for name in _in_backticks(cells[0])]
    told = {{"ctrl-c": "interrupt"}.get(key, key) for key in map(str.lower, keys)}
    named = split(b"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\r\x7f\x03 \t\x1b[5~")[0]
    possible = [*named, *filter(str.islower, map(chr, range(128))), *map(chr, range(33, 65))]
    assert told == {key for key in possible if meaning(key, 0)}


def test_every_number_in_the_picture_of_live_is_explained() -> None:
    parts = runpy.run_path(str(ROOT / "docs" / "pictures.py"))["NUMBERED"]["parts"][1]
    section = MANUAL.split("## The screen\n", 1)[1].split("\n## ", 1)[0]
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
    assert numbers == list(range(1, len(parts) + 1))
