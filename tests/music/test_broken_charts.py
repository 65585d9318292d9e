"""More than 200 ways to break a chart: each is refused with the place of the mistake and a sentence, nothing else.

Where a mutation has a place, line and column are counted here from the mutated text itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.music.notation import parse_pattern
from panel.tomltext import MAX_BYTES, Fault, TextError

CHART = """\
# a chart with everything
format = 1
name = "Seven up"
meter = "7/8"
group = "2+2+3"
step = "1/8"
bars = 1
beat = "3/8"
tempo = 96.5
swing = 50
swing_step = "1/8"
about = "Seven, with a bell across it."
family = "odd"
[groove]  # the eye likes spaces
rim = "X. x. x.."
hat = 'xx|xx|xxx'
bell = "3: x x x"
[fill]
snare = "X. xx xxx"
[velocity]
hat = "101 38 | 22 99 | 90 1 127"
rim = "1 2 3"
[late]
rim = "-630 0 630"
[note]
bell = "0 60 127"
[fill_velocity]
snare = "10 20 30 | 40 50 60"
[fill_late]
snare = "1 2 3 | 4 5 -6"
[fill_note]
snare = "6 5 4 | 3 2 1"
"""


class Broken(NamedTuple):
    """A broken chart, and where and how it is told; line 0: anywhere, column 0: anywhere in the line."""

    name: str
    raw: bytes
    line: int
    column: int
    words: str

    def __str__(self) -> str:
        return self.name


def swap(name: str, old: str, new: str, words: str, at: int = 0, base: str = CHART) -> Broken:
    """The chart with `old` replaced where it stands first; the fault is told `at` characters into `new`."""
    text, place = base.replace(old, new, 1), base.index(old) + at
    line_start = text.rfind("\n", 0, place) + 1
    return Broken(name, text.encode(), text.count("\n", 0, place) + 1, place - line_start + 1, words)


ROWS = {"rim": '"X. x. x.."', "hat": "'xx|xx|xxx'", "bell": '"3: x x x"', "snare": '"X. xx xxx"'}


def wrong_characters() -> Iterator[Broken]:
    hints = {"o": "write g", "O": "write X", "A": "write X", "G": "write g", "-": "write .", "_": "write ."}
    for role, row in ROWS.items():
        for char in "oOAG-_?1*é→😀\u00a0\u202e":
            yield swap(f"{role}-{ord(char):x}", f"{role} = {row}", f"{role} = {row[:-2]}{char}{row[-1]}",
                       hints.get(char, "unknown step"), len(f"{role} = {row}") - 2)  # fmt: skip
    yield swap("first-cell", '"X. x', '"o. x', "write g", 1)
    yield swap("after-an-escape", '"X. x.', '"\\u0058\\u002e\\u0020x?', "unknown step '?'", 20)
    yield swap("tab-as-an-escape", '"X. x.', '"X\\t x.', "unknown step '\\u0009'", 2)
    yield swap("a-backslash", '"X. x. x..', '"X. x\\\\ x..', "unknown step '\\'", 5)
    yield swap("a-quote", '"X. x. x..', '"X. \\". x..', "unknown step '\"'", 4)
    yield swap("three-quotes", '"X. x. x.."', '"""X. x. ?.."""', "unknown step", 9)
    yield swap("three-single-quotes", "'xx|xx|xxx'", "'''xx|xx|x?x'''", "unknown step", 10)
    yield swap("quoted-key", 'rim = "X. x', '"rim"  =  "X. o', "write g", 14)
    yield swap("indented", 'rim = "X. x', '\t rim="X. o', "write g", 10)
    yield swap("comment-behind", '"X. x. x.."', '"X. x. x.?" # "x?"', "unknown step", 9)
    header, one_row = "[groove]  # the eye likes spaces\n", CHART.split("hat")[0]
    yield swap("dotted-key", header + 'rim = "X', 'groove.rim = "?', "unknown step", 14, one_row)
    in_braces = one_row.replace('x.."', 'x.." }')
    yield swap("in-braces", header + 'rim = "X. x', 'groove = { rim = "X. ?', "unknown step", 21, in_braces)
    yield swap("header-in-quotes", header + 'rim = "X', '["groove"]\nrim = "?', "unknown", 18)
    yield swap("below-a-text-like-a-chart", "[groove]  # the eye likes spaces\nrim = \"X",
               "[groove] # '''\nrim = \"?", "unknown step", 22,
               CHART.replace('"Seven, with a bell across it."', '"""\n[groove]\nrim = "xxx"\n"""'))  # fmt: skip


def wrong_lengths() -> Iterator[Broken]:
    for role, row in ROWS.items():
        text, quote = row[1:-1], row[0]
        for name, new, words in (
            ("short", text[:-1], "1 too few"),
            ("long", text + "x", "1 too many"),
            ("double", text + text.split(":")[-1], "too many"),
            ("empty", "3:" if role == "bell" else "", "too few"),
            ("for-the-eye-only", "3: |" if role == "bell" else " | ", "too few"),
        ):
            yield swap(f"{role}-{name}", row, f"{quote}{new}{quote}", words, 1)
    yield swap("two-bars", "bars = 1", "bars = 2", "2 bars of 7/8 has 14: 7 too few")._replace(line=0, column=0)
    yield swap("sixteenths", 'step = "1/8"\nbars', 'step = "1/16"\nbars', "has 14")._replace(line=0, column=0)
    for grid in ("0", "-3", "1025", "three", "3.5", "", "3:3", "9" * 5000, "²"):
        name = f"grid-{grid[:5]}".encode("ascii", "replace").decode()
        yield swap(name, '"3: x x x"', f'"{grid}: x x x"', "a grid of its own reads like", 1)
    yield swap("grid-of-2", '"3: x x x"', '"2: x x x"', "has 3 cells, a grid of 2 has 2: 1 too many", 1)


def wrong_meters() -> Iterator[Broken]:
    for meter in ("", " ", "7", "7/", "/8", "a/b", "7/8/2", "-7/8", "7.5/8", "7:8", "²/4", "7\\n/8x", "\\u0000"):
        yield swap(f"meter-{meter!r}", '"7/8"', f'"{meter}"', "reads like", 1)
    for meter in ("0/4", "33/8", "9" * 5000 + "/8"):
        yield swap(f"meter-{meter[:6]}", '"7/8"', f'"{meter}"', "1 to 32", 1)
    for meter in ("7/0", "7/1", "7/3", "7/7", "7/32", "7/" + "8" * 5000):
        yield swap(f"meter-{meter[:6]}", '"7/8"', f'"{meter}"', "2, 4, 8 or 16", 1)
    for group in ("2++3", "2+2+", "x", "2,2,3", "-2+9", " ", "2+2+3.0", "2\\n+2+3x"):
        yield swap(f"group-{group!r}", '"2+2+3"', f'"{group}"', "read like", 1)
    for group in ("2+2+2", "2+2+4", "7+0", "8", "1" * 3000):
        yield swap(f"group-{group[:6]}", '"2+2+3"', f'"{group}"', "group", 1)
    for key, value in (("step", '"1/8"\nbars'), ("beat", '"3/8"'), ("swing_step", '"1/8"\nabout')):
        for note in ("", "8", "1/0", "0/8", "/8", "1/", "2/1", "1/11", "1/x", "-1/8", "1/4096", "1 / 8", "1/8\\r"):
            good = value.split('"')[1]
            yield swap(f"{key}-{note!r}", f"{key} = {value}", f"{key} = {value.replace(good, note, 1)}",
                       "a note value reads like", len(key) + 4)  # fmt: skip
    yield swap("step-does-not-fit", 'step = "1/8"\nbars', 'step = "1/4"\nbars', "whole number of times", 7)
    yield swap("sixteen-bars", "= 1\nbeat", "= 16\nbeat", "too few")._replace(line=0, column=0)


TEXTS = ("name", "meter", "group", "step", "beat", "swing_step", "about", "family", "rim", "bell", "snare")
NUMBERS = ("format", "bars", "tempo", "swing")


def line_of(key: str) -> str:
    return next(line for line in CHART.splitlines() if line.startswith(f"{key} = "))


def wrong_types() -> Iterator[Broken]:
    for key in TEXTS + NUMBERS:
        words = "text" if key in TEXTS else "number"
        values = ["true", "[]", "{ a = 1 }", "1979-05-27", '["x"]']
        values += ["5", "1.5"] if key in TEXTS else ['"1"', "'x'"] + ["1.5"] * (key != "tempo")
        for value in values:
            yield swap(f"{key}-{value}", line_of(key) + "\n", f"{key} = {value}\n", words, len(key) + 3)
    for table in ("groove", "fill"):
        base = CHART[: CHART.index(f"[{table}]")]
        for value in ("5", '"X.x."', "[]", "false"):
            new = f"{table} = {value}\nfamily"
            yield swap(f"{table}-{value}", "family", new, f"{table} is a table of rows", len(table) + 3, base)
    yield swap("groove-list", "[groove]  #", "[[groove]]  #", "table of rows", 2)
    yield swap("row-table", 'rim = "X. x. x.."\n', "", "one line of text")._replace(line=18, column=0,
        raw=CHART[:CHART.index("[velocity]")].replace("[fill]", "[groove.clap]").encode())  # fmt: skip
    yield swap("row-of-two-lines", '"X. x. x.."', '"""X. x.\n x.."""', "one line of text")
    yield swap("empty-fill", 'snare = "X. xx xxx"\n', "", "[fill] has no rows")._replace(line=18, column=2)


def wrong_values() -> Iterator[Broken]:
    for key, values, words in (
        ("format", ("0", "-1"), "whole number"),
        ("format", ("2", "99"), "newer box"),
        ("bars", ("0", "-1", "17", "1" + "0" * 400), "from 1 to 16"),
        ("swing", ("49", "76", "-50"), "from 50 to 75"),
        ("tempo", ("29.9", "300.1", "0", "nan", "inf", "-inf", "-120", "1e999"), "from 30 to 300"),
        ("name", ('""', '" "', '" x"', '"x "', '"a\\tb"', '"a\\nb"', f'"{"x" * 25}"', '"\\u202e"'), "a name has"),
        ("family", ('""', '"Odd"', '"jazz"'), "family is one of"),
        ("about", (f'"{"x" * 201}"',), "at most 200 characters"),
    ):
        for value in values:
            at = len(key) + 3 + value.startswith('"')
            yield swap(f"{key}-{value[:9]}", line_of(key) + "\n", f"{key} = {value}\n", words, at)


def wrong_keys() -> Iterator[Broken]:
    for key, words in (
        ("grove = 1", "'groove'"),
        ("Name = 1", "'name'"),
        ("bpm = 120", "there is no key 'bpm'"),
        ('"a\\nb" = 1', "no key 'a\\u000ab'"),
        ('"" = 1', "no key ''"),
        ("a.b = 1", "no key 'a'"),
        ("x = { y = 1 }", "no key 'x'"),
        ("k" * 5000 + " = 1", "no key 'kkkk"),
    ):
        yield swap(f"key-{key[:9]}", "about", f"{key}\nabout", words)
    for role, words in (
        ("Rim", "'rim'"),
        ("hihat", "'hat'"),
        ("stick", "no role 'stick'"),
        ('"r\\tm"', "no role 'r\\u0009m'"),
        ("37", "no role '37'"),
        ("rim.x", "one line of text"),
        ("r" * 5000, "no role 'rrr"),
    ):
        base = CHART.replace('rim = "X. x. x.."\n', "")
        yield swap(f"role-{role[:9]}", "hat =", f'{role} = "X. x. x.."\nhat =', words, base=base)
    yield swap("no-name", 'name = "Seven up"\n', "", "no line for 'name'")._replace(line=1, column=1)
    yield swap("no-meter", 'meter = "7/8"\n', "", "no line for 'meter'")._replace(line=1, column=1)
    no_groove = CHART[: CHART.index("[groove]")]
    yield Broken("no-groove", no_groove.encode(), 1, 1, "there is no groove")
    yield Broken("empty-groove", (no_groove + "[groove]\n").encode(), 14, 2, "[groove] has no rows")
    yield swap("second-table", "[fill]", "[drums]", "no key 'drums'", 1)


SAID = {
    "velocity": ("rim", "1 2 3", "a velocity is a whole number from 1 to 127"),
    "late": ("rim", "-630 0 630", "late, in ticks, is a whole number from -630 to 630"),
    "note": ("bell", "0 60 127", "a note is a whole number from 0 to 127"),
    "fill_velocity": ("snare", "10 20 30 | 40 50 60", "a velocity is a whole number from 1 to 127"),
    "fill_late": ("snare", "1 2 3 | 4 5 -6", "late, in ticks, is a whole number from -630 to 630"),
    "fill_note": ("snare", "6 5 4 | 3 2 1", "a note is a whole number from 0 to 127"),
}


def wrong_numbers() -> Iterator[Broken]:
    """One wrong thing in a number, or in how many there are."""
    for table, (role, row, words) in SAID.items():
        line, strokes, part = f'{role} = "{row}"', len(row.replace("|", "").split()), table.partition("_")[0] == "fill"
        has = f"{role} has {strokes} strokes in [{'fill' if part else 'groove'}]"
        for bad in ("x", "1.5", "99999", "--1", "1,", "0x1F", "9" * 5000, "²", "-", "\u202e", "-631"):
            name = f"{table}-{bad[:6]}".encode("ascii", "backslashreplace").decode()
            *rest, _ = row.split(" ")
            new = f'{role} = "{" ".join((*rest, bad))}"'
            yield swap(name, line, new, words, len(new) - len(bad) - 1)
        if not table.endswith("late"):
            least = "-1" if table.endswith("note") else "0"
            yield swap(f"{table}-least", line, f'{role} = "{least}{row[row.index(" ") :]}"', words, len(role) + 4)
            yield swap(f"{table}-most", line, f'{role} = "128{row[row.index(" ") :]}"', words, len(role) + 4)
        for name, new, off in (
            ("short", row[: row.rindex(" ")], f"{has}, here are {strokes - 1} numbers: 1 too few"),
            ("long", f"{row} 7 7", f"{has}, here are {strokes + 2} numbers: 2 too many"),
            ("none", "", f"{has}, here are 0 numbers: {strokes} too few"),
        ):
            yield swap(f"{table}-{name}", line, f'{role} = "{new}"', off, len(role) + 4)
        for value in ("5", "[1, 2, 3]", "true", '"""1\n2 3"""'):
            new = f"{role} = {value}"
            yield swap(f"{table}-{value[:5]!r}", line, new, "one line of text with numbers", len(role) + 3)
        other = role.upper()
        yield swap(f"{table}-role", line, f'{other} = "{row}"', f"has no row '{other}', did you mean '{role}'?")
        yield swap(f"{table}-no-such-row", f"[{table}]", f'[{table}]\nagogo = "1"', "has no row 'agogo'")._replace(
            line=CHART[: CHART.index(f"[{table}]")].count("\n") + 2, column=1
        )
        yield swap(f"{table}-empty", f"[{table}]\n", f"[{table}]\n[x{table}]\n", "has no rows", 1)


def wrong_tables_of_numbers() -> Iterator[Broken]:
    start = CHART.index("[velocity]")
    for table in SAID:
        base = CHART[:start]
        for value in ("5", '"1 2"', "[]", "false"):
            new = f"{table} = {value}\nfamily"
            yield swap(f"{table}-{value}", "family", new, f"{table} is a table of rows", len(table) + 3, base)
        if table.startswith("fill"):
            no_fill = CHART[: CHART.index("[fill]")] + f'[{table}]\nsnare = "1 2 3 4 5 6"\n'
            line = no_fill.count("\n") - 1
            yield Broken(
                f"{table}-without-a-fill", no_fill.encode(), line, 2, f"there is no [fill] whose strokes [{table}]"
            )
    yield swap("a-typo", "[velocity]", "[velocities]", "did you mean 'velocity'?", 1)
    yield swap(
        "row-of-the-groove-in-the-fill", "[fill_late]\nsnare", "[fill_late]\nrim", "[fill] has no row 'rim', there"
    )._replace(line=CHART[: CHART.index("[fill_late]")].count("\n") + 2, column=1)


def wrong_toml() -> Iterator[Broken]:
    quote, line = "no closing quote", "a line is key = value"
    for key in TEXTS:
        good = line_of(key)
        at = CHART.index(good) + len(good) - 1
        yield swap(f"{key}-open", good + "\n", good[:-1] + "\n", quote, len(good) - 1)
        yield swap(f"{key}-unquoted", good + "\n", f"{key} = {good[len(key) + 4 : -1]}\n", "")._replace(column=0)
        yield swap(f"{key}-no-equals", good + "\n", good.replace(" =", "") + "\n", line, len(key) + 1)
        yield swap(f"{key}-twice", good + "\n", f"{good}\n{good}\n", "second time", 2 * len(good) + 1)
        yield swap(f"{key}-and-more", good + "\n", f"{good} x\n", "one key a line", len(good) + 1)
        yield Broken(f"{key}-cut-off", CHART[:at].encode(), CHART.count("\n", 0, at) + 1, len(good), "")
    yield swap("hat-open", "'xx|xx|xxx'", "'xx|xx|xxx", quote)._replace(column=0)
    yield swap("no-value", "bars = 1", "bars = ", "a value is a number", 7)
    yield swap("two-equals", "bars = 1", "bars == 1", "a value is a number", 6)
    yield swap("colon", "bars = 1", "bars: 1", line, 4)
    yield swap("semicolon-comment", "# a chart", "; a chart", line)
    yield swap("comma", "bars = 1", "bars = 1,", "one key a line", 8)
    yield swap("leading-zero", "bars = 1", "bars = 01", "one key a line", 8)
    yield swap("curly-quotes", '"7/8"', "“7/8”", "straight quotes")
    yield swap("open-header", "[groove]  #", "[groove  #", "closing ], as [pre-chorus]", 9)
    yield swap("two-words-header", "[groove]  #", "[the groove]  #", "a table is one word", 5)
    yield swap("empty-header", "[groove]  #", "[]  #", "a key is made of", 1)
    yield swap("header-twice", "[fill]", "[groove]", "second time")._replace(column=0)
    yield swap("open-list", "bars = 1", "bars = [1", "no closing ]")._replace(column=0, line=0)
    yield swap("open-braces", "bars = 1", "bars = { a = 1", "no closing }", 14)
    yield swap("backslash", '"X. x', '"X\\. x', "written twice", 2)._replace(column=0)
    yield swap("bad-escape", '"X. x', '"\\uZZZZ x', "written twice")._replace(column=0)
    yield swap("surrogate", '"X. x', '"\\ud800 x', "written twice")._replace(column=0)
    yield swap("date", "bars = 1", "bars = 2023-13-45", "")._replace(column=0)
    yield swap("digits", "bars = 1", "bars = " + "9" * 5000, "too many digits", 7)
    yield swap("nested", "bars = 1", "bars = " + "[" * 3000, "nested too deeply", 7)
    yield swap("braces", "bars = 1", "bars = " + "{a=" * 3000, "nested too deeply", 7)
    yield swap("endless-key", "bars = 1", "a." * 3000 + "a = 1", "at most 32 parts")
    yield swap("endless-header", "[fill]", "[" + "a." * 3000 + "a]", "at most 32 parts")
    yield swap("endless-key-in-braces", "bars = 1", "bars = {" + "a." * 3000 + "a=1}", "32 parts")._replace(column=0)
    yield swap("rtf", "# a chart", "{\\rtf1\\ansi", line)


def wrong_bytes() -> Iterator[Broken]:
    raw = CHART.encode()
    for number, line in enumerate(CHART.splitlines(), start=1):
        at = len("\n".join(CHART.splitlines()[: number - 1])) + (number > 1) + len(line) // 2
        broken = raw[:at] + b"\xe9" + raw[at:]
        yield Broken(f"latin-1-in-line-{number}", broken, number, len(line) // 2 + 1, "save the file as UTF-8")
    for name, bad in (
        ("lone", b"\x80"),
        ("overlong", b"\xc0\xaf"),
        ("surrogate", b"\xed\xa0\x80"),
        ("cut", b"\xe2\x82"),
    ):
        yield Broken(f"utf-8-{name}", raw.replace(b"Seven up", "é→".encode() + bad), 3, 11, "save the file as UTF-8")
    yield Broken("bom-then-latin-1", b"\xef\xbb\xbf# \xe9\n" + raw, 1, 3, "save the file as UTF-8")
    yield Broken("utf-16", CHART.encode("utf-16"), 1, 1, "save the file as UTF-8")
    yield Broken("utf-16-without-a-mark", CHART.encode("utf-16-le"), 1, 0, "")
    yield Broken("utf-32", CHART.encode("utf-32"), 1, 1, "save the file as UTF-8")
    yield Broken("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 1, 2, "save the file as UTF-8")
    for code in (0, 1, 7, 8, 0x0B, 0x0C, 0x1B, 0x7F):
        yield swap(f"control-{code:02x}-in-a-row", '"X. x', f'"X.{chr(code)}x', "control character", 3)
        yield swap(f"control-{code:02x}-in-a-comment", "# a chart", f"# {chr(code)}", "control character", 2)
    yield swap("tab-in-a-row", '"X. x', '"X.\tx', "unknown step '\\u0009'", 3)
    yield Broken("old-mac-line-ends", raw.replace(b"\n", b"\r"), 1, 0, "")


def empty_and_huge() -> Iterator[Broken]:
    for name, raw in (
        ("nothing", b""),
        ("line-ends", b"\n\r\n\n"),
        ("spaces", b"   \t "),
        ("mark", b"\xef\xbb\xbf"),
        ("comments", b"# nothing\n# here\n"),
        ("blank-64k", b" " * MAX_BYTES),
        ("lines-64k", b"\n" * MAX_BYTES),
    ):
        yield Broken(f"empty-{name}", raw, 1, 1, "there is no line for 'name'")
    for name, raw in (
        ("one-byte-more", CHART.encode() + b"#" * (MAX_BYTES + 1 - len(CHART))),
        ("zeros", bytes(10**6)),
        ("quotes", b'"' * 10**6),
    ):
        yield Broken(f"huge-{name}", raw, 1, 1, f"at most {MAX_BYTES:,} are read")


def from_other_systems() -> Iterator[Broken]:
    """Line ends and a byte order mark move nothing."""
    for broken in (*wrong_lengths(), *list(wrong_characters())[::5]):
        yield broken._replace(name=f"crlf-{broken.name}", raw=broken.raw.replace(b"\n", b"\r\n"))
    for broken in list(wrong_characters())[2::7]:
        yield broken._replace(name=f"bom-{broken.name}", raw=b"\xef\xbb\xbf" + broken.raw)


BROKEN = [
    broken._replace(name=f"{make.__name__}:{broken.name}".encode("ascii", "backslashreplace").decode())
    for make in (wrong_characters, wrong_lengths, wrong_meters, wrong_types, wrong_values, wrong_keys,
                 wrong_numbers, wrong_tables_of_numbers, wrong_toml,
                 wrong_bytes, empty_and_huge, from_other_systems)
    for broken in make()
]  # fmt: skip


def refusal(raw: bytes) -> list[Fault]:
    """The faults of a broken chart, which are well made in any case."""
    with pytest.raises(TextError) as refused:
        parse_pattern(raw, "x.toml")
    faults = refused.value.faults
    lines = raw.decode("utf-8-sig", "replace").split("\n")
    assert faults
    for fault in faults:
        assert fault.source == "x.toml"
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1
        assert 10 < len(fault.what) < 240
    assert len(str(refused.value).split("\n")) == len(faults)
    assert all(line.isprintable() for line in str(refused.value).split("\n"))
    return faults


def test_there_are_more_than_200_and_no_two_are_the_same() -> None:
    assert CHART.encode() not in {broken.raw for broken in BROKEN}
    assert parse_pattern(CHART.encode(), "x").name == "Seven up"
    assert len({broken.raw for broken in BROKEN}) == len({broken.name for broken in BROKEN}) == len(BROKEN) > 400


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_chart_is_refused_where_it_is_broken(broken: Broken) -> None:
    faults = refusal(broken.raw)
    told = [
        f for f in faults if broken.words in f.what and broken.line in (0, f.line) and broken.column in (0, f.column)
    ]
    assert told, "\n".join(map(str, faults))


ONE_MISTAKE = ("wrong_characters", "wrong_lengths", "wrong_types", "wrong_values", "wrong_tables_of_numbers")


@pytest.mark.parametrize("broken", [b for b in BROKEN if b.name.startswith(ONE_MISTAKE) and b.line], ids=str)
def test_one_mistake_is_told_once(broken: Broken) -> None:
    assert len(refusal(broken.raw)) == 1


def test_a_mistake_hides_no_other() -> None:
    both = CHART.replace('"7/8"', '"7/9"').replace("bars = 1", "bars = 0").replace('"3: x x x"', '"3: x ? x x"')
    both = both.replace("X. xx", "X. ox")
    assert [(f.line, f.column) for f in refusal(both.encode())] == [(4, 10), (7, 8), (17, 9), (17, 14), (19, 13)]


NASTY = {
    "spaces behind a value": b"a = 1" + b" " * 65000 + b"x",
    "hashes in a text": b"a = '" + b" #" * 32000,
    "backslashes": b'a = "' + b"\\" * 65000,
    "quotes": b"a = " + b'"' * 65000,
    "triple quotes": b"a = " + b"'''" * 21000,
    "dots": b"a" + b".a" * 32000 + b" = 1",
    "dotted braces": b"a = {" + b"a." * 32000 + b"a = 1}",
    "spaced header": b"[" + b" " * 65000,
    "brackets": b"a = " + b"[" * 65000,
    "list": b"a = [" + b"[]," * 21000 + b"]",
    "digits": b"a = " + b"9" * 65000,
    "many keys": b"\n".join(b"%x=1" % n for n in range(9000)),
    "keys like none": b"\n".join(b"swing_%x=1" % n for n in range(4500)),
    "many roles": b"[groove]\n" + b"\n".join(b"%x=''" % n for n in range(7000)),
    "wrong steps": b"[groove]\nrim = '" + b"?" * 65000 + b"'",
    "escaped steps": b'[groove]\nrim = "' + b"\\t" * 32000 + b'"',
    "colons": b"[groove]\nrim = '" + b":" * 65000 + b"'",
    "wrong numbers": b"[groove]\nrim = 'x'\n[velocity]\nrim = '" + b"? " * 32000 + b"'",
    "many numbers": b"[groove]\nrim = 'x'\n[velocity]\nrim = '" + b"1 " * 32000 + b"'",
    "escaped numbers": b'[groove]\nrim = "x"\n[late]\nrim = "' + b"\\t " * 21000 + b'"',
    "many rows of numbers": b"[groove]\nrim = 'x'\n[note]\n" + b"\n".join(b"%x=''" % n for n in range(7000)),
    "long role": b"[groove]\n" + b"r" * 65000 + b" = 1",
    "long name": b"name = '" + b"x" * 65000 + b"'",
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_costs_little(name: str) -> None:
    """In time of this process alone; by the square of its size it would be many seconds."""
    raw = NASTY[name]
    assert len(raw) <= MAX_BYTES
    start = time.process_time()
    refusal(raw)
    assert time.process_time() - start < 2


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_well(raw: bytes) -> None:
    refusal(raw)


PIECES = b""" ' " \"\"\" [ ] [[ { } = . , # \\ \\u \x00 \xff name [groove] rim= 3: X.x. o 7/8 1979-05-27 inf """.split()
places = st.integers(0, len(CHART))
pieces = st.sampled_from([*PIECES, b" ", b"\t", b"\n", b"\r\n"]) | st.binary(max_size=4)


@settings(max_examples=300)
@given(st.lists(st.tuples(places, st.integers(0, 8), pieces), min_size=1, max_size=4))
def test_a_mutated_chart_is_read_or_refused_well(edits: list[tuple[int, int, bytes]]) -> None:
    raw = CHART.encode()
    for at, cut, piece in edits:
        raw = raw[:at] + piece + raw[at + cut :]
    try:
        pattern = parse_pattern(raw, "x.toml")
    except TextError:
        refusal(raw)
    else:
        assert all(0 <= stroke.tick < pattern.length_ticks for stroke in pattern.strokes() + pattern.strokes(fill=True))
        assert pattern.meter.bar_ticks > 0
