"""The stream that sounds and what sounds on it: opened when there is a device, and again whenever it has gone.

It must never lose what was chosen when a device goes, nor give up looking for the next one.
"""

from __future__ import annotations

from collections.abc import Callable

from panel.engine.outlet import LATE_NS
from panel.engine.player import ALL_NOTES_OFF, CONTROL_CHANGE, MELODY_CHANNEL, NOTE_ON, Message
from panel.engine.wire import MAX_LEAD_MS, Notes
from panel.music.percussion import PERCUSSION_CHANNEL
from panel.music.tempo import NEVER
from panel.sound.clock import SECOND
from panel.sound.output import MARGIN_NS, Output, OutputError, device_names, look_for_devices, open_output
from panel.sound.patchbay import Patchbay
from panel.sound.rig import Chosen, Rig
from panel.sound.shelf import Shelf
from panel.sound.wire import CLICK, STARTING, SYNTH

MS = 1_000_000
LOOK_NS = 1_000_000_000
PATIENCE_NS = 5_000_000_000  # between two looks where none is found: each makes ALSA load its plug-ins
MANY_DROPOUTS = 5  # within CALM_NS: the device gets a larger buffer
CALM_NS = 10_000_000_000
FIRST_LATENCY = "low"  # PortAudio's word for what a device says it can do
MAX_LATENCY_S = 0.1

Open = Callable[[str, "float | str"], Output]
MakePatchbay = Callable[[int], Patchbay]


class Device:
    """All calls from one thread, but `hit`, which is rtmidi's: it reads one attribute, the clock's line, and numbers
    that the audio thread sets whole."""

    def __init__(
        self, clock: Callable[[], int], shelf: Shelf, chosen: Chosen, make_patchbay: MakePatchbay,
        open_output: Open = open_output, look: Callable[[], None] = look_for_devices,
        names: Callable[[], tuple[str, ...]] = device_names,
    ) -> None:  # fmt: skip
        self.output: Output | None = None
        self.rig: Rig | None = None
        self.patchbay: Patchbay | None = None
        self.problem = STARTING
        self.names: tuple[str, ...] = ()  # of the devices that there were at the last look
        self.is_stuck = False  # a device can't be given back: only a new process can open another
        self.dropouts = 0  # of streams that have gone
        self._late = 0  # notes that were not even handed to a desk, and those of desks that have gone
        self._plays: tuple[Output, Rig] | None = None  # both at once, for `hit`: frames of one are no frames of another
        self._frame = 0  # where the next stream goes on
        self._clock, self._shelf, self._chosen, self._make_patchbay = clock, shelf, chosen, make_patchbay
        self._open, self._look, self._names = open_output, look, names
        self._name = ""
        self._latency: float | str = FIRST_LATENCY
        self._try_ns = self._calm_until_ns = self._calm_dropouts = 0

    @property
    def sounds(self) -> bool:
        """Whether there is a stream whose clock is known."""
        return self.output is not None and self.output.clock.settled

    @property
    def late(self) -> int:
        """How many notes came after their time and were dropped."""
        return self._late + (self.rig.desk.late if self.rig else 0)

    @property
    def is_lively(self) -> bool:
        """Whether it has to be looked after often: a synth plays or is made, or the stream's clock is not known yet."""
        bay = self.patchbay
        return bool(self.output and not self.sounds) or (bay is not None and (bay.active or bay.trying))

    @property
    def lead_ms(self) -> int:
        """How long ahead of their due time notes have to come; 0 while nothing can sound them."""
        output, rig = self.output, self.rig
        if not self.sounds or output is None or rig is None:
            return 0
        frames = output.ahead_frames + rig.desk.latency_frames
        ns = output.latency_ns + frames * SECOND // output.rate + MARGIN_NS
        return min(MAX_LEAD_MS, -(-ns // (5 * MS)) * 5)  # in steps: a new lead makes the engine begin anew

    def choose(self, name: str) -> None:
        """Use the device that has `name` in its name; "" leaves it to the system."""
        if name != self._name:
            self._name, self._latency, self._try_ns = name, FIRST_LATENCY, 0
            self.close()

    def schedule(self, notes: Notes) -> None:
        """The engine's notes: heard at their due time, or at once where that is now.

        What was due long ago is passed over: a process that was stopped reads, when it goes on, all that it has missed.
        """
        now = self._clock()
        if not self.sounds or not self._plays:
            return
        output, rig = self._plays
        messages = notes.messages if now - notes.due_ns <= LATE_NS else _without_strokes(notes.messages)
        self._late += len(notes.messages) - len(messages)
        frame, revision = _frame_of_hit(output, now), 0  # of a test hit: nothing takes it back
        if notes.due_ns > now:
            frame, revision = output.frame_heard_at(notes.due_ns) - rig.desk.latency_frames, notes.revision
        for bus in (CLICK, SYNTH):
            if own := tuple(message for message in messages if _bus_of(message) == bus):
                rig.desk.schedule(frame, bus, own, revision)

    def recall(self, revision: int, heard_ns: int) -> None:
        """What the engine sent under an older revision, and is due after `heard_ns`, is not to be played."""
        if self.rig:
            heard_frame = NEVER
            if self.sounds and self.output and heard_ns != NEVER:
                heard_frame = self.output.frame_heard_at(heard_ns) - self.rig.desk.latency_frames
            self.rig.desk.recall(revision, heard_frame)

    def end_melody(self) -> None:
        """The engine that played one has gone: what of it rings, or was sent ahead, comes to its end."""
        if self.sounds and (plays := self._plays):
            frame = plays[0].frame_heard_at(self._clock() + self.lead_ms * MS)
            plays[1].desk.schedule(frame, SYNTH, ((CONTROL_CHANGE + MELODY_CHANNEL - 1, ALL_NOTES_OFF, 0),))

    def hit(self, bus: str, message: Message, stamp_ns: int) -> None:
        """Something played now: it sounds a constant time after its stamp. Any thread."""
        if (plays := self._plays) and plays[0].clock.line:
            plays[1].desk.schedule(_frame_of_hit(plays[0], stamp_ns), bus, (message,))

    def tend(self) -> bool:
        """Look after the stream; to be called every 20 to 50 ms. True where it is another one, or gone."""
        if self.output and self.rig and (stalled := self.output.tend()):
            self.rig.desk.bring_forward(stalled)
        now = self._clock()
        if now < self._try_ns:
            return False
        self._try_ns = now + LOOK_NS
        if self.output and self.output.is_alive():
            return self._calm_down(self.output, now)
        before = self.output, self.problem
        self.close()
        if not self.is_stuck:
            self._open_stream(now)
        return (self.output, self.problem) != before

    def close(self) -> None:
        """Give the device back; kits and patch stay."""
        if self.output:
            self.is_stuck = not self.output.close()
            self.dropouts += self.output.dropouts
            self._frame = self.output.next_frame
        self.output = self._plays = None

    def end(self) -> None:
        """Give everything back."""
        self.close()
        if self.patchbay:
            self.patchbay.close()

    def _open_stream(self, now: int) -> None:
        try:
            if self.problem:
                self._look()
            self.names = self._names()
            output = self._open(self._name, self._latency)
            self._prepare(output.rate)
            assert self.rig
            self.rig.desk.silence()  # what was to sound when the last stream went is over
            output.start(self.rig.desk.render, self._frame)
        except (OutputError, OSError) as error:  # OSError: no process for the patches' trial
            self.problem = str(error)
            self._try_ns = now + PATIENCE_NS
            return
        self.output, self._plays, self.problem = output, (output, self.rig), ""
        self._calm_until_ns, self._calm_dropouts = now + CALM_NS, 0

    def _prepare(self, rate: int) -> None:
        """What sounds at a rate; it is kept for as long as the rate is."""
        if self.rig and self.rig.rate == rate:
            return
        if self.patchbay:
            self.patchbay.close()
        self._frame = 0
        self.patchbay = self._make_patchbay(rate)
        self._late, self.rig = self.late, Rig(rate, self._chosen, self._shelf, self.patchbay)

    def _calm_down(self, output: Output, now: int) -> bool:
        """Where blocks come too late again and again, open the device anew with larger ones."""
        if now >= self._calm_until_ns:
            self._calm_until_ns, self._calm_dropouts = now + CALM_NS, output.dropouts
        if output.dropouts - self._calm_dropouts < MANY_DROPOUTS or output.latency_s >= MAX_LATENCY_S:
            return False
        wanted = min(MAX_LATENCY_S, max(0.005, 2 * output.latency_s))
        if isinstance(self._latency, float) and wanted <= self._latency:
            return False  # it has been asked for, and the device gives no more: a JACK server has the last word
        self._latency = wanted
        self.close()
        self._open_stream(now)
        return True


def _bus_of(message: Message) -> str:
    """The click is on the channel of percussion, a melody on another."""
    return CLICK if message[0] & 0x0F == PERCUSSION_CHANNEL - 1 else SYNTH


def _without_strokes(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """What is never too late: the end of a note."""
    return tuple(message for message in messages if message[0] & 0xF0 != NOTE_ON)


def _frame_of_hit(output: Output, stamp_ns: int) -> int:
    """Where something sounds that is played at a moment: a constant time later.

    Of a stream that has just stopped it is not known yet how late it is: what is hit then is not kept for later.
    """
    return min(output.frame_made_at(stamp_ns), output.next_frame + output.ahead_frames) + output.ahead_frames
