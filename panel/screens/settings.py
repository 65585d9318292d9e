"""The settings, straight from their table.

It must never know a setting by name: a new row in the table is a new row here, and behind them the pads.
"""

from __future__ import annotations

from panel.screens.listing import Line
from panel.screens.rows import SettingRows
from panel.settings import MENU


class SettingsList(SettingRows):
    """Every setting with its value; last, behind what buttons and feet do, what pads and pedals do."""

    title, settings = "Settings", MENU

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return [*self.setting_lines, Line("Pads and pedals", "", "pads")]
