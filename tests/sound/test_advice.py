"""What is said of a mistake tells what to do, and what Python says."""

from __future__ import annotations

import numpy as np
import pytest

from panel.sound import advice, filters, oscillators, stacks
from panel.sound.envelopes import Adsr, Lfo
from panel.sound.note import Note
from panel.sound.patch import PatchError, load_patch
from panel.sound.rows import Unit
from panel.sound.synth import Synth

HEAD = """import math
import numpy as np
from panel.sound.patch import adsr, lowpass, memory, saw, supersaw
wave, dark, loud, wide, last = saw(), lowpass(), adsr(0.01, 0.1, 0.5, 0.2), supersaw(7, 20, wide=True), memory()
level = 1
"""
IN_VOICE = {
    "wave(nte.hz)": "NameError: name 'nte' is not defined, did you mean 'note'?",
    "wave(note.hz) * levle": "NameError: name 'levle' is not defined, did you mean 'level'?",
    "square()": "NameError: name 'square' is not defined: from panel.sound.patch import square",
    "wave(note.hz) * nothing_like_that": "NameError: name 'nothing_like_that' is not defined",
    "np.sinn(note.time)": "AttributeError: module 'numpy' has no attribute 'sinn', did you mean 'sin'?",
    "wave(note.pitch)": "AttributeError: 'Note' object has no attribute 'pitch', there are hz, key, velocity, random,",
    "wave(note.velocty)": "AttributeError: 'Note' object has no attribute 'velocty', did you mean 'velocity'?",
    "1 if note.key > 60 else 2": "all voices are in one array: np.where, np.maximum, np.minimum instead of if, max, "
    "min (ValueError: The truth value",
    "max(wave(note.hz), 0)": "all voices are in one array: np.where",
    "math.sin(note.time)": "all voices are in one array: take numpy's functions, np.sin instead of math.sin (",
    "range(note.key)": "all voices are in one array: take numpy's functions",
    "wave(note + 12)": "a note is several numbers: take note.hz, note.key or note.velocity (TypeError: unsupported",
    "2 * note": "a note is several numbers",
    "wave(note.hz) * loud": "a unit is called: wave(note.hz), loud(note) (TypeError: unsupported",
    "wave(note.hz) * last": "a memory is read, and written, with [:] behind its name",
    "wide(note.hz) * 0.5": "a pair is two sounds: left, right = ... (TypeError: can't multiply sequence",
    "wave()": "TypeError: a wave in voice: missing 1 required positional argument: 'hz'",
    "dark(wave(note.hz))": "TypeError: lowpass in voice: missing 1 required positional argument: 'cutoff'",
    "note.time * np.ones(63)": "arrays here are (voices, 64) or (voices, 1), and voices come and go (Value",
    "wave(note.hz * 2 ^ 1)": "a power is written ** (TypeError: ufunc 'bitwise_xor'",
    "[][3]": "IndexError: list index out of range",
    "iter(()).__next__()": "StopIteration",
}
AT_ONCE = {
    "last = last + 1": "it is written before it is read; what is to last is a memory, with [:] (UnboundLocalError: ",
    "note.hz[:] = 440": "what a note or a unit gives can't be written to: make it a name of your own (ValueError: ",
    "last[:] = wave(note.hz)": "arrays here are (voices, 64) or (voices, 1)",
}


def told(line: str) -> str:
    """What is said of a line of voice; its number is right."""
    player = Synth(load_patch(f"{HEAD}def voice(note):\n    {line}\n", "mine.py"), 48_000)
    player.note_on(7, 0, 60, 100)
    player.note_on(7, 0, 64, 100)
    with pytest.raises(PatchError) as fault:
        player.render(0, np.zeros((64, 2), np.float32))
    assert fault.value.line == 7
    return fault.value.what


@pytest.mark.parametrize("sound", IN_VOICE)
def test_a_fault_in_voice_says_what_to_do(sound: str) -> None:
    assert told(f"return {sound}").startswith(IN_VOICE[sound])


@pytest.mark.parametrize("line", AT_ONCE)
def test_a_fault_in_what_is_kept_says_what_to_do(line: str) -> None:
    assert told(line).startswith(AT_ONCE[line])


TOP = {
    "from panel.sound.patch import lopass": "there is no 'lopass' in panel.sound.patch, did you mean 'lowpass'?",
    "x = note.hz": "NameError: name 'note' is not defined: voice is given it, as in def voice(note)",
    "x = np.pi": "NameError: name 'np' is not defined: import numpy as np",
    "import fuzzbox": "ModuleNotFoundError: No module named 'fuzzbox'",
    "from math import sine": "ImportError: cannot import name 'sine' from 'math'",
    "raise ValueError": "ValueError",
}


@pytest.mark.parametrize("line", TOP)
def test_a_fault_at_the_top_says_what_to_do(line: str) -> None:
    with pytest.raises(PatchError) as fault:
        load_patch(f"{line}\n", "mine.py")
    assert fault.value.what.startswith(TOP[line])
    assert fault.value.what[-1] not in ": "


def test_no_unit_is_forgotten() -> None:
    modules = (oscillators, stacks, filters)
    units = {thing for module in modules for thing in vars(module).values() if isinstance(thing, type)} | {Adsr, Lfo}
    names = {unit.__name__ for unit in units if issubclass(unit, Unit)} - {"Unit", "Stack"}
    assert names == set(advice._UNITS.split("|"))


def test_all_that_a_note_has_is_told() -> None:
    has = {name for name in dir(Note) if not name.startswith("_")} | set(Note.__annotations__) | {"rate"}
    assert set(advice.NOTE) == has - {"begin"}
