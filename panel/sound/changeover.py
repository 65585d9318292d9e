"""The patch that sounds, and how another one takes its place: notes that are held go on in the new one, by a crossfade.

It must never go silent for a patch that fails while it plays: what sounded before it takes over in the same quantum.
"""

from __future__ import annotations

import math
import queue
import time
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from panel.sound.interrupt import Endless, Guard
from panel.sound.patch import PatchError
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.synth import Synth

CROSSFADE_S = 0.03
HANGS_NS, HANGS_LOOKS = 300_000_000, 10
_SUSTAIN, _RESET, _SOUND_OFF, _NOTES_OFF = 64, 121, 120, 123
_HUSH = np.linspace(1.0, 0.0, QUANTUM + 1, dtype=np.float32)[1:, None]


class Event(NamedTuple):
    """A method of Synth, its frame, and what else it is given."""

    act: str
    frame: int
    values: tuple[int, ...]


class Hands:
    """What a player holds and has turned: the events that bring a new synth to where the old one is."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], int] = {}  # velocity by channel and note, in the order they were struck
        self._lifted: set[tuple[int, int]] = set()  # of those, which the pedal alone holds
        self._turned: dict[tuple[int, int], int] = {}
        self._bent: dict[int, int] = {}

    def notice(self, event: Event) -> None:
        """An event was played."""
        if event.act == "silence":
            self._let_go(None)
            return
        channel, values = event.values[0], event.values[1:]
        if event.act == "note_on":
            self._held.pop((channel, values[0]), None)
            self._held[channel, values[0]] = values[1]
            self._lifted.discard((channel, values[0]))
        elif event.act == "note_off":
            self._lift((channel, values[0]))
        elif event.act == "bend":
            self._bent[channel] = values[0]
        elif event.act == "control":
            self._control(channel, *values)

    def _lift(self, key: tuple[int, int]) -> None:
        if self._turned.get((key[0], _SUSTAIN), 0) < 64:
            self._held.pop(key, None)
        elif key in self._held:
            self._lifted.add(key)

    def _control(self, channel: int, number: int, value: int) -> None:
        if number == _SOUND_OFF:
            self._let_go(channel)
        elif number == _NOTES_OFF:
            for key in [key for key in self._held if key[0] == channel]:
                self._lift(key)
        elif number == _RESET:
            self._bent.pop(channel, None)
            for turned in [at for at in self._turned if at[0] == channel and at[1] in (1, _SUSTAIN)]:
                del self._turned[turned]
        else:
            self._turned[channel, number] = value
        if number == _RESET or (number == _SUSTAIN and value < 64):
            for key in [key for key in self._lifted if key[0] == channel]:
                self._lifted.discard(key)
                self._held.pop(key, None)

    def _let_go(self, channel: int | None) -> None:
        for key in [key for key in self._held if channel in (None, key[0])]:
            self._lifted.discard(key)
            del self._held[key]

    def again(self, frame: int) -> Iterator[Event]:
        """All of it, to be played at a frame."""
        for (channel, number), value in self._turned.items():
            yield Event("control", frame, (channel, number, value))
        for channel, value in self._bent.items():
            yield Event("bend", frame, (channel, value))
        for (channel, note), velocity in self._held.items():
            yield Event("note_on", frame, (channel, note, velocity))
        for channel, note in self._lifted:
            yield Event("note_off", frame, (channel, note))


class _Lane:
    """A synth on its way in or out: `at` of `curve` is how loud it is, a quarter of a sine (equal power)."""

    def __init__(self, synth: Synth, at: int) -> None:
        self.synth, self.at, self.comes = synth, at, True
        self.last = np.zeros(2, np.float32)  # of what it gave to the last quantum

    def gains(self, curve: Frames) -> Frames | None:
        """The gain in each frame of this quantum; None where it is 1. Moves on to the next quantum."""
        at, end = self.at, len(curve) - 1
        if self.comes:
            if at == end:
                return None
            self.at += QUANTUM
            return curve[at : at + QUANTUM]
        self.at -= QUANTUM
        return curve[self.at + 1 : at + 1][::-1]


class Changeover:
    """Plays the patch that was handed over last. Audio thread but for what says otherwise; events come in order.

    `faults` are what went wrong while it played, with the synth that it went wrong in, for any thread to fetch.
    """

    def __init__(self, rate: int) -> None:
        quanta = math.ceil(CROSSFADE_S * rate / QUANTUM)
        self._curve = np.sin(np.linspace(0, math.pi / 2, quanta * QUANTUM + 1, dtype=np.float32))[:, None]
        self._events: deque[Event] = deque()
        self._turns: deque[tuple[str, float]] = deque()
        self._hands = Hands()
        self._lanes: list[_Lane] = []  # the one that plays, and behind it the one that leaves
        self._next: Synth | None = None
        self._spare: Synth | None = None
        self._own, self._one = np.zeros((QUANTUM, 2), np.float32), np.zeros((QUANTUM, 2), np.float32)
        self._guard = Guard(HANGS_NS, HANGS_LOOKS)
        self.faults: queue.SimpleQueue[tuple[Synth, PatchError]] = queue.SimpleQueue()

    def hand_over(self, synth: Synth) -> None:
        """Have a synth that nothing has played yet take over. Any thread; the last one wins."""
        self._next = synth

    def keep_ready(self, synth: Synth | None) -> None:
        """What plays should the present patch fail: one that nothing has played yet. Any thread."""
        self._spare = synth

    def turn(self, name: str, value: float) -> None:
        """Turn a param of the patch that sounds. Any thread."""
        self._turns.append((name, value))

    def watch(self) -> None:
        """To be called every 20 ms or so by a thread that plays nothing: calls off a patch that hangs."""
        self._guard.look(time.monotonic_ns())

    def play(self, act: str, frame: int, *values: int) -> None:
        """An event for the synth: the name of its method, and what that is given."""
        self._events.append(Event(act, frame, values))

    @property
    def active(self) -> bool:
        """Whether anything sounds, is going to, or has to be taken over."""
        return (
            bool(self._events)
            or self._next is not None
            or len(self._lanes) > 1
            or any(lane.synth.active for lane in self._lanes)
        )

    def render(self, frame: int, out: Frames) -> None:
        """Add the sound of frame to frame + QUANTUM to out, (QUANTUM, 2). Never raises what a patch raises."""
        self._take_over(frame)
        self._turn()
        self._play(frame)
        self._own[:] = 0
        for lane in list(self._lanes):
            self._sound(lane, frame)
        out += self._own

    def _take_over(self, frame: int) -> None:
        if self._lanes and self._lanes[-1].at <= 0 and not self._lanes[-1].comes:
            self._lanes.pop()
        if self._next is None or len(self._lanes) > 1:
            return
        synth, self._next = self._next, None
        silent = not (self._lanes and self._lanes[0].synth.active)
        for lane in self._lanes:
            lane.comes = False
        if silent:
            self._lanes.clear()
        self._enter(synth, frame, at=len(self._curve) - 1 if silent else 0)

    def _enter(self, synth: Synth, frame: int, at: int) -> None:
        for event in self._hands.again(frame):
            getattr(synth, event.act)(event.frame, *event.values)
        self._lanes.insert(0, _Lane(synth, at))

    def _turn(self) -> None:
        while self._turns:
            name, value = self._turns.popleft()
            if self._lanes and any(knob.name == name for knob in self._lanes[0].synth.patch.knobs):
                self._lanes[0].synth.set_param(name, value)

    def _play(self, frame: int) -> None:
        """What is due goes to all lanes: the one that leaves may have to come back."""
        while self._events and self._events[0].frame < frame + QUANTUM:
            event = self._events.popleft()
            self._hands.notice(event)
            for lane in self._lanes:
                getattr(lane.synth, event.act)(event.frame, *event.values)

    def _sound(self, lane: _Lane, frame: int) -> None:
        if lane not in self._lanes:
            return
        try:
            self._one[:] = 0
            if lane.synth.active:
                self._guard.run(partial(lane.synth.render, frame, self._one))
        except (PatchError, Endless) as fault:
            self._failed(lane, frame, fault)
            return
        gains = lane.gains(self._curve)
        if gains is not None:
            self._one *= gains
        lane.last[:] = self._one[-1]
        self._own += self._one

    def _failed(self, lane: _Lane, frame: int, fault: Any) -> None:
        """It is out. If it was the one that plays, the one that leaves turns back, or the spare one begins."""
        plays = lane is self._lanes[0]
        self._lanes.remove(lane)
        if not plays:
            return
        self.faults.put((lane.synth, _as_told(fault, lane.synth)))
        self._own += lane.last * _HUSH  # it broke off in the middle of a wave
        if self._lanes:
            self._lanes[0].comes = True
        elif self._spare is not None:
            spare, self._spare = self._spare, None
            self._enter(spare, frame, at=0)
            self._sound(self._lanes[0], frame)


def _as_told(fault: Any, synth: Synth) -> PatchError:
    if isinstance(fault, PatchError):
        return PatchError(fault.path, fault.line, fault.what.removeprefix("Endless: "))
    return PatchError(synth.patch.path, synth.patch.voice_line, str(fault))
