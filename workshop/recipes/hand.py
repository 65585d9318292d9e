"""The kit of hand percussion, struck, shaken and clapped, from models of skins, rods, bells and seeds.

It must never pass for a recording. Modes are those of N. Fletcher and T. Rossing, The Physics of Musical Instruments
(skins in chapter 18, rods in chapter 2), and T. Rossing, Science of Percussion Instruments.
"""

from __future__ import annotations

import numpy as np

from workshop.plan import TWO, Part, Plan
from workshop.tone import (
    Mode,
    Sound,
    band,
    between,
    burst,
    high_pass,
    hiss,
    instants,
    later,
    low_pass,
    mixed,
    ring,
    rise,
    through,
)

_SKIN = (1.0, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156, 3.5)  # of an ideal skin, as ratios: zeros of Bessel functions
_ROD = (1.0, 2.756, 5.404)  # of a free rod


def _skin(hz: float, t60_ms: float, bright: float, contact_ms: float, bend: float = 0.04) -> Sound:
    """A skin under a hand: `bright` is the level of each mode against the one before."""
    modes = [Mode(hz * ratio, bright**n, t60_ms / (1 + 0.55 * n)) for n, ratio in enumerate(_SKIN)]
    return ring(modes, 1.05 * t60_ms, contact_ms, bend=bend, bend_ms=25)


def _drum(hz: float, t60_ms: float, seed: str, force: float) -> Sound:
    """An open stroke; the hardest is a slap: the fingers' edge, little of the lowest mode, a crack."""
    crack = burst(seed, 30, 22, 1100, between(2600, 5200, force))
    if force > 0.9:
        edge = through(_skin(hz, 0.75 * t60_ms, 0.84, 0.35), high_pass(1.2 * hz))
        return np.tanh(1.6 * mixed(0.9 * edge, 0.7 * crack))
    return mixed(_skin(hz, t60_ms, between(0.42, 0.6, force), between(2.2, 1.0, force)), 0.14 * force * crack)


def conga(force: float, turn: int = 0) -> Sound:
    return _drum(221, 430, f"conga {turn}", force)


def conga_low(force: float, turn: int = 0) -> Sound:
    return _drum(165, 520, f"conga low {turn}", force)


def conga_mute(force: float, turn: int = 0) -> Sound:
    """A hand that stays on the skin: short, and a little higher."""
    touch = burst("conga mute", 25, 18, 500, between(1500, 3000, force))
    return mixed(_skin(248, 90, between(0.5, 0.68, force), between(1.8, 0.7, force)), 0.35 * touch)


def bongo(force: float, turn: int = 0) -> Sound:
    return _drum(415, 210, f"bongo {turn}", force)


def bongo_low(force: float, turn: int = 0) -> Sound:
    return _drum(302, 260, f"bongo low {turn}", force)


def kick(force: float, turn: int = 0) -> Sound:
    """A cajon in its middle: the air of the box and the board."""
    board = (Mode(84, 1.0, 260), Mode(163, 0.34, 170), Mode(247, 0.2, 120), Mode(418, 0.12, 70), Mode(730, 0.08, 45))
    palm = between(0.05, 0.14, force) * burst("cajon palm", 20, 16, 400, 1800)
    return mixed(ring(board, 270, between(4.0, 2.2, force), bend=0.1, bend_ms=18), palm)


def snare(force: float, turn: int = 0) -> Sound:
    """A cajon at its edge: the corner that slaps, and wires behind it."""
    corner = (Mode(208, 0.5, 110), Mode(433, 0.6, 85), Mode(721, 0.4, 65), Mode(1190, 0.3, 45), Mode(1840, 0.2, 35))
    wires = burst(f"cajon {turn}", 170, 140, 1500, between(4800, 8200, force))
    return mixed(0.6 * ring(corner, 150, between(1.0, 0.35, force)), wires)


def rim(force: float, turn: int = 0) -> Sound:
    """A knuckle on the shell."""
    shell = (Mode(610, 0.6, 60), Mode(1320, 1.0, 55), Mode(2140, 0.5, 40), Mode(3070, 0.25, 28))
    return mixed(ring(shell, 110, between(0.6, 0.2, force)), 0.2 * force * burst("shell", 6, 8, 2000, 5500))


def clave(force: float, turn: int = 0) -> Sound:
    levels, t60s_ms = (1, 0.2, 0.06), (190, 70, 30)
    rod = [Mode(2215 * ratio, level, t60) for ratio, level, t60 in zip(_ROD, levels, t60s_ms, strict=True)]
    return ring([*rod, Mode(1090, 0.12, 90)], 220, between(0.34, 0.13, force))


def block(force: float, turn: int = 0) -> Sound:
    wood = (Mode(846, 1.0, 120), Mode(1391, 0.4, 90), Mode(2275, 0.3, 60), Mode(3420, 0.16, 40))
    return mixed(ring(wood, 170, between(0.7, 0.2, force)), 0.1 * force * burst("log", 5, 8, 1500, 5000))


def cowbell(force: float, turn: int = 0) -> Sound:
    """A bell with its mouth open on a hand: the modes of a box of sheet metal."""
    metal = (
        Mode(587, 0.8, 330), Mode(879, 1.0, 300), Mode(1492, 0.45, 230), Mode(2010, 0.4, 200), Mode(2787, 0.35, 160),
        Mode(3980, 0.25, 110), Mode(5330, 0.16, 80),
    )  # fmt: skip
    return ring(metal, 360, between(0.5, 0.12, force))


def _cone(hz: float, force: float) -> Sound:
    modes = ((1.0, 1.0, 520), (2.01, 0.42, 360), (2.98, 0.3, 260), (4.63, 0.16, 170), (6.2, 0.08, 110))
    return ring([Mode(hz * ratio, level, t60) for ratio, level, t60 in modes], 520, between(0.45, 0.12, force))


def agogo(force: float, turn: int = 0) -> Sound:
    return _cone(1108, force)


def agogo_low(force: float, turn: int = 0) -> Sound:
    return _cone(831, force)


def shaker(force: float, turn: int = 0) -> Sound:
    """Seeds that meet a wall: many small knocks, thinning out, that excite the wall's own resonance.

    After P. Cook, Physically informed sonic modeling (PhISM), Computer Music Journal 21:3, 1997.
    """
    return _seeds(f"shaker {turn}", 110, between(5200, 7000, force), between(0.5, 1.0, force))


def _seeds(seed: str, length_ms: float, wall_hz: float, bright: float) -> Sound:
    time_ms = instants(length_ms) * 1000
    meets = hiss(seed + " meets", length_ms) > 1 - 0.5 * np.exp(-time_ms / 28)
    knocks = meets * hiss(seed, length_ms) * (np.exp(-time_ms / 13) + 0.3 * np.exp(-(((time_ms - 48) / 14) ** 2)))
    return rise(band(knocks, 0.55 * wall_hz, wall_hz * (1 + 0.5 * bright)), 1.5)


def tambourine(force: float, turn: int = 0) -> Sound:
    """Five pairs of jingles, each with modes of its own, that go on dancing; a frame in a hand."""
    places = hiss(f"jingles {turn}", 1)[:20]
    jingles = [Mode(5600 + 3600 * place, 0.4, 190 + 60 * place) for place in places]
    dance = later(0.3 * ring(jingles[10:], 220), 23)
    frame = ring((Mode(340, 0.35, 60), Mode(790, 0.2, 45)), 80, 0.8)
    sheen = burst(f"tambourine {turn}", 200, 150, 4200, between(7500, 11_000, force))
    whole = mixed(0.5 * ring(jingles[:10], 260), dance, frame, 1.2 * sheen)
    return through(rise(whole, 0.2), low_pass(between(8000, 12_500, force)))


def clap(force: float, turn: int = 0) -> Sound:
    """Two people, four hands: hollows of about 1.2 kHz (B. Repp, The sound of two hands clapping, 1987)."""
    top_hz = between(2400, 4200, force)
    hands = [(0.0, 1.0, 900), (6.5, 0.7, 1150), (13.0 + 2 * turn, 0.8, 780)]
    struck = [later(level * burst(f"hand {at}", 45, 32, low, top_hz), at) for at, level, low in hands]
    return mixed(*struck, later(0.25 * burst("hands", 150, 150, 700, 2600), 14))


PARTS = (
    Part("kick", kick), Part("snare", snare, turns=2), Part("rim", rim), Part("clap", clap, turns=2),
    Part("conga", conga), Part("conga low", conga_low, note=64), Part("conga mute", conga_mute, note=62),
    Part("bongo", bongo, note=60), Part("bongo low", bongo_low, note=61),
    Part("clave", clave), Part("block", block), Part("cowbell", cowbell, layers=TWO),
    Part("hitom", bongo, stem="bongo"), Part("tom", conga, stem="conga"), Part("lowtom", conga_low, stem="conga low"),
    Part("agogo", agogo, layers=TWO), Part("agogo low", agogo_low, note=68, layers=TWO),
    Part("shaker", shaker, turns=3), Part("tambourine", tambourine, turns=2, layers=TWO),
)  # fmt: skip

KIT = Plan("hand", "Hand percussion", "Congas, bongos, cajon, bells and shakers", PARTS)
