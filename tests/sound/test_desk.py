"""The desk: events at their frames, whatever the blocks; late ones, recalled ones; faders."""

from __future__ import annotations

import numpy as np
import pytest

from panel.engine.player import Message
from panel.sound.desk import DOUBT_NS, Desk, gain_of
from panel.sound.quantum import QUANTUM, Frames

RATE = 48_000
HIT: Message = (0x99, 37, 100)


class Clicks:
    """A bus that makes one sample of 0.5 for each note-on, and counts what else it is told."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.taken: list[tuple[int, Message]] = []
        self.silenced: list[int] = []

    @property
    def active(self) -> bool:
        return True

    def take(self, frame: int, message: Message) -> None:
        self.taken.append((frame, message))
        if message[0] & 0xF0 == 0x90 and message[2]:
            self.frames.append(frame)

    def silence(self, frame: int) -> None:
        self.silenced.append(frame)

    def render(self, frame: int, out: Frames) -> None:
        for at in self.frames:
            if frame <= at < frame + QUANTUM:
                out[at - frame] += 0.5


class Scene:
    """A desk of two buses, and what it has made."""

    def __init__(self) -> None:
        self.click, self.kit = Clicks(), Clicks()
        self.desk = Desk(RATE, {"click": self.click, "kit": self.kit})
        self.frame = 0
        self.made: list[Frames] = []

    def run(self, quanta: int) -> Frames:
        out = np.empty((QUANTUM, 2), np.float32)
        for _ in range(quanta):
            self.desk.render(self.frame, out)
            self.made.append(out.copy())
            self.frame += QUANTUM
        return np.concatenate(self.made)

    def onsets(self) -> list[int]:
        """Frames at which there is sound, as the desk was told them."""
        return [int(at) - self.desk.latency_frames for at in np.nonzero(np.concatenate(self.made)[:, 0])[0]]


class TestEvents:
    def test_sound_at_their_frames(self) -> None:
        scene = Scene()
        for frame in (5, 63, 64, 129, 700):
            scene.desk.schedule(frame, "click", (HIT,))
        scene.run(20)
        assert scene.onsets() == [5, 63, 64, 129, 700]

    def test_of_one_frame_keep_their_order(self) -> None:
        scene = Scene()
        scene.desk.schedule(70, "click", (HIT, (0x89, 37, 0)))
        scene.desk.schedule(70, "click", ((0x99, 42, 1),))
        scene.run(3)
        assert scene.click.taken == [(70, HIT), (70, (0x89, 37, 0)), (70, (0x99, 42, 1))]

    def test_a_little_late_sound_at_once(self) -> None:
        scene = Scene()
        scene.run(10)
        scene.desk.schedule(scene.frame - 900, "click", (HIT,))
        scene.run(2)
        assert scene.onsets() == [640]
        assert scene.desk.late == 0

    def test_too_late_are_dropped_and_counted_but_not_their_ends(self) -> None:
        scene = Scene()
        scene.run(100)
        scene.desk.schedule(scene.frame - 961, "click", (HIT, (0x89, 37, 0), (0x99, 37, 0)))
        scene.run(2)
        assert scene.desk.late == 1
        assert [message for _, message in scene.click.taken] == [(0x89, 37, 0), (0x99, 37, 0)]


class TestRecall:
    def test_takes_back_what_an_older_revision_sent_and_has_not_sounded(self) -> None:
        scene = Scene()
        for frame in (10, 200, 300):
            scene.desk.schedule(frame, "click", (HIT,), revision=3)
        scene.desk.schedule(400, "kit", (HIT,))  # a hand's: nobody recalls it
        scene.run(1)
        scene.desk.recall(4)
        scene.desk.schedule(250, "click", (HIT,), revision=4)
        scene.run(10)
        assert scene.onsets() == [10, 250, 400]

    def test_a_hand_may_strike_as_fast_as_it_can(self) -> None:
        scene = Scene()
        for frame in (10, 12, 20):
            scene.desk.schedule(frame, "click", (HIT,))
        scene.run(2)
        assert scene.click.frames == [10, 12, 20]

    def test_silence_forgets_all_that_is_to_come(self) -> None:
        scene = Scene()
        scene.desk.schedule(200, "click", (HIT,), revision=3)
        scene.desk.schedule(200, "kit", (HIT,))
        scene.desk.silence()
        scene.run(10)
        assert scene.onsets() == []
        assert (scene.click.silenced, scene.kit.silenced) == ([0], [0])

    def test_what_was_made_already_and_is_told_again_is_struck_once(self) -> None:
        """The engine takes a note as unheard until it is due; here it was made a block and a device's buffer ago."""
        scene = Scene()
        scene.desk.schedule(10, "click", (HIT, (0x99, 42, 100)), revision=3)
        scene.run(3)
        scene.desk.recall(4)
        scene.desk.schedule(10, "click", (HIT, (0x99, 42, 100), (0x99, 36, 100)), revision=4)  # 36 is new
        scene.run(3)
        assert [frame for frame, _ in scene.click.taken] == [10, 10, 192]
        scene.desk.recall(5)
        scene.desk.schedule(100, "click", (HIT,), revision=5)  # by another tempo a little later
        scene.desk.schedule(20 + RATE // 200, "click", (HIT,), revision=5)  # 5 ms: another stroke
        scene.run(3)
        assert [frame for frame, _ in scene.click.taken] == [10, 10, 192, 384]

    def test_a_hand_may_strike_as_often_as_it_likes(self) -> None:
        scene = Scene()
        for frame in (10, 10, 11, 80):
            scene.desk.schedule(frame, "kit", (HIT,))
        scene.run(2)
        assert scene.kit.frames == [10, 10, 11, 80]


class TestFaders:
    @pytest.mark.parametrize(("percent", "db"), [(100, 0), (50, -12.04), (10, -40)])
    def test_their_law(self, percent: int, db: float) -> None:
        assert 20 * np.log10(gain_of(percent)) == pytest.approx(db, abs=0.01)

    def test_of_a_bus_and_the_master_multiply(self) -> None:
        scene = Scene()
        scene.desk.mix("click", 50)
        scene.desk.mix("master", 50)
        scene.desk.schedule(0, "kit", ((0x99, 37, 0),))
        scene.run(2)
        scene.desk.schedule(300, "click", (HIT,))
        scene.desk.schedule(310, "kit", (HIT,))
        sound = scene.run(8)
        assert sound[300 + scene.desk.latency_frames, 0] == pytest.approx(0.5 / 16)
        assert sound[310 + scene.desk.latency_frames, 0] == pytest.approx(0.5 / 4)

    @pytest.mark.parametrize(("percent", "peak"), [(0, 0), (50, 0.125)])
    def test_turned_while_a_bus_is_silent_the_next_hit_has_the_new_level_from_its_first_frame(
        self, percent: int, peak: float
    ) -> None:
        class Sleeper(Clicks):
            @property
            def active(self) -> bool:
                return bool(self.frames)

        desk, made = Desk(RATE, {"click": Sleeper()}), []
        for quantum in range(8):
            if quantum == 2:
                desk.mix("click", percent)
                desk.schedule(4 * QUANTUM, "click", (HIT,))
            made.append(np.empty((QUANTUM, 2), np.float32))
            desk.render(quantum * QUANTUM, made[-1])
        assert np.concatenate(made).max() == pytest.approx(peak)

    def test_a_turn_makes_no_step(self) -> None:
        class Steady(Clicks):
            def render(self, frame: int, out: Frames) -> None:
                out += 0.5

        desk = Desk(RATE, {"click": Steady()})
        out, made = np.empty((QUANTUM, 2), np.float32), []
        for quantum in range(6):
            if quantum == 3:
                desk.mix("click", 0)
            desk.render(quantum * QUANTUM, out)
            made.append(out.copy())
        steps = np.abs(np.diff(np.concatenate(made)[desk.latency_frames :, 0]))
        assert 0 < steps.max() <= 0.5 / QUANTUM + 1e-6
        assert out[-1, 0] == 0


ON, OFF, OTHER_OFF = (0x90, 60, 100), (0x80, 60, 64), (0x80, 62, 64)


class TestMelody:
    """What is taken back when it has been struck already, on a bus where a note rings until it is ended."""

    def struck(self, frame: int = 300) -> Scene:
        scene = Scene()
        scene.desk.schedule(frame, "kit", (ON,), revision=3)
        scene.run(8)
        assert scene.kit.taken == [(frame, ON)]
        return scene

    def test_a_note_that_is_not_told_again_is_ended(self) -> None:
        scene = self.struck()
        scene.desk.recall(4, heard_frame=0)
        scene.run(RATE // 20 // QUANTUM)
        (_, (frame, message)) = scene.kit.taken
        assert message == OFF
        assert 0 <= frame - 8 * QUANTUM - DOUBT_NS * RATE // 10**9 < 2 * QUANTUM

    def test_one_that_is_told_again_rings_on(self) -> None:
        scene = self.struck()
        scene.desk.recall(4, heard_frame=0)
        scene.desk.schedule(305, "kit", (ON,), revision=4)
        scene.run(RATE // 10 // QUANTUM)
        assert scene.kit.taken == [(300, ON)]

    def test_one_that_was_heard_rings_on_until_its_own_end(self) -> None:
        scene = self.struck()
        scene.desk.recall(4, heard_frame=300 + RATE // 100)
        scene.desk.schedule(RATE // 10, "kit", (OFF,), revision=4)
        scene.run(RATE // 5 // QUANTUM)
        assert scene.kit.taken == [(300, ON), (RATE // 10, OFF)]

    def test_one_that_is_struck_anew_rings_on(self) -> None:
        scene = self.struck()
        scene.desk.recall(4, heard_frame=0)
        scene.desk.schedule(900, "kit", (ON,), revision=4)
        scene.run(RATE // 10 // QUANTUM)
        assert scene.kit.taken == [(300, ON), (900, ON)]

    def test_the_end_of_the_note_before_told_again_does_not_end_it(self) -> None:
        scene = self.struck()
        scene.desk.recall(4, heard_frame=0)
        scene.desk.schedule(290, "kit", (OFF, OTHER_OFF), revision=4)
        scene.desk.schedule(300, "kit", (ON,), revision=4)
        scene.run(RATE // 10 // QUANTUM)
        assert [message for _, message in scene.kit.taken] == [ON, OTHER_OFF]

    def test_an_end_out_of_turn_is_never_passed_over(self) -> None:
        scene = self.struck()
        scene.desk.schedule(290, "kit", (OFF,))
        scene.run(1)
        assert scene.kit.taken == [(300, ON), (8 * QUANTUM, OFF)]
