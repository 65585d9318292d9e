"""What the dials of the beats that write themselves stand at, generator by generator, as a small readable file.

It must never lose a line that the drummer wrote, nor know a generator: those that there are it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel.edited import Edited
from panel.music.generators.beat import Dial, Generator
from panel.music.reading import meant
from panel.tomltext import Fault, TextError, TomlText, printable

DIALS_FILE = "beats.toml"

Generators = Mapping[str, Generator]

_HEAD = """# What the dials of the beats that write themselves stand at, a table for each kind of beat.
# The box edits single lines of this file. A dial that each voice has for itself is there with it: "density kick" = 60.
"""


class Dialled(Edited):
    """The values of dials that were turned, and the text that they were read from."""

    _head = _HEAD

    def __init__(self, generators: Generators, text: str = _HEAD, source: str = DIALS_FILE) -> None:
        """Read a file of dials of these generators, by name. Raises TextError with every fault."""
        super().__init__(text)
        self._generators = generators
        self._rows = _read(TomlText(text.encode("utf-8", "surrogatepass"), source), generators)

    def values(self, generator: str) -> dict[str, int]:
        """What all dials of a generator stand at, by Dial.key. Raises KeyError for one that is not there."""
        return self._generators[generator].defaults | self._rows.get(generator, {})

    def set(self, generator: str, key: str, value: int | None) -> None:
        """Turn a dial; None puts it back to its default. Raises KeyError for one that is not there, ValueError for a
        value that it does not have."""
        dial = self._generators[generator].by_key[key]
        if value is not None and (fault := _value_fault(dial, key, value)):
            raise ValueError(f"{fault}, not {value!r}")
        self._put(generator, key, value)

    def _check(self, text: str) -> None:
        Dialled(self._generators, text)


def parse_dialled(raw: bytes, source: str, generators: Generators) -> Dialled:
    """The dials in a file's bytes. Raises TextError with every fault."""
    return Dialled(generators, TomlText(raw, source).text, source)


def _read(text: TomlText, generators: Generators) -> dict[str, dict[str, int]]:
    faults: list[Fault] = []
    for name, rows in text.data.items():
        if name not in generators:
            what = f"there is no generator '{printable(name, 24)}'{meant(name, generators)}"
            faults.append(text.fault(what, name, key=True))
        elif not isinstance(rows, dict):
            faults.append(text.fault(f"a generator is a table: write [{name}] on a line of its own", name))
        else:
            faults += _row_faults(text, generators[name], rows)
    if faults:
        raise TextError(faults)
    return {name: dict(rows) for name, rows in text.data.items()}


def _row_faults(text: TomlText, generator: Generator, rows: dict[str, Any]) -> list[Fault]:
    dials, faults = generator.by_key, list[Fault]()
    for key, value in rows.items():
        if key not in dials:
            what = f"{generator.name} has no dial '{printable(key, 24)}'{meant(key, dials)}"
            faults.append(text.fault(what, generator.name, key, key=True))
        elif fault := _value_fault(dials[key], key, value):
            faults.append(text.fault(fault, generator.name, key))
    return faults


def _value_fault(dial: Dial, key: str, value: object) -> str:
    """What is wrong with a value, "" where nothing is."""
    fits = type(value) is int and dial.low <= value <= dial.high
    return "" if fits else f"{key} is a whole number from {dial.low} to {dial.high}"
