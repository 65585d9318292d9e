"""TOML text that knows its lines: every fault is told with line and column, every edit keeps the comments.

It must never write a file or guess: `tomllib` gives the meaning, `tomlscan` says where each key stands.
"""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from panel.tomlscan import BOM, DOT, PART, KeyPath, Spot, scan

MAX_BYTES = 64 * 1024

_MAX_WHAT = 200  # characters of a fault's sentence, which may quote the user's text
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")

# tomllib takes time and memory by the square of a key's parts: 64 KB of "a.a.a.a" would be gigabytes.
_MAX_PARTS = 32
_ENDLESS_KEY = re.compile(rf"(?:^|[{{,])[ \t]*+\[{{0,2}}+[ \t]*+{PART}(?:{DOT}{PART}){{{_MAX_PARTS}}}", re.MULTILINE)

# What tomllib says, by how it begins, in words for whoever wrote the file.
_LINE = "a line is key = value, a [table] or a # comment"
_TWICE = "this stands here a second time: take one of the two out"
_ONE_PLACE = "this table is complete already: write its lines in one place"
_NO_QUOTE = "a text has no closing quote on its line"
_BACKSLASH = "a backslash in a text is written twice: \\\\"
_ADVICE = {
    "Invalid statement": _LINE,
    "Expected '='": _LINE,
    "Expected newline": "one key a line: behind a value there may only be a # comment",
    "Invalid initial character for a key": "a key is made of letters, digits, - and _",
    "Invalid value": 'a value is a number, true or false, or a text in straight quotes: "so"',
    "Invalid date": "there is no such date: a text stands in quotes",
    "Cannot overwrite": _TWICE,
    "Duplicate inline": _TWICE,
    "Cannot declare": _TWICE,
    "Cannot mutate": _ONE_PLACE,
    "Cannot redefine": _ONE_PLACE,
    "Unterminated string": _NO_QUOTE,
    "Illegal character '\\n'": _NO_QUOTE,
    "Found invalid character '\\n'": _NO_QUOTE,
    'Expected "\'"': _NO_QUOTE,
    "Illegal character": "there is a control character: take it out",
    "Found invalid character": "there is a control character: take it out",
    "Unescaped": _BACKSLASH,
    "Invalid hex": _BACKSLASH,
    "Escaped character": _BACKSLASH,
    "Unclosed array": "a list has no closing ]",
    "Unclosed inline": "a table in braces has no closing }",
    "Expected ']": "a table is one word and its closing ], as [pre-chorus]",
}


class Fault(NamedTuple):
    """What is wrong in a text, and where; lines and columns count from 1. Prints as `source:line:column: what`.

    Column 0: the whole line, and none is told.
    """

    source: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{f'{self.column}:' if self.column else ''} {self.what}"


class TextError(ValueError):
    """A text that can't be used, with every fault that was found in it (at least one)."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = sorted(set(faults), key=lambda f: (f.line, f.column))

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class TomlText:
    """A parsed TOML text. `data` holds its values, `spots` their places; `fault` and `where` tell them.

    Raises TextError for a text that is not UTF-8, too large, or not TOML.
    """

    def __init__(self, raw: bytes, source: str) -> None:
        self.source = source
        self.text = _decoded(raw, source)
        self.data = _parsed(self.text, source)

    @cached_property
    def spots(self) -> dict[KeyPath, Spot]:
        """Where everything stands: found when it is asked for, for of a hundred good files at a start nobody asks."""
        return scan(self.text)

    def where(self, *path: str) -> Spot:
        """The place of a key (or table), by its path; of the text's beginning if there is no such key.

        What lies in a list has its number in the path, from "0" on.
        """
        return self.spots.get(path, Spot(1, 1, 1))

    def fault(self, what: str, *path: str, index: int | None = None, key: bool = False) -> Fault:
        """A fault at the value of the key at `path`, at character `index` of that text, or at the key itself."""
        spot = self.where(*path)
        if index is not None:
            at = spot.start + _width(self.text[spot.start : spot.end], index)
            return _fault_at(self.text, at, printable(what), self.source)
        return Fault(self.source, spot.line, spot.key_column if key else spot.value_column, printable(what))


def printable(text: str, limit: int = _MAX_WHAT) -> str:
    """A text as one line, cut off behind `limit` characters."""
    shown = "".join(char if char.isprintable() else _escape(char) for char in text[:limit])
    return shown + "..." if len(text) > limit else shown


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


# What is written for a character of a text; for none of them: a backslash at a line's end, and the space it takes away.
_WRITTEN = re.compile(r"(?P<none>\\[ \t]*\r?\n\s*)|\\(?:u.{4}|U.{8}|.)|\r\n|.", re.DOTALL)
_WRITTEN_AS_IT_IS = re.compile(r"(?P<none>(?!))|\r\n|.", re.DOTALL)
_FIRST_LINE_END = re.compile(r"(?:\r?\n)?")  # of a text over many lines: it is none of its characters


def _width(quoted: str, index: int) -> int:
    """How far from its opening quote the character `index` of a text stands, as it is written."""
    if quoted[:1] not in ("'", '"'):
        return 0
    first = 1
    if quoted[:3] in ("'''", '"""') and (line_end := _FIRST_LINE_END.match(quoted, 3)):
        first = line_end.end()
    if "\\" not in quoted and "\r" not in quoted:
        return first + index
    written = (_WRITTEN_AS_IT_IS if quoted[0] == "'" else _WRITTEN).finditer(quoted, first)
    found = (match.start() for match in written if match["none"] is None)
    return next(islice(found, index, None), len(quoted))


def _decoded(raw: bytes, source: str) -> str:
    if len(raw) > MAX_BYTES:
        what = f"the file has {len(raw):,} bytes, at most {MAX_BYTES:,} are read"
        raise TextError([Fault(source, 1, 1, what)])
    try:
        return raw.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8", "replace").removeprefix(BOM)) + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8 text: save the file as UTF-8"
        raise TextError([Fault(source, before.count(b"\n") + 1, column, what)]) from error


def _parsed(text: str, source: str) -> dict[str, Any]:
    if endless := _ENDLESS_KEY.search(text):
        raise TextError([_fault_at(text, endless.start(), f"a key has at most {_MAX_PARTS} parts", source)])
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise TextError([_at_most(r"[\[{]", "brackets are nested too deeply", text, source)]) from error
    except ValueError as error:
        raise TextError([_toml_fault(str(error), text, source)]) from error


def _toml_fault(message: str, text: str, source: str) -> Fault:
    what = printable(next((_ADVICE[words] for words in _ADVICE if message.startswith(words)), message))
    if at := _AT.search(message):
        return Fault(source, int(at[1]), int(at[2]), what)
    if "(at end of document)" in message:
        opened = text.rfind("'") if message.startswith("Expected \"'") else len(text)  # no other quote closed it
        line_end = text.find("\n", opened)
        return _fault_at(text, line_end if line_end >= 0 else len(text), what, source)
    return _at_most(r"\d", "a number has too many digits", text, source)


def _at_most(pattern: str, what: str, text: str, source: str) -> Fault:
    """A fault in the line that has most of something, at the first of it."""
    line = max(text.split("\n"), key=lambda line: len(re.findall(pattern, line)))
    first = re.search(pattern, line)
    return _fault_at(text, text.index(line) + (first.start() if first else 0), what, source)


def _fault_at(text: str, at: int, what: str, source: str) -> Fault:
    return Fault(source, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), what)


_HALVES = re.compile("[\ud800-\udfff]")  # of characters: neither TOML nor UTF-8 can write them


def literal(value: bool | int | float | str) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    value = _HALVES.sub("\N{REPLACEMENT CHARACTER}", value)
    return '"' + "".join(_escaped(char) for char in value) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else _escape(char)


def with_value(text: str, path: KeyPath, value: bool | int | float | str | None) -> str:
    """The text with one key set, or, for None, its lines taken out: nothing else changes, comments and line ends stay.

    Raises TextError for a text that TomlText does not take, ValueError for a table, or for a key in braces to take out.
    """
    if text.startswith(BOM):
        return BOM + with_value(text[1:], path, value)
    spots = TomlText(text.encode(), "text").spots
    spot = spots.get(path)
    if spot is None:
        return text if value is None else _with_key(text, spots, path, literal(value))
    if spot.is_table or (value is None and spot.table is None):
        raise ValueError(f"only a key on a line of its own can be changed, {'.'.join(path)} is none")
    if value is None:
        return text[: text.rfind("\n", 0, spot.start) + 1] + text[_line_end(text, spot.end) :]
    return text[: spot.start] + literal(value) + text[spot.end :]


def _with_key(text: str, spots: dict[KeyPath, Spot], path: KeyPath, value: str) -> str:
    """The text with a new key, behind the last of its table, which is made where there is none."""
    parent = path[:-1]
    home = spots.get(parent, Spot(1, 1, 1, is_table=True, table=None if parent else ()))
    if not home.is_table:
        return _with_key_in_braces(text, home, f"{_written(path[-1:])} = {value}")
    if home.table is None:
        return _with_lines(text, len(text), f"\n[{_written(parent)}]\n{_written(path[-1:])} = {value}")
    siblings = [s.end for p, s in spots.items() if p[:-1] == parent and s.table == home.table and not s.is_table]
    after = max(siblings, default=home.end)
    at = _line_end(text, after) if parent or siblings else 0
    return _with_lines(text, at, f"{_written(path[len(home.table) :])} = {value}")


def _with_lines(text: str, at: int, lines: str) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    before = text[:at]
    if before and not before.endswith("\n"):
        before += line_end
    if not before:
        lines = lines.lstrip("\n")
    return before + (lines + "\n").replace("\n", line_end) + text[at:]


def _with_key_in_braces(text: str, table: Spot, pair: str) -> str:
    inside = text[table.start + 1 : table.end - 1].rstrip()
    return text[: table.start + 1] + (f"{inside}, {pair} " if inside else f" {pair} ") + text[table.end - 1 :]


def _line_end(text: str, at: int) -> int:
    """Where the line after the one that holds `at` begins."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _written(path: KeyPath) -> str:
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else literal(part) for part in path)
