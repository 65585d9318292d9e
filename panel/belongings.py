"""What is the drummer's own beside patterns and songs: settings and choices, each a file that the box edits.

It must never hold what can be found out, or belongs to one song.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from panel.adjusted import SOUNDS_FILE, Adjusted, parse_adjusted
from panel.dialled import DIALS_FILE, Dialled, parse_dialled
from panel.kept import KEPT_FILE, Kept, parse_kept
from panel.music.generators.catalogue import GENERATORS
from panel.pads import PADS_FILE, Pads, parse_pads
from panel.settings import SETTINGS_FILE, Settings, parse_settings

# The files, in the user's folder, and what reads the bytes of each, from where; it raises TextError.
READERS: dict[str, Callable[[bytes, str], Any]] = {
    SETTINGS_FILE: parse_settings,
    KEPT_FILE: parse_kept,
    PADS_FILE: parse_pads,
    SOUNDS_FILE: parse_adjusted,
    DIALS_FILE: partial(parse_dialled, generators=GENERATORS),
}


class Belongings:
    """All of it, as it was read; what is not given is as on the first day."""

    def __init__(
        self,
        settings: Settings | None = None,
        kept: Kept | None = None,
        pads: Pads | None = None,
        adjusted: Adjusted | None = None,
        dialled: Dialled | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.kept = kept or Kept()
        self.pads = pads or Pads()
        self.adjusted = adjusted or Adjusted()
        self.dialled = dialled or Dialled(GENERATORS)
