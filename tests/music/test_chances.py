"""Many chances for one question."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from panel.music.chance import chances


def test_the_same_on_every_machine() -> None:
    assert list(chances(10, 1, 2, "kick")) == [234, 34, 85, 157, 139, 31, 210, 70, 47, 13]


@given(st.integers(0, 9999), st.integers(0, 300), st.integers(0, 300))
def test_a_longer_list_begins_like_a_shorter(seed: int, one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert chances(longer, seed, "kick")[:shorter] == chances(shorter, seed, "kick")
    assert len(chances(one, seed)) == one


def test_each_of_256_is_as_likely_and_no_two_questions_are_alike() -> None:
    counts = Counter(chance for number in range(1000) for chance in chances(256, 1, number))
    squares = sum((counts[chance] - 1000) ** 2 / 1000 for chance in range(256))
    assert 180 < squares < 340  # chi squared with 255 degrees of freedom lies there in 999 cases of 1000
    assert len({chances(16, 1, number) for number in range(1000)}) == 1000
