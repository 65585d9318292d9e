"""The spin, and how it yields on a machine of one core."""

from __future__ import annotations

import pytest

from panel.engine.spin import LEAST_NS, ONE_CORE_SHARE, SHARE, Spin
from tests.box import SECOND


def play(spin: Spin, writes: int, seconds: int, wake_late_ns: int = 0, since: int = 1) -> float:
    """The share of the last second that was spun, at so many writes a second whose wake-ups come late."""
    share = 0.0
    spin.adapt(since * SECOND)
    for second in range(since + 1, since + seconds + 1):
        spin.spun_ns = writes * max(0, spin.ns - wake_late_ns)
        spin.overslept = writes if wake_late_ns > spin.ns else 0
        share = spin.spun_ns / SECOND
        spin.adapt(second * SECOND)
    return share


@pytest.mark.parametrize("writes", [1, 60, 300])
def test_more_than_one_core_spins_as_long_as_it_is_told(writes: int) -> None:
    spin = Spin(100_000, cores=2)
    play(spin, writes, 10)
    assert spin.ns == 100_000


def test_where_wake_ups_come_late_it_goes_up_and_slowly_down_again() -> None:
    spin = Spin(100_000, cores=2)
    assert play(spin, 60, 30, wake_late_ns=250_000) <= 1 / SHARE
    high = spin.ns
    assert 230_000 < high <= 320_000
    play(spin, 60, 10, since=40)
    assert 100_000 < spin.ns < high, "a few quiet seconds prove little"
    play(spin, 60, 200, since=60)
    assert spin.ns == 100_000


def test_one_late_wake_up_is_an_accident() -> None:
    spin = Spin(100_000, cores=2)
    for second in range(1, 20):
        spin.overslept = 1
        spin.adapt(second * SECOND)
    assert spin.ns == 100_000


def test_one_core_does_not_go_up_further_than_it_can_spare() -> None:
    spin = Spin(100_000, cores=1)
    assert play(spin, 150, 60, wake_late_ns=150_000) <= 1 / ONE_CORE_SHARE


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
