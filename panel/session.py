"""What the drummer chose, and the only place that commands the engine.

It must never draw, nor wait: a command goes out or the next engine is handed the state, a save that fails is told.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from panel.adjusted import SOUNDS_FILE
from panel.beats import Beats
from panel.belongings import Belongings
from panel.board import Board
from panel.dialled import DIALS_FILE
from panel.engine.client import EngineClient, News
from panel.engine.plan import micro_bpm_at, stored_micro_bpm_at
from panel.engine.state import AS_STORED
from panel.engine.wire import Heard
from panel.gig import Gig
from panel.identity import box_address, box_version
from panel.kept import KEPT_FILE
from panel.library import Loaded
from panel.module import AtTheModule
from panel.mounts import Sticks
from panel.music.count_off import Begin, CountOff
from panel.music.density import thinned
from panel.music.meter import LEVELS
from panel.music.pattern import Pattern
from panel.music.practice import NOTHING, Practice
from panel.music.song import Song
from panel.music.tap import TapTempo, Tempo
from panel.music.tempo import MICRO, NS_PER_MINUTE, clamp_micro_bpm
from panel.pads import PADS_FILE
from panel.pencil import Pencil
from panel.settings import PRACTICE_ROWS, SETTINGS_FILE, SILENT, Value
from panel.sound.client import SoundClient

TENTH = MICRO // 10
TAPS_WHILE_PLAYING = 3  # from this many taps that agree the tempo follows
MOST_FILLS = 2  # bars, by NEXT: pressed again it takes them back
PULL_SHARE = 3  # a tap moves the grid by a third of what it is off: gently, for a hand scatters
LEAST_PULL_NS = 3_000_000  # no tap is more exact than that
SHOW_TAPS_NS = 3_000_000_000


class Session(AtTheModule):
    """The drummer's side of the box. All calls from one thread; `clock` is CLOCK_MONOTONIC in ns."""

    def __init__(
        self,
        client: EngineClient,
        library: Loaded,
        own: Belongings,
        data: Path | None,
        clock: Callable[[], int],
        port: str = "",
        sound: SoundClient | None = None,
    ) -> None:
        super().__init__(client, library, own, data, clock, port, sound)
        self.version, self.address, self.board = box_version, box_address, Board()
        self.tapped: Tempo | None = None
        self.taps_ns = -SHOW_TAPS_NS
        self.sticks: Sticks | None = None  # where somebody looks for them
        self.gig = Gig(self._send, lambda: self.library, lambda: self.profile, lambda line: self.tell(line))
        self.pencil = Pencil(self.changes, self.gig, lambda: self.library, clock, lambda: self.playing)
        self._stored: tuple[Song | None, int] = (None, AS_STORED)  # of which song which stretch is written down
        self.beats = Beats(self, self._send, own.dialled)
        self.practising = False  # from the next start on, or now; a stop ends it
        self._taps, self._count_off = TapTempo(), CountOff()
        self._pulse_from_ns = clock()  # when the silent preview began
        self._was_playing = False
        self._wanted_bpm = 0  # turned, but not sent yet
        self._turned_levels = self._turned_practice = self._told_power = False

    # What is so.

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

    @property
    def chosen(self) -> Pattern:
        """The pattern that was chosen last as the library has it, whatever is made beside it."""
        return self.beats.composer.base if self.beats.sounds else self.pattern

    @property
    def chosen_name(self) -> str:
        """What that is called."""
        return self.chosen.name

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

    def elapsed_ns(self, now_ns: int) -> int:
        """How long the song that sounds has been playing, or the pattern; 0 while stopped and during a count-in."""
        began_ns = max(self.state.began_ns, self.gig.went_on_ns)
        return max(0, now_ns - began_ns) if self.playing else 0

    def set_elapsed_ns(self, now_ns: int) -> int:
        """How long ago a START was first pressed in the set that is open, breaks and all; 0 before."""
        return now_ns - self.gig.began_ns if self.gig.began_ns else 0

    def waiting(self, now_ns: int) -> Pattern | None:
        """The pattern that was chosen and waits for its bar line."""
        if self.gig.song:
            return None
        last = self.state.sections[-1]
        now = self.section(now_ns)
        waits = self.playing and last is not now and now.bar >= 1 and last.pattern.name != now.pattern.name
        return last.pattern if waits else None

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
            arguments["bars"] = self.settings["practice.repeats"] * self.chosen.bars
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
        off_ns = self.off_beat_ns(stamp_ns)
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
        self.sound.flush()

    def choose(self, pattern: Pattern) -> None:
        """Play a pattern from the next bar line; its own tempo only where none was ever set. A song is left."""
        self.flush()
        if self.gig.song:
            self.gig.leave()
            self.keep(micro_bpm=self.micro_bpm)
        own_tempo = 0 if self.kept.micro_bpm else pattern.micro_bpm
        self.keep(pattern=pattern.name)
        self._send("pattern", pattern=self.beats.beside(pattern), micro_bpm=own_tempo)

    def choose_next(self, steps: int = 1) -> None:
        """The pattern after this one in the list, round and round."""
        names = list(self.library.patterns)
        at = names.index(self.chosen_name) if self.chosen_name in names else -steps
        self.choose(self.library.patterns[names[(at + steps) % len(names)]])

    def switch_beats(self, on: bool) -> None:
        """Have a beat write itself beside the click from the next bar line on, or no more. A song is left for it."""
        if on and self.gig.song:
            self.choose(self.beats.composer.base)
        self.beats.switch(on)

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
        self.sound.panic()
        self.answer("All notes off")

    def set(self, id: str, value: Value) -> None:
        """Change a setting."""
        self.settings.set(id, value)
        self.keep_file(SETTINGS_FILE)
        self._apply(id)
        self.sound.changed(id)

    # What happens by itself.

    def tend(self) -> None:
        """Look after the engine and the files; to be called in every turn of the panel's loop."""
        news = self.client.tend()
        if news is News.FRESH:
            self._set_up_engine()
        elif news is News.RUNNING:
            self._adopt()
        self.ear.attentive = self.beats.listens
        self._listen(anew=news in (News.FRESH, News.RUNNING))
        self._hear()
        self._watch_power()
        if self.client.connected:
            self._remember_module()
            self._voices_of_profile()
        self._tend_sound()
        self._follow_gig()
        self.beats.tend()
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
        own = {PADS_FILE: self.ear.pads.edits(), SOUNDS_FILE: self.sound.adjusted.edits()}
        own[DIALS_FILE] = self.beats.dialled.edits()
        return {SETTINGS_FILE: self.settings.edits(), KEPT_FILE: lambda now: kept_text, **own}

    def _set_tempo(self, micro_bpm: int) -> None:
        self._wanted_bpm = clamp_micro_bpm(micro_bpm)
        if self.gig.song is None:  # a song keeps its own: what is turned there is for now
            self.keep(micro_bpm=self._wanted_bpm)

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
            self.keep(set_name=place[0], song=place[1], number=place[2])
            self._pulse_from_ns = self.clock()
            self._count_off.reset()

    def _play_freely(self) -> None:
        """The song that was left is not started again: pattern and tempo are those that were chosen before it."""
        pattern = self.library.patterns.get(self.kept.pattern, self.pattern)
        self._send("pattern", pattern=self.beats.beside(pattern), micro_bpm=self.kept.micro_bpm)

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
        elif id.startswith("beats."):
            self.beats.changed(id)
        elif id.startswith("practice."):
            self._turned_practice = self.practising and self.playing
        elif id in ("click.din", "click.din_rate", "click.trim_ms", "sound.click_to", "sound.on"):
            self._send_ports()

    def _hear(self) -> None:
        for heard in self.client.heard:
            self._hear_pad(heard)
        self.client.heard.clear()
        for heard in self.ear.music():
            self._play_along(heard)
        for refusal in self.client.refusals:
            self.tell(refusal)
        self.client.refusals.clear()

    def _play_along(self, heard: Heard) -> None:
        """A stroke that a beat learns of; one of a pad that no role has is told."""
        if role := self.profile.role_of(heard.note):
            self.beats.hear(role, heard.velocity, heard.stamp_ns)
        else:
            self.answer(f"Note {heard.note} is no role's: Voices")

    def _watch_power(self) -> None:
        """Tell once that the power supply is too weak: what goes wrong after that has its reason there."""
        if not self._told_power and self.board.look(self.clock()).weak_power:
            self._told_power = True
            self.tell("Power supply is too weak")

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
