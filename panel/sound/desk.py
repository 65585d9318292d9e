"""The mixing desk: what is to be heard at which frame, and the buses that make it, a quantum at a time.

It must never know a device or a clock: the same events at the same frames give the same sound, bit for bit.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np

from panel.sound.limiter import Limiter
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.wire import MASTER

LATE_S = 0.02  # a note-on later than this is worse than none, here as in the engine
SAME_S = 0.004  # two of the engine's that are the same note and no further apart are one, which it sent again
NOTE_OFF, NOTE_ON, CONTROL, BEND = 0x80, 0x90, 0xB0, 0xE0
ALL_SOUND_OFF, ALL_NOTES_OFF = 120, 123

Message = tuple[int, ...]


class Source(Protocol):
    """What a bus makes its sound of. Called by the audio thread only, in the order of frames."""

    @property
    def active(self) -> bool:
        """Whether it has anything to be heard; while it has not it is not rendered."""

    def take(self, frame: int, message: Message) -> None:
        """A MIDI message that falls on `frame`: within the quantum that is rendered next."""

    def render(self, frame: int, out: Frames) -> None:
        """Add the sound of QUANTUM frames from `frame` on to `out`, (QUANTUM, 2)."""


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

    What is rendered at `frame` leaves the limiter `latency_frames` later.
    """

    def __init__(self, rate: int, sources: dict[str, Source]) -> None:
        self.sources = sources
        self.late = 0  # notes that came after their time and were dropped
        self._faders = {bus: Fader() for bus in (*sources, MASTER)}
        self._limiter = Limiter(rate)
        self.latency_frames = self._limiter.latency_frames
        self._late_frames, self._same_frames = round(LATE_S * rate), round(SAME_S * rate)
        self._struck: dict[tuple[str, Message], int] = {}  # at which frame the engine's notes were struck last
        self._posted: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._events: list[Event] = []
        self._order = 0
        self._frame = 0
        self._block = np.zeros((QUANTUM, 2), np.float32)

    def post(self, action: Callable[..., None], *arguments: Any) -> None:
        """Have something done by the audio thread, before the next quantum."""
        self._posted.append((action, arguments))

    def schedule(self, frame: int, bus: str, messages: tuple[Message, ...], revision: int = 0) -> None:
        """Messages of one instant, for a bus."""
        self.post(self._queue, frame, bus, messages, revision)

    def recall(self, revision: int) -> None:
        """Forget what the engine scheduled under an older revision and has not sounded."""
        self.post(self._forget, revision)

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
            heapq.heappush(self._events, Event(frame, self._order, bus, message, revision))

    def _forget(self, revision: int) -> None:
        self._events = [e for e in self._events if e.revision >= revision or not e.revision]
        heapq.heapify(self._events)

    def _silence(self) -> None:
        self._events.clear()
        for source in self.sources.values():
            source.take(self._frame, (CONTROL, ALL_SOUND_OFF, 0))

    def _dispatch(self, frame: int) -> None:
        """Hand over what falls into this quantum; what comes too late is played at once, or, a note-on, dropped.

        What is handed over can't be recalled, though it is heard only later: the engine then sends it again.
        """
        while self._events and self._events[0].frame < frame + QUANTUM:
            event = heapq.heappop(self._events)
            message = event.message
            begins = message[0] & 0xF0 == NOTE_ON and message[2]
            if begins and frame - event.frame > self._late_frames:
                self.late += 1
            elif not (begins and event.revision and self._was_struck(event)):
                self.sources[event.bus].take(max(frame, event.frame), message)

    def _was_struck(self, event: Event) -> bool:
        """Whether a note of the engine's has been handed over before; from now on it has."""
        key = event.bus, event.message[:2]
        before = self._struck.get(key)
        is_same = before is not None and abs(event.frame - before) <= self._same_frames
        if not is_same:
            self._struck[key] = event.frame
        return is_same
