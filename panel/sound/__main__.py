"""The sound's process: `python -m panel.sound`, or `drumassist sound`.

It must never start beside another, nor raise at a machine that has no sound: it says so and waits for some.
"""

from __future__ import annotations

import argparse
import fcntl
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from panel.datafiles import default_data_folder
from panel.engine.place import make_runtime_folder
from panel.engine.server import Server
from panel.failure import NOT_TO_BE_HAD, Failure
from panel.sound.realtime import CONTROL_PRIORITY, be_punctual
from panel.sound.typed import HELP
from panel.sound.wire import LOCK, NO_FOLDER, NO_LIBRARIES, RUNNING, SOCKET, WireError, decode, encode

if TYPE_CHECKING:
    from panel.sound.process import Sound

USAGE = """usage: python -m panel.sound [--data DIR]

The process that makes the box's own sound: kits, patches, and the click where no module plays it. The panel starts it;
so does systemd. It meets the panel, and the engine, in $DRUMASSIST_RUNTIME, $RUNTIME_DIRECTORY or
$XDG_RUNTIME_DIR/drumassist.

  --data DIR  the folder with your own kits/ and patches/
"""
_ENDS = {
    RUNNING: "the sound is running already: `drumassist stop` ends it",
    NO_LIBRARIES: "the libraries for sound are missing: pip install 'drumassist[sound]', and apt install libportaudio2",
}
SWITCH_S = 0.0005  # how long another thread may keep Python from the audio thread


def do_sound(options: argparse.Namespace) -> int:
    """drumassist sound"""
    chosen = {"click": options.kit, "kit": options.kit} if options.kit else {}
    commands = [encode("kit", bus=bus, name=name) for bus, name in chosen.items()]
    commands += [encode("patch", name=options.patch)] if options.patch else []
    commands += [encode("device", name=options.device)] if options.device else []
    code = run(options.data, tuple(commands), _say)
    if code:
        raise Failure(_ENDS[code], NOT_TO_BE_HAD)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str]) -> int:
    """Run until told to end. Returns 0, 2 for wrong usage, 3 where another runs, 4 where a library is missing, 5 where
    the runtime folder can't be used.
    """
    if arguments and (len(arguments) != 2 or arguments[0] != "--data"):
        sys.stderr.write(USAGE)
        return 2
    try:
        code = run(Path(arguments[1]) if arguments else default_data_folder())
    except Failure as failure:
        sys.stderr.write(f"{failure}\n")
        return NO_FOLDER
    sys.stderr.write(f"{_ENDS[code]}\n" if code else "")
    return code


def run(data: Path, commands: tuple[bytes, ...] = (), say: Callable[[str], None] | None = None) -> int:
    """The process, until it is told to end: 0, or one of _ENDS. `say` is told what a terminal should.

    Raises Failure where the runtime folder can't be used, or a command names what is not there.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small products: threads would only get in the click's way
    try:
        from panel.sound.process import Sound
    except (ImportError, OSError):  # OSError: PortAudio's own library is not there
        return NO_LIBRARIES
    try:
        folder = make_runtime_folder()
        lock = open(os.path.join(folder, LOCK), "w")  # noqa: SIM115 - held until the process ends
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server = Server(os.path.join(folder, SOCKET))
    except BlockingIOError:
        return RUNNING
    except OSError as error:
        raise Failure(f"the runtime folder can't be used: {error}", NOT_TO_BE_HAD) from error
    be_punctual(CONTROL_PRIORITY)
    terminal = sys.stdin.fileno() if say and sys.stdin and sys.stdin.isatty() else None
    sound = Sound(data, server, time.monotonic_ns, say, terminal)
    _choose(sound, commands)
    if say and terminal is not None:
        say(HELP)

    def end(*_: object) -> None:
        sound.ended = True

    signal.set_wakeup_fd(sound.wake_descriptor, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()  # and no collection in the middle of a block: what is made later is freed by counting
    gc.disable()
    sound.run()
    if not sound.device.is_stuck:
        return 0
    if not sound.ended:
        os.execv(sys.executable, [*sys.orig_argv])
    os._exit(0)  # Python's own end would wait for that device


def _choose(sound: Sound, commands: tuple[bytes, ...]) -> None:
    """What the command line says. Raises Failure for what is not there, the sound given back."""
    try:
        for command in commands:
            sound.do(decode(command[:-1]))
    except WireError as error:
        sound.close()
        raise Failure(str(error)) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
