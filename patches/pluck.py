"""Pluck: a scratch of the nail, and two saws behind a filter that falls as the string does."""

import numpy as np

from panel.sound.patch import adsr, lowpass, noise, param, saw

tone = param("tone", 5, 1, 9, unit="oct")  # how far above its own pitch a note begins to sound
decay = param("decay", 1.6, 0.2, 6, unit="s")
detune = param("detune", 6, 0, 40, unit="ct")
pick = param("pick", 30, 0, 100, unit="%")
release = param("release", 0.3, 0.03, 3, unit="s")

one, other = saw(), saw("random")
scratch = noise()
dark = lowpass()
held = adsr(0.001, 0.1, 1, release)


def voice(note):
    fall = np.exp(-6.9 * note.time / decay * (note.hz / 262) ** 0.4)
    apart = 2 ** (detune / 2400)
    string = one(note.hz / apart) + 0.8 * other(note.hz * apart)
    nail = scratch(note) * np.exp(-note.time / 0.006) * pick / 50
    bright = note.hz * 2 ** (tone * fall**0.6 * (0.6 + 0.4 * note.velocity))
    return 0.55 * dark(string + nail, bright, 0.12) * fall**0.5 * held(note) * note.velocity
