"""What a terminal shows of the bytes it was sent: as much of one as the panel uses.

It must never guess: a sequence that it doesn't know fails the test.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|([^\x1b]+)|(\x1b)")


class Screen:
    """Characters in a grid, and the modes that matter."""

    def __init__(self, columns: int, lines: int) -> None:
        self.modes: set[str] = {"?25"}  # the cursor is shown
        self.faint = False
        self.resize(columns, lines)

    def resize(self, columns: int, lines: int) -> None:
        """Another size: rubbish is left where the old picture was."""
        self.columns, self.lines = columns, lines
        self.grid = [["?"] * columns for _ in range(lines)]
        self._row = self._column = 0

    def feed(self, text: str) -> None:
        """Take what was written."""
        for private, numbers, letter, plain, lost in _TOKEN.findall(text):
            assert not lost, f"an escape that is no control sequence in {text!r}"
            if plain:
                self._put(plain)
            else:
                self._obey(private, numbers, letter)

    def rows(self) -> list[str]:
        """The lines, without the blanks at their ends."""
        return ["".join(row).rstrip() for row in self.grid]

    def _put(self, plain: str) -> None:
        assert plain.isprintable(), f"a control character in {plain!r}"
        for character in plain:
            assert self._column < self.columns, f"{plain!r} runs over the edge"
            self.grid[self._row][self._column] = character
            self._column += 1

    def _obey(self, private: str, numbers: str, letter: str) -> None:
        if private:
            (self.modes.add if letter == "h" else self.modes.remove)("?" + numbers)
        elif letter == "H":
            row, column = (int(number) for number in numbers.split(";"))
            assert row <= self.lines, f"row {row} of {self.lines}"
            self._row, self._column = row - 1, column - 1
        elif letter == "J":
            self.grid = [[" "] * self.columns for _ in range(self.lines)]
        elif letter == "K":
            self.grid[self._row][self._column :] = [" "] * (self.columns - self._column)
        elif letter == "m":
            self.faint = numbers.endswith("2")
        else:
            raise AssertionError(f"unknown sequence {private}{numbers}{letter}")
