"""A button's contact, on paper: the first touch counts, and no release is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from panel.hardware.debounce import LOCK_NS, Debounce, Edge

MS = 1_000_000


def settled() -> Debounce:
    """A button that was seen to be up at the start."""
    button = Debounce()
    assert button.settle(False, 0) is None
    return button


def heard(button: Debounce, *edges: tuple[bool, float]) -> list[tuple[bool, float]]:
    """What counts of these edges, by milliseconds."""
    found = [counts for down, ms in edges for counts in button.hear(Edge(down, round(ms * MS)))]
    return [(edge.down, edge.stamp_ns / MS) for edge in found]


def test_the_first_edge_counts_at_once_and_its_bounces_do_not() -> None:
    button = settled()
    assert heard(button, (True, 1000)) == [(True, 1000)]
    assert heard(button, (False, 1001), (True, 1002), (False, 1010), (True, 1024)) == []
    assert button.settle(True, 1025 * MS) is None
    assert button.due_ns() is None


def test_a_release_after_the_lock_out_counts_at_once() -> None:
    button = settled()
    assert heard(button, (True, 1000), (False, 1025)) == [(True, 1000), (False, 1025)]


def test_a_release_within_the_lock_out_is_found_with_its_own_stamp() -> None:
    button = settled()
    assert heard(button, (True, 1000), (False, 1012)) == [(True, 1000)]
    assert button.due_ns() == 1025 * MS
    assert button.settle(False, 1024 * MS) is None
    assert button.settle(False, 1025 * MS) == (False, 1012 * MS)
    assert not button.down


def test_so_it_is_if_nobody_looked_before_the_next_press() -> None:
    button = settled()
    edges = [(True, 1000), (False, 1012), (True, 1200), (False, 1300)]
    assert heard(button, *edges) == edges


def test_a_press_within_the_lock_out_of_a_release_is_found_too() -> None:
    button = settled()
    assert len(heard(button, (True, 1000), (False, 1100), (True, 1110))) == 2
    assert button.settle(True, 1125 * MS) == (True, 1110 * MS)


def test_a_release_that_never_came_as_an_edge_is_found_however_late() -> None:
    button = settled()
    heard(button, (True, 1000))
    assert button.settle(True, 1030 * MS) is None
    assert button.settle(False, 1400 * MS) == (False, 1400 * MS)


def test_a_press_is_not_looked_for_once_sure_because_its_edge_has_the_better_stamp() -> None:
    button = settled()
    assert not button.wants_a_look(1000 * MS)
    assert button.settle(True, 1000 * MS) is None
    assert heard(button, (True, 999)) == [(True, 999)]


def test_held_from_the_start_is_a_press() -> None:
    button = Debounce()
    assert button.due_ns() == 0
    assert button.settle(True, 7 * MS) == (True, 7 * MS)
    assert button.down


def test_a_bounce_of_the_last_release_never_stamps_the_next_press() -> None:
    button = settled()
    heard(button, (True, 1000), (False, 1100), (True, 1101), (False, 1102))
    assert button.settle(True, 1125 * MS) == (True, 1125 * MS)


bounces = st.lists(st.integers(1, 20 * MS), max_size=6).map(sorted)


@given(st.lists(st.tuples(st.integers(1, 3000), bounces), min_size=1, max_size=12), st.booleans())
def test_every_press_is_read_once_at_its_first_touch_however_it_bounces(
    parts: list[tuple[int, list[int]]], looks_in_time: bool
) -> None:
    """Parts are how long the contact rests, and when it bounces at the beginning of that."""
    button, at_ns, level = settled(), 10_000 * MS, False
    read: list[Edge | None] = []
    meant: list[Edge] = []
    for rest_ms, offsets in parts:
        level = not level
        rest_ns = rest_ms * MS + LOCK_NS  # longer than the lock-out
        meant.append(Edge(level, at_ns))
        flips = [at_ns] + [at_ns + offset for offset in offsets for _ in (0, 1)]
        for index, stamp_ns in enumerate(flips):
            read += button.hear(Edge(level if index % 2 == 0 else not level, stamp_ns))
        if looks_in_time:
            read.append(button.settle(level, at_ns + LOCK_NS))
        at_ns += rest_ns
    read.append(button.settle(level, at_ns + 10 * LOCK_NS))
    assert [edge for edge in read if edge] == meant


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_it_ends_as_the_contact_does_whatever_happened(gaps_ms: list[int]) -> None:
    button, at_ns, level = settled(), 10_000 * MS, False
    read: list[Edge | None] = []
    for gap_ms in gaps_ms:
        at_ns, level = at_ns + gap_ms * MS, not level
        read += button.hear(Edge(level, at_ns))
    read.append(button.settle(level, at_ns + 2 * LOCK_NS))
    assert button.down == level
    downs = [edge.down for edge in read if edge]
    assert downs == [index % 2 == 0 for index in range(len(downs))]
