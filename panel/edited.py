"""A text file that is edited key by key while a hand may edit it too: pads, adjustments, settings and dials share this.

It must never lose a line that a hand wrote, nor write a text that its own reader does not take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from panel.tomltext import with_value

Value = bool | int | float | str
Tables = Mapping[str, Mapping[str, Value]]


class Edited:
    """The text, and what was set in it; who reads it holds the meaning. All calls from one thread.

    A reader keeps what it holds in `_rows`, or says with `_tables` what it is; and it is made of a text alone, or says
    with `_check` how it is.
    """

    _head = ""  # what the file begins with where all of it has to be written anew

    def __init__(self, text: str) -> None:
        self.text = text
        self._rows: dict[str, dict[str, Any]] = {}
        self._edits: dict[tuple[str, str], Value | None] = {}

    def edits(self) -> Callable[[str], str]:
        """What makes the file's text of what it holds now, with all that was set here until this moment.

        The file may have been edited by hand meanwhile. Where it is none of its kind any more, it becomes the text that
        was read, with what was set. For any thread.
        """
        own, edits, check = self.text, dict(self._edits), self._check

        def text_over(now: str) -> str:
            text = now if now.strip() else own
            try:
                for path, value in edits.items():
                    text = with_value(text, path, value)
                check(text)
            except ValueError:  # TextError is one
                return own
            return text

        return text_over

    def _put(self, table: str, key: str, value: Value | None) -> None:
        """Set a key, or for None take it out: of what is held, and of the text."""
        rows = self._rows.setdefault(table, {})
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = value
        self._enter(table, key, value)

    def _enter(self, table: str, key: str, value: Value | None) -> None:
        """Set a key in the text, or for None take its line out; `_tables` has it so already."""
        self._edits[table, key] = value
        try:
            self.text = with_value(self.text, (table, key), value)
        except ValueError:  # a table in braces, on one line
            self.text = self._anew()

    def _anew(self) -> str:
        text = self._head
        for table, rows in self._tables().items():
            for key, value in rows.items():
                text = with_value(text, (table, key), value)
        return text

    def _tables(self) -> Tables:
        """All that the file is to say."""
        return self._rows

    def _check(self, text: str) -> None:
        """Raise ValueError, which TextError is, for a text that can't be read."""
        type(self)(text)
