"""Kinematics against analytic truth: rest, free fall, spin about a tilted axis, smooth motion, tempo, mounts, blends."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline
from scipy.spatial.transform import Rotation, RotationSpline

from anywear.body import nearest_rotation
from anywear.errors import UsageError
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.simulate import kinematics
from anywear.simulate.kinematics import BoneMotion, PointSet

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


def _polar_rate(matrices: np.ndarray, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotation next to each matrix and its body-frame rate: M = Q S, K = Q' dM, (tr(S) 1 - S) w = vee(K - K')."""
    turn = nearest_rotation(matrices)
    stretch, mixed = (np.swapaxes(turn, -1, -2) @ m for m in (matrices, rates))
    skew = mixed - np.swapaxes(mixed, -1, -2)
    axial = np.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], axis=-1)
    trace = np.trace(stretch, axis1=-2, axis2=-1)[..., None, None]
    return turn, np.linalg.solve(trace * np.eye(3) - stretch, axial[..., None])[..., 0]


def test_the_polar_oracle_against_singular_values():
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
    turn, spin = _polar_rate(blend(1.0), rate)
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


def _bending(bones: int = 4, size: float = 0.6) -> np.ndarray:
    """(240, bones, 3, 4): every bone turns and moves on its own."""
    rng = np.random.default_rng(0)
    phase, size_rad = rng.uniform(0, 6, (bones, 3)), rng.uniform(0.3 * size, size, (bones, 3))
    angles = size_rad * np.sin(2 * np.pi * 1.2 * FRAMES[:, None, None] + phase)
    turns = Rotation.from_rotvec(angles.reshape(-1, 3)).as_matrix().reshape(240, bones, 3, 3)
    return np.concatenate([turns, 0.3 * angles[..., ::-1, None]], axis=3)


def _points(count: int, bones: int = 4, seed: int = 1) -> PointSet:
    """Points all over; every third one moved by a single bone, every fourth with unused slots."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(3), count)
    weights[::3] = [1.0, 0.0, 0.0]
    weights[1::4, 2] = 0.0
    index = np.stack([rng.permutation(bones)[:3] for _ in range(count)])
    frames = Rotation.random(count, rng=rng).as_matrix()
    return PointSet(rng.normal(0, 0.3, (count, 3)), index, weights / weights.sum(axis=1, keepdims=True), frames)


def _naive(motion: BoneMotion, points: PointSet, at: np.ndarray, step: float = 1e-4):
    """Point by point and instant by instant, the rate from the turn between two instants: what `sample` must equal."""
    assert points.frames is not None
    mounts = Rotation.from_matrix(points.frames)
    quat = np.stack([Rotation.from_matrix(m).as_quat() for m in motion.matrices[..., :3].transpose(1, 0, 2, 3)], 1)
    for frame in range(1, len(quat)):
        quat[frame] *= np.where((quat[frame] * quat[frame - 1]).sum(axis=1) < 0, -1, 1)[:, None]
    spline = make_interp_spline(motion.start_s + np.arange(len(quat)) / motion.rate_hz, quat, k=5)

    def turn(point: int, t: float) -> Rotation:
        now, bones, weights = spline(t), points.bones[point], points.weights[point]
        pivot = now[bones[weights.argmax()]]
        blend = sum(w * now[b] * (-1 if now[b] @ pivot < 0 else 1) for b, w in zip(bones, weights, strict=True))
        assert isinstance(blend, np.ndarray)
        return Rotation.from_quat(blend) * mounts[point]

    acc, gyr = np.empty((2, len(points), len(at), 3))
    second = motion.bones_at(at, 2)
    for p in range(len(points)):
        for n, t in enumerate(at):
            force = (
                np.einsum("k,kij->ij", points.weights[p], second[n, points.bones[p]]) @ np.r_[points.positions_m[p], 1]
            )
            acc[p, n] = turn(p, t).inv().apply([force[0], force[1], force[2] + G])
            gyr[p, n] = (turn(p, t - step).inv() * turn(p, t + step)).as_rotvec() / (2 * step)
    return acc, gyr


def test_it_equals_the_naive_way():
    motion, points, at = BoneMotion(RATE, _bending()), _points(20), INSIDE[::25]
    for got, oracle in zip(motion.sample(points, at), _naive(motion, points, at), strict=True):
        assert np.abs(got - oracle).max() < 1e-4 * np.abs(oracle).max()


def test_bones_that_turn_by_more_than_a_half_turn_are_blended_over_the_short_way():
    angle = np.linspace(0.2, 5.9, 240)  # one bone against the other, past a half turn
    turns = np.stack(
        [Rotation.identity(240).as_matrix(), Rotation.from_rotvec(angle[:, None] * [0, 0, 1]).as_matrix()], 1
    )
    motion = BoneMotion(RATE, np.concatenate([turns, np.zeros((240, 2, 3, 1))], axis=3))
    points = PointSet(
        np.ones((2, 3)), np.array([[0, 1], [1, 0]]), np.array([[0.6, 0.4], [0.6, 0.4]]), np.stack([np.eye(3)] * 2)
    )
    at = INSIDE[np.abs(np.interp(INSIDE, FRAMES, angle) - np.pi) > 0.05][::20]
    acc, gyr = motion.sample(points, at)
    for got, oracle in zip((acc, gyr), _naive(motion, points, at), strict=True):
        assert np.abs(got - oracle).max() < 1e-4 * np.abs(oracle).max()
    assert np.isfinite(motion.sample(points, INSIDE)).all()


@pytest.mark.parametrize("bend_deg", [10, 60, 120, 170])
def test_half_and_half_is_turned_by_half_the_bend(bend_deg):
    bend = Rotation.from_rotvec([0, np.radians(bend_deg), 0])
    still = np.tile(np.eye(3, 4), (40, 2, 1, 1))
    still[:, 1, :, :3] = bend.as_matrix()
    acc, _ = BoneMotion(RATE, still).sample(
        PointSet(np.zeros((1, 3)), np.array([[0, 1]]), np.full((1, 2), 0.5)), np.array([0.3])
    )
    half = Rotation.from_rotvec([0, np.radians(bend_deg / 2), 0])
    assert np.allclose(acc[0, 0], half.inv().apply([0, 0, G]), atol=1e-4)


@pytest.mark.parametrize("lowpass_hz", [None, 6.0])
def test_a_rigid_bone_turns_as_the_polar_factor_of_its_matrices(lowpass_hz):
    motion = BoneMotion(RATE, _bending(1), lowpass_hz=lowpass_hz)
    acc, gyr = motion.sample(_point(0.1, 0.2, 0.3), INSIDE)
    turn, rate = _polar_rate(motion.bones_at(INSIDE)[:, 0, :, :3], motion.bones_at(INSIDE, 1)[:, 0, :, :3])
    force = motion.bones_at(INSIDE, 2)[:, 0] @ [0.1, 0.2, 0.3, 1.0] + [0, 0, G]
    assert _share(gyr[0], rate) < 0.3
    assert _share(acc[0], np.einsum("tji,tj->ti", turn, force)) < 0.05


def test_a_points_samples_are_the_same_to_the_bit_alone_in_a_batch_in_blocks_and_in_threads(monkeypatch):
    motion, points, at = BoneMotion(RATE, _bending(30)), _points(4096, 30), INSIDE[:70]
    whole = motion.sample(points, at)
    for p in (0, 1, 2, 77, 4095):
        for kind, alone in enumerate(motion.sample(points[p : p + 1], at)):
            assert alone.tobytes() == whole[kind][p].tobytes()
    for kind, some in enumerate(motion.sample(points[100:300], at[13:40])):
        assert some.tobytes() == whole[kind][100:300, 13:40].tobytes()
    blocks, *streamed = zip(*motion.sample_blocks(points, at, block_points=1000), strict=True)
    assert list(blocks) == [slice(n, min(n + 1000, 4096)) for n in range(0, 4096, 1000)]
    monkeypatch.setattr(kinematics, "BLOCK_SAMPLES", 3000)
    monkeypatch.setattr(kinematics, "BLOCK_TIMES", 9)
    for kind in (0, 1):
        assert np.concatenate(streamed[kind]).tobytes() == whole[kind].tobytes()
        for threads in (1, 2, 3):
            assert motion.sample(points, at, threads=threads)[kind].tobytes() == whole[kind].tobytes()
            few = motion.sample(points[:2], at, threads=threads)[kind]
            assert few.tobytes() == whole[kind][:2].tobytes()


@pytest.mark.parametrize("lowpass_hz", [None, 6.0])
def test_splines_are_made_of_the_bones_asked_for_and_are_the_same_to_the_bit(lowpass_hz):
    """Whichever bones' were made before, or together with them."""
    points, at = _points(64, 30), INSIDE[:70]
    whole = BoneMotion(RATE, _bending(30), lowpass_hz)
    expected = whole.sample(points, at)
    some = BoneMotion(RATE, _bending(30), lowpass_hz)
    for p in (5, 40, 0):
        used = set(points.bones[p][points.weights[p] > 0].tolist())
        before = set(some._fits)
        for kind, alone in enumerate(some.sample(points[p : p + 1], at)):
            assert alone.tobytes() == expected[kind][p].tobytes()
        assert set(some._fits) == before | used
    assert len(some._fits) < 30
    assert some.bones_at(at, 2).tobytes() == whole.bones_at(at, 2).tobytes() and len(some._fits) == 30


@pytest.mark.parametrize("count", [500, 4000])
def test_working_memory_does_not_grow_with_the_points(count):
    motion, points = BoneMotion(RATE, _bending(30)), _points(count, 30)
    motion.sample(points[:2], INSIDE)  # imports
    tracemalloc.start()
    acc, gyr = motion.sample(points, INSIDE)
    peak = tracemalloc.get_traced_memory()[1] - acc.nbytes - gyr.nbytes
    del acc, gyr
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    for _, acc, gyr in motion.sample_blocks(points, INSIDE):
        assert acc.shape == gyr.shape
    streamed = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 12e6
    assert streamed < 24e6


@pytest.mark.parametrize(
    ("change", "message"),
    [(lambda m: BoneMotion(60.0, m[:10]), "too short"),
     (lambda m: BoneMotion(60.0, np.where(m == 1, np.nan, m)), "not finite"),
     (lambda m: BoneMotion(60.0, m, lowpass_hz=40.0), "low-pass"),
     (lambda m: BoneMotion(60.0, m * [[-1.0], [1.0], [1.0]]), "mirrors"),
     (lambda m: BoneMotion(60.0, m).sample(_points(5), INSIDE[:3]), "does not have"),
     (lambda m: BoneMotion(60.0, m).sample(_point(0, 0, 0), np.array([100.0])), "reach")],
)  # fmt: skip
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(UsageError, match=message):
        change(np.tile(np.eye(3, 4), (100, 1, 1, 1)))
