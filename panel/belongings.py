"""What is the drummer's own beside patterns and songs: settings and choices, each a file that the box edits.

It must never hold what can be found out, or belongs to one song.
"""

from __future__ import annotations

from panel.adjusted import Adjusted
from panel.dialled import Dialled
from panel.kept import Kept
from panel.music.generators.catalogue import GENERATORS
from panel.pads import Pads
from panel.settings import Settings


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
