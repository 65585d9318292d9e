"""The synthesizer: a patch's voices, played by the MIDI events of 16 channels, each at its frame.

It must never depend on when it is called: the same events give the same sound, bit for bit. What a patch's `voice` does
wrong comes out of `render` as a PatchError with its line, and nothing of that quantum is heard.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from panel.sound.channels import BEND_SEMITONES, Channels
from panel.sound.note import Note
from panel.sound.patch import MOST_VOICES, NotANumber, Patch, PatchError, fault_in
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.rows import Unit
from panel.sound.stage import Stage

LEVEL = np.float32(0.2)  # of a voice that gives -1 to 1: so that a chord of five at full height just fits
_WHEEL, _VOLUME, _SUSTAIN, _SOUND_OFF, _RESET, _NOTES_OFF = 1, 7, 64, 120, 121, 123


class Synth:
    """A polyphonic synthesizer that plays one patch. Audio thread only, but for making it: that takes milliseconds.

    Channels are 0 to 15; frames of events never go down, and are known before their quantum is rendered. A note starts
    and ends at its very frame; a controller or bend glides from the quantum in which its frame lies. Quanta may be left
    out while it is not `active`. Making it raises PatchError if the patch can't be made ready for this rate.
    """

    def __init__(self, patch: Patch, rate: int, voices: int = 16) -> None:
        self.patch, self.rate = patch, rate
        self.voices = min(voices, patch.polyphony or voices, MOST_VOICES)
        self._stage = Stage(rate, self.voices, patch.glide_s)
        self._rows = self._stage.rows
        self._instance = patch.instance(self._rows)
        self._stage.units = self._instance.units
        self._channels = Channels(rate)
        self._note = Note(self._rows, self._channels)
        self._events: deque[tuple[int, Callable[..., None], tuple[int, ...]]] = deque()
        self._settled: Frames | None = None  # the rows' gains where none moves

    @property
    def active(self) -> bool:
        """Whether anything sounds or is going to."""
        return self._rows.count > 0 or bool(self._events)

    def note_on(self, frame: int, channel: int, note: int, velocity: int) -> None:
        """A key goes down: note 0 to 127, velocity 1 to 127."""
        self._events.append((frame, self._stage.start, (channel, note, velocity)))

    def note_off(self, frame: int, channel: int, note: int) -> None:
        """A key comes up."""
        self._events.append((frame, self._key_up, (channel, note)))

    def control(self, frame: int, channel: int, number: int, value: int) -> None:
        """A controller, 0 to 127: wheel 1, volume 7, sustain 64, sound off 120, reset 121, notes off 123."""
        self._events.append((frame, self._control, (channel, number, value)))

    def bend(self, frame: int, channel: int, value: int) -> None:
        """The pitch bend, -8192 to 8191: two semitones down to two up."""
        self._events.append((frame, self._bend, (channel, value)))

    def silence(self, frame: int) -> None:
        """Everything fades out within 3 ms."""
        self._events.append((frame, self._stage.fade, ()))

    def set_param(self, name: str, value: float) -> None:
        """Turn a param, from the next quantum on; beyond its range is the range's end. KeyError if there is none."""
        self._instance.params[name].turn(value)

    def render(self, frame: int, out: Frames) -> None:
        """Add the sound of frame to frame + QUANTUM to out, (QUANTUM, 2). Raises PatchError, `out` untouched."""
        idle = not self._rows.count
        while self._events and self._events[0][0] < frame + QUANTUM:
            at, act, values = self._events.popleft()
            act(max(at, frame), *values)
        if not self._rows.count:
            return
        self._advance(frame, idle)
        with np.errstate(all="ignore"):  # what comes of a division by 0 is looked at, once, in the mix
            left, right = self._sounds()
            self._add(left, right, self._gains(), out)
        self._stage.end(left, right)

    def _key_up(self, frame: int, channel: int, key: int) -> None:
        self._stage.key_up(frame, channel, key, self._channels.pedal[channel])

    def _bend(self, _frame: int, channel: int, value: int) -> None:
        self._channels.bend.set(channel, BEND_SEMITONES * value / (8191 if value > 0 else 8192))

    def _control(self, frame: int, channel: int, number: int, value: int) -> None:
        if number == _WHEEL:
            self._channels.wheel.set(channel, value / 127)
        elif number == _VOLUME:
            # 40 log10(value / 127) dB, as General MIDI recommends
            self._channels.volume.set(channel, (value / 127) ** 2)
        elif number == _SUSTAIN:
            self._pedal(frame, channel, value >= 64)
        elif number == _SOUND_OFF:
            self._stage.fade(frame, channel)
        elif number == _RESET:
            self._channels.bend.set(channel, 0.0)
            self._channels.wheel.set(channel, 0.0)
            self._pedal(frame, channel, False)
        elif number == _NOTES_OFF:
            self._stage.keys_up(frame, channel, self._channels.pedal[channel])

    def _pedal(self, frame: int, channel: int, down: bool) -> None:
        self._channels.pedal[channel] = down
        if not down:
            self._stage.pedal_up(frame, channel)

    def _advance(self, frame: int, idle: bool) -> None:
        self._rows.begin(frame)
        if idle:
            self._channels.jump()
        self._channels.advance()
        for param in self._instance.params.values():
            if idle:
                param.jump()
            param.advance()
        if self._rows.new or self._channels.bend.moving or self._stage.slide:
            self._note.begin(self._stage.slides())

    def _sounds(self) -> tuple[Frames, Frames]:
        """What the patch gives, left and right."""
        with fault_in(self.patch.path, self.patch.voice_line):
            given = self._instance.voice(self._note)
        if isinstance(given, tuple) and len(given) == 2:
            return self._sound(given[0]), self._sound(given[1])
        sound = self._sound(given)
        return sound, sound

    def _sound(self, given: Any) -> Frames:
        rows = self._rows
        if not isinstance(given, np.ndarray) or given.shape != (rows.count, QUANTUM) or given.dtype.kind not in "fiu":
            wanted = f"it should be (voices, {QUANTUM}), now ({rows.count}, {QUANTUM})"
            what = f"voice gives {_described(given)}: {wanted}{_forgotten(given)}"
            raise PatchError(self.patch.path, self.patch.voice_line, what)
        sound = given.astype(np.float32, copy=bool(rows.fresh))
        rows.mask(sound)
        return sound

    def _gains(self) -> Frames:
        """A gain for each row, or for each of its frames where one moves."""
        volume, rows = self._channels.volume, self._rows
        fades = self._stage.fades()
        channels = rows.channel[: rows.count]
        if fades is None and not volume.moving:
            if self._rows.new or self._settled is None:
                self._settled = (volume.end[channels] * LEVEL).astype(np.float32)
            return self._settled
        self._settled = None
        gains = volume.within(channels) * LEVEL
        return gains if fades is None else gains * fades

    def _add(self, left: Frames, right: Frames, gains: Frames, out: Frames) -> None:
        mixed = _mixed(left, gains)
        mixed_right = mixed if right is left else _mixed(right, gains)
        if not math.isfinite(float(mixed @ mixed) + float(mixed_right @ mixed_right)):
            what = "voice gives NaN (not a number) or something endlessly large"
            raise NotANumber(self.patch.path, self.patch.voice_line, what)
        out[:, 0] += mixed
        out[:, 1] += mixed_right


def _mixed(sound: Frames, gains: Frames) -> Frames:
    return gains @ sound if gains.ndim == 1 else (gains * sound).sum(axis=0)


def _described(given: Any) -> str:
    if isinstance(given, np.ndarray):
        return f"an array of {given.shape} ({given.dtype})"
    if isinstance(given, Unit):
        return f"{given.word}() itself"
    return "nothing" if given is None else type(given).__name__


def _forgotten(given: Any) -> str:
    """What the patch's writer may have."""
    if given is None:
        return "; is return missing?"
    if isinstance(given, np.ndarray):
        still = given.shape[1:] == (1,) and len(given) <= MOST_VOICES
        return "; multiply it by what moves, as an envelope does" if still else ""
    return "; a unit is called: wave(note.hz), loud(note)" if isinstance(given, Unit) else ""
