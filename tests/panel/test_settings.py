"""The table of settings, its file, and the file of what was chosen."""

from __future__ import annotations

import tomllib
from textwrap import wrap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.canvas import FONTS, text_width
from panel.display import WIDTH
from panel.kept import MAX_NUMBER, Kept, parse_kept
from panel.music.tempo import MICRO
from panel.settings import BEATS_MENU, BY_ID, MENU, PRACTICE_MENU, SETTINGS, Setting, Settings, default_text
from panel.tomltext import TextError

BY_IDS = pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.id)


def _values(row: Setting) -> list[Any]:
    """Values that a row allows: all, or the ends and what lies between."""
    if isinstance(row.default, bool):
        return [False, True]
    if row.choices:
        return list(row.choices)
    if isinstance(row.default, int):
        return sorted({row.low, row.default, (row.low + row.high) // 2, row.high})
    return ["", "/dev/ttyAMA0", 'a "quoted" \\ name']


@BY_IDS
def test_every_row_goes_through_the_file_and_back(row: Setting) -> None:
    for value in _values(row):
        settings = Settings()
        settings.set(row.id, value)
        again = Settings(settings.text)
        assert again[row.id] == value
        others = [other.id for other in SETTINGS if other is not row]
        assert all(again[id] == BY_ID[id].default for id in others)


@BY_IDS
def test_an_edit_changes_one_line_and_keeps_its_comment(row: Setting) -> None:
    before = default_text()
    settings = Settings(before)
    value = next(value for value in _values(row) if value != row.default)
    settings.set(row.id, value)
    changed = [(a, b) for a, b in zip(before.splitlines(), settings.text.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    ((a, b),) = changed
    assert a.partition("  #")[2] == b.partition("  #")[2] != ""


@BY_IDS
def test_what_a_row_does_not_allow_is_refused_by_set_and_by_the_file(row: Setting) -> None:
    wrong: list[Any] = [None, 1.5, [1], 10**9, -(10**9), "x" * 201, "a\x00b"]
    wrong += [1] if isinstance(row.default, (bool, str)) else [True]
    for value in wrong:
        assert not row.allows(value)
        with pytest.raises(ValueError, match=row.key):
            Settings().set(row.id, value)
    with pytest.raises(TextError) as caught:
        Settings(f"[{row.table}]\n\n{row.key} = 1.5\n", "s.toml")
    assert [str(fault) for fault in caught.value.faults] == [f"s.toml:3:{len(row.key) + 4}: {row.key} is {row.wanted}"]


@pytest.mark.parametrize("row", MENU + PRACTICE_MENU, ids=lambda row: row.id)
def test_the_encoder_reaches_every_value_and_stops_at_the_ends(row: Setting) -> None:
    seen, value = set(), row.turned(row.default, -1000)
    for _ in range(300):
        assert row.allows(value)
        seen.add(value)
        value = row.turned(value, 1)
    assert value == row.turned(value, 1000)
    if row.choices or isinstance(row.default, bool):
        assert seen == set(_values(row))
    else:
        assert {row.low, row.high, row.default} <= seen


@pytest.mark.parametrize("row", MENU + BEATS_MENU, ids=lambda row: row.id)
def test_what_the_screen_says_of_a_row_fits(row: Setting) -> None:
    assert len(wrap(row.about, WIDTH // FONTS["tiny"][0])) <= 2
    values = [row.shown(value) for value in _values(row)]
    assert max(text_width(row.name) + text_width(value) for value in values) <= WIDTH - 9
    assert all(len(value) <= WIDTH // FONTS["medium"][0] for value in values)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "[clock]\n",
            "s.toml:1:2: there is no table [clock]; there are beats, buttons, click, display,",
        ),
        ("click = 1\n", "s.toml:1:9: there is no table [click]"),
        ("[click]\ngate = 60\n", "s.toml:2:1: there is no setting 'gate' in [click]"),
        ("[click]\ngate_ms = 60\ngate_ms = 61\n", "s.toml:3:"),
        ("[click\n", "s.toml:1:"),
    ],
)
def test_a_fault_in_the_file_has_its_place(text: str, fault: str) -> None:
    with pytest.raises(TextError) as caught:
        Settings(text, "s.toml")
    assert str(caught.value).startswith(fault)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(TextError) as caught:
        Settings("[click]\ngate_ms = 0\ncount_in = 9\n[x]\n", "s.toml")
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4]


def test_an_empty_file_is_all_defaults() -> None:
    assert all(Settings("")[row.id] == row.default for row in SETTINGS)


def test_the_first_file_is_toml_with_every_row_and_its_meaning() -> None:
    data = tomllib.loads(default_text())
    assert {f"{table}.{key}" for table, rows in data.items() for key in rows} == set(BY_ID)
    assert all(row.about or row.name for row in SETTINGS)


_NAMES = st.text(max_size=40)


@given(
    st.builds(
        Kept,
        pattern=_NAMES,
        micro_bpm=st.one_of(st.just(0), st.integers(30 * MICRO, 300 * MICRO)),
        profile=_NAMES,
        port=_NAMES,
        remembered=_NAMES,
        set_name=_NAMES,
        song=_NAMES,
        number=st.integers(0, MAX_NUMBER),
    )
)
def test_what_is_kept_goes_through_the_file_and_back(kept: Kept) -> None:
    assert parse_kept(kept.text.encode("utf-8", "surrogatepass"), "session.toml") == kept


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("bpm = 29.9\n", "s.toml:1:7: bpm is a number from 30 to 300"),
        ("number = -1\n", "s.toml:1:10: number is a whole number from 0 to 9999"),
        ("bpm = nan\n", "s.toml:1:7: bpm is a number"),
        ("bpm = true\n", "s.toml:1:7: bpm is a number"),
        ('bpm = "fast"\n', "s.toml:1:7: bpm is a number"),
        ("\npattern = 7\n", "s.toml:2:11: pattern is text in quotes"),
        ("tempo = 7\n", "s.toml:1:1: there is no key 'tempo'"),
        ("pattern = ", "s.toml:1:"),
    ],
)
def test_a_broken_file_of_choices_has_its_fault_with_its_place(text: str, place: str) -> None:
    with pytest.raises(TextError) as caught:
        parse_kept(text.encode(), "s.toml")
    assert str(caught.value).startswith(place)
