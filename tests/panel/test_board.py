"""What the board tells of itself, from files as the kernel has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel.board import LOOK_NS, Board, Health
from panel.engine.wire import View
from panel.gallery import Scene
from panel.status import board_told, status_facts

ZONE, VOLT = "class/thermal/thermal_zone0", "class/hwmon/hwmon1"


def _write(root: Path, **files: str) -> Board:
    """A board with these files: `zone_temp` is thermal_zone0/temp, `volt_name` hwmon1/name."""
    for name, text in files.items():
        where, _, leaf = name.partition("_")
        path = root / {"zone": ZONE, "volt": VOLT}[where] / leaf
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Board(root)


def _raspberry(root: Path, temperature: str = "52078\n", alarm: str = "0\n") -> Board:
    return _write(
        root, zone_type="cpu-thermal\n", zone_temp=temperature, volt_name="rpi_volt\n", volt_in0_lcrit_alarm=alarm
    )


def test_a_board_without_sensors_tells_nothing(tmp_path: Path) -> None:
    assert Board(tmp_path).look(0) == Health(None, None, False)


def test_a_raspberry_tells_both(tmp_path: Path) -> None:
    health = _raspberry(tmp_path).look(0)
    assert health == Health(52.078, False, False)
    assert not health.hot


@pytest.mark.parametrize(("thousandths", "hot"), [("79999", False), ("80000", True), ("-3500", False)])
def test_hot_is_where_a_raspberry_slows_down(tmp_path: Path, thousandths: str, hot: bool) -> None:
    health = _raspberry(tmp_path, thousandths).look(0)
    assert (health.celsius, health.hot) == (int(thousandths) / 1000, hot)


def test_an_under_voltage_that_is_over_is_not_forgotten(tmp_path: Path) -> None:
    board = _raspberry(tmp_path, alarm="1\n")
    assert board.look(0) == Health(52.078, True, True)
    _raspberry(tmp_path)
    assert board.look(LOOK_NS) == Health(52.078, False, True)


def test_it_looks_once_a_second_at_most(tmp_path: Path) -> None:
    board = _raspberry(tmp_path)
    board.look(7)
    _raspberry(tmp_path, alarm="1\n")
    assert board.look(7 + LOOK_NS - 1).weak_power is False
    assert board.look(7 + LOOK_NS).weak_power is True


def test_a_driver_that_comes_late_is_found_when_it_is_looked_for(tmp_path: Path) -> None:
    board = Board(tmp_path)
    assert board.look(0) == Health()
    _raspberry(tmp_path)
    assert board.look(LOOK_NS) == Health()
    board.find()
    assert board.look(LOOK_NS) == Health(52.078, False)


@pytest.mark.parametrize("text", ["", "N/A\n", "\xff"])
def test_what_is_no_number_is_not_told(tmp_path: Path, text: str) -> None:
    assert _raspberry(tmp_path, text, text).look(0) == Health()


def test_a_driver_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    board = _raspberry(tmp_path)
    for path in (tmp_path / ZONE / "temp", tmp_path / VOLT / "in0_lcrit_alarm"):
        path.unlink()
    assert board.look(0) == Health()


def test_the_heat_of_a_radio_and_another_chip_s_alarm_are_not_the_board_s(tmp_path: Path) -> None:
    board = _write(tmp_path, zone_type="iwlwifi_1", zone_temp="90000", volt_name="nct6775", volt_in0_lcrit_alarm="1")
    assert board.look(0) == Health()


def test_of_several_zones_the_hottest_counts(tmp_path: Path) -> None:
    _raspberry(tmp_path)
    second = tmp_path / "class/thermal/thermal_zone1"
    second.mkdir()
    (second / "type").write_text("x86_pkg_temp\n")
    (second / "temp").write_text("61000\n")
    assert Board(tmp_path).look(0).celsius == 61.0


def test_live_tells_of_a_weak_power_supply_once() -> None:
    scene = Scene()
    scene.health = Health(50.0, False)
    assert scene.later(0).session.notice(scene.now) is None
    for weak in (True, False, True):
        scene.health = Health(50.0, weak, True)
        scene.later(LOOK_NS)
    notice = scene.session.notice(scene.now)
    assert notice is not None
    assert notice.text == "Power supply is too weak"
    assert scene.later(60 * LOOK_NS).session.notice(scene.now) is None


def test_status_tells_of_the_board_what_the_board_tells() -> None:
    facts = status_facts(View(Scene().session.state), Health(84.62, True, True), 0)
    assert facts["board"] == {"celsius": 84.62, "weak_power": True}
    assert board_told(facts["board"]) == ["power: too weak", "processor: 84.6 \xb0C"]
    assert board_told({"celsius": None, "weak_power": False}) == ["power: ok"]
    assert board_told({"celsius": None, "weak_power": None}) == []
