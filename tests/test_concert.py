"""A whole set from its text files: checked, rendered, and played from beginning to end with NEXT and START alone."""

from __future__ import annotations

import subprocess
import sys
from itertools import groupby
from typing import Any

import mido
import pytest
from PIL import Image

from panel.app import App
from panel.belongings import Belongings
from panel.board import Health
from panel.controls import Gesture, Meant
from panel.datafiles import data_folder
from panel.gallery import PAD
from panel.hardware.none import NoLamps
from panel.kept import Kept
from panel.library import load_library
from panel.music.song import Song
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from panel.render import render_song
from panel.screens.machine import Machine
from panel.session import Session
from tests import evening
from tests.box import MS, SECOND, Box
from tests.concert import Bar, Note, bars_of, is_odd, notes_of, shows
from tests.panel.stage import Hands

LIBRARY = load_library(None)
SET = LIBRARY.sets["Ten to try"]
SONGS = [LIBRARY.songs[entry.song] for entry in SET.entries]
VOICES = LIBRARY.profiles["General MIDI"].voices
TOLD_IN = 6  # the bar of a section that is to be told in which NEXT is pressed


def test_the_set_has_what_a_set_can_have() -> None:
    parts = [part for song in SONGS for part in song.parts]
    meters = [[str(part.pattern.meter) for part in song.parts] for song in SONGS]
    assert len(SONGS) == 10
    assert sum(any(is_odd(part.pattern) for part in song.parts) for song in SONGS) >= 3
    assert any(part.to_micro_bpm for part in parts)
    assert any(len(set(changing)) > 1 for changing in meters)
    assert "3 over 4" in {part.pattern.name for part in parts}
    assert SONGS[-1].parts[-1].bars == 0
    assert any(song.by_taps for song in SONGS)
    assert any(entry.goes_on for entry in SET.entries)


def test_its_files_are_right() -> None:
    folders = [data_folder(kind) for kind in ("patterns", "songs", "sets")]
    checked = subprocess.run(
        [sys.executable, "-m", "panel", "check", *map(str, folders)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("song", SONGS, ids=lambda song: song.name)
def test_rendered_every_tick_is_where_the_text_says(song: Song) -> None:
    bars = list(bars_of(song, 8))
    now, notes, meters, tempos, markers = 0, [], [], [], []
    for message in render_song(song, VOICES, 8).tracks[0]:
        now += message.time
        if message.type == "note_on":
            notes.append((now, message.note, message.velocity))
        elif message.type == "time_signature":
            meters.append((now, f"{message.numerator}/{message.denominator}"))
        elif message.type == "set_tempo":
            tempos.append((now, mido.tempo2bpm(message.tempo)))
        elif message.type == "marker":
            markers.append((now, message.text))
    assert sorted(notes) == [note for bar in bars for note in notes_of(bar, VOICES)]
    assert now == bars[-1].tick + bars[-1].part.pattern.meter.bar_ticks
    each = [next(group) for _, group in groupby(bars, lambda bar: str(bar.part.pattern.meter))]
    assert meters == [(bar.tick, str(bar.part.pattern.meter)) for bar in each]
    begins = [bar for bar in bars if bar.in_part == 0]
    assert markers == [(bar.tick, bar.part.name) for bar in begins]
    for bar in begins:  # of a ramp this is where it begins
        quarters = bar.part.micro_bpm * bar.part.pattern.beat_ticks / TICKS_PER_QUARTER / MICRO
        told = [bpm for tick, bpm in tempos if tick <= bar.tick][-1]
        assert told == pytest.approx(quarters, abs=0.01)


class Concert:
    """An engine, a panel, a glass and two buttons, on a fake clock."""

    def __init__(self) -> None:
        self.box = Box()
        self.frames: list[tuple[int, Image.Image]] = []
        self.presses: list[Gesture] = []
        client = evening.WiredClient(self)  # type: ignore[arg-type]
        self.session = Session(client, LIBRARY, Belongings(kept=Kept(remembered=PAD)), None, lambda: self.now)
        self.session.board.look = lambda now_ns: Health(50.0, False)  # type: ignore[method-assign]
        self.session.tend()
        self.session.open_set(SET.name)
        self._hands = Hands()
        self._app = App(Machine(self.session), self, [self._hands], NoLamps(), lambda: self.now, self._wait)
        self._end_ns = self._tend_ns = self.now
        self.run(SECOND)
        self.box.do("voices", voices=VOICES)

    @property
    def now(self) -> int:
        """The fake clock, in ns."""
        return self.box.now

    def heed(self, name: str, arguments: object) -> None:
        """What the panel sends is heard elsewhere."""

    def show(self, image: Image.Image) -> bool:
        """The glass."""
        self.frames.append((self.now, image.copy()))
        return True

    def dim(self, level: int) -> None:
        """Always bright."""

    def renew(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing is open."""

    def press(self, gesture: Gesture) -> None:
        """NEXT or START, now."""
        self.presses.append(gesture)
        self._hands.coming.append(Meant(gesture, self.now))
        self.run(20 * MS)

    def run(self, ns: int) -> None:
        """Let time pass."""
        self._end_ns = self.now + ns
        while self.now < self._end_ns:
            self._app.step()

    def run_until_bar(self, bar: int) -> None:
        """Into the middle of the first beat of bar `bar` of the run, or to its end."""
        state = self.box.engine.state
        section = next(s for s in reversed(state.sections) if s.bar <= bar)
        self.run(state.tempo_map.time_of(section.tick_of(bar) + section.pattern.count_ticks // 2) - self.now)

    def picture_at(self, ns: int) -> Image.Image:
        """What the glass showed."""
        return [picture for at, picture in self.frames if at <= ns][-1]

    def _wait(self, sources: list[Any], _w: list[Any], _x: list[Any], patience_s: float) -> tuple[Any, Any, Any]:
        ready = [self._hands] if self._hands.coming else []
        if self.now >= self._tend_ns:  # as the engine's loop does
            self._tend_ns = self.now + SECOND
            self.box.engine.tend(self.now)
        if not ready:
            self.box.run(max(1, min(round(patience_s * 1e9), self._end_ns - self.now)))
        self._hands.now = self.now
        return ready, [], []


def test_the_set_is_played_with_next_and_start_alone() -> None:
    """At every bar line the glass shows the song, its section and its bar; every note is where the text says."""
    concert, number = Concert(), 0
    while number < len(SONGS):
        first = number
        while SET.entries[number].goes_on:
            number += 1
        number += 1
        if first:
            concert.press(Gesture.NEXT)
        concert.box.forget()
        concert.press(Gesture.START)
        played = [(n + 1, SONGS[n], bar) for n in range(first, number) for bar in bars_of(SONGS[n], TOLD_IN)]
        _follow(concert, played)
        concert.run(8 * SECOND)
        assert not concert.session.playing, SONGS[first].name
        wanted = _notes_of_run(SONGS[first:number])
        assert sorted(note for note in concert.box.notes if note[0] >= 0) == wanted, SONGS[first].name
        concert.frames.clear()
    assert set(concert.presses) == {Gesture.NEXT, Gesture.START}


def _notes_of_run(songs: list[Song]) -> list[Note]:
    """What is heard of songs that go on into each other, with a practice's gaps."""
    found, origin = list[Note](), 0
    for song in songs:
        on, off = song.practice.gap_on, song.practice.gap_off
        bars = list(bars_of(song, TOLD_IN))
        for bar in bars:
            if not off or (bar.number - 1) % (on + off) < on:
                found += [(origin + tick, note, velocity) for tick, note, velocity in notes_of(bar, VOICES)]
        origin += bars[-1].tick + bars[-1].part.pattern.meter.bar_ticks
    return found


def _follow(concert: Concert, played: list[tuple[int, Song, Bar]]) -> None:
    """Through every bar: NEXT where a section is to be told, and a look at the glass in its first beat."""
    for run_bar, (number, song, bar) in enumerate(played, 1):
        concert.run_until_bar(run_bar)
        assert concert.session.playing, (song.name, bar.number)
        assert shows(concert.picture_at(concert.now), number, song, bar), (song.name, bar.part.name, bar.number)
        if bar.part.bars == 0 and bar.in_part + 1 == TOLD_IN:
            concert.press(Gesture.NEXT)


def test_a_count_off_begins_a_song_of_the_set() -> None:
    concert = Concert()
    concert.press(Gesture.NEXT)
    assert concert.session.counts_off
    concert.box.forget()
    began = concert.now
    for tap in range(4):
        concert.run(began + tap * 460 * MS - concert.now)
        concert.press(Gesture.TAP)
        assert concert.session.playing is (tap == 3)
    concert.run(SECOND)
    first = next(sent.due_ns for sent in concert.box.port.sent if sent.message[0] & 0xF0 == 0x90)
    assert abs(first - (began + 4 * 460 * MS)) < 15 * MS
    assert concert.session.micro_bpm == 132 * MICRO  # 130.4 were tapped: within 4 percent
