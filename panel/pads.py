"""Which pad or pedal of a module has a function of the box, as a small readable file.

It must never lose a line that the drummer wrote, nor know what a function does.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from panel.edited import Edited, Tables
from panel.tomltext import Fault, TextError, TomlText

PADS_FILE = "pads.toml"
FUNCTIONS = ("next", "mute", "fill", "tap", "start")  # what a button, a footswitch, a pad or a pedal can be

_HEAD = (
    """# Pads and pedals that have a function, by module; the box edits single lines of this file.
# "note 42" is a pad, "control 4" a pedal; each is """
    + ", ".join(f'"{name}"' for name in FUNCTIONS)
    + ".\n"
)
_KEY = re.compile(r"(note|control) (0|[1-9][0-9]{0,2})")


class Pad(NamedTuple):
    """A pad by its note, or a pedal by its controller, on whatever channel; 0 to 127."""

    number: int
    control: bool = False

    @property
    def key(self) -> str:
        """Its name in the file."""
        return f"{'control' if self.control else 'note'} {self.number}"


class Pads(Edited):
    """The functions of pads, and the text that they were read from."""

    _head = _HEAD

    def __init__(self, text: str = _HEAD, source: str = PADS_FILE) -> None:
        """Read a file of pads. Raises TextError with every fault."""
        super().__init__(text)
        self._functions = _read(TomlText(text.encode("utf-8", "surrogatepass"), source))

    def function_of(self, module: str, pad: Pad) -> str:
        """What a pad of a module does, "" for one that only makes music."""
        return self._functions.get(module, {}).get(pad, "")

    def of_function(self, module: str, function: str) -> list[Pad]:
        """The pads of a module that do that."""
        return [pad for pad, does in self._functions.get(module, {}).items() if does == function]

    def any_of(self, module: str) -> bool:
        """Whether a pad of that module does anything."""
        return bool(self._functions.get(module))

    def assign(self, module: str, function: str, pad: Pad | None) -> None:
        """Give a function to that pad and to no other; None takes it from every pad."""
        for other in self.of_function(module, function):
            if other != pad:
                self._set(module, other, None)
        if pad is not None:
            self._set(module, pad, function)

    def _set(self, module: str, pad: Pad, function: str | None) -> None:
        pads = self._functions.setdefault(module, {})
        if function:
            pads[pad] = function
        else:
            del pads[pad]
        self._enter(module, pad.key, function)

    def _tables(self) -> Tables:
        functions = self._functions.items()
        return {module: {pad.key: function for pad, function in pads.items()} for module, pads in functions}


def parse_pads(raw: bytes, source: str) -> Pads:
    """The pads in a file's bytes. Raises TextError with every fault."""
    return Pads(TomlText(raw, source).text, source)


def _read(text: TomlText) -> dict[str, dict[Pad, str]]:
    faults: list[Fault] = []
    found = {module: _read_module(text, module, rows, faults) for module, rows in text.data.items()}
    if faults:
        raise TextError(faults)
    return found


def _read_module(text: TomlText, module: str, rows: Any, faults: list[Fault]) -> dict[Pad, str]:
    pads: dict[Pad, str] = {}
    if not isinstance(rows, dict):
        faults.append(text.fault(f'a module is a table: write ["{module[:24]}"] on a line of its own', module))
        return pads
    for key, function in rows.items():
        named = _KEY.fullmatch(key)
        if named is None or int(named[2]) > 127:
            what = f'there is no pad \'{key[:24]}\'; a pad is "note 42", a pedal "control 4", from 0 to 127'
            faults.append(text.fault(what, module, key, key=True))
        elif function not in FUNCTIONS:
            faults.append(text.fault(f"{key} is one of {', '.join(FUNCTIONS)}", module, key))
        else:
            pads[Pad(int(named[2]), named[1] == "control")] = function
    return pads
