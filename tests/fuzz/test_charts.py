"""Pattern files, nearly right: read and playable, or refused where they are wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.engine.wire import MAX_COMMAND_BYTES, decode, encode
from panel.music.notation import parse_pattern
from panel.music.pattern import Pattern
from panel.music.tempo import MAX_BPM, MICRO
from tests.box import SECOND, Box
from tests.fuzz.check import grows_with_the_file, read_or_refused
from tests.fuzz.nearly import CHARTS, KEPT, PROFILES, SETTINGS, growing, promptly, spoilt


def plays(pattern: Pattern) -> None:
    """The engine takes it and goes on, from one bar line to the next."""
    strokes = pattern.strokes() + pattern.strokes(fill=True)
    assert all(0 <= stroke.tick < pattern.length_ticks for stroke in strokes)
    line = encode("pattern", pattern=pattern._asdict(), micro_bpm=MAX_BPM * MICRO)
    if len(line) <= MAX_COMMAND_BYTES:
        command = decode(line[:-1])
        assert command.arguments["pattern"] == pattern
        box = Box()
        box.engine.do(command, box.now)
        box.do("start")
        box.do("fill")
        with promptly(pattern):
            box.run(2 * SECOND)
        assert box.engine.state.chosen == pattern


@given(spoilt(CHARTS))
def test_a_spoilt_chart_is_read_or_refused(raw: bytes) -> None:
    pattern = read_or_refused(parse_pattern, raw)
    if pattern:
        plays(pattern)


@given(st.sampled_from(CHARTS).flatmap(lambda raw: spoilt([raw])))
def test_a_chart_spoilt_by_itself_is_read_or_refused(raw: bytes) -> None:
    pattern = read_or_refused(parse_pattern, raw)
    if pattern:
        plays(pattern)


@given(
    spoilt([*PROFILES, *SETTINGS, *KEPT])
    | st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_whatever_else_is_refused(raw: bytes) -> None:
    assert read_or_refused(parse_pattern, raw) is None


@given(growing(CHARTS))
def test_the_time_grows_with_the_file(of_size: Callable[[int], bytes]) -> None:
    grows_with_the_file(parse_pattern, of_size)


@pytest.mark.parametrize("raw", CHARTS, ids=lambda raw: raw.split(b'"')[1].decode())
def test_line_ends_a_mark_and_comments_change_nothing(raw: bytes) -> None:
    pattern = parse_pattern(raw, "x")
    for same in (raw.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + raw, b"# \xe2\x86\x92\n" + raw + b"\n#", raw.rstrip()):
        assert parse_pattern(same, "x") == pattern
