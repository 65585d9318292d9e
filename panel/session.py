"""What the drummer chose, and the only place that commands the engine.

It must never draw, nor wait: a command goes out or the next engine is handed the state, a save that fails is told.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd
from pathlib import Path

from panel.board import Board
from panel.changes import Changes
from panel.ear import Ear
from panel.engine.client import EngineClient, News
from panel.engine.plan import following, micro_bpm_at, stored_micro_bpm_at
from panel.engine.state import AS_STORED, PlayerState, Section, Voice
from panel.engine.transport import MAX_FILL_BARS
from panel.engine.wire import MAX_MATCH, Heard, PortView, WireError
from panel.gig import Gig
from panel.identity import box_address, box_version
from panel.kept import KEPT_FILE, Kept
from panel.library import Loaded
from panel.mounts import Sticks
from panel.music.count_off import Begin, CountOff
from panel.music.density import thinned
from panel.music.meter import LEVELS, Place
from panel.music.pattern import Pattern
from panel.music.practice import NOTHING, Practice
from panel.music.song import Part, Song
from panel.music.tap import TapTempo, Tempo
from panel.music.tempo import MICRO, NS_PER_MINUTE, clamp_micro_bpm
from panel.notices import Notices
from panel.pads import PADS_FILE, Pad, Pads
from panel.pencil import Pencil
from panel.profiles import FALLBACK_PROFILE, Profile, parts_to_look_for, profile_of_port
from panel.settings import PRACTICE_ROWS, SETTINGS_FILE, SILENT, Settings, Value

TENTH = MICRO // 10
TAPS_WHILE_PLAYING = 3  # from this many taps that agree the tempo follows
MOST_FILLS = 2  # bars, by NEXT: pressed again it takes them back
PULL_SHARE = 3  # a tap moves the grid by a third of what it is off: gently, for a hand scatters
LEAST_PULL_NS = 3_000_000  # no tap is more exact than that
SHOW_TAPS_NS = 3_000_000_000


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
        pads: Pads | None = None,
    ) -> None:
        self.client, self.library, self.settings, self.kept = client, library, settings, kept
        self.version, self.address, self.board = box_version, box_address, Board()
        self.tapped: Tempo | None = None
        self.taps_ns = -SHOW_TAPS_NS
        self.ear = Ear(pads or Pads())
        self.clock = clock
        self.changes = Changes(data)
        self.sticks: Sticks | None = None  # where somebody looks for them
        self._port = port
        self.gig = Gig(self._send, lambda: self.library, lambda: self.profile, lambda line: self.tell(line))
        self.pencil = Pencil(self.changes, self.gig, lambda: self.library, clock, lambda: self.playing)
        self._stored: tuple[Song | None, int] = (None, AS_STORED)  # of which song which stretch is written down
        self.practising = False  # from the next start on, or now; a stop ends it
        self._taps, self._count_off = TapTempo(), CountOff()
        self._pulse_from_ns = clock()  # when the silent preview began
        self._was_playing = False
        self._notices = Notices(clock)
        self.tell, self.answer, self.notice = self._notices.tell, self._notices.answer, self._notices.at
        self._profile_of_voices = ""
        self._wanted_bpm = 0  # turned, but not sent yet
        self._turned_levels = self._turned_practice = self._listening = self._told_power = False

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
        return self._wanted_bpm or micro_bpm_at(self.state, self._tick_now)

    @property
    def nudged_micro_bpm(self) -> int:
        """By how much the tempo differs from what the song says; 0 in free play."""
        stored = stored_micro_bpm_at(self.state, self._tick_now) if self.gig.song else 0
        nudged = self.micro_bpm - stored * self._stored_stretch // AS_STORED if stored else 0
        return nudged if abs(nudged) >= TENTH // 2 else 0

    @property
    def _stored_stretch(self) -> int:
        """What the song's file has of the nudge already, while the song plays on as it was loaded."""
        song, stretch = self._stored
        return stretch if song is self.gig.song else AS_STORED

    @property
    def _tick_now(self) -> int:
        """What sounds; the beginning while stopped."""
        return self.state.tempo_map.tick_at(self.clock()) if self.playing else 0

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
        began = tick - state.place_of(tick).tick % count_ticks
        return tempo_map.time_of(began), tempo_map.time_of(began + count_ticks)

    def pulse_ns(self, now_ns: int) -> tuple[int, int] | None:
        """When the beat that is to be seen began, and when it ends: what sounds, or before a song the silent preview of
        its tempo."""
        if self.playing:
            return self.beat_ns(now_ns)
        if self.gig.song is None:
            return None
        beat_ns = NS_PER_MINUTE * MICRO // self.micro_bpm
        began = now_ns - (now_ns - self._pulse_from_ns) % beat_ns
        return began, began + beat_ns

    def bars_left(self, now_ns: int) -> int:
        """How many bars of the section are left, the one that sounds included; 0 where the drummer says when."""
        section = self.section(now_ns)
        return max(0, section.end_bar - section.place_of(self.state.tempo_map.tick_at(now_ns)).bar)

    def elapsed_ns(self, now_ns: int) -> int:
        """How long the song that sounds has been playing, or the pattern; 0 while stopped and during a count-in."""
        began_ns = max(self.state.began_ns, self.gig.went_on_ns)
        return max(0, now_ns - began_ns) if self.playing else 0

    def set_elapsed_ns(self, now_ns: int) -> int:
        """How long ago a START was first pressed in the set that is open, breaks and all; 0 before."""
        return now_ns - self.gig.began_ns if self.gig.began_ns else 0

    def part_behind(self, now_ns: int) -> Part | None:
        """What follows the section that sounds; None at the end of the song."""
        state, section = self.state, self.section(now_ns)
        behind = following(state, section) if section in state.sections else ()
        return behind[0] if behind else None

    def waiting(self, now_ns: int) -> Pattern | None:
        """The pattern that was chosen and waits for its bar line."""
        if self.gig.song:
            return None
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
        asked = sum(bool(section.pattern.fill) for section in playing)
        by_itself = state.fills(self.section(now_ns), here) and bool(self.section(now_ns).pattern.fill)
        return max(asked, by_itself)

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
    def levels(self) -> tuple[int, ...]:
        """What is heard of each of LEVELS by the faders and the density over them, in percent."""
        return thinned(tuple(self.settings[f"levels.{level}"] for level in LEVELS), self.settings["levels.density"])

    @property
    def unsaved(self) -> bool:
        """Whether something was changed that is not on the disk: the hand still moves, or the disk does not take it."""
        return bool(self.changes) and (self.playing or self.changes.failing)

    # What the hands do.

    def start_stop(self, stamp_ns: int = 0) -> None:
        """One press from silence, always."""
        if self.playing:
            self._send("stop", stamp_ns)
            return
        song, count_in = self.gig.song, self.settings["click.count_in"]
        role = self.settings["click.count_voice"]
        if song and song.count_in >= 0:
            count_in, role = song.count_in, song.count_role
        self._start(stamp_ns, count_in=count_in, count_role="" if role == SILENT else role)

    def _start(self, stamp_ns: int, **arguments: object) -> None:
        """Start, and practise where that is wanted."""
        self.flush()
        self.gig.send_program()
        if self.gig.is_open and not self.gig.began_ns:
            self.gig.began_ns = self.clock()
        song = self.gig.song
        practice, repeats = self._practice_of_song, song.repeats if song else 1
        if self.practising:
            practice, repeats = self.practice, self.settings["practice.repeats"] or repeats
        if self.practising and not song:  # once is an end too
            arguments["bars"] = self.settings["practice.repeats"] * self.pattern.bars
        self._send("start", stamp_ns, practice=practice, repeats=repeats, **arguments)

    def tap(self, stamp_ns: int) -> None:
        """A tap: the first is silent, from the second on the tempo follows; while playing, from the third.

        Before a song that is counted off, four taps start it.
        """
        self.taps_ns = stamp_ns
        if self.counts_off:
            if begin := self._count_off.tap(stamp_ns, self.micro_bpm):
                self._begin(begin, stamp_ns)
            return
        self.tapped = self._taps.tap(stamp_ns)
        needed = TAPS_WHILE_PLAYING if self.playing else 2
        if self.tapped and self.tapped.taps >= needed:
            self._set_tempo((self.tapped.micro_bpm + TENTH // 2) // TENTH * TENTH)
            self._pull(stamp_ns)

    @property
    def counts_off(self) -> bool:
        """Whether taps are a count-off: a song is loaded that says so, and it does not play yet."""
        return bool(self.gig.song and self.gig.song.by_taps and not self.playing)

    @property
    def counted(self) -> int:
        """How many taps of a count-off there are so far."""
        return self._count_off.taps

    def _begin(self, begin: Begin, stamp_ns: int) -> None:
        """Four taps were a count."""
        if begin.micro_bpm != self.micro_bpm:
            self._set_tempo(begin.micro_bpm)
        self._taps.reset()
        self._start(stamp_ns, at_ns=begin.at_ns)

    def _pull(self, stamp_ns: int) -> None:
        """While playing, let the grid give way to a tap: gently, and to the beat that is nearest."""
        if not self.playing:
            return
        self.flush()
        tempo_map, section = self.state.tempo_map, self.section(stamp_ns)
        pattern = section.pattern
        grid = gcd(pattern.beat_ticks, pattern.meter.bar_ticks)  # in 7/8 a quarter's tap may lie on any eighth
        place = section.place_of(tempo_map.tick_at(stamp_ns)).tick
        tick = tempo_map.tick_at(stamp_ns) - place + (2 * place + grid) // (2 * grid) * grid
        off_ns = stamp_ns - tempo_map.time_of(tick)
        if abs(off_ns) > LEAST_PULL_NS:
            self._send("pull", ns=off_ns // PULL_SHARE)

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
        if self._turned_levels:
            self._turned_levels = False
            self._send("levels", levels=self.levels)
        if self._turned_practice:
            self._turned_practice = False
            self._send("practise", practice=self.practice)

    def choose(self, pattern: Pattern) -> None:
        """Play a pattern from the next bar line; its own tempo only where none was ever set. A song is left."""
        self.flush()
        if self.gig.song:
            self.gig.leave()
            self._keep(micro_bpm=self.micro_bpm)
        own_tempo = 0 if self.kept.micro_bpm else pattern.micro_bpm
        self._send("pattern", pattern=pattern, micro_bpm=own_tempo)
        self._keep(pattern=pattern.name)

    def choose_next(self, steps: int = 1) -> None:
        """The pattern after this one in the list, round and round."""
        names = list(self.library.patterns)
        at = names.index(self.pattern.name) if self.pattern.name in names else -steps
        self.choose(self.library.patterns[names[(at + steps) % len(names)]])

    def next(self) -> None:
        """NEXT: on to the next section where the drummer says when; else, playing, a fill; stopped, the next song of
        the set, or the next pattern."""
        self.flush()  # what was turned was meant for the song before
        if self.waits_for_next or (self.playing and self._is_left):
            self._send("go on")  # twice is once: no fill in the next section for a finger that bounced
        elif self.playing:
            self.fill()
        elif not self.gig.is_open:
            self.choose_next()
        elif not self.gig.next():
            self.answer("End of the set")

    @property
    def waits_for_next(self) -> bool:
        """Whether the section that sounds lasts until the drummer says so."""
        section = self.section(self.clock())
        return self.playing and bool(section.part.song) and section.bars == 0

    @property
    def _is_left(self) -> bool:
        """Whether the section that sounds lasted until the drummer said so, and he has."""
        section = self.section(self.clock())
        return bool(section.part.song) and section.bars > 0 == section.part.bars

    def go_on(self) -> None:
        """Leave the section with this bar, however many it had."""
        self._send("go on")

    def open_set(self, name: str, number: int = 1) -> None:
        """Open a set with that song loaded; "" is free play. Playing, what sounds plays on."""
        self.flush()
        if self.playing and name:
            self.gig.turn_to(name, number)
        elif name:
            self.gig.open(name, number)
        else:
            self.gig.turn_to("")
            self.gig.leave()

    def choose_song(self, number: int) -> None:
        """The song of that number in the set: loaded, or, while another plays, as soon as it has ended."""
        item = self.gig.item(number)
        if item is None or item.song is None:
            self.answer("There is no such song")
        elif self.playing:
            self.gig.cue(number)
        else:
            self._wanted_bpm = 0
            self.gig.load(number)

    def store_tempo(self) -> None:
        """Write the tempo as it was nudged into the song, all its other tempos in proportion."""
        self.flush()
        song, stretch = self.gig.song, self.state.stretch
        written = self.library.songs.get(song.name) if song else None
        if song is None or written is None or not self.nudged_micro_bpm:
            self.answer("Tempo is as stored")
            return
        micro_bpm = self.micro_bpm
        if fault := self.pencil.stretch(written, Fraction(stretch, self._stored_stretch)):
            self.answer(fault)
            return
        self._stored = (song, stretch)
        self.answer(f"Stored {micro_bpm / MICRO:.1f}")

    def fill(self) -> None:
        """A fill from the next bar line; again, a second bar; once more, what has not begun is taken back."""
        now = self.clock()
        left, pattern = self.fills_left(now), self.pattern_to_fill(now)
        sounds = left > 0 and self.state.fills(self.section(now), self.place(now).bar)
        if left >= MOST_FILLS or (left > sounds and not pattern.fill):
            self._send("fill", bars=0)
        elif not pattern.fill:
            self.answer(f"{pattern.name}: no fill")
        elif not self.playing:
            self.answer("Fill: only while playing")
        else:
            self._send("fill", bars=1, when=self.settings["click.fill_begins"])

    def pattern_to_fill(self, now_ns: int) -> Pattern:
        """What plays where a fill would begin that is asked for at `now_ns`."""
        if not (self.playing and self.gig.song):
            return self.pattern
        if self.settings["click.fill_begins"] == "now":
            return self.section(now_ns).pattern
        state = self.state
        return state.section_at(state.next_bar_line(state.tempo_map.tick_at(now_ns))).pattern

    def re_one(self, stamp_ns: int) -> None:
        """What was pressed at `stamp_ns` was the one."""
        self._send("one", stamp_ns, at_ns=stamp_ns)
        self._taps.reset()

    def slip(self, steps: int) -> None:
        """Shift the click against the bar, a unit of the meter a detent."""
        self._send("slip", units=steps)

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
        self._listen(anew=news in (News.FRESH, News.RUNNING))
        self._hear()
        self._watch_power()
        if self.client.connected:
            self._remember_module()
            self._voices_of_profile()
        self._follow_gig()
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
        pads = self.ear.pads.edits()
        return {SETTINGS_FILE: self.settings.edits(), KEPT_FILE: lambda now: kept_text, PADS_FILE: pads}

    def _send(self, name: str, stamp_ns: int = 0, /, **arguments: object) -> None:
        """A command; one that the engine would not take (files are edited by hand) is told, and stops nothing."""
        try:
            self.client.send(name, stamp_ns, **arguments)
        except WireError as error:
            self.tell(str(error))

    def _set_tempo(self, micro_bpm: int) -> None:
        self._wanted_bpm = clamp_micro_bpm(micro_bpm)
        if self.gig.song is None:  # a song keeps its own: what is turned there is for now
            self._keep(micro_bpm=self._wanted_bpm)

    def _keep(self, **changes: str | int) -> None:
        self.kept = self.kept._replace(**changes)  # type: ignore[arg-type]
        self.changes.note_file(KEPT_FILE, self.clock())

    def _follow_gig(self) -> None:
        """Keep up with what plays, and keep where we are in the set."""
        ended, self._was_playing = self._was_playing and not self.playing, self.playing
        if ended:
            self.practising = False
        self.gig.follow(self.state, self.clock())
        if self.state.parts and self.gig.song is None and not self.playing:
            self._play_freely()
        place = (self.gig.set_name, self.gig.song.name if self.gig.song else "", self.gig.number)
        if place != (self.kept.set_name, self.kept.song, self.kept.number):
            self._keep(set_name=place[0], song=place[1], number=place[2])
            self._pulse_from_ns = self.clock()
            self._count_off.reset()

    def _play_freely(self) -> None:
        """The song that was left is not started again: pattern and tempo are those that were chosen before it."""
        pattern = self.library.patterns.get(self.kept.pattern, self.pattern)
        self._send("pattern", pattern=pattern, micro_bpm=self.kept.micro_bpm)

    @property
    def _practice_of_song(self) -> Practice:
        """What the song that is loaded says of practice, with other mutes every time."""
        practice = self.gig.song.practice if self.gig.song else NOTHING
        return practice._replace(seed=self.state.run + 1) if practice.mutes else practice

    @property
    def practice(self) -> Practice:
        """What the settings say of practice, with other mutes every time."""
        rows = {key: self.settings[f"practice.{key}"] for key in PRACTICE_ROWS}
        ramp_to = rows.pop("ramp_to")
        return Practice(seed=self.state.run + 1, ramp_to=ramp_to * MICRO, **rows)

    @property
    def is_practising(self) -> bool:
        """Whether practice waits for START, or is on; a song's own is too."""
        return self.practising or self.state.practice != NOTHING

    def toggle_practice(self) -> None:
        """Practise from the next start on; while playing, from the next bar line."""
        self.practising, self._turned_practice = not self.practising, False
        if self.playing:
            self._send("practise", practice=self.practice if self.practising else NOTHING)

    def _set_up_engine(self) -> None:
        """Tell a new engine everything, but what it was handed with the state."""
        self._send_ports()
        self._apply("engine.spin_us")
        if self.client.resumed:
            return
        self._profile_of_voices = ""
        state = self.client.state
        if self.gig.song:
            self.gig.send_song()
        else:
            self._send("pattern", pattern=state.chosen, micro_bpm=state.beat_micro_bpm)
        for id in ("click.gate_ms", "click.clock", "click.fill_every"):
            self._apply(id)
        self._send("levels", levels=self.levels)

    def _adopt(self) -> None:
        """Take over an engine that runs: it knows better than the file what is so."""
        self.gig.adopt(self.state, self.kept.set_name, self.kept.number, self.clock())
        running, songs_own = (
            each._replace(seed=0, ramp_to=0) for each in (self.state.practice, self._practice_of_song)
        )
        self.practising = self.playing and self.state.practice != NOTHING and running != songs_own
        if (
            song := self.gig.song
        ) and song.name in self.library.songs:  # what was stored of a nudge is not stored again
            self._stored = (song, AS_STORED * self.library.songs[song.name].micro_bpm // song.micro_bpm)
        self._profile_of_voices = self.profile.name
        self._turned_levels = self.state.levels != self.levels  # the faders on the screen are what sounds
        self._send_ports()

    def _apply(self, id: str) -> None:
        if id == "click.gate_ms":
            self._send("gate", gate_ms=self.settings[id])
        elif id == "click.clock":
            self._send("clock", on=self.settings[id])
        elif id == "click.fill_every":
            self._send("fill every", bars=self.settings[id])
        elif id == "engine.spin_us":
            self._send("spin", us=self.settings[id])
        elif id.startswith("levels."):
            self._turned_levels = True
        elif id.startswith("practice."):
            self._turned_practice = self.practising and self.playing
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
            self._hear_pad(heard)
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

    # Pads and pedals of the module.

    def learn(self, what: str) -> None:
        """Wait for a pad to be hit: for its "note", or as the "pad" of a function; "" ends it. See Ear."""
        self.ear.learn(what)
        self._listen()

    def function_of(self, pad: Pad) -> str:
        """What a pad of the module does, "" where it only makes music."""
        return self.ear.pads.function_of(self.profile.name, pad)

    def pads_of(self, function: str) -> list[Pad]:
        """The module's pads that have a function."""
        return self.ear.pads.of_function(self.profile.name, function)

    def assign_pad(self, function: str, pad: Pad | None) -> None:
        """Give a function to a pad of the module, and to no other; None takes it away."""
        self.ear.pads.assign(self.profile.name, function, pad)
        self.changes.note_file(PADS_FILE, self.clock())

    def _listen(self, anew: bool = False) -> None:
        """Have the module heard for as long as it matters what it plays; `anew` where the engine can't know."""
        wanted = self.ear.wanted(self.profile.name)
        if wanted != (self._listening and not anew):
            self._send("listen", on=wanted)
        self._listening = wanted

    def _hear_pad(self, heard: Heard) -> None:
        self.ear.hear(heard, self.profile.name)
        if self.ear.learning == "note" and self.ear.taken:
            self.answer(f"That pad is {self.ear.taken.upper()}")
            self.ear.taken = ""

    # Sticks.

    def _watch_sticks(self) -> None:
        """Tell what a stick has brought, and use it once nothing waits to be written: the disk has it all then."""
        if self.sticks is None:
            return
        if copied := self.sticks.tend(self.clock()):
            for line in copied.lines:
                self.tell(line)
        if library := self.sticks.fresh_library(settled=not self.changes):
            self.library_changed(library)

    def library_changed(self, fresh: Loaded) -> None:
        """Use a library that was loaded anew, while nothing waits to be written. What plays goes on."""
        cued = self.gig.cued_song
        self.library = fresh
        self.gig.find_again(cued)
        self._profile_of_voices = ""
        self._send_ports()
