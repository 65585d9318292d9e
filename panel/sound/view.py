"""What the sound says of itself to a panel, gathered from its parts.

It must never cost what the audio thread would feel: it is asked fifty times a second.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from panel.sound.wire import CLICK, KIT, SoundView

if TYPE_CHECKING:
    from panel.sound.process import Sound


def view_of(sound: Sound, told: SoundView | None = None) -> SoundView:
    """The view now; with `told`, its figures stay as they were told, for they always change a little."""
    device, rig, bay = sound.device, sound.device.rig, sound.device.patchbay
    output = device.output if device.sounds else None
    view = SoundView(
        device=output.device if output else "",
        problem=device.problem or (device.output.fault if device.output else ""),
        rate=output.rate if output else 0,
        latency_us=output.latency_ns // 1000 if output else 0,
        load=output.load if output else 0,
        dropouts=device.dropouts + (output.dropouts if output else 0),
        late=device.late,
        engine=sound.follower.connected,
        click_kit=sound.chosen.kits[CLICK],
        kit=sound.chosen.kits[KIT],
        kits=tuple(sound.shelf.paths),
        click_sounds=rig.sounds[CLICK] if rig else (),
        kit_sounds=rig.sounds[KIT] if rig else (),
        patch=bay.name if bay else sound.chosen.patch,
        patches=bay.names if bay else (),
        params=bay.params if bay else (),
        wave=bay.wave if bay else (),
        fault=bay.fault if bay else "",
        faults=sound.shelf.faults,
        devices=device.names,
        pid=os.getpid(),
    )
    if told is None:
        return view
    return view._replace(latency_us=told.latency_us, load=told.load, dropouts=told.dropouts, late=told.late)


def spoken(before: SoundView, after: SoundView) -> list[str]:
    """What a terminal is told of a change: the device, and what is wrong."""
    lines = []
    if after.device != before.device and after.device:
        lines.append(f"sounds on {after.device}, {after.rate} Hz, {after.latency_us / 1000:.1f} ms to the output")
    if after.problem != before.problem and after.problem:
        lines.append(f"no sound: {after.problem}")
    if after.fault != before.fault and after.fault:
        lines.append(after.fault)
    return lines + [fault for fault in after.faults if fault not in before.faults]
