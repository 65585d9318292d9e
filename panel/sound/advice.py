"""What is said of a mistake in a patch: what to do about it, and Python's own words.

It must never hide Python's words: they are what one looks up.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from types import FrameType

from panel.music.reading import meant, nearest

NOTE = ("hz", "key", "velocity", "random", "time", "gate", "wheel", "rate")  # what a note has

_MOST = 200  # characters of Python's words
_UNITS = "Adsr|Bandpass|Highpass|Lfo|Lowpass|Noise|Oscillator|Partials|Pulse|Supersaw"
_GIVEN = {"np": ": import numpy as np", "note": ": voice is given it, as in def voice(note)"}
_ALL_VOICES = "all voices are in one array: "
_ADVICE = {  # by what Python says
    "truth value of an array": f"{_ALL_VOICES}np.where, np.maximum, np.minimum instead of if, max, min",
    "converted to Python scalars|to a scalar index": f"{_ALL_VOICES}take numpy's functions, np.sin instead of math.sin",
    "unsupported operand.*'Note'": "a note is several numbers: take note.hz, note.key or note.velocity",
    "unsupported operand.*'Memory'": "a memory is read, and written, with [:] behind its name",
    f"unsupported operand.*'({_UNITS})'": "a unit is called: wave(note.hz), loud(note)",
    "unsupported operand.*'tuple'|multiply sequence": "a pair is two sounds: left, right = ...",
    "cannot access local variable": "it is written before it is read; what is to last is a memory, with [:]",
    "read-only": "what a note or a unit gives can't be written to: make it a name of your own",
    "could not be broadcast|could not broadcast": "arrays here are (voices, 64) or (voices, 1), and voices come and go",
    "bitwise_xor": "a power is written **",
}


def told(fault: BaseException, frame: FrameType | None, words: Collection[str]) -> str:
    """One line for a fault of a patch, raised in `frame`; `words` are those that a patch may import."""
    python = f"{type(fault).__name__}: {_python(fault)}".rstrip(": ")
    if advice := next((text for pattern, text in _ADVICE.items() if re.search(pattern, python)), ""):
        return f"{advice} ({python})"
    if isinstance(fault, ImportError) and fault.name == "panel.sound.patch":
        return _no_such_word(python, words)
    if isinstance(fault, AttributeError):
        return python + _attribute(fault)
    return python + (_name(fault.name, frame, words) if isinstance(fault, NameError) and fault.name else "")


def printable(fault: object) -> str:
    """A fault's words in one line."""
    words = " ".join(str(fault).split())
    return words if len(words) <= _MOST else words[:_MOST] + "..."


def _python(fault: BaseException) -> str:
    """What Python says; a unit that is called wrongly by the word that a patch has for it."""
    called = re.match(r"(\w+)\.__call__\(\) ", words := printable(fault))
    if not called:
        return words
    unit = "a wave" if called[1] == "Oscillator" else called[1].lower()
    return f"{unit} in voice: {words[called.end() :]}"


def _no_such_word(python: str, words: Collection[str]) -> str:
    name = re.search(r"cannot import name '(\w+)'", python)
    return f"there is no '{name[1]}' in panel.sound.patch{meant(name[1], words)}" if name else python


def _attribute(fault: AttributeError) -> str:
    if type(fault.obj).__name__ == "Note":
        return meant(str(fault.name), NOTE)
    close = nearest(str(fault.name), [name for name in dir(fault.obj) if not name.startswith("_")])
    return f", did you mean '{close}'?" if close else ""


def _name(name: str, frame: FrameType | None, words: Collection[str]) -> str:
    if name in words:
        return f": from panel.sound.patch import {name}"
    if name in _GIVEN:
        return _GIVEN[name]
    close = nearest(name, [*frame.f_locals, *frame.f_globals] if frame else [])
    return f", did you mean '{close}'?" if close else ""
