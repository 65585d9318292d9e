"""The engine's process: `python -m panel.engine`.

It must never start beside another: one lock in the runtime folder decides who is the engine.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time

from panel.engine import realtime
from panel.engine.engine import START_AHEAD_NS, Engine
from panel.engine.loop import Loop
from panel.engine.outlet import Port
from panel.engine.place import LOCK, SOCKET, make_runtime_folder
from panel.engine.ports import Patchbay
from panel.engine.recording import FilePort
from panel.engine.rtmidi_sequencer import RtMidiSequencer
from panel.engine.server import Server
from panel.engine.spin import DEFAULT_NS, Spin
from panel.engine.state import stopped_state
from panel.engine.warm import warm_up
from panel.engine.wire import MAX_SPIN_US
from panel.music.meter import Meter
from panel.music.pattern import ACCENT, HIT, Pattern, Row
from panel.music.tempo import DEFAULT_MICRO_BPM

USAGE = """usage: python -m panel.engine [--record FILE] [--spin-us N]

The process that keeps time and owns the MIDI ports. The panel starts it; so does systemd. It meets the panel in
$DRUMASSIST_RUNTIME, $RUNTIME_DIRECTORY or $XDG_RUNTIME_DIR/drumassist.

  --record FILE  also write every message to FILE, a line each: due time and time of writing (ns), bytes in hex
  --spin-us N    spin for the last N microseconds before a write (0 to 1000, default 100)
"""
FIRST_PATTERN = Pattern("4/4", Meter.of(4, 4), (Row("rim", ACCENT + HIT * 3),))


def main(arguments: list[str]) -> int:
    """Run until told to end. Returns 0, 2 for wrong usage, 3 where another engine runs or this one can't."""
    options = _options(arguments)
    if options is None:
        sys.stderr.write(USAGE)
        return 2
    try:
        folder = make_runtime_folder()
        lock = open(os.path.join(folder, LOCK), "w")  # noqa: SIM115 - held until the process ends
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write("an engine is running already: `drumassist stop` ends it\n")
        return 3
    except OSError as error:
        sys.stderr.write(f"the runtime folder can't be used: {error}\n")
        return 3
    try:
        loop = _loop(folder, *options)
    except OSError as error:
        sys.stderr.write(f"the engine can't start: {error}\n")
        return 3
    loop.run()
    return 0


def _options(arguments: list[str]) -> tuple[str, int] | None:
    record, spin_us = "", str(DEFAULT_NS // 1000)
    rest = list(arguments)
    while rest:
        name = rest.pop(0)
        if name == "--record" and rest:
            record = rest.pop(0)
        elif name == "--spin-us" and rest:
            spin_us = rest.pop(0)
        else:
            return None
    return (record, int(spin_us)) if spin_us.isdecimal() and int(spin_us) <= MAX_SPIN_US else None


def _loop(folder: str, record: str, spin_us: int) -> Loop:
    """An engine ready to run, that a signal ends."""
    clock = time.monotonic_ns
    extra: tuple[Port, ...] = (FilePort(record, clock),) if record else ()
    patchbay = Patchbay(RtMidiSequencer.open_system, extra)
    server = Server(os.path.join(folder, SOCKET))
    warm_up(FIRST_PATTERN)
    state = stopped_state(FIRST_PATTERN, DEFAULT_MICRO_BPM, clock())
    engine = Engine(state, patchbay, clock(), realtime.prepare(), os.getpid(), START_AHEAD_NS)
    loop = Loop(engine, patchbay, server, clock, spin=Spin(spin_us * 1000, realtime.cores()))

    def end(*_: object) -> None:
        loop.ended = True

    signal.set_wakeup_fd(loop.wake_descriptor, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    return loop


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
