"""Tap tempo: as exact as its estimator is known to be, and not to be fooled by a bad tap."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.tap import TapTempo, Tempo

MS = 1_000_000
SERIES = 1500


def beats(bpm: float, count: int, start_ms: float = 0) -> list[float]:
    """Exact taps, in milliseconds."""
    return [start_ms + n * 60_000 / bpm for n in range(count)]


def told(taps_ms: Iterable[float], tap: TapTempo | None = None) -> list[Tempo | None]:
    """What each tap of a series tells."""
    tap = tap or TapTempo()
    return [tap.tap(round(at * MS) + 10**13) for at in taps_ms]


def shown(taps_ms: Iterable[float]) -> list[float | None]:
    """The tempos as the screen shows them."""
    return [tempo and round(tempo.micro_bpm / 1e6, 1) for tempo in told(taps_ms)]


@cache
def errors(bpm: float, sd_ms: float, first_late_ms: float = 0) -> list[list[tuple[float, float]]]:
    """The error and the +/- in BPM, by the number of taps less two, of many series of an uneven hand."""
    random = Random(f"{bpm} {sd_ms} {first_late_ms}")
    by_count: list[list[tuple[float, float]]] = [[] for _ in range(11)]
    for _ in range(SERIES):
        taps = [at + random.gauss(0, sd_ms) for at in beats(bpm, 12, 1000)]
        taps[0] += first_late_ms
        for found, tempo in zip(by_count, told(taps)[1:], strict=True):
            assert tempo is not None
            found.append((tempo.micro_bpm / 1e6 - bpm, tempo.plus_minus / 1e6))
    return by_count


def rms(found: list[tuple[float, float]]) -> float:
    return sqrt(sum(error * error for error, _ in found) / len(found))


# The root mean square error of Theil and Sen's slope at 120 BPM and a spread of 10 ms.
@pytest.mark.parametrize(("taps", "even", "first_late"), [(4, 1.11, 3.9), (8, 0.40, 0.75), (12, 0.21, 0.32)])
def test_as_exact_as_the_estimator_can_be(taps: int, even: float, first_late: float) -> None:
    assert rms(errors(120, 10)[taps - 2]) == pytest.approx(even, rel=0.08)
    assert rms(errors(120, 10, 60)[taps - 2]) == pytest.approx(first_late, rel=0.08)


@pytest.mark.parametrize("bpm", [60, 200])
def test_as_exact_at_other_tempos(bpm: float) -> None:
    assert rms(errors(bpm, 10)[10]) == pytest.approx(0.21 * (bpm / 120) ** 2, rel=0.15)


@pytest.mark.parametrize("taps", range(4, 13))
def test_the_plus_minus_holds(taps: int) -> None:
    """Two standard errors are 95 in 100: over the hands of drummers together, and nearly so for each."""
    held = [
        sum(abs(error) <= plus_minus for error, plus_minus in errors(120, sd)[taps - 2]) / SERIES for sd in (10, 15)
    ]
    assert 0.93 <= sum(held) / 2 <= 0.98
    assert min(held) >= 0.90


def test_more_taps_are_surer() -> None:
    tempos = [tempo for tempo in told(beats(120, 12)) if tempo]
    assert [tempo.taps for tempo in tempos] == list(range(2, 13))
    assert [tempo.plus_minus for tempo in tempos] == sorted((t.plus_minus for t in tempos), reverse=True)


def test_the_first_tap_tells_nothing() -> None:
    assert told([0]) == [None]
    assert TapTempo().tempo() is None


@pytest.mark.parametrize("bpm", [30, 45.5, 120, 180, 240, 300])
def test_exact_taps_are_that_tempo(bpm: float) -> None:
    assert shown(beats(bpm, 9))[1:] == [bpm] * 8


def test_a_missed_beat_is_counted() -> None:
    tempos = told([at for n, at in enumerate(beats(120, 9)) if n not in (4, 6)])
    assert [tempo and tempo.micro_bpm for tempo in tempos[1:]] == [120_000_000] * 6


@pytest.mark.parametrize("after_ms", [60, 90, 120, 149])
def test_a_doubled_tap_is_one_tap(after_ms: float) -> None:
    once = beats(120, 6)
    twice = [at + extra for at in once for extra in (0, after_ms)]
    assert told(twice)[::2] == told(once)
    assert told(twice)[3::2] == told(once)[1:]


def test_a_bounce_at_300() -> None:
    once = beats(300, 12)
    assert told([at + extra for at in once for extra in (0, 40)])[::2] == told(once)


@given(st.integers(3, 8), st.floats(0.3, 0.7), st.floats(50, 160))
def test_a_stray_tap_is_left_out(before: int, where: float, bpm: float) -> None:
    taps = beats(bpm, 12)
    stray = taps[before] + where * 60_000 / bpm
    tempos = shown([*taps[: before + 1], stray, *taps[before + 1 :]])
    assert set(tempos[1:]) == {round(bpm, 1)}


@pytest.mark.parametrize("first_gap_ms", [300, 400, 620, 700, 800])
def test_a_bad_first_tap_is_forgotten_by_the_count_of_four(first_gap_ms: float) -> None:
    tempos = shown([0, *beats(120, 6, first_gap_ms)])
    assert tempos[3] == pytest.approx(120, abs=12)
    assert tempos[4:] == [pytest.approx(120, abs=6), pytest.approx(120, abs=4), pytest.approx(120, abs=3)]


def test_a_first_gap_of_half_a_beat_might_be_meant_and_lasts_one_tap_longer() -> None:
    assert shown([0, *beats(120, 6, 260)])[4:] == [120.0] * 3


@pytest.mark.parametrize("second_ms", [300, 380, 620, 700])
def test_a_bad_second_tap_is_forgotten(second_ms: float) -> None:
    assert shown([0, second_ms, *beats(120, 6, 1000)])[-2:] == [pytest.approx(120, abs=2)] * 2


def test_taps_that_slipped_off_the_beat_are_a_new_series() -> None:
    slipped = beats(122, 8, beats(120, 6)[-1] + 650)
    tempos = told([*beats(120, 6), *slipped])
    assert tempos[8] == tempos[5]
    assert tempos[9] is not None
    assert (tempos[9].taps, round(tempos[9].micro_bpm / 1e6, 3)) == (4, 122)


JUMPS = [(120, 240), (120, 60), (120, 80), (120, 180), (90, 100), (120, 110), (120, 30), (30, 120), (120, 300)]


@pytest.mark.parametrize(("old", "new"), [*JUMPS, (300, 150), (30, 300), (300, 30), (240, 300)])
def test_another_tempo_is_taken_up_with_the_third_tap(old: float, new: float) -> None:
    before = beats(old, 8)
    tempos = shown([*before, *beats(new, 4, before[-1] + 60_000 / new)])
    assert tempos[10:] == [new, new]


def test_two_taps_at_the_double_are_no_new_tempo() -> None:
    tempos = shown([*beats(120, 6), 2750, 3000, *beats(120, 4, 3500)])
    assert set(tempos[1:]) == {120.0}


def test_an_uneven_hand_reaches_both_ends() -> None:
    random = Random(4)
    for bpm, sd_ms in ((30, 30), (300, 10)):
        for _ in range(200):
            taps = [at + random.gauss(0, sd_ms) for at in beats(bpm, 12, 1000)]
            assert shown(taps)[-1] == pytest.approx(bpm, rel=0.03)


def test_a_pause_begins_a_new_series() -> None:
    tempos = told([*beats(120, 4), *beats(100, 3, 1500 + 2501)])
    assert tempos[4] is None
    assert tempos[5] is not None
    assert (tempos[5].taps, tempos[5].micro_bpm) == (2, 100_000_000)


def test_reset_forgets() -> None:
    tap = TapTempo()
    told(beats(120, 4), tap)
    tap.reset()
    assert tap.tempo() is None
    assert told([5000], tap) == [None]


@pytest.mark.parametrize("ratio", [1.0025, 0.9975])
def test_a_hand_that_speeds_up_or_slows_down_is_followed(ratio: float) -> None:
    """A quarter of a percent a beat, four BPM every three bars: never more than two behind."""
    gap, at, taps = 500.0, 0.0, list[float]()
    for _ in range(40):
        taps.append(at)
        gap *= ratio
        at += gap
    tempos = shown(taps)
    for n in range(12, 40):
        assert tempos[n] == pytest.approx(60_000 / (taps[n] - taps[n - 1]), abs=2)


def test_a_step_of_a_few_bpm_is_followed_within_twelve_taps() -> None:
    before = beats(120, 12)
    tempos = shown([*before, *beats(124, 12, before[-1] + 60_000 / 124)])
    assert tempos[-1] == 124
    assert tempos[-6] == pytest.approx(124, abs=1)


@given(st.lists(st.integers(-(10**12), 10**12), max_size=40))
def test_stamps_in_any_order_tell_a_tempo_in_range_or_none(stamps: list[int]) -> None:
    tap = TapTempo()
    for stamp in stamps:
        tempo = tap.tap(stamp)
        assert tempo is None or (30_000_000 <= tempo.micro_bpm <= 300_000_000 and tempo.plus_minus > 0)


@given(st.lists(st.integers(1, 3_000), max_size=60))
def test_any_taps_leave_four_even_ones_understood(gaps_ms: list[int]) -> None:
    """Whatever came before, a count of four is followed."""
    tap, at = TapTempo(), 0.0
    for gap in gaps_ms:
        at += gap
        told([at], tap)
    tempo = told(beats(100, 5, at + 300), tap)[-1]
    assert tempo is not None
    assert tempo.micro_bpm == pytest.approx(100_000_000, rel=0.06)


def test_a_stamp_that_goes_back_begins_anew() -> None:
    tempos = told([*beats(120, 4), 700, 1200])
    assert tempos[4] is None
    assert tempos[5] is not None
    assert tempos[5].micro_bpm == 120_000_000
