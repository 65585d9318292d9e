"""TOML text that knows its lines: every fault is told with line and column, every edit keeps the comments.

It must never write a file or guess: `tomllib` gives the meaning, a small scanner says where each key stands.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, NamedTuple

MAX_BYTES = 64 * 1024

_TABLE = re.compile(r"\s*\[\s*([A-Za-z0-9_.-]+)\s*\]\s*(#.*)?$")
_KEY = re.compile(r"""(\s*)([A-Za-z0-9_-]+|"[^"]*")(\s*=\s*)""")
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")


class Fault(NamedTuple):
    """What is wrong in a text, and where; lines and columns count from 1. Prints as `source:line:column: what`."""

    source: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}: {self.what}"


class TextError(ValueError):
    """A text that can't be used, with every fault that was found in it (at least one)."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = sorted(set(faults), key=lambda f: (f.line, f.column))

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class Spot(NamedTuple):
    """Where a key (or a table's header) stands: its line, and the columns of the key and of its value."""

    line: int
    key_column: int
    value_column: int
    is_table: bool = False


class TomlText:
    """A parsed TOML text. `data` holds its values; `fault` and `where` tell places in it.

    Raises TextError for a text that is not UTF-8, too large, or not TOML.
    """

    def __init__(self, raw: bytes, source: str) -> None:
        self.source = source
        self.text = _decoded(raw, source)
        self.data = _parsed(self.text, source)
        self._spots = _scan(self.text)

    def where(self, *path: str) -> Spot:
        """The place of a key (or table), by its path; of the text's beginning if the scanner did not see it."""
        return self._spots.get(path, Spot(1, 1, 1))

    def fault(self, what: str, *path: str, offset: int = 0, key: bool = False) -> Fault:
        """A fault at the value of the key at `path`, `offset` characters into it, or at the key itself."""
        spot = self.where(*path)
        column = spot.key_column if key else spot.value_column + offset
        return Fault(self.source, spot.line, column, what)


def _decoded(raw: bytes, source: str) -> str:
    if len(raw) > MAX_BYTES:
        what = f"the file has {len(raw):,} bytes, at most {MAX_BYTES:,} are read"
        raise TextError([Fault(source, 1, 1, what)])
    try:
        return raw.decode("utf-8").removeprefix("\N{BYTE ORDER MARK}")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8", "replace")) + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8 text: save the file as UTF-8"
        raise TextError([Fault(source, before.count(b"\n") + 1, column, what)]) from error


def _parsed(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise TextError([Fault(source, 1, 1, "brackets are nested too deeply")]) from error
    except ValueError as error:
        raise TextError([_toml_fault(str(error), text, source)]) from error


def _toml_fault(message: str, text: str, source: str) -> Fault:
    at = _AT.search(message)
    if at:
        return Fault(source, int(at[1]), int(at[2]), message[: at.start()].strip())
    lines = text.split("\n")
    if "end of document" in message:
        what = message.replace("(at end of document)", "").strip() + " at the end of the file"
        return Fault(source, len(lines), len(lines[-1]) + 1, what)
    longest = max(range(len(lines)), key=lambda i: len(lines[i]))  # a number of thousands of digits
    return Fault(source, longest + 1, 1, "a value on this line cannot be read: " + message[:60])


def _scan(text: str) -> dict[tuple[str, ...], Spot]:
    """The place of every `key = value` line and every [table] line."""
    spots: dict[tuple[str, ...], Spot] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if match := _TABLE.match(line):
            table = tuple(match[1].split("."))
            spots[table] = Spot(number, match.start(1) + 1, match.start(1) + 1, True)
        elif match := _KEY.match(line):
            name = match[2].strip('"')
            spots.setdefault((*table, name), Spot(number, match.start(2) + 1, match.end() + 1))
    return spots


def literal(value: bool | int | float | str) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return '"' + "".join(_escaped(char) for char in value) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\u{ord(char):04x}"


def with_value(text: str, path: tuple[str, ...], value: bool | int | float | str | None) -> str:
    """The text with one key set (or, for None, taken out): only its own line changes, comments stay.

    The value that is replaced stands on one line, as all that this project writes and reads does.
    """
    spots = _scan(text)
    lines = text.split("\n")
    if path in spots:
        _edit_line(lines, spots[path], value)
    elif value is not None:
        _add_line(lines, spots, path, f"{path[-1]} = {literal(value)}")
    return "\n".join(lines)


def _edit_line(lines: list[str], spot: Spot, value: bool | int | float | str | None) -> None:
    if value is None:
        del lines[spot.line - 1]
        return
    line = lines[spot.line - 1]
    head, tail = line[: spot.value_column - 1], line[spot.value_column - 1 :]
    lines[spot.line - 1] = head + literal(value) + _comment(tail)


_VALUE = re.compile(r'("(?:[^"\\]|\\.)*"|\'[^\']*\'|\[[^\]#]*\]|[^#]*?)(\s*(?:#.*)?)$')


def _comment(tail: str) -> str:
    match = _VALUE.match(tail)
    return match[2].rstrip() if match else ""


def _add_line(lines: list[str], spots: dict[tuple[str, ...], Spot], path: tuple[str, ...], new: str) -> None:
    """Put a new line behind the last key of its table, making the table where there is none."""
    table = path[:-1]
    if table and table not in spots:
        while lines and not lines[-1].strip():
            lines.pop()
        lines += [*([""] if lines else []), f"[{'.'.join(table)}]", new, ""]
        return
    header = spots[table].line if table else 0
    lines.insert(max([header, *(s.line for p, s in spots.items() if p[:-1] == table and not s.is_table)]), new)
