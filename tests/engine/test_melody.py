"""Rows with notes of their own: the box's own sound plays them wherever the click goes, and nobody else does."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.engine.own_sound import as_sounded
from panel.engine.player import CONTROL_CHANGE, MELODY_CHANNEL, NOTE_OFF, NOTE_ON, Message, Player
from panel.engine.recording import RecordingPort, Sent
from panel.music.meter import Meter
from panel.music.pattern import MIN_HOLD_TICKS, Pattern, Row
from panel.music.percussion import NOTES, PERCUSSION_CHANNEL
from panel.music.practice import Practice
from panel.music.tempo import MICRO
from tests.box import BASIC, MS, SECOND, VOICES, Box
from tests.engine.check import BAR, Q, in_time, onsets, ringing
from tests.engine.test_own_sound import LEAD_MS, Kind

TUNE = (Row("hat", "xx.x", notes=(60, 64, 67)), Row("kick", "x...", notes=(36,)))
SUNG = Pattern("Sung", Meter.of(4, 4), (Row("rim", "Xxxx"), *TUNE), (Row("snare", "xxxx", notes=(72, 74, 76, 77)),))
MELODY, DRUMS = MELODY_CHANNEL - 1, PERCUSSION_CHANNEL - 1
BEAT_NS = 500 * MS


def on(messages: list[Sent], channel: int, until_ns: int) -> list[tuple[int, int]]:
    """[(due_ns, note)] of what begins on a channel from 0, up to a moment."""
    return [
        (due, note) for due, note in onsets([s for s in messages if s.message[0] & 0x0F == channel]) if due <= until_ns
    ]


class Band:
    """A module, a virtual port and the own sound, which the box plays a pattern to."""

    def __init__(self, click_to: str = "module", pattern: Pattern = SUNG) -> None:
        self.module, self.virtual, self.sound = Kind("module"), Kind("virtual"), Kind("sound", LEAD_MS)
        self.box = Box(pattern, (self.module, self.virtual, self.sound))
        self.box.do("voices", voices=[voice._replace(channel=1) for voice in VOICES])
        self.box.do("ports", click_to=click_to)

    def play(self, ns: int) -> None:
        self.box.do("start")
        self.box.run(ns)

    @property
    def sung(self) -> list[tuple[int, int]]:
        """[(beats from the first, note)] of the melody that has sounded."""
        found = on(self.sound.sent, MELODY, self.box.now)
        return [((due - self.first_ns) // BEAT_NS, note) for due, note in found]

    @property
    def first_ns(self) -> int:
        """When the run's first note began, wherever."""
        return min(due for port in (self.module, self.virtual, self.sound) for due, _ in onsets(port.sent))

    def rings(self) -> set[tuple[int, int]]:
        """What rings on the melody's channel when all that was sent has sounded."""
        assert all(sent.due_ns <= self.box.now for sent in self.sound.sent)
        return ringing([m for m in in_time(self.sound.sent) if m[0] & 0xF0 != CONTROL_CHANGE])


BAR_OF_TUNE = [(0, 36), (0, 60), (1, 64), (3, 67)]


class TestWhere:
    @pytest.mark.parametrize("click_to", ["auto", "module", "box", "both"])
    def test_the_own_sound_alone_plays_it(self, click_to: str) -> None:
        band = Band(click_to)
        band.play(2300 * MS)
        assert band.sung[:4] == BAR_OF_TUNE
        assert {note for _, note in onsets(band.module.sent + band.virtual.sent)} == {37}
        has_click = bool(on(band.sound.sent, DRUMS, band.box.now))
        assert (has_click, bool(onsets(band.module.sent))) == (click_to in ("box", "both"), click_to != "box")
        if has_click:
            assert {note for _, note in on(band.sound.sent, DRUMS, band.box.now)} == {NOTES["rim"]}

    def test_it_sounds_with_the_modules_click(self) -> None:
        band = Band()
        band.play(2300 * MS)
        clicks = [due for due, _ in onsets(band.module.sent)]
        sung = on(band.sound.sent, MELODY, band.box.now)
        assert [due for due, note in sung if note in (60, 64, 67)][:3] == [clicks[0], clicks[1], clicks[3]]

    def test_without_a_melody_the_own_sound_is_no_outlet_of_a_modules_click(self) -> None:
        band = Band(pattern=BASIC)
        band.play(SECOND)
        assert band.sound.sent == []
        band.box.do("pattern", pattern=SUNG._asdict(), micro_bpm=120 * MICRO)
        band.box.run(3 * SECOND)
        assert band.sung[:4] == [(beat + 4, note) for beat, note in BAR_OF_TUNE]
        band.box.do("pattern", pattern=BASIC._asdict(), micro_bpm=120 * MICRO)
        band.box.run(12 * SECOND)
        last = band.sung[-1]
        assert last[0] < 16
        assert band.rings() == set()
        band.box.do("hit", note=50, channel=1)
        assert band.sung[-1] == last

    def test_a_test_hit_is_the_modules_where_that_has_the_click(self) -> None:
        band = Band()
        band.box.do("hit", note=50, channel=1, role="rim")
        assert onsets(band.sound.sent) == []
        band.box.do("ports", click_to="both")
        band.box.do("hit", note=51, channel=1)
        assert [sent.message[:2] for sent in band.sound.sent] == [(NOTE_ON + DRUMS, 51)]

    def test_the_click_may_move_while_it_plays_on(self) -> None:
        band = Band("module")
        band.play(2900 * MS)
        for click_to in ("both", "module", "box", "auto"):
            band.box.do("ports", click_to=click_to)
            band.box.run(1100 * MS)
        bars = 3
        assert band.sung[: 4 * bars] == [(beat + 4 * bar, note) for bar in range(bars) for beat, note in BAR_OF_TUNE]
        heard = {due for due, _ in onsets(band.module.sent)} | {
            due for due, _ in on(band.sound.sent, DRUMS, band.box.now)
        }
        assert [(due - band.first_ns) // BEAT_NS for due in sorted(heard)] == list(range(len(heard)))

    def test_the_own_sound_that_comes_later_joins_in(self) -> None:
        band = Band()
        band.box.patchbay._extra = (band.module,)
        band.box.engine.look(band.box.now)
        band.play(1100 * MS)
        band.box.patchbay._extra = (band.module, band.sound)
        band.box.engine.look(band.box.now)
        band.box.run(2 * SECOND)
        assert band.sung[:2] == [(3, 67), (4, 36)]


class TestHow:
    def test_it_is_held_until_the_next_of_its_row_but_a_little(self) -> None:
        band = Band()
        band.play(2200 * MS)
        off = {
            s.message[1]: s.due_ns - band.first_ns for s in reversed(band.sound.sent) if s.message[0] & 0xF0 == NOTE_OFF
        }
        near = 10_000  # a tick, in ns, is a fraction
        assert abs(off[60] - BEAT_NS * 7 // 8) < near
        assert abs(off[64] - 2 * BEAT_NS + BEAT_NS // 8) > near  # there are two beats to the next: a beat it is
        assert abs(off[64] - 2 * BEAT_NS) < near
        assert abs(off[67] - 3 * BEAT_NS - BEAT_NS * 7 // 8) < near  # the pattern's end is as good as a next one

    def test_as_loud_as_its_level_and_its_row_say_and_no_voice(self) -> None:
        pattern = SUNG._replace(groove=(Row("hat", "Xx..", percent=50, velocities=(100, 60), notes=(60, 62)),))
        band = Band(pattern=pattern)
        band.box.do("voices", voices=[VOICES[2]._replace(level=10)])
        band.box.do("levels", levels=(80, 50, 100, 100, 100))
        band.play(SECOND)
        strokes = [s.message[1:] for s in band.sound.sent if s.message[0] == NOTE_ON + MELODY]
        assert strokes[:2] == [(60, 40), (62, 15)]

    def test_a_fill_has_its_own(self) -> None:
        band = Band()
        band.box.do("start")
        band.box.do("fill", bars=1)
        band.box.run(4300 * MS)
        assert band.sung[:9] == [*BAR_OF_TUNE, (4, 72), (5, 74), (6, 76), (7, 77), (8, 36)]

    def test_mute_and_gaps_keep_it_silent(self) -> None:
        band = Band()
        band.box.do("start")
        band.box.do("practise", practice=Practice(gap_on=1, gap_off=1)._asdict())
        band.box.run(12300 * MS)
        clicked = {(due - band.first_ns) // (4 * BEAT_NS) for due, _ in onsets(band.module.sent)}
        assert {beat // 4 for beat, _ in band.sung} == clicked
        assert 3 <= len(clicked) <= 4  # of seven bars
        band.box.do("mute", on=True)
        count = len(band.sung)
        band.box.run(4 * SECOND)
        assert len(band.sung) == count
        assert band.rings() == set()

    @pytest.mark.parametrize("click_to", ["module", "box", "both"])
    def test_after_a_stop_nothing_rings(self, click_to: str) -> None:
        for ms in range(3, 2100, 61):
            band = Band(click_to)
            band.play(ms * MS)
            band.box.do("stop")
            assert ringing(in_time(band.sound.sent)) == set(), ms

    def test_where_the_own_sound_is_left_nothing_rings(self) -> None:
        for ms in range(1, 600, 7):
            band = Band()
            band.play(ms * MS)
            band.box.patchbay._extra = (band.module,)
            band.box.engine.look(band.box.now)
            # what was sent ahead may have been made already: it is ended, too, though it was taken back
            assert ringing(in_time(band.sound.sent), stray_offs=True) == set(), ms

    def test_panic_silences_both_buses_of_the_box_and_the_modules_channel(self) -> None:
        band = Band("both")
        band.box.do("voices", voices=[voice._replace(channel=3) for voice in VOICES])
        band.play(700 * MS)
        band.box.do("panic")

        def silenced(port: RecordingPort) -> set[int]:
            return {s.message[0] & 0x0F for s in port.sent if s.message[0] & 0xF0 == CONTROL_CHANGE}

        assert (silenced(band.module), silenced(band.sound)) == ({2}, {MELODY, DRUMS})

    def test_an_engine_that_goes_on_in_the_place_of_another_sings_on(self) -> None:
        band = Band()
        band.play(700 * MS)
        sound = Kind("sound", LEAD_MS)
        other = Box(BASIC, (Kind("module"), sound))
        other.now = band.box.now
        other.do("ports", click_to="module")
        other.do("resume", state=band.box.engine.state, seen_ns=band.box.now)
        other.run(SECOND)
        assert [note for _, note in on(sound.sent, MELODY, other.now)] == [67]


def test_the_echo_filter_takes_no_note_of_a_melody_for_the_click() -> None:
    band = Band()
    band.play(0)
    band.box.run(45 * MS)  # the first beat lies a lead behind START
    assert band.box.engine.echoes((NOTE_ON, 37, 100), band.box.now)
    assert not any(band.box.engine.echoes((NOTE_ON, note, 100), band.box.now) for note in (36, 60))


cells = st.sampled_from([4, 5, 8, 16, 32, 48])


@st.composite
def tunes(draw: st.DrawFn) -> Row:
    """A row with notes of its own."""
    chars = draw(cells.flatmap(lambda count: st.text("x.", min_size=count, max_size=count)))
    strokes = chars.count("x")
    late = draw(st.just(()) | st.lists(st.integers(-630, 630), min_size=strokes, max_size=strokes).map(tuple))
    return Row("hat", chars, draw(st.booleans()), late=late, notes=tuple(50 + n % 12 for n in range(strokes)))


@settings(max_examples=100, deadline=None)
@given(tunes(), st.sampled_from([50, 66]), st.integers(1, 2), st.lists(st.integers(-Q, 4 * BAR), max_size=8))
def test_any_split_of_a_range_gives_the_same_notes(row: Row, swing: int, bars: int, cuts: list[int]) -> None:
    pattern = Pattern("P", Meter.of(4, 4), (row, Row("rim", "x...")), bars=bars, swing=swing)
    box = Box(pattern)
    box.do("start")
    player = Player(as_sounded(box.engine.state, True), melody=True)
    edges = [-Q, *sorted(cuts), 4 * BAR]
    pieces = [event for a, b in pairwise(edges) for event in player.notes(a, b)]
    whole = player.notes(-Q, 4 * BAR)
    assert pieces == whole
    sung = [event for event in whole if event.message[0] == NOTE_ON + MELODY]
    assert len(sung) == len(row.notes) * 4 // bars
    assert all(MIN_HOLD_TICKS <= event.off_tick - event.tick <= Q for event in sung)


TURNS: list[tuple[str, dict[str, Any]]] = [
    ("tempo", {"micro_bpm": 240 * MICRO}),
    ("tempo", {"micro_bpm": 60 * MICRO}),
    ("mute", {"on": True}),
    ("mute", {"on": False}),
    ("fill", {"bars": 0}),
    ("start", {}),
    ("stop", {}),
    ("hit", {"note": 37, "channel": 10}),
    ("pattern", {"pattern": BASIC._asdict(), "micro_bpm": 120 * MICRO}),
    ("pattern", {"pattern": SUNG._asdict(), "micro_bpm": 120 * MICRO}),
    ("ports", {"click_to": "both"}),
    ("ports", {"click_to": "module"}),
    ("ports", {"click_to": "box"}),
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1500 * MS), st.sampled_from(TURNS)), max_size=12))
def test_whatever_is_done_no_note_hangs_and_no_module_sings(turns: list[Any]) -> None:
    band = Band()
    for rest, (name, arguments) in turns:
        band.box.run(rest)
        band.box.do(name, **arguments)
    band.box.do("stop")
    band.box.run(10 * SECOND)
    notes: list[Message] = [m for m in in_time(band.sound.sent) if m[0] & 0xF0 != CONTROL_CHANGE]
    assert ringing([m for m in notes if m[0] & 0x0F == MELODY], stray_offs=True) == set()
    assert {note for _, note in onsets(band.module.sent)} <= {37}
