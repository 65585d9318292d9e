"""The protocol between panel and sound: what the sound says is always taken."""

from __future__ import annotations

from panel.music.pattern import MAX_TEXT
from panel.sound.wire import MAX_NAMES, MAX_SOUNDS, KitSound, PatchParam, SoundView, decode_answer, encode_view


def test_a_view_arrives_as_it_is() -> None:
    view = SoundView(
        device="Card",
        kit_sounds=(KitSound("rim", 37, 100, ""),),
        params=(PatchParam("cutoff", 1200.0, 1000.0, 80.0, 12000.0, "Hz"),),
        wave=(-100, 0, 100),
        faults=("kits/A/kit.toml:1:1: no",),
    )
    assert decode_answer(encode_view(view)) == view


def test_of_what_is_too_long_the_panel_has_what_says_most() -> None:
    """Were it refused, a panel would take one long path for a sound that is not there."""
    fault = f"/home/{'x' * 300}/patches/mine.py:3: NameError: name 'cutof' is not defined"
    view = SoundView(
        fault=fault,
        faults=(fault,) * 600,
        kits=tuple(f"Kit {number}" for number in range(600)),
        patches=("bell\udce9",),
        kit_sounds=(KitSound("rim", 37, 100, ""),) * 200,
    )
    told = decode_answer(encode_view(view))
    assert len(told.fault) == MAX_TEXT
    assert told.fault.endswith("/patches/mine.py:3: NameError: name 'cutof' is not defined")
    assert told.kits == view.kits[:MAX_NAMES]
    assert told.patches == ("bell?",)
    assert (len(told.faults), len(told.kit_sounds)) == (MAX_NAMES, MAX_SOUNDS)
