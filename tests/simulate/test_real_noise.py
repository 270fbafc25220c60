"""The noise model against a real sensor: the board of BROAD, lying still between its movements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from anywear.simulate import SensorModel, TriadErrors, allan_deviation, read_noise

MARGIN_S = 0.5  # s; hands touch the board around a movement


def _longest_rest(moving: np.ndarray, rate_hz: float) -> slice:
    edges = np.flatnonzero(np.diff(np.concatenate([[True], moving, [True]]).astype(int)))
    start, stop = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0])
    return slice(start + int(MARGIN_S * rate_hz), stop - int(MARGIN_S * rate_hz))


@pytest.mark.parametrize(
    ("channel", "low", "high"),
    [("imu_gyr", np.radians(0.005), np.radians(0.014)), ("imu_acc", 300e-6 * 9.80665, 600e-6 * 9.80665)],
)
def test_noise_read_off_a_real_board_makes_the_same_noise(
    dataset_root: Callable[[str], Path], channel: str, low: float, high: float
):
    from scipy.io import loadmat

    path = next(dataset_root("broad").rglob("07_undisturbed_fast_rotation_B.mat"))
    trial = loadmat(path)
    rate_hz = float(np.squeeze(trial["sampling_rate"]))
    real = trial[channel][_longest_rest(np.squeeze(trial["movement"]).astype(bool), rate_hz)]
    tau_s, deviation = allan_deviation(real, rate_hz)
    short = tau_s <= 1.0  # forty seconds tell no more than the white noise
    pooled = np.sqrt((deviation**2).mean(axis=1))
    density = read_noise(tau_s[short], pooled[short], len(real) / rate_hz).noise_density_per_sqrt_hz
    assert low < density < high  # a consumer part: MPU-6050 states 5 mdps and 400 ug per sqrt(Hz)

    model = SensorModel(acc=TriadErrors(noise_density_si_per_sqrt_hz=density))
    still = np.zeros((4, len(real), 3), dtype=np.float32)
    simulated = model.apply(still, None, rate_hz, np.random.default_rng(0))[0]
    assert simulated.std() == pytest.approx(real.std(axis=0).mean(), rel=0.1)
    _, again = allan_deviation(simulated.transpose(1, 0, 2).reshape(len(real), -1), rate_hz)
    np.testing.assert_allclose(np.sqrt((again**2).mean(axis=1))[short], pooled[short], rtol=0.15)
