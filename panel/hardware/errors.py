"""What an adapter raises when its device isn't there.

It must never be raised once a device is open, and never say anything that its reader can't act upon.
"""

from __future__ import annotations


class DeviceMissing(OSError):  # noqa: N818 - it says what is the matter, as the messages do
    """A display or a control that is not to be had; its text is one line that says what to do."""
