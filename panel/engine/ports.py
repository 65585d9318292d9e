"""MIDI ports: which of them is the module's, and whether it is there.

It must never send to whatever happens to be there, nor trust a send: the system says nothing of a port that has gone,
so presence is watched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from panel.engine.outlet import Port
from panel.engine.own_sound import SoundPort
from panel.engine.player import Message
from panel.engine.serial_port import SerialPort
from panel.engine.wire import MAX_FOLLOWERS, PortView

Hear = Callable[[Message], None]  # a message that arrives now; another thread calls
Leave = Callable[[Port], None]


class Wish(NamedTuple):
    """Which destination shall be the module's.

    `exact` is the user's own choice and then the only one; else the first name that holds one of `match` (the
    profile's), else `remembered` (what it was last). Where nothing is remembered yet, a destination that is the only
    one there will do; later it will not, for what is left when a pad is pulled out is never the pad.
    """

    match: tuple[str, ...] = ()
    exact: str = ""
    remembered: str = ""
    din: str = ""
    din_rate: int = 31250


def choose(names: tuple[str, ...], wish: Wish) -> str:
    """The destination's name, or "" where none is right."""
    if wish.exact:
        return _named_like(wish.exact, names)
    for part in (*wish.match, wish.remembered):
        if name := _named_like(part, names):
            return name
    return names[0] if len(names) == 1 and not wish.remembered else ""


def _named_like(part: str, names: tuple[str, ...]) -> str:
    """The name that is `part`, else the first that holds it ("UM-ONE MIDI 1" is not "UM-ONE MIDI 10"), case aside."""
    wanted = part.lower()
    holding = [name for name in names if wanted and wanted in name.lower()]
    return next((name for name in holding if name.lower() == wanted), holding[0] if holding else "")


class Sequencer(Protocol):
    """The system's MIDI: ALSA's sequencer, CoreMIDI, or a stand-in."""

    def signature(self) -> object:
        """Something cheap that changes whenever a destination comes or goes."""

    def names(self) -> tuple[str, ...]:
        """The destinations that may be chosen."""

    def open(self, name: str) -> Port | None:
        """A connection to a destination; None where it has just gone."""

    def open_virtual(self) -> Port | None:
        """A source of our own, for others to connect to."""

    def linked(self, port: Port) -> bool:
        """Whether the connection still stands."""

    def followers(self) -> tuple[str, ...]:
        """The destinations that others have connected to our virtual port."""

    def lead(self, followers: tuple[str, ...]) -> None:
        """Connect them to it again, as far as they are still there and the system lets us."""

    def listen(self, name: str, hear: Hear | None) -> None:
        """Hear what `name` plays, by a call from another thread; None ends it."""

    def close(self) -> None:
        """Give everything back; nothing else may be called afterwards."""


def _say_nothing(_: Port) -> None:
    """Leave a port without a word."""


class Patchbay:
    """The ports that are open now: the virtual one, the module's, a DIN one. Watch it; it never raises."""

    def __init__(self, open_sequencer: Callable[[], Sequencer | None], extra: tuple[Port, ...] = ()) -> None:
        self.available: tuple[str, ...] = ()
        self.replugs = 0
        self._open_sequencer, self._extra = open_sequencer, extra
        self._sequencer: Sequencer | None = None
        self._wish = Wish()
        self._signature: object = None
        self._virtual: Port | None = None
        self._module: Port | None = None
        self._din: SerialPort | None = None
        self._sound: SoundPort | None = None
        self._offered: list[SoundPort] = []  # the own sound, from the next look on: the last that lives
        self._wanted_name = ""
        self._hear: Hear | None = None
        self._hearing = ""
        self.followers: tuple[str, ...] = ()

    @property
    def ports(self) -> tuple[Port, ...]:
        """Every port that can be sent to."""
        return tuple(port for port in (self._module, self._din, self._virtual, *self._extra, self._sound) if port)

    @property
    def views(self) -> tuple[PortView, ...]:
        """The ports as they are told to the panel, the module's first, missing ones included."""
        views = []
        name = self._module.name if self._module else self._wish.exact or self._wanted_name
        if name:
            views.append(PortView("module", name, self._module is not None))
        if self._wish.din:
            views.append(PortView("din", self._wish.din, self._din is not None and self._din.alive))
        others = (self._virtual, *self._extra, self._sound)
        return (*views, *(PortView(port.kind, port.name, True) for port in others if port))

    def wish(self, wish: Wish) -> None:
        """Choose anew at the next look."""
        if wish != self._wish:
            self._wish, self._signature, self._wanted_name = wish, None, ""

    def look(self, leave: Leave = _say_nothing) -> bool:
        """See what is there and open or close accordingly; True where something changed.

        `leave` is called with each port that is about to be closed: it may still be alive, with notes that ring.
        """
        before = self.views, self.available, self.followers
        self._sequencer = self._sequencer or self._open_sequencer()
        if self._sequencer is not None:
            self._look_at(self._sequencer, leave)
        self._look_at_din(leave)
        self._look_at_sound(leave)
        return (self.views, self.available, self.followers) != before

    def follow(self, followers: tuple[str, ...]) -> None:
        """Connect to the virtual port again what was connected to that of an engine that died."""
        if self._sequencer is not None and followers:
            self._sequencer.lead(followers)
            self._signature = None

    def offer(self, sound: SoundPort) -> None:
        """The box's own sound is there: a port from the next look on, until it hangs up or wants no lead any more."""
        others = [known for known in self._offered if known.client is not sound.client]
        self._offered = [*others, sound] if sound.lead_ns else others

    def listen(self, hear: Hear | None) -> None:
        """Hear the module's own notes; None ends it."""
        self._hear = hear
        self._attend()

    def close(self) -> None:
        """Give every port back."""
        self._hear = None
        self._attend()
        for port in self.ports:
            port.close()
        self._virtual = self._module = self._din = None
        if self._sequencer is not None:
            self._sequencer.close()
            self._sequencer = None

    def _look_at(self, sequencer: Sequencer, leave: Leave) -> None:
        if self._virtual is None:
            self._virtual = sequencer.open_virtual()
        signature = sequencer.signature()
        if signature == self._signature:
            return
        self.available, self.followers = sequencer.names(), sequencer.followers()[:MAX_FOLLOWERS]
        name = choose(self.available, self._wish._replace(remembered=self._wanted_name or self._wish.remembered))
        module = self._module
        if module and (module.name != name or not sequencer.linked(module)):
            leave(module)
            module.close()
            self._module = module = None
        if name and module is None:
            self._module = sequencer.open(name)
            self.replugs += self._wanted_name == name and self._module is not None
        self._wanted_name = name or self._wanted_name  # also for one that was open before the wish: it may go later
        self._attend()
        # What was seen before all this: had anything come or gone meanwhile, it would else never be noticed. Where the
        # destination did not open (its permissions may come a moment after it) the next look tries again.
        self._signature = None if name and self._module is None else signature

    def _attend(self) -> None:
        """Keep the ear on the module while somebody listens."""
        name = self._module.name if self._module and self._hear else ""
        if self._sequencer is not None and name != self._hearing:
            self._sequencer.listen(name or self._hearing, self._hear if name else None)
            self._hearing = name

    def _look_at_din(self, leave: Leave) -> None:
        if self._din and (self._din.name != self._wish.din or not self._din.alive):
            leave(self._din)
            self._din.close()
            self._din = None
        if self._wish.din and self._din is None:
            self._din = SerialPort.open(self._wish.din, self._wish.din_rate)

    def _look_at_sound(self, leave: Leave) -> None:
        self._offered = [sound for sound in self._offered if sound.look()]
        offered = self._offered[-1] if self._offered else None
        if self._sound and self._sound is not offered:
            leave(self._sound)
        self._sound = offered
