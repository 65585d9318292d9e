"""The filters have the response they are said to have, and keep it calm however the cutoff moves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sound.playing import RATE, played, rendered, synth

IMPULSE = "(note.time < 1e-9) * (np.arange(64) == 0) * 1.0"
TAKE = 1 << 16


@pytest.mark.parametrize("kind", ["lowpass", "bandpass", "highpass"])
@pytest.mark.parametrize(("cutoff", "resonance"), [(50, 0.0), (50, 0.5), (1000, 0.0), (1000, 1.0), (8000, 0.3)])
def test_the_response_is_the_analogue_one_bent_to_half_the_rate(kind: str, cutoff: int, resonance: float) -> None:
    text = f"f = {kind}()\ndef voice(note):\n    return f({IMPULSE}, {cutoff}, {resonance})\n"
    heard = played(synth(text), [("note_on", 0, 0, 60, 127)], 1.4)
    hz = np.fft.rfftfreq(TAKE, 1 / RATE)[1:-1]
    gains = np.abs(np.fft.rfft(heard, TAKE))[1:-1]
    s = 1j * np.tan(np.pi * hz / RATE) / np.tan(np.pi * cutoff / RATE)
    k = 2**0.5 * (20 * 2**0.5) ** -resonance
    expected = np.abs({"lowpass": 1, "bandpass": k * s, "highpass": s * s}[kind] / (s * s + k * s + 1))
    where = (expected > 1e-3) & (hz > cutoff / 10)
    assert np.abs(20 * np.log10(gains[where] / expected[where])).max() < 0.1


def test_far_below_half_the_rate_it_is_the_analogue_one_within_half_a_decibel() -> None:
    text = f"f = lowpass()\ndef voice(note):\n    return f({IMPULSE}, 500, 0.4)\n"
    heard = played(synth(text), [("note_on", 0, 0, 60, 127)], 1.4)
    hz = np.fft.rfftfreq(TAKE, 1 / RATE)
    s, k = 1j * hz / 500, 2**0.5 * (20 * 2**0.5) ** -0.4
    off = 20 * np.log10(np.abs(np.fft.rfft(heard, TAKE)) * np.abs(s * s + k * s + 1))
    assert np.abs(off[(hz > 20) & (hz < 4000)]).max() < 0.5


@pytest.mark.parametrize("kind", ["lowpass", "bandpass", "highpass"])
def test_a_cutoff_that_jumps_in_every_frame_makes_nothing_grow(kind: str) -> None:
    text = (
        f"hiss, f = noise(), {kind}()\n"
        "def voice(note):\n"
        "    wild = 20 * 1200 ** ((hiss(note) * 7919) % 1)\n"
        "    return f(hiss(note), wild, 0.98)\n"
    )
    heard = played(synth(text), [("note_on", 0, 0, 60, 127)], 3.0)
    assert 0.01 < np.abs(heard).max() < 40


@pytest.mark.parametrize("cutoff", ["-1000", "0", "1e9", "5e3 * (note.key + np.arange(64) % 2)"])
def test_a_cutoff_out_of_range_is_the_range_s_end(cutoff: str) -> None:
    text = f"w, f = saw(), lowpass()\ndef voice(note):\n    return f(w(note.hz), {cutoff}, 2.0)\n"
    heard = played(synth(text), [("note_on", 0, 0, 60, 127)], 0.5)
    assert np.abs(heard).max() < 30


def test_a_cutoff_may_be_a_number_for_all_or_one_for_each() -> None:
    text = "w, f = saw(), lowpass()\ndef voice(note):\n    return f(w(note.hz), {}, 0.2)\n"
    events = [("note_on", 5, 0, 60, 127), ("note_on", 9, 0, 64, 127)]
    alone = played(synth(text.format("900")), events, 0.1)
    each = played(synth(text.format("900 + 0 * note.hz")), events, 0.1)
    every = played(synth(text.format("900 + 0 * note.time")), events, 0.1)
    np.testing.assert_allclose(alone, each, atol=1e-5)
    np.testing.assert_allclose(alone, every, atol=1e-5)


def test_a_pair_is_filtered_as_two_sounds() -> None:
    text = "w, v, f, g = saw(), square(), lowpass(), lowpass()\ndef voice(note):\n    return {}\n"
    pair = synth(text.format("f((w(note.hz), v(note.hz)), 700 + 3000 * note.time, 0.5)"))
    each = synth(
        text.format("(f(w(note.hz), 700 + 3000 * note.time, 0.5), g(v(note.hz), 700 + 3000 * note.time, 0.5))")
    )
    for player in (pair, each):
        player.note_on(9, 0, 60, 127)
        player.note_on(300, 0, 67, 127)
    np.testing.assert_array_equal(rendered(pair, 0.1), rendered(each, 0.1))
