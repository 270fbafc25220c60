"""Each error of the sensor model against what it is defined to be, and the promises of the batch."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.simulate import PARTS, SensorModel, TriadErrors, sensor, sensor_notes, sensor_seeds
from anywear.simulate.triad import OFF_DIAGONAL

RATE_HZ = 100.0
FULL = SensorModel(
    acc=TriadErrors(
        range_si=20.0,
        bandwidth_hz=30.0,
        scale_error_std=0.01,
        misalignment_std_rad=0.01,
        turn_on_bias_std_si=0.2,
        noise_density_si_per_sqrt_hz=0.01,
        bias_instability_si=0.002,
        rate_random_walk_si_per_sqrt_s=0.001,
        resolution_si=0.01,
        bias_drift_std_si_per_k=0.01,
        scale_drift_std_per_k=0.001,
    ),
    gyr=TriadErrors.gyroscope(range_dps=500, noise_mdps_per_sqrt_hz=10, bandwidth_per_rate=0.4, resolution_mdps=15),
    self_heating_k=8.0,
)


def _motion(sensors: int, samples: int = 200, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 5.0, (sensors, samples, 3)).astype(np.float32)


def _measure(errors: TriadErrors, true: np.ndarray, seed: int = 0, **options) -> np.ndarray:
    return SensorModel(acc=errors).apply(true, None, RATE_HZ, np.random.default_rng(seed), **options)[0]


def test_an_ideal_sensor_is_the_identity():
    acc, gyr = _motion(3), _motion(3, seed=2)
    measured_acc, measured_gyr, provenance = SensorModel().apply(acc, gyr, RATE_HZ, np.random.default_rng(0))
    np.testing.assert_array_equal(measured_acc, acc)
    np.testing.assert_array_equal(measured_gyr, gyr)
    assert provenance["effects"] == {"acc": {}, "gyr": {}}


def test_without_a_gyroscope_there_is_none():
    measured = FULL.apply(_motion(1), None, RATE_HZ, np.random.default_rng(0))
    assert measured[1] is None
    with_gyr = FULL.apply(_motion(1), _motion(1), RATE_HZ, np.random.default_rng(0))
    np.testing.assert_array_equal(measured[0], with_gyr[0])


def test_values_beyond_the_range_are_clipped_and_counted():
    true = np.zeros((2, 4, 3))
    true[0, 1:3, 2], true[0, 3, 0] = 50.0, -50.0
    model = SensorModel(acc=TriadErrors(range_si=(10.0, 10.0, 20.0)))
    measured, _, provenance = model.apply(true, None, RATE_HZ, np.random.default_rng(0))
    assert measured[0, 1, 2] == 20.0
    assert measured[0, 3, 0] == -10.0
    assert provenance["clipped_samples"]["acc"].tolist() == [3, 0]
    texts = [note.text for note in sensor_notes(provenance, 0)]
    assert any("3 sample(s)" in text and "clipped" in text for text in texts)


def test_quantised_values_lie_on_levels():
    step = 0.05
    measured = _measure(TriadErrors(resolution_si=step), _motion(1, 2000)).astype(float)
    levels = measured / step
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-4)
    assert len(np.unique(np.rint(levels))) > 100
    assert np.abs(measured - _motion(1, 2000)).max() <= step / 2 + 1e-5


@pytest.mark.parametrize("corner_hz", [5.0, 20.0, 44.0])
def test_amplitude_at_the_corner_is_minus_3_db(corner_hz: float):
    time_s = np.arange(4000) / RATE_HZ
    wave = np.zeros((1, 4000, 3))
    wave[0, :, 0] = np.sin(2 * np.pi * corner_hz * time_s)
    wave[0, :, 1] = 9.81
    measured = _measure(TriadErrors(bandwidth_hz=corner_hz), wave)
    gain = measured[0, 2000:, 0].std() / wave[0, 2000:, 0].std()
    assert 20 * np.log10(gain) == pytest.approx(-3.01, abs=0.05)
    np.testing.assert_allclose(measured[0, :, 1], 9.81, rtol=1e-5)  # starts at rest, no transient


def test_noise_is_filtered_with_the_signal_and_folds_in_beyond_nyquist():
    still = np.zeros((4, 8000, 3))
    rms = {
        hz: _measure(TriadErrors(noise_density_si_per_sqrt_hz=0.01, bandwidth_hz=hz), still)[:, 50:].std()
        for hz in (10.0, 200.0)
    }
    for hz, value in rms.items():
        assert value == pytest.approx(0.01 * np.sqrt(1.11 * hz), rel=0.03)


def test_scale_and_misalignment_are_the_documented_matrix():
    entries = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06)
    misalignment = np.eye(3)
    for value, place in zip(entries, OFF_DIAGONAL, strict=True):
        misalignment[place] = value
    matrix = np.diag([1.1, 1.0, 0.9]) @ misalignment
    true = _motion(2)
    errors = TriadErrors(scale_error=(0.1, 0.0, -0.1), misalignment_rad=entries)
    np.testing.assert_allclose(_measure(errors, true), true @ matrix.T.astype(np.float32), atol=1e-4)


def test_devices_differ_by_what_was_drawn():
    errors = TriadErrors(bias_si=0.5, turn_on_bias_std_si=0.1, scale_error_std=0.02, misalignment_std_rad=0.01)
    model = SensorModel(acc=errors)
    still = np.zeros((4000, 1, 3), dtype=np.float32)
    measured, _, provenance = model.apply(still, None, RATE_HZ, np.random.default_rng(0))
    np.testing.assert_allclose(measured[:, 0], provenance["drawn"]["acc"]["bias_si"], rtol=1e-5, atol=1e-7)
    assert measured.mean() == pytest.approx(0.5, abs=0.01)
    assert measured.std() == pytest.approx(0.1, rel=0.05)
    matrices = provenance["drawn"]["acc"]["matrix"]
    assert matrices[:, 0, 0].std() == pytest.approx(0.02, rel=0.1)
    assert matrices[:, 0, 1].std() == pytest.approx(0.01, rel=0.1)


def test_bias_drifts_linearly_with_temperature():
    errors = TriadErrors(bias_drift_si_per_k=(0.01, 0.0, -0.02), scale_drift_per_k=0.001)
    true = np.ones((1, 3, 3))
    measured = _measure(errors, true, temperature_c=np.array([25.0, 35.0, 5.0]))
    np.testing.assert_allclose(measured[0, 0], [1, 1, 1], rtol=1e-6)
    np.testing.assert_allclose(measured[0, 1], [1.11, 1.01, 0.81], rtol=1e-6)
    np.testing.assert_allclose(measured[0, 2], [0.78, 0.98, 1.38], rtol=1e-6)


def test_temperature_may_differ_from_sensor_to_sensor():
    errors = TriadErrors(bias_drift_si_per_k=0.1)
    measured = _measure(errors, np.zeros((2, 2, 3)), temperature_c=np.array([[25.0, 26.0], [35.0, 25.0]]))
    np.testing.assert_allclose(measured[:, :, 0], [[0.0, 0.1], [1.0, 0.0]], atol=1e-6)


def test_a_warming_sensor_reaches_its_limit():
    model = SensorModel(acc=TriadErrors(bias_drift_si_per_k=0.1), ambient_c=20.0, self_heating_k=10.0, warm_up_s=2.0)
    measured, _, provenance = model.apply(np.zeros((1, 4000, 3)), None, RATE_HZ, np.random.default_rng(0))
    assert measured[0, 0, 0] == pytest.approx(-0.5, abs=1e-5)
    assert measured[0, 200, 0] == pytest.approx(0.1 * (-5 + 10 * (1 - np.exp(-1))), abs=1e-3)
    assert measured[0, -1, 0] == pytest.approx(0.5, abs=1e-3)
    assert provenance["temperature_c"] == pytest.approx([20.0, 30.0], abs=0.01)


def test_results_do_not_depend_on_batch_block_or_threads(monkeypatch: pytest.MonkeyPatch):
    acc, gyr = _motion(23), _motion(23, seed=2)
    whole = FULL.apply(acc, gyr, RATE_HZ, np.random.default_rng(7))
    rng = np.random.default_rng(7)
    parts = [FULL.apply(acc[a:b], gyr[a:b], RATE_HZ, rng) for a, b in ((0, 1), (1, 9), (9, 23))]
    monkeypatch.setattr(sensor, "BLOCK_SAMPLES", 800)
    small = FULL.apply(acc, gyr, RATE_HZ, np.random.default_rng(7), threads=2)
    seeds = sensor_seeds(np.random.default_rng(7), 23)
    late = FULL.apply(acc[20:], gyr[20:], RATE_HZ, seeds[20:])
    for kind in (0, 1):
        assert np.concatenate([part[kind] for part in parts]).tobytes() == whole[kind].tobytes()
        assert small[kind].tobytes() == whole[kind].tobytes()
        assert late[kind].tobytes() == whole[kind][20:].tobytes()
    other = FULL.apply(acc, gyr, RATE_HZ, np.random.default_rng(8))
    assert not np.array_equal(other[0], whole[0])


@pytest.mark.parametrize("sensors", [1, 3])
def test_the_truth_is_left_alone(sensors: int):
    acc = _motion(sensors)
    FULL.apply(acc, acc, RATE_HZ, np.random.default_rng(0))
    np.testing.assert_array_equal(acc, _motion(sensors))


def test_sensors_and_axes_are_independent():
    measured = _measure(TriadErrors(noise_density_si_per_sqrt_hz=0.1), np.zeros((4, 20_000, 3)))
    correlation = np.corrcoef(measured.transpose(0, 2, 1).reshape(12, -1))
    assert np.abs(correlation - np.eye(12)).max() < 0.03


@pytest.mark.parametrize("sensors", [400, 1600])
def test_working_memory_does_not_grow_with_the_sensors(sensors: int):
    acc = np.zeros((sensors, 600, 3), dtype=np.float32)
    model = SensorModel(acc=FULL.acc)
    model.apply(acc[:2], None, RATE_HZ, np.random.default_rng(0))  # imports
    tracemalloc.start()
    model.apply(acc, None, RATE_HZ, np.random.default_rng(0))
    peak = tracemalloc.get_traced_memory()[1] - acc.nbytes  # the output is as large as the input
    tracemalloc.stop()
    assert peak < 20e6


def test_lone_samples_and_short_recordings_pass():
    for samples in (1, 2, 24, 25, 26, 51):
        measured = FULL.apply(_motion(2, samples), None, RATE_HZ, np.random.default_rng(0))[0]
        assert np.isfinite(measured).all()


@pytest.mark.parametrize("part", sorted(PARTS))
def test_provenance_tells_the_figures(part: str):
    _, _, provenance = PARTS[part].model.apply(_motion(2), _motion(2), 50.0, np.random.default_rng(0))
    texts = " ".join(note.text for note in sensor_notes(provenance, 1))
    assert part in texts
    assert "noise_density_mps2_per_sqrt_hz" in texts
    assert "bias_radps of this device" in texts


def test_what_cannot_be_measured_is_refused():
    true = _motion(2)
    rng = np.random.default_rng(0)
    with pytest.raises(UsageError, match="not finite"):
        SensorModel().apply(np.full((1, 2, 3), np.nan), None, RATE_HZ, rng)
    with pytest.raises(UsageError, match="rate"):
        SensorModel().apply(true, None, 0.0, rng)
    with pytest.raises(UsageError, match="gyroscope does not fit"):
        SensorModel().apply(true, true[:, :10], RATE_HZ, rng)
    with pytest.raises(UsageError, match="SFC64"):
        np.random.PCG64(sensor_seeds(rng, 1)[0])
    with pytest.raises(UsageError, match="Seeds"):
        SensorModel().apply(true, None, RATE_HZ, sensor_seeds(rng, 3))
    with pytest.raises(UsageError, match="temperature"):
        SensorModel().apply(true, None, RATE_HZ, rng, temperature_c=np.zeros(7))


@pytest.mark.parametrize(
    "errors",
    [
        {"range_si": 0.0},
        {"noise_density_si_per_sqrt_hz": -1.0},
        {"turn_on_bias_std_si": float("nan")},
        {"bandwidth_hz": 10.0, "bandwidth_per_rate": 0.4},
    ],
)
def test_impossible_sensors_are_refused(errors: dict):
    with pytest.raises(UsageError):
        TriadErrors(**errors)
