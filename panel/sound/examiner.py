"""The sound process's end of the trial: starts the warm process, hands it a patch, has the verdict some time later.

It must never wait for the trial: each call returns at once, and a trial that has died is started anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from typing import NamedTuple

_DEATHS = 2  # of the warm process over one patch
_PATIENCE_S = 1.0  # for its end


class Limits(NamedTuple):
    """What a patch may take: `own_s` of the processor and `limit_s` in all for the trial, `share` of real time for all
    its voices, `memory_mb` beyond what the trial itself takes.
    """

    own_s: float = 1.0
    limit_s: float = 3.0
    share: float = 0.6
    memory_mb: int = 256


class Verdict(NamedTuple):
    """What came out: `what` "" is fine. `share` of real time is what all voices take, `took_s` what the trial took,
    `wave` a cycle of a note: WAVE_POINTS from -100 to 100. `printed` is what the patch did: the first lines.
    """

    line: int
    what: str
    share: float = 0.0
    took_s: float = 0.0
    wave: tuple[int, ...] = ()
    printed: tuple[str, ...] = ()


class Examiner:
    """One trial at a time; asking again ends the one before. All calls from one thread."""

    def __init__(self, rate: int, voices: int, limits: Limits) -> None:
        """Start the warm process. Raises OSError where none can be started."""
        self._settings = {"rate": rate, "voices": voices, **limits._asdict()}
        self._number, self._order, self._deaths = 0, b"", 0
        self._start()

    def _start(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "panel.sound.trial"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            bufsize=0,
            process_group=0,  # Ctrl-C is for us; it ends when we do
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._orders, self._answers = self._child.stdin.fileno(), self._child.stdout.fileno()
        for end in (self._orders, self._answers):
            os.set_blocking(end, False)
        self._unsent, self._heard = self._order, b""
        with suppress(BrokenPipeError):  # it will be noticed when the verdict is asked for
            self._send()

    def fileno(self) -> int:
        """Readable when there may be a verdict. It changes when the trial has to be started anew."""
        return self._answers

    @property
    def pid(self) -> int:
        """The warm process."""
        return self._child.pid

    def ask(self, text: str, path: str, values: dict[str, float] | None = None) -> None:
        """Have a patch tried; its wave is drawn with params at `values`."""
        self._number, self._deaths = self._number + 1, 0
        order = {"number": self._number, "text": text, "path": path, "values": values or {}, **self._settings}
        self._order = json.dumps(order).encode() + b"\n"
        # What was sent in part has to be sent whole, else the next one could not be told from it.
        begun, newline, _ = self._unsent.partition(b"\n")
        self._unsent = begun + newline + self._order

    def verdict(self) -> Verdict | None:
        """The verdict on what was asked last, once; None while there is none. To be called again and again."""
        try:
            self._send()
            came = os.read(self._answers, 65536)
        except BlockingIOError:
            return None
        except BrokenPipeError:
            came = b""
        if not came:
            return self._died()
        *lines, self._heard = (self._heard + came).split(b"\n")
        for answer in map(json.loads, lines):
            if answer.pop("number") == self._number and self._order:
                self._order = b""
                lists = {name: tuple(answer.get(name, ())) for name in ("wave", "printed")}
                return Verdict(**{**answer, **lists})
        return None

    def close(self) -> None:
        """End the warm process, and with it what it tries."""
        for end in (self._child.stdin, self._child.stdout):
            if end:
                end.close()
        try:
            self._child.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def _send(self) -> None:
        with suppress(BlockingIOError):
            while self._unsent:
                self._unsent = self._unsent[os.write(self._orders, self._unsent) :]

    def _died(self) -> Verdict | None:
        self.close()
        self._deaths += 1
        hopeless = self._deaths > _DEATHS
        if hopeless:
            self._order = b""
        self._start()
        return Verdict(1, "it could not be tried: the trial ended without a word") if hopeless else None
