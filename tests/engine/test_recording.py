"""The record of an engine: what it says of each message, and when it can be read."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from panel.engine.recording import FilePort


def test_every_message_has_its_own_stamp_and_stands_in_the_file_at_once(tmp_path: Path) -> None:
    record = tmp_path / "record"
    port = FilePort(str(record), count(1000, 7).__next__)
    port.send([(0xF8,), (0x99, 42, 100)], 990, 1)
    assert record.read_text() == "990 1000 f8\n990 1007 992a64\n", "the engine may be killed now"
    port.close()
