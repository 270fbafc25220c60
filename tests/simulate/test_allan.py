"""The Allan deviation against its definition, and the noise model against its own parameters."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.simulate import SensorModel, TriadErrors, allan_deviation, read_noise
from anywear.simulate.allan import FLICKER_FLOOR


def _allan_naive(values: np.ndarray, rate_hz: float, size: int) -> float:
    """Straight from the definition: differences of neighbouring averages, at every start."""
    squares = []
    for start in range(len(values) - 2 * size + 1):
        first, second = values[start : start + size], values[start + size : start + 2 * size]
        squares.append((second.mean() - first.mean()) ** 2)
    return float(np.sqrt(0.5 * np.mean(squares)))


def _curve(samples: int, rate_hz: float, sensors: int, **errors) -> tuple[np.ndarray, np.ndarray]:
    """Averaging times and the deviation over all axes of sensors at rest."""
    model = SensorModel(acc=TriadErrors(**errors))
    still = np.zeros((sensors, samples, 3), dtype=np.float32)
    measured, _, _ = model.apply(still, None, rate_hz, np.random.default_rng(5))
    tau_s, deviation = allan_deviation(measured.transpose(1, 0, 2).reshape(samples, -1), rate_hz)
    return tau_s, np.sqrt((deviation**2).mean(axis=1))


def test_fast_equals_naive():
    values = np.random.default_rng(0).normal(3.0, 1.0, (200, 2)).cumsum(axis=0)
    tau_s, deviation = allan_deviation(values, 20.0)
    for row, tau in enumerate(tau_s):
        for channel in range(2):
            naive = _allan_naive(values[:, channel], 20.0, round(tau * 20))
            assert deviation[row, channel] == pytest.approx(naive, rel=1e-9)


def test_a_ramp_has_its_known_deviation():
    # A drift of R per second: R tau / sqrt(2), IEEE Std 952.
    tau_s, deviation = allan_deviation((np.arange(1000) / 10.0)[:, None] * 0.3, 10.0)
    np.testing.assert_allclose(deviation[:, 0], 0.3 * tau_s / np.sqrt(2), rtol=1e-9)


def test_white_noise_comes_back_within_two_percent():
    tau_s, deviation = _curve(60_000, 50.0, 2, noise_density_si_per_sqrt_hz=0.01)
    assert read_noise(tau_s, deviation, 1200.0).noise_density_per_sqrt_hz == pytest.approx(0.01, rel=0.02)
    assert deviation[0] == pytest.approx(0.01 * np.sqrt(25.0), rel=0.02)  # rms = density sqrt(Nyquist)


def test_rate_random_walk_comes_back_within_ten_percent():
    tau_s, deviation = _curve(20_000, 20.0, 10, rate_random_walk_si_per_sqrt_s=0.003)
    slow = tau_s >= 0.5  # drawn four times a second
    figures = read_noise(tau_s[slow], deviation[slow], 1000.0)
    assert figures.rate_random_walk_per_sqrt_s == pytest.approx(0.003, rel=0.1)


def test_flicker_noise_is_flat_at_its_floor_over_two_decades():
    tau_s, deviation = _curve(20_000, 20.0, 10, bias_instability_si=0.02)
    flat = (tau_s >= 0.5) & (tau_s <= 50.0)
    np.testing.assert_allclose(deviation[flat], FLICKER_FLOOR * 0.02, rtol=0.1)
    assert read_noise(tau_s[flat], deviation[flat], 1000.0).bias_instability == pytest.approx(0.02, rel=0.1)


def test_all_three_together_come_back():
    tau_s, deviation = _curve(
        40_000,
        10.0,
        8,
        noise_density_si_per_sqrt_hz=0.01,
        bias_instability_si=0.004,
        rate_random_walk_si_per_sqrt_s=0.0008,
    )
    figures = read_noise(tau_s, deviation, 4000.0)
    assert figures.noise_density_per_sqrt_hz == pytest.approx(0.01, rel=0.03)
    assert figures.bias_instability == pytest.approx(0.004, rel=0.15)
    assert figures.rate_random_walk_per_sqrt_s == pytest.approx(0.0008, rel=0.1)


def test_terms_that_are_off_read_as_nothing():
    tau_s, deviation = _curve(20_000, 50.0, 4, noise_density_si_per_sqrt_hz=0.01)
    figures = read_noise(tau_s, deviation, 400.0)
    assert figures.bias_instability < 0.001
    assert figures.rate_random_walk_per_sqrt_s < 0.0005


@pytest.mark.parametrize("tau_s", [[0.0001], [60.0]])
def test_averaging_times_outside_the_recording_are_refused(tau_s: list[float]):
    with pytest.raises(UsageError, match="averaging time"):
        allan_deviation(np.zeros((1000, 1)), 10.0, np.array(tau_s))


def test_a_stuck_sensor_tells_no_noise():
    tau_s, deviation = allan_deviation(np.ones((1000, 1)), 10.0)
    with pytest.raises(UsageError, match="tells no noise"):
        read_noise(tau_s, deviation[:, 0])
