"""The edit screen: whoever opens it says what is edited, and what is turned is in force at once."""

from __future__ import annotations

from panel.gallery import Scene
from panel.screens.edit import Edit, Edited
from panel.settings import Setting, Value

TEMPO = Setting("song", "tempo", 1200, "Tempo", 300, 3000, 5, "BPM", tenths=True)


def test_a_value_of_anybody_is_turned_within_its_row_and_written_at_once() -> None:
    kept: dict[str, Value] = {"tempo": 1200}
    edited = Edited()
    screen = Edit(Scene().session, edited)
    edited.begin(TEMPO, lambda: kept["tempo"], lambda value: kept.update(tempo=value))
    screen.turn(3)
    assert kept == {"tempo": 1215}
    screen.turn(1000)
    assert kept == {"tempo": 3000}
    screen.turn(-1000)
    assert kept == {"tempo": 300}
    assert screen.press() == "done"


def test_tenths_are_shown_as_a_decimal_and_whole_numbers_as_they_are() -> None:
    assert [TEMPO.shown(value) for value in (300, 1205, 3000)] == ["30.0 BPM", "120.5 BPM", "300.0 BPM"]
    assert TEMPO._replace(tenths=False).shown(120) == "120 BPM"
