"""What the drummer chose, and the only place that commands the engine.

It must never draw, nor wait: a command goes out or the next engine is handed the state, a save that fails is told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from panel.board import Board
from panel.changes import Changes
from panel.engine.client import EngineClient, News
from panel.engine.state import MAX_FILL_BARS, PlayerState, Section, Voice
from panel.engine.wire import MAX_MATCH, PortView, WireError
from panel.identity import box_address, box_version
from panel.kept import KEPT_FILE, Kept
from panel.library import Loaded
from panel.mounts import Sticks
from panel.music.meter import Place
from panel.music.pattern import Pattern
from panel.music.tap import TapTempo, Tempo
from panel.music.tempo import MICRO, clamp_micro_bpm
from panel.profiles import FALLBACK_PROFILE, Profile, parts_to_look_for, profile_of_port
from panel.settings import SETTINGS_FILE, Settings, Value

TENTH = MICRO // 10
TAPS_WHILE_PLAYING = 3  # from this many taps that agree the tempo follows
MOST_FILLS = 2  # bars, by NEXT: pressed again it takes them back
NOTICE_NS = 6_000_000_000  # at least; a long one stays longer
MOST_NOTICES = 16  # that wait
READING_NS = 120_000_000  # for each character of a notice
ANSWER_NS = 2_500_000_000
SHOW_TAPS_NS = 3_000_000_000


class Notice(NamedTuple):
    """A line for the drummer, shown until `until_ns`, and for `shown_ns` in all."""

    text: str
    until_ns: int
    shown_ns: int


class Session:
    """The drummer's side of the box. All calls from one thread; `clock` is CLOCK_MONOTONIC in ns.

    `port` is part of the name of a port for this time only, before the one that is kept.
    """

    def __init__(
        self,
        client: EngineClient,
        library: Loaded,
        settings: Settings,
        kept: Kept,
        data: Path | None,
        clock: Callable[[], int],
        port: str = "",
    ) -> None:
        self.client, self.library, self.settings, self.kept = client, library, settings, kept
        self.version, self.address, self.board = box_version, box_address, Board()
        self.tapped: Tempo | None = None
        self.taps_ns = -SHOW_TAPS_NS
        self.heard: int | None = None  # the note of the last pad that was hit while learning
        self.clock = clock
        self.changes = Changes(data)
        self.sticks: Sticks | None = None  # where somebody looks for them
        self._port = port
        self._taps = TapTempo()
        self._notices: list[Notice] = []
        self._answer = Notice("", 0, 0)
        self._profile_of_voices = ""
        self._wanted_bpm = 0  # turned, but not sent yet
        self._listening = self._told_power = False

    # What is so.

    @property
    def state(self) -> PlayerState:
        """What plays, as far as is known."""
        return self.client.state

    @property
    def playing(self) -> bool:
        """Whether the transport runs."""
        return self.state.playing

    @property
    def micro_bpm(self) -> int:
        """The tempo on the screen."""
        return self._wanted_bpm or self.state.beat_micro_bpm

    @property
    def pattern(self) -> Pattern:
        """The pattern that was chosen last."""
        return self.state.chosen

    def place(self, now_ns: int) -> Place:
        """The bar and beat at `now_ns`."""
        return self.state.place_at(now_ns)

    def section(self, now_ns: int) -> Section:
        """The section that sounds at `now_ns`."""
        return self.state.section_at(self.state.tempo_map.tick_at(now_ns))

    def beat_ns(self, now_ns: int) -> tuple[int, int]:
        """When the counted beat that sounds at `now_ns` began, and when it ends; the first one before the start."""
        state = self.state
        tempo_map = state.tempo_map
        tick = tempo_map.tick_at(max(now_ns, tempo_map.time_of(state.first_tick)))
        count_ticks = state.section_at(tick).pattern.count_ticks
        began = tick - state.bar_map.place_of(tick).tick % count_ticks
        return tempo_map.time_of(began), tempo_map.time_of(began + count_ticks)

    def waiting(self, now_ns: int) -> Pattern | None:
        """The pattern that waits for its bar line."""
        last = self.state.sections[-1]
        now = self.section(now_ns)
        return last.pattern if self.playing and last is not now and now.bar >= 1 else None

    def fills_left(self, now_ns: int) -> int:
        """How many bars of fill are still to be played, the one that sounds included; some patterns have no fill."""
        state = self.state
        if not state.playing:
            return 0
        first, here = state.sections[0], self.place(now_ns).bar
        bars = range(max(state.fill_first, here), min(state.fill_last, here + MAX_FILL_BARS) + 1)
        playing = (next((s for s in reversed(state.sections) if s.bar <= bar), first) for bar in bars)
        return sum(bool(section.pattern.fill) for section in playing)

    @property
    def port(self) -> str:
        """Part of the name of the only port that may be the module's, "" where its profile decides."""
        return self._port or self.kept.port

    @property
    def module(self) -> PortView | None:
        """The module's port: one that is there, by USB before DIN; else one that is missing."""
        view = self.client.view
        ports = [port for port in view.ports if port.kind in ("module", "din")] if view else []
        return next((port for port in ports if port.connected), ports[0] if ports else None)

    @property
    def fault(self) -> tuple[str, ...]:
        """What is wrong, as two short words for the screen; empty while all is well."""
        view = self.client.view
        if not self.client.connected:
            return ("NO", "ENGINE")
        if self.module:
            return () if self.module.connected else ("NO", "PAD")
        return () if view and view.ports else ("NO", "MIDI")

    @property
    def profile(self) -> Profile:
        """The module's notes: the one that was chosen, else the one whose port is there, else General MIDI."""
        profiles = self.library.profiles
        if self.kept.profile in profiles:
            return profiles[self.kept.profile]
        found = profile_of_port(self.module.name, profiles.values()) if self.module else None
        return found or profiles[FALLBACK_PROFILE]

    def voice(self, role: str) -> Voice:
        """The sound of a role."""
        return next((voice for voice in self.state.voices if voice.role == role), self.profile.voice(role))

    @property
    def unsaved(self) -> bool:
        """Whether something was changed that is not on the disk: the hand still moves, or the disk does not take it."""
        return bool(self.changes) and (self.playing or self.changes.failing)

    def notice(self, now_ns: int) -> Notice | None:
        """What there is to tell: what answers the hand comes first."""
        self._notices = [notice for notice in self._notices if notice.until_ns > now_ns]
        if self._answer.until_ns > now_ns:
            return self._answer
        return self._notices[0] if self._notices else None

    def tell(self, text: str) -> None:
        """Put a line on the screen for a while, behind those that wait; one that waits already is not told twice.

        Where too many wait it is left out: what was wrong first is what matters, and nobody reads for an hour.
        """
        now = self.clock()
        self._notices = [notice for notice in self._notices if notice.until_ns > now]
        if len(self._notices) < MOST_NOTICES and text not in (notice.text for notice in self._notices):
            shown_ns = max(NOTICE_NS, len(text) * READING_NS)
            last = max([now, *(notice.until_ns for notice in self._notices)])
            self._notices.append(Notice(text, last + shown_ns, shown_ns))

    def answer(self, text: str) -> None:
        """Say at once, and for a moment, what came of what the hand did."""
        self._answer = Notice(text, self.clock() + ANSWER_NS, ANSWER_NS)

    # What the hands do.

    def start_stop(self, stamp_ns: int = 0) -> None:
        """One press from silence, always."""
        if self.playing:
            self._send("stop", stamp_ns)
        else:
            self.flush()
            self._send("start", stamp_ns, count_in=self.settings["click.count_in"])

    def tap(self, stamp_ns: int) -> None:
        """A tap: the first is silent, from the second on the tempo follows; while playing, from the third."""
        self.tapped = self._taps.tap(stamp_ns)
        self.taps_ns = stamp_ns
        needed = TAPS_WHILE_PLAYING if self.playing else 2
        if self.tapped and self.tapped.taps >= needed:
            self._set_tempo((self.tapped.micro_bpm + TENTH // 2) // TENTH * TENTH)

    @property
    def follows_taps(self) -> bool:
        """Whether the tempo on the screen is what the taps say."""
        return self.tapped is not None and abs(self.tapped.micro_bpm - self.micro_bpm) < TENTH

    def nudge(self, steps: int) -> None:
        """Turn the tempo: each detent to the next multiple of the step."""
        step = self.settings["panel.tempo_step"] * TENTH
        at = self.micro_bpm
        multiple = at // step if steps > 0 else -(-at // step)
        self._taps.reset()
        self.tapped = None
        self._set_tempo((multiple + steps) * step)

    def flush(self) -> None:
        """Send what was turned since the last frame: one command, however many detents. To be called with a frame."""
        if self._wanted_bpm:
            wanted, self._wanted_bpm = self._wanted_bpm, 0
            self._send("tempo", micro_bpm=wanted)

    def choose(self, pattern: Pattern) -> None:
        """Play a pattern from the next bar line; its own tempo only where none was ever set."""
        self.flush()
        own_tempo = 0 if self.kept.micro_bpm else pattern.micro_bpm
        self._send("pattern", pattern=pattern._asdict(), micro_bpm=own_tempo)
        self._keep(pattern=pattern.name)

    def choose_next(self, steps: int = 1) -> None:
        """The pattern after this one in the list, round and round."""
        names = list(self.library.patterns)
        at = names.index(self.pattern.name) if self.pattern.name in names else -steps
        self.choose(self.library.patterns[names[(at + steps) % len(names)]])

    def next(self) -> None:
        """NEXT: playing, a fill; stopped, the next pattern."""
        if self.playing:
            self.fill()
        else:
            self.choose_next()

    def fill(self) -> None:
        """A fill from the next bar line; again, a second bar; once more, what has not begun is taken back."""
        now = self.clock()
        left = self.fills_left(now)
        sounds = left > 0 and self.state.fills(self.place(now).bar)
        if left >= MOST_FILLS or (left > sounds and not self.pattern.fill):
            self._send("fill", bars=0)
        elif not self.pattern.fill:
            self.answer(f"{self.pattern.name}: no fill")
        elif not self.playing:
            self.answer("Fill: only while playing")
        else:
            self._send("fill", bars=1)

    def toggle_mute(self) -> None:
        """Silence and back; time goes on."""
        self._send("mute", on=not self.state.muted)

    def panic(self) -> None:
        """Silence whatever hangs."""
        self._send("panic")
        self.answer("All notes off")

    def set_note(self, role: str, note: int) -> None:
        """Give a role another note, kept in the user's own copy of the profile."""
        self._edit_profile("notes", role, note)

    def set_level(self, role: str, level: int) -> None:
        """Give a role another level, 0 to 100 percent."""
        self._edit_profile("levels", role, level)

    def test_hit(self, role: str) -> None:
        """Sound a role once."""
        voice = self.voice(role)
        velocity = max(1, 127 * voice.level // 100)
        self._send("hit", note=voice.note, channel=voice.channel, velocity=velocity)

    def listen(self, on: bool) -> None:
        """Hear the module's pads, or no longer."""
        self.heard, self._listening = None, on
        self._send("listen", on=on)

    def choose_profile(self, name: str) -> None:
        """Use a profile; "" lets the port's name decide."""
        self._keep(profile=name)
        self._profile_of_voices = ""
        self._send_ports()

    def choose_port(self, name: str) -> None:
        """Use a port, and only that; "" lets the profile decide."""
        self._port = ""
        self._keep(port=name)
        self._send_ports()

    def set(self, id: str, value: Value) -> None:
        """Change a setting."""
        self.settings.set(id, value)
        self.changes.note_file(SETTINGS_FILE, self.clock())
        self._apply(id)

    # What happens by itself.

    def tend(self) -> None:
        """Look after the engine and the files; to be called in every turn of the panel's loop."""
        news = self.client.tend()
        if news is News.FRESH:
            self._set_up_engine()
        elif news is News.RUNNING:
            self._adopt()
        self._hear()
        self._watch_power()
        if self.client.connected:
            self._remember_module()
            self._voices_of_profile()
        if self.changes.have_settled(self.clock()):
            self.changes.write_behind(self._texts, self.library)
        for line in self.changes.written(self.clock()):
            self.tell(line)
        self._watch_sticks()

    def save(self) -> None:
        """Write what has changed, now. Told on the screen where that fails; what was there stays."""
        for line in self.changes.write(self._texts, self.library, self.clock()):
            self.tell(line)

    @property
    def _texts(self) -> dict[str, Callable[[str], str]]:
        kept_text = self.kept.text
        return {SETTINGS_FILE: self.settings.edits(), KEPT_FILE: lambda now: kept_text}

    def _send(self, name: str, stamp_ns: int = 0, /, **arguments: object) -> None:
        """A command; one that the engine would not take (files are edited by hand) is told, and stops nothing."""
        try:
            self.client.send(name, stamp_ns, **arguments)
        except WireError as error:
            self.tell(str(error))

    def _set_tempo(self, micro_bpm: int) -> None:
        self._wanted_bpm = clamp_micro_bpm(micro_bpm)
        self._keep(micro_bpm=self._wanted_bpm)

    def _keep(self, **changes: str | int) -> None:
        self.kept = self.kept._replace(**changes)  # type: ignore[arg-type]
        self.changes.note_file(KEPT_FILE, self.clock())

    def _set_up_engine(self) -> None:
        """Tell a new engine everything, but what it was handed with the state."""
        self._send_ports()
        self._apply("engine.spin_us")
        if self._listening:
            self._send("listen", on=True)
        if self.client.resumed:
            return
        self._profile_of_voices = ""
        state = self.client.state
        self._send("pattern", pattern=state.chosen._asdict(), micro_bpm=state.beat_micro_bpm)
        for id in ("click.gate_ms", "click.clock"):
            self._apply(id)

    def _adopt(self) -> None:
        """Take over an engine that runs: it knows better than the file what is so."""
        self._profile_of_voices = self.profile.name
        self._send_ports()

    def _apply(self, id: str) -> None:
        if id == "click.gate_ms":
            self._send("gate", gate_ms=self.settings[id])
        elif id == "click.clock":
            self._send("clock", on=self.settings[id])
        elif id == "engine.spin_us":
            self._send("spin", us=self.settings[id])
        elif id in ("click.din", "click.din_rate", "click.trim_ms"):
            self._send_ports()

    def _send_ports(self) -> None:
        profiles = self.library.profiles
        chosen = [profiles[self.kept.profile]] if self.kept.profile in profiles else list(profiles.values())
        self._send(
            "ports",
            match=parts_to_look_for(chosen)[:MAX_MATCH],
            exact=self.port,
            remembered=self.kept.remembered,
            din=self.settings["click.din"],
            din_rate=self.settings["click.din_rate"],
            trim_ms=self.settings["click.trim_ms"],
        )

    def _remember_module(self) -> None:
        module = self.module
        if module and module.kind == "module" and module.connected and module.name != self.kept.remembered:
            self._keep(remembered=module.name)

    def _voices_of_profile(self) -> None:
        """Sound like the module that is there: once it is known, and again whenever another takes its place."""
        profile = self.profile
        if self.client.view and profile.name != self._profile_of_voices:
            self._profile_of_voices = profile.name
            self._send("voices", voices=profile.voices)

    def _hear(self) -> None:
        for heard in self.client.heard:
            self.heard = heard.note
        self.client.heard.clear()
        for refusal in self.client.refusals:
            self.tell(refusal)
        self.client.refusals.clear()

    def _watch_power(self) -> None:
        """Tell once that the power supply is too weak: what goes wrong after that has its reason there."""
        if not self._told_power and self.board.look(self.clock()).weak_power:
            self._told_power = True
            self.tell("Power supply is too weak")

    def _edit_profile(self, table: str, role: str, value: int) -> None:
        profile = self.profile
        notes, levels = dict(profile.notes), dict(profile.levels)
        (notes if table == "notes" else levels)[role] = value
        self.library.profiles[profile.name] = profile._replace(notes=notes, levels=levels)
        self.changes.note_profile(profile.name, table, role, value, self.clock())
        self._send("voices", voices=self.profile.voices)

    def _watch_sticks(self) -> None:
        """Tell what a stick has brought, and use it."""
        outcome = self.sticks.tend(self.clock()) if self.sticks else None
        if outcome is None:
            return
        for line in outcome.copied.lines:
            self.tell(line)
        if outcome.library:
            self.library_changed(outcome.library, outcome.copied.taken)

    def library_changed(self, fresh: Loaded, taken: Collection[str]) -> None:
        """Use a library that was loaded anew for the files `taken`, by their paths in the user's folder.

        What plays goes on. Other profiles stay as they are here: what was changed may be in no file yet.
        """
        ours, sources = self.library.profiles, self.library.sources
        new = {name for name in fresh.profiles if f"profiles/{fresh.sources[name].name}" in taken or name not in ours}
        profiles = {name: profile if name in new else ours[name] for name, profile in fresh.profiles.items()}
        kept = {name: sources[name] for name in profiles if name not in new}
        self.library = fresh._replace(profiles=profiles, sources=fresh.sources | kept)
        if new:
            self._profile_of_voices = ""
            self._send_ports()
