"""Meters, the weight of each place in the bar, and the bars themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.meter import DENOMINATORS, MAX_NUMERATOR, Meter
from panel.music.tempo import TICKS_PER_QUARTER

EIGHTH = TICKS_PER_QUARTER // 2
SIXTEENTH = TICKS_PER_QUARTER // 4
FOUR, SEVEN = Meter.of(4, 4), Meter.of(7, 8, (2, 2, 3))


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("4/4", (1, 1, 1, 1)),
        ("3/4", (1, 1, 1)),
        ("2/2", (1, 1)),
        ("3/8", (1, 1, 1)),
        ("6/8", (3, 3)),
        ("9/8", (3, 3, 3)),
        ("12/8", (3, 3, 3, 3)),
        ("6/16", (3, 3)),
        ("6/4", (1,) * 6),
        ("5/8", (1,) * 5),  # 2+3 or 3+2: the chart says it, nobody guesses
        ("7/8", (1,) * 7),
    ],
)
def test_usual_groups(text: str, groups: tuple[int, ...]) -> None:
    assert Meter.parse(text).groups == groups


def levels(meter: Meter, step: int) -> str:
    """The levels of a bar in steps, by their first letters."""
    return "".join(meter.level_of(tick)[0] for tick in range(0, meter.bar_ticks, step))


def test_the_weight_of_each_place_in_the_bar() -> None:
    assert levels(FOUR, SIXTEENTH) == "oses" + "bses" * 3
    assert levels(FOUR, TICKS_PER_QUARTER // 3) == "ott" + "btt" * 3
    assert levels(Meter.of(6, 8), EIGHTH) == "oeebee"
    assert levels(Meter.of(6, 8), SIXTEENTH) == "oseses" + "bseses"
    assert levels(Meter.of(12, 8), EIGHTH) == "oee" + "bee" * 3
    assert levels(SEVEN, EIGHTH) == "oebebee"
    assert levels(Meter.of(7, 8, (3, 2, 2)), EIGHTH) == "oeebebe"
    assert levels(Meter.of(2, 2), TICKS_PER_QUARTER) == "oebe"


def test_sixteenth_triplets_and_grids_of_no_usual_note() -> None:
    triplet = TICKS_PER_QUARTER // 6
    assert [FOUR.level_of(n * triplet) for n in range(4)] == ["one", "triplet", "triplet", "eighth"]
    assert FOUR.level_of(TICKS_PER_QUARTER // 5) == "sixteenth"
    assert FOUR.level_of(TICKS_PER_QUARTER // 8) == "sixteenth"


@given(st.integers(1, MAX_NUMERATOR), st.sampled_from(DENOMINATORS))
def test_every_meter_is_whole_ticks(numerator: int, denominator: int) -> None:
    meter = Meter.of(numerator, denominator)
    assert meter.bar_ticks * denominator == numerator * 4 * TICKS_PER_QUARTER
    assert meter.group_starts[0] == 0
    assert [meter.level_of(start) for start in meter.group_starts] == ["one"] + ["beat"] * (len(meter.groups) - 1)
    assert Meter.parse(str(meter), "+".join(map(str, meter.groups))) == meter


@pytest.mark.parametrize(
    ("text", "group", "words"),
    [
        ("", "", "reads like"),
        ("4", "", "reads like"),
        ("4/", "", "reads like"),
        ("/4", "", "reads like"),
        ("4/4/4", "", "reads like"),
        ("-4/4", "", "reads like"),
        ("4.5/4", "", "reads like"),
        ("²/4", "", "reads like"),
        ("0/4", "", "1 to 32"),
        ("33/8", "", "1 to 32"),
        ("9" * 5000 + "/8", "", "1 to 32"),
        ("4/0", "", "2, 4, 8 or 16"),
        ("4/3", "", "2, 4, 8 or 16"),
        ("4/1", "", "2, 4, 8 or 16"),
        ("4/32", "", "2, 4, 8 or 16"),
        ("7/8", "2+2+2", "add up to 6, the meter has 7"),
        ("7/8", "2+2+4", "add up to 8"),
        ("7/8", "0+7", "1 beat or more"),
        ("7/8", "2+2+", "read like"),
        ("7/8", "2,2,3", "read like"),
        ("7/8", "+", "read like"),
        ("7/8", " ", "read like"),
        ("7/8", "-2+9", "read like"),
    ],
)
def test_bad_meters_are_refused_with_a_sentence(text: str, group: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("+", "[+]")):
        Meter.parse(text, group)


def test_spaces_around_the_numbers_are_fine() -> None:
    assert Meter.parse(" 7 / 8 ", "2 + 2 + 3") == SEVEN
