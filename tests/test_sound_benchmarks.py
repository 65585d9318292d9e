"""What the sound's benchmarks measure with: each tool is given something whose answer is known."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.box import BenchError
from benchmarks.budgets import Verdict
from benchmarks.sound import capacity, device, dropouts, load, parts, quality, scsynth, spectra
from benchmarks.sound.jackd import Idle, Seen, compare, heard
from benchmarks.sound.players import PlainTone, PlainVoice
from benchmarks.sound.scsynth import Ugen, message, score, synthdef
from benchmarks.sound.timing import Contestant, Cost, fitting, in_turns, noise, timed
from panel.sound.quantum import QUANTUM, Frames

RATE = 48_000
MS = 1_000_000
SECOND = np.arange(RATE) / RATE


def cost(voices: float, cpu_us: float) -> Cost:
    return Cost(voices, cpu_us, cpu_us * 1.5)


class TestFitting:
    def test_on_the_straight_line_between_what_was_measured(self) -> None:
        costs = [cost(16, 20), cost(64, 100), cost(128, 500)]
        assert fitting(costs, 300) == 96
        assert fitting(costs[::-1], 60) == 40

    def test_beyond_it_on_the_last_line(self) -> None:
        assert fitting([cost(16, 20), cost(64, 100), cost(128, 500)], 900) == 192

    def test_before_it_on_the_first_and_never_less_than_none(self) -> None:
        assert fitting([cost(10, 200), cost(20, 300)], 150) == 5
        assert fitting([cost(10, 200), cost(20, 210)], 100) == 0

    def test_of_one_or_of_costs_that_fall_there_is_none(self) -> None:
        with pytest.raises(ValueError, match="two numbers"):
            fitting([cost(16, 20)], 100)
        with pytest.raises(ValueError, match="do not cost more"):
            fitting([cost(16, 30), cost(32, 20)], 100)


def test_contestants_take_turns_and_each_has_its_median() -> None:
    played: list[str] = []

    def play(name: str) -> Callable[[int], Cost]:
        def one(count: int) -> Cost:
            played.append(name)
            return cost(count, len(played) ** 2)

        return one

    found = in_turns([Contestant(name, (1,), play(name)) for name in "abc"], 3)
    assert "".join(played) == "abcbcacab"
    assert found == {"a": [cost(1, 36)], "b": [cost(1, 16)], "c": [cost(1, 25)]}
    assert noise(found) == 1.5


def test_timing_renders_each_block_once() -> None:
    rendered = []
    found = timed(3, lambda: rendered.append(0), blocks=50)
    assert len(rendered) == 50 + 4
    assert found.voices == 3
    assert found.wall_us > 0


class TestSpectra:
    def test_a_pitch_is_read_to_a_thousandth_of_a_cent(self) -> None:
        for hz in (27.5, 440.0, 4186.0):
            sound = sum(np.sin(2 * np.pi * harmonic * hz * 1.00001 * SECOND) / harmonic for harmonic in (1, 2, 3))
            found = spectra.cents(spectra.pitch(np.asarray(sound), RATE, hz), hz)
            assert found == pytest.approx(1200 * np.log2(1.00001), abs=0.001)

    def test_what_is_no_harmonic_is_found_at_its_height(self) -> None:
        saw = sum(np.sin(2 * np.pi * 440 * harmonic * SECOND) / harmonic for harmonic in range(1, 54))
        harmonics_db = 10 * np.log10(sum(1 / harmonic**2 for harmonic in range(1, 54)))
        assert spectra.inharmonic_db(np.asarray(saw), RATE, 440) < -200
        for at_hz in (333.3, 1234.5, 21_000.0):
            stranger = 1e-4 * np.sin(2 * np.pi * at_hz * SECOND)
            found = spectra.inharmonic_db(saw + stranger, RATE, 440)
            assert found == pytest.approx(-80 - harmonics_db, abs=0.01)

    def test_a_naive_saw_is_told_from_a_clean_one(self) -> None:
        assert spectra.inharmonic_db(2 * (440 * SECOND % 1) - 1, RATE, 440) > -25

    def test_the_largest_step(self) -> None:
        assert spectra.step(np.array([0.0, 0.5, 0.25, -0.5])) == 0.75


class TestDevice:
    @staticmethod
    def render(frame: int, out: Frames) -> None:
        out[:] = np.arange(frame, frame + QUANTUM)[:, None]

    @pytest.mark.parametrize("block", quality.BLOCKS)
    def test_every_frame_leaves_once_in_blocks_of_any_size(self, block: int) -> None:
        assert (device.played(self.render, 5000, block) == np.arange(5000)[:, None]).all()

    def test_what_fails_is_not_taken_for_silence(self) -> None:
        def fail(_frame: int, _out: Frames) -> None:
            raise ArithmeticError("spoilt")

        with pytest.raises(BenchError, match="ArithmeticError: spoilt"):
            device.played(fail, 256, 64)

    def test_block_sizes_are_compared_on_something_that_sounds(self) -> None:
        desk = quality.piece()
        assert float(np.abs(device.played(desk.render, RATE // 4, 441)).max()) > 0.1


class TestPlain:
    def test_a_voice_goes_on_where_it_was(self) -> None:
        data = np.arange(300, dtype=np.float32).reshape(-1, 2)
        voice = PlainVoice(data, 0.5)
        pieces = [voice.block(64), voice.block(64), voice.block(64)]
        assert [len(piece) for piece in pieces] == [64, 64, 22]
        assert (np.concatenate(pieces) == data * np.float32(0.5)).all()

    def test_a_tone_has_its_pitch_and_its_filter_is_one(self) -> None:
        tone = PlainTone(440)
        sound = np.concatenate([tone.block(128) for _ in range(600)])[RATE // 2 :]
        power = np.abs(np.fft.rfft(sound * spectra.window(len(sound)))) ** 2
        hz = np.fft.rfftfreq(len(sound), 1 / RATE)
        assert hz[power.argmax()] == pytest.approx(440, abs=3)
        assert power[np.abs(hz - 8800).argmin()] < power.max() / 20**2 / 10  # less than in the saw itself


class TestScsynth:
    def test_a_synthdef_is_the_published_format(self) -> None:
        units = [Ugen("Control", 1, [], 1), Ugen("Out", 2, [0.0, (0, 0)], 0)]
        assert synthdef("x", [("hz", 440.0)], units) == b"".join(
            [
                b"SCgf" + struct.pack(">ih", 2, 1) + b"\x01x",
                struct.pack(">if", 1, 0.0),  # constants
                struct.pack(">if", 1, 440.0),  # values of the controls
                struct.pack(">i", 1) + b"\x02hz" + struct.pack(">i", 0),  # their names
                struct.pack(">i", 2),
                b"\x07Control" + struct.pack(">biih", 1, 0, 1, 0) + b"\x01",
                b"\x03Out" + struct.pack(">biih", 2, 2, 0, 0) + struct.pack(">iiii", -1, 0, 0, 0),
                struct.pack(">h", 0),
            ]
        )

    def test_a_message_is_padded_to_fours(self) -> None:
        found = message("/x", 1, 0.5, "abcd", b"\x01")
        assert found == (
            b"/x\0\0"
            + b",ifsb\0\0\0"
            + struct.pack(">if", 1, 0.5)
            + b"abcd\0\0\0\0"
            + struct.pack(">i", 1)
            + b"\x01\0\0\0"
        )

    def test_a_score_is_bundles_behind_their_sizes_and_ends_when_it_should(self) -> None:
        data, bundles = score([message("/x"), message("/y")], 2.5), []
        while data:
            (size,) = struct.unpack(">i", data[:4])
            bundles.append(data[4 : 4 + size])
            data = data[4 + size :]
        assert [bundle[:8] for bundle in bundles] == [b"#bundle\0"] * 3
        assert [struct.unpack(">Q", bundle[8:16])[0] / 2**32 for bundle in bundles] == [0, 0, 2.5]
        assert all(struct.unpack(">i", bundle[16:20])[0] == len(bundle) - 20 for bundle in bundles)

    @pytest.mark.parametrize("units", [scsynth.PLAY_UNITS, scsynth.SWEEP_UNITS, scsynth.SAW_UNITS])
    def test_every_wire_of_ours_leads_to_an_output_of_a_unit_before_it(self, units: list[Ugen]) -> None:
        wires = [(at, wire) for at, unit in enumerate(units) for wire in unit.inputs if isinstance(wire, tuple)]
        assert wires
        assert all(unit < at and output < units[unit].outputs for at, (unit, output) in wires)


class TestIdle:
    def test_what_it_says_is_read(self) -> None:
        assert heard("375 2 5400\n1000\n2000\n") == Idle(375, 2, 5400, [1000, 2000])
        assert heard("375 0 2700\n").stalls_ns == []
        with pytest.raises(BenchError, match="lost its server"):
            heard("")

    def test_a_stall_counts_once_and_is_ours_where_the_other_had_none(self) -> None:
        start = 10**12
        ours = Idle(100, 2, 9000, [start, start + 1 * MS, start + 500 * MS, start + 900 * MS])
        machine = Idle(100, 1, 8000, [start + 520 * MS])
        assert compare(ours, machine) == Seen(100, 2, 9000, xruns=4, stalls=3, alone=2)
        assert compare(machine, ours) == Seen(100, 1, 8000, xruns=1, stalls=1, alone=0)


def take(alone: int = 0, late: int = 0) -> dropouts.Take:
    floor = Seen(22_500, 0, 2900, 0, 0, 0)
    return dropouts.Take(60.0, alone, late, 0.5, 4.4, [5333, 10_666], floor._replace(stalls=alone, alone=alone), floor)


class TestVerdicts:
    def missed(self, verdicts: list[Verdict]) -> list[str]:
        return [verdict.what for verdict in verdicts if verdict.missed]

    def test_of_drop_outs(self) -> None:
        good = dropouts.Result({"idle": take(), "busy": take()})
        assert self.missed(dropouts.verdicts(good)) == []
        bad = dropouts.Result({"idle": take(alone=1), "busy": take(late=2)})
        assert len(self.missed(dropouts.verdicts(bad))) == 2
        assert "60 s; the sound counts 1 drop-outs" in dropouts.show(bad)
        assert "latency 5.3, then 10.7 ms" in dropouts.show(bad)

    def test_of_the_load(self) -> None:
        result = load.Result({"both": load.Load(cpu_p50=12.0, cpu_p99=20.1, cpu_mean=13.0, p50=30.0, p99=90.0)})
        assert self.missed(load.verdicts(result)) == ["64 samples and 16 saws, desk and limiter, a quantum, p99"]

    def test_of_exactness(self) -> None:
        steps = {"choke": 1.0, "steal": 1.1, "synth, steal": 1.2, "cut off": 35.0}
        alias = {"ours": {440: -108.0, 1046: -79.0}, "a naive saw": {440: -19.0, 1046: -15.0}}
        result = quality.Result({"sampler": 0, "synth": 1}, alias, 0.01, steps, {32: 0.0, 441: 2e-6})
        assert self.missed(quality.verdicts(result)) == [
            "onset of the synth",
            "saw at 1046 Hz, inharmonic against harmonics",
            "largest step at a synth, steal, of the tone's own",
            "difference between block sizes",
        ]

    def test_of_voices_and_who_is_missing_is_named(self) -> None:
        costs = {name: [cost(16, 20.0), cost(64, 100.0)] for name in (capacity.OURS, capacity.PLAIN)}
        fits = {capacity.OURS: 127.0, capacity.PLAIN: 60.0}
        everything = dict.fromkeys((capacity.SAMPLES, capacity.SAWS), costs)
        result = capacity.Result(
            everything, dict.fromkeys(everything, fits), {capacity.FLUID: "FluidSynth is missing"}, 1.5
        )
        assert self.missed(capacity.verdicts(result)) == [f"voices within half of real time, {capacity.SAMPLES}"]
        assert "FluidSynth: not measured, FluidSynth is missing" in capacity.show(result)


def test_a_result_can_be_written_with_its_names() -> None:
    written = json.loads(json.dumps(parts.plain(dropouts.Result({"idle": take()}))))
    assert written["takes"]["idle"]["beside"]["periods"] == 22_500
    assert written["takes"]["idle"]["latencies_us"] == [5333, 10_666]
