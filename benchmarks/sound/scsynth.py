"""scsynth, SuperCollider's server, not in real time: a SynthDef and a score as bytes, and how long it takes for them.

It must never be charged with its start: what an empty score of the same length takes is subtracted.

The formats: SuperCollider's "Synth Definition File Format" (version 2), and "Non-Realtime Synthesis": OSC bundles
(M. Wright, The Open Sound Control 1.0 Specification), each behind its size.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.box import BenchError
from benchmarks.sound.material import (
    ATTACK_S,
    CUTOFF_HZ,
    DECAY_S,
    KEYS,
    LOWEST_KEY,
    SOUNDS,
    SUSTAIN,
    SWEEP_HZ,
    hz_of,
    sound_path,
)
from benchmarks.sound.timing import BLOCK, RATE, Cost

MISSING = "scsynth is missing: sudo apt install supercollider-server"
SCORE_S = 2.0
SCALAR, CONTROL, AUDIO = range(3)
MULTIPLY, ADD = 2, 0  # special indices of BinaryOpUGen
NO_LOOP, CURVE, FALL = -99.0, 5.0, -4.0
Word = int | float | str | bytes


class Ugen(NamedTuple):
    """A unit: its inputs are numbers, or (unit, output) where another one is heard."""

    kind: str
    rate: int
    inputs: Sequence[float | tuple[int, int]]
    outputs: int
    special: int = 0


def synthdef(name: str, controls: Sequence[tuple[str, float]], ugens: Sequence[Ugen]) -> bytes:
    """The bytes of an SCgf file with one definition; the first unit has to be its Control, if it has one."""
    constants = sorted({float(one) for unit in ugens for one in unit.inputs if not isinstance(one, tuple)})
    places = {constant: at for at, constant in enumerate(constants)}
    parts = [b"SCgf", struct.pack(">ih", 2, 1), _pascal(name)]
    parts += [_counted(constants, ">f"), _counted([value for _, value in controls], ">f")]
    parts += [struct.pack(">i", len(controls))]
    parts += [_pascal(word) + struct.pack(">i", at) for at, (word, _) in enumerate(controls)]
    parts += [struct.pack(">i", len(ugens))]
    for unit in ugens:
        wires = [one if isinstance(one, tuple) else (-1, places[float(one)]) for one in unit.inputs]
        parts += [_pascal(unit.kind), struct.pack(">biih", unit.rate, len(wires), unit.outputs, unit.special)]
        parts += [struct.pack(">ii", *wire) for wire in wires]
        parts += [struct.pack(">b", unit.rate)] * unit.outputs
    return b"".join([*parts, struct.pack(">h", 0)])


def _pascal(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _counted(numbers: Sequence[float], form: str) -> bytes:
    return struct.pack(">i", len(numbers)) + b"".join(struct.pack(form, number) for number in numbers)


def message(address: str, *words: Word) -> bytes:
    """An OSC message."""
    tags, data = ",", b""
    for word in words:
        if isinstance(word, bytes):
            tags, data = tags + "b", data + struct.pack(">i", len(word)) + word + bytes(-len(word) % 4)
        elif isinstance(word, str):
            tags, data = tags + "s", data + _text(word)
        else:
            tags, data = tags + ("i" if isinstance(word, int) else "f"), data + _number(word)
    return _text(address) + _text(tags) + data


def _text(text: str) -> bytes:
    data = text.encode() + b"\0"
    return data + bytes(-len(data) % 4)


def _number(word: float) -> bytes:
    return struct.pack(">i" if isinstance(word, int) else ">f", word)


def score(messages: Sequence[bytes], seconds: float) -> bytes:
    """Messages at 0, a bundle each, and one that does nothing at the end."""
    timed = [*((0.0, one) for one in messages), (seconds, message("/c_set", 0, 0.0))]
    bundles = [_text("#bundle") + struct.pack(">Qi", int(at * 2**32), len(one)) + one for at, one in timed]
    return b"".join(struct.pack(">i", len(bundle)) + bundle for bundle in bundles)


PLAY_UNITS = [
    Ugen("Control", CONTROL, [], 2),
    Ugen("PlayBuf", AUDIO, [(0, 0), 1.0, 1.0, 0.0, 0.0, 0.0], 2),  # at its own rate, from the start, once
    Ugen("BinaryOpUGen", AUDIO, [(1, 0), (0, 1)], 1, MULTIPLY),
    Ugen("BinaryOpUGen", AUDIO, [(1, 1), (0, 1)], 1, MULTIPLY),
    Ugen("Out", AUDIO, [0.0, (2, 0), (3, 0)], 0),
]
# gate, scale, bias, time scale, done; from 0, two stages, holding after the second; each to a level, in a time, a curve
_ADSR = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 2.0, 2.0, NO_LOOP, 1.0, ATTACK_S, 1.0, 0.0, SUSTAIN, DECAY_S, CURVE, FALL]
SWEEP_UNITS = [
    Ugen("Control", CONTROL, [], 1),
    Ugen("Saw", AUDIO, [(0, 0)], 1),
    Ugen("EnvGen", AUDIO, _ADSR, 1),
    Ugen("EnvGen", AUDIO, _ADSR, 1),
    Ugen("BinaryOpUGen", AUDIO, [(3, 0), SWEEP_HZ], 1, MULTIPLY),
    Ugen("BinaryOpUGen", AUDIO, [(4, 0), CUTOFF_HZ], 1, ADD),
    Ugen("RLPF", AUDIO, [(1, 0), (5, 0), 1.0], 1),
    Ugen("BinaryOpUGen", AUDIO, [(6, 0), (2, 0)], 1, MULTIPLY),
    Ugen("Out", AUDIO, [0.0, (7, 0), (7, 0)], 0),
]
SAW_UNITS = [
    Ugen("Control", CONTROL, [], 1),
    Ugen("Saw", AUDIO, [(0, 0)], 1),
    Ugen("Out", AUDIO, [0.0, (1, 0), (1, 0)], 0),
]
PLAY = synthdef("play", [("buffer", 0.0), ("gain", 0.5)], PLAY_UNITS)
SWEEP = synthdef("sweep", [("hz", 440.0)], SWEEP_UNITS)
SAW = synthdef("saw", [("hz", 440.0)], SAW_UNITS)


def samples(home: Path, count: int) -> Cost:
    """So many PlayBufs of two channels, times a gain; the files are in `home`."""
    before = [message("/d_recv", PLAY)]
    before += [message("/b_allocRead", at, str(sound_path(home, at))) for at in range(SOUNDS)]
    notes = [message("/s_new", "play", 1000 + at, 0, 0, "buffer", float(at % SOUNDS)) for at in range(count)]
    return _cost(count, before, notes, home)


def saws(home: Path, count: int) -> Cost:
    """So many saws, each with a low-pass filter and two envelopes."""
    pitches = [hz_of(LOWEST_KEY + at % KEYS) for at in range(count)]
    notes = [message("/s_new", "sweep", 1000 + at, 0, 0, "hz", hz) for at, hz in enumerate(pitches)]
    return _cost(count, [message("/d_recv", SWEEP)], notes, home)


def _cost(count: int, before: Sequence[bytes], notes: Sequence[bytes], home: Path) -> Cost:
    idle, busy = (render(score([*before, *some], SCORE_S), home) for some in ((), notes))
    blocks = SCORE_S * RATE / BLOCK
    cpu_us, wall_us = (1e6 * (busy[at] - idle[at]) / blocks for at in (0, 1))
    return Cost(count, cpu_us, wall_us)


def render(what: bytes, home: Path, out: str = "/dev/null") -> tuple[float, float]:
    """Render a score: seconds of CPU and of time that it took. Raises BenchError."""
    program = shutil.which("scsynth")
    if program is None:
        raise BenchError(MISSING)
    path = home / "score.osc"
    path.write_bytes(what)
    limits = ["-o", "2", "-z", str(BLOCK), "-n", "8192", "-m", "131072", "-w", "512", "-D", "0"]
    command = [program, "-N", str(path), "_", out, str(RATE), "WAV", "float", *limits]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    assert process.stdout
    said = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took_s = time.monotonic() - began
    if process.returncode or "FAILURE" in said or "ERROR" in said or "exception" in said:
        raise BenchError(f"scsynth does not render: {said.strip().splitlines()[-1:]}")
    return usage.ru_utime + usage.ru_stime, took_s
