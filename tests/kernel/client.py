"""The project's own commands, run as from a drummer's shell, and a patient way to wait for what they do.

It must never import the project: what the tests know of it comes through its commands.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE_S = 600  # for a process, on a clock that leaps while one is loaded


def wait_for(question: Callable[[], T], timeout_s: float, pause_s: float = 0.02) -> T:
    """The first true answer; AssertionError with the last one when time is up."""
    deadline = time.monotonic() + timeout_s
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s; at last {answer!r}")
        time.sleep(pause_s)
    return answer


class Box:
    """One box with folders of its own; a context manager that leaves no process behind."""

    def __init__(self, folder: Path) -> None:
        """Data and runtime folders are made inside `folder`."""
        self.data = folder / "data"
        self.runtime = folder / "run"
        for made in (self.data, self.runtime):
            made.mkdir(parents=True, exist_ok=True)
        self._environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.runtime)}
        self.panels: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        for panel in self.panels:
            if panel.poll() is None:
                self.end(panel)
        self.run("stop", timeout_s=PATIENCE_S)

    def start(self, *arguments: str, display: str = "oled") -> subprocess.Popen[bytes]:
        """The panel as a process of its own; its words go to `panel.log` beside the data."""
        log = open(self.data.parent / "panel.log", "ab")  # noqa: SIM115  # the process keeps it
        command = self._command("--display", display, "--no-sound", "--data", str(self.data), *arguments)
        nothing = subprocess.DEVNULL
        panel = subprocess.Popen(command, env=self._environment, stdin=nothing, stdout=log, stderr=log)
        self.panels.append(panel)
        return panel

    def end(self, panel: subprocess.Popen[bytes], timeout_s: float = PATIENCE_S) -> int:
        """SIGTERM, and its exit code; killed, and AssertionError, if it doesn't end in time."""
        panel.send_signal(signal.SIGTERM)
        try:
            return panel.wait(timeout_s)
        except subprocess.TimeoutExpired:
            panel.kill()
            raise AssertionError(f"the panel did not end within {timeout_s} s") from None

    def run(self, *arguments: str, timeout_s: float = PATIENCE_S) -> subprocess.CompletedProcess[str]:
        """Another of the project's commands, to its end."""
        return subprocess.run(
            self._command(*arguments),
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """The running engine's View; {} where none runs."""
        done = self.run("status", "--json")
        answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
        return answer

    def log(self) -> str:
        """What the panels have said so far."""
        return (self.data.parent / "panel.log").read_text(errors="replace")

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "panel", *arguments]
