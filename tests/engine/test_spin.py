"""The spin, and how it yields on a machine of one core."""

from __future__ import annotations

import pytest

from panel.engine.spin import LEAST_NS, Spin
from tests.box import SECOND


def play(spin: Spin, writes: int, seconds: int, wake_late_ns: int = 0, since: int = 1) -> float:
    """The share of the last second that was spun, at so many writes a second whose wake-ups come late."""
    share = 0.0
    spin.adapt(since * SECOND)
    for second in range(since + 1, since + seconds + 1):
        spin.spun_ns = writes * max(0, spin.ns - wake_late_ns)
        share = spin.spun_ns / SECOND
        spin.adapt(second * SECOND)
    return share


@pytest.mark.parametrize("writes", [1, 60, 400])
def test_more_than_one_core_spins_as_long_as_it_is_told(writes: int) -> None:
    spin = Spin(1_000_000, cores=2)
    play(spin, writes, 10)
    assert spin.ns == 1_000_000


@pytest.mark.parametrize(("wanted_us", "writes"), [(100, 150), (1000, 60), (1000, 400)])
def test_one_core_gives_no_more_than_a_hundredth(wanted_us: int, writes: int) -> None:
    spin = Spin(wanted_us * 1000, cores=1)
    assert play(spin, writes, 20) <= 0.0101
    assert LEAST_NS <= spin.ns < wanted_us * 1000


def test_one_core_with_little_to_do_spins_as_long_as_it_is_told() -> None:
    spin = Spin(100_000, cores=1)
    play(spin, 60, 10)
    assert spin.ns == 100_000


def test_it_comes_up_again_when_less_is_asked_of_it() -> None:
    spin = Spin(1_000_000, cores=1)
    play(spin, 400, 10)
    low = spin.ns
    play(spin, 4, 30, since=12)
    assert low < spin.ns == 1_000_000


def test_what_a_late_wake_up_leaves_over_is_not_spun() -> None:
    """A slow kernel eats the spin itself: there is nothing to come down for."""
    spin = Spin(100_000, cores=1)
    play(spin, 150, 10, wake_late_ns=60_000)
    assert spin.ns == 100_000


def test_no_spin_stays_no_spin() -> None:
    spin = Spin(0, cores=1)
    play(spin, 100, 5)
    assert spin.ns == 0
