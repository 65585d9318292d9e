"""About: whether all is well, what is not, how well the box keeps time, and where it can be reached.

About          2 faults      what is wrong comes first, inverted
##FIFO##no: short slice#
##Missed (>1 ms)#######3#
Late p50          24 us |
Late p99          61 us |

It must never round a fault away, nor show what nobody has told.
"""

from __future__ import annotations

from panel.board import Health
from panel.engine.lateness import MISSED_NS
from panel.engine.wire import View
from panel.screens.listing import Line, ListScreen
from panel.session import Session

MISSED_US = MISSED_NS // 1000
HEAVY_LOAD = 700  # thousandths of real time that making sound may take


class About(ListScreen):
    """Rows of facts, which the encoder scrolls."""

    title = "About"
    picks = False

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._version = self._address = "?"

    def enter(self, before: str) -> None:
        """Look up what takes long: it is not asked with every frame."""
        self.cursor = 0
        self._version, self._address = self.session.version(), self.session.address()
        self.session.board.find()

    @property
    def corner(self) -> str:
        """Whether all is well."""
        faults = sum(line.fault for line in self.lines)
        return f"{faults} fault{'s' * (faults != 1)}" if faults else "all well"

    @property
    def lines(self) -> list[Line]:
        """The rows, what is wrong first."""
        session = self.session
        view = session.client.view
        broken = len(session.library.faults)
        lines = [
            *(timing_lines(view) if view and session.client.connected else [Line("Engine", "away", fault=True)]),
            *sound_lines(session),
            *board_lines(session.board.look(session.clock())),
            Line("Broken files", str(broken), fault=broken > 0),
            Line("Address", self._address),
            Line("Version", self._version),
        ]
        return sorted(lines, key=lambda line: not line.fault)


def timing_lines(view: View) -> list[Line]:
    """How well the engine keeps time, and what it has got over. Before the first write there is no lateness."""
    p50, p99, worst = (f"{us} us" if view.lateness_us[2] else "-" for us in view.lateness_us)
    refused = {"fifo": "", "none": "no"}.get(view.realtime, f"no: {view.realtime}")
    return [
        Line("FIFO", refused or "yes", fault=bool(refused)),
        Line("Late p50", p50, fault=view.lateness_us[0] >= MISSED_US),
        Line("Late p99", p99, fault=view.lateness_us[1] >= MISSED_US),
        Line("Late max", worst, fault=view.lateness_us[2] >= MISSED_US),
        Line("Missed (>1 ms)", str(view.missed), fault=view.missed > 0),
        Line("Dropped notes", str(view.dropped), fault=view.dropped > 0),
        Line("Restarts", str(view.restarts), fault=view.restarts > 0),
        Line("Replugs", str(view.replugs)),
    ]


def sound_lines(session: Session) -> list[Line]:
    """How the own sound fares; where there is none, why, which is no fault."""
    view, silence = session.sound.view, session.sound.silence
    if silence:
        return [Line("Sound", silence)]
    return [
        Line("Sound", view.device),
        Line("Sound latency", f"{view.latency_us / 1000:.1f} ms"),
        Line("Sound load", f"{view.load / 10:.1f}%", fault=view.load >= HEAVY_LOAD),
        Line("Drop-outs", str(view.dropouts), fault=view.dropouts > 0),
        Line("Late notes", str(view.late), fault=view.late > 0),
        *[Line("Broken kits", str(len(view.faults)), fault=True)] * bool(view.faults),
    ]


def board_lines(health: Health) -> list[Line]:
    """How the board is, as far as it tells."""
    lines = []
    if health.weak_power is not None:
        power = "too weak" if health.weak_power else "was too weak" if health.was_weak else "ok"
        lines.append(Line("Power", power, fault=power != "ok"))
    if health.celsius is not None:
        lines.append(Line("Processor", f"{health.celsius:.1f} \xb0C", fault=health.hot))
    return lines
