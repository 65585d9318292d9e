"""The panel in a pseudo-terminal: keys in, the picture out, and the terminal as it was afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from panel.controls import Gesture, Input, Meant, Turn
from panel.display import HEIGHT, WIDTH
from panel.hardware.cells import ASCII, braille, halves
from panel.hardware.errors import DeviceMissing
from panel.hardware.terminal import TerminalPanel
from tests.hardware.fakes import Clock
from tests.hardware.screen import Screen

END = b"\0end\0"  # written behind what is tested: when it has come, so has the rest
PATIENCE_S = 10


class Terminal:
    """A pseudo-terminal: the program's end, and what a person in front of the other sees and types."""

    def __init__(self, columns: int = 64, lines: int = 18) -> None:
        self.hand, self.fd = os.openpty()
        self.screen = Screen(columns, lines)
        self.raw = b""
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.fd)

    def resize(self, columns: int, lines: int) -> None:
        termios.tcsetwinsize(self.fd, (lines, columns))
        self.screen.resize(columns, lines)

    def look(self, encoding: str = "utf-8") -> list[str]:
        """What is on the screen now; `raw` has the bytes since the last look."""
        with self.watched(encoding):
            pass
        return self.screen.rows()

    @contextlib.contextmanager
    def watched(self, encoding: str = "utf-8") -> Iterator[None]:
        """Read meanwhile: a pseudo-terminal holds 8 KB, and who writes more waits until someone reads."""
        reader = threading.Thread(target=self._read_to_the_end)
        reader.start()
        yield
        os.write(self.fd, END)
        reader.join(PATIENCE_S)
        assert self.raw.endswith(END), "nothing more comes"
        self.raw = self.raw.removesuffix(END)
        self.screen.feed(self.raw.decode(encoding))

    def _read_to_the_end(self) -> None:
        self.raw = b""
        while not self.raw.endswith(END):
            if not select.select([self.hand], [], [], PATIENCE_S)[0]:
                return
            self.raw += os.read(self.hand, 65536)

    def type(self, panel: TerminalPanel, keys: bytes) -> list[Input]:
        """Type, and what the panel reads of it."""
        os.write(self.hand, keys)
        assert select.select([panel], [], [], PATIENCE_S)[0], "no key comes"
        return list(panel.read())

    def modes(self) -> list[Any]:
        return termios.tcgetattr(self.fd)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    for fd in (terminal.hand, terminal.fd):
        os.close(fd)


@pytest.fixture
def panel(terminal: Terminal) -> Iterator[TerminalPanel]:
    panel = TerminalPanel(terminal.fd, terminal.fd, encoding="utf-8", term="xterm", clock=Clock(77))
    yield panel
    panel.close()


def noise(seed: int) -> Image.Image:
    return Image.frombytes("1", (WIDTH, HEIGHT), random.Random(seed).randbytes(WIDTH * HEIGHT // 8))


def test_the_picture_that_is_shown_is_on_the_screen(terminal: Terminal, panel: TerminalPanel) -> None:
    for seed in range(3):
        assert panel.show(noise(seed))
        rows = terminal.look()
        assert rows[:16] == braille(noise(seed))
        assert rows[16].startswith("↑↓ turn│Enter press│")


def test_only_what_changed_is_written(terminal: Terminal, panel: TerminalPanel) -> None:
    image = noise(1)
    panel.show(image)
    terminal.look()
    panel.show(image)
    terminal.look()
    assert terminal.raw == b""
    for x in (40, 41, 44):
        image.putpixel((x, 21), 1 - bool(image.getpixel((x, 21))))
    panel.show(image)
    assert terminal.look()[:16] == braille(image)
    assert len(terminal.raw.decode()) == len("\x1b[6;21H") + 3


def test_renewed_it_writes_over_what_another_program_has_written(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.show(noise(1))
    terminal.look()
    os.write(terminal.fd, b"\x1b[3;5Ha message from the kernel")
    assert panel.show(noise(1))
    assert terminal.look()[:16] != braille(noise(1))
    panel.renew()
    assert panel.show(noise(1))
    assert terminal.look()[:16] == braille(noise(1))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (b"\x1b[A", Turn(+1, 77)),
        (b"\x1bOB", Turn(-1, 77)),
        (b"\r", Meant(Gesture.PRESS, 77)),
        (b"\n", Meant(Gesture.PRESS, 77)),
        (b"\x7f", Meant(Gesture.BACK, 77)),
        (b"\x1b[H", Meant(Gesture.HOME, 77)),
        (b"T", Meant(Gesture.TAP, 77)),
        (b" ", Meant(Gesture.START, 77)),
        (b"n", Meant(Gesture.NEXT, 77)),
        (b"q", Meant(Gesture.QUIT, 77)),
        (b"\x03", Meant(Gesture.QUIT, 77)),
    ],
)
def test_a_key_is_an_input(terminal: Terminal, panel: TerminalPanel, typed: bytes, found: Input) -> None:
    assert terminal.type(panel, typed) == [found]
    assert list(panel.read()) == []
    terminal.look()
    assert b"^" not in terminal.raw, "nothing that is typed is echoed"


def test_on_a_list_the_down_key_goes_down(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.list_mode = True
    assert terminal.type(panel, b"\x1b[B") == [Turn(+1, 77)]
    panel.list_mode = False
    assert terminal.type(panel, b"\x1b[B") == [Turn(-1, 77)]


def test_a_key_is_read_as_the_key_before_it_left_the_screen(terminal: Terminal, panel: TerminalPanel) -> None:
    os.write(terminal.hand, b"\r\x1b[B")
    assert select.select([panel], [], [], PATIENCE_S)[0], "no key comes"
    keys = iter(panel.read())
    assert next(keys) == Meant(Gesture.PRESS, 77)
    panel.list_mode = True  # the press has opened a list
    assert list(keys) == [Turn(+1, 77)]


def test_a_sequence_may_come_in_parts(terminal: Terminal, panel: TerminalPanel) -> None:
    assert terminal.type(panel, b"t\x1b") == [Meant(Gesture.TAP, 77)]
    assert terminal.type(panel, b"[") == []
    assert terminal.type(panel, b"A ") == [Turn(1, 77), Meant(Gesture.START, 77)]


def test_nothing_typed_is_nothing_and_never_waits(panel: TerminalPanel) -> None:
    assert list(panel.read()) == []


def test_the_keys_that_would_stop_the_program_are_only_keys(terminal: Terminal, panel: TerminalPanel) -> None:
    assert terminal.type(panel, b"\x1a\x13\x1c\x16t") == [Meant(Gesture.TAP, 77)]


def test_close_gives_the_terminal_back(terminal: Terminal, panel: TerminalPanel) -> None:
    handler = signal.getsignal(signal.SIGWINCH)
    terminal.look()
    assert terminal.screen.modes == {"?1049"}
    assert terminal.modes() != terminal.before
    panel.close()
    terminal.look()
    assert terminal.screen.modes == {"?25"}
    assert terminal.modes() == terminal.before
    assert signal.getsignal(signal.SIGWINCH) != handler
    panel.close()
    assert not panel.show(noise(1))
    assert list(panel.read()) == []
    terminal.look()
    assert terminal.raw == b""


def test_a_window_of_another_size_is_drawn_anew_at_once(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.show(noise(1))
    terminal.look()
    terminal.resize(90, 30)
    signal.raise_signal(signal.SIGWINCH)
    rows = terminal.look()
    assert rows[5] == " " * 12 + "╭" + "─" * 64 + "╮"
    assert [row[13:77] for row in rows[6:22]] == braille(noise(1))
    assert "?" not in "".join(rows)


def test_so_it_is_when_the_signal_was_not_heard(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.show(noise(1))
    terminal.look()
    terminal.resize(70, 19)
    panel.show(noise(1))
    assert [row[3:67] for row in terminal.look()[:16]] == braille(noise(1))


def test_a_signal_in_the_middle_of_a_drawing_is_drawn_after_it(
    terminal: Terminal, panel: TerminalPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.look()
    write, resized = os.write, list[bool]()

    def interrupted(fd: int, data: bytes) -> int:
        if not resized:
            resized.append(True)
            terminal.resize(80, 24)
            signal.raise_signal(signal.SIGWINCH)
        return write(fd, data)

    monkeypatch.setattr("os.write", interrupted)
    assert panel.show(noise(1))
    monkeypatch.undo()
    terminal.screen.resize(130, 40)  # the first drawing was for 64x18, and stands in the new window as it may
    terminal.look()
    assert [row[8:72] for row in terminal.screen.rows()[3:19]] == braille(noise(1))


def test_too_small_a_window_says_so_and_recovers(terminal: Terminal, panel: TerminalPanel) -> None:
    terminal.look()
    terminal.resize(60, 10)
    panel.show(noise(1))
    assert [row for row in terminal.look() if row] == ["This window is 60x10; DrumAssist needs 64x18"]
    terminal.resize(64, 18)
    panel.show(noise(1))
    assert terminal.look()[:16] == braille(noise(1))


def test_a_slow_terminal_that_takes_little_at_a_time_gets_it_all(
    terminal: Terminal, panel: TerminalPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr("os.write", lambda fd, data: write(fd, data[:100]))
    assert panel.show(noise(1))
    monkeypatch.undo()
    assert terminal.look()[:16] == braille(noise(1))


def test_after_an_error_everything_is_written_anew(
    terminal: Terminal, panel: TerminalPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = noise(1)
    panel.show(image)
    terminal.look()

    def fails(fd: int, data: bytes) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.write", fails)
    image.putpixel((60, 30), 1 - bool(image.getpixel((60, 30))))
    assert not panel.show(image)
    monkeypatch.undo()
    terminal.screen.resize(64, 18)  # whatever was there is not to be relied on
    assert panel.show(image)
    assert terminal.look()[:16] == braille(image)


def test_brightness_and_dark(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.show(noise(1))
    panel.dim(20)
    assert terminal.look()[:16] == braille(noise(1))
    assert terminal.screen.faint
    panel.dim(0)
    assert set("".join(terminal.look()[:16])) == {"\u2800"}
    panel.dim(255)
    assert terminal.look()[:16] == braille(noise(1))
    assert not terminal.screen.faint


@pytest.mark.parametrize(("encoding", "term", "glyphs"), [("utf-8", "linux", " ▀▄█"), ("ascii", "xterm", ASCII)])
def test_without_braille_the_same_picture_is_larger(encoding: str, term: str, glyphs: str) -> None:
    terminal = Terminal(128, 34)
    with terminal.watched(encoding):
        panel = TerminalPanel(terminal.fd, terminal.fd, encoding=encoding, term=term)
        panel.show(noise(1))
    assert terminal.screen.rows()[:32] == [row.rstrip() for row in halves(noise(1), glyphs)]
    panel.close()
    for fd in (terminal.hand, terminal.fd):
        os.close(fd)


def test_a_terminal_that_has_gone_is_quit(terminal: Terminal, panel: TerminalPanel) -> None:
    os.close(terminal.hand)
    assert list(panel.read()) == [Meant(Gesture.QUIT, 77)]
    assert not panel.show(noise(1))
    panel.close()
    terminal.hand = os.open(os.devnull, os.O_RDONLY)  # for the fixture to close


def test_what_is_no_terminal_is_one_clear_line(terminal: Terminal) -> None:
    reading, writing = os.pipe()
    for in_fd, out_fd in ((reading, terminal.fd), (terminal.fd, writing)):
        with pytest.raises(DeviceMissing, match="input or output is not a terminal"):
            TerminalPanel(in_fd, out_fd, term="xterm")
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("term", ["", "dumb"])
def test_a_terminal_without_a_cursor_is_refused(terminal: Terminal, term: str) -> None:
    with pytest.raises(DeviceMissing, match="can't move its cursor"):
        TerminalPanel(terminal.fd, terminal.fd, term=term)
    assert terminal.modes() == terminal.before


@pytest.mark.parametrize(
    "end",
    [
        "raise RuntimeError('crashed')",
        "sys.exit(3)",
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(4)); signal.raise_signal(signal.SIGTERM)",
    ],
)
def test_however_the_program_ends_the_terminal_is_as_it_was(terminal: Terminal, end: str) -> None:
    code = f"import signal, sys\nfrom panel.hardware.terminal import TerminalPanel\nTerminalPanel()\n{end}\n"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm"}
    ended = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        stdin=terminal.fd, stdout=terminal.fd, stderr=subprocess.PIPE, env=environment, check=False,
    )  # fmt: skip
    assert ended.returncode in (1, 3, 4)
    assert terminal.modes() == terminal.before
    terminal.look()
    assert b"\x1b[?1049h" in terminal.raw
    assert terminal.screen.modes == {"?25"}
