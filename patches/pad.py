"""Pad: two pulses that breathe against each other, far left and far right. Slow in, slow out; the wheel opens it."""

from panel.sound.patch import adsr, lfo, lowpass, param, pulse

cutoff = param("cutoff", 1100, 100, 8000, unit="Hz")
motion = param("motion", 0.35, 0.05, 4, unit="Hz")
depth = param("depth", 70, 0, 100, unit="%")
attack = param("attack", 0.6, 0.005, 4, unit="s")
release = param("release", 2, 0.05, 6, unit="s")

wave_left, wave_right = pulse("random"), pulse("random")
dark = lowpass()
loud = adsr(attack, 2, 0.8, release)
breath, drift = lfo(motion), lfo(0.13)


def voice(note):
    narrow = 0.38 * breath(note) * depth / 100
    apart = 1.0022 + 0.0012 * drift(note) * (note.random - 0.5)
    open_to = cutoff * 2 ** (0.7 * drift(note) + 2 * note.wheel + note.velocity) * (note.hz / 262) ** 0.3
    high = 0.3 * loud(note) * (0.4 + 0.6 * note.velocity)
    pair = wave_left(note.hz * apart, 0.5 + narrow), wave_right(note.hz / apart, 0.5 - narrow)
    left, right = dark(pair, open_to, 0.15)
    return (0.85 * left + 0.25 * right) * high, (0.25 * left + 0.85 * right) * high
