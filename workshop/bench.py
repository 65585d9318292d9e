"""Where the sounds of a plan are struck, finished and brought to one loudness, and their sheet is written.

It must never touch the folder of kits: `__main__` does.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from panel.tomltext import literal
from workshop.finish import Pressed, finished, heard
from workshop.measure import loudness_db
from workshop.plan import Part, Plan
from workshop.tone import Sound

# The loudness of every sound's hit, were its peak at -1 dBFS and its velocity 127, by measure.loudness_db. No gain
# comes out above 3 dB then: the sampler, which levels all peaks to half of full scale, has 6.
TARGET_DB = -20.0
_EVEN_DB = 0.25
_MOST_DRIVE = 2.5

Files = dict[str, Pressed]  # by name, in the order of their velocities and turns


@cache
def struck(part: Part) -> Files:
    """A part's files, none quieter than the ones of its softer layers or other turns, as far as bending can do that.

    The sampler levels peaks, so that a short sharp stroke would be quieter than a long dull one.
    """
    files: Files = {}
    least_db = -200.0
    for layer in part.layers:
        raw = {name: part.strike(layer.force, turn) for of, turn, name in part.files() if of is layer}
        least_db = max(least_db, *(_loudness_db(finished(sound, part.longest_ms)) for sound in raw.values()))
        files |= {name: _bent(sound, part.longest_ms, least_db) for name, sound in raw.items()}
    return files


def _bent(sound: Sound, longest_ms: float, least_db: float) -> Pressed:
    """The sound, its peaks bent down as much as it takes to be so loud at the same height."""
    plain = finished(sound, longest_ms)
    if _loudness_db(plain) >= least_db - _EVEN_DB:
        return plain
    level = sound / np.abs(sound).max()
    low, high = 0.0, _MOST_DRIVE
    for _ in range(6):
        drive = (low + high) / 2
        done = finished(np.tanh(drive * level), longest_ms)
        low, high = (drive, high) if _loudness_db(done) < least_db - _EVEN_DB else (low, drive)
    return finished(np.tanh(high * level), longest_ms)


def _loudness_db(sound: Pressed) -> float:
    return loudness_db(heard(sound))


def gain_db(part: Part) -> float:
    """What brings the part's hit to the loudness of all others; from recordings, so they have to be there."""
    files = struck(part)
    hit = next((layer for layer in part.layers if not layer.word), part.layers[-1])
    loud = [_loudness_db(files[name]) for of, _, name in part.files() if of is hit]
    return round(TARGET_DB - float(np.mean(loud)), 1)


def sheet(plan: Plan) -> str:
    """The text of its kit.toml."""
    head = f"format = 1\nname  = {literal(plan.name)}\nabout = {literal(plan.about)}\n"
    return "\n".join([head, *map(_table, plan.parts)])


def _table(part: Part) -> str:
    name = part.name if " " not in part.name else literal(part.name)
    lines = [f"[{name}]"]
    if part.note is not None:
        lines.append(f"note  = {part.note}")
    lines.append(f"gain  = {gain_db(part)}")
    if part.choke:
        lines.append(f"choke = {literal(part.choke)}")
    for layer in part.layers:
        names = [literal(name) for of, _, name in part.files() if of is layer]
        lines.append(f"{layer.velocity:<5} = [{', '.join(names)}]")
    return "\n".join(lines) + "\n"
