"""What the tests in the guest share; on the host it keeps pytest away from them.

It must never wire anything: that is done before pytest starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.kernel.lines import Lines
from tests.kernel.pad import Pad

collect_ignore_glob = [] if "RIG_GUEST" in os.environ else ["test_*.py"]


@pytest.fixture
def pad() -> Iterator[Pad]:
    """The pad, plugged in, listening."""
    with Pad() as pad:
        yield pad


@pytest.fixture
def lines() -> Lines:
    """The fingers on the GPIO lines."""
    return Lines()
