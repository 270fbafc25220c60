"""Falls: plausible, weightless on the way, stopped hard, and lying at the end."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, generate, pose
from anywear.motion.generate.checks import check_figure

NAMES = sorted(name for name, own in PROGRAMS.items() if own.family == "falls")
GRAVITY = np.array([0.0, 0.0, 9.80665])


def waist_g(figure):
    """Specific force (T,) at the pelvis in g."""
    acc = np.diff(figure.pelvis_m, 2, axis=0) * 120.0**2 + GRAVITY
    return np.linalg.norm(acc, axis=1) / 9.80665


@pytest.mark.parametrize("name", NAMES)
def test_every_fall_is_plausible_and_described(name: str) -> None:
    for seed in range(20, 25):
        _, _, figure = pose(name, seed)
        assert check_figure(figure).faults == (), f"seed {seed}"
        assert len(set(figure.said)) >= 3


def test_same_seed_same_bytes() -> None:
    clips = [generate("falling_forward", seed=4).clip.root_position_m.tobytes() for _ in range(2)]
    assert clips[0] == clips[1]


@pytest.mark.parametrize("name", ["falling_forward", "falling_backward", "falling_left", "falling_right"])
def test_a_fall_is_light_and_then_hits_hard(name: str) -> None:
    peaks = []
    for seed in range(6):
        _, _, figure = pose(name, seed, start="standing", after="still")
        force = waist_g(figure)
        hit = int(force.argmax())
        peaks.append(force[hit])
        assert force[max(hit - 60, 0) : hit].min() < 0.65
        assert np.ptp(figure.pelvis_m[-120:, 2]) < 0.02
        assert figure.pelvis_m[-1, 2] < 0.35
    assert 2.5 < np.median(peaks) < 9.0
    assert max(peaks) < 13.0


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        ("falling_forward", (-1.0, 0.0, 0.0)),
        ("falling_backward", (1.0, 0.0, 0.0)),
        ("falling_left", (0.0, -1.0, 0.0)),
        ("falling_right", (0.0, 1.0, 0.0)),
    ],
)
def test_bodies_land_on_the_side_they_fall_to(name: str, axis: tuple[float, float, float]) -> None:
    for start in ("standing", "walking", "sitting"):
        _, _, figure = pose(name, 9, start=start)
        up = quaternion.rotate(quaternion.inverse(figure.world("chest")), np.array([0.0, 0.0, 1.0]))
        assert up[-1] @ np.array(axis) > 0.6


def test_who_moves_afterwards_moves() -> None:
    def unrest(after: str) -> float:
        moved = []
        for seed in range(3):
            _, _, figure = pose("falling_backward", seed, seconds=10.0, after=after)
            moved.append(np.linalg.norm(np.diff(figure.point("left_hand")[-240:], axis=0), axis=1).sum())
        return float(np.mean(moved))

    assert unrest("moving") > 3.0 * unrest("still")


def test_walkers_are_on_their_way_before_they_trip() -> None:
    _, _, figure = pose("tripping", 3)
    speed = np.linalg.norm(np.diff(figure.pelvis_m[:, :2], axis=0), axis=1) * 120.0
    assert speed[:100].mean() > 0.4
    assert speed[-100:].max() < 0.1
