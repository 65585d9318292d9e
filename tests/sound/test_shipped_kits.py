"""Every sound of every kit that ships, as a drummer hears it: at once, the right one, as loud as was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from panel.datafiles import data_folder
from panel.music.pattern import ROLES
from panel.music.percussion import NOTES
from panel.sound.kit import Kit, Sound, load_kit
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.sampler import Sampler

RATE = 48_000
KITS = sorted(path.name for path in data_folder("kits").iterdir() if path.is_dir())


@pytest.fixture(scope="module", params=KITS)
def kit(request: pytest.FixtureRequest) -> Kit:
    return load_kit(data_folder("kits") / str(request.param), RATE)


def played(kit: Kit, note: int, velocity: int, frame: int, quanta: int = 2) -> Frames:
    sampler = Sampler(RATE)
    sampler.use(kit)
    out = np.zeros((quanta * QUANTUM, 2), np.float32)
    sampler.play(frame, note, velocity)
    for quantum in range(quanta):
        sampler.render(quantum * QUANTUM, out[quantum * QUANTUM :][:QUANTUM])
    return out


def edges(sound: Sound) -> list[int]:
    """The velocities at which another layer begins, and those just below; the softest and the hardest."""
    begins = [layer.velocity for layer in sound.layers]
    return sorted({1, 127, *begins, *(velocity - 1 for velocity in begins if velocity > 1)})


def test_each_is_heard_at_the_very_frame_at_each_velocity(kit: Kit) -> None:
    for sound in kit.sounds:
        for velocity in edges(sound):
            out = played(kit, sound.note, velocity, frame=17)
            assert np.flatnonzero(np.abs(out).max(axis=1))[0] == 17, (sound.name, velocity)


def test_a_harder_stroke_is_louder(kit: Kit) -> None:
    for sound in kit.sounds:
        loudness = [float(np.square(played(kit, sound.note, velocity, 0, 40)).sum()) for velocity in (20, 60, 96, 127)]
        assert loudness == sorted(loudness), sound.name
        assert loudness[0] > 0


def test_every_role_sounds(kit: Kit) -> None:
    assert [role for role in ROLES if not played(kit, NOTES[role], 96, 0).any()] == []
