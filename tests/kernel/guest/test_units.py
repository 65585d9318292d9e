"""The box's own units under systemd, as an installation in /opt/drumassist would have them.

It must never change what the units say, but for what the guest lacks: see `lacking`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from panel.engine.place import SOCKET, SYSTEM_FOLDER
from tests.kernel.client import wait_for
from tests.kernel.guest.engine import engine_view, has_pad
from tests.kernel.guest.test_systemd import CHECKOUT, UNITS, said, systemctl

ENGINE, PANEL = "drumassist-engine.service", "drumassist-panel.service"
GROUPS = ("gpio", "i2c", "audio", "input", "dialout")
START_S = 120


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def units() -> Iterator[None]:
    """The units in place, the user made, the installation where they expect it."""
    for group in GROUPS:
        run("groupadd", "--force", "--system", group)
    run("useradd", "--system", "--no-create-home", "drumassist")
    Path("/opt/drumassist").symlink_to(CHECKOUT / ".venv")
    for unit in (ENGINE, PANEL):
        (UNITS / unit).write_bytes((CHECKOUT / "systemd" / unit).read_bytes())
    lacking()
    systemctl("daemon-reload")
    yield
    systemctl("stop", PANEL, ENGINE)


def lacking() -> None:
    """What a Pi has and the guest has not: an installation outside /root and /tmp, udev's rules for devices."""
    for unit in (ENGINE, PANEL):
        (UNITS / f"{unit}.d").mkdir(exist_ok=True)
        (UNITS / f"{unit}.d" / "home.conf").write_text("[Service]\nProtectHome=no\nPrivateTmp=no\n")
    os.chmod("/root", 0o755)
    for nodes, group in (("gpiochip*", "gpio"), ("i2c-*", "i2c"), ("snd/*", "audio")):
        for node in Path("/dev").glob(nodes):
            run("chgrp", group, str(node))
            run("chmod", "660", str(node))


def engine_pid() -> int:
    """The running engine's process, 0 where none answers."""
    view = engine_view()
    return view.pid if view else 0


def panel_pid() -> int:
    """The panel's process, 0 where none runs."""
    return int(systemctl("show", "-P", "MainPID", PANEL))


def test_the_units_are_sound(units: None) -> None:
    for unit in (ENGINE, PANEL):
        assert said("systemd-analyze", "verify", str(UNITS / unit)) == (0, "")


def test_the_panel_brings_the_engine_up(units: None) -> None:
    assert systemctl("start", PANEL) == ""
    wait_for(has_pad, START_S, 0.2)
    code, told_so = said("/opt/drumassist/bin/drumassist", "status", "--json")
    assert code == 0, told_so
    told = json.loads(told_so)
    assert told["ports"][0]["name"].startswith("SamplePad Pro")
    assert told["fifo"], "LimitRTPRIO is in the unit"
    assert (systemctl("is-active", PANEL), systemctl("is-active", ENGINE)) == ("active", "active")
    owner = Path(f"/proc/{told['pid']}").stat().st_uid
    assert owner == Path("/var/lib/drumassist").stat().st_uid != 0
    assert Path("/var/lib/drumassist/settings.toml").exists()


def test_no_other_user_can_give_the_engine_orders(units: None) -> None:
    """Neither by connecting nor by seeing into the folder where the socket would be made anew."""
    assert connected_as("drumassist") == "connected"
    assert connected_as("nobody") == "PermissionError"
    socket = Path(SYSTEM_FOLDER, SOCKET)
    owner = Path("/var/lib/drumassist").stat().st_uid
    assert (socket.stat().st_uid, socket.stat().st_mode & 0o777) == (owner, 0o600)
    assert (socket.parent.stat().st_uid, socket.parent.stat().st_mode & 0o022) == (owner, 0)


def connected_as(user: str) -> str:
    """What another user's process gets who connects to the engine: "connected", or the name of the error."""
    script = f"""
import socket
try:
    socket.socket(socket.AF_UNIX).connect({str(Path(SYSTEM_FOLDER, SOCKET))!r})
    print("connected")
except OSError as error:
    print(type(error).__name__)
"""
    done = subprocess.run(["python3", "-I", "-c", script], user=user, extra_groups=[], capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_either_half_restarts_alone(units: None) -> None:
    engine, panel = engine_pid(), panel_pid()
    os.kill(panel, signal.SIGKILL)
    wait_for(lambda: panel_pid() not in (0, panel), START_S, 0.5)
    assert engine_pid() == engine
    os.kill(engine, signal.SIGKILL)
    wait_for(lambda: engine_pid() not in (0, engine), START_S, 0.2)
    wait_for(has_pad, START_S, 0.2)  # which the new panel told the new engine
    assert systemctl("is-active", PANEL) == "active"


def test_the_panel_leaves_the_systems_engine_alone(units: None) -> None:
    engine = engine_pid()
    systemctl("stop", PANEL)
    assert engine_pid() == engine != 0
    systemctl("stop", ENGINE)
    assert engine_pid() == 0
