"""What MIDI means to each bus: a kit's sounds are struck, a patch's voices are played.

It must never raise for a message that means nothing here: those are most of MIDI.
"""

from __future__ import annotations

from panel.engine.player import ALL_SOUND_OFF, CONTROL_CHANGE, NOTE_OFF, NOTE_ON, Message
from panel.sound.patchbay import Patchbay
from panel.sound.quantum import Frames
from panel.sound.sampler import Sampler

BEND, BEND_CENTRE = 0xE0, 8192


class KitBus:
    """A sampler that hears every channel; a sound rings as long as it is, so that note-offs mean nothing."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler

    @property
    def active(self) -> bool:
        """Whether something rings."""
        return self.sampler.active

    def take(self, frame: int, message: Message) -> None:
        """A note-on strikes; all sound off is that."""
        if len(message) != 3:
            return
        kind, number, value = message[0] & 0xF0, message[1], message[2]
        if kind == NOTE_ON and value:
            self.sampler.play(frame, number, value)
        elif kind == CONTROL_CHANGE and number == ALL_SOUND_OFF:
            self.sampler.silence(frame)

    def silence(self, frame: int) -> None:
        """What rings fades out."""
        self.sampler.silence(frame)

    def render(self, frame: int, out: Frames) -> None:
        """Add a quantum."""
        self.sampler.render(frame, out)


class SynthBus:
    """A patch's voices, on all channels."""

    def __init__(self, patchbay: Patchbay) -> None:
        self.patchbay = patchbay

    @property
    def active(self) -> bool:
        """Whether a voice sounds."""
        return self.patchbay.active

    def take(self, frame: int, message: Message) -> None:
        """Notes, controllers (120 and 123 among them) and bends; a note-on of velocity 0 is a note-off."""
        if len(message) != 3:
            return
        (status, number, value), channel, bay = message, message[0] & 0x0F, self.patchbay
        kind = status & 0xF0
        if kind == NOTE_ON and value:
            bay.note_on(frame, channel, number, value)
        elif kind in (NOTE_ON, NOTE_OFF):
            bay.note_off(frame, channel, number)
        elif kind == CONTROL_CHANGE:
            bay.control(frame, channel, number, value)
        elif kind == BEND:
            bay.bend(frame, channel, number + (value << 7) - BEND_CENTRE)

    def silence(self, frame: int) -> None:
        """All voices fade out."""
        self.patchbay.silence(frame)

    def render(self, frame: int, out: Frames) -> None:
        """Add a quantum."""
        self.patchbay.render(frame, out)
