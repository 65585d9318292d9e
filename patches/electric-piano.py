"""Electric piano: two pairs of sines, one for the tone that barks when hit hard, one for the tine."""

import numpy as np

from panel.sound.patch import adsr, lfo, param, sine

bark = param("bark", 45, 0, 100, unit="%")
tine = param("tine", 35, 0, 100, unit="%")
decay = param("decay", 4, 0.5, 10, unit="s")
depth = param("pan", 35, 0, 100, unit="%")
rate = param("rate", 4.2, 0.5, 9, unit="Hz")

tone, tone_mover, bell, bell_mover = sine(), sine(), sine(), sine()
held = adsr(0.001, 0.1, 1, 0.25)
sway = lfo(rate, free=True)


def voice(note):
    # High notes are shorter and rounder, as short tines are.
    up = note.hz / 262
    ring = np.exp(-6.9 * note.time / decay * up**0.6)
    hard = note.velocity**1.5
    moved = tone_mover(note.hz) * (0.04 + 0.45 * hard * bark / 100) * ring**0.7 / up**0.5
    struck = bell_mover(note.hz * 14) * 0.12 * np.exp(-11 * note.time) / up**0.3
    ping = bell(note.hz, struck) * np.exp(-4 * note.time * up**0.5) * hard * tine / 100
    sound = 0.58 * (tone(note.hz, moved) * (0.35 + 0.65 * ring) * ring**0.5 + 0.5 * ping) * held(note)
    sound = sound * (0.2 + 0.8 * hard)
    side = 0.7 * sway(note) * depth / 100
    return sound * (1 + side), sound * (1 - side)
