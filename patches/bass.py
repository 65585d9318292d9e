"""Bass: a saw and a square below it, through a filter that snaps shut. One note at a time, and it slides."""

import numpy as np

from panel.sound.patch import adsr, lowpass, param, saw, square

cutoff = param("cutoff", 320, 60, 4000, unit="Hz")
reso = param("reso", 30, 0, 90, unit="%")
snap = param("snap", 3.2, 0, 6, unit="oct")  # how far the filter opens for each note
decay = param("decay", 0.5, 0.05, 3, unit="s")
sub = param("sub", 50, 0, 100, unit="%")
drive = param("drive", 25, 0, 100, unit="%")

polyphony = 1
glide = 0.04

wave, below = saw(), square()
dark = lowpass()
loud = adsr(0.002, 1.5, 0.7, 0.08)
sweep = adsr(0.001, decay, 0, 0.08)


def voice(note):
    mix = 0.7 * wave(note.hz) + 0.6 * below(note.hz / 2) * sub / 100
    sound = dark(mix, cutoff * 2 ** (snap * sweep(note) * note.velocity) * (note.hz / 55) ** 0.4, reso / 100)
    warm = 1 + 5 * drive / 100
    return 0.9 * np.tanh(sound * warm) / warm**0.5 * loud(note) * note.velocity
