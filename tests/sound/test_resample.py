"""Sounds at another rate: by how much a sine differs from the sine that was meant."""

from __future__ import annotations

import numpy as np
import pytest

from panel.sound.resample import resample
from tests.sound.kits import Array

RATES = [
    (44_100, 48_000), (48_000, 44_100), (8_000, 48_000), (192_000, 48_000), (96_000, 44_100), (22_050, 96_000),
    (48_000, 8_000), (11_025, 48_000), (44_101, 48_000),
]  # fmt: skip


def sine(hz: float, rate: int, frames: int) -> Array:
    return np.sin(2 * np.pi * hz * np.arange(frames) / rate + 0.3)[:, None]


def inside(sound: Array) -> Array:
    """All but the ends, where a sine that begins and stops is none."""
    return sound[len(sound) // 4 : -len(sound) // 4]


@pytest.mark.parametrize("part", [0.001, 0.1, 0.3, 0.45])
@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
def test_up_to_0_45_of_the_lower_rate_it_is_exact_to_90_db(from_rate: int, to_rate: int, part: float) -> None:
    hz = part * min(from_rate, to_rate)
    made = resample(sine(hz, from_rate, from_rate // 4), from_rate, to_rate)
    error = inside(made - sine(hz, to_rate, len(made)))
    assert 20 * np.log10(np.abs(error).max()) < -90


@pytest.mark.parametrize(("from_rate", "to_rate"), [pair for pair in RATES if pair[0] > 1.3 * pair[1]])
@pytest.mark.parametrize("part", [0.55, 0.61, 0.9])
def test_what_the_new_rate_has_no_room_for_is_taken_out_by_90_db(from_rate: int, to_rate: int, part: float) -> None:
    made = resample(sine(min(part * to_rate, 0.49 * from_rate), from_rate, from_rate // 4), from_rate, to_rate)
    assert 20 * np.log10(np.abs(inside(made)).max()) < -90


def test_a_spectrum_has_nothing_but_what_was_there() -> None:
    """5 kHz from 44.1 to 48 kHz: images would lie at 39.1 kHz and thereabouts, folded into the band."""
    made = inside(resample(sine(5_000, 44_100, 44_100), 44_100, 48_000))[:16_384, 0]
    spectrum = np.abs(np.fft.rfft(made * np.kaiser(len(made), 14)))
    spectrum /= spectrum.max()
    peak = int(spectrum.argmax())
    assert peak * 48_000 / len(made) == pytest.approx(5_000, abs=3)
    assert 20 * np.log10(np.delete(spectrum, range(peak - 20, peak + 21)).max()) < -95


def test_the_first_frame_stays_the_first_and_the_length_is_kept() -> None:
    sound = np.zeros((1000, 2))
    sound[0], sound[441] = (1.0, 0.5), (-1.0, 0.25)
    made = resample(sound, 44_100, 48_000)
    assert len(made) == 1089
    assert np.abs(made).argmax(axis=0).tolist() == [0, 0]
    assert np.abs(made[100:]).argmax(axis=0).tolist() == [380, 380]  # 441 * 48 / 44.1
    assert np.allclose(made[:, 0][400:], -4 * made[:, 1][400:], atol=1e-3)


def test_a_level_stays_as_it_is_and_the_same_rate_changes_no_bit() -> None:
    assert inside(resample(np.full((4000, 1), 0.7), 48_000, 44_100)) == pytest.approx(0.7, abs=1e-6)
    sound = sine(400, 48_000, 500)
    assert np.array_equal(resample(sound, 48_000, 48_000), sound)


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_the_shortest_sounds_can_be_had(frames: int) -> None:
    for from_rate, to_rate in RATES:
        assert len(resample(np.ones((frames, 1)), from_rate, to_rate)) == -(-frames * to_rate // from_rate)
