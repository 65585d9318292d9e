"""Where a patch is tried before it sounds: a warm process (`python -m panel.sound.trial`) that gives each patch a fork.

It must never hang on a patch: each fork has an alarm, a watchdog in C behind that, and at last is killed by its number.

A patch is the user's own code and may do whatever the user may: this is no sandbox, it only keeps mistakes from the
sound. A line of JSON comes in for each trial (see Examiner), one goes out with the verdict. A new one ends the one
before. The process ends with its standard input.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import resource
import select
import signal
import time
from contextlib import suppress
from typing import Any, NoReturn

import numpy as np

from panel.sound.audition import audition
from panel.sound.interrupt import Endless
from panel.sound.patch import Patch, PatchError, load_patch
from panel.sound.prints import listen
from panel.sound.quantum import QUANTUM
from panel.sound.realtime import be_ordinary
from panel.sound.synth import Synth
from panel.sound.wire import WAVE_POINTS

_MEASURED_QUANTA, _ROUNDS = 12, 3  # of the full polyphony: the fastest round counts
_DRAWN_AT, _DRAWN_QUANTA = 30, 14  # the drawing: behind the attack, two cycles of 110 Hz at 48 kHz
_WATCHDOG_S, _KILL_S = 0.2, 0.5  # after the alarm, if that was not heeded; after the watchdog, if even that was not
_WARM = '''"""Warm: makes whatever is made at its first use."""
from panel.sound.patch import *

osc, cut, env = saw(), lowpass(), adsr(0.01, 0.1, 0.8, 0.1)


def voice(note):
    return cut(osc(note.hz), 1000) * env(note)
'''
_LINE = re.compile(r'File "([^"]*)", line (\d+)')


def serve(source: int, answers: int) -> None:
    """Try what comes in on `source` until it ends."""
    waiting, fork = b"", None
    while True:
        timeout_s = None if fork is None else max(0.0, fork.killed_at_s - time.monotonic())
        ready, _, _ = select.select([source, *([fork.pipe] if fork else [])], [], [], timeout_s)
        if fork and (not ready or fork.pipe in ready):
            answer = fork.answer(timed_out=not ready)
            if answer is not None:
                os.write(answers, answer)
                fork = None
        if source in ready:
            came = os.read(source, 65536)
            *orders, waiting = (waiting + came).split(b"\n")
            if fork and (orders or not came):
                fork.end()
                fork = None
            if not came:
                return
            if orders:
                fork = _Fork(json.loads(orders[-1]), (source, answers))


class _Fork:
    """A trial that runs in a process of its own."""

    def __init__(self, order: dict[str, Any], others: tuple[int, ...]) -> None:
        self._order, self._heard = order, b""
        self.killed_at_s = time.monotonic() + order["limit_s"] + _WATCHDOG_S + _KILL_S
        self.pipe, end = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            for unused in (self.pipe, *others):
                os.close(unused)
            _run(order, end)
        os.close(end)

    def answer(self, timed_out: bool) -> bytes | None:
        """The verdict as a line; None while there is none yet."""
        came = b"" if timed_out else os.read(self.pipe, 65536)
        self._heard += came
        if came:
            return None
        self.end()
        try:
            verdict = json.loads(self._heard.decode())
        except ValueError:
            verdict = self._died(self._heard.decode(errors="replace"), timed_out)
        return json.dumps({"number": self._order["number"], **verdict}).encode() + b"\n"

    def end(self) -> None:
        """Kill it, should it still be there."""
        os.close(self.pipe)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def _died(self, trace: str, timed_out: bool) -> dict[str, Any]:
        """What the watchdog wrote says where it hung, or crashed."""
        path = self._order["path"]
        lines = [int(line) for file, line in _LINE.findall(trace) if file == path]
        hung = timed_out or "Timeout" in trace
        what = f"not done after {self._order['limit_s']:g} s" if hung else "it ends the whole process"
        return {"line": lines[0] if lines else 1, "what": what}


def _run(order: dict[str, Any], end: int) -> NoReturn:
    """In the fork: the verdict goes to the pipe, or what the watchdog has seen."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    faulthandler.enable(file=end)
    faulthandler.dump_traceback_later(order["limit_s"] + _WATCHDOG_S, exit=True, file=end)
    _limit_memory(order["memory_mb"])
    printed = listen()
    verdict = {**_verdict(order), "printed": printed}
    faulthandler.cancel_dump_traceback_later()
    os.write(end, json.dumps(verdict).encode())
    os._exit(0)


def _verdict(order: dict[str, Any]) -> dict[str, Any]:
    path, rate = order["path"], order["rate"]
    try:
        with _alarm(order["limit_s"], order["own_s"]):
            began_s = time.perf_counter()
            patch = load_patch(order["text"], path)
            audition(patch, rate)
            share = busiest(patch, rate, order["voices"])
            wave = drawn(patch, rate, order["values"])
    except PatchError as fault:
        return {"line": fault.line, "what": fault.what.removeprefix("Endless: ")}
    except Endless as fault:
        return {"line": 1, "what": str(fault)}
    if share > order["share"]:
        voices = min(order["voices"], patch.polyphony or order["voices"])
        what = f"too slow: {voices} voices take {share:.0%} of the time there is, at most {order['share']:.0%} may"
        return {"line": patch.voice_line, "what": what}
    return {"line": 0, "what": "", "share": share, "took_s": time.perf_counter() - began_s, "wave": wave}


class _alarm:  # noqa: N801 - reads as a sentence
    """Raises Endless in whatever takes too long: of the world's time, or sooner of its own."""

    def __init__(self, limit_s: float, own_s: float) -> None:
        self._rings = ((signal.SIGALRM, signal.ITIMER_REAL, limit_s), (signal.SIGPROF, signal.ITIMER_PROF, own_s))

    def __enter__(self) -> None:
        for bell, timer, after_s in self._rings:
            signal.signal(bell, self._ring)
            signal.setitimer(timer, after_s)

    def __exit__(self, *_raised: object) -> None:
        for _bell, timer, _after_s in self._rings:
            signal.setitimer(timer, 0)

    def _ring(self, number: int, _frame: object) -> None:
        raise Endless(next(f"not done after {after_s:g} s" for ring, _, after_s in self._rings if ring == number))


def busiest(patch: Patch, rate: int, voices: int) -> float:
    """What all its voices take of real time, as a share. In processor time: who else is busy does not count."""
    synth, out = Synth(patch, rate, voices), np.zeros((QUANTUM, 2), np.float32)
    for voice in range(voices):
        synth.note_on(0, voice % 16, 36 + voice % 48, 100)
    shares, frame = [], 0
    for _ in range(_ROUNDS):
        began_ns = time.thread_time_ns()
        for _ in range(_MEASURED_QUANTA):
            synth.render(frame, out)
            frame += QUANTUM
        shares.append((time.thread_time_ns() - began_ns) / (_MEASURED_QUANTA * QUANTUM * 1e9 / rate))
    return min(shares)


def drawn(patch: Patch, rate: int, values: dict[str, float]) -> list[int]:
    """Two cycles of a low A that was just struck, as WAVE_POINTS from -100 to 100; as high as it goes."""
    synth, out = Synth(patch, rate), np.zeros((_DRAWN_AT + _DRAWN_QUANTA, QUANTUM, 2), np.float32)
    for knob in patch.knobs:
        synth.set_param(knob.name, values.get(knob.name, knob.default))
    synth.note_on(0, 0, 45, 100)
    for n, quantum in enumerate(out):
        synth.render(n * QUANTUM, quantum)
    sound = out[_DRAWN_AT:, :, 0].ravel()
    points = np.linspace(0, min(len(sound) - 1, 2 * rate / 110), WAVE_POINTS, endpoint=False)
    wave = np.interp(points, np.arange(len(sound)), sound)
    return [round(100 * value / max(1e-6, float(np.abs(wave).max()))) for value in wave.tolist()]


def _limit_memory(more_mb: int) -> None:
    """So much more than now. Where the system has no such limit there is none."""
    with suppress(OSError, ValueError):
        with open("/proc/self/statm", encoding="ascii") as sizes:
            now = int(sizes.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + (more_mb << 20),) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _warm_up() -> None:
    """Everything that is made at its first use is made now, and belongs to every fork."""
    with suppress(PatchError):
        patch = load_patch(_WARM, "warm")
        audition(patch, 48000)


if __name__ == "__main__":
    be_ordinary()
    _warm_up()
    serve(0, 1)
