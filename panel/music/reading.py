"""The keys of a text file of music, read one by one: what each must be, and the sentence where it is not.

It must never skip what it does not know: every unknown key and every wrong value is a fault with line and column.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from panel.music.pattern import MAX_TEXT
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM
from panel.tomltext import Fault, TextError, TomlText, printable

MAX_NAME = 24
MAX_FAULTS = 50  # whoever has so many looks for another kind of mistake than the fifty-first


class Keys:
    """The keys of one table of a text, the topmost one by default; faults are gathered in `faults` by all its tables.

    Each reader gives a stand-in after a fault: nothing is built from a text with faults, `refuse_faults` sees to that.
    """

    def __init__(self, text: TomlText, path: tuple[str, ...] = (), faults: list[Fault] | None = None) -> None:
        self.text, self.path = text, path
        self.faults: list[Fault] = [] if faults is None else faults
        self.data: dict[str, Any] = text.data
        for part in path:
            self.data = self.data[part]

    def table(self, key: str, such_as: str = "") -> Keys | None:
        """The keys of a table in this one; None where there is none, or after a fault."""
        value = self.data.get(key)
        if isinstance(value, dict):
            return Keys(self.text, (*self.path, key), self.faults)
        if value is not None:
            header = ".".join((*self.path, key))
            self.fault(f"{key} is a table: write [{printable(header, 40)}] on a line of its own{such_as}", key)
        return None

    def refuse_unknown(self, keys: Collection[str], where: str = "") -> None:
        """A fault for each key that is none of these."""
        for key in self.data:
            if key not in keys:
                self.fault(f"there is no key '{printable(key, 24)}'{where}{meant(key, keys)}", key, key=True)

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number."""
        value = self.data.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and (low <= value <= high or key not in self.data):
            return value
        self.fault(f"{printable(key, 24)} is a whole number from {low} to {high}", key)
        return default

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.fault(f"{key} is true or false", key)
        return bool(value)

    def string(self, key: str, default: str | None = None, such_as: str = "") -> str | None:
        """A text; None after a fault, which a missing line is where there is no default."""
        value = self.data.get(key, default)
        if isinstance(value, str):
            return value
        if key in self.data:
            self.fault(f"{key} is text in quotes", key)
        else:
            self.fault(f"there is no line for '{key}', such as {such_as}", key, key=True)
        return None

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of these words."""
        value = self.string(key, default)
        if value is not None and value not in choices:
            self.fault(f"{key} is one of {', '.join(choices)}", key, index=0)
        return value or default

    def name(self, such_as: str = "", default: str | None = None) -> str:
        """The name: 1 to MAX_NAME printable characters."""
        name = self.string("name", default, such_as)
        if name is not None and not is_name(name):
            self.fault(f"a name has 1 to {MAX_NAME} printable characters, no space at its ends", "name", index=0)
        return name or ""

    def about(self) -> str:
        """What is said about it."""
        about = self.string("about", "") or ""
        if len(about) > MAX_TEXT:
            self.fault(f"about has at most {MAX_TEXT} characters", "about", index=0)
        return about

    def tempo(self, key: str = "tempo") -> int:
        """Micro-BPM; 0 where there is none, or after a fault."""
        if key not in self.data:
            return 0
        value = self.data[key]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and MIN_BPM <= value <= MAX_BPM:
            return round(value * MICRO)
        self.fault(f"a tempo is a number from {MIN_BPM} to {MAX_BPM}", key)
        return 0

    def format(self, newest: int) -> None:
        """A fault for what a newer box wrote."""
        if self.number("format", newest, 1, 10**6) != newest:
            self.fault(f"this box reads format {newest}: a newer box wrote this file", "format")

    def fault(self, what: str, *path: str, index: int | None = None, key: bool = False) -> None:
        """Note a fault at a value of this table, at character `index` of that text, or at the key.

        It is told at the table itself where the key is not there. Raises TextError at the last that is told.
        """
        whole = (*self.path, *path)
        if self.path and whole not in self.text.spots:
            whole, index, key = self.path, None, True
        self.faults.append(self.text.fault(what, *whole, index=index, key=key))
        if len(self.faults) == MAX_FAULTS:
            raise TextError(self.faults)

    def refuse_faults(self) -> None:
        """Raise TextError where there are any."""
        if self.faults:
            raise TextError(self.faults)


def is_name(name: str) -> bool:
    """Whether a pattern, a song, a section or a set may be called so."""
    return 0 < len(name) <= MAX_NAME and name.isprintable() and name == name.strip()


def nearest(word: str, words: Collection[str], likeness: float = 0.6) -> str:
    """The one of `words` that an unknown word looks most like, case aside; "" where none is like it."""
    from difflib import get_close_matches  # for a mistake only: no start waits for it

    lower = {known.lower(): known for known in words}
    return next((lower[close] for close in get_close_matches(word.lower(), lower, 1, likeness)), "")


def meant(word: str, words: Collection[str], command: str = "") -> str:
    """What was meant by an unknown word, as the end of a sentence; `command` lists the words where they are many."""
    if close := nearest(word[:24], words):
        return f", did you mean '{close}'?"
    if command:
        return f": `{command}` lists what there is"
    return f", there are {', '.join(words)}" if words else ""
