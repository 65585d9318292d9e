"""The gig: which set is open, which of its songs is loaded, which comes next, and how a song gets to the engine.

It must never stop the click: a song that is chosen while another plays waits for its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from panel.engine.plan import stored_micro_bpm_at
from panel.engine.state import AS_STORED, PlayerState, Section
from panel.engine.wire import fits
from panel.library import Loaded
from panel.music.song import Entry, Part, Song
from panel.profiles import Profile

ALL_SONGS = "All songs"  # the set of every song there is, where none was written


class Send(Protocol):
    """Sends a command to the engine; see wire.COMMANDS."""

    def __call__(self, name: str, stamp_ns: int = 0, /, **arguments: object) -> None: ...


class Item(NamedTuple):
    """A place in the set that is open: its number, from 1, its entry, and the song, where there is such a one."""

    number: int
    entry: Entry
    song: Song | None


class Gig:
    """The set and its songs. All calls from one thread.

    `set_name` is "" while no set is open. `number` is the place of the song that was loaded last, from 1 (0: none yet),
    `cued` the place of one that waits for the end of the song that plays. `song` is None in free play. `began_ns` is
    when a START was first pressed after the set was opened (0: not yet), `went_on_ns` when a song began that the one
    before it went on into (0: the song that plays is none such).
    """

    def __init__(
        self,
        send: Send,
        library: Callable[[], Loaded],
        profile: Callable[[], Profile],
        tell: Callable[[str], None],
    ) -> None:
        self.set_name = ""
        self.number = self.cued = 0
        self.song: Song | None = None
        self.began_ns = self.went_on_ns = 0
        self._send, self._library, self._profile, self._tell = send, library, profile, tell
        self._was_playing = False
        self._led: tuple[tuple[Part, ...], Song | None] = ((), None)  # what the engine has, what it is to go on into
        self._refused: Song | None = None  # what can't follow without a stop, and has been told

    @property
    def is_open(self) -> bool:
        """Whether there is an order of songs."""
        return bool(self.set_name)

    @property
    def set_names(self) -> list[str]:
        """The sets that can be opened."""
        return [*self._library().sets, ALL_SONGS]

    @property
    def items(self) -> list[Item]:
        """The open set, in order."""
        return list(self._from(1))

    def item(self, number: int) -> Item | None:
        """That place of the set; None where it has no such one."""
        return next(self._from(number), None) if number > 0 else None

    def _from(self, number: int) -> Iterator[Item]:
        """The set from a place on."""
        songs = self._library().songs
        for at, entry in enumerate(self._entries[number - 1 :], number):
            yield Item(at, entry, songs.get(entry.song))

    @property
    def _entries(self) -> tuple[Entry, ...]:
        library = self._library()
        if self.set_name == ALL_SONGS:
            return tuple(map(Entry, library.songs))
        return library.sets[self.set_name].entries if self.set_name in library.sets else ()

    @property
    def here(self) -> Item | None:
        """The place of the song that is loaded; None where the set has it no longer."""
        item = self.item(self.number)
        return item if item and self.song and item.entry.song == self.song.name else None

    @property
    def following(self) -> Item | None:
        """What NEXT would load: the song that is cued, else the next one that is there."""
        if self.cued:
            return self.item(self.cued)
        return next((item for item in self._from(self.number + 1) if item.song), None)

    def open(self, name: str, number: int = 1) -> None:
        """Open a set ("": none) with its song of that number, or the first one after it, loaded."""
        self.song = None
        self.turn_to(name, number)
        self.next()

    def come_back(self, name: str, song: str, number: int) -> None:
        """Open a set where it was left: with that song loaded, wherever it stands now, or none if it has gone."""
        self.turn_to(name, number + 1)
        self.song = self._library().songs.get(song)
        self.find_again()
        self.send_song()

    def turn_to(self, name: str, number: int = 1) -> None:
        """Open a set with its song of that number to come; the one that is loaded stays."""
        self.set_name, self.number, self.cued, self.began_ns = name, number - 1, 0, 0

    def next(self) -> bool:
        """Load what follows; False at the end of the set."""
        item = self.following
        return item is not None and self.load(item.number)

    def load(self, number: int) -> bool:
        """Load the song of that number, stopped; False where there is none."""
        item = self.item(number)
        if item is None or item.song is None:
            return False
        self.number, self.cued, self.song = number, 0, item.song
        self.send_song()
        return True

    def cue(self, number: int) -> None:
        """Load the song of that number when this one has come to its end; once more, and it is called off."""
        self.cued = 0 if number == self.cued else number

    def leave(self) -> None:
        """Play freely; the set stays open."""
        self.song, self.cued = None, 0

    def send_song(self) -> None:
        """Tell the engine the song that is loaded, and the module its program."""
        if self.song is None:
            return
        first, *rest = self.song.parts
        self._send("song", part=first)
        for part in rest:
            self._send("part", part=part)
        self.send_program()

    def send_program(self) -> None:
        """The song's program change, where it has one."""
        if self.song and (program := self.song.program):
            channel = program.channel or self._profile().channel
            self._send("program", **program._replace(channel=channel)._asdict())

    def follow(self, state: PlayerState, now_ns: int) -> None:
        """See what the engine plays: go on into the next song where the set says so, load at a stop what was cued, or
        the song as it has been edited meanwhile."""
        ended, self._was_playing = self._was_playing and not state.playing, state.playing
        if not state.playing:
            self.went_on_ns, self._refused = 0, None
            if not (ended and self.cued and self.load(self.cued)):
                self.reload()
            self.cued = 0  # its song may have gone meanwhile
            self._lead_on(state, None)
        elif self.song is not None:
            self._move_on(state, state.sounding_at(now_ns), now_ns)
            self._lead_on(state, self._to_go_on_into(state))

    def reload(self) -> None:
        """Load the song anew, if it was edited."""
        song = self._library().songs.get(self.song.name) if self.song else None
        if song is not None and song is not self.song:
            edited, self.song = song != self.song, song
            if edited:
                self.send_song()

    def renamed(self, old: str, new: str) -> None:
        """A song has another name from now on; the one that is loaded is loaded anew by it."""
        if self.song and self.song.name == old:
            self.song = self.song._replace(name=new)

    def moved(self, number: int, to: int) -> None:
        """The song of that number has become number `to` of the set."""
        order = [n for n in range(1, max(number, to, self.number, self.cued) + 1) if n != number]
        order.insert(to - 1, number)
        self.number = order.index(self.number) + 1 if self.number else 0
        self.cued = order.index(self.cued) + 1 if self.cued else 0

    def removed(self, number: int) -> None:
        """The song of that number is no longer in the set; what followed it comes next."""
        self.cued = 0 if self.cued == number else self.cued - (self.cued > number)
        self.number -= self.number >= number

    def find_again(self, cued: str = "") -> None:
        """The order is another one: the song that is loaded, and that `cued`, are where they stand now."""
        if self.number and self.song and self.here is None:
            self.number = self.nearest(self.song.name, self.number) or self.number
        if self.cued:
            self.cued = self.nearest(cued, self.cued)

    @property
    def cued_song(self) -> str:
        """The name of the song that waits, "" where none does."""
        item = self.item(self.cued)
        return item.entry.song if item else ""

    def nearest(self, song: str, number: int) -> int:
        """The place of a song in the set, of several the one nearest to `number`; 0 where it has none."""
        places = [at for at, entry in enumerate(self._entries, 1) if entry.song == song]
        return min(places, key=lambda at: abs(at - number), default=0)

    def adopt(self, state: PlayerState, set_name: str, number: int, now_ns: int) -> None:
        """Take over an engine that runs: the song that sounds, in the set where it was, or behind that place."""
        self.set_name, self.number = set_name, number
        part = state.sounding_at(now_ns).part if state.playing else state.first_part
        self.song = self._library().songs.get(part.song) if part.song else None
        if self.song is not None:  # as it was loaded: if it was edited since, it is loaded anew at the stop
            own = tuple(known for known in state.parts if known.song == part.song)
            self.song = self.song._replace(parts=own or self.song.parts)
        self._was_playing = state.playing
        self.began_ns = state.began_ns if state.playing and set_name else 0  # the earliest that is known
        if self.song is not None and self.here is None:
            places = (*self._from(number + 1), *self._from(1))
            self.number = next((item.number for item in places if item.entry.song == part.song), 0)

    def _move_on(self, state: PlayerState, section: Section, now_ns: int) -> None:
        """The song that the last one went on into has begun."""
        sounding = section.part.song
        if not sounding or self.song is None or sounding == self.song.name:
            return
        following = (self.following, *self._from(self.number + 1), *self._from(1))  # the set may have been edited
        item = next((item for item in following if item and item.entry.song == sounding and item.song), None)
        if item:
            self.number, self.song = item.number, item.song
            self.cued = 0 if self.cued == item.number else self.cued
            self.went_on_ns = state.tempo_map.time_of(section.origin_tick)
            self.send_program()
            if state.stretch != AS_STORED and not state.practice.ramp_to:  # a nudge was for the song before
                self._send("tempo", micro_bpm=stored_micro_bpm_at(state, state.tempo_map.tick_at(now_ns)))

    def _to_go_on_into(self, state: PlayerState) -> Song | None:
        """The song that follows the one that plays without a stop; one that can't is told, once."""
        here, following = self.here, self.following
        if self.cued or not (here and here.entry.goes_on and following and following.song):
            return None
        song, ahead = following.song, following.song.parts
        if song is self._led[1] or song is self._refused:
            return song if song is self._led[1] else None
        if song.name == here.entry.song:
            why = "again"
        elif not fits(state._replace(parts=(*state.parts, *ahead), ahead=(*state.ahead, *ahead))):
            why = "too large"
        else:
            return song
        self._refused = song
        self._tell(f"{song.name} {why}: NEXT, then START")
        return None

    def _lead_on(self, state: PlayerState, song: Song | None) -> None:
        """See that behind the song that is loaded the engine has that one, as it is now, and nothing else."""
        if (state.parts, song) == ((), None) or (state.parts is self._led[0] and song is self._led[1]):
            return
        own = self.song.name if self.song else ""
        last = max((at for at, part in enumerate(state.parts) if part.song == own), default=-1)
        handed, wanted = state.parts[last + 1 :], song.parts if song else ()
        if last < 0:
            return
        self._led = state.parts, song
        if handed == wanted:
            return
        if handed:
            self._send("let end")
        for part in wanted:
            self._send("part", part=part)
