"""The pencil: what the drummer changes in songs and sets on the box itself.

It must never leave a song and its sets with different names, nor raise for what the hand did: a fault is a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

from panel.changes import Changes
from panel.gig import ALL_SONGS, Gig
from panel.library import SETS, SONGS, Loaded
from panel.music.setlist import GOES_ON, MAX_SONGS, REMARK
from panel.music.song import Song
from panel.songbook import (
    Edit,
    new_set,
    new_song,
    with_going_on,
    with_name,
    with_pattern,
    with_song,
    with_song_moved,
    with_song_renamed,
    with_tempo,
    with_tempos_stretched,
    without_song,
)
from panel.tomltext import TextError


class Pencil:
    """Edits songs and the set that is open, in the library at once. All calls from one thread.

    Each edit answers with what is wrong with it, "" where it is done. What plays goes on as it is until the stop.
    """

    def __init__(
        self,
        changes: Changes,
        gig: Gig,
        library: Callable[[], Loaded],
        clock: Callable[[], int],
        playing: Callable[[], bool],
    ) -> None:
        self._changes, self._gig, self._library, self._clock, self._playing = changes, gig, library, clock, playing

    # The set that is open.

    @property
    def has_set(self) -> bool:
        """Whether the order that is open is a set that can be edited."""
        return self._gig.set_name in self._library().sets

    @property
    def can_edit(self) -> bool:
        """Whether it, or at least its songs, can be edited."""
        return self.has_set or self._gig.set_name == ALL_SONGS

    def move(self, number: int, to: int) -> str:
        """The song of that number becomes number `to`."""
        fault = self._edit_entry(number, lambda at, song: partial(with_song_moved, at=at, to=to - 1, song=song))
        if not fault:
            self._gig.moved(number, to)
        return fault

    def remove(self, number: int) -> str:
        """The song of that number is taken off the set; its file stays."""
        fault = self._edit_entry(number, lambda at, song: partial(without_song, at=at, song=song))
        if not fault:
            self._gig.removed(number)
        return fault

    def go_on(self, number: int, on: bool) -> str:
        """The song of that number goes on into the next one without a stop, or does not."""
        return self._edit_entry(number, lambda at, song: partial(with_going_on, at=at, song=song, on=on))

    def add(self, song: str) -> str:
        """A song more, behind all others."""
        at = len(self._gig.items)
        if at >= MAX_SONGS:
            return f"A set has {MAX_SONGS} songs at most"
        return self._edit(SETS, self._gig.set_name, partial(with_song, at=at, song=song))

    def name_set(self, name: str) -> str:
        """The set has another name."""
        if name == self._gig.set_name:
            return ""
        fault = self._fault_of_set_name(name) or self._edit(SETS, self._gig.set_name, partial(with_name, name=name))
        if not fault:
            self._gig.set_name = name
        return fault

    def new_set(self, name: str) -> str:
        """A set without songs."""
        return self._fault_of_set_name(name) or self._add(SETS, new_set(name))

    def _fault_of_set_name(self, name: str) -> str:
        return "That name is taken" if name in self._library().sets or name == ALL_SONGS else ""

    # Songs.

    def new_song(self, name: str, pattern: str, micro_bpm: int) -> str:
        """A song of one pattern at a tempo, behind all others in the set that is open."""
        fault = self._fault_of_song_name(name) or self._add(SONGS, new_song(name, pattern, micro_bpm))
        return fault or (self.add(name) if self.has_set else "")

    def name_song(self, old: str, new: str) -> str:
        """A song has another name, in every set too; not while playing, for what plays is known by its name."""
        if new == old:
            return ""
        if self._playing():
            return "Names: only while stopped"
        if fault := self._fault_of_song_name(new) or self._edit(SONGS, old, partial(with_name, name=new)):
            return fault
        self._gig.renamed(old, new)
        sets = [played for played in self._library().sets.values() if any(e.song == old for e in played.entries)]
        faults = [self._edit(SETS, played.name, partial(with_song_renamed, old=old, new=new)) for played in sets]
        self._gig.find_again()
        return next(filter(None, faults), "")

    def set_tempo(self, song: Song, micro_bpm: int) -> str:
        """The tempo at which a song begins."""
        return self._edit(SONGS, song.name, partial(with_tempo, micro_bpm=micro_bpm, table=song.tables[0]))

    def set_pattern(self, song: Song, table: str, pattern: str) -> str:
        """The pattern of a section."""
        return self._edit(SONGS, song.name, partial(with_pattern, table=table, pattern=pattern))

    def stretch(self, song: Song, stretch: Fraction) -> str:
        """All tempos of a song times `stretch`."""
        micro_bpm = round(song.micro_bpm * stretch)
        edit = partial(with_tempos_stretched, stretch=stretch, table=song.tables[0], micro_bpm=micro_bpm)
        return self._edit(SONGS, song.name, edit)

    def _fault_of_song_name(self, name: str) -> str:
        if name.startswith(REMARK) or name.endswith(GOES_ON):
            return f"No {REMARK} first, no {GOES_ON} last"
        return "That name is taken" if name in self._library().songs else ""

    def _edit_entry(self, number: int, edit_of: Callable[[int, str], Edit]) -> str:
        item = self._gig.item(number)
        if item is None:
            return "There is no such song"
        return self._edit(SETS, self._gig.set_name, edit_of(number - 1, item.entry.song))

    def _edit(self, kind: str, name: str, edit: Edit) -> str:
        return self._done(kind, lambda: self._changes.edit_text(kind, name, edit, self._library(), self._clock()))

    def _add(self, kind: str, text: str) -> str:
        return self._done(kind, lambda: self._changes.add_text(kind, text, self._library(), self._clock()))

    def _done(self, kind: str, edit: Callable[[], str]) -> str:
        """An edit's fault; a song may come to stand elsewhere among all songs, where one's own are the first."""
        cued = self._gig.cued_song
        fault = _fault_of(edit)
        if kind == SONGS:
            self._gig.find_again(cued)
        return fault


def _fault_of(edit: Callable[[], str]) -> str:
    """What hindered an edit, "" where nothing did."""
    try:
        edit()
    except TextError as error:
        return error.faults[0].what
    except KeyError as error:
        return f"There is no '{error.args[0][-1]}'"
    except ValueError as error:
        return str(error)
    return ""
