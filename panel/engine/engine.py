"""The engine without its process: commands in, bytes out of ports, a View of both; time is passed in.

It must never wait, and nothing that a command holds may make it raise anything but WireError.
"""

from __future__ import annotations

from collections.abc import Callable

from panel.engine.echo import Echo
from panel.engine.lateness import Lateness
from panel.engine.outlet import Outlet, Port
from panel.engine.own_sound import (
    MODULE_KINDS,
    SOUND_CHANNELS,
    SOUND_KIND,
    as_sounded,
    has_melody,
    message_of_role,
    routed,
    sound_has_click,
)
from panel.engine.plan import laid_on
from panel.engine.player import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    BANK_LSB,
    BANK_MSB,
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PROGRAM_CHANGE,
    Message,
    Player,
)
from panel.engine.ports import Patchbay, Wish
from panel.engine.state import PlayerState
from panel.engine.transport import stop as stopped
from panel.engine.wire import STATE_COMMANDS, Command, View, WireError, apply
from panel.music.tempo import NEVER

_SILENCE = (ALL_SOUND_OFF, ALL_NOTES_OFF)
RESUME_WITHIN_NS = 5_000_000_000
START_AHEAD_NS = 5_000_000  # for a process: on a slow core the first notes take so long to make


class Engine:
    """Everything that plays. All calls from one thread.

    `due_ns` is the next moment at which `write` wants to be called, NEVER while there is nothing to do. The first beat
    lies `start_ahead_ns` behind START: were it made only when it is due, it would come late and the second not.
    """

    def __init__(
        self,
        state: PlayerState,
        patchbay: Patchbay,
        now_ns: int,
        realtime: str = "none",
        pid: int = 0,
        start_ahead_ns: int = 0,
    ) -> None:
        self.changed = True
        self._start_ahead_ns = start_ahead_ns
        self._has_melody, self._sound_has_click = has_melody(state), True
        self._player, self._sound_player = Player(state), Player(as_sounded(state, True), melody=True)
        self._click_to = "auto"
        self._patchbay = patchbay
        self._outlets: dict[int, Outlet] = {}
        self._realtime, self._pid = realtime, pid
        self._lateness = Lateness()
        self._echo = Echo()
        self._dropped_before = self._restarts = 0
        self._trim_ns = 0
        self._unended: dict[str, list[Message]] = {}  # by kind of port: what may ring there when it comes
        self._end_ns = self.due_ns = NEVER
        self.look(now_ns)

    @property
    def state(self) -> PlayerState:
        """What plays."""
        return self._player.state

    def write(self, now_ns: int) -> None:
        """Send all that is due, to every port first, and count how late it is."""
        for outlet in self._outlets.values():
            if outlet.due_ns <= now_ns:
                self._lateness.note(outlet.write(now_ns))
        for outlet in self._outlets.values():
            if outlet.due_ns <= now_ns:
                outlet.settle()
        if now_ns >= self._end_ns:
            self.stop(self._end_ns - 1)  # just before the end, so that Stop comes before the clock of that bar line
        else:
            self._reckon()

    def do(self, command: Command, now_ns: int) -> None:
        """Carry out a command, after all that was due before it. Raises WireError where it can't be done now."""
        while self.due_ns <= now_ns:
            self.write(now_ns)
        if command.name in STATE_COMMANDS:
            reach_ns = max(self._reach_ns, self._start_ahead_ns) if command.name == "start" else self._reach_ns
            self._set(apply(self.state, command, now_ns, now_ns + reach_ns), now_ns)
        else:
            actions: dict[str, Callable[..., None]] = {
                "panic": self._panic,
                "hit": self._hit,
                "program": self._program,
                "ports": self._ports,
                "resume": self._resume,
            }
            actions[command.name](now_ns, **command.arguments)
        self._reckon()

    def look(self, now_ns: int) -> None:
        """See which ports are there. Costs about 0.1 ms where nothing changed."""
        if self._patchbay.look(lambda port: self._leave(port, now_ns)):
            self.changed = True
        self._route(now_ns)
        self._reckon()

    def _route(self, now_ns: int) -> None:
        """Give an outlet to each port that something goes to, and to no other: an idle one costs time, too."""
        there = self._patchbay.ports
        self._share_click(sound_has_click(there, self._click_to), now_ns)
        ports = routed(there, self._click_to, self._has_melody)
        for left in [outlet.port for outlet in self._outlets.values() if outlet.port not in ports]:
            self._leave(left, now_ns)
        if [id(port) for port in ports] != list(self._outlets):
            # in the order of the ports: the module's write comes first
            self._outlets = {id(port): self._outlets.get(id(port)) or self._join(port, now_ns) for port in ports}
            self._follow_end()

    def _share_click(self, has_click: bool, now_ns: int) -> None:
        """The own sound has the click from now on, or leaves it to the module; a melody it plays on."""
        if has_click != self._sound_has_click:
            self._sound_has_click = has_click
            self._sound_player.state = as_sounded(self.state, has_click)
            if self._has_melody:
                self._call_back(now_ns)

    def tend(self, now_ns: int) -> None:
        """While playing, have the lateness told, and tempos laid out further; called once a second."""
        self.changed = self.changed or self.state.playing
        further = laid_on(self.state, now_ns) if self.state.playing else self.state
        if further is not self.state:
            self._set(further._replace(revision=further.revision + 1), now_ns)
            self._reckon()

    def view(self) -> View:
        """What there is to say."""
        return View(
            state=self.state,
            ports=self._patchbay.views,
            available=self._patchbay.available,
            realtime=self._realtime,
            lateness_us=self._lateness.percentiles_us(),
            dropped=self._dropped_before + sum(outlet.dropped for outlet in self._outlets.values()),
            missed=self._lateness.missed,
            replugs=self._patchbay.replugs,
            restarts=self._restarts,
            followers=self._patchbay.followers,
            pid=self._pid,
        )

    def echoes(self, message: Message, stamp_ns: int) -> bool:
        """Whether a note-on that the module sent at `stamp_ns` is our own click, or a test hit, that comes back."""
        return self._click_to != "box" and self._echo.holds(self._player, self._trim_ns, message[1], stamp_ns)

    def stop(self, now_ns: int) -> None:
        """Stop, whatever plays: end what rings, tell receivers."""
        self._set(apply(self.state, Command("stop", {}), now_ns, now_ns), now_ns)
        self._reckon()

    def close(self) -> None:
        """Give the ports back."""
        self._patchbay.close()
        self._outlets = {}

    def _reckon(self) -> None:
        """Find what is due next."""
        due_ns = self._end_ns
        for outlet in self._outlets.values():  # no min() of a generator: this is done after each write
            if outlet.due_ns < due_ns:
                due_ns = outlet.due_ns
        self.due_ns = due_ns

    @property
    def _reach_ns(self) -> int:
        """How far ahead of now every port can still be on time."""
        return max([0, *(outlet.reach_ns for outlet in self._outlets.values())])

    def _set(self, state: PlayerState, now_ns: int) -> None:
        if state.run != self.state.run:
            self._lateness.begin()
        self._echo.changed(self.state, now_ns)
        before, had_melody = self.state, self._has_melody
        self._player.state, self._sound_player.state = state, as_sounded(state, self._sound_has_click)
        for outlet in self._outlets.values():
            outlet.revise(now_ns)
        if state.sections != before.sections and has_melody(state) != had_melody:
            self._has_melody = not had_melody
            self._route(now_ns)
        self._follow_end()
        self.changed = True

    def _follow_end(self) -> None:
        """The run ends when the port that is furthest behind has played it."""
        end_tick = self.state.end_tick if self.state.playing else None
        behind_ns = max([0, *(outlet.trim_ns for outlet in self._outlets.values())])
        self._end_ns = NEVER if end_tick is None else self.state.tempo_map.time_of(end_tick) + behind_ns

    def _call_back(self, now_ns: int) -> None:
        """Before something goes out of turn: what a port was sent ahead of its time is taken back and made anew."""
        if any(outlet.port.lead_ns for outlet in self._outlets.values()):
            self._set(self.state._replace(revision=self.state.revision + 1), now_ns)

    def _new_outlet(self, port: Port, now_ns: int) -> Outlet:
        player = self._sound_player if port.kind == SOUND_KIND else self._player
        return Outlet(port, player, now_ns, self._trim_of(port))

    def _trim_of(self, port: Port) -> int:
        return self._trim_ns if port.kind in MODULE_KINDS else 0

    def _join(self, port: Port, now_ns: int) -> Outlet:
        """An outlet for a port that came; if it rang when it was pulled out, it is silenced first."""
        if ends := self._unended.pop(port.kind, []):
            port.send(ends, now_ns, self.state.revision)
        return self._new_outlet(port, now_ns)

    def _leave(self, port: Port, now_ns: int) -> None:
        """A port is about to be closed, dead or alive: nobody knows whether it still hears this."""
        outlet = self._outlets.pop(id(port), None)
        if outlet is not None:
            self._dropped_before += outlet.dropped
            self._unended[port.kind] = outlet.ends
            outlet.leave(now_ns)

    def _panic(self, now_ns: int) -> None:
        self._call_back(now_ns)
        for outlet in self._outlets.values():
            outlet.release(now_ns)
            outlet.prepare()
        voiced = sorted({voice.channel for voice in self.state.voices}) or [10]
        for outlet in self._outlets.values():
            channels = SOUND_CHANNELS if outlet.port.kind == SOUND_KIND else voiced
            silence: list[Message] = [(CONTROL_CHANGE + ch - 1, number, 0) for ch in channels for number in _SILENCE]
            outlet.port.send(silence, now_ns, self.state.revision)

    def _hit(self, now_ns: int, note: int, channel: int, velocity: int, role: str) -> None:
        self._call_back(now_ns)
        self._echo.hit(note, now_ns)
        message = (NOTE_ON + channel - 1, note, velocity)
        for outlet in self._outlets.values():
            if outlet.port.kind != SOUND_KIND:
                outlet.hit(message, now_ns)
            elif self._sound_has_click:
                outlet.hit(message_of_role(message, role), now_ns)

    def _program(self, now_ns: int, number: int, channel: int, bank_msb: int, bank_lsb: int) -> None:
        """A program change goes to the module alone: who listens to the virtual port has chosen his own sound."""
        banks = ((BANK_MSB, bank_msb), (BANK_LSB, bank_lsb))
        messages: list[Message] = [
            (CONTROL_CHANGE + channel - 1, control, value) for control, value in banks if value >= 0
        ]
        self._call_back(now_ns)
        for outlet in self._outlets.values():
            if outlet.port.kind in MODULE_KINDS:
                outlet.port.send([*messages, (PROGRAM_CHANGE + channel - 1, number)], now_ns, self.state.revision)

    def _ports(
        self,
        now_ns: int,
        match: tuple[str, ...],
        exact: str,
        remembered: str,
        din: str,
        din_rate: int,
        trim_ms: int,
        click_to: str,
    ) -> None:
        self._click_to = click_to
        self._patchbay.wish(Wish(match, exact, remembered, din, din_rate))
        if trim_ms * 1_000_000 != self._trim_ns:
            self._trim_ns = trim_ms * 1_000_000
            self._call_back(now_ns)
            for outlet in self._outlets.values():
                outlet.revise(now_ns, self._trim_of(outlet.port))
            self._follow_end()
        self.look(now_ns)
        self.changed = True

    def _resume(self, now_ns: int, state: PlayerState, seen_ns: int, restarts: int, followers: tuple[str, ...]) -> None:
        """Go on in the place of an engine that died: first every note is ended, for nobody knows what rings."""
        if self.state.playing:
            raise WireError("the engine is playing already: it does not take another's state")
        self._restarts = restarts
        self._patchbay.follow(followers)
        notes = sorted({(voice.channel, voice.note) for voice in state.voices})
        for outlet in self._outlets.values():
            outlet.release(now_ns)  # a test hit of our own
        ends: list[Message] = [(NOTE_OFF + channel - 1, note, 64) for channel, note in notes]
        for outlet in self._outlets.values():
            outlet.port.send(ends, now_ns, self.state.revision)
        there = [outlet.port.kind for outlet in self._outlets.values()]
        self._unended |= {kind: ends for kind in ("module", "din") if kind not in there}  # named or plugged in later
        fresh = 0 <= now_ns - seen_ns <= RESUME_WITHIN_NS
        resumed = state if fresh or not state.playing else stopped(state, now_ns, now_ns)
        self._set(resumed._replace(revision=max(state.revision, self.state.revision) + 1), now_ns)
        for key, outlet in self._outlets.items():
            self._dropped_before += outlet.dropped
            self._outlets[key] = self._new_outlet(outlet.port, now_ns)
