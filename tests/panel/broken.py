"""Two hundred pattern files with something wrong in them, each with a word that its fault holds."""

from __future__ import annotations

from collections.abc import Iterator

GOOD = """format = 1
name   = "{name}"
meter  = "7/8"
group  = "2+2+3"
step   = "1/8"

[groove]
rim    = "X. x. x.."
hat    = "xx xx xxx"

[fill]
rim    = "X. xx xxx"
"""


def good(name: str) -> bytes:
    """A pattern file without a fault."""
    return GOOD.format(name=name).encode()


CHART = good("Broken")


def broken_files() -> list[bytes]:
    """Wrong characters, lengths, meters, types, keys, encodings; empty, huge, cut off."""
    return [*_no_text(), *_wrong_rows(), *_wrong_frames(), *_wrong_types(), *_wrong_lines(), *_cut_off()]


def _no_text() -> Iterator[bytes]:
    yield from (b"", b"\n\n", b"# nothing\n", b"\x00", b"\xff\xfe" + CHART, CHART.decode().encode("utf-16"))
    yield from (b"x" * 70_000, CHART + b"# " + b"x" * 70_000, b"[" * 5000, b"a = " + b"[" * 4000)
    yield b"a = " + b"9" * 5000
    for at in range(0, len(CHART), 29):
        yield CHART[:at] + b"\xe9" + CHART[at:]


def _wrong_rows() -> Iterator[bytes]:
    for char in "oO0*G-_~+=1239!@%&?/\\^é√\t":
        yield CHART.replace(b'"X. x. x.."', f'"{char}. x. x.."'.encode())
    for length in (*range(7), *range(8, 30)):
        yield CHART.replace(b'"X. x. x.."', b'"' + b"x" * length + b'"')
    for row in (b"7", b"[]", b"true", b"''", b"nan", b'"""X. x. x.."""' + b"x", b'["X", "x"]'):
        yield CHART.replace(b'"X. x. x.."', row)
    for grid in ("0", "1025", "x", "-3", "99999999999", ""):
        yield CHART.replace(b'"xx xx xxx"', f'"{grid}: x x x"'.encode())


def _wrong_frames() -> Iterator[bytes]:
    for meter in ("0/8", "33/8", "7/3", "7/0", "7", "", "7/8/9", "a/b", "-7/8", "7.5/8", "7/64", "1000000000/8", " / "):
        yield CHART.replace(b'"7/8"', f'"{meter}"'.encode())
    for group in ("2+2", "2+2+4", "7+0", "2++3", "a", "+", "2+2+3+", "-2+9", "999999999999"):
        yield CHART.replace(b'"2+2+3"', f'"{group}"'.encode())
    for step in ("1/7", "1/0", "0", "", "8", "1/1024", "x", "-1/8", "1/5"):
        yield CHART.replace(b'"1/8"', f'"{step}"'.encode())
    for line in ("bars = 0", "bars = 17", "bars = 1.0", "swing = 49", "swing = 76", "tempo = 29", "tempo = 301"):
        yield line.encode() + b"\n" + CHART
    for line in ('beat = "0/4"', 'swing_step = "x"', 'family = "jazz"', "about = 7", "format = 2", "format = 0"):
        yield line.encode() + b"\n" + CHART.replace(b"format = 1\n", b"")


def _wrong_types() -> Iterator[bytes]:
    for key in (b"format", b"name", b"meter", b"group", b"step"):
        for value in (b"[]", b"{}", b"1.5", b"true", b"nan", b"1979-05-27", b"[1, 2]", b""):
            yield b"\n".join(key + b" = " + value if line.startswith(key) else line for line in CHART.split(b"\n"))


def _wrong_lines() -> Iterator[bytes]:
    for line in (b"rimm = 1", b"colour = 1", b'rim = "X"', b"[groove]", b"= 3", b"rim", b'bongo = "x"', b"[[fill]]"):
        yield CHART + line + b"\n"
        yield line + b"\n" + CHART
    yield CHART.replace(b'"Broken"', b'"' + b"n" * 25 + b'"')


def _cut_off() -> Iterator[bytes]:
    """Cut within the frame, where there is no groove yet, and within a row."""
    for cut in (*range(3, CHART.index(b"[groove]"), 5), len(CHART) - 3, len(CHART) - 8):
        yield CHART[:cut]
