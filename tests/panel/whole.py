"""The whole panel in a pseudo-terminal, a process like a drummer's: keys in, the picture out.

It must never leave a process behind, nor know more of the panel than its screen shows.
"""

from __future__ import annotations

import codecs
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from panel.canvas import Canvas
from panel.display import HEIGHT, WIDTH
from panel.gallery import Scene
from tests.hardware.screen import Screen

PATIENCE_S = 60
COLUMNS, LINES = 70, 20
READ_BYTES = 20_000  # some frames
# The dots of a Braille cell, by bit: three down on the left, three on the right, then the fourth row.
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))


class Whole:
    """A panel that was started in a terminal, and a second shell beside it.

    `module` is run in place of `panel`, with the same words behind it: a panel in which something breaks.
    """

    def __init__(
        self, folder: Path, module: tuple[str, ...] = ("panel",), display: str = "terminal", **environment: str
    ) -> None:
        self.hand, self.fd = pty.openpty()
        termios.tcsetwinsize(self.fd, (LINES, COLUMNS))
        self.before = termios.tcgetattr(self.fd)
        self.environment = os.environ | {
            "DRUMASSIST_RUNTIME": str(folder / "runtime"),
            "TERM": "xterm-256color",
            "PYTHONIOENCODING": "utf-8",
            **environment,
        }
        self._words = [sys.executable, "-m", "panel", "--data", str(folder / "data")]
        own_words = [sys.executable, "-m", *module, *self._words[3:]]
        self.process = subprocess.Popen(
            [*own_words, "--display", display, "--no-sound"],
            env=self.environment,
            stdin=self.fd,
            stdout=self.fd,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.screen = Screen(COLUMNS, LINES)
        self.said = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def type(self, keys: str) -> None:
        """Type, as a hand would."""
        os.write(self.hand, keys.encode())

    def status(self) -> dict[str, Any]:
        """`drumassist status --json` in a second shell; empty while there is no engine."""
        ran = subprocess.run([*self._words, "status", "--json"], env=self.environment, capture_output=True, text=True)
        return json.loads(ran.stdout) if ran.returncode == 0 else {}

    def wait_for(self, done: Callable[[], object]) -> None:
        """Read on until it is so: another process works."""
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < deadline, "\n".join(self.screen.rows())
            self.read()

    def says(self, text: str) -> bool:
        """Whether that has come out of its stderr by now, which is the journal under systemd."""
        assert self.process.stderr
        fd = self.process.stderr.fileno()
        while select.select([fd], [], [], 0)[0] and (data := os.read(fd, 65536)):
            self.said += data.decode()
        return text in self.said

    def shows(self, x: int, y: int, text: str, font: str, bold: bool = False) -> bool:
        """Whether the picture has a text at a place."""
        wanted = Canvas()
        wanted.text(x, y, text, font, bold=bold)
        box = wanted.image.getbbox()
        assert box
        return self.picture.crop(box).tobytes() == wanted.image.crop(box).tobytes()

    def shows_row(self, row: int, text: str) -> bool:
        """Whether a list has a row with that text, the cursor not on it."""
        return self.shows(1, 13 + 12 * row, text, "small")

    def shows_bpm(self, bpm: int) -> bool:
        """Whether Live shows a tempo, at the place that it never leaves."""
        expected = Scene()
        expected.client.send("tempo", micro_bpm=bpm * 1_000_000)
        box = (32, 14, 94, 44)
        return self.picture.crop(box).tobytes() == expected.picture.crop(box).tobytes()

    @property
    def picture(self) -> Image.Image:
        """The frame that the Braille characters are."""
        image = Image.new("1", (WIDTH, HEIGHT))
        rows = ["".join(row) for row in self.screen.grid]
        left = min((at for row in rows for at, char in enumerate(row) if "\u2800" <= char <= "\u28ff"), default=0)
        top = next((at for at, row in enumerate(rows) if "\u2800" <= row[left] <= "\u28ff"), 0)
        for y, row in enumerate(rows[top : top + HEIGHT // 4]):
            for x, char in enumerate(row[left : left + WIDTH // 2]):
                for bit, (dx, dy) in enumerate(DOTS):
                    if "\u2800" <= char <= "\u28ff" and (ord(char) - 0x2800) >> bit & 1:
                        image.putpixel((2 * x + dx, 4 * y + dy), 1)
        return image

    def end(self) -> None:
        """End what still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.wait_for(lambda: self.process.poll() is not None)
        assert self.process.stderr
        self.process.stderr.close()
        os.close(self.hand)
        os.close(self.fd)

    def read(self) -> None:
        """Take what comes until it is quiet for a moment, or a lot."""
        data = b""
        while len(data) < READ_BYTES and select.select([self.hand], [], [], 0.02)[0]:
            data += os.read(self.hand, 65536)
        self.screen.feed(self._decoder.decode(data))
