"""Oscillators are in tune, without aliases, and noise is each note's own."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sound.playing import RATE, Sound, decibels, played, rendered, spectrum, synth

PLAIN = "wave = {}\ndef voice(note):\n    return wave(note.hz)\n"
TAKE = 1 << 15
SKIPPED = 4096


def spurs_db(sound: Sound, hz: float, rate: int) -> float:
    """What is no harmonic, against the strongest harmonic. Nothing at all is 600 dB below it."""
    lines = spectrum(sound)
    at = np.arange(len(lines)) * rate / len(sound)
    nearest = np.maximum(np.round(at / hz), 1) * hz
    beside = lines[(np.abs(at - nearest) > 13 * rate / len(sound)) & (at > 40)]
    assert len(beside) > 0
    return decibels(beside.max() / lines.max())


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("key", [69, 84, 105])
def test_a_saw_has_no_alias_above_minus_80_db(rate: int, key: int) -> None:
    heard = played(synth(PLAIN.format("saw()"), rate), [("note_on", 0, 0, key, 127)], 0.9)
    hz = 440 * 2 ** ((key - 69) / 12)
    assert spurs_db(heard[SKIPPED : SKIPPED + TAKE], hz, rate) < -110


@pytest.mark.parametrize("wave", ["saw()", "square()", "triangle()", "pulse()", "harmonics([1, .5, .3])", "sine()"])
@pytest.mark.parametrize("key", [45, 62, 91, 117, 127])
def test_nor_has_any_other_wave_over_the_keyboard(wave: str, key: int) -> None:
    heard = played(synth(PLAIN.format(wave)), [("note_on", 0, 0, key, 127)], 0.9)
    assert spurs_db(heard[SKIPPED : SKIPPED + TAKE], 440 * 2 ** ((key - 69) / 12), RATE) < -90


@pytest.mark.parametrize("bend", [-8192, -3000, 1777, 8191])
def test_nor_a_saw_whose_pitch_is_bent(bend: int) -> None:
    events = [("note_on", 0, 0, 93, 127), ("bend", 0, 0, bend)]
    heard = played(synth(PLAIN.format("saw()")), events, 0.9)
    hz = 440 * 2 ** ((93 - 69 + 2 * bend / (8191 if bend > 0 else 8192)) / 12)
    assert spurs_db(heard[SKIPPED : SKIPPED + TAKE], hz, RATE) < -110


def test_while_the_pitch_sweeps_nothing_comes_down_from_half_the_rate() -> None:
    """From 8 to 16 kHz a saw's sweep has nothing below 7 kHz; an alias would come down to 0."""
    text = "wave = saw()\ndef voice(note):\n    return wave(8000 * 2 ** np.minimum(note.time, 1))\n"
    heard = played(synth(text), [("note_on", 0, 0, 60, 127)], 1.0)[SKIPPED:]
    lines = spectrum(heard)
    below = int(7000 * len(heard) / RATE)
    assert decibels(lines[:below].max() / lines.max()) < -80


@pytest.mark.parametrize("key", [24, 69, 120])
def test_pitch_is_within_a_tenth_of_a_cent_and_stays_there(key: int) -> None:
    """A sine's phase against the true one, in the first second and in the fifth."""
    hz = 440 * 2 ** ((key - 69) / 12)
    heard = played(synth(PLAIN.format("sine()")), [("note_on", 0, 0, key, 127)], 5.0)
    turns = [_turn(heard, hz, second) for second in (0.0, 0.5, 4.5)]
    assert abs(_cents(turns[1] - turns[0], 0.5, hz)) < 0.1
    assert abs(_cents(turns[2] - turns[0], 4.5, hz)) < 0.001


def _turn(sound: Sound, hz: float, second: float) -> float:
    """By how many cycles a second's half leads a sine of that pitch, -0.5 to 0.5."""
    frames = np.arange(int(second * RATE), int((second + 0.5) * RATE))
    turned = np.dot(sound[frames] * np.hanning(len(frames)), np.exp(-2j * np.pi * ((hz / RATE * frames) % 1)))
    return float(np.angle(turned) / (2 * np.pi))


def _cents(cycles: float, seconds: float, hz: float) -> float:
    nearest = (cycles + 0.5) % 1 - 0.5
    return float(1200 * np.log2(1 + nearest / seconds / hz))


def test_a_table_drawn_and_one_of_harmonics_are_the_same() -> None:
    drawn = "table(np.sin(np.arange(64) / 32 * np.pi) + 0.5 * np.sin(np.arange(64) / 16 * np.pi))"
    heard = [
        played(synth(PLAIN.format(wave)), [("note_on", 0, 0, 60, 127)], 0.1) for wave in (drawn, "harmonics([1, 0.5])")
    ]
    np.testing.assert_allclose(heard[0], heard[1], atol=1e-6)


def test_a_pulse_of_half_width_is_a_square_and_one_of_a_tenth_has_all_harmonics() -> None:
    text = "wave = pulse()\ndef voice(note):\n    return wave(note.hz, {})\n"
    square, thin = (
        spectrum(played(synth(text.format(width)), [("note_on", 0, 0, 69, 127)], 1.0)) for width in (0.5, 0.1)
    )
    assert decibels(square[880] / square[440]) < -80
    # Harmonic h of a pulse of width w is as high as sin(pi h w) / h.
    assert thin[880] / thin[440] == pytest.approx(np.sin(0.2 * np.pi) / 2 / np.sin(0.1 * np.pi), rel=0.01)


def test_noise_is_white_the_note_s_own_and_the_same_again() -> None:
    text = "hiss = noise()\ndef voice(note):\n    return hiss(note) * note.velocity\n"
    first = played(synth(text), [("note_on", 0, 0, 60, 127)], 1.0)
    again = played(synth(text), [("note_on", 0, 0, 60, 127)], 1.0)
    np.testing.assert_array_equal(first, again)
    assert np.std(first) == pytest.approx(1 / 3**0.5, abs=0.01)
    lines = np.abs(np.fft.rfft(first)) ** 2
    quarters = [part.mean() for part in np.array_split(lines[1:], 4)]
    assert max(quarters) / min(quarters) < 1.1
    player = synth(text)
    both = played(player, [("note_on", 0, 0, 60, 127), ("note_on", 0, 0, 62, 127)], 1.0)
    second = both - first
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02


def test_fm_is_as_bessel_says() -> None:
    """A sine whose phase is moved by I sin: sidebands J0(I), J1(I), ...; for I = 1 they are 0.7652 and 0.4401."""
    text = "a, b = sine(), sine()\ndef voice(note):\n    return a(1000, b(100) / (2 * np.pi))\n"
    lines = spectrum(played(synth(text), [("note_on", 0, 0, 60, 127)], 1.0)[: RATE - RATE % 64])
    assert lines[1100] / lines[1000] == pytest.approx(0.44005 / 0.76520, rel=0.01)


def test_a_supersaw_beats_and_is_wide_where_it_is_asked_to_be() -> None:
    text = "wave = supersaw(7, 25, wide=True)\ndef voice(note):\n    return wave(note.hz)\n"
    player = synth(text)
    player.note_on(0, 0, 57, 127)
    both = rendered(player, 2.0)
    left, right = both[:, 0], both[:, 1]
    assert 0.2 < np.corrcoef(left, right)[0, 1] < 0.95
    assert 0.9 < np.std(left) / np.std(right) < 1.1


def test_partials_are_where_they_are_said_to_be_and_none_above_half_the_rate() -> None:
    text = "wave = partials([1, 2.5, 100])\ndef voice(note):\n    return wave(400, [1, 0.5, 1])\n"
    lines = spectrum(played(synth(text), [("note_on", 0, 0, 60, 127)], 1.0))
    assert lines[1000] / lines[400] == pytest.approx(0.5, rel=0.01)
    lines[np.abs(np.arange(len(lines)) - 400) < 14] = 0
    lines[np.abs(np.arange(len(lines)) - 1000) < 14] = 0
    assert decibels(lines.max() / 1000) < -80
