"""One patch takes another's place: to the sample, without a step, with the held notes; and back if it fails."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from panel.sound import changeover
from panel.sound.changeover import Changeover
from panel.sound.patch import PatchError, load_patch
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.synth import Synth

RATE = 48000
FADE = 1472  # 30 ms in whole quanta
TONE = '''"""{name}: a tone."""
from panel.sound.patch import *

level = param("level", 1, 0, 2)
left = memory({quanta})
osc, env = sine(), adsr(0.001, 0.1, 1.0, {release})


def voice(note):
    left[:] = left[:] - 1
    {line}
    return osc(note.hz * {ratio}) * env(note) * level
'''


def synth(line: str = "pass", name: str = "Tone", ratio: float = 1, release: float = 0.05, quanta: int = 0) -> Synth:
    """A synth with a patch of one sine."""
    text = TONE.format(line=line, name=name, ratio=ratio, release=release, quanta=quanta)
    return Synth(load_patch(text, f"{name}.py"), RATE)


def fails_after(quanta: int) -> Synth:
    """It plays so many quanta of a voice, and divides by zero in the next, in line 11."""
    return synth(f"1 / (0 if left[:].min() < {-quanta} else 1)", name="Bad", ratio=1.5)


class Player:
    """Renders quantum by quantum, and keeps it all."""

    def __init__(self, *synths: Synth) -> None:
        self.changeover, self.frame = Changeover(RATE), 0
        self.sound: Frames = np.zeros((0, 2), np.float32)
        for one in synths:
            self.changeover.hand_over(one)

    def quanta(self, number: int) -> Frames:
        """The next quanta's sound."""
        out = np.zeros((number * QUANTUM, 2), np.float32)
        for n in range(number):
            self.changeover.render(self.frame, out[n * QUANTUM : (n + 1) * QUANTUM])
            self.frame += QUANTUM
        self.sound = np.concatenate([self.sound, out])
        return out

    @property
    def faults(self) -> list[str]:
        found = []
        while not self.changeover.faults.empty():
            found.append(str(self.changeover.faults.get()[1]))
        return found


def alone(one: Synth, quanta: int, frame: int, key: int = 69) -> Frames:
    """What a synth gives by itself, for a note that starts at a frame."""
    out = np.zeros((quanta * QUANTUM, 2), np.float32)
    one.note_on(frame, 0, key, 100)
    for n in range(quanta):
        one.render(n * QUANTUM, out[n * QUANTUM : (n + 1) * QUANTUM])
    return out


def step(sound: Frames) -> float:
    """The largest step from frame to frame."""
    return float(np.abs(np.diff(sound, axis=0)).max())


def held(*synths: Synth) -> Player:
    """An A is held, and has settled."""
    player = Player(*synths)
    player.changeover.play("note_on", 7, 0, 69, 100)
    player.quanta(100)
    return player


def test_alone_it_is_the_synth_bit_for_bit() -> None:
    player = Player(synth())
    player.changeover.play("note_on", 7, 0, 69, 100)
    assert np.array_equal(player.quanta(50), alone(synth(), 50, 7))


def test_without_any_patch_it_is_silent() -> None:
    assert not held().sound.any()


def test_a_held_note_goes_on_in_the_new_patch_by_a_crossfade_of_equal_power() -> None:
    player = held(synth())
    begin = player.frame
    player.changeover.hand_over(synth(ratio=2, name="Octave"))
    player.quanta(60)
    old = alone(synth(), 160, 7)
    new = np.zeros_like(old)
    new[begin:] = alone(synth(ratio=2), 60, 0)
    at = np.clip((np.arange(len(old)) - begin) / FADE, 0, 1)[:, None] * np.pi / 2
    assert np.allclose(player.sound, old * np.cos(at) + new * np.sin(at), atol=1e-6)
    assert step(player.sound[begin - 64 :]) <= step(new[begin + FADE :]) * 1.1  # nothing but the octave's own slope


def test_after_the_crossfade_it_is_the_new_patch_alone_bit_for_bit() -> None:
    player = held(synth())
    begin = player.frame
    player.changeover.hand_over(synth(ratio=2))
    player.quanta(60)
    assert np.array_equal(player.sound[begin + FADE :], alone(synth(ratio=2), 60, 0)[FADE:])


def test_in_silence_it_takes_over_at_once() -> None:
    player = Player(synth())
    player.quanta(10)
    player.changeover.hand_over(synth(ratio=2))
    player.changeover.play("note_on", 650, 0, 69, 100)
    player.quanta(20)
    assert np.array_equal(player.sound[640:], alone(synth(ratio=2), 20, 10))


def test_a_second_one_waits_until_the_crossfade_is_over() -> None:
    player = held(synth())
    begin = player.frame
    player.changeover.hand_over(synth(ratio=2))
    player.quanta(1)
    player.changeover.hand_over(synth(ratio=3))
    player.quanta(80)
    assert np.array_equal(player.sound[begin + 2 * FADE :], alone(synth(ratio=3), 81 - 23, 0)[FADE:])


def test_what_is_played_ahead_of_its_time_sounds_in_the_new_patch() -> None:
    player = Player(synth())
    player.changeover.play("note_on", 5000, 0, 69, 100)
    player.quanta(10)
    player.changeover.hand_over(synth(ratio=2))
    player.quanta(100)
    assert np.array_equal(player.sound[4992:], alone(synth(ratio=2), 110 - 78, 5000 - 4992)[: len(player.sound) - 4992])


EVENTS: dict[str, tuple[list[tuple[Any, ...]], int]] = {  # what is played, how many notes the new patch takes over
    "held": ([("note_on", 0, 60, 100), ("note_on", 1, 60, 100)], 2),
    "released": ([("note_on", 0, 60, 100), ("note_off", 0, 60)], 0),
    "struck twice": ([("note_on", 0, 60, 100), ("note_on", 0, 60, 50)], 1),
    "by the pedal": ([("control", 0, 64, 127), ("note_on", 0, 60, 100), ("note_off", 0, 60)], 1),
    "the pedal is up": (
        [("control", 0, 64, 127), ("note_on", 0, 60, 100), ("note_off", 0, 60), ("control", 0, 64, 0)],
        0,
    ),
    "the key is still down": ([("control", 0, 64, 127), ("note_on", 0, 60, 100), ("control", 0, 64, 0)], 1),
    "notes off": ([("note_on", 0, 60, 100), ("note_on", 1, 60, 100), ("control", 0, 123, 0)], 1),
    "notes off, pedal": ([("control", 0, 64, 127), ("note_on", 0, 60, 100), ("control", 0, 123, 0)], 1),
    "sound off": ([("note_on", 0, 60, 100), ("note_on", 1, 60, 100), ("control", 0, 120, 0)], 1),
    "reset": ([("control", 0, 64, 127), ("note_on", 0, 60, 100), ("note_off", 0, 60), ("control", 0, 121, 0)], 0),
    "silence": ([("note_on", 0, 60, 100), ("silence",)], 0),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_the_new_patch_takes_over_what_still_sounds(kind: str) -> None:
    events, expected = EVENTS[kind]
    old, new = synth(release=5), synth(ratio=2)
    player = Player(old)
    for n, event in enumerate(events):
        player.changeover.play(event[0], n * 100, *event[1:])
    player.quanta(10)
    player.changeover.hand_over(new)
    player.quanta(1)
    assert new._rows.count == expected


def test_bend_volume_and_pedal_go_over() -> None:
    player = Player(synth())
    for act, *values in [("bend", 0, 8191), ("control", 0, 7, 64), ("control", 0, 64, 127)]:
        player.changeover.play(str(act), 0, *map(int, values))
    player.quanta(10)
    new = synth(ratio=2)
    player.changeover.hand_over(new)
    player.quanta(1)
    assert new._channels.bend.target[0] == pytest.approx(2.0)
    assert new._channels.volume.target[0] == pytest.approx((64 / 127) ** 2)
    assert new._channels.pedal[0]


def test_the_pedal_that_comes_up_later_releases_what_was_taken_over() -> None:
    player = Player(synth())
    for n, event in enumerate(EVENTS["by the pedal"][0]):
        player.changeover.play(event[0], n, *event[1:])
    player.quanta(10)
    player.changeover.hand_over(synth(ratio=2))
    player.quanta(50)
    player.changeover.play("control", player.frame, 0, 64, 0)
    player.quanta(200)
    assert not player.changeover.active
    assert not player.sound[-QUANTUM:].any()


def test_a_param_is_turned_in_what_sounds_and_others_are_passed_over() -> None:
    player = held(synth())
    player.changeover.turn("level", 0)
    player.changeover.turn("unknown", 1)
    player.quanta(100)
    assert not player.quanta(1).any()


def test_a_patch_that_fails_in_the_crossfade_gives_way_to_the_one_that_leaves() -> None:
    player = held(synth())
    player.changeover.hand_over(fails_after(5))
    player.quanta(100)
    (fault,) = player.faults
    assert fault == "Bad.py:11: ZeroDivisionError: division by zero"
    assert np.array_equal(player.sound[-20 * QUANTUM :], alone(synth(), 200, 7)[-20 * QUANTUM :])


def test_a_patch_that_fails_later_gives_way_to_the_spare_one_with_its_held_notes() -> None:
    player = held(synth())
    player.changeover.hand_over(fails_after(50))
    player.changeover.keep_ready(synth())
    player.quanta(100)
    assert len(player.faults) == 1
    assert np.array_equal(player.sound[-20 * QUANTUM :], alone(synth(), 50, 0)[-20 * QUANTUM :])


def test_a_patch_that_fails_breaks_off_without_a_step() -> None:
    player = held(synth())
    player.changeover.hand_over(fails_after(50))
    player.quanta(100)
    assert len(player.faults) == 1
    assert not player.sound[-20 * QUANTUM :].any()
    steepest = 0.2 * 2 * np.pi * 660 / RATE  # of the tone itself
    assert step(player.sound) < steepest + 0.2 / QUANTUM


def test_if_the_spare_one_fails_too_it_is_silent_and_a_new_patch_plays() -> None:
    player = held(fails_after(10))
    player.changeover.keep_ready(fails_after(0))
    player.quanta(50)
    assert not player.quanta(10).any()
    player.changeover.hand_over(synth())
    player.quanta(50)
    assert player.sound[-1].any()


def test_a_patch_that_hangs_while_it_plays_is_called_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changeover, "HANGS_NS", 20_000_000)
    hangs = synth("while left[:].min() < -20: pass", name="Bad")
    player = held(synth())
    player.changeover.hand_over(hangs)
    player.changeover.keep_ready(synth())
    over = threading.Event()

    def play() -> None:
        player.quanta(200)
        over.set()

    thread = threading.Thread(target=play)
    thread.start()
    while not over.wait(0.002):
        player.changeover.watch()
    thread.join()
    (fault,) = player.faults
    assert fault == "Bad.py:11: it did not come to an end"
    assert player.sound[-1].any()


def test_a_fault_has_its_line() -> None:
    with pytest.raises(PatchError):
        alone(fails_after(0), 3, 0)
