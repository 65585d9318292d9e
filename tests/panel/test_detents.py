"""A detent turns a value by what feels right: always on, never out of the range, back again, and readable."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.detents import DETENTS, is_wide, shown, turned
from panel.sound.wire import PatchParam


def _param(low: float, high: float, default: float | None = None) -> PatchParam:
    return PatchParam("p", default or low, default or low, low, high, "")


def _walk(param: PatchParam, value: float, steps: int) -> list[float]:
    """Every value from there to the end, a detent at a time."""
    found = [value]
    while (after := turned(param, found[-1], steps)) != found[-1]:
        found.append(after)
        assert len(found) < 1000, "it never ends"
    return found


RANGES = [
    (80, 12000),
    (0.001, 5),
    (0.5, 20),
    (0, 1),
    (-12, 12),
    (0, 127),
    (0, 49),
    (0.25, 4),
    (-1, 0),
    (1, 20),
    (1, 20.1),
]


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_from_end_to_end_are_about_a_hundred_detents_and_back_the_same(low: float, high: float) -> None:
    up = _walk(_param(low, high), low, 1)
    assert (up[0], up[-1]) == (low, high)
    assert 50 <= len(up) <= 130
    assert _walk(_param(low, high), high, -1) == up[::-1]


def test_a_wide_range_is_turned_by_ratios_and_a_narrow_one_by_steps() -> None:
    ratios = [after / before for before, after in pairwise(_walk(_param(80, 12000), 80, 1))]
    assert max(ratios) / min(ratios) < 1.02
    assert _walk(_param(0, 1), 0, 1)[:4] == [0, 0.01, 0.02, 0.03]
    assert (is_wide(_param(1, 20)), is_wide(_param(1, 20.1)), is_wide(_param(0, 20))) == (False, True, False)


@pytest.mark.parametrize(("value", "up", "down"), [(1200, 1260, 1140), (1234.5, 1320, 1200)])
def test_a_value_of_the_patch_between_two_detents_goes_on_to_the_next(value: float, up: float, down: float) -> None:
    param = _param(80, 12000)
    assert (turned(param, value, 1), turned(param, value, -1)) == (up, down)
    assert (turned(_param(0, 1), 0.333, 1), turned(_param(0, 1), 0.333, -1)) == (0.34, 0.33)


FINITE = st.floats(-1e9, 1e9)  # what the protocol takes


@given(FINITE, FINITE, FINITE, st.integers(-300, 300))
def test_whatever_the_range_it_is_never_left(a: float, b: float, value: float, steps: int) -> None:
    param = _param(min(a, b), max(a, b))
    assert param.low <= turned(param, value, steps) <= param.high
    assert len(shown(value)) <= 12


@given(st.floats(-1000, 1000), st.floats(0.01, 1e6), st.floats(0, 1), st.sampled_from([-1, 1]))
def test_every_detent_goes_on_until_the_end(low: float, span: float, at: float, steps: int) -> None:
    param = _param(low, low + span)
    value = low + at * span
    after = turned(param, value, steps)
    end = param.high if steps > 0 else param.low
    assert (after - value) * steps > 0 or value == end


def test_a_range_that_is_none_stays() -> None:
    assert turned(_param(3, 3), 3, 1) == 3


@pytest.mark.parametrize(("value", "unit", "told"), [
    (1200, "Hz", "1200 Hz"), (84.13, "Hz", "84.13 Hz"), (0.00109, "s", "0.00109 s"), (12000.0, "Hz", "12000 Hz"),
    (0.3, "", "0.3"), (1, "", "1"), (0, "dB", "0 dB"), (-0.0, "", "0"), (-11.8, "st", "-11.8 st"),
    (0.1 + 0.2, "", "0.3"), (1e-9, "", "0"), (123456789.4, "", "123456789"),
])  # fmt: skip
def test_a_value_is_read_at_a_glance(value: float, unit: str, told: str) -> None:
    assert shown(value, unit) == told


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_no_two_detents_look_the_same_and_all_fit_on_the_screen(low: float, high: float) -> None:
    told = [shown(value, "Hz") for value in _walk(_param(low, high), low, 1)]
    assert len(set(told)) == len(told)
    assert max(map(len, told)) <= 10
    assert len(told) <= DETENTS + 30
