"""systemd as the guest's init: a unit runs out of the checkout, with the rights that the engine wants.

It must never use a unit of the project's: what fails here is the rig or systemd.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kernel.client import wait_for

UNITS = Path("/run/systemd/system")
CHECKOUT = Path(__file__).resolve().parents[3]

UNIT = f"""\
[Unit]
Description=What a unit of the box may do
[Service]
WorkingDirectory={CHECKOUT}
RuntimeDirectory=rig-check
CPUSchedulingPolicy=fifo
CPUSchedulingPriority=60
LimitMEMLOCK=infinity
ExecStart={sys.executable} -c "import os, time, pathlib; \\
    pathlib.Path('/run/rig-check/policy').write_text(str(os.sched_getscheduler(0))); time.sleep(600)"
"""


def systemctl(*arguments: str) -> str:
    """What systemctl has to say; nothing where it did as it was told."""
    return said("systemctl", *arguments)[1]


def said(*command: str) -> tuple[int, str]:
    """A command's exit code and words."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.fixture(scope="module")
def unit() -> Path:
    """The path of a unit in place."""
    path = UNITS / "rig-check.service"
    path.write_text(UNIT)
    systemctl("daemon-reload")
    return path


def test_systemd_is_the_first_process() -> None:
    assert Path("/proc/1/comm").read_text().strip() == "systemd"


def test_a_unit_runs_out_of_the_checkout_with_a_real_time_priority(unit: Path) -> None:
    assert said("systemd-analyze", "verify", str(unit)) == (0, "")
    assert systemctl("start", unit.name) == ""
    policy = Path("/run/rig-check/policy")
    wait_for(lambda: policy.exists() and policy.read_text(), 30)
    assert policy.read_text() == "1"  # SCHED_FIFO
    assert systemctl("is-active", unit.name) == "active"

    systemctl("stop", unit.name)
    assert not policy.parent.exists()
