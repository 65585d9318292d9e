"""What one port still has to get: walks the music's ticks at the port's own lead and trim.

It must never send a burst: what is too late is dropped and counted, and a receiver of the clock is put right instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from panel.engine.player import (
    CLOCK,
    CONTINUE,
    NOTE_OFF,
    NOTE_ON,
    SONG_POSITION,
    START,
    STOP,
    Event,
    Message,
    Player,
)
from panel.engine.state import PlayerState
from panel.music.tempo import NEVER, TICKS_PER_CLOCK, TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH

LATE_NS = 20_000_000  # a note-on later than this is worse than none
_AHEAD_TICKS = 10 * TICKS_PER_QUARTER  # 500 ms at the fastest tempo there is: no lead is longer
_CLOCK_ALONE: list[Message] = [(CLOCK,)]
_POSITIONS = 1 << 14  # song position counts sixteenths in 14 bits, after 1024 bars of 4/4 it begins anew


class Port(Protocol):
    """Where messages go. A port with a lead wants them that much ahead, and can take back what has not sounded."""

    kind: str
    name: str
    lead_ns: int

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        """Pass on the messages of one instant. Never blocks, never raises: presence is watched, not assumed."""

    def recall(self, revision: int, heard_ns: int) -> None:
        """Forget what an older revision has sent that is due after `heard_ns`. Only ports with a lead are asked."""

    def close(self) -> None:
        """Give the device back."""


class _Ringing(NamedTuple):
    """A note that was sent and has to end at `off_tick`. A test hit has no place in the music: it is before all."""

    off_tick: int
    on_tick: int
    status: int
    note: int

    @property
    def off(self) -> Message:
        return (self.status - NOTE_ON + NOTE_OFF, self.note, 64)


class Outlet:
    """Walks a Player for one Port. `due_ns` is when `write` wants to be called; all calls from one thread.

    Between its calls the next batch lies ready, so that between waking up and writing there is only the write. A tick
    sounds at its time plus `trim_ns` and is sent `lead_ns` before that.
    """

    def __init__(self, port: Port, player: Player, now_ns: int, trim_ns: int = 0) -> None:
        self.port = port
        self.dropped = 0
        self._player, self._trim_ns = player, trim_ns
        self._queue: list[Event] = []  # notes made and not written, from _at on; what _end bounds is in the batch
        self._at = self._end = self._made = self._tick = self._sound_ns = 0
        self._clock_tick = self._clock_until = NEVER  # the next clock, and where there are no more
        self._quiet_until = -NEVER  # up to this tick nothing but clocks goes out, and all on one line
        self._batch: list[Message] = []
        self._ringing: list[_Ringing] = []
        self._over: list[_Ringing] = []  # what the batch ends
        self._ahead: list[tuple[int, _Ringing]] = []  # what a port with a lead was told to end, and at which tick
        self._line = player.state.tempo_map.timelines[-1]
        self._follow(player.state)
        self._lost = self._playing  # whoever joins in the middle is told where we are
        self._continue_tick = self._found_tick = self._heard = -NEVER
        self._anew_ns = now_ns
        self._restart_from(self._next_tick(now_ns))

    @property
    def reach_ns(self) -> int:
        """How far ahead of now a tick has to lie to be sent on time; negative where the trim lets sound wait."""
        return self.port.lead_ns - self._trim_ns

    @property
    def trim_ns(self) -> int:
        """How much later than its time a tick sounds here."""
        return self._trim_ns

    def write(self, now_ns: int) -> int:
        """Send what is due, nothing else; how late that was, in nanoseconds. `settle` has to follow.

        What lies nearer than the lead when it is made anew can't be earlier than that.
        """
        late = now_ns - self._sound_ns
        if late > LATE_NS:
            self._catch_up(now_ns)
        elif self._batch:
            self.port.send(self._batch, self._sound_ns, self._revision)
        return now_ns - max(self.due_ns, self._anew_ns)

    def settle(self) -> None:
        """After `write`: remember what has gone out, and lay the next batch ready."""
        clock = self._tick + TICKS_PER_CLOCK
        if self._batch is _CLOCK_ALONE and clock < self._quiet_until and not self._lost:
            self._from = self._tick + 1  # most instants are a clock after a clock
            self._clock_tick = self._tick = clock
            self._sound_ns = self._line.time_of(clock) + self._trim_ns
            self.due_ns = self._sound_ns - self.port.lead_ns
            return
        if self._batch is not _CLOCK_ALONE:
            self._written()
        self._from = self._tick + 1
        if self._clock_tick == self._tick:
            self._clock_tick = clock if clock < self._clock_until else NEVER
        self.prepare()

    def revise(self, now_ns: int, trim_ns: int | None = None) -> None:
        """Follow a state that has changed, or another trim: what has not sounded yet is made anew.

        All that was due must have been written. What has sounded is told by the map that held until now: by the new
        one, a tempo that rises would skip the ticks that its trim has not let sound yet.
        """
        state, unheard, self._anew_ns = self._player.state, self._next_tick(now_ns), now_ns
        new_run, stopped = state.run != self._run, self._playing and not state.playing
        if self.port.lead_ns:
            self._recall(unheard, now_ns)
        if new_run or stopped:
            self.release(now_ns)
        if self._clock and self._playing and (new_run or stopped or not state.clock):
            self.port.send([(STOP,)], now_ns, state.revision)
            self._continue_tick = -NEVER
        self._lost = not new_run and (self._lost or (state.clock and not self._clock and state.playing))
        if self.port.lead_ns and self._continue_tick >= unheard:  # its song position may just have been taken back
            self._lost, self._continue_tick = not new_run, -NEVER
        self._follow(state)
        self._trim_ns = self._trim_ns if trim_ns is None else trim_ns
        if new_run:
            self._heard = state.first_tick
            self._restart_from(state.first_tick)
        else:
            self._heard = unheard
            self._restart_from(unheard if self.port.lead_ns else max(self._from, unheard))

    def release(self, now_ns: int) -> None:
        """End every note that rings, now."""
        if self._ringing:
            self.port.send(self.ends, now_ns, self._player.state.revision)
            self._ringing = []

    @property
    def ends(self) -> list[Message]:
        """The note-offs of all that rings."""
        return [note.off for note in self._ringing]

    def leave(self, now_ns: int) -> None:
        """Before a port is closed: end what rings, and tell a receiver of the clock that no more will come."""
        if self.port.lead_ns:
            self.port.recall(self._player.state.revision + 1, now_ns)
            self._ringing += self._ended_ahead(self._next_tick(now_ns))
        self.release(now_ns)
        if self._clock and self._playing:
            self.port.send([(STOP,)], now_ns, self._player.state.revision)

    def hit(self, message: Message, now_ns: int) -> None:
        """Send one note-on at once; its end follows after the gate. A note that rings already is ended first."""
        state = self._player.state
        heard_ns = now_ns - self._trim_ns
        off_tick = max(self._map.tick_at(heard_ns + state.gate_ms * 1_000_000), self._map.tick_at(heard_ns) + 1)
        again = [note for note in self._ringing if (note.status, note.note) == message[:2]]
        self.port.send([*(note.off for note in again), message], now_ns, state.revision)
        self._ringing = [note for note in self._ringing if note not in again]
        self._ringing.append(_Ringing(off_tick, -NEVER, message[0], message[1]))
        self.prepare()

    def prepare(self) -> None:
        """Lay the next batch ready."""
        busy_tick = self._next_busy_tick()
        self._tick = busy_tick if busy_tick < self._clock_tick else self._clock_tick
        if self._tick == NEVER:
            self.due_ns = NEVER
            return
        self._end, self._found_tick = self._at, -NEVER
        self._batch = self._transport() if self._tick == self._clock_tick else []
        if self._tick == busy_tick:
            self._add_notes()
        self._line = self._map.line_at(self._tick)
        self._sound_ns = self._line.time_of(self._tick) + self._trim_ns
        self.due_ns = self._sound_ns - self.port.lead_ns
        settled = self._continue_tick <= self._tick and busy_tick < self._clock_until
        self._quiet_until = min(busy_tick, self._map.next_origin(self._tick)) if settled else -NEVER

    def _next_busy_tick(self) -> int:
        """The next tick with something besides the clock: a note, the end of one, or the next stretch to make."""
        tick = NEVER
        if self._sounding:
            idle = self._made
            for _ in range(2):  # what is left of this stretch may be empty
                if self._at == len(self._queue):
                    idle = self._made
                    self._make()
            # In an empty stretch the next one is made as soon as it begins: before it is due.
            tick = self._queue[self._at].tick if self._at < len(self._queue) else idle
        for note in self._ringing:
            if note.off_tick < tick:
                tick = note.off_tick
        return tick

    def _add_notes(self) -> None:
        """Add to the batch what ends and what begins at `_tick`, behind its clock."""
        queue, end = self._queue, self._at
        while end < len(queue) and queue[end].tick == self._tick:
            end += 1
        notes = [event.message for event in queue[self._at : end]]
        self._end, self._over = end, self._ended_by(notes)
        self._batch = [*self._batch, *(note.off for note in self._over), *notes]

    def _ended_by(self, notes: list[Message]) -> list[_Ringing]:
        """What ends at `_tick`: its time is over, or the same note is struck again."""
        again = [message[:2] for message in notes] if notes else ()
        return [n for n in self._ringing if n.off_tick <= self._tick or (n.status, n.note) in again]

    def _transport(self) -> list[Message]:
        """The clock of `_tick`, and before it Start, or what a receiver needs that has lost its place."""
        if self._playing and self._tick == 0:
            self._lost = False
            return [(START,), *_CLOCK_ALONE]
        if self._lost or self._tick == self._continue_tick:
            return [*self._found_again(), *_CLOCK_ALONE]
        return _CLOCK_ALONE

    def _found_again(self) -> list[Message]:
        """Put a receiver right that has missed clocks: Stop and song position now, Continue on that sixteenth."""
        if self._tick == self._continue_tick:
            return [(CONTINUE,)]
        if not self._lost or not self._playing or self._tick < 0:
            return []
        position = self._tick // TICKS_PER_SIXTEENTH + 1
        self._found_tick = position * TICKS_PER_SIXTEENTH
        wrapped = position % _POSITIONS
        return [(STOP,), (SONG_POSITION, wrapped & 0x7F, wrapped >> 7)]

    def _written(self) -> None:
        """Remember what a batch that was more than a clock has begun and ended."""
        if self._found_tick > -NEVER:
            self._continue_tick, self._lost = self._found_tick, False
            self._found_tick = -NEVER
        if self._over:
            self._end_rings()
        for event in self._queue[self._at : self._end]:
            self._ringing.append(_Ringing(event.off_tick, event.tick, event.message[0], event.message[1]))
        self._at = self._end

    def _end_rings(self) -> None:
        """What the batch has ended rings no more; a port with a lead may yet be told to take that back."""
        self._ringing = [note for note in self._ringing if note not in self._over]
        if self.port.lead_ns:
            recent = [ahead for ahead in self._ahead if ahead[0] >= self._tick - _AHEAD_TICKS]
            self._ahead = recent + [(self._tick, note) for note in self._over]
        self._over = []

    def _catch_up(self, now_ns: int) -> None:
        """Pass over what is too late to be played: ends of notes and Start go out, the rest is dropped."""
        target = max(self._from, self._map.tick_at(now_ns - LATE_NS - self._trim_ns) + 1)
        messages = [note.off for note in self._ringing if note.off_tick < target]
        self.dropped += sum(1 for _ in self._passed(target))
        if self._clock_tick < target:
            if self._playing and self._clock_tick <= 0 < target:
                messages.insert(0, (START,))
            self._lost, self._clock_tick = True, self._next_clock(target)
        if messages:
            self.port.send(messages, now_ns, self._player.state.revision)
        self._ringing = [note for note in self._ringing if note.off_tick >= target]
        self._tick, self._end, self._over, self._found_tick = target - 1, self._at, [], -NEVER

    def _passed(self, target: int) -> Iterator[Event]:
        """Step over the notes before `target`, a stretch at a time, for it may be an hour."""
        while True:
            while self._at < len(self._queue) and self._queue[self._at].tick < target:
                self._at += 1
                yield self._queue[self._at - 1]
            if self._made >= target:
                return
            if self._sounding:
                self._make()
            else:
                self._made = target

    def _make(self) -> None:
        """Make the next stretch of notes."""
        end_tick = self._player.stretch_end(self._made)
        self._queue = self._queue[self._at :] + self._player.notes(self._made, end_tick)
        self._made = end_tick
        self._at = 0

    def _next_clock(self, tick: int) -> int:
        """The first clock from `tick` on."""
        clock = -(-tick // TICKS_PER_CLOCK) * TICKS_PER_CLOCK
        return clock if clock < self._clock_until else NEVER

    def _recall(self, unheard: int, now_ns: int) -> None:
        """Take back what a port with a lead has not played yet, and the record of it."""
        self.port.recall(self._player.state.revision, now_ns)
        again = self._ringing + self._ended_ahead(unheard)
        self._ringing, self._ahead = [note for note in again if note.on_tick < unheard], []

    def _ended_ahead(self, unheard: int) -> list[_Ringing]:
        """What still rings, for its end is among what is taken back."""
        return [note for end_tick, note in self._ahead if end_tick >= unheard]

    def _restart_from(self, tick: int) -> None:
        self._from = self._made = tick
        self._clock_until = self._player.clock_until
        self._clock_tick = self._next_clock(tick)
        self._queue, self._batch, self._over = [], [], []
        self._at = self._end = 0
        self._tick, self._sound_ns, self.due_ns = tick, 0, NEVER
        self.prepare()

    def _next_tick(self, now_ns: int) -> int:
        """The first tick that has not sounded yet; another trim makes none unheard again."""
        return max(self._heard, self._map.tick_at(now_ns - self._trim_ns) + 1)

    def _follow(self, state: PlayerState) -> None:
        self._run, self._playing, self._clock, self._map = state.run, state.playing, state.clock, state.tempo_map
        self._sounding, self._revision = self._player.sounding, state.revision
        self._line = state.tempo_map.timelines[-1]
