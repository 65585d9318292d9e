"""About: what this box is, where it can be reached, and how well it keeps time.

It must never round a fault away.
"""

from __future__ import annotations

from panel.screens.listing import Line, ListScreen
from panel.session import Session


class About(ListScreen):
    """Rows of facts; a press does nothing."""

    title = "About"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._version = self._address = "?"

    def enter(self, before: str) -> None:
        """Look version and address up: what takes long is not asked with every frame."""
        self.cursor = 0
        self._version, self._address = self.session.version(), self.session.address()

    @property
    def corner(self) -> str:
        """The version."""
        return self._version

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        view = self.session.client.view
        faults = len(self.session.library.faults)
        lines = [Line("Address", self._address)]
        if view is None or not self.session.client.connected:
            lines.append(Line("Engine", "away"))
        else:
            p50, p99, worst = view.lateness_us
            lines += [
                Line("Real time", view.realtime),
                Line("Late p50", f"{p50} us"),
                Line("Late p99", f"{p99} us"),
                Line("Late max", f"{worst} us"),
                Line("Dropped", str(view.dropped)),
                Line("Replugs", str(view.replugs)),
            ]
        return [*lines, Line("Broken files", str(faults))]
