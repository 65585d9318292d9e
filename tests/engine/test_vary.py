"""Bars that follow one another, each made while the one before it sounds: where they begin, and what stays."""

from __future__ import annotations

from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.song import Part
from tests.box import BASIC, MS, SECOND, SEVEN, Box
from tests.engine.check import BAR, Q

RIM, SNARE, HAT = 37, 38, 42
HATS = Pattern("Hats", Meter.of(4, 4), (Row("hat", "xxxx"),), (Row("snare", "xx.."),))
BACKBEAT = Pattern("Backbeat", Meter.of(4, 4), (Row("snare", ".x.x"),), (Row("hat", "...X"),))

SIX = Pattern("Six", Meter.of(6, 8), (Row("hat", "xxxxxx"),), beat_ticks=3 * Q // 2)


def playing() -> Box:
    box = Box(HATS)
    box.do("start")
    box.run(900 * MS)
    return box


def test_the_bar_begins_at_the_bar_line_and_goes_on() -> None:
    box = playing()
    box.do("vary", pattern=BACKBEAT)
    box.run(5 * SECOND)
    assert [(tick, note) for tick, note, _ in box.notes if tick < 3 * BAR] == [
        *((beat * Q, HAT) for beat in range(4)),
        *((BAR + beat * Q, SNARE) for beat in (1, 3, 5, 7)),
    ]


def test_another_one_takes_the_place_of_what_waits() -> None:
    box = playing()
    box.do("vary", pattern=BACKBEAT)
    box.do("vary", pattern=SEVEN)
    box.run(2500 * MS)
    assert [(tick - BAR, note) for tick, note, _ in box.notes if tick >= BAR][:3] == [(0, RIM), (Q, RIM), (2 * Q, RIM)]
    assert box.engine.state.place_at(box.now).bar == 2


def test_a_fill_that_was_asked_for_is_the_one_of_the_bar_that_it_falls_on() -> None:
    box = playing()
    box.do("fill")
    box.do("vary", pattern=BACKBEAT)
    box.run(3 * SECOND)
    assert [(tick, note) for tick, note, _ in box.notes if BAR <= tick < 2 * BAR] == [(BAR + 3 * Q, HAT)]


def test_bars_are_counted_on_for_the_fills_that_come_by_themselves() -> None:
    box = Box(HATS)
    box.do("fill every", bars=3)
    box.do("start")
    for _ in range(7):
        box.run(500 * MS)
        box.do("vary", pattern=HATS._replace(name=f"Hats from {box.now}"))
        box.run(1500 * MS)
    assert [tick // BAR + 1 for tick, note, _ in box.notes if note == SNARE] == [3, 3, 6, 6]


def test_a_pull_goes_on() -> None:
    pulled, alone = playing(), playing()
    for box in (pulled, alone):
        box.do("pull", ns=50 * MS)
        box.run(300 * MS)
    pulled.do("vary", pattern=BACKBEAT)
    assert pulled.engine.state.tempo_map == alone.engine.state.tempo_map
    pulled.do("vary", pattern=SIX)  # counts another beat: the tempo is another
    assert pulled.engine.state.tempo_map != alone.engine.state.tempo_map


def test_bars_without_end_are_no_more_to_remember() -> None:
    box = playing()
    sections, lines = set(), set()
    for number in range(50):
        box.do("vary", pattern=BACKBEAT._replace(name=f"{number}"))
        box.do("pull", ns=MS)
        box.run(2 * SECOND)
        sections.add(len(box.engine.state.sections))
        lines.add(len(box.engine.state.tempo_map.timelines))
    assert max(sections) <= 3
    assert max(lines) <= 4


def test_while_it_counts_in_the_first_bar_is_another() -> None:
    box = Box(HATS)
    box.do("start", count_in=1)
    box.run(SECOND)
    box.do("vary", pattern=BACKBEAT)
    box.run(2 * SECOND)
    assert {note for tick, note, _ in box.notes if tick >= 0} == {SNARE}


def test_stopped_it_is_what_a_start_begins_with() -> None:
    box = Box(HATS)
    box.do("vary", pattern=BACKBEAT)
    box.do("start")
    box.run(SECOND)
    assert {note for _, note, _ in box.notes} == {SNARE}


def test_a_song_goes_on_as_it_is() -> None:
    box = Box(HATS)
    box.do("song", part=Part(BASIC, 4, song="Song"))
    for _ in ("stopped", "playing"):
        before = box.engine.state
        box.do("vary", pattern=BACKBEAT)
        assert box.engine.state.sections == before.sections
        box.do("start")


def test_a_pull_that_is_going_on_goes_on() -> None:
    ends = []
    for bars in ((), (BACKBEAT,), (BACKBEAT, HATS)):
        box = playing()
        box.run(900 * MS)  # half a beat before the bar line
        box.do("pull", ns=40 * MS)
        for bar in bars:
            box.run(100 * MS)
            box.do("vary", pattern=bar)
        ends.append(box.engine.state.tempo_map.time_of(3 * BAR))
    assert ends == [ends[0]] * 3
    assert ends[0] - playing().engine.state.tempo_map.time_of(3 * BAR) > 39 * MS


def test_a_bar_that_counts_another_note_is_timed_by_it() -> None:
    box = playing()
    box.do("vary", pattern=HATS._replace(beat_ticks=Q // 2))
    box.run(2 * SECOND)
    box.forget()
    box.run(8 * SECOND)
    assert [tick for tick, _, _ in box.notes] == [tick for tick in range(box.notes[0][0], box.notes[0][0] + 8 * Q, Q)]
    assert len(box.notes) == 8
