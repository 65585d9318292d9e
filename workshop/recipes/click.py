"""The kit of clicks: for hours in the ear, and through a band.

It must never be shrill or ring on: the energy lies about 1 to 4 kHz, where an ear is keen and a band leaves room, next
to none above 10 kHz; a stroke is there within a millisecond and 40 dB down within 30 to 120 ms. Hats and shaker lie
higher and the kick lower, the voice takes a few milliseconds more to open its mouth, and the open hat is open for
longer. `tests/test_kits.py` holds every sound to its numbers.
"""

from __future__ import annotations

from workshop.plan import Part, Plan
from workshop.recipes.voice import syllable
from workshop.tone import Mode, Sound, between, burst, later, mixed, ring, rise


def rim(force: float, turn: int = 0) -> Sound:
    """Wood on metal: two near modes of the hoop, a low knock of the shell, the tip of the stick."""
    hoop = (Mode(1710, 1.0, 62), Mode(2630, 0.5, 46), Mode(3880, 0.14, 30), Mode(480, 0.16, 70))
    tip = 0.35 * force * burst("rim", 8, 12, 2200, 6500)
    return mixed(ring(hoop, 120, between(0.55, 0.18, force)), tip)


def block(force: float, turn: int = 0) -> Sound:
    """A hollow wood block: one mode of the air in it, and the wood above."""
    wood = (Mode(1130, 1.0, 105), Mode(1935, 0.34, 70), Mode(3050, 0.16, 45))
    return mixed(ring(wood, 150, between(0.7, 0.22, force)), 0.12 * force * burst("block", 5, 8, 1500, 5000))


def clave(force: float, turn: int = 0) -> Sound:
    """Two rods: next to a pure tone. A free rod's next mode lies 2.756 times higher (Fletcher, Rossing, chapter 2)."""
    return ring((Mode(2420, 1.0, 120), Mode(6669, 0.1, 40), Mode(1245, 0.1, 60)), 160, between(0.36, 0.14, force))


def cowbell(force: float, turn: int = 0) -> Sound:
    """Two low modes nearly a fifth apart, and three above them, dry."""
    metal = (Mode(562, 0.3, 130), Mode(845, 0.6, 140), Mode(1538, 0.8, 125), Mode(2230, 0.5, 95), Mode(3340, 0.25, 65))
    return ring(metal, 180, between(0.5, 0.15, force))


def agogo(force: float, turn: int = 0) -> Sound:
    """A small bell with a clear pitch, between block and clave."""
    metal = (Mode(1318, 1.0, 160), Mode(2860, 0.5, 130), Mode(4350, 0.2, 80), Mode(5930, 0.06, 60))
    return ring(metal, 200, between(0.45, 0.15, force))


def bell(force: float, turn: int = 0) -> Sound:
    """The cup of a ride: modes that are no harmonics, each of two that beat."""
    metal = (
        Mode(1046, 0.4, 170), Mode(1058, 0.35, 160), Mode(1973, 0.8, 165), Mode(1996, 0.3, 160), Mode(3120, 0.6, 150),
        Mode(4270, 0.3, 110), Mode(5530, 0.16, 80),
    )  # fmt: skip
    return ring(metal, 200, between(0.34, 0.12, force))


def hat(force: float, turn: int = 0) -> Sound:
    """A closed hat without its glass: hiss from 3.7 kHz to 8.4."""
    return _hat(f"hat {turn}", force, 100, 75, 3700)


def openhat(force: float, turn: int = 0) -> Sound:
    """It begins lower than the closed one, so that the two differ from the first instant."""
    return _hat("openhat", force, 320, 260, 1700, 0.8)


def _hat(seed: str, force: float, length_ms: float, t60_ms: float, low_hz: float, top: float = 1.0) -> Sound:
    top_hz = top * between(5600, 8400, force)
    stick = burst(seed + " stick", 6, 7, 2500, 6000)
    return mixed(burst(seed, length_ms, t60_ms, low_hz, top_hz), 0.3 * stick)


def pedalhat(force: float, turn: int = 0) -> Sound:
    """Two cymbals that meet: darker than a stick, and a dull knock with it."""
    chick = burst("pedalhat", 110, 90, 1700, between(4300, 5600, force))
    return mixed(0.8 * chick, ring((Mode(640, 0.5, 40), Mode(1370, 0.4, 35)), 60, 0.4))


def shaker(force: float, turn: int = 0) -> Sound:
    """Seeds against a wall: a crowd of grains that thins out, and a second, softer landing."""
    top_hz = between(6800, 8400, force)
    first = burst(f"shaker {turn}", 90, 60, 5900, top_hz)
    return mixed(first, later(0.45 * burst(f"shaker back {turn}", 70, 55, 5900, top_hz), 26))


def clap(force: float, turn: int = 0) -> Sound:
    """Several hands within 22 ms, the first the loudest, so that the beat is where it begins."""
    top_hz = between(2300, 3300, force)
    hands = ((0, 1.0), (9, 0.75), (17, 0.7))
    near = [later(level * burst(f"clap {at}", 30, 16, 950, top_hz), at) for at, level in hands]
    return mixed(*near, later(0.5 * burst("clap room", 110, 100, 1050, top_hz), 22))


def kick(force: float, turn: int = 0) -> Sound:
    """A soft thump, with enough of the beater in it to be heard in an earphone."""
    skin = ring((Mode(68, 1.0, 150), Mode(124, 0.3, 90)), 170, 1.6, bend=1.1, bend_ms=14)
    beater = ring((Mode(1180, between(0.12, 0.5, force), 20), Mode(2350, between(0.03, 0.25, force), 14)), 40, 0.4)
    return mixed(skin, beater)


def snare(force: float, turn: int = 0) -> Sound:
    """A tight, small drum: two modes of the skin, and wires from 1 to 4.6 kHz."""
    skin = ring((Mode(238, 0.3, 75), Mode(416, 0.3, 60)), 120, between(0.8, 0.3, force))
    wires = burst("snare", 130, 110, 1050, between(3000, 4600, force))
    return mixed(skin, wires)


def _beep(hz: float, force: float) -> Sound:
    """A plain tone, faded in so quickly that it has an onset and so slowly that it doesn't click."""
    overtones = (Mode(2 * hz, 0.04 + 0.2 * force, 90), Mode(3 * hz, 0.2 * force, 60))
    return rise(ring((Mode(hz, 1.0, 120), *overtones), 150), 0.6)


def count(force: float, turn: int = 0) -> Sound:
    return syllable(force)


HATS = "hats"
PARTS = (
    Part("rim", rim), Part("block", block), Part("clave", clave), Part("cowbell", cowbell), Part("agogo", agogo),
    Part("bell", bell), Part("hat", hat, choke=HATS, turns=2), Part("openhat", openhat, choke=HATS),
    Part("pedalhat", pedalhat, choke=HATS), Part("shaker", shaker, turns=2), Part("clap", clap), Part("kick", kick),
    Part("snare", snare), Part("count", count),
    Part("beep", lambda force, _: _beep(1000, force), note=33),
    Part("beep high", lambda force, _: _beep(1500, force), note=34),
)  # fmt: skip

KIT = Plan("click", "Click", "Short, clear and kind to the ear, for hours", PARTS)
