"""Envelopes go where they are said to, never by a step, and low oscillators keep their time."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sound.playing import RATE, Event, Sound, played, rendered, synth

ADSR = "e = adsr({})\ndef voice(note):\n    return e(note) * 1.0\n"


def shape(times: str, release_at: int | None, at: int = 0, seconds: float = 0.5) -> Sound:
    events: list[Event] = [("note_on", at, 0, 60, 127)]
    if release_at is not None:
        events.append(("note_off", at + release_at, 0, 60))
    return played(synth(ADSR.format(times)), events, seconds)[at:]


@pytest.mark.parametrize("at", [0, 13, 63])
def test_an_envelope_is_what_its_words_say(at: int) -> None:
    heard = shape("0.01, 0.2, 0.25, 0.1", 12_000, at)
    frames = np.arange(len(heard))
    attack = round(0.01 * RATE)
    assert heard[:attack] == pytest.approx((frames[:attack] + 1) / attack, abs=1e-5)
    decay = 0.25 + 0.75 * 10 ** (-3 * (frames[attack:12_000] + 1 - attack) / (0.2 * RATE))
    assert heard[attack:12_000] == pytest.approx(decay, abs=1e-5)
    release = heard[11_999] * 10 ** (-3 * (frames[12_000:16_000] + 1 - 12_000) / (0.1 * RATE))
    assert heard[12_000:16_000] == pytest.approx(release, abs=1e-5)


@pytest.mark.parametrize("release_at", [1, 63, 64, 200, 479, 480, 481, 5000])
def test_a_release_goes_on_from_where_it_is(release_at: int) -> None:
    heard = shape("0.01, 0.2, 0.5, 0.05", release_at)
    steepest = np.log(1000) / (0.05 * RATE)  # a release's first step from 1
    assert np.abs(np.diff(heard)).max() <= max(steepest, 1 / 479)
    assert heard[release_at - 1] > 0
    assert np.all(np.diff(heard[release_at - 1 :]) <= 0)
    assert heard[-1] < 1e-5


def test_an_attack_of_nothing_is_at_its_height_in_the_first_frame() -> None:
    assert shape("0, 0, 0.7, 0.1", None)[0] == pytest.approx(1, abs=1e-5)
    assert shape("0, 0, 0.7, 0.1", None)[100] == pytest.approx(0.7, abs=1e-5)


def test_a_note_released_in_its_own_quantum_ends() -> None:
    heard = shape("0.01, 0.2, 0.5, 0.01", 20, at=10)
    assert heard.max() == pytest.approx(20 / 480, rel=1e-3)
    assert heard[-1] == 0


def test_times_that_are_turned_make_no_step() -> None:
    text = (
        'a, d = param("a", 0.5, 0.001, 1), param("d", 2, 0.01, 4)\n'
        's, r = param("s", 0.9, 0, 1), param("r", 3, 0.01, 4)\n'
        "e = adsr(a, d, s, r)\ndef voice(note):\n    return e(note) * 1.0\n"
    )
    player = synth(text)
    player.note_on(0, 0, 60, 127)
    heard = [rendered(player, 0.2)]
    for n, (name, value) in enumerate((("a", 0.1), ("s", 0.2), ("d", 0.2), ("s", 0.8), ("r", 0.2)), 1):
        if n == 5:
            player.note_off(n * 9600, 0, 60)
        player.set_param(name, value)
        heard.append(rendered(player, 0.2, n * 9600))
    whole = np.concatenate(heard)[:, 0] / 0.2
    assert np.abs(np.diff(whole)).max() < 0.002
    assert whole.max() > 0.5
    assert whole[-1] < 0.01


def test_asked_twice_it_answers_the_same() -> None:
    text = "e = adsr(0.01, 0.1, 0.5, 0.1)\ndef voice(note):\n    return e(note) - e(note) + note.gate\n"
    assert played(synth(text), [("note_on", 0, 0, 60, 127)], 0.1).max() == pytest.approx(1)


LFO = "l = lfo({})\ndef voice(note):\n    return l(note) * (note.key {} 61)\n"


@pytest.mark.parametrize("kind", ["sine", "triangle", "square", "saw", "random"])
@pytest.mark.parametrize("free", [False, True])
def test_an_lfo_keeps_its_time_and_its_range(kind: str, free: bool) -> None:
    heard = played(synth(LFO.format(f'10, "{kind}", {free}', "<")), [("note_on", 0, 0, 60, 127)], 1.0)
    assert -1 <= heard.min() < -0.6
    assert 0.6 < heard.max() <= 1
    if kind == "random":
        assert len(set(heard[:47_000].round(5))) == 10
    else:
        lines = np.abs(np.fft.rfft(heard))
        assert int(lines[1:].argmax()) + 1 == 10


def test_a_note_s_own_lfo_begins_with_it_and_a_free_one_does_not() -> None:
    events: list[Event] = [("note_on", 0, 0, 60, 127), ("note_on", 1213, 0, 61, 127)]
    own = played(synth(LFO.format("10", "==")), events, 0.1)
    assert own[1213 : 1213 + 1200] == pytest.approx(np.sin(np.arange(1, 1201) * 2 * np.pi / 4800), abs=1e-4)
    free = played(synth(LFO.format("10, free=True", "==")), events, 0.1)
    assert free[1213 : 1213 + 1200] == pytest.approx(np.sin(np.arange(1214, 2414) * 2 * np.pi / 4800), abs=1e-4)
