"""About: what this box is, where it can be reached, and how well it keeps time.

It must never round a fault away.
"""

from __future__ import annotations

import socket
from importlib.metadata import PackageNotFoundError, version

from panel.screens.listing import Line, ListScreen
from panel.session import Session


class About(ListScreen):
    """Rows of facts; a press does nothing."""

    title = "About"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.version, self.address = box_version(), "?"

    def enter(self) -> None:
        """Look the address up anew."""
        self.cursor = 0
        self.address = box_address()

    @property
    def corner(self) -> str:
        """The version."""
        return self.version

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        view = self.session.client.view
        faults = len(self.session.library.faults)
        lines = [Line("Address", self.address)]
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

    def next_change_ns(self, now_ns: int) -> int | None:
        """The engine tells its lateness once a second."""
        return None


def box_version() -> str:
    """The installed version."""
    try:
        return version("drumassist")
    except PackageNotFoundError:
        return "checkout"


def box_address() -> str:
    """The address that the box has on its network, without sending anything; "none" off the network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: a datagram socket sends nothing on connect
        except OSError:
            return "no network"
        return str(probe.getsockname()[0])
