"""A process of the box that the panel starts: the engine, or the sound.

It must never die with the panel: what plays goes on.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Protocol

from panel.engine.place import runtime_folder


class Child(Protocol):
    """A process that was started, as subprocess.Popen is one."""

    def poll(self) -> int | None:
        """How it ended, None while it lives. Never waits; one that ended is a zombie until this is asked."""

    def terminate(self) -> None:
        """End it; nothing happens where it has ended."""


def spawned(package: str, *arguments: str) -> Child:
    """A package that is run in a session of its own, so that it outlives a panel that is killed, in our folder."""
    return subprocess.Popen(
        [sys.executable, "-m", package, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"DRUMASSIST_RUNTIME": runtime_folder()},
    )
