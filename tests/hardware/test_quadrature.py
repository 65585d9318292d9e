"""The encoder's two lines, on paper: bounces, missed edges, every kind of detent, and acceleration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.hardware.quadrature import Acceleration, Quadrature, Turning

CLOCKWISE = [(True, False), (True, True), (False, True), (False, False)]
MS = 1_000_000

kinds = st.sampled_from((4, 2, 1))
felt = st.sampled_from((4, 2))


def pairs(quarters: list[int], start: int = 3) -> list[tuple[bool, bool]]:
    """The lines after each quarter: +1 clockwise, -1 back, from both open."""
    place, result = start, []
    for quarter in quarters:
        place += quarter
        result.append(CLOCKWISE[place % 4])
    return result


def emitted(knob: Quadrature, lines: list[tuple[bool, bool]]) -> list[int]:
    return [detents for a, b in lines if (detents := knob.feed(a, b))]


@given(kinds, st.integers(1, 200))
def test_n_detents_are_n_steps_and_back_again(edges: int, detents: int) -> None:
    knob = Quadrature(edges)
    assert emitted(knob, pairs([+1] * edges * detents)) == [1] * detents
    there = (edges * detents + 3) % 4
    assert emitted(knob, pairs([-1] * edges * detents, there)) == [-1] * detents


@given(kinds, st.integers(1, 50))
def test_reversed_gives_minus_n(edges: int, detents: int) -> None:
    assert emitted(Quadrature(edges), pairs([-1] * edges * detents)) == [-1] * detents


@given(felt, st.integers(1, 30), st.sampled_from((+1, -1)), st.data())
def test_bounces_never_add_or_lose_a_detent(edges: int, detents: int, way: int, data: st.DataObject) -> None:
    """A contact bounces between the pair before its edge and the pair after, any number of times."""
    bouncing: list[int] = []
    for _ in range(edges * detents):
        bouncing += [way] + [-way, way] * data.draw(st.integers(0, 4))
    assert emitted(Quadrature(edges), pairs(bouncing)) == [way] * detents


@given(felt, st.lists(st.booleans(), max_size=40))
def test_a_contact_that_bounces_at_the_detent_moves_nothing(edges: int, which: list[bool]) -> None:
    knob = Quadrature(edges)
    emitted(knob, pairs([+1] * edges))
    place = (edges + 3) % 4
    for a_line in which:
        quarter = +1 if a_line else -1
        assert emitted(knob, pairs([quarter, -quarter], place)) == []


@given(st.lists(st.sampled_from((+1, -1)), max_size=200))
def test_with_an_edge_a_detent_the_sum_is_where_the_knob_stands(quarters: list[int]) -> None:
    assert sum(emitted(Quadrature(1), pairs(quarters))) == sum(quarters)


@given(felt, st.lists(st.sampled_from((+1, -1)), max_size=200))
def test_never_a_whole_detent_from_where_the_knob_stands(edges: int, quarters: list[int]) -> None:
    told = 0
    knob = Quadrature(edges)
    for stands, pair in zip(range(1, len(quarters) + 1), pairs(quarters), strict=True):
        told += knob.feed(*pair)
        assert abs(sum(quarters[:stands]) - told * edges) < edges


@given(felt, st.sampled_from((+1, -1)), st.integers(2, 20), st.data())
def test_a_missed_edge_costs_no_detent(edges: int, way: int, detents: int, data: st.DataObject) -> None:
    """Any edge but the first two: after those it is known which way the knob goes."""
    lines = pairs([way] * 4 * detents)
    missed = data.draw(st.integers(2, len(lines) - 2))
    knob = Quadrature(edges)
    assert sum(emitted(knob, lines[:missed] + lines[missed + 1 :])) == way * 4 * detents // edges


def test_an_edge_missed_at_a_detent_goes_on_as_the_last_detent_went() -> None:
    knob = Quadrature(4)
    emitted(knob, pairs([-1] * 4))
    assert emitted(knob, [CLOCKWISE[1], CLOCKWISE[0], CLOCKWISE[3]]) == [-1]


def test_garbage_heals_at_the_next_detent() -> None:
    knob = Quadrature(4)
    emitted(knob, [(True, True), (True, False), (False, True), (False, False), (True, True), (False, False)])
    assert emitted(knob, pairs([+1] * 8)) == [1, 1]


@pytest.mark.parametrize(
    ("a", "b", "to_go", "counts"), [(True, False, 3, [1]), (False, True, 1, []), (False, False, 4, [1])]
)
def test_a_knob_left_between_two_detents_counts_from_the_nearer(
    a: bool, b: bool, to_go: int, counts: list[int]
) -> None:
    knob = Quadrature(4, a=a, b=b)
    start = CLOCKWISE.index((a, b))
    assert emitted(knob, pairs([+1] * to_go, start)) == counts
    assert emitted(knob, pairs([+1] * 4, (start + to_go) % 4)) == [1]


def test_the_same_lines_again_are_nothing() -> None:
    knob = Quadrature(1)
    assert [knob.feed(True, False), knob.feed(True, False)] == [1, 0]


@pytest.mark.parametrize("edges", [0, 3, 8])
def test_other_numbers_of_edges_are_refused(edges: int) -> None:
    with pytest.raises(ValueError, match=f"{edges} edges to a detent: 4 "):
        Quadrature(edges)


@given(st.integers(1, 20), st.integers(0, 10**10), st.integers(0, 10**10))
def test_faster_is_never_less(most: int, one_ns: int, other_ns: int) -> None:
    acceleration = Acceleration(most)
    quick, slow = sorted((one_ns, other_ns))
    assert 1 <= acceleration.steps(slow) <= acceleration.steps(quick) <= most


def test_the_ends_of_acceleration() -> None:
    acceleration = Acceleration(10)
    assert acceleration.steps(70 * MS) == 1
    assert acceleration.steps(12 * MS) == 10
    assert acceleration.steps(0) == 10
    assert Acceleration(1).steps(0) == 1


def turned(gaps_ms: list[int], ways: list[int] | None = None, most: int = 10) -> list[int]:
    turning, stamp_ns, steps = Turning(Acceleration(most)), 10**12, []
    for gap_ms, way in zip(gaps_ms, ways or [1] * len(gaps_ms), strict=True):
        stamp_ns += gap_ms * MS
        steps.append(turning.steps(way, stamp_ns))
    return steps


def test_slow_turning_is_one_a_detent() -> None:
    assert turned([500, 200, 90, 70]) == [1, 1, 1, 1]


def test_two_quick_clicks_are_two_and_a_third_is_more() -> None:
    assert turned([900, 12, 12, 12]) == [1, 1, 10, 10]


def test_the_other_way_begins_slowly() -> None:
    assert turned([900, 12, 12, 12, 12, 12], [1, 1, 1, -1, -1, -1]) == [1, 1, 10, -1, -1, -10]


def test_a_pause_ends_the_haste() -> None:
    assert turned([900, 12, 12, 900, 12]) == [1, 1, 10, 1, 1]


def test_it_can_be_off() -> None:
    assert turned([12] * 5, most=1) == [1] * 5


def test_detents_that_came_at_once_share_their_gap() -> None:
    turning = Turning(Acceleration(10))
    assert [turning.steps(3, stamp_ns * MS) for stamp_ns in (1000, 1036, 1072)] == [3, 3, 30]
