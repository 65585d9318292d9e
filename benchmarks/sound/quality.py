"""How exact the sound is: onsets, the saw's aliasing, pitch, chokes and steals, and whether the block size is heard.

It must never be measured on anything but what plays: samplers, synth, desk and output as they are, with no device.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import soundfile

from benchmarks import budgets
from benchmarks.box import BenchError, folder
from benchmarks.budgets import Verdict
from benchmarks.report import progress, table
from benchmarks.sound import device, scsynth
from benchmarks.sound.load import desk_of
from benchmarks.sound.material import KEYS, LOWEST_KEY, SOUNDS, SWEEP, hz_of, kit, patch
from benchmarks.sound.spectra import cents, inharmonic_db, pitch, step
from benchmarks.sound.timing import RATE
from panel.engine.player import CONTROL_CHANGE, NOTE_OFF, NOTE_ON
from panel.sound.desk import Desk
from panel.sound.kit import Kit, load_kit
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.sampler import Sampler
from panel.sound.synth import Synth
from panel.sound.wire import KIT, SYNTH

BLOCKS = (32, 64, 100, 128, 441, 1024)
ONSETS, APART = 200, RATE // 8
ALIAS_KEYS = {440: 69, 1046: 84, 3520: 105}
PIANO = range(21, 109)
TONE_HZ, TONE_KEY, CUTS = 220.0, 57, 60
TICK, TONE, HUSH = 60, 61, 62  # notes of the kit

_HEAD = '"""Bench."""\nfrom panel.sound.patch import saw, sine, square\n'
SQUARE = _HEAD + "wave = square()\ndef voice(note):\n    return wave(note.hz) * note.gate\n"
SAW = _HEAD + "wave = saw()\ndef voice(note):\n    return wave(note.hz)\n"
SINE = _HEAD + "wave = sine()\ndef voice(note):\n    return wave(note.hz) * note.velocity\n"


class Result(NamedTuple):
    """Frames, dB by Hz and by whose saw, cents, steps as multiples of the sound's own, fractions of full scale."""

    onset_frames: dict[str, int]
    alias_db: dict[str, dict[int, float]]
    pitch_cents: float
    steps: dict[str, float]
    differences: dict[int, float]


def measure() -> Result:
    """All of it; no clock is looked at."""
    progress("sound: onsets, aliasing, pitch")
    alias = {"ours": {hz: inharmonic_db(_saw(key), RATE, hz_of(key)) for hz, key in ALIAS_KEYS.items()}}
    alias["a naive saw"] = {hz: inharmonic_db(_naive(hz_of(key)), RATE, hz_of(key)) for hz, key in ALIAS_KEYS.items()}
    try:
        alias["scsynth's Saw"] = {
            hz: inharmonic_db(_theirs(hz_of(key)), RATE, hz_of(key)) for hz, key in ALIAS_KEYS.items()
        }
    except BenchError as error:
        progress(str(error))
    onsets = {"sampler": onset_error(KIT), "synth": onset_error(SYNTH)}
    off = max(abs(cents(pitch(_saw(key, RATE), RATE, hz_of(key)), hz_of(key))) for key in PIANO)
    progress("sound: steps, block sizes")
    return Result(onsets, alias, off, steps(), block_differences())


@lru_cache
def _kit() -> Kit:
    """A tick that begins at full height, a tone, and what chokes it without being heard: struck at velocity 1."""
    with folder() as where:
        times = np.arange(RATE) / RATE
        soundfile.write(where / "tick.wav", np.cos(np.arange(480)), RATE, subtype="FLOAT")
        for name in ("tone", "hush"):
            soundfile.write(where / f"{name}.wav", 0.5 * np.cos(2 * np.pi * TONE_HZ * times), RATE, subtype="FLOAT")
        sheet = f'format = 1\n[tick]\nnote = {TICK}\n1 = ["tick.wav"]\n'
        sheet += f'[tone]\nnote = {TONE}\nchoke = "one"\n1 = ["tone.wav"]\n'
        sheet += f'[hush]\nnote = {HUSH}\nchoke = "one"\n1 = ["hush.wav"]\n'
        (where / "kit.toml").write_text(sheet)
        return load_kit(where, RATE)


def _desk(kit_: Kit, text: str) -> Desk:
    sampler = Sampler(RATE)
    sampler.use(kit_)
    return desk_of(sampler, Synth(patch(text), RATE))


def onset_error(bus: str) -> int:
    """How many frames a note sounds too early or late at most, at random frames, in blocks of 441."""
    random = np.random.default_rng(2)
    desk = _desk(_kit(), SQUARE)
    wanted = [APART * (1 + at) + int(random.integers(APART // 2)) for at in range(ONSETS)]
    for frame in wanted:
        desk.schedule(frame, bus, ((NOTE_ON, TICK, 100),))
        desk.schedule(frame + 480, bus, ((NOTE_OFF, TICK, 0),))
    sound = device.played(desk.render, APART * (ONSETS + 2), 441)
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 1e-6) - desk.latency_frames
    heard = loud[np.concatenate([[True], np.diff(loud) > APART // 4])]
    if len(heard) != len(wanted):
        raise BenchError(f"{len(wanted)} notes, {len(heard)} heard")
    return int(np.abs(heard - wanted).max())


def _saw(key: int, frames: int = 2 * RATE) -> Frames:
    return _synth_sound(Synth(patch(SAW), RATE), [(0, key, 127)], frames + RATE // 8)[RATE // 8 :]


def _naive(hz: float) -> Frames:
    return np.asarray(2 * (hz / RATE * np.arange(2 * RATE) % 1) - 1, np.float32)


def _theirs(hz: float) -> Frames:
    with folder() as home:
        path = home / "saw.wav"
        messages = [scsynth.message("/d_recv", scsynth.SAW), scsynth.message("/s_new", "saw", 1000, 0, 0, "hz", hz)]
        scsynth.render(scsynth.score(messages, 2.5), home, str(path))
        sound, _ = soundfile.read(path, dtype="float32")
        return np.asarray(sound[RATE // 4 : RATE // 4 + 2 * RATE, 0])


def _synth_sound(synth: Synth, notes: list[tuple[int, int, int]], frames: int) -> Frames:
    """One channel of what it plays: notes are (frame, key, velocity)."""
    for frame, key, velocity in notes:
        synth.note_on(frame, 0, key, velocity)
    return _rendered(synth, frames)


def _rendered(source: Sampler | Synth, frames: int) -> Frames:
    out = np.zeros((-(-frames // QUANTUM) * QUANTUM, 2), np.float32)
    for at in range(0, len(out), QUANTUM):
        source.render(at, out[at : at + QUANTUM])
    return out[:frames, 0]


def steps() -> dict[str, float]:
    """The largest step where a tone is choked or stolen, as a multiple of its own; and where it is simply cut off."""
    random = np.random.default_rng(3)
    at = [RATE // 8 + int(frame) for frame in random.integers(RATE // 4, size=CUTS)]
    whole = _struck(64, [])[RATE // 16 :]
    held = _synth_sound(Synth(patch(SINE), RATE, 1), [(0, TONE_KEY, 127)], RATE // 2)[RATE // 16 :]
    return {
        "choke": max(step(_struck(64, [(frame, HUSH)])[RATE // 16 :]) for frame in at) / step(whole),
        "steal": max(step(_struck(1, [(frame, TICK)])[RATE // 16 :]) for frame in at) / step(whole),
        "synth, steal": max(step(_stolen(frame)[RATE // 16 :]) for frame in at) / step(held),
        "cut off": max(abs(float(whole[frame - RATE // 16])) for frame in at) / step(whole),
    }


def _struck(voices: int, quiet: list[tuple[int, int]]) -> Frames:
    """A tone, and notes at velocity 1."""
    sampler = Sampler(RATE, voices)
    sampler.use(_kit())
    out = np.zeros((RATE // 2 // QUANTUM * QUANTUM, 2), np.float32)
    sampler.play(0, TONE, 127)
    for frame in range(0, len(out), QUANTUM):
        for at, note in quiet:
            if frame <= at < frame + QUANTUM:
                sampler.play(at, note, 1)
        sampler.render(frame, out[frame : frame + QUANTUM])
    return out[:, 0]


def _stolen(frame: int) -> Frames:
    return _synth_sound(Synth(patch(SINE), RATE, 1), [(0, TONE_KEY, 127), (frame, TONE_KEY + 3, 1)], RATE // 2)


def block_differences() -> dict[int, float]:
    """By how much the same piece differs at most in blocks of each size from that in blocks of a quantum."""
    pieces = {block: device.played(piece().render, 2 * RATE, block) for block in BLOCKS}
    return {block: float(np.abs(piece - pieces[QUANTUM]).max()) for block, piece in pieces.items()}


def piece() -> Desk:
    """Two seconds in which more is struck than there are voices, all over the quantum; and the wheel is turned."""
    random = np.random.default_rng(4)
    desk = _desk(kit(), SWEEP)
    for frame in sorted(int(frame) for frame in random.integers(2 * RATE, size=300)):
        note, key = LOWEST_KEY + int(random.integers(SOUNDS)), LOWEST_KEY + int(random.integers(KEYS))
        desk.schedule(frame, KIT, ((NOTE_ON, note, 30 + frame % 90),))
        desk.schedule(frame, SYNTH, ((NOTE_ON, key, 30 + frame % 90), (CONTROL_CHANGE, 7, 60 + frame % 60)))
        desk.schedule(frame + RATE // 4, SYNTH, ((NOTE_OFF, key, 0),))
    return desk


def show(result: Result) -> str:
    """The tables."""
    alias = [
        (f"saw, inharmonic against harmonics, dB: {who}", *by_hz.values()) for who, by_hz in result.alias_db.items()
    ]
    rest = [(f"onset of the {who}, frames off at most", frames) for who, frames in result.onset_frames.items()]
    lines = [("pitch, cents off at most", f"{result.pitch_cents:.5f}")]
    lines += [(f"largest step at a {what}, of the tone's own", f"{size:.2f}") for what, size in result.steps.items()]
    lines += [("blocks of " + ", ".join(map(str, result.differences)), f"{max(result.differences.values()):.1e}")]
    return table(("Aliasing", *map(str, ALIAS_KEYS)), alias) + "\n\n" + table(("Exactness", ""), [*rest, *lines])


def verdicts(result: Result) -> list[Verdict]:
    """All but what the others do."""
    found = [
        Verdict(f"onset of the {who}", frames, budgets.ONSET_FRAMES, " frames off")
        for who, frames in result.onset_frames.items()
    ]
    found += [
        Verdict(f"saw at {hz} Hz, inharmonic against harmonics", size, budgets.ALIAS_DB, " dB")
        for hz, size in result.alias_db["ours"].items()
    ]
    found.append(Verdict("pitch over the keyboard", result.pitch_cents, budgets.PITCH_CENTS, " cents off"))
    found += [
        Verdict(f"largest step at a {what}, of the tone's own", result.steps[what], budgets.STEP)
        for what in ("choke", "steal", "synth, steal")
    ]
    difference = max(result.differences.values())
    return [*found, Verdict("difference between block sizes", difference, budgets.BLOCK_SIZE_DIFFERENCE)]
