"""A whole box on a fake clock for hours at a time: engine, ports that come and go, panel, and hands that never rest,
in free play and in a set of songs.

It must never keep what it has seen: whatever grows is the box's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from PIL import Image

from panel.app import App
from panel.belongings import Belongings
from panel.board import Health
from panel.controls import Button, Gesture, Input, Meant, Turn
from panel.engine.client import EngineClient
from panel.engine.line import Line
from panel.engine.outlet import Port
from panel.engine.player import CLOCK, NOTE_OFF, NOTE_ON, START, STOP, Message
from panel.engine.ports import Hear, Patchbay
from panel.engine.wire import Heard, decode, encode_heard, encode_view
from panel.gallery import PAD
from panel.gig import ALL_SONGS
from panel.hardware.none import NoLamps
from panel.kept import Kept
from panel.library import load_library
from panel.music.generators.catalogue import GENERATORS
from panel.music.song import Entry, SetList
from panel.music.songsheet import parse_song
from panel.music.tempo import MICRO
from panel.screens.machine import Machine
from panel.screens.menu import Menu
from panel.session import Session
from tests.box import MS, SECOND, Box
from tests.engine.check import Q
from tests.panel.stage import Hands

LOOK_NS, TEND_NS = 250 * MS, SECOND  # as the engine's loop does
FRAME_NS = 33 * MS

# A song has one tempo in quarters, and no ramp: the grid follows it by what stands here, and asks the engine nothing.
SONGS = {"Lantern": 96_000_000, "Kettle": 131_500_000, "Gravel": 131_500_000, "Door": 184_000_000}
SECTIONS = """
form = "riff stop wait riff"
[riff]
pattern = "Money beat"
bars = 6
fill_last = true
[stop]
pattern = "Money beat"
meter = "7/8"
bars = 3
[wait]
pattern = "Four on the floor"
bars = "until told"
"""
SET = SetList(
    "Evening", (Entry("Lantern"), Entry("Kettle", "", True), Entry("Gravel"), Entry("Lantern"), Entry("Door"))
)


class Grid:
    """Where the clocks of a run belong, by arithmetic of its own: 24 to the quarter note, rounded down to 1 ns."""

    def __init__(self, micro_bpm: int, start_ns: int) -> None:
        self.lines = [(0, start_ns, micro_bpm)]  # from each tick on, due then, at that tempo

    @property
    def micro_bpm(self) -> int:
        """The tempo to which all comes back."""
        return self.lines[-1][2]

    def time_of(self, tick: int) -> int:
        """When a tick is due."""
        at, ns, micro_bpm = [line for line in self.lines if line[0] <= tick][-1]
        return ns + (tick - at) * 60 * SECOND * 1_000_000 // (Q * micro_bpm)

    def bend(self, micro_bpm: int, now_ns: int) -> None:
        """Another tempo from the next tick on, which itself does not move; what was planned behind it is gone."""
        self.lines = [line for line in self.lines if line[1] <= now_ns]
        at, ns, before = self.lines[-1]
        if before != micro_bpm:
            self._lead(at - (ns - now_ns) * Q * before // (60 * SECOND * 1_000_000), micro_bpm)

    def settle(self, now_ns: int) -> None:
        """The tempo to which all comes back, from now on: a pull that was going on is over."""
        self.bend(self.micro_bpm, now_ns)

    def pull(self, pull_ns: int, now_ns: int) -> None:
        """Two beats that are longer by so much in all, by an eighth at most."""
        micro_bpm = self.micro_bpm
        self.lines = [line for line in self.lines if line[1] <= now_ns]
        at, ns, before = self.lines[-1]
        tick = at - (ns - now_ns) * Q * before // (60 * SECOND * 1_000_000)
        length_ns = 2 * Q * 60 * SECOND * 1_000_000 // (Q * micro_bpm)
        pull_ns = max(-length_ns // 8, min(length_ns // 8, pull_ns))
        self._lead(tick, micro_bpm * length_ns // (length_ns + pull_ns))
        self._lead(tick + 2 * Q, micro_bpm)

    def _lead(self, tick: int, micro_bpm: int) -> None:
        ns = self.time_of(tick)
        self.lines = [line for line in self.lines if line[0] < tick][-4:] + [(tick, ns, micro_bpm)]


class Ear:
    """A port that hears all and keeps but what rings and how many clocks there were; each has to be on the grid."""

    lead_ns = 0

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        self.grid: Grid | None = None
        self.rings: set[tuple[int, int]] = set()
        self.notes = self.clocks = self.due_ns = 0  # due_ns: of the last clock
        self.open = True

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        """Listen."""
        assert self.open
        for message in messages:
            kind = message[0] & 0xF0
            if message[0] == CLOCK:
                assert not self.grid or due_ns == self.grid.time_of(self.clocks * Q // 24), f"clock {self.clocks}"
                self.clocks, self.due_ns = self.clocks + 1, due_ns
            elif message[0] == START:
                self.clocks = 0
            elif message[0] == STOP:  # also at the end of a song
                self.grid = None
            elif kind == NOTE_ON:
                assert (message[0] & 15, message[1]) not in self.rings
                self.rings.add((message[0] & 15, message[1]))
                self.notes += 1
            elif kind == NOTE_OFF:
                self.rings.discard((message[0] & 15, message[1]))

    def recall(self, revision: int, heard_ns: int) -> None:
        """Never asked: there is no lead."""

    def close(self) -> None:
        """Nothing may ring on in a module that is let go."""
        assert self.open
        assert not self.rings
        self.open = False


class Sockets:
    """A system's MIDI with one module that comes and goes."""

    def __init__(self) -> None:
        self.there, self.plugs = True, 0
        self.module: Ear | None = None
        self.virtual = Ear("virtual", "DrumAssist")

    def plug(self, there: bool) -> None:
        """Plug the module in or pull it out."""
        self.plugs += there != self.there
        self.there = there

    def signature(self) -> object:
        """Changes whenever something comes or goes."""
        return self.plugs

    def names(self) -> tuple[str, ...]:
        """The module, while it is there."""
        return (PAD,) if self.there else ()

    def open(self, name: str) -> Port | None:
        """A new connection to it."""
        assert not (self.module and self.module.open)
        self.module = Ear("module", name) if self.there else None
        return self.module

    def open_virtual(self) -> Port | None:
        """The box's own port."""
        return self.virtual

    def linked(self, port: Port) -> bool:
        """Whether the connection still stands."""
        return self.there

    def followers(self) -> tuple[str, ...]:
        """Nobody has connected to the virtual port."""
        return ()

    def lead(self, followers: tuple[str, ...]) -> None:
        """Nobody wants to be."""

    def listen(self, name: str, hear: Hear | None) -> None:
        """The evening tells itself what is heard."""

    def close(self) -> None:
        """Nothing is open."""


class Wire(Line):
    """What stands for the socket: commands reach the engine at once, Views come back whenever something has changed."""

    def __init__(self, evening: Evening) -> None:
        super().__init__()
        self._evening, self._is_open = evening, False
        self.heard: list[bytes] = []

    @property
    def is_open(self) -> bool:
        """From the first time it was to be opened."""
        return self._is_open

    def open(self, path: str, already: bytes = b"") -> bool:
        """The engine is there."""
        self._is_open = True
        return True

    def send(self, line: bytes) -> bool:
        """A command to the engine; the loop keeps some to itself."""
        command = decode(line[:-1])
        if command.name not in ("watch", "spin", "listen"):
            self._evening.box.engine.do(command, self._evening.now)
        self._evening.heed(command.name, command.arguments)
        return True

    def receive(self) -> bool:
        """What the engine has to say."""
        engine = self._evening.box.engine
        said, self.heard = self.heard, []
        if engine.changed:
            engine.changed = False
            said.append(encode_view(engine.view()))
        self._buffer += b"".join(said)
        return False


class WiredClient(EngineClient):
    """The real client on that wire."""

    def __init__(self, evening: Evening) -> None:
        super().__init__(evening.box.engine.state, lambda: evening.now)
        self._line = self.wire = Wire(evening)


class Glass:
    """A display that counts."""

    frames = 0

    def show(self, image: Image.Image) -> bool:
        """Take a picture."""
        self.frames += 1
        return True

    def dim(self, level: int) -> None:
        """Nothing to be dimmed."""

    def renew(self) -> None:
        """Nothing to be woken."""

    def close(self) -> None:
        """Nothing is open."""


class Evening:
    """Let time pass by `pass_by`, with the panel drawing or without; `acts` are what hands and stage hands do."""

    def __init__(self, seed: int = 7) -> None:
        self.dice = random.Random(seed)
        self.sockets = Sockets()
        self.box = Box(patchbay=Patchbay(lambda: self.sockets, ()), ports=(), bpm=117.3)
        self.client = WiredClient(self)
        library = load_library(None)
        for name, pattern in list(library.patterns.items()):
            if pattern.beat_ticks != Q:  # another beat is another tempo in quarters, which the grid does not follow
                del library.patterns[name]
        library.songs.clear()
        library.sets.clear()
        for name, micro_bpm in SONGS.items():
            text = f'name = "{name}"\ntempo = {micro_bpm / MICRO}\n{SECTIONS}'
            library.songs[name] = parse_song(text.encode(), name, library.patterns)
        library.sets[SET.name] = SET
        kept = Kept(micro_bpm=117_300_000, remembered=PAD)
        self.session = Session(self.client, library, Belongings(kept=kept), None, lambda: self.now)
        self.session.board.look = lambda now_ns: Health(50.0, False)  # type: ignore[method-assign]
        self.session.address = lambda: "192.168.1.20"  # no socket is opened for it
        self.session.tend()
        self.session.set("click.clock", True)
        self.session.set("buttons.foot_1", "mute")
        self.session.set("practice.gap_on", 2)
        self.session.set("practice.mutes", 30)
        self.machine = Machine(self.session)
        self.glass, self.hands = Glass(), Hands()
        self.app = App(self.machine, self.glass, [self.hands], NoLamps(), lambda: self.now, self._wait)
        self._chore_ns = self._end_ns = self.now
        self._told = 0
        self._micro_bpm = self.box.engine.state.beat_micro_bpm  # at which a start begins
        self.acts: tuple[Callable[[], object], ...] = (
            self._nudge, self._tap, self._next, self._choose, self._mute, self._look_round, self._edit_level,
            self._learn, self._plug, self._tell, self._panic, self._slip, self._one, self._foot, self._practise,
            self._set_list, self._next_song, self._other_set, self._on_to_the_next,
            self._beat, self._beat, self._generator, self._dial, self._dial, self._hold, self._play_along,
        )  # fmt: skip
        self.tempo_acts = (
            self._nudge, self._tap, self._set_list, self._next_song, self._other_set, self._on_to_the_next
        )  # fmt: skip

    @property
    def now(self) -> int:
        """The fake clock, in ns."""
        return self.box.now

    def pass_by(self, ns: int, drawing: bool, act_every_ns: int = 3 * SECOND) -> None:
        """Let `ns` pass; something is done every so often. Without the panel's drawing the hour takes seconds."""
        end_ns = self.now + ns
        while self.now < end_ns:
            self.dice.choice(self.acts)()
            self._end_ns = min(end_ns, self.now + act_every_ns)
            while self.now < self._end_ns:
                if drawing or self.hands.coming:
                    self.app.step()
                else:
                    self.session.tend()
                    self.advance(self._end_ns)
            if not self.session.playing:  # a song has come to its end
                self.press(Gesture.NEXT, Gesture.START)
                self.app.step()

    def turn_without_end(self, ns: int) -> None:
        """The encoder turns in every list and on Live, so that every frame is another one."""
        self._end_ns = end_ns = self.now + ns
        steps = 1
        while self.now < end_ns:
            if not self.hands.coming:
                steps = -steps if self.dice.random() < 0.05 else steps
                self._hand(Turn(steps, self.now + FRAME_NS))
            self.app.step()

    def come_home(self) -> None:
        """Stopped, on Live, in free play with the first pattern alone and the first tempo, quiet for a while."""
        self.sockets.plug(True)
        if self.session.playing:
            self.session.start_stop()
        self.session.open_set("")
        self.session.switch_beats(False)
        self.session.choose(next(iter(self.session.library.patterns.values())))
        self.session.nudge(-1000)
        self.press(Gesture.HOME)
        self._end_ns = self.now + 600 * SECOND  # every notice has been told
        while self.now < self._end_ns:
            self.app.step()
            self.advance(min(self._end_ns, self.now + 10 * SECOND))

    def advance(self, until_ns: int) -> None:
        """Let the engine play up to a moment, and do what its loop does now and then."""
        engine = self.box.engine
        while self.now < until_ns:
            self.box.run(min(until_ns, self._chore_ns) - self.now)
            if self.now >= self._chore_ns:
                engine.look(self.now)
                if self._chore_ns % TEND_NS < LOOK_NS:
                    engine.tend(self.now)
                self._chore_ns += LOOK_NS

    def heed(self, name: str, arguments: dict[str, Any]) -> None:
        """Keep the ear's grid where the engine was told to play."""
        ear = self.sockets.virtual
        if name == "song":
            self._micro_bpm = SONGS[arguments["part"].song]
        elif name in ("tempo", "pattern") and (micro_bpm := arguments.get("micro_bpm")):
            self._micro_bpm = micro_bpm
        if name == "start":
            ear.grid = Grid(self._micro_bpm, self.now)
        elif name == "tempo" and ear.grid:
            ear.grid.bend(self._micro_bpm, self.now)
        elif ear.grid and self._settles(name):
            ear.grid.settle(self.now)
        elif name == "pull" and ear.grid:
            ear.grid.pull(arguments["ns"], self.now)

    def _settles(self, name: str) -> bool:
        """Whether a command ends a pull that is going on: a bar of a beat only where it is in another meter."""
        state = self.box.engine.state
        here = state.index_at(state.tempo_map.tick_at(self.now))
        varied = name == "vary" and len({section.pattern.meter for section in state.sections[here:]}) > 1
        return varied or name in ("pattern", "part", "slip", "one", "go on", "practise")

    def press(self, *gestures: Gesture) -> None:
        """Gestures, now."""
        self._hand(*(Meant(gesture, self.now) for gesture in gestures))

    def _hand(self, *events: Input) -> None:
        self.hands.coming += events

    def _down(self, label: str, *rows: int) -> None:
        """From Live into the menu, to the row of that label and in; then so many rows on and in."""
        menu = [line.label for line in Menu(self.session).lines]
        self.press(Gesture.HOME, Gesture.PRESS)
        for row in (menu.index(label), *rows):
            self._hand(Turn(row, self.now))
            self.press(Gesture.PRESS)

    def _nudge(self) -> None:
        self.press(Gesture.HOME)
        self._hand(*(Turn(steps, self.now) for steps in self.dice.choices((-3, -1, 1, 2), k=6)))

    def _tap(self) -> None:
        gap_ns = self.dice.randrange(400, 650) * MS
        taps = [self.now + number * gap_ns + self.dice.randrange(8 * MS) for number in range(4)]
        self._hand(*(Button("tap", down, at + (not down) * 40 * MS) for at in taps for down in (True, False)))

    def _next(self) -> None:
        self.press(*[Gesture.NEXT] * self.dice.randrange(1, 9))

    def _slip(self) -> None:
        held, let_go = self.now + MS, self.now + 30 * MS
        turn = Turn(self.dice.choice((-2, -1, 1, 3)), self.now + 20 * MS)
        self._hand(Button("encoder", True, held), turn, Button("encoder", False, let_go))

    def _one(self) -> None:
        self._hand(Button("tap", True, self.now), Button("tap", False, self.now + 700 * MS))

    def _foot(self) -> None:
        self._hand(Button("foot 1", True, self.now), Button("foot 1", False, self.now + 40 * MS))

    def _practise(self) -> None:
        self._down("Practice", 0)

    def _set_list(self) -> None:
        """The song that is loaded, one around it, or what stands below them all."""
        self._down("Set list")
        self._hand(Turn(self.dice.randrange(-3, 4), self.now))
        self.press(Gesture.PRESS)

    def _next_song(self) -> None:
        """Cued, called off, or the section that waits is left."""
        self.press(Gesture.HOME, Gesture.PRESS)
        self._hand(Turn(2, self.now))
        self.press(Gesture.PRESS)

    def _on_to_the_next(self) -> None:
        """STOP, NEXT and START, as between two songs."""
        if not self.session.gig.is_open:
            self.session.open_set(SET.name)
        self.press(Gesture.START, Gesture.NEXT, Gesture.START)

    def _other_set(self) -> None:
        self.session.open_set(self.dice.choice((SET.name, ALL_SONGS, SET.name, "")))

    def _choose(self) -> None:
        self._down("Patterns")
        self._hand(Turn(self.dice.randrange(-20, 20), self.now))
        self.press(Gesture.PRESS)

    def _mute(self) -> None:
        self._down("Mute", 0)

    def _look_round(self) -> None:
        self._down(self.dice.choice(("Patterns", "Voices", "Ports", "Settings", "About")))
        self._hand(Turn(self.dice.randrange(30), self.now))

    def _edit_level(self) -> None:
        self._down("Voices", 1, 1)
        self._hand(Turn(self.dice.choice((-1, 1)), self.now))

    def _learn(self) -> None:
        self._down("Voices", 1, 3)
        self.client.wire.heard.append(encode_heard(Heard(self.dice.randrange(36, 50), 10, 99, self.now)))

    def _beat(self) -> None:
        """Begun, or ended; more often it is on."""
        if not self.session.gig.song:  # it would be left
            self.session.switch_beats(self.dice.random() < 0.8)

    def _generator(self) -> None:
        self.session.set("beats.generator", self.dice.choice(list(GENERATORS)))
        self.session.set("beats.melody", self.dice.choice(("none", "hat")))
        self.session.set("beats.click", self.dice.random() < 0.5)

    def _dial(self) -> None:
        self._down("Beats", 1)
        self.press(*[Gesture.PRESS] * self.dice.randrange(8))
        self._hand(Turn(self.dice.randrange(-20, 20), self.now))

    def _hold(self) -> None:
        self._down("Beats", 2)

    def _play_along(self) -> None:
        for _ in range(self.dice.randrange(12)):
            self.client.wire.heard.append(encode_heard(Heard(self.dice.randrange(36, 50), 10, 99, self.now)))

    def _plug(self) -> None:
        self.sockets.plug(not self.sockets.there)

    def _tell(self) -> None:
        self._told += 1
        self.session.tell(f"Something new has happened, number {self._told}")

    def _panic(self) -> None:
        self._down("Panic")

    def _wait(self, sources: list[Any], _w: list[Any], _x: list[Any], patience_s: float) -> tuple[Any, Any, Any]:
        next_ns = self.hands.coming[0].stamp_ns if self.hands.coming else self._end_ns
        self.advance(min(self.now + max(1, round(patience_s * 1e9)), self._end_ns, max(next_ns, self.now + 1)))
        self.hands.now = self.now
        return [self.hands] if self.hands.coming else [], [], []
