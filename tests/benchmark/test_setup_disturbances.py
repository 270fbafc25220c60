"""Other setups of the same recording: what is meant to change changes, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from setup_doubles import shaking

from anywear import Placement, Recording, Stream
from anywear.benchmark.setup_disturbances import (
    RATES_HZ,
    at_rate,
    disturbances,
    turned,
    without_gyroscope,
)
from anywear.signal import build_stream, grid_pieces
from anywear.timing import GAP_MIN_S, contiguous_slices


def _sine(rate_hz: float, parts: dict[float, float], seconds: float = 20.0, start_s: float = 0.37) -> Recording:
    """A recording whose x axis holds sines of given frequencies and amplitudes; y the same, as angular rate."""
    time_s = start_s + np.arange(round(seconds * rate_hz)) / rate_hz
    acc, gyr = np.zeros((len(time_s), 3)), np.zeros((len(time_s), 3))
    acc[:, 2] = 9.81
    for frequency_hz, amplitude in parts.items():
        acc[:, 0] += amplitude * np.sin(2 * np.pi * frequency_hz * time_s)
        gyr[:, 1] += amplitude * np.sin(2 * np.pi * frequency_hz * time_s)
    return Recording((build_stream("unit", time_s, acc, gyr, placement=Placement.at("chest")),))


def _amplitude(time_s, values, frequency_hz: float) -> float:
    """Amplitude of one frequency in the middle of a signal, by least squares."""
    keep = (time_s > time_s[0] + 1.0) & (time_s < time_s[-1] - 1.0)
    phase = 2 * np.pi * frequency_hz * time_s[keep]
    basis = np.stack([np.sin(phase), np.cos(phase), np.ones(keep.sum())], axis=1)
    return float(np.hypot(*np.linalg.lstsq(basis, values[keep], rcond=None)[0][:2]))


@pytest.mark.parametrize("rate_hz", [12.5, 20.0, 25.0, 50.0])
def test_a_slower_clock_has_its_own_stamps_and_nothing_above_half_its_rate(rate_hz):
    high_hz = 0.75 * rate_hz  # would fold back to a quarter of the rate
    recording = _sine(200.0, {1.0: 2.0, high_hz: 2.0})
    [stream] = at_rate(recording, rate_hz).streams
    assert np.allclose(np.diff(stream.time_s), 1 / rate_hz, atol=1e-9) and stream.time_s[0] == 0.37
    assert stream.nominal_rate_hz == rate_hz and stream.effective_rate_hz == pytest.approx(rate_hz)
    picked = np.interp(stream.time_s, recording.streams[0].time_s, recording.streams[0].acc_mps2[:, 0])
    assert _amplitude(stream.time_s, picked, 0.25 * rate_hz) > 1.5  # what no low-pass would leave
    for signal in (stream.acc_mps2[:, 0], stream.gyr_radps[:, 1]):
        assert _amplitude(stream.time_s, signal, 1.0) == pytest.approx(2.0, rel=0.02)
        assert _amplitude(stream.time_s, signal, 0.25 * rate_hz) < 0.02
    assert stream.acc_mps2[10:-10, 2] == pytest.approx(9.81, rel=1e-4)


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 200.0])
def test_a_faster_clock_goes_between_the_samples_and_adds_nothing(rate_hz):
    recording = _sine(25.0, {3.0: 2.0})
    [stream] = at_rate(recording, rate_hz).streams
    assert np.allclose(np.diff(stream.time_s), 1 / rate_hz, atol=1e-9)
    middle = slice(round(rate_hz), -round(rate_hz))
    truth = 2.0 * np.sin(2 * np.pi * 3.0 * stream.time_s)
    assert np.abs(stream.acc_mps2[middle, 0] - truth[middle]).max() < 0.05
    power = np.abs(np.fft.rfft(stream.acc_mps2[middle, 0] * np.hanning(len(truth[middle])))) ** 2
    frequency_hz = np.fft.rfftfreq(len(truth[middle]), 1 / rate_hz)
    assert power[frequency_hz > 12.5].sum() < 1e-4 * power.sum()
    assert "interpolated from 25" in stream.notes[-1].text


def test_the_own_rate_changes_nothing():
    recording = _sine(25.0, {3.0: 2.0})
    assert at_rate(recording, 25.0) is recording and at_rate(recording, 25.1) is recording
    assert at_rate(recording, 26.0) is not recording


@given(
    rate_hz=st.sampled_from([10.0, 25.0, 33.3, 52.0, 104.2, 200.0]),
    new_hz=st.sampled_from(RATES_HZ),
    start_s=st.floats(-5.0, 50.0),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=60, deadline=None)
def test_no_window_is_lost_on_another_clock(rate_hz, new_hz, start_s, seed):
    """Every grid point of the model that the recording covers is covered on any clock, gaps and jitter included."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 60, 4)
    steps = np.concatenate([np.r_[[1.0] * (n - 1), [8.0 + 10 * rng.random()]] for n in lengths]) / rate_hz
    steps[steps < 4.0 / rate_hz] *= rng.uniform(0.8, 1.2, (steps < 4.0 / rate_hz).sum())
    time_s = start_s + np.cumsum(np.maximum(steps, np.where(steps > 4.0 / rate_hz, 1.5 * GAP_MIN_S, 0.0)))
    acc = rng.standard_normal((len(time_s), 3))
    recording = Recording((Stream("unit", time_s, acc),))
    changed = at_rate(recording, new_hz)
    before, after = (
        {int(k) for piece in grid_pieces(own, 25.0)[0] for k in piece.index} for own in (recording, changed)
    )
    assert before <= after
    stretches = contiguous_slices(time_s)
    if len(stretches) > 1 and new_hz >= rate_hz:
        starts = {time_s[own][0] for own in stretches}
        assert starts <= set(changed.streams[0].time_s.tolist())  # each stretch has a clock of its own


def test_every_stream_is_turned_by_a_rotation_of_its_own():
    streams = (shaking("watch", "left_wrist", 3.0, gyr=True), shaking("phone", "right_front_pocket", 3.0, gyr=True))
    recording = Recording(streams, metadata={"subject": "1"})
    made = turned(recording, (0, 7))
    turns = []
    for before, after in zip(streams, made.streams, strict=True):
        assert after.placement.name == before.placement.name and after.placement.mount.knowledge == "nothing"
        assert np.array_equal(after.time_s, before.time_s)
        assert np.linalg.norm(after.acc_mps2, axis=1) == pytest.approx(
            np.linalg.norm(before.acc_mps2, axis=1), rel=1e-5
        )
        # One rotation for both sensors of a unit: the angle between their vectors stays.
        dots = [np.einsum("ti,ti->t", own.acc_mps2, own.gyr_radps) for own in (before, after)]
        assert dots[1] == pytest.approx(dots[0], abs=1e-4)
        turns.append(after.acc_mps2[0] / np.linalg.norm(after.acc_mps2[0]))
    assert np.linalg.norm(turns[0] - turns[1]) > 0.01 and np.linalg.norm(turns[0] - [0, 0, 1]) > 0.01
    again, other = turned(recording, (0, 7)), turned(recording, (0, 8))
    assert np.array_equal(again.streams[0].acc_mps2, made.streams[0].acc_mps2)
    assert not np.array_equal(other.streams[0].acc_mps2, made.streams[0].acc_mps2)
    # Which streams take part does not change how one is turned.
    [alone] = turned(recording.with_streams(streams[1:]), (0, 7)).streams
    assert np.array_equal(alone.acc_mps2, made.streams[1].acc_mps2)


def test_turns_are_uniform():
    """The turned z axis is uniform on the sphere: each coordinate uniform from -1 to 1, so variance 1/3."""
    recording = Recording((Stream("unit", np.arange(2.0), np.tile([0.0, 0.0, 1.0], (2, 1))),))
    ends = np.array([turned(recording, (0, number)).streams[0].acc_mps2[0] for number in range(600)])
    assert np.abs(ends.mean(axis=0)).max() < 0.1 and ends.var(axis=0) == pytest.approx(1 / 3, abs=0.05)


def test_accelerometers_alone():
    recording = Recording((shaking("watch", "left_wrist", 3.0, gyr=True), shaking("phone", "chest", 3.0)))
    made = without_gyroscope(recording)
    assert [stream.gyr_radps for stream in made.streams] == [None, None]
    assert np.array_equal(made.streams[0].acc_mps2, recording.streams[0].acc_mps2)
    assert without_gyroscope(made) is made


def test_what_is_told():
    recording = Recording((shaking("watch", "left_wrist", 3.0),))
    told = {}
    for change in disturbances(("told",)):
        [stream] = change.apply(recording, 0).streams
        told[change.setup.name] = (stream.placement.name, stream.placement.mount.knowledge)
        assert stream.acc_mps2 is recording.streams[0].acc_mps2
    assert told == {
        "place not told": ("unknown", "up"),
        "mount not told": ("left_wrist", "nothing"),
        "place and mount not told": ("unknown", "nothing"),
    }
    nothing_known = Recording((Stream("unit", np.arange(5.0), np.ones((5, 3))),))
    assert all(change.apply(nothing_known, 0) is nothing_known for change in disturbances(("told",)))


def test_parts_choose_disturbances():
    assert [d.setup.part for d in disturbances(("gyro", "turn"))] == ["turn", "gyro"]
    assert [d.rate_hz for d in disturbances(("rate", "placements"))] == list(RATES_HZ)
    assert not disturbances(("placements",))
