"""What was turned of the box's own sound, kit by kit and patch by patch, as a small readable file.

It must never lose a line that the drummer wrote, nor know whether there is such a kit or patch.
"""

from __future__ import annotations

from typing import Any

from panel.edited import Edited
from panel.sound.wire import MAX_SOUNDS
from panel.tomltext import Fault, TextError, TomlText

SOUNDS_FILE = "sounds.toml"

Number = int | float
Adjustment = int | float | str

_HEAD = """# What was turned of the box's own sound; the box edits single lines of this file.
# In ["kit NAME"] "level SOUND" is how loud a sound is in percent, and sounds of the same "choke SOUND" cut each other
# off ("": none does). In ["patch NAME"] a parameter has its value.
"""
_KIT, _PATCH, _LEVEL, _CHOKE = "kit ", "patch ", "level ", "choke "
_MOST = 1e9  # of a parameter, either way
_LONGEST = 60  # characters of a group's name


class Adjusted(Edited):
    """Levels and choke groups of kits' sounds, parameters of patches, and the text that they were read from."""

    _head = _HEAD

    def __init__(self, text: str = _HEAD, source: str = SOUNDS_FILE) -> None:
        """Read a file of adjustments. Raises TextError with every fault."""
        super().__init__(text)
        self._rows = _read(TomlText(text.encode("utf-8", "surrogatepass"), source))

    @property
    def kits(self) -> list[str]:
        """The kits of which something is turned."""
        return [name.removeprefix(_KIT) for name, rows in self._rows.items() if rows and name.startswith(_KIT)]

    def levels(self, kit: str) -> dict[str, int]:
        """How loud a kit's sounds are by their name, in percent, where that was turned."""
        return self._of(_KIT + kit, _LEVEL)

    def chokes(self, kit: str) -> dict[str, str]:
        """The choke groups of a kit's sounds by their name, "" for none, where that was turned."""
        return self._of(_KIT + kit, _CHOKE)

    def values(self, patch: str) -> dict[str, Number]:
        """The values of a patch's parameters by their name, where they were turned."""
        return self._of(_PATCH + patch, "")

    def set_level(self, kit: str, sound: str, percent: int | None) -> None:
        """How loud a sound is; None as its kit has it."""
        self._put(_KIT + kit, _LEVEL + sound, percent)

    def set_choke(self, kit: str, sound: str, group: str | None) -> None:
        """The choke group of a sound, "" for none; None as its kit has it."""
        self._put(_KIT + kit, _CHOKE + sound, group)

    def set_value(self, patch: str, name: str, value: float | None) -> None:
        """A parameter; None as the patch has it."""
        self._put(_PATCH + patch, name, value)

    def _of(self, table: str, what: str) -> dict[str, Any]:
        rows = self._rows.get(table, {})
        return {key.removeprefix(what): value for key, value in rows.items() if key.startswith(what)}


def parse_adjusted(raw: bytes, source: str) -> Adjusted:
    """The adjustments in a file's bytes. Raises TextError with every fault."""
    return Adjusted(TomlText(raw, source).text, source)


def _read(text: TomlText) -> dict[str, dict[str, Adjustment]]:
    faults: list[Fault] = []
    for table, rows in text.data.items():
        if not isinstance(rows, dict) or not table.startswith((_KIT, _PATCH)):
            faults.append(text.fault('a table is ["kit NAME"] or ["patch NAME"], on a line of its own', table))
        elif len(rows) > 2 * MAX_SOUNDS:
            faults.append(text.fault(f"a kit or patch has at most {2 * MAX_SOUNDS} rows", table))
        else:
            check = _kit_fault if table.startswith(_KIT) else _value_fault
            found = ((key, check(key, value)) for key, value in rows.items())
            faults += [text.fault(what, table, key, key=_is_of_key(what)) for key, what in found if what]
    if faults:
        raise TextError(faults)
    return {table: dict(rows) for table, rows in text.data.items()}


def _kit_fault(key: str, value: object) -> str:
    """What is wrong with a row of a kit, "" where nothing is."""
    if key.startswith(_LEVEL) and key != _LEVEL:
        return "" if type(value) is int and 0 <= value <= 100 else f"{key[:40]} is a whole number from 0 to 100"
    if key.startswith(_CHOKE) and key != _CHOKE:
        fits = isinstance(value, str) and len(value) <= _LONGEST and value.isprintable()
        return "" if fits else f"{key[:40]} is the name of a group in quotes"
    return f'there is no key \'{key[:24]}\' of a kit; there are "level SOUND" and "choke SOUND"'


def _is_of_key(what: str) -> bool:
    return what.startswith("there is no key")


def _value_fault(key: str, value: object) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _MOST
    return "" if is_number else f"{key[:40]} is a number"
