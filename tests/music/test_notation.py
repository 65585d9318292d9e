"""The chart notation, where it is right: every key, every way to write a row, and the exact ticks that come of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.chart import chart_text
from panel.music.meter import Meter
from panel.music.notation import FAMILIES, parse_pattern
from panel.music.pattern import (
    MAX_BARS,
    MAX_LATE_TICKS,
    MAX_NOTE,
    MAX_SWING,
    MAX_VELOCITY,
    REST,
    ROLES,
    STRAIGHT,
    Pattern,
    Row,
)
from panel.music.reading import MAX_FAULTS
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_WHOLE
from panel.tomltext import TextError, literal

SEVEN_UP = """\
# patterns/seven-up.toml
format = 1
name  = "Seven up"
meter = "7/8"
group = "2+2+3"
step  = "1/8"
bars  = 1
[groove]                 # X accent  x hit  g ghost  . rest; spaces and | are for the eye
rim   = "X. x. x.."
hat   = "xx xx xxx"
bell  = "3: x x x"       # a grid of its own, three evenly over the bars: polyrhythm is said, never guessed
[fill]
rim   = "X. xx xxx"
"""


def parse(text: str) -> Pattern:
    return parse_pattern(text.encode(), "x.toml")


def chart(rows: str = 'rim = "Xxxx"', **keys: Any) -> str:
    """A chart in 4/4 by quarters, with keys changed or added (None takes one out)."""
    known = {"name": "P", "meter": "4/4", "step": "1/4"} | keys
    lines = [f"{key} = {literal(value)}" for key, value in known.items() if value is not None]
    return "\n".join([*lines, "[groove]", rows]) + "\n"


def test_the_example() -> None:
    pattern = parse(SEVEN_UP)
    assert pattern == Pattern(
        name="Seven up",
        meter=Meter(7, 8, (2, 2, 3)),
        groove=(Row("rim", "X.x.x.."), Row("hat", "xxxxxxx"), Row("bell", "xxx", own_grid=True)),
        fill=(Row("rim", "X.xxxxx"),),
        family="own",
    )
    rim = [(s.tick, s.strength, s.level) for s in pattern.strokes() if s.role == "rim"]
    assert rim == [(0, "X", "one"), (5040, "x", "beat"), (10080, "x", "beat")]
    assert [s.tick for s in pattern.strokes() if s.role == "bell"] == [0, 5880, 11760]


def test_every_key() -> None:
    pattern = parse(
        chart(
            'rim = "Xx"\nkick = "x."',
            format=1,
            meter="6/8",
            group="3+3",
            step="3/8",
            beat="3/8",
            tempo=92.5,
            swing=58,
            swing_step="1/16",
            about="Two in a bar.",
            family="world",
        )
    )
    assert pattern == Pattern(
        name="P",
        meter=Meter(6, 8, (3, 3)),
        groove=(Row("rim", "Xx"), Row("kick", "x.")),
        beat_ticks=TICKS_PER_QUARTER * 3 // 2,
        micro_bpm=92_500_000,
        swing=58,
        swing_ticks=TICKS_PER_QUARTER // 4,
        about="Two in a bar.",
        family="world",
    )


def test_what_need_not_be_said() -> None:
    pattern = parse('name = "P"\nmeter = "4/4"\n[groove]\nrim = "X.x.x.x."\n')
    assert pattern == Pattern("P", Meter.of(4, 4), (Row("rim", "X.x.x.x."),), family="own")
    assert (pattern.bars, pattern.swing, pattern.micro_bpm) == (1, STRAIGHT, 0)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("bars", [1, MAX_BARS]),
        ("swing", [STRAIGHT, MAX_SWING]),
        ("tempo", [30, 300, 120.0, 99.9]),
        ("family", FAMILIES),
        ("name", ["x", "é" * 24, '3:2 - son\'s "clave"']),
        ("beat", ["1/1", "1/2", "3/8", "1/16", "3/4", "3/16"]),
        ("swing_step", ["1/4", "1/8", "1/16"]),
        ("about", ["", "a\ttab"]),
        ("group", ["", "2+2", "1+1+1+1", "4"]),
    ],
)
def test_values_up_to_their_limits(key: str, values: list[Any]) -> None:
    for value in values:
        bars = value if key == "bars" else 1
        parse(chart(f'rim = "{"Xxxx" * bars}"', **{key: value}))


@pytest.mark.parametrize("role", ROLES)
def test_every_role(role: str) -> None:
    assert parse(chart(f'{role} = "Xxg."')).groove == (Row(role, "Xxg."),)


@pytest.mark.parametrize(
    "row",
    [
        'rim = "Xxg."',
        "rim = 'Xxg.'",
        'rim = "X x | g ."',
        'rim = "|X|x|g|.|"   # a comment with "quotes"',
        'rim = """Xxg."""',
        "rim = '''Xxg.'''",
        "rim = '''\nXxg.'''",
        'rim = "X\\u0078g."',
        '"rim" = "Xxg."',
        "'rim' = 'Xxg.'",
        '  rim="Xxg."  ',
        '"r\\u0069m" = "Xxg."',
    ],
)
def test_ways_to_write_a_row(row: str) -> None:
    assert parse(chart(row)).groove == (Row("rim", "Xxg."),)


@pytest.mark.parametrize(
    "groove",
    ['groove.rim = "Xxg."', 'groove = { rim = "Xxg." }', '"groove".rim = "Xxg."', '[ groove ]\nrim = "Xxg."'],
)
def test_ways_to_write_the_table(groove: str) -> None:
    assert parse(f'name = "P"\nmeter = "4/4"\nstep = "1/4"\n{groove}\n').groove == (Row("rim", "Xxg."),)


@pytest.mark.parametrize("change", [lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.replace(b"\n", b"\r\n")])
def test_what_other_systems_do_to_a_file(change: Any) -> None:
    assert parse_pattern(change(SEVEN_UP.encode()), "x") == parse(SEVEN_UP)


def test_rows_on_a_grid_of_their_own() -> None:
    pattern = parse(chart('bell = "3: x x x"\nrim = " 11 :xxxxx xxxxxx"'))
    assert pattern.groove == (Row("bell", "xxx", True), Row("rim", "x" * 11, True))


def test_a_row_covers_all_bars() -> None:
    assert len(parse(chart('rim = "Xxxx xxxx"', bars=2)).strokes()) == 8


def strict_rows(cells: int) -> st.SearchStrategy[str]:
    return st.text("Xxg.", min_size=cells, max_size=cells)


@given(st.integers(1, 12), st.sampled_from(["1/4", "1/8", "1/16"]), st.integers(1, 4), st.data())
def test_a_chart_reads_back_as_it_was_written(beats: int, step: str, bars: int, data: st.DataObject) -> None:
    cells = beats * bars * int(step[2:]) // 4
    rows = data.draw(st.dictionaries(st.sampled_from(ROLES), strict_rows(cells), min_size=1, max_size=5))
    lines = "\n".join(f'{role} = "{" ".join(row)}"' for role, row in rows.items())
    pattern = parse(chart(lines, meter=f"{beats}/4", step=step, bars=bars))
    assert pattern.groove == tuple(Row(role, row) for role, row in rows.items())
    hits = sum(cell != "." for row in rows.values() for cell in row)
    assert len(pattern.strokes()) == hits


BY_HAND = """\
format = 1
name   = "By hand"
meter  = "4/4"
step   = "1/4"
bars   = 2

[groove]
snare = "x g x . | . X . x"
bell  = "3: x.x"
kick  = "x . . . | x . . ."

[fill]
tom = "x x x x | x x . ."

[velocity]
snare = "101 38 99 | 120 90"
bell  = "60 1"

[late]
snare = "0 -42 630 | -630 7"

[note]
kick = "36 | 40"

[fill_velocity]
tom = "20 40 60 80 | 100 127"

[fill_late]
tom = "1 2 3 4 | 5 6"

[fill_note]
tom = "0 1 2 3 | 126 127"
"""


def test_what_is_said_of_each_stroke() -> None:
    pattern = parse(BY_HAND)
    assert pattern.groove == (
        Row("snare", "xgx..X.x", velocities=(101, 38, 99, 120, 90), late=(0, -42, 630, -630, 7)),
        Row("bell", "x.x", own_grid=True, velocities=(60, 1)),
        Row("kick", "x...x...", notes=(36, 40)),
    )
    assert pattern.fill == (
        Row("tom", "xxxxxx..", False, 100, (20, 40, 60, 80, 100, 127), (1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 126, 127)),
    )
    snare = [(stroke.tick, stroke.velocity) for stroke in pattern.strokes() if stroke.role == "snare"]
    quarter = TICKS_PER_QUARTER
    assert snare == [
        (0, 101),
        (quarter - 42, 38),
        (2 * quarter + 630, 99),
        (5 * quarter - 630, 120),
        (7 * quarter + 7, 90),
    ]


def test_it_is_written_as_it_is_read() -> None:
    assert chart_text(parse(BY_HAND), TICKS_PER_QUARTER) == BY_HAND


def test_a_pattern_that_says_nothing_of_its_strokes_has_no_table_for_it() -> None:
    assert re.findall(r"^\[(.*)\]$", chart_text(parse(SEVEN_UP), TICKS_PER_QUARTER // 2), re.MULTILINE) == [
        "groove",
        "fill",
    ]


@pytest.mark.parametrize("numbers", ["1 2 3", " 1|2|3 ", "1 | 2 | | 3", "+1 02 3", "1  2\\u00203"])
def test_ways_to_write_numbers(numbers: str) -> None:
    for table, field in (("velocity", "velocities"), ("late", "late"), ("note", "notes")):
        row = parse(chart(f'rim = "Xxg."\n[{table}]\nrim = "{numbers}"')).groove[0]
        assert getattr(row, field) == (1, 2, 3)


def test_the_tables_may_stand_before_the_groove_and_in_braces() -> None:
    before = 'velocity = { rim = "9 8" }\nlate.rim = "1 2"\n[groove]'
    assert parse(chart('rim = "x..x"').replace("[groove]", before)).groove == (
        Row("rim", "x..x", velocities=(9, 8), late=(1, 2)),
    )


def test_a_row_of_rests_has_no_numbers() -> None:
    assert parse(chart('rim = "...."\n[velocity]\nrim = "|"')).groove == (Row("rim", "...."),)


def numbers_of(strokes: int, low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    """A number for each stroke, or none at all."""
    each = st.lists(st.integers(low, high), min_size=strokes, max_size=strokes).map(tuple)
    return st.just(()) | each


@st.composite
def said_rows(draw: st.DrawFn, cells: int, bars: int) -> tuple[Row, ...]:
    """Rows on the step or on a grid of their own that say all that may be said."""
    rows = []
    for role in draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=4, unique=True)):
        own_grid = draw(st.booleans())
        chars = draw(strict_rows(draw(st.integers(1, 13)) if own_grid else cells))
        strokes = len(chars.replace(REST, ""))
        limits = ((1, MAX_VELOCITY), (-MAX_LATE_TICKS, MAX_LATE_TICKS), (0, MAX_NOTE))
        rows.append(Row(role, chars, own_grid, 100, *(draw(numbers_of(strokes, *limit)) for limit in limits)))
    return tuple(rows)


@given(st.integers(1, 7), st.sampled_from([4, 8, 16]), st.integers(1, 4), st.data())
def test_whatever_is_said_of_strokes_comes_back(beats: int, step: int, bars: int, data: st.DataObject) -> None:
    cells = beats * bars * step // 4
    groove = data.draw(said_rows(cells, bars))
    fill = data.draw(st.just(()) | said_rows(cells, bars))
    pattern = Pattern("P", Meter.of(beats, 4), groove, fill, bars, family="own")
    assert parse(chart_text(pattern, TICKS_PER_WHOLE // step)) == pattern


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = chart('rim = "Xoxx"\nhat = "xxx"\nkik = "xxxx"', meter="4/3", bars=99)
    with pytest.raises(TextError) as refused:
        parse(text)
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [(2, 10), (4, 8), (6, 9), (8, 1)]
    assert str(refused.value).splitlines()[2] == (
        "x.toml:6:9: unknown step 'o': drummers read it as an open hat, write g for a ghost note"
    )
    assert "did you mean 'kick'?" in str(refused.value)


def test_a_hopeless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(TextError) as refused:
        parse(chart(f'rim = "{"?" * 1000}"'))
    assert len(refused.value.faults) == MAX_FAULTS
