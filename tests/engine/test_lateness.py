"""The count of how late the writes were, against plain sorting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from panel.engine.lateness import MISSED_NS, Lateness


@given(st.lists(st.integers(0, MISSED_NS - 1), min_size=1, max_size=300))
def test_percentiles_are_those_of_the_sorted_list(late_ns: list[int]) -> None:
    lateness = Lateness()
    for ns in late_ns:
        lateness.note(ns)
    us = sorted(ns // 1000 for ns in late_ns)
    assert lateness.percentiles_us() == (us[len(us) // 2], us[len(us) * 99 // 100], us[-1])
    assert lateness.missed == 0


def test_nothing_written_is_not_late() -> None:
    assert Lateness().percentiles_us() == (0, 0, 0)


def test_what_missed_its_time_is_counted_over_all_runs() -> None:
    lateness = Lateness()
    lateness.note(MISSED_NS)
    lateness.note(25_000_000)
    assert lateness.percentiles_us() == (25_000, 25_000, 25_000)
    lateness.begin()
    lateness.note(7_000)
    assert lateness.percentiles_us() == (7, 7, 7)
    assert lateness.missed == 2
