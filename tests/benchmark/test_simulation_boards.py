"""The simulator against a real board, and the comparison itself against boards whose every constant is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear.benchmark.simulation_boards import _bridged, compare_boards, correlation, optical_noise
from anywear.datasets import dataset
from anywear.datasets.broad import BoardTrial, parse, read_board
from anywear.errors import FormatError
from anywear.recording import STANDARD_GRAVITY_MPS2

RATE_HZ = 200.0
REST_S, MOVE_S = 12.0, 24.0
NOISE_M, ACC_NOISE, GYR_NOISE = 5e-5, 0.05, 0.002
LEVER_M = np.array([0.03, -0.02, 0.05])
DELAY_S = 0.006


def _pose(time_s):
    """Turn and position of a board that rests, moves and rests, and the same after the sensor's lever arm."""
    ease = np.clip((time_s - REST_S) / 2, 0, 1) * np.clip((REST_S + MOVE_S - time_s) / 2, 0, 1)
    ease = ease**3 * (10 - 15 * ease + 6 * ease**2)
    angles = [
        0.9 * ease * np.sin(3.1 * time_s),
        0.7 * ease * np.sin(4.3 * time_s + 1),
        0.8 * ease * np.sin(2.3 * time_s),
    ]
    turn = Rotation.from_euler("xyz", np.stack(angles, axis=1))
    position = np.stack([0.15 * ease * np.sin(w * time_s + p) for w, p in ((5.0, 0), (4.1, 1), (6.2, 2))], axis=1)
    return turn, position


def _board(rng, noise=1.0):
    time_s = np.arange(int((2 * REST_S + MOVE_S) * RATE_HZ)) / RATE_HZ
    felt_s, step = time_s - DELAY_S, 1e-4
    before, now, after = (_pose(felt_s + d) for d in (-step, 0.0, step))
    points = [p + turn.apply(LEVER_M) for turn, p in (before, now, after)]
    force = (points[0] - 2 * points[1] + points[2]) / step**2 + [0.0, 0.0, STANDARD_GRAVITY_MPS2]
    acc = now[0].inv().apply(force)
    gyr = (before[0].inv() * after[0]).as_rotvec() / (2 * step) + [0.01, -0.02, 0.005]
    turn, position = _pose(time_s)
    return BoardTrial(
        "made",
        RATE_HZ,
        acc + noise * rng.normal(0, ACC_NOISE, acc.shape),
        gyr + noise * rng.normal(0, GYR_NOISE, gyr.shape),
        turn.as_quat(),
        position + noise * rng.normal(0, NOISE_M, position.shape),
        (time_s >= REST_S) & (time_s < REST_S + MOVE_S),
    )


@pytest.fixture(scope="module")
def made():
    return compare_boards([_board(np.random.default_rng(0))])


def test_known_constants_come_back(made):
    found, _ = made
    np.testing.assert_allclose(found.lever_m, LEVER_M, atol=0.003)
    assert found.gyr_delay_s == pytest.approx(DELAY_S, abs=3e-4)
    assert found.acc_delay_s == pytest.approx(DELAY_S, abs=1e-3)
    assert np.abs(found.gyr_turn_rad).max() < 2e-3 and np.abs(found.acc_bias_mps2).max() < 0.05


def test_known_motion_is_reproduced_to_its_noise(made):
    _, (board,) = made
    assert min(board.gyr["calibrated"].r) > 0.999 and min(board.acc["calibrated"].r) > 0.99
    assert board.acc["calibrated"].rmse > board.acc_floor.sensor == pytest.approx(ACC_NOISE, rel=0.05)
    assert board.gyr_floor.sensor == pytest.approx(GYR_NOISE, rel=0.05)
    # What is left is what the floors say: the unit's noise, the track's, and what the low-pass took.
    left = np.sqrt(ACC_NOISE**2 + board.acc_floor.optical**2)
    assert board.acc["calibrated"].rmse == pytest.approx(left, rel=0.5)
    assert board.acc["plain"].rmse > 2 * board.acc["calibrated"].rmse


def test_without_noise_nothing_is_left():
    rng = np.random.default_rng(1)
    _, (board,) = compare_boards([_board(rng, noise=1e-3)])
    assert min(board.gyr["calibrated"].r) > 0.9999 and min(board.acc["calibrated"].r) > 0.999


def test_level_of_white_noise_is_read_off_a_moving_track():
    rng = np.random.default_rng(2)
    time_s = np.arange(int(60 * RATE_HZ)) / RATE_HZ
    track = np.stack([0.1 * np.sin(2 * np.pi * f * time_s) for f in (0.7, 1.1, 1.9)], axis=1)
    noise = optical_noise(track + rng.normal(0, NOISE_M, track.shape), RATE_HZ)
    density = 3 * 2 * NOISE_M**2 / RATE_HZ  # three axes, one-sided
    assert np.median(noise.density) == pytest.approx(density, rel=0.15)
    assert 3.0 < noise.corner_hz < 30.0


def test_more_noise_asks_for_a_lower_corner():
    rng = np.random.default_rng(3)
    time_s = np.arange(int(60 * RATE_HZ)) / RATE_HZ
    steps = rng.normal(size=(len(time_s), 3))
    from scipy.signal import butter, sosfiltfilt

    track = 0.3 * sosfiltfilt(butter(4, 2.0, fs=RATE_HZ, output="sos"), steps, axis=0)
    corners = [
        optical_noise(track + rng.normal(0, sigma, track.shape), RATE_HZ).corner_hz
        for sigma in (1e-6, 1e-5, 1e-4, 1e-3)
    ]
    assert corners == sorted(corners, reverse=True) and corners[0] > corners[-1]


def test_short_losses_of_sight_are_bridged_and_long_ones_are_not():
    seen = np.ones(40, dtype=bool)
    seen[5:8] = seen[20:30] = seen[:2] = False
    filled, bridged = _bridged(seen, 4)
    assert filled[5:8].all() and not filled[20:30].any() and not filled[:2].any() and bridged.sum() == 3


def test_losses_of_sight_cost_what_they_cover():
    trial = _board(np.random.default_rng(0))
    start = int((REST_S + 10) * RATE_HZ)
    trial.position_m[start : start + 6] = np.nan
    _, (board,) = compare_boards([trial])
    assert board.bridged_s == pytest.approx(0.03) and board.skipped_s == 0.0
    assert min(board.gyr["calibrated"].r) > 0.99
    trial.position_m[int((REST_S + 4) * RATE_HZ) :][:100] = np.nan
    _, (board,) = compare_boards([trial])
    assert board.skipped_s == pytest.approx(4.5)


def test_a_board_that_never_moves_or_never_rests_is_refused():
    trial = _board(np.random.default_rng(0))
    trial.moving[:] = False
    with pytest.raises(FormatError, match="Nothing moves"):
        compare_boards([trial])
    trial.moving[:] = True
    with pytest.raises(FormatError, match="no rest"):
        compare_boards([trial])


def test_correlation_of_what_does_not_move_is_zero():
    assert correlation(np.ones(5), np.arange(5.0)) == 0.0
    assert correlation(np.arange(5.0), 3 - 2 * np.arange(5.0)) == pytest.approx(-1.0)


def test_real_boards_are_reproduced(dataset_root):
    source = dataset("broad").find(dataset_root("broad"))
    names = [name for name in source.names() if parse(name)]
    found, boards = compare_boards([read_board(data, name) for name, data in source.read(names)])
    gyr = np.median([r for b in boards for r in b.gyr["calibrated"].r[:3]])
    acc = np.median([r for b in boards for r in b.acc["calibrated"].r[:3]])
    assert gyr > 0.99 and acc > 0.95
    assert np.median([r for b in boards for r in b.acc["calibrated"].r_in_band[:3]]) > 0.99
    assert np.linalg.norm(found.lever_m) < 0.012 and np.linalg.norm(found.gyr_turn_rad) < np.radians(0.5)
    assert 0.002 < found.acc_delay_s < found.gyr_delay_s < 0.006
    for board in boards:
        assert board.bridged_s == board.skipped_s == 0.0
        # Nobody does much better than the truth allows, nor is much lost besides.
        assert np.mean(board.acc["calibrated"].r[:3]) == pytest.approx(board.acc_floor.ceiling, abs=0.06)
