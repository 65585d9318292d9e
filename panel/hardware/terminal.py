"""The panel in a terminal: the picture of the OLED in Braille, and keys for the hands.

It must never leave the terminal other than it found it, nor write what stands on the screen already.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from PIL import Image

from panel.controls import Gesture, Input, Meant
from panel.display import HEIGHT, WIDTH
from panel.hardware.errors import DeviceMissing
from panel.hardware.keys import meaning, split
from panel.hardware.sheet import arrange, news, style_for

_ENTER = "\x1b[?1049h\x1b[?25l"  # the other screen, and no cursor
_LEAVE = "\x1b[0m\x1b[?25h\x1b[?1049l"
_CLEAR = "\x1b[2J"
_PLAIN, _FAINT = "\x1b[0m", "\x1b[0;2m"
_FAINT_BELOW = 128

# The places in what tcgetattr gives.
_INPUT, _LOCAL, _CHARACTERS = 0, 3, 6


class TerminalPanel:
    """A Display and Controls at once, on a terminal that it has for itself until close().

    For one thread; the main one, if it is to notice by itself that the window changes its size. It closes
    itself when Python exits, also by an exception; not by a signal, which the program has to catch.
    """

    def __init__(
        self,
        in_fd: int = 0,
        out_fd: int = 1,
        *,
        encoding: str | None = None,
        term: str | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Take the terminal over. DeviceMissing where there isn't one, or it can't move its cursor.

        `encoding` and `term` choose how the picture is drawn; None asks Python, and $TERM.
        """
        term = os.environ.get("TERM", "") if term is None else term
        _must_be_a_terminal(in_fd, out_fd, term)
        self.list_mode = False  # a list is shown: the down key moves its cursor down, which is clockwise
        self._in, self._out, self._clock = in_fd, out_fd, clock
        self._encoding = encoding or sys.stdout.encoding
        self._style = style_for(self._encoding, term)
        self._begun = b""  # of an escape sequence
        self._gone = False
        self._blank = self._style.draw(Image.new("1", (WIDTH, HEIGHT)))
        self._picture = self._blank
        self._look, self._dark = _PLAIN, False
        self._shown: list[str] | None = None  # None: nobody knows
        self._size: tuple[int, int] | None = None
        self._drawing = self._again = False
        self._found: list[Any] | None = None
        self._take_over()

    def fileno(self) -> int:
        """The keyboard."""
        return self._in

    def read(self) -> Iterator[Input]:
        """The keys since the last time, with the stamp of now; Quit when the terminal has gone.

        Each is read as `list_mode` is when it is asked for: the key before it may have opened a list.
        """
        typed = self._begun + self._waiting()
        stamp_ns = self._clock()
        keys, self._begun = split(typed)
        return self._meant(keys, stamp_ns)

    def show(self, image: Image.Image) -> bool:
        """Write what differs from the screen; False when the terminal can't be written to."""
        self._picture = self._style.draw(image)
        return self._draw()

    def dim(self, level: int) -> None:
        """Faint below 128, dark at 0: a terminal knows no more."""
        look = _FAINT if level < _FAINT_BELOW else _PLAIN
        if look != self._look:
            self._look, self._shown = look, None
        self._dark = level <= 0
        self._draw()

    def renew(self) -> None:
        """Write the whole screen with the next picture: another program may have written over it."""
        self._shown = None

    def close(self) -> None:
        """Give the terminal back as it was; may be called twice."""
        found, self._found = self._found, None
        if found is None:
            return
        atexit.unregister(self.close)
        if self._resize_before is not None:
            signal.signal(signal.SIGWINCH, self._resize_before)
        with contextlib.suppress(OSError, termios.error):  # it may have gone
            self._write(_LEAVE)
            termios.tcsetattr(self._in, termios.TCSAFLUSH, found)

    def _take_over(self) -> None:
        self._found = termios.tcgetattr(self._in)
        atexit.register(self.close)
        termios.tcsetattr(self._in, termios.TCSAFLUSH, _key_by_key(termios.tcgetattr(self._in)))
        self._resize_before: Any = None
        if threading.current_thread() is threading.main_thread():
            self._resize_before = signal.signal(signal.SIGWINCH, self._resized) or signal.SIG_DFL
        self._write(_ENTER)
        self._draw()

    def _meant(self, keys: list[str], stamp_ns: int) -> Iterator[Input]:
        for key in keys:
            if event := meaning(key, stamp_ns, on_a_list=self.list_mode):
                yield event
        if self._gone:
            yield Meant(Gesture.QUIT, stamp_ns)

    def _waiting(self) -> bytes:
        """What was typed. Asks before it reads: O_NONBLOCK would be set for all who share the terminal."""
        if self._found is None or self._gone or not select.select([self._in], [], [], 0)[0]:
            return b""
        try:
            typed = os.read(self._in, 1024)
        except OSError:
            typed = b""
        self._gone = not typed
        return typed

    def _resized(self, _signal: int, _frame: FrameType | None) -> None:
        """Runs between any two instructions of the main thread, so perhaps between two of a drawing."""
        if self._drawing:
            self._again = True
        else:
            self._draw()

    def _draw(self) -> bool:
        if self._found is None:
            return False
        self._drawing, self._again = True, False
        try:
            self._bring_up_to_date()
        except OSError:
            self._shown = None
            return False
        finally:
            self._drawing = False
        return self._draw() if self._again else True

    def _bring_up_to_date(self) -> None:
        size = os.get_terminal_size(self._out)
        if size != self._size:
            self._size, self._shown = size, None
        sheet = arrange(self._style, self._blank if self._dark else self._picture, *size)
        fresh = self._look + _CLEAR if self._shown is None else ""
        text = fresh + news(self._shown or [], sheet)
        if text:
            self._write(text)
        self._shown = sheet

    def _write(self, text: str) -> None:
        data = text.encode(self._encoding, errors="replace")
        while data:
            data = data[os.write(self._out, data) :]


def _must_be_a_terminal(in_fd: int, out_fd: int, term: str) -> None:
    if not (os.isatty(in_fd) and os.isatty(out_fd)):
        raise DeviceMissing("input or output is not a terminal: redirect neither, or take --display none")
    if term in ("", "dumb"):
        raise DeviceMissing(f"a terminal with TERM={term} can't move its cursor: use another one")


def _key_by_key(modes: list[Any]) -> list[Any]:
    """These modes, but each key at once and unseen; Ctrl-C, Ctrl-Z and Ctrl-S are keys too."""
    modes[_INPUT] &= ~(termios.IXON | termios.ISTRIP | termios.INLCR)
    modes[_LOCAL] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    modes[_CHARACTERS][termios.VMIN], modes[_CHARACTERS][termios.VTIME] = 1, 0
    return modes
