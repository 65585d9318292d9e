"""Organ: nine drawbars, a percussion and a speaker that turns. The wheel makes it turn fast."""

from panel.sound.patch import adsr, lfo, param, partials

low = param("low", 7, 0, 8)  # 16' and 5 1/3'
mid = param("mid", 8, 0, 8)  # 8' and 4'
top = param("top", 3, 0, 8)  # 2 2/3' to 1'
perc = param("perc", 40, 0, 100, unit="%")
depth = param("turn", 50, 0, 100, unit="%")

pipes = partials([0.5, 1.5, 1, 2, 3, 4, 5, 6, 8])
loud = adsr(0.002, 0.1, 1, 0.06)
knock = adsr(0.001, 0.5, 0, 0.1)
slow, fast = lfo(0.8, free=True), lfo(6.7, free=True)


def voice(note):
    turn = (slow(note) * (1 - note.wheel) + fast(note) * note.wheel) * depth / 100
    hit = 8 * knock(note) * perc / 100
    bass, body, shine = ((bar / 8) ** 2 for bar in (low, mid, top))
    sound = pipes(note.hz * (1 + 0.0025 * turn), [bass, bass, body, body, shine + 0.1 * hit, *[0.6 * shine] * 4])
    sound = 0.152 * sound * loud(note)
    return sound * (1 + 0.3 * turn), sound * (1 - 0.3 * turn)
