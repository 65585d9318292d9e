"""Whoever comes to the engine's socket while it plays: strangers, babblers, the deaf, the greedy.

Each is to get a clear answer or to be dropped, the click is not to notice, and the panel is to be heard meanwhile.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from panel.engine.client import EngineClient
from panel.engine.state import stopped_state
from panel.engine.wire import MAX_RESUME_BYTES, encode
from panel.music.meter import Meter
from panel.music.pattern import ROLES, Pattern, Row
from panel.music.tempo import MICRO
from tests.drills.stage import GRID, Click, Pair, measured, quantiles_ms, report
from tests.engine.stage import ROOT

NOBODY = 65534
ATTACK_S = 2.0
DEAF = 100


def connect_as_nobody(path: str) -> int:
    """The errno of a connection attempt by another user, 0 where it was let in."""
    child = os.fork()
    if child == 0:
        code = 255
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            code = socket.socket(socket.AF_UNIX).connect_ex(path)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(os.getuid() != 0, reason="only root can try as somebody else")
def test_another_user_is_kept_out_by_the_folder_and_by_the_socket() -> None:
    with tempfile.TemporaryDirectory(prefix="drumassist-") as above:
        os.chmod(above, 0o755)
        click = Click(Path(above) / "runtime")
        try:
            os.rmdir(Path(click.socket).parent)  # the engine makes it, as on a box
            click.until(lambda: click.panel.connected)
            folder, at = os.stat(Path(click.socket).parent), os.stat(click.socket)
            assert (folder.st_mode & 0o777, folder.st_uid) == (0o700, os.getuid())
            assert (at.st_mode & 0o777, at.st_uid) == (0o600, os.getuid())
            assert connect_as_nobody(click.socket) == errno.EACCES
            os.chmod(Path(click.socket).parent, 0o755)
            assert connect_as_nobody(click.socket) == errno.EACCES
            os.chmod(click.socket, 0o666)
            assert connect_as_nobody(click.socket) == 0, "this attempt would have been kept out by something else"
        finally:
            click.close()


class Guest:
    """A connection to the engine that says what it likes."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(path)

    def say(self, data: bytes) -> None:
        """Send it all, unless the engine hangs up."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def answer(self) -> str:
        """The error that comes back, "" where the engine hangs up without one."""
        heard = b""
        try:
            while not heard.endswith(b"\n"):
                data = self.socket.recv(65536)
                if not data:
                    return ""
                heard += data
        except ConnectionResetError:
            return ""
        return str(json.loads(heard)["error"])


LONG = Pattern("Long", Meter.of(4, 4), tuple(Row(role, "Xxg." * 256, True) for role in ROLES[:7]), bars=16)
LONG_COMMAND = encode("pattern", pattern=LONG._asdict())
RESUME = encode("resume", state=stopped_state(GRID, 120 * MICRO, 0), seen_ns=0)


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        (b"\x00\xff\xfe garbage\n", ("a message is one line of JSON",)),
        (b"[" * 7000 + b"\n", ("a message is one line of JSON",)),
        (b'{"do": "tempo"}\n', ("micro_bpm is missing",)),
        (b'{"do": "drop tables"}\n', ("there is no command 'drop tables'",)),
        (LONG_COMMAND[:-1] + b" " * 2000 + b"\n", ("a message of ",)),
        (RESUME, ("the engine is playing already",)),
        (RESUME[:-1] + b" " * (MAX_RESUME_BYTES - len(RESUME)) + b"\n", ("a message of ",)),
        (b"x" * 1_000_000 + b"\n", (f"a line of more than {MAX_RESUME_BYTES} bytes", "")),
    ],
    ids=["garbage", "deep", "no argument", "no command", "too long", "resume", "64 KB resume", "a megabyte"],
)
def test_each_gets_a_clear_answer_or_is_dropped(click: Click, said: bytes, answers: tuple[str, ...]) -> None:
    click.play()
    guest = Guest(click.socket)
    guest.say(said)
    answer = guest.answer()
    assert any(answer.startswith(clear) for clear in answers if clear) or (answer == "" and "" in answers)
    guest.socket.close()
    assert click.panel.state.playing


@contextmanager
def flooding(click: Click, kind: str) -> Iterator[None]:
    """An attack (see flood.py) by another process, while what is inside goes on."""
    attacker = subprocess.Popen([sys.executable, "-m", "tests.drills.flood", click.socket, kind], cwd=ROOT)
    try:
        yield
        assert attacker.poll() is None, "the attack has failed"
    finally:
        attacker.kill()
        attacker.wait()


def ask_views(pair: Pair, seconds: float) -> list[int]:
    """How long a good client, come new each time, waits for its View."""
    took: list[int] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began_ns = time.monotonic_ns()
        good = EngineClient(pair.click.panel.state, time.monotonic_ns, None, pair.click.socket)

        def settled(good: EngineClient = good) -> bool:
            good.tend()
            return good.connected

        pair.until(settled)
        took.append(time.monotonic_ns() - began_ns)
        good.close()
        pair.tend(0.05)
    return took


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("commands", "8 KB commands, each right, as fast as they go"),
        ("garbage", "garbage and half messages, on connections that vanish"),
        ("megabytes", "lines of a megabyte"),
        ("resumes", "states of 64 KB to resume"),
    ],
)
def test_the_click_does_not_notice(pair: Pair, kind: str, says: str) -> None:
    pair.play()
    title = f"A client that sends {says}, for {ATTACK_S:.0f} s"
    with measured(pair, title, snare=kind != "commands"), flooding(pair.click, kind):
        took = ask_views(pair, ATTACK_S)
    report("A good client's wait for its View meanwhile", quantiles_ms(took))
    assert len(took) >= 5
    assert pair.click.panel.connected


@pytest.mark.parametrize("says", [b"", encode("watch"), b'{"do": "ha'], ids=["nothing", "watch", "half a message"])
def test_100_clients_that_never_read(pair: Pair, says: bytes) -> None:
    pair.play()
    with measured(pair, f"{DEAF} clients that say {says!r} and never read"), ExitStack() as opened:
        for _ in range(DEAF):
            guest = Guest(pair.click.socket)
            opened.callback(guest.socket.close)
            guest.say(says)
            pair.tend(0.005)
        took = ask_views(pair, ATTACK_S / 2)
        for turn in range(60):  # each is a View for every one of them
            pair.click.panel.send("gate", gate_ms=20 + turn % 20)
            pair.tend(0.02)
    report("A good client's wait for its View meanwhile", quantiles_ms(took))
    pair.until(lambda: pair.click.panel.connected)
    assert len(took) >= 5
