"""The benchmarks' own arithmetic: a figure that nobody checks proves nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import figures, lateness, plot, report
from benchmarks.budgets import Verdict, ending
from benchmarks.figures import FLOOR, Handed, Played, counted, drift, drift_ticks, histogram, percentile, summarize
from benchmarks.grid import CLOCKS_PER_NOTE, CLOCKS_PER_QUARTER, QUARTER_NS, clock_due_ns
from benchmarks.lateness import DETENTS, DRAWING, FULL, ISOBAR, LOADS, MIDO, OURS, OURS_WITHOUT_FIFO, PEERS

CONTESTANTS = (FLOOR, OURS, OURS_WITHOUT_FIFO, *PEERS)
START_NS = 7_000_000_000


def of(late_us: list[float], drift_us: float = 0.0, off_grid_ns: float = 0.5, missing: int = 0) -> Played:
    return Played(late_us, late_us[::6], drift_us, off_grid_ns, missing)


def run(quarters: int, late_ns: int = 0, known: bool = True, skip: int = -1) -> list[Handed]:
    """Clocks and notes, all late by the same; one clock may be skipped."""
    found = []
    for clock in range(quarters * CLOCKS_PER_QUARTER):
        due_ns = START_NS + clock_due_ns(clock)
        if clock != skip:
            found.append(Handed(False, due_ns if known else None, due_ns + late_ns))
        if clock % CLOCKS_PER_NOTE == 0:
            found.append(Handed(True, due_ns if known else None, due_ns + late_ns))
    return found


class TestPercentile:
    @pytest.mark.parametrize(
        ("percent", "expected"), [(50, 50), (99, 99), (99.9, 100), (100, 100), (1, 1), (0.1, 1), (29, 29)]
    )
    def test_is_the_nearest_rank(self, percent: float, expected: int) -> None:
        assert percentile(range(100, 0, -1), percent) == expected

    def test_of_one_is_that_one(self) -> None:
        assert percentile([7.5], 50) == percentile([7.5], 99.9) == 7.5

    def test_of_none_there_is_none(self) -> None:
        with pytest.raises(ValueError, match="no values"):
            percentile([], 50)


class TestDrift:
    def test_is_the_last_quarter_against_the_first(self) -> None:
        assert drift([10.0] * 25 + [0.0] * 50 + [30.0] * 25) == 20

    def test_one_late_message_is_no_drift(self) -> None:
        assert drift([5.0] * 99 + [9000.0]) == 0

    def test_in_ticks_of_which_one_is_99_microseconds(self) -> None:
        assert [drift_ticks(us) for us in (0, 49, -49, 50, 99, -150)] == [0, 0, 0, 1, 1, -2]


class TestPlayed:
    def test_late_by_what_it_is_late_and_the_first_beat_left_out(self) -> None:
        found = figures.played(run(3, late_ns=30_000))
        assert found.late_us == [30.0] * (2 * (CLOCKS_PER_QUARTER + 4))
        assert found.notes_us == [30.0] * 8
        assert found.missing == 0
        assert found.off_grid_ns < 1

    def test_the_grid_of_a_player_that_keeps_it_to_itself_goes_through_its_earliest_message(self) -> None:
        handed = [one._replace(stamp_ns=one.stamp_ns + 20_000 * (place % 5 != 3)) for place, one in enumerate(run(3))]
        unknown = [one._replace(due_ns=None, stamp_ns=one.stamp_ns + 5_000_000) for one in handed]
        for ours, theirs in zip(figures.played(handed).late_us, figures.played(unknown).late_us, strict=True):
            assert ours == pytest.approx(theirs, abs=0.01)

    def test_what_never_came_is_counted(self) -> None:
        assert figures.played(run(3, skip=40)).missing == 1

    def test_a_due_time_beside_the_grid_is_seen(self) -> None:
        handed = run(3)
        moved = handed[50]._replace(due_ns=START_NS + 2 * QUARTER_NS - 7_000)
        assert moved.due_ns is not None
        assert figures.played([*handed[:50], moved, *handed[51:]]).off_grid_ns > 5_000

    def test_silence_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="nothing was played"):
            figures.played([])


def rounds_of(floor: list[float], ours: float = 10.0, others: float = 2000.0) -> list[dict[str, Played]]:
    """A round for each greatest lateness of the floor."""
    found = []
    for latest in floor:
        one = dict.fromkeys(CONTESTANTS, of([others] * 200))
        found.append(one | {FLOOR: of([40.0] * 199 + [latest]), OURS: of([ours] * 200)})
    return found


def test_a_round_in_which_the_floor_stalls_does_not_count() -> None:
    rounds = rounds_of([40, 1001, 1000, 5000])
    assert counted(rounds) == [rounds[0], rounds[2]]
    result = lateness.result_of(rounds)
    assert (result.played, result.counted) == (4, 2)
    assert result.figures[FLOOR].messages == 400
    text = lateness.show({"idle": result}, dict.fromkeys(CONTESTANTS, "fifo"))
    assert "2 rounds, 2 of 4 rounds not counted: the floor itself stalled over 1 ms" in text


def test_rounds_are_pooled_and_compared_with_the_floor() -> None:
    figures_ = summarize([{FLOOR: of([10.0] * 99 + [20.0]), OURS: of([5.0] * 98 + [8.0, 9.0], 3.0, missing=1)}] * 2)
    ours = figures_[OURS]
    assert (ours.messages, ours.p50, ours.p99, ours.p999, ours.max) == (200, 5, 8, 9, 9)
    assert ours.over_floor == 0.8
    assert ours.missing == 2


def test_a_histogram_keeps_every_message() -> None:
    bins = histogram([0.2, 1.0, 1.3, 99.9, 100.1, 5e9])
    assert sum(bins) == 6
    assert bins[:2] == [2, 1]
    assert bins[19:21] == [1, 1]
    assert bins[-1] == 1


class TestVerdicts:
    def test_a_budget_is_missed_above_it_or_below_where_more_is_better(self) -> None:
        assert [Verdict("it", value, 0.5).missed for value in (0.49, 0.5, 0.51)] == [False, False, True]
        assert [Verdict("it", value, 100, at_least=True).missed for value in (99, 100)] == [True, False]

    def test_none_is_hidden(self) -> None:
        verdicts = [Verdict("a", 2.0, 1.0, " ms"), Verdict("b", 1.0, 1.0), Verdict("c", None, 5.0, why="no gcc")]
        assert ending(verdicts).splitlines() == [
            "kept: b: 1, at most 1",
            "NOT MEASURED: c, at most 5: no gcc",
            "MISSED: a: 2 ms, at most 1 ms",
            "3 budgets: 1 kept, 1 missed, 1 not measured",
        ]

    def missed(self, rounds: list[dict[str, Played]], fifo: str = "fifo") -> set[str]:
        results = {load.name: lateness.result_of(rounds) for load in LOADS}
        verdicts = lateness.verdicts(results, dict.fromkeys(CONTESTANTS, "other") | {OURS: fifo})
        assert len(verdicts) == 3 * 4 + 1
        return {verdict.what for verdict in verdicts if verdict.missed}

    def test_of_lateness_are_told_for_each_load_with_a_panel(self) -> None:
        assert self.missed(rounds_of([40], ours=20.0, others=2000.0)) == {
            f"p99, {load.name}, without FIFO, as a multiple of the floor" for load in (DRAWING, DETENTS, FULL)
        }
        worse = self.missed(rounds_of([40], ours=21.0, others=500.0))
        assert worse == {
            f"p99, {load.name}, {what}"
            for load in (DRAWING, DETENTS, FULL)
            for what in ("as a multiple of the floor", f"times better than {ISOBAR}", f"times better than {MIDO}")
        }

    def test_of_drift(self) -> None:
        drifting = [one | {OURS: of([10.0] * 200, drift_us=60.0)} for one in rounds_of([40], others=600.0)]
        assert "drift" in self.missed(drifting)

    def test_where_no_round_counts_nothing_is_missed_and_nothing_kept(self) -> None:
        results = {load.name: lateness.result_of(rounds_of([5000])) for load in LOADS}
        verdicts = lateness.verdicts(results, dict.fromkeys(CONTESTANTS, "fifo"))
        assert {(verdict.measured, verdict.why) for verdict in verdicts} == {(None, "no round counted")}

    def test_where_fifo_is_refused_its_budget_is_not_measured(self) -> None:
        results = {load.name: lateness.result_of(rounds_of([40])) for load in LOADS}
        verdicts = lateness.verdicts(results, dict.fromkeys(CONTESTANTS, "short slice"))
        assert sum(verdict.measured is None and "FIFO" in verdict.why for verdict in verdicts) == 3


def test_tables_stand_in_columns() -> None:
    assert report.table(("a", "b"), [("long", 1.234), ("c", 1234567)]).splitlines() == [
        "a             b",
        "long       1.23",
        "c     1,234,567",
    ]


def test_a_result_names_neither_host_nor_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.release", lambda: "6.12.1-myhost+")
    assert report.machine()["kernel"] == "Linux 6.12.1"
    for kept in (Path(__file__).parents[1] / "benchmarks" / "results").glob("*.json"):
        assert not re.search(r"/(home|work|tmp|root|Users)/", kept.read_text()), kept


def test_the_drawing_has_every_contestant_and_no_shape_from_nothing() -> None:
    loads = {load.name: lateness.result_of(rounds_of([40])) for load in LOADS}
    values = {
        name: load._asdict() | {"figures": {who: one._asdict() for who, one in load.figures.items()}}
        for name, load in loads.items()
    }
    drawn = plot.drawing(json.loads(json.dumps(values)))
    assert all(drawn.count(f">{name}<") == 2 for name in CONTESTANTS)
    with pytest.raises(ValueError, match="no round counted"):
        plot.drawing({"idle": {"figures": {}}})
