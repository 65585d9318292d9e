"""Inputs that are nearly right: what ships and what the box itself writes, with a few things spoilt.

It must never judge: what comes out may be right, wrong or neither.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hypothesis import strategies as st

from panel.library import load_library
from panel.settings import default_text
from panel.tomltext import MAX_BYTES

PATIENCE_S = 2.0  # of this process alone, for what takes milliseconds

_LIBRARY = load_library(None)
SAID = b"""name = "By hand"
meter = "3/4"
step = "1/4"
[groove]
snare = "x g ."
hat = "5: x.xx."
[fill]
tom = "X x x"
[velocity]
snare = "101 38"
hat = "1 127 | 60"
[late]
hat = "-630 0 630"
[note]
hat = "0 60 127"
[fill_velocity]
tom = "20 40 60"
[fill_late]
tom = "1 -2 3"
[fill_note]
tom = "40 43 47"
"""
CHARTS = (*(_LIBRARY.sources["patterns", name].read_bytes() for name in _LIBRARY.patterns), SAID)
PROFILES = tuple(_LIBRARY.sources["profiles", name].read_bytes() for name in _LIBRARY.profiles)
SONGS = tuple(_LIBRARY.sources["songs", name].read_bytes() for name in _LIBRARY.songs)
SETS = (
    *(_LIBRARY.sources["sets", name].read_bytes() for name in _LIBRARY.sets),
    b'name = "A"\nsongs = "Fire | \\u0041 \\" # x"\n',
    b"name = 'B'\nabout = ''\nsongs = '''\n Fire >|x\n\n#\n  Scarlet'''\n",
)
SETTINGS = (
    default_text().encode(),
    b'[click]\ncount_in = 2\n\n[display]\nchip = "sh1106" # mine\n',
    b'click.clock = true\npins = { tap = 4, "start" = 5 }\n',
)
KEPT = (
    b'pattern = "4/4 Basic"\nbpm = 120.0\nprofile = ""\nport = ""\nremembered = "SamplePad Pro:SamplePad Pro MIDI 1"\n',
    b'# chosen\nbpm = 97\nport = "\\u00e9\\u2192"\n',
)
PADS = (
    b'# mine\n["SamplePad Pro"]\n"note 42" = "start"  # the rim\n"control 4" = "tap"\n\n[Nord]\n"note 60" = "next"\n',
    b'GM = { "note 1" = "mute", "note 2" = "fill" }\n',
)
SOUNDS = (
    b'# mine\n["kit Acoustic"]\n"level snare" = 60  # too loud\n"choke crash" = ""\n\n["patch Saw"]\ncutoff = 440.5\n',
    b'"kit A" = { "level kick" = 3, "choke kick" = "b" }\n',
)

_SIGNS = b"""\
' " ''' \"\"\" [ ] [[ ]] { } = == . , # \\ \\u \\ud800 \\U0010ffff \\x00 / : | + - _ X x g . o O ? 3: 0: 1025: \xff
\xc0\xaf \xed\xa0\x80 \xef\xbb\xbf \xe2\x80\xae \xf0\x9f\x98\x80 \xc3\xa9 \x00 \x01 \x1b \x7f 0 1 -1 1.5 1e999 -0.0
nan -nan inf -inf 0x1F 0o7 0b1 1_0 007 true false 1979-05-27 1979-05-27T07:32:00Z 07:32:00.999999999
99999999999999999999 9223372036854775808 name [groove] [fill] [velocity] [late] [note]
[fill_velocity] [fill_late] [fill_note] 127 128 630 -631 [notes] [levels] [[notes]] rim= hat="xx" rim.x=
groove.rim= a.a.a.a= "rim"= 7/8 1/8 2+2+3 0/0 32/2 1/5040 format=2 step= bars=16 [] {}
""".split()
SIGNS = (*_SIGNS, b" ", b"\t", b"\n", b"\r", b"\r\n", b"\n\n", b"\x0c", b"\xc2\x85", b"\xe2\x80\xa8")
VALUES = (
    *rb"""
0 -1 1.5 nan inf -inf 1e308 true "" '' "x" [] {} [[[]]] ["a"] {a=1} 1979-05-27 "\u0000" "\U0010FFFF" "\ud800"
"7/8" "X.x.X.x." "3:xxx" "1/16" "2+2+3"
""".split(),
    b"9" * 30, b"9" * 5000, b"0x" + b"f" * 4000, b'"' + b"x" * 300 + b'"', b'"""\na\n"""', b"'''\na\n'''",
)  # fmt: skip

_Way = Callable[[st.DrawFn, bytes, Sequence[bytes]], bytes]


def _put(draw: st.DrawFn, raw: bytes, others: Sequence[bytes]) -> bytes:
    at = draw(st.integers(0, len(raw)))
    piece = draw(st.sampled_from(SIGNS) | st.binary(max_size=6) | st.text(max_size=4).map(_bytes))
    return raw[:at] + piece + raw[at + draw(st.integers(0, 8)) :]


def _put_many(draw: st.DrawFn, raw: bytes, others: Sequence[bytes]) -> bytes:
    at = draw(st.integers(0, len(raw)))
    piece = draw(st.sampled_from(SIGNS) | st.binary(min_size=1, max_size=4))
    most = max(1, (MAX_BYTES + 10) // len(piece))
    return raw[:at] + piece * min(most, draw(st.sampled_from((2, 40, 1100, 5000, 70_000)))) + raw[at:]


def _value(draw: st.DrawFn, raw: bytes, others: Sequence[bytes]) -> bytes:
    """Another value behind one of the equals signs."""
    lines = raw.split(b"\n")
    places = [number for number, line in enumerate(lines) if b"=" in line]
    if places:
        number = draw(st.sampled_from(places))
        lines[number] = lines[number].partition(b"=")[0] + b"= " + draw(st.sampled_from(VALUES))
    return b"\n".join(lines)


def _lines(draw: st.DrawFn, raw: bytes, others: Sequence[bytes]) -> bytes:
    """A stretch of lines twice, gone, or in another place."""
    lines = raw.split(b"\n")
    first = draw(st.integers(0, len(lines) - 1))
    stretch = lines[first : first + draw(st.integers(1, 4))]
    rest = lines if draw(st.booleans()) else lines[:first] + lines[first + len(stretch) :]
    to = draw(st.integers(0, len(rest)))
    return b"\n".join(rest[:to] + (stretch if draw(st.booleans()) else []) + rest[to:])


def _cut(draw: st.DrawFn, raw: bytes, others: Sequence[bytes]) -> bytes:
    first = draw(st.integers(0, len(raw)))
    return raw[:first] if draw(st.booleans()) else raw[first:]


def _splice(draw: st.DrawFn, raw: bytes, others: Sequence[bytes]) -> bytes:
    other = draw(st.sampled_from(others))
    return raw[: draw(st.integers(0, len(raw)))] + other[draw(st.integers(0, len(other))) :]


def _flip(draw: st.DrawFn, raw: bytes, others: Sequence[bytes]) -> bytes:
    if not raw:
        return raw
    at = draw(st.integers(0, len(raw) - 1))
    return raw[:at] + bytes([raw[at] ^ 1 << draw(st.integers(0, 7))]) + raw[at + 1 :]


_WAYS: tuple[_Way, ...] = (_put, _put, _value, _value, _lines, _flip, _cut, _splice, _put_many)
_WRITTEN: tuple[Callable[[bytes], bytes], ...] = (
    *[bytes] * 8,
    lambda raw: raw.replace(b"\n", b"\r\n"),
    lambda raw: raw.replace(b"\n", b"\r"),
    lambda raw: b"\xef\xbb\xbf" + raw,
    lambda raw: b"\xef\xbb\xbf\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"),
    lambda raw: raw.decode("utf-8", "replace").encode("utf-16"),
    lambda raw: raw.decode("utf-8", "replace").encode("latin-1", "replace"),
    lambda raw: raw + b"\x00" * 512,
    lambda raw: raw.rstrip(b"\n"),
)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@st.composite
def spoilt(draw: st.DrawFn, originals: Sequence[bytes]) -> bytes:
    """One of the originals after one to five accidents, as some editor saves it."""
    raw = draw(st.sampled_from(originals))
    for way in draw(st.lists(st.sampled_from(_WAYS), min_size=1, max_size=5)):
        raw = way(draw, raw, originals)
    return draw(st.sampled_from(_WRITTEN))(raw)


@st.composite
def growing(draw: st.DrawFn, originals: Sequence[bytes]) -> Callable[[int], bytes]:
    """A text of about as many bytes as it is asked for: an original with something in it many times over."""
    raw = draw(st.sampled_from(originals))
    at = draw(st.integers(0, len(raw)))
    unit = b"".join(draw(st.lists(st.sampled_from((*SIGNS, *VALUES[:16])), min_size=1, max_size=4)))
    fresh = draw(st.booleans())  # each with another number, so that no key comes twice

    def of_size(size: int) -> bytes:
        if not fresh:
            return raw[:at] + unit * ((size - len(raw)) // len(unit)) + raw[at:]
        count = (size - len(raw)) // (len(unit) + 6)
        return raw[:at] + b"".join(b"%sk%x=" % (unit, number) for number in range(count)) + raw[at:]

    return of_size


class Hangs(BaseException):
    """What should take milliseconds has taken PATIENCE_S of this process' own time; not an error to shrink."""


@contextmanager
def promptly(given: object) -> Iterator[None]:
    """Raises Hangs, with what was given, for what does not come to an end; other processes don't count."""

    def over(*_: object) -> None:
        raise Hangs(f"not done after {PATIENCE_S} s of computing: {given!r}")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
