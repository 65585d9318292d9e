"""The synth plays what MIDI says, at the very frame, and nothing clicks when there are too many notes."""

from __future__ import annotations

import numpy as np
import pytest

from panel.sound.channels import CHANNELS
from panel.sound.stage import FADE_S
from tests.sound.playing import RATE, Event, Sound, played, rendered, synth

GATE = "def voice(note):\n    return note.gate * note.velocity\n"
TONE = (
    "wave, dark, loud = saw(), lowpass(), adsr(0.002, 0.3, 0.6, 0.05)\n"
    "def voice(note):\n"
    "    return dark(wave(note.hz), 400 * 2 ** (4 * loud(note)), 0.4) * loud(note) * note.velocity\n"
)
PURE = "wave, loud = sine(), adsr(0.01, 1, 1, 0.05)\ndef voice(note):\n    return wave(note.hz) * loud(note)\n"


def sounding(sound: Sound) -> tuple[int, int]:
    """The first frame that is heard, and the one behind the last."""
    heard = np.flatnonzero(sound)
    return int(heard[0]), int(heard[-1]) + 1


@pytest.mark.parametrize("at", [0, 1, 13, 63, 64, 65, 127, 1000])
def test_a_note_sounds_from_its_frame_and_its_gate_ends_at_its_frame(at: int) -> None:
    heard = played(synth(GATE), [("note_on", at, 3, 60, 127), ("note_off", at + 777, 3, 60)], 0.1)
    assert sounding(heard) == (at, at + 777)


@pytest.mark.parametrize("at", [1, 13, 63, 64, 100])
def test_a_note_is_the_same_wherever_it_lies_in_the_quantum(at: int) -> None:
    def from_frame(at: int) -> Sound:
        return played(synth(TONE), [("note_on", at, 0, 60, 90), ("note_off", at + 3001, 0, 60)], 0.3)[at:][:12_000]

    np.testing.assert_allclose(from_frame(at), from_frame(0), atol=2e-6)


def test_the_same_events_give_the_same_sound_whether_silent_quanta_are_rendered_or_not() -> None:
    events: list[Event] = []
    chance = np.random.default_rng(5)
    for n in range(60):
        at, key = n * 700 + int(chance.integers(600)), int(chance.integers(40, 80))
        events.append(("note_on", at, n % 16, key, int(chance.integers(1, 128))))
        events.append(("control", at, n % 16, 1, int(chance.integers(128))))
        events.append(("bend", at, n % 16, int(chance.integers(-8192, 8192))))
        events.append(("note_off", at + 50, n % 16, key))
    events += [("note_on", 100_000, 0, 50, 99), ("note_off", 101_000, 0, 50)]
    whole = played(synth(TONE), events, 2.5)

    player = synth(TONE)
    out = np.zeros((len(whole), 2), np.float32)
    skipped = 0
    for begin in range(0, len(out), 64):
        while events and events[0][1] < begin + 64:
            name, *values = events.pop(0)
            getattr(player, name)(*values)
        if player.active:
            player.render(begin, out[begin : begin + 64])
        else:
            skipped += 1
    assert skipped > 100
    np.testing.assert_array_equal(out[:, 0] / np.float32(0.2), whole.astype(np.float32))


def test_what_comes_late_sounds_at_once() -> None:
    player = synth(GATE)
    player.note_on(10, 0, 60, 127)
    assert rendered(player, 0.01, begin=6400)[0, 0] > 0


def test_a_voice_that_is_over_leaves_its_row_and_costs_nothing() -> None:
    player = synth(TONE)
    played(player, [("note_on", 0, 0, 60, 100), ("note_off", 4000, 0, 60)], 0.2)
    assert player.active
    rendered(player, 0.3, begin=9600)
    assert not player.active


def test_a_note_that_is_held_but_rang_out_leaves_too() -> None:
    ring = "wave, loud = sine(), adsr(0, 0.3, 0, 0.3)\ndef voice(note):\n    return wave(note.hz) * loud(note)\n"
    player = synth(ring)
    played(player, [("note_on", 0, 0, 60, 100)], 2.0)
    assert player.active
    rendered(player, 1.0, begin=96_000)
    assert not player.active


# --- too many notes ---


def test_more_notes_than_voices_steal_the_released_first_then_the_oldest() -> None:
    text = "def voice(note):\n    return note.gate * 0 + 2.0 ** (note.key - 60)\n"
    player = synth(text, voices=4)
    events: list[Event] = [("note_on", 10 * n, 0, 60 + n, 127) for n in range(4)]
    events += [("note_off", 100, 0, 62), ("note_on", 640, 0, 64, 127), ("note_on", 1280, 0, 65, 127)]
    heard = played(player, events, 0.1)
    assert heard[600] == pytest.approx(1 + 2 + 4 + 8)
    assert heard[1200] == pytest.approx(1 + 2 + 8 + 16)
    assert heard[1900] == pytest.approx(2 + 8 + 16 + 32)


@pytest.mark.parametrize("at", [9600, 9613, 9663])
def test_a_steal_makes_no_step_that_the_sound_does_not_make_anyway(at: int) -> None:
    keys = [45 + 2 * n for n in range(16)]
    events: list[Event] = [("note_on", 0, 0, key, 127) for key in keys]
    anyway = np.abs(np.diff(played(synth(PURE), events, 0.4))).max()
    events += [("note_on", at, 0, 90, 127), ("note_on", at, 1, 94, 1), ("note_on", at + 9, 2, 97, 1)]
    player = synth(PURE)
    heard = played(player, events, 0.25)
    alone = played(synth(PURE), [("note_on", at + 9 * (key == 97), 0, key, 127) for key in (90, 94, 97)], 0.25)
    assert np.abs(np.diff(heard - alone)).max() <= anyway


def test_a_stolen_voice_is_gone_within_3_ms() -> None:
    text = "def voice(note):\n    return note.gate * 0 + (note.key == 60)\n"
    player = synth(text, voices=1)
    heard = played(player, [("note_on", 0, 0, 60, 127), ("note_on", 1000, 0, 61, 127)], 0.1)
    first, end = sounding(heard)
    assert (first, end) == (0, 1000 + round(FADE_S * RATE))
    assert np.abs(np.diff(heard[500:])).max() < 0.01


def test_forty_notes_at_once_are_sixteen_voices_and_nothing_breaks() -> None:
    events: list[Event] = [("note_on", 5, n % 16, 30 + n, 100) for n in range(40)]
    player = synth(TONE)
    heard = played(player, events, 0.1)
    assert np.isfinite(heard).all()
    assert int(player._rows.count) == 16


def test_a_patch_may_have_one_voice_and_glide() -> None:
    player = synth("polyphony, glide = 1, 0.1\n" + PURE)
    heard = played(player, [("note_on", 0, 0, 57, 127), ("note_on", 4800, 0, 69, 127)], 0.5)
    crossings = np.flatnonzero(np.diff(np.sign(heard[5200:9600])) > 0)
    pitches = RATE / np.diff(crossings)
    assert 220 < pitches[0] < 330
    assert np.all(np.diff(pitches) > -5)  # a crossing is a whole frame
    assert pitches[-1] == pytest.approx(440, rel=0.03)
    assert player._rows.count == 1


def test_a_key_struck_again_releases_the_note_before() -> None:
    player = synth(GATE)
    heard = played(player, [("note_on", 0, 0, 60, 127), ("note_on", 1000, 0, 60, 127), ("note_off", 2000, 0, 60)], 0.1)
    assert heard.max() == pytest.approx(1)
    assert sounding(heard) == (0, 2000)


# --- controllers ---


def pitch(sound: Sound) -> float:
    """Hz, from the crossings of 0."""
    crossings = np.flatnonzero((sound[:-1] < 0) & (sound[1:] >= 0))
    exact = crossings - sound[crossings] / (sound[crossings + 1] - sound[crossings])
    return float(RATE * (len(exact) - 1) / (exact[-1] - exact[0]))


@pytest.mark.parametrize("channel", range(CHANNELS))
def test_each_channel_has_its_own_bend_of_two_semitones(channel: int) -> None:
    other = (channel + 1) % CHANNELS
    player = synth(PURE)
    up = played(player, [("bend", 0, channel, 8191), ("note_on", 0, channel, 69, 127)], 0.5)
    assert pitch(up[4800:]) == pytest.approx(440 * 2 ** (2 / 12), rel=1e-5)
    player = synth(PURE)
    down = played(player, [("bend", 0, other, -8192), ("note_on", 0, channel, 69, 127)], 0.5)
    assert pitch(down[4800:]) == pytest.approx(440, rel=1e-5)


def test_a_bend_while_the_note_sounds_makes_no_step() -> None:
    plain = played(synth(PURE), [("note_on", 0, 0, 69, 127)], 0.5)
    bent = played(synth(PURE), [("note_on", 0, 0, 69, 127), ("bend", 9000, 0, -8192)], 0.5)
    assert np.abs(np.diff(bent)).max() <= np.abs(np.diff(plain)).max() * 1.001
    assert pitch(bent[12_000:]) == pytest.approx(440 * 2 ** (-2 / 12), rel=1e-5)


def test_the_pedal_holds_what_is_released_until_it_comes_up() -> None:
    events: list[Event] = [
        ("note_on", 0, 0, 60, 127),
        ("control", 10, 0, 64, 127),
        ("note_off", 500, 0, 60),
        ("note_on", 600, 1, 60, 127),
        ("note_off", 900, 1, 60),
        ("control", 2000, 0, 64, 63),
    ]
    heard = played(synth(GATE), events, 0.1)
    assert sounding(heard) == (0, 2000)
    assert heard[899] == pytest.approx(2)
    assert heard[900] == pytest.approx(1)


def test_a_key_that_is_still_down_sounds_on_when_the_pedal_comes_up() -> None:
    events: list[Event] = [("control", 0, 0, 64, 127), ("note_on", 0, 0, 60, 127), ("control", 500, 0, 64, 0)]
    heard = played(synth(GATE), [*events, ("note_off", 1500, 0, 60)], 0.1)
    assert sounding(heard) == (0, 1500)


def test_the_wheel_is_the_channel_s_own_and_glides() -> None:
    text = "def voice(note):\n    return note.gate * note.wheel\n"
    player = synth(text)
    events: list[Event] = [("note_on", 0, 0, 60, 127), ("note_on", 0, 1, 60, 127), ("control", 1000, 1, 1, 127)]
    heard = played(player, events, 0.1)
    assert heard[:960].max() == 0
    assert heard[-1] == pytest.approx(1, abs=1e-3)
    assert np.abs(np.diff(heard)).max() < 0.01


@pytest.mark.parametrize("value", [0, 32, 100])
def test_volume_is_as_general_midi_recommends(value: int) -> None:
    heard = played(synth(GATE), [("note_on", 0, 2, 60, 127), ("control", 1000, 2, 7, value)], 0.1)
    assert heard[500] == pytest.approx(1)
    assert heard[-1] == pytest.approx((value / 127) ** 2, abs=1e-3)
    assert np.abs(np.diff(heard[1:])).max() < 0.01


def test_sound_off_and_silence_fade_within_3_ms_and_notes_off_releases() -> None:
    ring = "def voice(note):\n    return note.gate * 0 + 1.0\n"
    off = 1000 + round(FADE_S * RATE)
    two: list[Event] = [("note_on", 0, 4, 60, 127), ("note_on", 0, 5, 60, 127)]
    heard = played(synth(ring), [*two, ("control", 1000, 4, 120, 0)], 0.1)
    assert heard[off:] == pytest.approx(np.ones(len(heard) - off))
    assert sounding(played(synth(ring), [*two, ("silence", 1000)], 0.1)) == (0, off)
    heard = played(synth(GATE), [*two, ("control", 1000, 5, 123, 0)], 0.1)
    assert (heard[999], heard[1000]) == (pytest.approx(2), pytest.approx(1))


def test_reset_undoes_bend_wheel_and_pedal() -> None:
    text = "def voice(note):\n    return note.gate * (note.hz / 440 + note.wheel)\n"
    events: list[Event] = [("bend", 0, 0, 8191), ("control", 0, 0, 1, 127), ("control", 0, 0, 64, 127)]
    events += [("note_on", 0, 0, 69, 127), ("note_off", 500, 0, 69), ("control", 2000, 0, 121, 0)]
    heard = played(synth(text), events, 0.1)
    assert heard[1983] == pytest.approx(2 ** (2 / 12) + 1, rel=1e-4)
    assert sounding(heard) == (0, 2000)
    assert played(synth(text), [*events, ("note_on", 2500, 0, 69, 127)], 0.1)[-1] == pytest.approx(1, abs=1e-3)


def test_a_controller_that_means_nothing_changes_nothing() -> None:
    plain = played(synth(TONE), [("note_on", 0, 0, 60, 100)], 0.1)
    events: list[Event] = [("note_on", 0, 0, 60, 100), *(("control", 200, 0, n, 99) for n in range(8, 64))]
    np.testing.assert_array_equal(played(synth(TONE), events, 0.1), plain)


def test_velocity_and_chance_are_each_note_s_own() -> None:
    text = "def voice(note):\n    return note.gate * note.random * (note.velocity < 0.6)\n"
    player = synth(text)
    heard = played(player, [("note_on", 0, 0, 60, 64), ("note_on", 640, 0, 61, 127), ("note_on", 1280, 0, 62, 64)], 0.1)
    first, both = heard[100], heard[2000]
    assert heard[1000] == pytest.approx(first)
    assert 0 < first < 1
    assert 0 < both - first < 1
    assert both - first != pytest.approx(first)


def test_a_patch_may_give_left_and_right() -> None:
    player = synth("def voice(note):\n    return note.gate, note.gate * 0.25\n")
    player.note_on(3, 0, 60, 127)
    out = rendered(player, 0.01)
    assert out[10, 1] / out[10, 0] == pytest.approx(0.25)
    assert (out[:3] == 0).all()


def test_render_adds_to_what_is_there() -> None:
    player = synth(GATE)
    player.note_on(0, 0, 60, 127)
    out = np.full((64, 2), 0.5, np.float32)
    player.render(0, out)
    assert out == pytest.approx(np.full((64, 2), 0.7))
