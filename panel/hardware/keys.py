"""The bytes of a keyboard as keys, and keys as what a hand on the box would have done.

Pure: it must never wait. An escape sequence that has come in part is kept until the rest comes; the Escape
key alone, which looks like one, means nothing here.
"""

from __future__ import annotations

import re

from panel.controls import Gesture, Input, Meant, Slip, Turn

# One key each: a control sequence, a single shift (what some terminals send in its place), or one byte.
_KEY = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|[^\x1b]", re.DOTALL)
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]{0,16}[ -/]{0,4}|O)?\Z")

_NAMES = {
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1b[C": "right",
    b"\x1b[D": "left",
    b"\x1bOA": "up",
    b"\x1bOB": "down",
    b"\x1bOC": "right",
    b"\x1bOD": "left",
    b"\x1b[H": "home",
    b"\x1bOH": "home",
    b"\x1b[1~": "home",
    b"\x1b[7~": "home",
    b"\r": "enter",
    b"\n": "enter",
    b"\x7f": "backspace",
    b"\x08": "backspace",
    b"\x03": "interrupt",
    b" ": "space",
}

_GESTURES = {
    "enter": Gesture.PRESS,
    "backspace": Gesture.BACK,
    "home": Gesture.HOME,
    "h": Gesture.HOME,
    "t": Gesture.TAP,
    "space": Gesture.START,
    "1": Gesture.ONE,
    "n": Gesture.NEXT,
    "m": Gesture.MUTE,
    "f": Gesture.FILL,
    "q": Gesture.QUIT,
    "interrupt": Gesture.QUIT,
}

# On a number, up is more; on a list, down is on. Sideways is the way the knob turns.
_TURNS = {"up": +1, "down": -1, "right": +1, "left": -1}
_LIST_TURNS = {"up": -1, "down": +1, "right": +1, "left": -1}
_SLIPS = {",": -1, "<": -1, ".": +1, ">": +1}  # no Shift needed


def split(typed: bytes) -> tuple[list[str], bytes]:
    """The keys in what was typed, letters in lower case, and the bytes to put before what comes next."""
    begun = _BEGUN.search(typed)
    rest = begun.group() if begun else b""
    whole = typed[: len(typed) - len(rest)]
    return [_name(key) for key in _KEY.findall(whole)], rest


def _name(key: bytes) -> str:
    return _NAMES.get(key) or key.decode("ascii", errors="replace").lower()


def meaning(key: str, stamp_ns: int, *, on_a_list: bool = False) -> Input | None:
    """What the key stands for, if anything."""
    steps = (_LIST_TURNS if on_a_list else _TURNS).get(key)
    if steps is not None:
        return Turn(steps, stamp_ns)
    if key in _SLIPS:
        return Slip(_SLIPS[key], stamp_ns)
    gesture = _GESTURES.get(key)
    return None if gesture is None else Meant(gesture, stamp_ns)
