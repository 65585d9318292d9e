"""The chart notation, where it is right: every key, every way to write a row, and the exact ticks that come of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.meter import Meter
from panel.music.notation import FAMILIES, parse_pattern
from panel.music.pattern import MAX_BARS, MAX_SWING, ROLES, STRAIGHT, Pattern, Row
from panel.music.reading import MAX_FAULTS
from panel.music.tempo import TICKS_PER_QUARTER
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
