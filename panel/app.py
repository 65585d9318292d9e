"""The panel's loop: inputs to the screens, then one frame; and what happens by itself.

It must never draw from an input, queue frames, or wait for anything but the next thing to do.
"""

from __future__ import annotations

import os
import select
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from panel.canvas import Canvas
from panel.controls import Controls, Gesture, Input, Meaning, Meant
from panel.display import Display, Lamps
from panel.gestures import Gestures
from panel.music.tempo import NEVER
from panel.screens.machine import Machine
from panel.settings import FUNCTION_OF

FRAME_NS = 33_000_000  # between two frames: a slow bus drops frames, not input
TEND_NS = 200_000_000  # how often engine and files are looked after while nothing happens
BEAT_LIT_NS = 80_000_000  # the beat LED; less where beats are short
DIMMED = 8  # brightness while nobody has touched the box for a while; dark after three times as long
MINUTE_NS = 60_000_000_000
FAULTS = 10  # controls that fail so many times in a row are listened to no more

Wait = Callable[..., tuple[list[Any], list[Any], list[Any]]]


class App:
    """Runs a Machine on a Display and Controls. `clock` is CLOCK_MONOTONIC in ns, `wait` select.select or a stand-in.

    `attend` is told whether a list is up, before each wait and after each input: for keys that mean up and down.
    """

    def __init__(
        self,
        machine: Machine,
        display: Display,
        controls: Sequence[Controls],
        lamps: Lamps,
        clock: Callable[[], int],
        wait: Wait = select.select,
        attend: Callable[[bool], None] = lambda is_list: None,
    ) -> None:
        self.ended = False
        self._machine, self._session = machine, machine.session
        self._display, self._controls, self._lamps = display, list(controls), lamps
        self._faults: dict[int, int] = {}  # by id of controls: how often they failed in a row
        self._clock, self._wait, self._attend = clock, wait, attend
        self._gestures = Gestures(lambda button: self._session.settings[FUNCTION_OF[button]])
        self._canvas = Canvas()
        self._shown = b""
        self._stale = True  # something has come since the last frame
        self._frame_ns = self._change_ns = self._lamp_ns = 0  # the next frame is allowed, wanted; the next lamp
        self._touched_ns = clock()
        self._brightness = -1
        self._lit = (False, False)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)

    @property
    def wake_descriptor(self) -> int:
        """Write a byte here to end a wait, from a signal."""
        return self._wake_write

    def run(self) -> None:
        """Until the drummer quits or `ended` is set."""
        while not self.ended:
            self.step()

    def step(self) -> None:
        """One turn: wait, take what has come, draw."""
        self._attend(self._machine.screen.is_list)
        readable = self._wait(self._sources(), [], [], self._patience_s())[0]
        self._take(readable)
        self._session.tend()
        self._take_pads()
        now = self._clock()
        self._stale = self._stale or bool(readable) or now >= self._change_ns
        if self._stale and now >= self._frame_ns:
            self._session.flush()
            self._draw(now)
        self._shine(now)
        self._rest(now)

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _sources(self) -> list[Any]:
        sockets = [source for source in (self._session.client, self._session.sound) if source.fileno() >= 0]
        return [self._wake_read, *self._controls, *sockets]

    def _patience_s(self) -> float:
        """How long nothing will happen by itself, in seconds."""
        frame_ns = self._frame_ns if self._stale else max(self._frame_ns, self._change_ns)
        session = self._session
        due_ns = min(frame_ns, self._gestures.due_ns, self._lamp_ns, session.client.due_ns, session.sound.due_ns)
        return max(0, due_ns - self._clock()) / 1e9

    def _take(self, readable: list[Any]) -> None:
        """Every input that waits, and the holds that have come to their time."""
        if self._wake_read in readable:
            os.read(self._wake_read, 1000)
        for source in list(self._controls):
            for event in self._read(source) if source in readable else ():
                self._touched_ns = self._clock()
                self._mean(self._gestures.feed(event))
        self._mean(self._gestures.tend(self._clock()))

    def _take_pads(self) -> None:
        """What was pressed on the module, as if it were a button of ours."""
        for press in self._session.ear.presses():
            self._touched_ns = self._clock()
            self._mean(self._gestures.feed(Meant(Gesture(press.function), press.stamp_ns)))

    def _read(self, source: Controls) -> Iterator[Input]:
        """What controls tell. They promise not to raise; if they do it is told, and the rest goes on without them."""
        try:
            yield from source.read()
            self._faults.pop(id(source), None)
        except Exception as fault:
            self._tell_fault("Controls", fault)
            self._faults[id(source)] = self._faults.get(id(source), 0) + 1
            if self._faults[id(source)] >= FAULTS:
                self._controls.remove(source)

    def _tell_fault(self, what: str, fault: Exception) -> None:
        """A fault of our own: a line for the drummer, all of it for the journal; a terminal it would only spoil."""
        self._session.tell(f"{what}: {fault or type(fault).__name__}")
        if not sys.stderr.isatty():
            traceback.print_exception(fault)

    def _retreat(self, fault: Exception) -> None:
        """A screen that breaks is left for Live. Live itself has nowhere to go: raises the fault."""
        if not self._machine.retreat():
            raise fault
        self._tell_fault("Screen", fault)

    def _mean(self, meant: Sequence[Meaning]) -> None:
        """Hand on what the hand meant."""
        for each in meant:
            self._stale = True
            if isinstance(each, Meant) and each.gesture is Gesture.HOME:
                self._renew()
            self.ended = self.ended or (isinstance(each, Meant) and each.gesture is Gesture.QUIT)
            try:
                self._machine.handle(each)
            except Exception as fault:
                self._retreat(fault)
            self._attend(self._machine.screen.is_list)

    def _renew(self) -> None:
        """Home is also the way out of a glass that shows something else, or nothing, and says that all is well."""
        self._display.renew()
        self._shown = b""

    def _draw(self, now: int) -> None:
        """One frame, sent where it differs from what is on the glass."""
        try:
            self._machine.draw(self._canvas, now)
        except Exception as fault:
            self._retreat(fault)
            self._machine.draw(self._canvas, now)
        self._stale = False
        self._change_ns = min(now + TEND_NS, self._machine.screen.next_change_ns(now) or NEVER)
        picture = self._canvas.image.tobytes()
        if picture != self._shown:
            self._shown = picture if self._display.show(self._canvas.image) else b""
            self._frame_ns = self._clock() + FRAME_NS

    def _shine(self, now: int) -> None:
        """The beat LED for a moment on each beat, or on the beat of the song to come; the status LED while playing."""
        playing, beat, self._lamp_ns = self._session.playing, False, NEVER
        if pulse := self._session.pulse_ns(now):
            began_ns, ends_ns = pulse
            dark_ns = began_ns + min(BEAT_LIT_NS, (ends_ns - began_ns) // 4)
            beat = began_ns <= now < dark_ns
            self._lamp_ns = next(moment for moment in (began_ns, dark_ns, ends_ns) if moment > now)
        if (beat, playing) != self._lit:
            self._lit = (beat, playing)
            self._lamps.set(*self._lit)

    def _rest(self, now: int) -> None:
        """Dim, then go dark, but only while stopped; whatever is touched wakes."""
        settings = self._session.settings
        after_ns = settings["display.dim_after_min"] * MINUTE_NS
        idle_ns = now - self._touched_ns
        level: int = settings["display.brightness"]
        if after_ns and not self._session.playing and idle_ns > after_ns:
            level = 0 if idle_ns > 3 * after_ns else DIMMED
        if level != self._brightness:
            self._brightness = level
            self._display.dim(level)
