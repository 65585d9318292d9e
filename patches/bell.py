"""Bell: what a struck bell hums and rings, each part beating with its twin on the other side."""

import numpy as np

from panel.sound.patch import adsr, param, partials

# hum, prime, tierce, quint, nominal, and what makes the strike bright; with how long each rings
MODES = [0.5, 1, 1.183, 1.506, 2, 2.514, 2.662, 3.011, 4.166]
LEVELS = [0.45, 0.7, 0.6, 0.25, 0.8, 0.25, 0.25, 0.3, 0.3]
FASTER = [0.35, 0.6, 0.8, 1.2, 1, 1.8, 2, 2.4, 3.5]

decay = param("decay", 3, 0.3, 8, unit="s")
hard = param("hard", 50, 0, 100, unit="%")
hum = param("hum", 50, 0, 100, unit="%")
beat = param("beat", 0.9, 0, 6, unit="Hz")
release = param("release", 2.5, 0.05, 6, unit="s")

left, right = partials(MODES), partials(MODES)
held = adsr(0.0005, 0.1, 1, release)


def voice(note):
    fall = 6.9 * note.time / decay * (note.hz / 523) ** 0.5
    strike = hard / 50 * note.velocity
    levels = [level * np.exp(-fall * faster) for level, faster in zip(LEVELS, FASTER, strict=True)]
    levels[0] = levels[0] * hum / 50
    for n in range(4, len(levels)):
        levels[n] = levels[n] * strike ** (0.3 * (n - 3))
    high = 0.3 * held(note) * note.velocity
    return left(note.hz, levels) * high, right(note.hz + beat, levels) * high
