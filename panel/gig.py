"""The gig: which set is open, which of its songs is loaded, which comes next, and how a song gets to the engine.

It must never stop the click: a song that is chosen while another plays waits for its end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from panel.engine.state import PlayerState
from panel.library import Loaded
from panel.music.song import Entry, Song
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
    `cued` the place of one that waits for the end of the song that plays. `song` is None in free play.
    """

    def __init__(self, send: Send, library: Callable[[], Loaded], profile: Callable[[], Profile]) -> None:
        self.set_name = ""
        self.number = self.cued = 0
        self.song: Song | None = None
        self._send, self._library, self._profile = send, library, profile
        self._was_playing = False

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
        songs = self._library().songs
        return [Item(number, entry, songs.get(entry.song)) for number, entry in enumerate(self._entries, 1)]

    @property
    def _entries(self) -> tuple[Entry, ...]:
        library = self._library()
        if self.set_name == ALL_SONGS:
            return tuple(map(Entry, library.songs))
        return library.sets[self.set_name].entries if self.set_name in library.sets else ()

    @property
    def here(self) -> Item | None:
        """The place of the song that is loaded."""
        if self.song is None:
            return None
        return next((item for item in self.items if item.number == self.number), None)

    @property
    def following(self) -> Item | None:
        """What NEXT would load: the song that is cued, else the next one that is there."""
        if self.cued:
            return next((item for item in self.items if item.number == self.cued), None)
        return next((item for item in self.items if item.number > self.number and item.song), None)

    def open(self, name: str, number: int = 1) -> None:
        """Open a set ("": none) with its song of that number, or the first one after it, loaded."""
        self.set_name, self.number, self.cued, self.song = name, number - 1, 0, None
        self.next()

    def next(self) -> bool:
        """Load what follows; False at the end of the set."""
        item = self.following
        return item is not None and self.load(item.number)

    def load(self, number: int) -> bool:
        """Load the song of that number, stopped; False where there is none."""
        item = next((item for item in self.items if item.number == number), None)
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
        """See what the engine plays: go on into the next song where the set says so, load at a stop what was cued."""
        ended, self._was_playing = self._was_playing and not state.playing, state.playing
        if ended and self.cued:
            self.load(self.cued)
        elif ended and self.song is not None and self.song != self._library().songs.get(self.song.name):
            self.reload()
        elif state.playing and self.song is not None:
            self._move_on(state.section_at(state.tempo_map.tick_at(now_ns)).part.song)
            self._lead_on(state)

    def reload(self) -> None:
        """Load the song as it is in the library now, edited perhaps."""
        song = self._library().songs.get(self.song.name) if self.song else None
        if song is not None:
            self.song = song
            self.send_song()

    def adopt(self, state: PlayerState, set_name: str, number: int) -> None:
        """Take over an engine that runs: what it plays, in the set where it was."""
        self.set_name, self.number = set_name, number
        name = state.first_part.song
        self.song = self._library().songs.get(name) if name else None
        self._was_playing = state.playing
        if self.song is not None and not any(i.number == number and i.entry.song == name for i in self.items):
            self.number = next((item.number for item in self.items if item.entry.song == name), 0)

    def _move_on(self, sounding: str) -> None:
        """The song that the last one went on into has begun."""
        following = self.following
        if following and following.song and self.song and sounding == following.entry.song != self.song.name:
            self.number, self.song, self.cued = following.number, following.song, 0
            self.send_program()

    def _lead_on(self, state: PlayerState) -> None:
        """Hand the engine the next song, where this one goes on into it."""
        here, following = self.here, self.following
        if not (here and here.entry.goes_on and following and following.song) or self.cued:
            return
        if state.parts and state.parts[-1].song == here.entry.song != following.entry.song:
            for part in following.song.parts:
                self._send("part", part=part)
