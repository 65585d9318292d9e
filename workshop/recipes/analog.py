"""The kit of an analogue drum machine of 1980, from the published analyses of its circuits.

It must never be a recording of one. Sources, by what they tell:
- kick: K. Werner, J. Abel, J. Smith: A physically-informed, circuit-bendable, digital model of the Roland TR-808 bass
  drum circuit, DAFx-14;
- hats and cymbals: the same: The TR-808 cymbal: a physically-informed, circuit-bendable, digital model, ICMC 2014;
- cowbell: the same: More cowbell: a physically-informed, circuit-bendable, digital model of the TR-808 cowbell,
  AES 137, 2014;
- snare, toms, clave, rim, clap, maracas: G. Reid: Synth Secrets, parts 34 to 41, Sound on Sound, 2002; the pitches are
  those of Roland's service notes, which both quote.
"""

from __future__ import annotations

import numpy as np

from workshop.plan import TWO, Part, Plan
from workshop.tone import (
    RATE,
    Mode,
    Sound,
    band,
    band_pass,
    between,
    burst,
    fall,
    high_pass,
    hiss,
    instants,
    later,
    low_pass,
    mixed,
    ring,
    rise,
    square,
    through,
)

_OSCILLATORS_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)  # of the cymbals; the cowbell has the last two


def kick(force: float, turn: int = 0) -> Sound:
    """A bridged T that rings at 49.5 Hz, an octave higher while the pulse of 6 ms lasts, then sighing down."""
    time_ms = instants(900) * 1000
    hz = 49.5 + between(45, 85, force) * np.exp(-((time_ms / 7) ** 2)) + 9 * np.exp(-time_ms / 60)
    tone = np.sin(2 * np.pi * np.cumsum(hz) / RATE) * fall(900, 780)
    pulse = through(np.exp(-time_ms / 0.9) * (time_ms < 6), low_pass(between(900, 2600, force)))
    return np.tanh(1.3 * mixed(tone, between(0.25, 0.7, force) * pulse))


def snare(force: float, turn: int = 0) -> Sound:
    """Two bridged Ts for the modes 0,1 of the two skins, and hiss behind a high pass for the wires."""
    skins = ring((Mode(178, 0.75, 190), Mode(336, 0.55, 120)), 260, 0.25, bend=0.15, bend_ms=8)
    wires = 1.5 * burst(f"808 snare {turn}", 300, 230, 1100, between(5500, 9500, force))
    return mixed(skins, wires)


def _tom(hz: float, t60_ms: float, skin: float, force: float) -> Sound:
    """A bridged T whose pitch falls by a fifth of its height, and, for a tom, a low rumble of hiss that is its skin."""
    tone = ring((Mode(hz, 1.0, t60_ms),), 1.05 * t60_ms, between(0.9, 0.3, force), bend=0.28, bend_ms=38)
    rumble = skin * burst(f"808 tom {hz}", t60_ms, 0.7 * t60_ms, 70, between(500, 1100, force))
    return mixed(tone, rumble, between(0.02, 0.16, force) * burst("808 tap", 5, 5, 1500, 4500))


def rim(force: float, turn: int = 0) -> Sound:
    """Two bridged Ts, at 455 and 1667 Hz, driven until they bend."""
    bodies = ring((Mode(1667, 1.0, 55), Mode(455, 0.7, 50)), 100)
    return through(np.tanh(between(1.0, 3.4, force) * bodies), high_pass(380), low_pass(between(5000, 11_000, force)))


def clave(force: float, turn: int = 0) -> Sound:
    tone = np.tanh(between(0.5, 1.6, force) * ring((Mode(2500, 1.0, 105),), 130))
    return through(rise(tone, 0.15), low_pass(between(4000, 9000, force)))


def cowbell(force: float, turn: int = 0) -> Sound:
    """Two squares through a band pass, with an envelope of two parts: a quick drop, then a long one."""
    squares = square(540, 420) + square(800, 420)
    shape = 0.6 * fall(420, 60) + 0.4 * fall(420, 460)
    return rise(through(squares * shape, band_pass(between(1400, 2640, force), 0.7), high_pass(350)), 0.2)


def clap(force: float, turn: int = 0) -> Sound:
    """Hiss around 1 kHz: three saw teeth of 10 ms, and the room behind them."""
    hands = [burst(f"808 clap {n} {turn}", 12, 38, 600, between(1900, 3400, force)) for n in range(3)]
    room = burst(f"808 room {turn}", 260, 260, 700, between(1700, 2800, force))
    return mixed(*(later(hand, 10 * n) for n, hand in enumerate(hands)), later(0.85 * room, 30))


def maracas(force: float, turn: int = 0) -> Sound:
    """Hiss above 5 kHz that swells for 12 ms and is cut off."""
    noise = band(hiss(f"808 maracas {turn}", 70), 4800, between(8500, 11_000, force))
    return rise(noise * fall(70, 75), 7)


def _metal(length_ms: float) -> Sound:
    """The six oscillators. Each begins at a place of its own, since in the machine they never stop."""
    starts_ms = (0.0, 3.1, 1.7, 2.3, 0.9, 4.3)
    waves = [square(hz, length_ms + start) for hz, start in zip(_OSCILLATORS_HZ, starts_ms, strict=True)]
    return mixed(*(wave[-len(instants(length_ms)) :] for wave in waves))


def _driven(metal: Sound, force: float) -> Sound:
    """What the transistors of its amplifiers do: they bend, so that sums and differences of all harmonics arise."""
    middle = through(metal, band_pass(7100, 1.2), band_pass(6400, 0.9))
    return np.asarray(np.tanh(between(1.5, 4.0, force) * middle / middle.std()))


def _hat(t60_ms: float, force: float, high_hz: float = 5000) -> Sound:
    length_ms = 1.1 * t60_ms
    metal = _driven(_metal(length_ms), force) * fall(length_ms, t60_ms)
    return through(metal, high_pass(high_hz), high_pass(high_hz, 1.0), low_pass(between(8500, 12_000, force)))


def cymbal(force: float, turn: int = 0) -> Sound:
    """Two bands of the metal, the lower at 3440 Hz short and long, the upper at 7100 Hz."""
    metal = _metal(1900)
    low = through(metal, band_pass(3440, 1.4)) * fall(1900, 1500)
    high = through(_driven(metal, force), high_pass(5000)) * (0.55 * fall(1900, 260) + 0.45 * fall(1900, 1700))
    both = mixed(1.2 * low / low.std() / 4, high / high.std() / 3)
    return through(both, high_pass(1500), low_pass(between(8500, 13_500, force)))


def ride(force: float, turn: int = 0) -> Sound:
    """The machine has none: its cymbal with the lower band in front, and a ping."""
    metal = _metal(1300)
    body = through(metal, band_pass(4200, 2.2), high_pass(1800)) * (0.6 * fall(1300, 320) + 0.4 * fall(1300, 1300))
    ping = ring((Mode(3136, 0.4, 420), Mode(5274, 0.25, 300)), 600)
    return through(mixed(body / np.abs(body).max(), ping), low_pass(between(6500, 12_000, force)))


HATS = "hats"
PARTS = (
    Part("kick", kick, layers=TWO), Part("snare", snare), Part("rim", rim), Part("clap", clap),
    Part("hat", lambda force, _: _hat(110, force), choke=HATS),
    Part("pedalhat", lambda force, _: _hat(75, force, 3400), choke=HATS),
    Part("openhat", lambda force, _: _hat(620, force), choke=HATS, layers=TWO),
    Part("crash", cymbal, layers=TWO), Part("ride", ride, layers=TWO),
    Part("lowtom", lambda force, _: _tom(92, 520, 0.22, force), layers=TWO),
    Part("tom", lambda force, _: _tom(138, 430, 0.22, force), layers=TWO),
    Part("hitom", lambda force, _: _tom(196, 350, 0.22, force), layers=TWO),
    Part("conga", lambda force, _: _tom(310, 260, 0.0, force), layers=TWO),
    Part("conga high", lambda force, _: _tom(410, 180, 0.0, force), note=62, layers=TWO),
    Part("conga low", lambda force, _: _tom(210, 330, 0.0, force), note=64, layers=TWO),
    Part("clave", clave), Part("cowbell", cowbell), Part("shaker", maracas, turns=2),
)  # fmt: skip

KIT = Plan("analog", "Analog", "A drum machine of 1980, from its circuits", PARTS)
