"""The sound's loop: the engine's notes, MIDI in, the device, kits, patch and panel, each in its turn.

It must never do what could keep the engine's notes waiting: they are read first, and all the rest is short.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from panel.datafiles import data_folder
from panel.engine.player import NOTE_OFF, NOTE_ON, Message
from panel.engine.server import Server
from panel.engine.wire import Notes, Recall
from panel.music.reading import meant
from panel.sound.device import Device
from panel.sound.follower import Follower
from panel.sound.midi_in import MidiIn
from panel.sound.patchbay import Patchbay
from panel.sound.rig import Chosen
from panel.sound.shelf import Adjustment, Shelf
from panel.sound.typed import Typed
from panel.sound.view import spoken, view_of
from panel.sound.wire import SYNTH, Command, SoundView, WireError, decode, encode_error, encode_view

TEND_S = 0.02
REST_S = 0.05  # where no synth plays, nor is made: each look costs a Pi about a millisecond
LOOK_NS = 1_000_000_000  # at MIDI ports; and how often figures are told
HELD_NS = 400_000_000  # how long a patch is auditioned


class Sound:
    """Everything in one thread; the audio thread and rtmidi's only post to the desk."""

    def __init__(
        self,
        data: Path,
        server: Server,
        clock: Callable[[], int],
        say: Callable[[str], None] | None = None,
        terminal: int | None = None,
        **device: Any,
    ) -> None:
        """`say` is told what a terminal should; `terminal` is the descriptor on which notes may be typed."""
        self._typed = Typed(terminal)
        self._server, self._clock, self._say = server, clock, say or (lambda line: None)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self.chosen = Chosen()
        self.shelf = Shelf((data_folder("kits"), data / "kits"), self.wake)
        self._patches = (data_folder("patches"), data / "patches")
        self.device = Device(clock, self.shelf, self.chosen, self._make_patchbay, **device)
        self.follower = Follower(clock)
        self._midi = MidiIn(self.device.hit)
        self._followed = False
        self._no_midi = ""
        self._look_ns = 0
        self._held: list[tuple[int, Message]] = []  # auditions that end
        self._told = SoundView()
        self.ended = False

    def wake(self) -> None:
        """End a wait; any thread, or a signal."""
        with suppress(BlockingIOError):
            os.write(self._wake_write, b"w")

    @property
    def wake_descriptor(self) -> int:
        """Where a signal may write."""
        return self._wake_write

    def run(self) -> None:
        """Until `ended`, or until the device is stuck: then `device.is_stuck`, and another process has to go on."""
        while not self.ended and not self.device.is_stuck:
            self.step()
        self.close()

    def close(self) -> None:
        """Give everything back."""
        self.device.end()
        self._midi.close()
        self.follower.close()
        self._server.close()

    def step(self) -> None:
        """One turn: wait for news, or for the next look after everything."""
        following = [self.follower] if self.follower.connected else []
        patching = self.device.patchbay.filenos() if self.device.patchbay else ()
        typed = self._typed.sources
        sources: list[Any] = [self._wake_read, *following, *patching, *typed, *self._server.sources]
        rest_s = TEND_S if self.device.is_lively else REST_S
        readable, _, _ = select.select(sources, [], [], 0 if self._server.waiting else rest_s)
        if self.follower in readable:
            readable.remove(self.follower)
            self._follow()
        if self._wake_read in readable:
            readable.remove(self._wake_read)
            os.read(self._wake_read, 1000)
        if typed and typed[0] in readable:
            readable.remove(typed[0])
            self._strike()
        if received := self._server.take(readable):
            self._obey(received.client, received.line)
        self._tend()

    def _follow(self) -> None:
        for answer in self.follower.read():
            if isinstance(answer, Notes):
                self.device.schedule(answer)
            elif isinstance(answer, Recall):
                self.device.recall(answer.revision, answer.heard_ns)

    def _tend(self) -> None:
        self.device.tend()
        if self._followed and not self.follower.connected:
            self.device.end_melody()
        self.follower.tend()
        self._followed = self.follower.connected  # before it is written to, which may be when it turns out to be gone
        self.follower.want(self.device.lead_ms)
        now = self._clock()
        if bay := self.device.patchbay:
            bay.tend(now)
            while bay.news:
                self._say(bay.news.popleft())
        if self.device.rig and self.shelf.take_loaded():
            self.device.rig.tend()
        while self._held and self._held[0][0] <= now:
            self.device.hit(SYNTH, self._held.pop(0)[1], now)
        if now >= self._look_ns:
            self._look_ns = now + LOOK_NS
            self._look_at_midi()
            if self.shelf.look_again():
                self._put_on()
            self._tell(view_of(self))  # changed or not: who hears nothing for long knows that something is wrong
        elif view_of(self, self._told) != self._told:
            self._tell(view_of(self))

    def _look_at_midi(self) -> None:
        problem = self._midi.tend()
        if problem and problem != self._no_midi:
            self._say(problem)
        self._no_midi = problem

    def _tell(self, view: SoundView) -> None:
        for line in spoken(self._told, view):
            self._say(line)
        self._told = view
        self._server.publish(encode_view(view))

    def _make_patchbay(self, rate: int) -> Patchbay:
        patchbay = Patchbay(self._patches, rate)
        patchbay.choose(self.chosen.patch)
        for patch, values in self.chosen.params.items():
            patchbay.set_params(patch, values)
        return patchbay

    def _obey(self, client: Any, line: bytes) -> None:
        try:
            command = decode(line)
            if command.name == "quit":
                others = [other for other in self._server.clients if other is not client and other.watching]
                self.ended = not (command.arguments["unless_watched"] and others)
            elif command.name in ("view", "watch"):
                client.watching = client.watching or command.name == "watch"
                self._server.send(client, encode_view(view_of(self)))
            else:
                self.do(command)
        except WireError as error:
            self._server.send(client, encode_error(str(error)))

    def do(self, command: Command) -> None:
        """Carry out what changes the sound. Raises WireError where it can't be done."""
        actions: dict[str, Callable[..., None]] = {
            "kit": self._use_kit,
            "adjust": self._adjust,
            "mix": self._mix,
            "audition": self._audition,
            "patch": self._use_patch,
            "params": self._set_params,
            "pads": self._midi_pads,
            "device": self.device.choose,
            "panic": self._panic,
        }
        actions[command.name](**command.arguments)

    def _use_kit(self, bus: str, name: str) -> None:
        self.shelf.look()  # it may have come since the last look
        if not (found := self.shelf.named(name)):
            broken = next((fault for fault in self.shelf.faults if f"/{name}/" in fault), "")
            raise WireError(broken or f"there is no kit '{name}'{meant(name, self.shelf.paths)}")
        self.chosen.kits[bus] = found
        self._put_on()

    def _adjust(self, kit: str, levels: dict[str, int], chokes: dict[str, str]) -> None:
        self.chosen.adjustments[kit] = Adjustment(levels, chokes)
        self._put_on()

    def _put_on(self) -> None:
        if self.device.rig:
            self.device.rig.tend()

    def _mix(self, levels: dict[str, int]) -> None:
        for bus, percent in levels.items():
            if bus not in self.chosen.levels:
                raise WireError(f"there is no bus '{bus}'; there are {', '.join(self.chosen.levels)}")
            self.chosen.levels[bus] = percent
            if self.device.rig:
                self.device.rig.desk.mix(bus, percent)

    def _audition(self, bus: str, note: int, velocity: int) -> None:
        now = self._clock()
        self.device.hit(bus, (NOTE_ON, note, velocity), now)
        if bus == SYNTH:
            self._held.append((now + HELD_NS, (NOTE_OFF, note, 64)))

    def _strike(self) -> None:
        """Sound what was typed."""
        try:
            for note in self._typed.notes():
                self._audition(SYNTH, note, 100)
        except ValueError as error:
            self._say(str(error))

    def _use_patch(self, name: str) -> None:
        self.chosen.patch = name
        if self.device.patchbay:
            self.device.patchbay.choose(name)

    def _set_params(self, patch: str, values: dict[str, float]) -> None:
        self.chosen.params[patch] = values
        if self.device.patchbay:
            self.device.patchbay.set_params(patch, values)

    def _midi_pads(self, play: str, port: str) -> None:
        self._midi.play_pads(play, port)
        self._look_ns = 0

    def _panic(self) -> None:
        if self.device.rig:
            self.device.rig.desk.silence()
        self._held.clear()
