"""Device clocks: statistics of what they do, and that the stamps they give can be read."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.recording import Stream
from anywear.signal import build_stream
from anywear.simulate import DeviceClock, SampleTimes, SensorModel, TriadErrors


def _times(clock: DeviceClock, duration_s: float = 200.0, rate_hz: float = 50.0, seed: int = 0) -> SampleTimes:
    return clock.sample_times(3.0, duration_s, rate_hz, np.random.default_rng(seed))


def _stream(clock: DeviceClock, duration_s: float = 60.0, rate_hz: float = 50.0) -> tuple[SampleTimes, Stream]:
    """What a device with this clock delivers of a swing of 1 Hz, read back in."""
    times = _times(clock, duration_s, rate_hz)
    true = np.stack([np.sin(2 * np.pi * times.true_time_s), 0 * times.true_time_s, 9.81 + 0 * times.true_time_s], -1)
    model = SensorModel(acc=TriadErrors(noise_density_si_per_sqrt_hz=0.002))
    measured = model.apply(true[None], None, rate_hz, np.random.default_rng(1))[0][0]
    stream = build_stream(
        "watch", times.stamped_time_s[times.rows], measured[times.rows], nominal_rate_hz=rate_hz, notes=times.notes
    )
    return times, stream


def _swing_error(stream: Stream) -> float:
    """How far the stream's values are from the truth at its own stamps."""
    return float(np.abs(stream.acc_mps2[:, 0] - np.sin(2 * np.pi * stream.time_s)).max())


def test_a_perfect_clock_is_even():
    true_s, stamped_s, kept = _times(DeviceClock(), 2.0)
    np.testing.assert_allclose(true_s, 3.0 + np.arange(100) / 50.0)
    np.testing.assert_array_equal(true_s, stamped_s)
    assert kept.all()


def test_a_fast_device_takes_more_samples_and_its_own_stamps_hide_it():
    host = _times(DeviceClock(rate_error_ppm=20_000))
    device = _times(DeviceClock(rate_error_ppm=20_000, stamps="device"))
    assert len(host.true_time_s) == 10_200
    assert 1 / np.diff(host.stamped_time_s).mean() == pytest.approx(51.0)
    assert 1 / np.diff(device.stamped_time_s).mean() == pytest.approx(50.0)
    np.testing.assert_array_equal(host.true_time_s, device.true_time_s)


def test_devices_differ_in_rate():
    errors = [_times(DeviceClock(rate_error_std_ppm=5000), 1.0, seed=seed).rate_error_ppm for seed in range(400)]
    assert np.std(errors) == pytest.approx(5000, rel=0.1)


def test_sampling_jitter_is_in_the_truth_and_stamp_jitter_in_the_stamps():
    grid = 3.0 + np.arange(10_000) / 50.0
    sampling = _times(DeviceClock(sampling_jitter_std_s=0.001))
    assert (sampling.true_time_s - grid).std() == pytest.approx(0.001, rel=0.05)
    np.testing.assert_allclose(sampling.stamped_time_s, grid)
    stamp = _times(DeviceClock(stamp_jitter_std_s=0.001))
    assert (stamp.stamped_time_s - grid).std() == pytest.approx(0.001, rel=0.05)
    np.testing.assert_allclose(stamp.true_time_s, grid)


def test_samples_never_change_places():
    assert (np.diff(_times(DeviceClock(sampling_jitter_std_s=0.05)).true_time_s) > 0).all()


def test_drops_and_duplicates_come_as_often_as_asked():
    times = _times(DeviceClock(drop_probability=0.05, duplicate_probability=0.02))
    assert (times.sent == 0).mean() == pytest.approx(0.05, abs=0.008)
    assert (times.sent == 2).mean() == pytest.approx(0.02, abs=0.005)
    assert times.kept.sum() == (times.sent > 0).sum()
    assert len(times.rows) == times.sent.sum()
    assert "dropped" in times.notes[0].text and "duplicated" in times.notes[0].text


def test_the_same_seed_gives_the_same_times():
    clock = DeviceClock(rate_error_std_ppm=100, sampling_jitter_std_s=0.001, drop_probability=0.1)
    first, second, other = (_times(clock, seed=seed) for seed in (1, 1, 2))
    assert first.true_time_s.tobytes() == second.true_time_s.tobytes()
    assert first.sent.tobytes() == second.sent.tobytes()
    assert not np.array_equal(first.sent, other.sent)


def test_dropped_samples_leave_a_valid_stream():
    times, stream = _stream(DeviceClock(drop_probability=0.1))
    assert len(stream) == times.kept.sum()
    assert _swing_error(stream) < 0.1


def test_duplicates_are_found_and_noted():
    times, stream = _stream(DeviceClock(duplicate_probability=0.05))
    assert len(stream) == len(times.true_time_s)
    assert any(
        note.kind == "repaired" and f"{(times.sent == 2).sum()} row(s) sent twice" in note.text for note in stream.notes
    )
    assert any("simulated clock" in note.text for note in stream.notes)


def test_late_stamps_are_sorted_and_noted():
    _, stream = _stream(DeviceClock(stamp_jitter_std_s=0.02))
    assert any(note.kind == "repaired" and "sorted" in note.text for note in stream.notes)


@pytest.mark.parametrize("spacing_s", [0.0, 0.0002])
def test_packets_are_spread_again(spacing_s: float):
    times, stream = _stream(DeviceClock(burst_samples=10, burst_spacing_s=spacing_s))
    assert len(stream) == len(times.true_time_s)
    assert any(note.kind == "repaired" for note in stream.notes)
    assert stream.effective_rate_hz == pytest.approx(50.0, rel=0.05)
    assert np.diff(stream.time_s).max() < 0.1


def test_stamps_in_milliseconds_keep_the_rate():
    _, stream = _stream(DeviceClock(stamp_resolution_s=0.001), rate_hz=104.0)
    assert stream.effective_rate_hz == pytest.approx(104.0, rel=0.001)


def test_everything_at_once_still_gives_a_valid_stream():
    clock = DeviceClock(
        rate_error_std_ppm=10_000,
        sampling_jitter_std_s=0.0005,
        stamp_jitter_std_s=0.002,
        stamp_resolution_s=0.001,
        drop_probability=0.02,
        duplicate_probability=0.01,
    )
    _, stream = _stream(clock)
    assert (np.diff(stream.time_s) > 0).all()
    assert _swing_error(stream) < 0.15


@pytest.mark.parametrize(
    "fields",
    [
        {"drop_probability": 1.5},
        {"drop_probability": 0.6, "duplicate_probability": 0.6},
        {"stamps": "satellite"},
        {"burst_samples": 0},
        {"stamp_jitter_std_s": -1.0},
    ],
)
def test_impossible_clocks_are_refused(fields: dict):
    with pytest.raises(UsageError):
        DeviceClock(**fields)


def test_nothing_to_sample_is_refused():
    with pytest.raises(UsageError, match="sampled"):
        DeviceClock().sample_times(0.0, 0.0, 50.0, np.random.default_rng(0))
