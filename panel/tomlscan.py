"""Where everything stands in a TOML text: the line and the columns of every key, table and item of a list.

It must never judge: `tomllib` accepts a text or refuses it, and gives the values.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

KeyPath = tuple[str, ...]

BOM = "\N{BYTE ORDER MARK}"
PART = r"""(?:[A-Za-z0-9_-]++|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""  # of a key
DOT = r"[ \t]*+\.[ \t]*+"

_BLANK = re.compile(rf"(?:[ \t\r\n{BOM}]++|#[^\n]*+)*+")
_EACH_PART = re.compile(PART)
_KEY = re.compile(rf"{PART}(?:{DOT}{PART})*")
_STRING = re.compile(
    r"""\"{3}(?:\\.|[^\\])*?"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]*")


class Spot(NamedTuple):
    """Where a key (or a table's header) stands: its line, and the columns of the key and of its value.

    The value is `text[start:end]`. `table` is the header whose lines this one belongs to, None where it has no line of
    its own: inside of brackets.
    """

    line: int
    key_column: int
    value_column: int
    is_table: bool = False
    start: int = 0
    end: int = 0
    table: KeyPath | None = None


def scan(text: str) -> dict[KeyPath, Spot]:
    """The place of every key, by its path; what lies in a list has its number in the path, from "0" on.

    The text is one that `tomllib` takes.
    """
    return _Scan(text).spots


class _Scan:
    """One walk over a TOML text, which always goes forward."""

    def __init__(self, text: str) -> None:
        self.spots: dict[KeyPath, Spot] = {}
        self._text, self._at = text, 0
        self._line_starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
        self._counts: dict[KeyPath, int] = {}  # of the tables in each [[list]]
        table: KeyPath = ()
        while char := self._next():
            if char == "[":
                table = self._header()
            else:
                self._pair(table, table)

    def _next(self) -> str:
        """Go to the next character that means something, and tell it; "" at the end."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._text[self._at : self._at + 1]

    def _header(self) -> KeyPath:
        """Read a [table] or [[list]] and tell the path of the lines that follow."""
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        self._next()
        start, path = self._at, KeyPath()
        for part in self._key():
            if path:  # [a.b] makes a table of a
                self._note(path, start, start, implied=True)
            path = (*path, str(self._counts[path] - 1), part) if path in self._counts else (*path, part)
        if brackets == 2:
            self._note(path, start, start, implied=True)
            self._counts[path] = self._counts.get(path, 0) + 1
            path = (*path, str(self._counts[path] - 1))
        self._note(path, start, start, path, is_table=True)
        self._next()
        self._at += brackets
        return path

    def _pair(self, parent: KeyPath, table: KeyPath | None) -> None:
        """Read `key = value`; `table` is None inside of brackets."""
        start, key = self._at, self._key()
        for length in range(1, len(key)):  # a.b = 1 makes a table of a
            self._note((*parent, *key[:length]), start, start, table, implied=True)
        if self._next() == "=":
            self._at += 1
            self._value((*parent, *key), start, table)

    def _key(self) -> KeyPath:
        key = _KEY.match(self._text, self._at)
        self._at = key.end() if key else self._at + 1
        return tuple(map(_unquoted, _EACH_PART.findall(key[0]))) if key else ()

    def _value(self, path: KeyPath, key_at: int, table: KeyPath | None) -> None:
        char, start = self._next(), self._at
        if char == "{":
            self._items(path, "}")
        elif char == "[":
            self._items(path, "]")
        elif match := _STRING.match(self._text, start):
            self._at = match.end()
        elif match := _SCALAR.match(self._text, start):
            self._at = start + max(1, len(match[0].rstrip()))
        self._note(path, key_at, start, table)

    def _items(self, path: KeyPath, closing: str) -> None:
        """Read what stands in braces or brackets."""
        self._at += 1
        number = 0
        while (char := self._next()) not in (closing, ""):
            if char == ",":
                number += 1
                self._at += 1
            elif closing == "}":
                self._pair(path, None)
            else:
                self._value((*path, str(number)), self._at, None)
        self._at += 1

    def _note(
        self,
        path: KeyPath,
        key_at: int,
        start: int,
        table: KeyPath | None = None,
        is_table: bool = False,
        implied: bool = False,
    ) -> None:
        """Note a place; one that is only implied (a, by a.b) gives way to the real one."""
        if not implied or path not in self.spots:
            line = bisect_right(self._line_starts, key_at)
            before = self._line_starts[line - 1] - 1
            end = max(start, self._at)
            self.spots[path] = Spot(line, key_at - before, start - before, is_table or implied, start, end, table)


def _unquoted(part: str) -> str:
    """A part of a key as it is meant."""
    return next(iter(tomllib.loads(f"{part} = 0"))) if part[0] in "'\"" else part
