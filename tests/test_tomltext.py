"""TOML text with its places: where everything stands, and edits that touch nothing else."""

from __future__ import annotations

import math
import re
import tomllib
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.tomlscan import scan
from panel.tomltext import Fault, TextError, TomlText, literal, printable, with_value

EVERYTHING = '''\
name = "x"   # a comment with 'quotes' = 1
groove.rim = "a\\tb?c"
braces = { a = 1, "b c" = [1, [2, "#]"], {q = 1}] } # end
about = """
[fill]
rim = 3
\\"""" # "
many = [ # one a line
  'a', # ]
  "b",
]
when = 1979-05-27 07:32:00 # then
[[section]]
bars = 1
[[section]]
bars = 2
[section.sub]
k = +1.5e3
[ "ta ble" . 'q"' ]
'z' = \'lit\'
"\\u0061" = true
'''


@pytest.mark.parametrize(
    ("path", "line", "key_column", "value_column", "value"),
    [
        (("name",), 1, 1, 8, '"x"'),
        (("groove", "rim"), 2, 1, 14, '"a\\tb?c"'),
        (("braces",), 3, 1, 10, '{ a = 1, "b c" = [1, [2, "#]"], {q = 1}] }'),
        (("braces", "a"), 3, 12, 16, "1"),
        (("braces", "b c", "1", "1"), 3, 35, 35, '"#]"'),
        (("braces", "b c", "2", "q"), 3, 43, 47, "1"),
        (("about",), 4, 1, 9, '"""\n[fill]\nrim = 3\n\\""""'),
        (("many", "0"), 9, 3, 3, "'a'"),
        (("many", "1"), 10, 3, 3, '"b"'),
        (("when",), 12, 1, 8, "1979-05-27 07:32:00"),
        (("section", "0", "bars"), 14, 1, 8, "1"),
        (("section", "1", "bars"), 16, 1, 8, "2"),
        (("section", "1", "sub", "k"), 18, 1, 5, "+1.5e3"),
        (("ta ble", 'q"', "z"), 20, 1, 7, "'lit'"),
        (("ta ble", 'q"', "a"), 21, 1, 12, "true"),
    ],
)
def test_where_values_stand(path: tuple[str, ...], line: int, key_column: int, value_column: int, value: str) -> None:
    spot = TomlText(EVERYTHING.encode(), "x").where(*path)
    assert (spot.line, spot.key_column, spot.value_column, spot.is_table) == (line, key_column, value_column, False)
    assert EVERYTHING[spot.start : spot.end] == value


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("groove",), 2, 1),
        (("section",), 13, 3),
        (("section", "1"), 15, 3),
        (("section", "1", "sub"), 17, 2),
        (("ta ble",), 19, 3),
        (("fill",), 1, 1),  # stands in a text only: there is no such table
    ],
)
def test_where_tables_stand(path: tuple[str, ...], line: int, column: int) -> None:
    spot = TomlText(EVERYTHING.encode(), "x").where(*path)
    assert (spot.line, spot.key_column) == (line, column)


def paths_of(data: Any, *path: str) -> list[tuple[str, ...]]:
    """The paths of all that lies in parsed TOML."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else []
    return [found for key, value in inside for found in ((*path, str(key)), *paths_of(value, *path, str(key)))]


def test_everything_that_is_parsed_has_a_place() -> None:
    text = TomlText(EVERYTHING.encode(), "x")
    assert set(paths_of(text.data)) == set(text.spots)


@pytest.mark.parametrize(
    ("written", "index", "line", "column"),
    [
        ('"abc"', 0, 1, 6),
        ('"abc"', 2, 1, 8),
        ('"abc"', 3, 1, 9),
        ("'a\\c'", 2, 1, 8),
        ('"\\u0041bc"', 1, 1, 12),
        ('"\\U0001F600\\t\\"c"', 3, 1, 20),
        ('"""abc"""', 1, 1, 9),
        ("'''a\\c'''", 2, 1, 10),
        ("5", 3, 1, 5),
        ('""', 0, 1, 6),
        ('"""\nabc"""', 1, 2, 2),
        ('"""a\nbc"""', 2, 2, 1),
        ('"""\r\na\r\nb\\tc"""', 4, 3, 4),
        ("'''\r\na\r\n\\tc'''", 4, 3, 3),
        ("'''\n\na'''", 1, 3, 1),
        ('"""\na \\  \n\n  \\u0062c"""', 2, 4, 3),
        ('"""\na \\  \n\n  \\u0062c"""', 3, 4, 9),
    ],
)
def test_the_place_of_a_character_in_a_text(written: str, index: int, line: int, column: int) -> None:
    fault = TomlText(f"k = {written}".encode(), "x").fault("what", "k", index=index)
    assert fault == Fault("x", line, column, "what")


def test_faults_print_in_order_each_on_its_line() -> None:
    error = TextError([Fault("f.toml", 3, 1, "b"), Fault("f.toml", 1, 9, "a"), Fault("f.toml", 3, 1, "b")])
    assert str(error) == "f.toml:1:9: a\nf.toml:3:1: b"
    assert isinstance(error, ValueError)


def test_what_a_fault_quotes_is_made_printable() -> None:
    fault = TomlText(b"", "x").fault("a\nb\u202e\U000e0001" + "c" * 500)
    assert fault.what.startswith("a\\u000ab\\u202e\\U000e0001ccc")
    assert fault.what.endswith("c...")
    assert printable("déjà → 😀") == "déjà → 😀"


texts = st.text(max_size=12) | st.sampled_from(
    ["#", '"', "'", '"""', "\\", "\n", "\r\n", "= 1 # x", "[a]", "\U000e0001"]
)
values = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts


@given(values | st.just(math.inf))
def test_a_literal_is_read_back_from_one_line(value: bool | int | float | str) -> None:
    written = literal(value)
    assert written.isprintable()
    read = tomllib.loads(f"k = {written}")["k"]
    assert (read, type(read)) == (value, type(value))


BARE = st.text("abz_-", min_size=1, max_size=4)
keys = BARE | BARE | texts
comments = st.sampled_from(["", "", "  # as it was", "#", ' # "x" = 1'])
UNUSUAL = [
    "'a # b'",
    "''",
    "[1, 2] ",
    '[ "a#", [2] ]',
    "[\n 1, # ]\n 2,\n]",
    '"""a\n[b]\nc = 1\n"""',
    "0x1F",
    "{ a = 1 }",
    "{}",
]
written_values = values.map(literal) | st.sampled_from(UNUSUAL)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Small documents as people and this project write them."""
    lines: list[str] = draw(st.lists(st.sampled_from(["", "# a head", "  "]), max_size=2))
    for table in ["", *draw(st.lists(keys, max_size=3, unique=True))]:
        if table:
            lines.append(f"[{_key(table)}]{draw(comments)}")
        for key in draw(st.lists(keys, max_size=3, unique=True)):
            equals = draw(st.sampled_from(["=", " = ", "   =\t"]))
            lines.append(f"{_key(key)}{equals}{draw(written_values)}{draw(comments)}")
            lines += draw(st.sampled_from([[], [], [""], ["# between"]]))
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n\n"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else literal(name)


def parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except ValueError:
        return None  # a table that is also a key


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, tuple[str, ...]]:
    """A document, and a path in it or one that may be new."""
    text = draw(documents().filter(lambda text: parsed(text) is not None))
    data = tomllib.loads(text)
    known = [path for path in paths_of(data) if not any(part.isdecimal() for part in path)]
    if draw(st.booleans()) and known:
        return text, draw(st.sampled_from(known))
    tables: list[tuple[str, ...]] = [(key,) for key, value in data.items() if isinstance(value, dict)]
    other = keys.filter(lambda key: key not in data).map(lambda key: (key,))
    table: tuple[str, ...] = draw(st.just(()) | other | st.sampled_from(tables or [()]))
    return text, (*table, draw(keys))


def at(data: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


@given(edits(), values)
def test_setting_a_value_changes_that_and_nothing_else(edit: tuple[str, tuple[str, ...]], value: Any) -> None:
    text, path = edit
    wanted = deepcopy(tomllib.loads(text))
    table = wanted
    for key in path[:-1]:
        table = table.setdefault(key, {})
    if isinstance(table.get(path[-1]), dict) and scan(text)[path].is_table:
        with pytest.raises(ValueError, match="line of its own"):
            with_value(text, path, value)
        return
    table[path[-1]] = value
    after = with_value(text, path, value)
    assert tomllib.loads(after) == wanted
    assert_only_one_place_changed(text, after)


def assert_only_one_place_changed(before: str, after: str) -> None:
    """All lines but those of the value are the same, byte for byte."""
    changed = min(before.count("\n"), after.count("\n"))
    old, new = before.split("\n"), after.split("\n")
    same_start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), changed)
    rest = old[same_start:]
    kept = next(n for n in range(len(rest), -1, -1) if rest[len(rest) - n :] == new[len(new) - n :])
    assert old[:same_start] == new[:same_start]
    assert len(rest) - kept <= 1 or "[\n 1" in before.replace("\r", "") or '"""' in before
    if "\r\n" in before:
        assert after.count("\n") == after.count("\r\n")


@given(edits())
def test_taking_a_key_out_takes_its_lines_and_nothing_else(edit: tuple[str, tuple[str, ...]]) -> None:
    text, path = edit
    spot = scan(text).get(path)
    if spot is None:
        assert with_value(text, path, None) == text
    elif spot.is_table or spot.table is None:
        with pytest.raises(ValueError, match="line of its own"):
            with_value(text, path, None)
    else:
        wanted = tomllib.loads(text)
        del at(wanted, path[:-1])[path[-1]]
        after = with_value(text, path, None)
        assert tomllib.loads(after) == wanted
        lines = iter(text.split("\n"))
        assert all(line in lines for line in after.split("\n")[:-1])


SETTINGS = """\
# DrumAssist: settings

[display]  # the screen
kind = "ssd1306"  # or "sh1106"
rotate = 0\t# quarter turns

[inputs]
tap = 17

"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("display", "kind"), 'a "#" b', 'kind = "ssd1306"  # or', 'kind = "a \\"#\\" b"  # or'),
        (("display", "rotate"), 2, "rotate = 0\t#", "rotate = 2\t#"),
        (("inputs", "tap"), None, "tap = 17\n", ""),
        (("inputs", "next"), 22, "tap = 17\n", "tap = 17\nnext = 22\n"),
        (("display", "my kit"), True, "turns\n", 'turns\n"my kit" = true\n'),
        (("midi", "port"), "x", "tap = 17\n\n", 'tap = 17\n\n\n[midi]\nport = "x"\n'),
        (("format",), 1, "# DrumAssist", "format = 1\n# DrumAssist"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_edits_of_a_settings_file(path: tuple[str, ...], value: Any, old: str, new: str, line_end: str) -> None:
    expected = SETTINGS.replace(old, new, 1)
    before = SETTINGS.replace("\n", line_end)
    assert with_value(before, path, value) == expected.replace("\n", line_end)


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        ("", ("a",), "a = 1\n"),
        ("", ("t", "a"), "[t]\na = 1\n"),
        ("b = 2", ("a",), "b = 2\na = 1\n"),
        ("b = 2", ("t", "a"), "b = 2\n\n[t]\na = 1\n"),
        ("[t]", ("t", "a"), "[t]\na = 1\n"),
        ("t.b = 2 # x\n", ("t", "a"), "t.b = 2 # x\nt.a = 1\n"),
        ("t = { b = 2 } # x\n", ("t", "a"), "t = { b = 2, a = 1 } # x\n"),
        ("t = {}", ("t", "a"), "t = { a = 1 }"),
        ("[t.u]\nb = 2\n", ("t", "a"), "[t.u]\nb = 2\n\n[t]\na = 1\n"),
        ("[[t]]\na = 3\n[[t]]\na = 4\n", ("t", "1", "a"), "[[t]]\na = 3\n[[t]]\na = 1\n"),
        ("[[t]]\n[[t]]\nb = 4\n[u]\n", ("t", "0", "a"), "[[t]]\na = 1\n[[t]]\nb = 4\n[u]\n"),
        ('s = """\n[t]\na = 5\n"""\n[t]\na = 2\n', ("t", "a"), 's = """\n[t]\na = 5\n"""\n[t]\na = 1\n'),
        ("a = [\n 3,\n] # x\nb = 1\n", ("a",), "a = 1 # x\nb = 1\n"),
        ("\ufeffa = 2\n", ("a",), "\ufeffa = 1\n"),
        ("\ufeff[t]\n", ("a",), "\ufeffa = 1\n[t]\n"),
    ],
)
def test_where_a_value_is_written(text: str, path: tuple[str, ...], after: str) -> None:
    assert with_value(text, path, 1) == after


@pytest.mark.parametrize("path", [("t",), ("t", "u"), ("d",), ("s",)])
def test_a_table_is_no_value(path: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="only a key on a line of its own"):
        with_value("d.e = 1\n[t.u]\n[[s]]\n", path, 1)


@given(st.text(max_size=60) | st.text("[]{}=.,#'\"\\\n ab1", max_size=60))
def test_a_broken_text_is_not_edited(text: str) -> None:
    if parsed(text.removeprefix("\ufeff")) is None:
        with pytest.raises(TextError):
            with_value(text, ("a",), 1)
