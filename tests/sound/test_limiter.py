"""The limiter: nothing above its ceiling, nothing changed below it, and no corner in between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.sound.limiter import RELEASE_DB_PER_SECOND, Limiter
from panel.sound.quantum import QUANTUM, Frames
from tests.sound.kits import MOST_BYTES, RATE, Array, bytes_made, stereo

CEILING = np.float32(10 ** (-0.3 / 20))
RANDOM = np.random.default_rng(3)


def limited(sound: Frames, limiter: Limiter | None = None) -> Frames:
    """What comes out, from the first frame on: the latency is taken off, and silence follows for it."""
    limiter = limiter or Limiter(RATE)
    assert limiter.latency_frames == QUANTUM
    quanta = -(-len(sound) // QUANTUM) + 1
    out = np.zeros((quanta * QUANTUM, 2), np.float32)
    out[: len(sound)] = sound
    for at in range(0, len(out), QUANTUM):
        limiter.render(out[at : at + QUANTUM])
    return out[QUANTUM : QUANTUM + len(sound)]


def gain_db(sound: Frames) -> Array:
    """By how much each frame was turned down; the sound is nowhere 0."""
    return 20 * np.log10(limited(sound)[:, 0].astype(np.float64) / sound[:, 0])


def test_what_is_below_the_ceiling_comes_out_bit_for_bit_a_quantum_later() -> None:
    sound = RANDOM.uniform(-CEILING, CEILING, (6400, 2)).astype(np.float32)
    sound[100], sound[3333] = CEILING, -CEILING
    assert limited(sound).tobytes() == sound.tobytes()


KINDS = st.sampled_from(["noise", "level", "spike"])
LOUD = st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 300), st.floats(0, 30), KINDS), max_size=8)


@given(LOUD, st.integers(0, 2**32 - 1))
def test_nothing_is_ever_above_the_ceiling(bursts: list[tuple[int, int, float, str]], seed: int) -> None:
    random = np.random.default_rng(seed)
    sound = random.uniform(-0.9, 0.9, (2048, 2)).astype(np.float32)
    for start, frames, loudness, kind in bursts:
        piece = sound[start : start + (1 if kind == "spike" else frames)]
        piece[:] = loudness * (random.uniform(-1, 1, piece.shape) if kind == "noise" else 1.0)
    assert np.abs(limited(sound)).max() <= CEILING


def test_a_spike_is_turned_down_ahead_of_it_smoothly_and_let_go_slowly() -> None:
    level, spike, at = 0.1, 4.0, 1000
    sound = stereo(np.full(RATE, level))
    sound[at] = spike
    gain = gain_db(sound)
    least = 20 * np.log10(CEILING / spike)
    assert gain[at] == pytest.approx(least, abs=1e-4)
    assert not gain[: at - QUANTUM].any()
    assert gain[at - QUANTUM // 2] == pytest.approx(least / 2, abs=0.2)  # half of the way in half of the time
    assert np.diff(gain).min() > least * 2 / QUANTUM  # a raised cosine is at most twice as steep as a line
    assert np.diff(gain).max() < RELEASE_DB_PER_SECOND / RATE + 1e-4
    back = np.flatnonzero(gain < -1e-4)[-1] - at
    assert back == pytest.approx(-least / RELEASE_DB_PER_SECOND * RATE, abs=3 * QUANTUM)
    assert limited(sound)[at + back + 4 * QUANTUM :].tobytes() == sound[at + back + 4 * QUANTUM :].tobytes()


def test_both_channels_are_turned_down_alike() -> None:
    sound = np.stack([np.full(640, 0.3), np.full(640, 2.4)], axis=1).astype(np.float32)
    out = limited(sound)
    assert np.allclose(out[:, 0] * 8, out[:, 1], rtol=1e-6)
    assert out[200, 1] == pytest.approx(CEILING, rel=1e-6)


@pytest.mark.parametrize("shift", [1, 17, 63])
def test_it_does_not_matter_where_the_quanta_lie(shift: int) -> None:
    sound = (RANDOM.uniform(-1, 1, (9600, 2)) * np.linspace(0.2, 6, 9600)[:, None]).astype(np.float32)
    shifted = np.concatenate([np.zeros((shift, 2), np.float32), sound])
    assert np.allclose(limited(shifted)[shift:], limited(sound), atol=1e-6)


@pytest.mark.parametrize("what", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_becomes_silence_and_leaves_nothing_behind(what: float) -> None:
    sound = stereo(np.full(1280, 0.5))
    sound[500, 1] = what
    out = limited(sound)
    assert out[500, 1] == 0
    sound[500, 1] = 0
    assert np.array_equal(out, sound)


def test_it_makes_no_array() -> None:
    limiter, block = Limiter(RATE), np.zeros((QUANTUM, 2), np.float32)
    made = []
    for level in (0.1, 3.0, 3.0, 0.1, 0.1) * 2:
        block[:] = level
        made.append(bytes_made(limiter.render, block))
    assert max(made[5:]) < MOST_BYTES
