"""The mixing desk: what is to be heard at which frame, and the buses that make it, a quantum at a time.

It must never know a device or a clock: the same events at the same frames give the same sound, bit for bit.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np

from panel.engine.outlet import LATE_NS
from panel.engine.player import NOTE_OFF, NOTE_ON, Message
from panel.music.tempo import NEVER
from panel.sound.limiter import Limiter
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.wire import MASTER

SECOND = 1_000_000_000
DOUBT_NS = 30_000_000  # within which the engine tells again what it has taken back, if it does
AGAIN_NS = 4_000_000  # no two strokes of a note are so near: it is one that was moved when it had sounded already


class Source(Protocol):
    """What a bus makes its sound of. Called by the audio thread only, in the order of frames."""

    @property
    def active(self) -> bool:
        """Whether it has anything to be heard; while it has not it is not rendered."""

    def take(self, frame: int, message: Message) -> None:
        """A MIDI message that falls on `frame`: within the quantum that is rendered next."""

    def silence(self, frame: int) -> None:
        """End all that sounds, on all channels, within 3 ms from `frame` on."""

    def render(self, frame: int, out: Frames) -> None:
        """Add the sound of QUANTUM frames from `frame` on to `out`, (QUANTUM, 2)."""


Key = tuple[str, int, int]  # bus, channel from 0, note


class Event(NamedTuple):
    """A message for a bus at a frame; those of one frame keep their order. `revision` is the engine's, 0 elsewhere."""

    frame: int
    order: int
    bus: str
    message: Message
    revision: int = 0


def gain_of(percent: int) -> float:
    """What a fader at 0 to 100 percent does: a power law, 12 dB down in the middle."""
    return (percent / 100) ** 2


class Fader:
    """The level of a bus, which changes over a quantum, so that no step is heard."""

    def __init__(self, percent: int = 100) -> None:
        self._gain = self._wanted = np.float32(gain_of(percent))
        self._ramp = np.empty((QUANTUM, 1), np.float32)
        self._slope = (np.arange(1, QUANTUM + 1, dtype=np.float32) / QUANTUM)[:, None]

    def set(self, percent: int) -> None:
        """Go there within the next quantum."""
        self._wanted = np.float32(gain_of(percent))

    def rest(self) -> None:
        """Nothing sounds on this bus: be there, so that what comes next has the new level from its first frame."""
        self._gain = self._wanted

    def apply(self, block: Frames) -> None:
        """Multiply, in place."""
        if self._wanted != self._gain:
            np.multiply(self._slope, self._wanted - self._gain, out=self._ramp)
            np.add(self._ramp, self._gain, out=self._ramp)
            np.multiply(block, self._ramp, out=block)
            self._gain = self._wanted
        elif self._gain != 1:
            np.multiply(block, self._gain, out=block)


class Desk:
    """Buses into a master. `post` and `schedule` may be called by any thread, `render` by the audio thread.

    Between the threads lies one deque, whose append and popleft are atomic; all else is the audio thread's alone.
    What is rendered at `frame` leaves the limiter `latency_frames` later.
    """

    def __init__(self, rate: int, sources: dict[str, Source]) -> None:
        self.sources = sources
        self.late = 0  # notes that came after their time and were dropped
        self._faders = {bus: Fader() for bus in (*sources, MASTER)}
        self._limiter = Limiter(rate)
        self.latency_frames = self._limiter.latency_frames
        self._late_frames = LATE_NS * rate // SECOND
        self._again_frames = AGAIN_NS * rate // SECOND
        self._doubt_frames = DOUBT_NS * rate // SECOND
        self._posted: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._events: list[Event] = []
        self._struck: deque[Event] = deque(maxlen=64)  # the engine's last notes, in the order of frames
        self._doubted: dict[
            Key, int
        ] = {}  # taken back when it was struck already; until which frame it may be told again
        self._order = 0
        self._frame = 0
        self._block = np.zeros((QUANTUM, 2), np.float32)

    def post(self, action: Callable[..., None], *arguments: Any) -> None:
        """Have something done by the audio thread, before the next quantum."""
        self._posted.append((action, arguments))

    def schedule(self, frame: int, bus: str, messages: tuple[Message, ...], revision: int = 0) -> None:
        """Messages of one instant, for a bus."""
        self.post(self._queue, frame, bus, messages, revision)

    def recall(self, revision: int, heard_frame: int = NEVER) -> None:
        """Forget what the engine scheduled under an older revision and has not sounded.

        What has been made already can't be taken back: the engine, which counts it as unheard until its due time, at
        `heard_frame`, tells it again, and that is passed over. A note that it does not tell again soon is ended.
        """
        self.post(self._forget, revision, heard_frame)

    def bring_forward(self, frames: int) -> None:
        """What the engine scheduled, so many frames earlier: the stream has stalled, the engine's time went on."""
        self.post(self._move, -frames)

    def mix(self, bus: str, percent: int) -> None:
        """Set the level of a bus, or of the master."""
        self.post(self._faders[bus].set, percent)

    def silence(self) -> None:
        """End all that sounds, and all that is to come."""
        self.post(self._silence)

    def render(self, frame: int, out: Frames) -> None:
        """The sound of QUANTUM frames from `frame` on, into `out`. Frames follow each other without a gap."""
        self._frame = frame
        while self._posted:
            action, arguments = self._posted.popleft()
            action(*arguments)
        for bus, source in self.sources.items():
            if not source.active:
                self._faders[bus].rest()
        self._dispatch(frame)
        out.fill(0)
        for bus, source in self.sources.items():
            if source.active:
                self._block.fill(0)
                source.render(frame, self._block)
                self._faders[bus].apply(self._block)
                np.add(out, self._block, out=out)
        self._faders[MASTER].apply(out)
        self._limiter.render(out)

    def _queue(self, frame: int, bus: str, messages: tuple[Message, ...], revision: int) -> None:
        for message in messages:
            self._order += 1
            event = Event(frame, self._order, bus, message, revision)
            if not self._is_told_again(event):
                heapq.heappush(self._events, event)

    def _is_told_again(self, event: Event) -> bool:
        """Whether an event of the engine's is one that has been made, before it was taken back."""
        if not event.revision or len(event.message) != 3:
            return False
        if event.message[0] & 0xF0 == NOTE_OFF:
            return self._was_ended(event)
        struck = _is_note_on(event.message) and self._was_struck(event)
        if struck:
            self._doubted.pop(_key(event), None)
        return struck

    def _was_ended(self, event: Event) -> bool:
        """Whether the end of a note comes after that note has been struck anew, which it must not end."""
        struck = next((s for s in reversed(self._struck) if _key(s) == _key(event)), None)
        return struck is not None and struck.frame + self._again_frames > event.frame

    def _was_struck(self, event: Event) -> bool:
        """Whether a note has been struck."""
        for struck in reversed(self._struck):
            if struck.frame <= event.frame - self._again_frames:
                return False
            if struck.message[:2] == event.message[:2] and struck.frame < event.frame + self._again_frames:
                return True
        return False

    def _forget(self, revision: int, heard_frame: int) -> None:
        for struck in self._struck:
            if struck.revision < revision and struck.frame > heard_frame - self._again_frames // 2:
                self._doubted[_key(struck)] = self._frame + self._doubt_frames
        self._events = [e for e in self._events if e.revision >= revision or not e.revision]
        heapq.heapify(self._events)

    def _move(self, frames: int) -> None:
        self._events = [e._replace(frame=e.frame + frames) if e.revision else e for e in self._events]
        heapq.heapify(self._events)

    def _silence(self) -> None:
        self._events.clear()
        self._doubted.clear()
        for source in self.sources.values():
            source.silence(self._frame)

    def _dispatch(self, frame: int) -> None:
        """Hand over what falls into this quantum; what comes too late is played at once, or, a note-on, dropped."""
        if self._doubted:
            self._end_doubted(frame)
        while self._events and self._events[0].frame < frame + QUANTUM:
            event = heapq.heappop(self._events)
            is_stroke = _is_note_on(event.message)
            if is_stroke and frame - event.frame > self._late_frames:
                self.late += 1
                continue
            self.sources[event.bus].take(max(frame, event.frame), event.message)
            if is_stroke and event.revision:
                self._struck.append(event)
                self._doubted.pop(_key(event), None)

    def _end_doubted(self, frame: int) -> None:
        """End what was taken back after it had been struck, and was not told again."""
        for key in [key for key, until in self._doubted.items() if until <= frame]:
            del self._doubted[key]
            bus, channel, note = key
            self.sources[bus].take(frame, (NOTE_OFF + channel, note, 64))


def _key(event: Event) -> Key:
    """Which note on which bus."""
    return (event.bus, event.message[0] & 0x0F, event.message[1])


def _is_note_on(message: Message) -> bool:
    return len(message) == 3 and message[0] & 0xF0 == NOTE_ON and message[2] > 0
