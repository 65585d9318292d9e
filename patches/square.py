"""Square: a hollow, plain voice. The wheel makes it tremble."""

from panel.sound.patch import adsr, lfo, lowpass, param, pulse

width = param("width", 50, 5, 50, unit="%")  # of its upper half: 50 is a square, 5 a reed
cutoff = param("cutoff", 5000, 200, 16000, unit="Hz")
attack = param("attack", 0.004, 0.001, 1, unit="s")
release = param("release", 0.15, 0.02, 4, unit="s")

wave = pulse()
dark = lowpass()
loud = adsr(attack, 0.4, 0.75, release)
tremble = lfo(5.6)


def voice(note):
    hz = note.hz * (1 + 0.012 * note.wheel * tremble(note))
    bright = cutoff * (0.4 + 0.6 * note.velocity)
    return 0.3 * dark(wave(hz, width / 100), bright, 0.1) * loud(note) * note.velocity
