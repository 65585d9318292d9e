"""Where things stand in a window, and that only the news is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.hardware.sheet import BLOCKS, BRAILLE, HASHES, Style, arrange, news, style_for
from tests.hardware.screen import Screen

STYLES = [BRAILLE, BLOCKS, HASHES]
styles = st.sampled_from(STYLES)


def picture(style: Style, character: str = "#") -> list[str]:
    return [character * style.columns] * style.rows


@given(styles, st.integers(1, 300), st.integers(1, 120))
def test_nothing_runs_over_the_edge_of_any_window(style: Style, columns: int, lines: int) -> None:
    sheet = arrange(style, picture(style), columns, lines)
    assert len(sheet) <= lines
    assert max(map(len, sheet)) <= columns
    fits = columns >= style.columns and lines >= style.rows + 2
    assert sum(row.count("#") for row in sheet) == (style.columns * style.rows if fits else 0)


def test_64x18_will_do() -> None:
    sheet = arrange(BRAILLE, picture(BRAILLE), 64, 18)
    assert sheet[:16] == picture(BRAILLE)
    assert sheet[16] == "↑↓ turn│Enter press│Bksp back│T tap│Space start│N next│Q quit"
    assert sheet[17] == "H home│M mute│F fill│1 the one│, . slip"


def test_a_frame_where_it_fits_in_the_middle_of_the_window() -> None:
    sheet = arrange(BRAILLE, picture(BRAILLE), 80, 24)
    assert sheet[2] == " " * 7 + "╭" + "─" * 64 + "╮"
    assert sheet[3] == " " * 7 + "│" + "#" * 64 + "│"
    for columns, lines in ((66, 19), (65, 20), (64, 40)):
        assert not any("╭" in row for row in arrange(BRAILLE, picture(BRAILLE), columns, lines))


@pytest.mark.parametrize(("columns", "lines"), [(63, 18), (64, 17), (1, 1)])
def test_too_small_a_window_is_one_line_that_says_so(columns: int, lines: int) -> None:
    says = f"This window is {columns}x{lines}; DrumAssist needs 64x18"
    assert arrange(BRAILLE, picture(BRAILLE), columns, lines) == [says[:columns]]


def test_what_is_not_braille_says_why() -> None:
    assert "no UTF-8 here: with LANG=C.UTF-8" in arrange(HASHES, picture(HASHES), 128, 34)[33]
    assert "no Braille on this console" in arrange(BLOCKS, picture(BLOCKS), 128, 34)[33]


def test_where_there_is_no_utf8_everything_is_ascii() -> None:
    assert "".join(arrange(HASHES, picture(HASHES), 200, 60)).isascii()


@pytest.mark.parametrize(
    ("encoding", "term", "style"),
    [
        ("utf-8", "xterm-256color", BRAILLE),
        ("UTF8", "screen", BRAILLE),
        ("utf-8", "linux", BLOCKS),
        ("iso8859-1", "xterm", HASHES),
        ("ascii", "linux", HASHES),
    ],
)
def test_the_style_for_a_terminal(encoding: str, term: str, style: Style) -> None:
    assert style_for(encoding, term) is style


lines_of_text = st.lists(st.text("ab ", max_size=20).map(str.rstrip), max_size=10)


@given(lines_of_text, lines_of_text)
def test_the_news_makes_the_one_sheet_of_the_other(before: list[str], after: list[str]) -> None:
    """As long as no line is left out: a sheet with fewer lines comes to a cleared window."""
    after = after + [""] * (len(before) - len(after))
    screen = Screen(20, 10)
    screen.feed("\x1b[2J")
    screen.feed(news([], before))
    assert screen.rows()[: len(before)] == before
    screen.feed(news(before, after))
    assert screen.rows()[: len(after)] == after


def test_only_what_differs_is_written() -> None:
    assert news(["abcdef", "same"], ["abXYef", "same"]) == "\x1b[1;3HXY"
    assert news(["same"], ["same"]) == ""
