"""Kinematics against analytic truth: rest, free fall, spin about a tilted axis, smooth motion, tempo, mounts, blends."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline
from scipy.spatial.transform import Rotation, RotationSpline

from anywear.errors import UsageError
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.simulate.kinematics import BoneMotion, PointSet, polar_rate

RATE = 60.0


def _motion(rotations: Rotation, origins: np.ndarray, rate: float = RATE, **options) -> BoneMotion:
    return BoneMotion(rate, np.concatenate([rotations.as_matrix(), origins[:, :, None]], axis=2)[:, None], **options)


def _point(*position, frame=None) -> PointSet:
    frames = None if frame is None else np.asarray(frame)[None]
    return PointSet(np.array([position], dtype=float), np.zeros((1, 1), dtype=int), np.ones((1, 1)), frames)


def _share(got: np.ndarray, truth: np.ndarray) -> float:
    """Error in percent of the truth's RMS."""
    return 100 * float(np.sqrt(((got - truth) ** 2).mean() / (truth**2).mean()))


FRAMES = np.arange(240) / RATE
INSIDE = np.linspace(0.5, 3.4, 500)


def test_at_rest_it_reads_gravity_along_up_however_it_is_turned():
    turn = Rotation.from_rotvec([0.7, -1.1, 0.4])
    motion = _motion(Rotation.concatenate([turn] * 240), np.zeros((240, 3)))
    acc, gyr = motion.sample(_point(0.3, 0.2, 0.1), INSIDE)
    assert np.allclose(acc[0], turn.inv().apply([0, 0, G]), atol=2e-4)
    assert np.abs(gyr).max() < 1e-4


def test_in_free_fall_it_reads_nothing():
    origins = np.stack([np.zeros(240), FRAMES, 2.0 * FRAMES - 0.5 * G * FRAMES**2], axis=1)
    acc, _ = _motion(Rotation.identity(240), origins).sample(_point(0, 0, 0), INSIDE)
    assert np.abs(acc).max() < 2e-3


@pytest.mark.parametrize("radius", [0.05, 0.5])
def test_constant_spin_about_a_tilted_axis(radius):
    spin = 3.0 * np.array([0.48, 0.6, 0.64])
    motion = _motion(Rotation.from_rotvec(FRAMES[:, None] * spin), np.zeros((240, 3)))
    place = np.array([radius, 0.0, 0.0])
    acc, gyr = motion.sample(_point(*place), INSIDE, gravity_mps2=0.0)
    centripetal = np.cross(spin, np.cross(spin, place))
    assert _share(gyr[0], np.broadcast_to(spin, gyr[0].shape)) < 0.1
    assert _share(acc[0], np.broadcast_to(centripetal, acc[0].shape)) < 0.5


def _smooth(tempo: float = 1.0):
    """A smooth motion given by formulas: rotation vector and origin as sums of sines up to 3 Hz, and their truth."""

    def rotvec(t):
        return np.stack(
            [0.5 * np.sin(2 * np.pi * t), 0.4 * np.sin(2 * np.pi * 1.5 * t + 1), 0.3 * np.cos(2 * np.pi * 0.7 * t)], -1
        )

    def origin(t):
        return np.stack(
            [0.1 * np.sin(2 * np.pi * 2 * t), 0.2 * np.cos(2 * np.pi * t), 0.05 * np.sin(2 * np.pi * 3 * t)], -1
        )

    return (lambda t: rotvec(tempo * t)), (lambda t: origin(tempo * t))


def _truth(rotvec, origin, place, at, step=1e-4):
    """Eighth-order central differences of the formulas."""
    first = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 0, 4 / 5, -1 / 5, 4 / 105, -1 / 280])
    second = np.array([-1 / 560, 8 / 315, -1 / 5, 8 / 5, -205 / 72, 8 / 5, -1 / 5, 8 / 315, -1 / 560])
    grid = at[:, None] + step * 20 * np.arange(-4, 5)
    rotations = Rotation.from_rotvec(rotvec(grid.ravel()))
    where = (rotations.apply(np.tile(place, (grid.size, 1))) + origin(grid.ravel())).reshape(*grid.shape, 3)
    linear = np.einsum("k,nkc->nc", second, where) / (step * 20) ** 2
    now = Rotation.from_rotvec(rotvec(at))
    matrices = rotations.as_matrix().reshape(*grid.shape, 3, 3)
    rate = np.einsum("k,nkij->nij", first, matrices) / (step * 20)
    skew = np.einsum("nji,njk->nik", now.as_matrix(), rate)
    return now.inv().apply(linear), np.stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]], axis=1)


def test_smooth_motion_is_within_half_a_percent_at_60_hz():
    rotvec, origin = _smooth()
    place = np.array([0.1, -0.2, 0.25])
    acc, gyr = _motion(Rotation.from_rotvec(rotvec(FRAMES)), origin(FRAMES)).sample(
        _point(*place), INSIDE, gravity_mps2=0.0
    )
    linear, rate = _truth(rotvec, origin, place, INSIDE)
    assert _share(acc[0], linear) < 0.5
    assert _share(gyr[0], rate) < 0.5


def test_the_rate_equals_scipys_rotation_spline():
    rotvec, _ = _smooth()
    rotations = Rotation.from_rotvec(rotvec(np.arange(960) / 240))
    _, gyr = _motion(rotations, np.zeros((960, 3)), rate=240.0).sample(_point(0, 0, 0), INSIDE)
    oracle = RotationSpline(np.arange(960) / 240, rotations)(INSIDE, 1)
    assert _share(gyr[0], oracle) < 0.1


def test_double_speed_quadruples_linear_acceleration():
    at = np.linspace(0.5, 1.8, 200)
    slow, fast = (
        _motion(Rotation.identity(240), _smooth(tempo)[1](FRAMES)).sample(
            _point(0, 0, 0), at / tempo, gravity_mps2=0.0
        )[0]
        for tempo in (0.5, 1.0)
    )
    assert _share(fast, 4 * slow) < 1.0


def test_turning_the_mount_turns_the_signal():
    rotvec, origin = _smooth()
    motion = _motion(Rotation.from_rotvec(rotvec(FRAMES)), origin(FRAMES))
    mount = Rotation.from_rotvec([0.3, 0.9, -0.5])
    plain = motion.sample(_point(0.1, 0.0, 0.2), INSIDE)
    turned = motion.sample(_point(0.1, 0.0, 0.2, frame=mount.as_matrix()), INSIDE)
    for a, b in zip(plain, turned, strict=True):
        assert np.allclose(mount.inv().apply(a[0]), b[0], atol=1e-3)


def test_blending_bones_equals_differentiating_the_vertex():
    """The oracle splines the skinned vertex itself."""
    rng = np.random.default_rng(0)
    bones = []
    for _ in range(4):
        phase, size = rng.uniform(0, 6, 3), rng.uniform(0.1, 0.3, 3)
        angles = size * np.sin(2 * np.pi * 1.2 * FRAMES[:, None] + phase)
        matrix = np.concatenate([Rotation.from_rotvec(angles).as_matrix(), angles[:, :, None]], axis=2)
        bones.append(matrix)
    matrices = np.stack(bones, axis=1)
    places, index = rng.normal(0, 0.3, (7, 3)), np.tile([0, 1, 3], (7, 1))
    weights = rng.dirichlet(np.ones(3), 7)
    acc, _ = BoneMotion(RATE, matrices).sample(PointSet(places, index, weights), INSIDE, gravity_mps2=0.0)
    for p in range(7):
        blended = np.einsum("k,tkij->tij", weights[p], matrices[:, index[p]])
        vertex = blended @ np.r_[places[p], 1.0]
        world = make_interp_spline(FRAMES, vertex, k=5)(INSIDE, nu=2)
        assert np.allclose(np.linalg.norm(acc[p], axis=1), np.linalg.norm(world, axis=1), atol=2e-3)


def test_polar_rate_against_singular_values():
    rng = np.random.default_rng(1)
    angles, size = rng.normal(0, 0.2, 3), 1e-5

    def blend(t):
        return (
            0.6 * Rotation.from_rotvec(angles * t).as_matrix()
            + 0.4 * Rotation.from_rotvec([0.3 * t, 0.5, 0.1]).as_matrix()
        )

    def nearest(m):
        u, _, v = np.linalg.svd(m)
        return u @ v

    rate = (blend(1 + size) - blend(1 - size)) / (2 * size)
    turn, spin = polar_rate(blend(1.0), rate)
    assert np.allclose(turn, nearest(blend(1.0)), atol=1e-7)
    skew = nearest(blend(1.0)).T @ (nearest(blend(1 + size)) - nearest(blend(1 - size))) / (2 * size)
    assert np.allclose(spin, [skew[2, 1], skew[0, 2], skew[1, 0]], atol=1e-5)


def test_a_low_pass_takes_jitter_away_and_little_else():
    rotvec, origin = _smooth()
    noise = np.random.default_rng(0).normal(0, 2e-4, (240, 3))
    place = np.zeros(3)
    linear, _ = _truth(rotvec, origin, place, INSIDE)
    raw, smooth = (
        _motion(Rotation.identity(240), origin(FRAMES) + noise, lowpass_hz=cut).sample(
            _point(0, 0, 0), INSIDE, gravity_mps2=0.0
        )[0]
        for cut in (None, 9.0)
    )
    truth = Rotation.from_rotvec(rotvec(INSIDE)).apply(linear)
    assert _share(smooth[0], truth) < 0.3 * _share(raw[0], truth)


def test_memory_and_result_do_not_depend_on_the_number_of_points():
    rotvec, origin = _smooth()
    motion = _motion(Rotation.from_rotvec(rotvec(FRAMES)), origin(FRAMES))
    places = np.random.default_rng(0).normal(0, 0.3, (600, 3))
    many = PointSet(places, np.zeros((600, 1), dtype=int), np.ones((600, 1)))
    acc, gyr = motion.sample(many, INSIDE[:50])
    for p in (0, 255, 256, 599):
        alone = motion.sample(_point(*places[p]), INSIDE[:50])
        assert np.allclose(acc[p], alone[0][0], atol=1e-4) and np.allclose(gyr[p], alone[1][0], atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [(lambda m: BoneMotion(60.0, m[:10]), "too short"),
     (lambda m: BoneMotion(60.0, np.where(m == 1, np.nan, m)), "not finite"),
     (lambda m: BoneMotion(60.0, m, lowpass_hz=40.0), "low-pass"),
     (lambda m: BoneMotion(60.0, m).sample(_point(0, 0, 0), np.array([100.0])), "reach")],
)  # fmt: skip
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(UsageError, match=message):
        change(np.tile(np.eye(3, 4), (100, 1, 1, 1)))
