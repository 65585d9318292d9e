"""The state machine as a page with a diagram, made from the table: `python -m panel.screens.diagram > docs/states.md`.

It must never say more than the table does.
"""

from __future__ import annotations

import sys

from panel.screens.table import ANY, HOME, STATES, WAYS, Way

_HEAD = """# The states of the panel

Made from `panel/screens/table.py` by `python -m panel.screens.diagram > docs/states.md`; don't edit it here.

A press is the encoder let go before 600 ms; held for 600 ms it is `back`, for a second more `home`. `home` leads to
*{home}* from every state. TAP, START and NEXT mean the same in every state and lead nowhere. What else stands at an
arrow is the row of a list that was pressed, or what came of the press.
"""


def page() -> str:
    """The whole of docs/states.md."""
    return "\n".join([_HEAD.format(home=HOME), *_diagram(), "", *_table()]) + "\n"


def _diagram() -> list[str]:
    """A Mermaid diagram; ways that only differ in what they are on share an arrow."""
    names = [f'    state "{state}" as {_id(state)}' for state in STATES]
    arrows: dict[tuple[str, str], list[str]] = {}
    for way in _ways():
        arrows.setdefault((way.state, way.to), []).append(way.on)
    ways = [f"    {_id(state)} --> {_id(to)}: {', '.join(on)}" for (state, to), on in arrows.items()]
    return ["```mermaid", "stateDiagram-v2", f"    [*] --> {_id(HOME)}", *names, *ways, "```"]


def _table() -> list[str]:
    rows = [f"| {way.state} | {way.on} | {way.to} |" for way in _ways()]
    return ["| state | on | leads to |", "|---|---|---|", *rows, f"| every state | home | {HOME} |"]


def _ways() -> list[Way]:
    return [way for way in WAYS if way.state != ANY]


def _id(state: str) -> str:
    return state.replace(" ", "_")


if __name__ == "__main__":
    sys.stdout.write(page())
