"""A patch: a Python file that declares what makes the sound, and a function `voice` that makes it; and all it may use.

It must never be run where the click is made: a file of the user's may do anything. What is wrong in it has its line.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from pathlib import PurePath
from types import CodeType
from typing import Any, NamedTuple

from panel.sound.advice import printable as printable
from panel.sound.advice import told
from panel.sound.envelopes import adsr, lfo
from panel.sound.filters import bandpass, highpass, lowpass
from panel.sound.knob import Knob, Param
from panel.sound.oscillators import harmonics, noise, pulse, saw, sine, square, table, triangle
from panel.sound.prints import patch_print
from panel.sound.rows import Memory, PatchFault, Rows, Unit, bench, declared
from panel.sound.stacks import partials, supersaw

__all__ = [
    "Knob",
    "Patch",
    "PatchError",
    "adsr",
    "bandpass",
    "harmonics",
    "highpass",
    "lfo",
    "load_patch",
    "lowpass",
    "memory",
    "noise",
    "param",
    "partials",
    "pulse",
    "saw",
    "sine",
    "square",
    "supersaw",
    "table",
    "triangle",
]

WORDS = set(__all__) - {"Knob", "Patch", "PatchError", "load_patch"}  # what a patch may use
MOST_VOICES = 32
_MOST_NAME, _MOST_UNIT = 12, 4


class PatchError(ValueError):
    """What is wrong in a patch, and in which line of its file. Prints as `path:line: what`."""

    def __init__(self, path: str, line: int, what: str) -> None:
        super().__init__(path, line, what)
        self.path, self.line, self.what = path, line, what

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


class NotANumber(PatchError):  # noqa: N818 - it is what is heard
    """What a patch gives in a quantum is no number, or endless: no one sound can be made of it."""


class Instance(NamedTuple):
    """A patch made ready for one synth: its own units, params and `voice`."""

    voice: Callable[[Any], Any]
    params: dict[str, Param]
    units: tuple[Unit, ...]


class Patch(NamedTuple):
    """A patch that can be played. `polyphony` None: as many voices as there are; `voice_line`: where `voice` begins."""

    name: str
    about: str
    knobs: tuple[Knob, ...]
    polyphony: int | None
    glide_s: float
    path: str
    voice_line: int
    code: CodeType

    def instance(self, rows: Rows) -> Instance:
        """Units and params of its own for these rows. Raises PatchError; milliseconds, so not in the audio thread."""
        with fault_in(self.path, 1):
            names, units, params = _run(self.code)
            for unit in units:
                unit.prepare(rows)
        for one in params:
            one.prepare(rows.rate)
        return Instance(names["voice"], {one.knob.name: one for one in params}, tuple(units))


def param(name: str, default: float, low: float, high: float, unit: str = "") -> Param:
    """Something for the encoder to turn: its word for the screen, its value at first, its range and its unit."""
    if not (isinstance(name, str) and name.isprintable() and 1 <= len(name) <= _MOST_NAME):
        raise PatchFault(f"a param's name is 1 to {_MOST_NAME} characters, not {name!r}")
    if not (isinstance(unit, str) and unit.isprintable() and len(unit) <= _MOST_UNIT):
        raise PatchFault(f"the unit of {name} is at most {_MOST_UNIT} characters, not {unit!r}")
    for number in (default, low, high):
        if not isinstance(number, (int, float)) or not math.isfinite(number):
            raise PatchFault(f"{name}: default, low and high are numbers, not {number!r}")
    if not low < high:
        raise PatchFault(f"{name}: the low end {low} is not below the high end {high}")
    if not low <= default <= high:
        raise PatchFault(f"{name}: the default {default} is outside {low} to {high}")
    return declared(Param(Knob(name, float(default), float(low), float(high), unit)))


def memory(initial: float = 0.0) -> Memory:
    """A number of your own for each voice, kept from quantum to quantum: read and write `name[:]`."""
    return Memory(initial)


def load_patch(text: str, path: str) -> Patch:
    """The patch in a file's text. Raises PatchError with the line. The file is run: its own process is the place."""
    try:
        tree = ast.parse(text, path)
        code = compile(tree, path, "exec")
    except SyntaxError as fault:
        raise PatchError(path, fault.lineno or 1, f"not Python: {fault.msg}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as fault:
        raise PatchError(path, 1, f"not Python: {printable(fault)}") from None
    line = _line_of(tree, "voice")
    with fault_in(path, 1):
        names, _, params = _run(code)
    knobs = tuple(one.knob for one in params)
    _check_voice(names.get("voice"), path, line)
    name, about = _title(ast.get_docstring(tree) or "", path)
    polyphony, glide_s = _polyphony(names, path, tree), _glide(names, path, tree)
    return Patch(name, about, knobs, polyphony, glide_s, path, line, code)


class fault_in:  # noqa: N801 - reads as a sentence: with fault_in(path, 1)
    """Turns whatever is raised inside into a PatchError with the innermost line of that file, else `line`."""

    def __init__(self, path: str, line: int) -> None:
        self.path, self.line = path, line

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, fault: BaseException | None, trace: Any) -> None:
        if fault is None or isinstance(fault, (PatchError, KeyboardInterrupt)):
            return
        line, frame = self.line, None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.path:
                line, frame = trace.tb_lineno, trace.tb_frame
            trace = trace.tb_next
        own = isinstance(fault, PatchFault)
        what = printable(fault) if own else told(fault, frame, WORDS)
        raise PatchError(self.path, line, what) from (None if own else fault)


def _check_voice(voice: Any, path: str, line: int) -> None:
    if not callable(voice):
        raise PatchError(path, line, "there is no function voice(note)")
    try:
        inspect.signature(voice).bind(None)
    except (TypeError, ValueError):
        raise PatchError(path, line, "voice takes the note, and nothing else: def voice(note):") from None


def _run(code: CodeType) -> tuple[dict[str, Any], list[Unit], list[Param]]:
    names: dict[str, Any] = {"__name__": "patch", "__file__": code.co_filename, "print": patch_print}
    with bench() as gathered:
        exec(code, names)
    return names, gathered.units, gathered.params


def _title(docstring: str, path: str) -> tuple[str, str]:
    """The name and what it is: `\"\"\"Bass: a saw through a filter.\"\"\"`; without a name the file's."""
    first, _, rest = docstring.partition("\n")
    name, colon, about = first.partition(":")
    if colon and 1 <= len(name.strip()) <= 24:
        return name.strip(), " ".join(f"{about} {rest}".split())
    return PurePath(path).stem.replace("-", " ").capitalize(), " ".join(docstring.split())


def _polyphony(names: dict[str, Any], path: str, tree: ast.Module) -> int | None:
    value = names.get("polyphony")
    if value is None or (type(value) is int and 1 <= value <= MOST_VOICES):
        return value
    raise PatchError(path, _line_of(tree, "polyphony"), f"polyphony is 1 to {MOST_VOICES}, not {printable(value)}")


def _glide(names: dict[str, Any], path: str, tree: ast.Module) -> float:
    value = names.get("glide", 0.0)
    if isinstance(value, (int, float)) and 0 <= value <= 10:
        return float(value)
    raise PatchError(path, _line_of(tree, "glide"), f"glide is 0 to 10 seconds, not {printable(value)}")


def _line_of(tree: ast.Module, name: str) -> int:
    """Where a name of the file's top is last defined; 1 if it isn't."""
    return max((node.lineno for node in tree.body if name in _defined(node)), default=1)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
