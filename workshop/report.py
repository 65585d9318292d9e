"""The measurements of every sound as tables, for eyes that compare (`python -m workshop --report`).

It must never judge: `tests/test_kits.py` does.
"""

from __future__ import annotations

from collections.abc import Iterable

from workshop.bench import gain_db, struck
from workshop.finish import heard
from workshop.measure import apart_db, attack_ms, centroid_hz, gone_ms, loudness_db, share, sharpness
from workshop.plan import Part, Plan
from workshop.tone import RATE, Sound

_HEAD = """\
                        attack  -40 dB  length  centre  .9-4.5k  >10k  sharp   loud   gain
                            ms      ms      ms      Hz        %     %            dB     dB"""


def report(plans: Iterable[Plan]) -> str:
    """A table a kit, and the pairs of its sounds that are nearest to each other."""
    return "\n\n".join(f"{plan.name}\n{_HEAD}\n{_rows(plan)}\nnearest: {_nearest(plan)}" for plan in plans)


def _rows(plan: Plan) -> str:
    files = [(name, sound, gain_db(part)) for part in plan.parts for name, sound in struck(part).items()]
    return "\n".join(f"{name:22}{_figures(heard(sound))}{gain:7.1f}" for name, sound, gain in files)


def _figures(sound: Sound) -> str:
    middle, top = 100 * share(sound, 900, 4500), 100 * share(sound, 10_000)
    times = f"{attack_ms(sound):8.2f}{gone_ms(sound):8.0f}{len(sound) * 1000 / RATE:8.0f}"
    return f"{times}{centroid_hz(sound):8.0f}{middle:9.0f}{top:6.1f}{sharpness(sound):7.2f}{loudness_db(sound):7.1f}"


def hit(part: Part) -> Sound:
    """The sound of a plain hit."""
    name = next(name for layer, _, name in part.files() if not layer.word)
    return heard(struck(part)[name])


def _nearest(plan: Plan) -> str:
    hits = [(part.name, hit(part)) for part in plan.parts]
    pairs = sorted((apart_db(b, d), a, c) for n, (a, b) in enumerate(hits) for c, d in hits[:n])
    return ", ".join(f"{one} and {other} {apart:.1f} dB" for apart, one, other in pairs[:4])
