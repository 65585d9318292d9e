"""What MIDI means to the buses: channels, and the end of all that sounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from panel.engine.player import Message
from panel.sound.buses import SynthBus
from panel.sound.desk import Desk
from panel.sound.quantum import QUANTUM, Frames
from tests.sound.playing import RATE, synth

TONE = "osc, env = sine(), adsr(0.001, 0.1, 1, 0.01)\n\n\ndef voice(note):\n    return osc(note.hz) * env(note)\n"


class Scene:
    """A desk with a synth that plays a tone."""

    def __init__(self) -> None:
        player: Any = synth(TONE)  # it is played as a patch bay is
        self.desk = Desk(RATE, {"synth": SynthBus(player)})
        self.frame = 0

    def play(self, *messages: Message) -> float:
        """The largest of the last of some quanta after these messages."""
        self.desk.schedule(self.frame, "synth", messages)
        out: Frames = np.empty((QUANTUM, 2), np.float32)
        for _ in range(20):
            self.desk.render(self.frame, out)
            self.frame += QUANTUM
        return float(np.abs(out).max())


@pytest.mark.parametrize("channel", [0, 4, 15])
def test_silence_ends_what_sounds_on_every_channel(channel: int) -> None:
    scene = Scene()
    assert scene.play((0x90 + channel, 69, 100)) > 0.01
    scene.desk.silence()
    assert scene.play() == 0


def test_messages_that_mean_nothing_change_nothing() -> None:
    scene = Scene()
    for message in ((), (0x90,), (0xC0, 5), (0xF0, 1, 2, 0xF7), (0xA0, 69, 100), (0x90, 69, 0)):
        assert scene.play(message) == 0
