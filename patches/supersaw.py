"""Supersaw: seven saws side by side, wide. Made for big chords; the wheel opens it."""

from panel.sound.patch import adsr, lowpass, param, supersaw

detune = param("detune", 22, 0, 80, unit="ct")
cutoff = param("cutoff", 5000, 200, 16000, unit="Hz")
attack = param("attack", 0.01, 0.001, 2, unit="s")
release = param("release", 0.35, 0.02, 4, unit="s")

saws = supersaw(7, detune, wide=True)
dark = lowpass()
loud = adsr(attack, 1.0, 0.8, release)
bite = adsr(0.001, 0.5, 0, 0.3)


def voice(note):
    open_to = cutoff * 2 ** (1.2 * bite(note) * note.velocity + 2 * note.wheel)
    high = 0.45 * loud(note) * note.velocity
    left, right = dark(saws(note.hz), open_to, 0.1)
    return left * high, right * high
