"""The kit of beeps: every role another note of C major, as the plainest of metronomes has them.

It must never click: each begins and ends along a curve.
"""

from __future__ import annotations

from workshop.plan import Part, Plan, Strike
from workshop.tone import Mode, Sound, between, ring, rise

# From C4 up, by the white keys: what is low on a kit is low here, what clicks lies around the A of 880 Hz and above.
_LOW_TO_HIGH = (
    "kick", "lowtom", "tom", "conga", "hitom", "snare", "clap", "tambourine", "pedalhat", "shaker", "crash", "ride",
    "rim", "beep", "block", "count", "cowbell", "hat", "openhat", "beep high", "agogo", "clave", "bell",
)  # fmt: skip
_NOTES = {"beep": 33, "beep high": 34}
_WHITE_KEYS = (0, 2, 4, 5, 7, 9, 11)
_C4_HZ = 261.6256


def pitch_hz(step: int) -> float:
    """The white key so many steps over C4, in equal temperament."""
    octave, key = divmod(step, 7)
    return float(_C4_HZ * 2 ** (octave + _WHITE_KEYS[key] / 12))


def beep(hz: float, force: float) -> Sound:
    """A sine; the harder, the nearer to a square wave that has lost its edges."""
    edge = between(0.02, 0.5, force)
    t60_ms = 130.0  # 34 periods of the lowest: enough to have a pitch
    odd = [Mode(hz * number, edge ** ((number - 1) / 2) / number, t60_ms / number**0.5) for number in (1, 3, 5, 7)]
    return rise(ring([mode for mode in odd if mode.hz < 9000], 1.3 * t60_ms), 1.2)


def _struck(hz: float) -> Strike:
    return lambda force, _: beep(hz, force)


def _part(step: int, name: str) -> Part:
    choke = "hats" if name in ("hat", "openhat", "pedalhat") else ""
    return Part(name, _struck(pitch_hz(step)), note=_NOTES.get(name), choke=choke)


PARTS = tuple(_part(step, name) for step, name in enumerate(_LOW_TO_HIGH))

KIT = Plan("beeps", "Beeps", "A note for every sound, nothing else", PARTS)
