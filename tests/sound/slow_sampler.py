"""The sampler as one would explain it: every voice, frame by frame, without a quantum or an array of voices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from panel.sound.kit import Kit, Sample


class Use(NamedTuple):
    """A kit comes into use."""

    kit: Kit


class Play(NamedTuple):
    """A note."""

    frame: int
    note: int
    velocity: int


class Silence(NamedTuple):
    """Everything fades."""

    frame: int


Event = Use | Play | Silence


@dataclass
class Voice:
    """A sample that sounds from `begin` on."""

    samples: NDArray[np.float64]
    begin: int
    gain: float
    choke: str
    order: int
    fade: int | None = None  # the frame from which on it fades
    heard: bool = True

    def left_at(self, frame: int) -> float:
        """The peak of what is still to come, counted from its whole quantum."""
        since = (frame - self.begin) // 64 * 64
        return float(np.float32(np.abs(self.samples[since:]).max()) * np.float32(self.gain))


class SlowSampler:
    """Renders events of a whole piece."""

    def __init__(self, voices: int, fade_frames: int) -> None:
        self._most, self._fade_frames = voices, fade_frames
        self._rows = -(-2 * voices // 8) * 8
        self._voices: list[Voice] = []
        self._turns: dict[int, int] = {}
        self._kit: Kit | None = None

    def render(self, events: list[Event], frames: int) -> NDArray[np.float64]:
        """The sound of events, in order."""
        for event in events:
            if isinstance(event, Use):
                if self._kit and self._kit.pool is not event.kit.pool:
                    self._turns.clear()
                self._kit = event.kit
            elif isinstance(event, Silence):
                for voice in self._sounding(event.frame):
                    self._cut(voice, event.frame)
            elif self._kit and self._kit.sound_at(event.note):
                self._play(self._kit, event)
        out = np.zeros((frames, 2))
        for voice in self._voices:
            self._mix(voice, out)
        return out

    def _end(self, voice: Voice) -> int:
        end = voice.begin + len(voice.samples)
        return end if voice.fade is None else min(end, voice.fade + self._fade_frames)

    def _sounding(self, frame: int) -> list[Voice]:
        return [v for v in self._voices if v.heard and v.fade is None and self._end(v) > frame]

    def _cut(self, voice: Voice, frame: int) -> None:
        voice.fade = frame
        voice.heard = voice.begin < frame

    def _play(self, kit: Kit, note: Play) -> None:
        sound = kit.sound_at(note.note)
        assert sound
        for voice in self._sounding(note.frame):
            if sound.choke and voice.choke == sound.choke:
                self._cut(voice, note.frame)
        sounding = self._sounding(note.frame)
        if len(sounding) >= self._most:
            self._cut(min(sounding, key=lambda v: (v.left_at(note.frame), v.order)), note.frame)
        if sum(v.heard and self._end(v) > note.frame - note.frame % 64 for v in self._voices) == self._rows:
            return
        layer = sound.layer(note.velocity)
        turn = self._turns.get(layer.number, 0)
        self._turns[layer.number] = turn + 1
        sample = layer.samples[turn % len(layer.samples)]
        gain = 10 ** ((sound.gain_db + 40 * math.log10(note.velocity / 127)) / 20)
        self._voices.append(Voice(_frames(kit, sample), note.frame, gain, sound.choke, len(self._voices)))

    def _mix(self, voice: Voice, out: NDArray[np.float64]) -> None:
        if not voice.heard:
            return
        for frame in range(voice.begin, min(self._end(voice), len(out))):
            shape = 1.0
            if voice.fade is not None and frame > voice.fade:
                shape = (1 + math.cos(math.pi * (frame - voice.fade) / self._fade_frames)) / 2
            out[frame] += voice.samples[frame - voice.begin] * voice.gain * shape


def _frames(kit: Kit, sample: Sample) -> NDArray[np.float64]:
    pairs = kit.pool.frames[sample.start : sample.start + sample.frames]
    return np.stack([pairs.real, pairs.imag], axis=1).astype(np.float64)
