"""beats.toml: what the dials of generators stand at is kept, readable, and told where it is broken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.dialled import DIALS_FILE, Dialled, parse_dialled
from panel.music.generators.beat import VOICES, Bar, Dial, Generator, Grid, Values
from panel.music.generators.euclid import EUCLID
from panel.tomltext import TextError
from tests.fuzz.check import read_or_refused
from tests.fuzz.nearly import spoilt


def _rests(memory: Any, grid: Grid, values: Values, seed: int, number: int) -> tuple[Any, Bar]:
    """Nothing but silence."""
    return None, Bar({})


DENSITY = Dial("density", 0, 100, 50, each_voice=(60, 40, 80, 0))
GROWING = Generator("growing", (DENSITY, Dial("chaos", -5, 5, 1)), _rests)
GENERATORS = {each.name: each for each in (GROWING, EUCLID)}
MINE = """# mine
[growing]
"density kick" = 75  # busy
chaos = -3

[euclid]
"hits hat" = 11
"""


def test_what_was_turned_is_read_and_the_rest_is_as_it_was() -> None:
    found = Dialled(GENERATORS, MINE)
    assert found.values("growing") == {
        "density kick": 75,
        "density snare": 40,
        "density hat": 80,
        "density cowbell": 0,
        "chaos": -3,
    }
    assert found.values("euclid") == EUCLID.defaults | {"hits hat": 11}
    assert (found.values("euclid")["hits hat"], found.values("growing")["density hat"]) == (11, 80)


def test_before_anything_is_turned_all_is_at_its_default() -> None:
    found = Dialled(GENERATORS)
    assert {name: found.values(name) for name in GENERATORS} == {
        name: generator.defaults for name, generator in GENERATORS.items()
    }
    assert Dialled(GENERATORS, "").values("euclid") == EUCLID.defaults


def test_single_lines_change_and_comments_stay() -> None:
    found = Dialled(GENERATORS, MINE)
    found.set("growing", "density kick", 80)
    found.set("growing", "chaos", None)
    found.set("euclid", "hits kick", 3)
    assert (
        found.text
        == """# mine
[growing]
"density kick" = 80  # busy

[euclid]
"hits hat" = 11
"hits kick" = 3
"""
    )
    assert found.values("growing")["chaos"] == 1
    assert Dialled(GENERATORS, found.text).values("euclid") == found.values("euclid")


def test_a_generator_on_one_line_is_written_anew_and_nothing_is_lost() -> None:
    found = Dialled(GENERATORS, 'growing = { "density kick" = 3, chaos = 2 }\n')
    found.set("growing", "chaos", None)
    found.set("euclid", "rotation snare", 5)
    assert found.text.endswith('[growing]\n"density kick" = 3\n\n[euclid]\n"rotation snare" = 5\n')


def test_a_file_that_was_edited_meanwhile_keeps_that_and_a_broken_one_is_not_spread() -> None:
    found = Dialled(GENERATORS, MINE)
    found.set("growing", "chaos", 5)
    text_over = found.edits()
    found.set("growing", "chaos", 4)  # behind that moment
    assert "chaos = 5\n" in text_over(MINE)
    assert text_over(MINE + "# later\n").endswith("# later\n")
    assert text_over(MINE.replace("11", "12")).endswith('"hits hat" = 12\n')
    for broken in ("", "[broken", '[growing]\n"density kick" = "x"\n', "[gone]\nx = 1\n"):
        assert text_over(broken) == MINE.replace("-3", "5")


@pytest.mark.parametrize("value", [-6, 6, 2.0, True, "3"])
def test_a_value_that_a_dial_does_not_have_is_refused(value: Any) -> None:
    found = Dialled(GENERATORS, MINE)
    with pytest.raises(ValueError, match="chaos is a whole number from -5 to 5, not"):
        found.set("growing", "chaos", value)
    assert (found.text, found.values("growing")["chaos"]) == (MINE, -3)


def test_what_is_not_there_is_no_default() -> None:
    found = Dialled(GENERATORS, MINE)
    for generator, key in (("gone", "chaos"), ("growing", "density"), ("euclid", "chaos")):
        with pytest.raises(KeyError):
            found.values(generator)[key]
        with pytest.raises(KeyError):
            found.set(generator, key, 1)
    assert found.text == MINE


FAULTS = [
    ("[euclidd]\nx = 1\n", "beats.toml:1:2: there is no generator 'euclidd', did you mean 'euclid'?"),
    ("[zzz]\n", "beats.toml:1:2: there is no generator 'zzz', there are growing, euclid"),
    ("[growing]\nchaoz = 1\n", "beats.toml:2:1: growing has no dial 'chaoz', did you mean 'chaos'?"),
    (
        '[growing]\n"density kik" = 1\n',
        "beats.toml:2:1: growing has no dial 'density kik', did you mean 'density kick'?",
    ),
    ("[growing]\n\ndensity = 1\n", "beats.toml:3:1: growing has no dial 'density'"),
    ("[growing]\nchaos = 6\n", "beats.toml:2:9: chaos is a whole number from -5 to 5"),
    ("[growing]\nchaos = -6\n", "beats.toml:2:9: chaos is a whole number from -5 to 5"),
    ("[growing]\nchaos = 1.0\n", "beats.toml:2:9: chaos is a whole number"),
    ("[growing]\nchaos = true\n", "beats.toml:2:9: chaos is a whole number"),
    ('[growing]\n"density hat" = "60"\n', "beats.toml:2:17: density hat is a whole number from 0 to 100"),
    ("growing = 3\n", "beats.toml:1:11: a generator is a table: write [growing] on a line of its own"),
    ("[[growing]]\nchaos = 1\n", "beats.toml:1:3: a generator is a table"),
    ("[growing\n", "beats.toml:1:"),
]


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_a_fault_has_its_place(text: str, fault: str) -> None:
    with pytest.raises(TextError) as caught:
        parse_dialled(text.encode(), DIALS_FILE, GENERATORS)
    assert str(caught.value).startswith(fault)


def test_every_fault_is_told() -> None:
    with pytest.raises(TextError) as caught:
        parse_dialled(b"[growing]\nchaos = 9\nchaoz = 1\n\n[x]\n", DIALS_FILE, GENERATORS)
    assert [fault.line for fault in caught.value.faults] == [2, 3, 5]


turns = st.sampled_from(
    [(name, key, dial) for name, generator in GENERATORS.items() for key, dial in generator.by_key.items()]
).flatmap(lambda dial: st.tuples(st.just(dial[0]), st.just(dial[1]), st.integers(dial[2].low, dial[2].high)))


@given(spoilt((MINE.encode(), b'growing = { chaos = 2, "density kick" = 3 }\n')), st.lists(turns, max_size=6))
def test_spoilt_dials_are_read_and_turned_or_refused(raw: bytes, wanted: list[tuple[str, str, int]]) -> None:
    found = read_or_refused(lambda raw, source: parse_dialled(raw, source, GENERATORS), raw)
    if found is None:
        return
    for generator, key, value in wanted:
        found.set(generator, key, value)
    saved = Dialled(GENERATORS, found.edits()(raw.decode("utf-8").removeprefix("\ufeff")))
    for again in (Dialled(GENERATORS, found.text), saved):
        assert [again.values(name) for name in GENERATORS] == [found.values(name) for name in GENERATORS]


def test_voices_of_a_dial_are_dials_of_their_own() -> None:
    assert list(GROWING.by_key) == [*(f"density {voice}" for voice in VOICES), "chaos"]
