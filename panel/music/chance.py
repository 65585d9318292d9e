"""Chance that can be repeated: numbers as good as at random, each a function of a seed and of what it decides about.

It must never keep a state: whoever asks the same question gets the same answer, on every machine, in whatever order.
"""

from __future__ import annotations

_WORD = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
MANY = 1 << 32  # of equal chances


def drawn(*question: int | str) -> int:
    """0 to MANY - 1 for a question, such as drawn(seed, bar, "kick", step), over its parts one after another."""
    mixed = 0
    for part in question:
        number = int.from_bytes(part.encode()[:8], "big") if isinstance(part, str) else part
        mixed = finalized(mixed ^ number)
    return mixed >> 32


def finalized(mixed: int) -> int:
    """64 bits, each of which hangs on all of `mixed`: a step of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    mixed = mixed + GOLDEN & _WORD
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _WORD
    return mixed ^ mixed >> 31


def below(limit: int, *question: int | str) -> int:
    """0 to limit - 1, each as likely."""
    return drawn(*question) * limit // MANY


def happens(part: int, of: int, *question: int | str) -> bool:
    """Whether something happens that does so `part` times `of` so many. For the same question it goes on happening
    while `part` rises."""
    return drawn(*question) * of < part * MANY


def chances(count: int, *question: int | str) -> bytes:
    """So many chances of 256 each, for what asks a thousand times a bar: the longer list begins like the shorter."""
    start = drawn(*question) << 32
    return b"".join([finalized(start + eight).to_bytes(8, "big") for eight in range((count + 7) // 8)])[:count]
