"""Putting devices on: turns, slides, what the mount tells, and that nothing moves that is not asked to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear.body import neutral_pose, place, shape_body, skin, world_frames
from anywear.body.kinematics import bone_transforms
from anywear.errors import UsageError
from anywear.motion import BodyMotion
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.simulate.kinematics import BoneMotion
from anywear.simulate.loose import Swing
from anywear.simulate.sliding import slide
from anywear.simulate.strikes import Shock
from anywear.simulate.tissue import Wobble
from anywear.simulate.wear import Wear, put_on, worn_signals

BODY = shape_body()
SITES = ("left_wrist", "right_wrist", "left_front_pocket", "chest", "right_foot", "left_ear")
POINTS = place(BODY, SITES)
EVERYTHING = Wear(
    spin_deg=-90.0, spin_choices_deg=(0.0, 180.0), spin_std_deg=10.0, inward_probability=0.5, tilt_std_deg=8.0,
    slide_along_std_m=0.01, slide_around_std_m=0.01, lift_m=0.01, lift_std_m=0.002,
    swing=Swing(), wobble=Wobble(), shock=Shock(),
)  # fmt: skip
TIMES = np.arange(0.3, 1.7, 0.01)


def _rngs(count=6, seed=0):
    return [np.random.default_rng([seed, number]) for number in range(count)]


def _moving(seconds=2.0, rate=100.0):
    """The neutral body, every bone waving a little, on a path."""
    t = np.arange(0.0, seconds, 1 / rate)
    quat = neutral_pose(BODY, len(t))
    count = quat.shape[1]
    phase = np.arange(count)[None] + 2 * np.pi * 1.3 * t[:, None]
    wave = Rotation.from_rotvec(
        (0.3 * np.stack([np.sin(phase), np.cos(0.7 * phase), np.sin(0.5 * phase)], axis=-1)).reshape(-1, 3)
    )
    quat = (wave * Rotation.from_quat(quat.reshape(-1, 4))).as_quat().reshape(quat.shape)
    root = BODY.root_m + np.stack([t, 0.05 * np.sin(6 * t), 0.05 * np.cos(7 * t)], axis=1)
    return BodyMotion(BODY, rate, quat, root)


def _still(seconds=2.0, rate=100.0, turn=None):
    count = int(seconds * rate)
    quat = neutral_pose(BODY, count)
    if turn is not None:
        quat = (turn * Rotation.from_quat(quat.reshape(-1, 4))).as_quat().reshape(quat.shape)
    return BodyMotion(BODY, rate, quat, np.tile(BODY.root_m, (count, 1)))


def _bones(motion):
    return BoneMotion(motion.rate_hz, motion.transforms())


MOVING = _moving()
MOVING_BONES = _bones(MOVING)


def _signals(wear, rows=(0, 1, 2, 3, 4, 5), seed=0, motion=MOVING, bones=MOVING_BONES):
    rows = np.asarray(rows)
    rngs = [_rngs(seed=seed)[row] for row in rows]
    worn = put_on(POINTS[rows], wear, rngs, BODY)
    return (*worn_signals(bones, motion, worn, wear, TIMES, 100.0, rngs), worn)


def test_as_it_stands_a_device_lies_in_the_frame_of_its_point():
    worn = put_on(POINTS, Wear(), _rngs())
    assert worn.point_set.frames is not None
    assert np.allclose(worn.point_set.frames, POINTS.rest_from_point, atol=1e-12)
    assert np.array_equal(worn.point_set.positions_m, POINTS.rest_m)


def test_without_dynamics_the_signals_are_bitwise_those_of_the_kinematics():
    wear = replace(EVERYTHING, swing=None, wobble=None, shock=None)
    acc, gyr, worn = _signals(wear)
    want_acc, want_gyr = MOVING_BONES.sample(worn.point_set, TIMES)
    assert np.array_equal(acc, want_acc) and np.array_equal(gyr, want_gyr)


@pytest.mark.parametrize("dynamics", [{}, {"swing": Swing(), "wobble": Wobble()}])
def test_turning_the_mount_turns_the_signal(dynamics):
    acc, gyr, _ = _signals(Wear(**dynamics))
    turned_acc, turned_gyr, _ = _signals(Wear(spin_deg=50.0, **dynamics))
    for row, name in enumerate(POINTS.segment_names):
        angle = -50.0 if name.startswith("right") else 50.0
        back = Rotation.from_euler("z", angle, degrees=True).inv()
        assert np.allclose(turned_acc[row], back.apply(acc[row]), atol=2e-4)
        assert np.allclose(turned_gyr[row], back.apply(gyr[row]), atol=2e-4)


def test_facing_the_body_turns_half_about_the_sensors_own_y():
    acc, _, _ = _signals(Wear())
    inward, _, _ = _signals(Wear(inward_probability=1.0))
    assert np.allclose(inward, acc * np.array([-1, 1, -1]), atol=2e-4)


@pytest.mark.parametrize("turn", [None, Rotation.from_euler("xyz", [80, -35, 20], degrees=True)])
def test_gravity_is_exact_at_rest_whatever_moves_between_bone_and_sensor(turn):
    still = _still(turn=turn)
    wear = Wear(spin_deg=33.0, tilt_std_deg=5.0, swing=Swing(), wobble=Wobble(), shock=Shock())
    acc, gyr, worn = _signals(wear, motion=still, bones=_bones(still))
    assert np.allclose(np.linalg.norm(acc, axis=2), G, atol=2e-4)
    assert np.abs(gyr).max() < 1e-3
    if turn is None:  # as one stands, nothing sags
        frames = world_frames(worn.points, still.transforms()[:1])[0] @ worn.point_from_sensor
        assert np.allclose(acc[:, -1], G * frames[:, 2], atol=0.02)


def test_a_loose_case_sags_when_the_wearer_lies_down():
    lying = _still(turn=Rotation.from_euler("y", 90, degrees=True))
    rigid, _, _ = _signals(Wear(), motion=lying, bones=_bones(lying))
    loose, _, _ = _signals(Wear(swing=Swing(spread=0.0)), motion=lying, bones=_bones(lying))
    angle = np.arccos(np.clip((rigid[:, -1] * loose[:, -1]).sum(axis=1) / G**2, -1, 1))
    assert 0.01 < np.rad2deg(angle).max() < 20.0


@pytest.mark.parametrize("told", ["nominal", "true"])
@pytest.mark.parametrize("knowledge", ["nothing", "outward", "up", "full"])
def test_the_mount_tells_what_it_is_asked_and_no_more(knowledge, told):
    wear = Wear(spin_deg=-90.0, spin_std_deg=20.0, tilt_std_deg=15.0, knowledge=knowledge, told=told)
    worn = put_on(POINTS, wear, _rngs())
    nominal = put_on(POINTS, Wear(spin_deg=-90.0), _rngs())
    truth = worn if told == "true" else nominal
    for row, mount in enumerate(worn.mounts):
        assert mount.knowledge == knowledge
        sensor_from_segment = (
            POINTS.rest_from_neutral[row].T @ POINTS.rest_from_point[row] @ truth.point_from_sensor[row]
        ).T
        if knowledge == "outward":
            normal = POINTS.rest_from_neutral[row].T @ POINTS.normal[row]
            assert np.allclose(np.array(mount.outward_axis), sensor_from_segment @ normal, atol=1e-9)
        if knowledge == "up":
            assert np.allclose(np.array(mount.up_axis), sensor_from_segment[:, 2], atol=1e-9)
        if knowledge == "full":
            got = Rotation.from_quat(mount.quat_segment_from_sensor).as_matrix()
            assert np.allclose(got, sensor_from_segment.T, atol=1e-9)


def test_a_full_mount_brings_the_standing_wearers_gravity_up():
    still = _still()
    acc, _, worn = _signals(Wear(spin_deg=70.0, tilt_std_deg=10.0, told="true"), motion=still, bones=_bones(still))
    for row, mount in enumerate(worn.mounts):
        up = Rotation.from_quat(mount.quat_segment_from_sensor).apply(acc[row, -1])
        assert np.allclose(up, [0, 0, G], atol=0.15)  # skin over mixed bones is up to 0.8 degrees off its segment


def test_effects_are_drawn_independently():
    both = put_on(POINTS, Wear(spin_std_deg=9.0, lift_m=0.01, lift_std_m=0.003), _rngs())
    alone = put_on(POINTS, Wear(spin_std_deg=9.0), _rngs())
    assert np.array_equal(both.point_from_sensor, alone.point_from_sensor)


def test_spreads_are_those_asked_for():
    points = POINTS[[0] * 4000]
    worn = put_on(points, Wear(spin_std_deg=10.0, lift_m=0.02, lift_std_m=0.004), _rngs(4000))
    spin = np.rad2deg(np.arctan2(worn.point_from_sensor[:, 1, 0], worn.point_from_sensor[:, 0, 0]))
    lift = ((worn.point_set.positions_m - points.rest_m) * points.normal).sum(axis=1)
    assert abs(spin.std() - 10.0) < 0.5 and abs(spin.mean()) < 0.6
    assert abs(lift.mean() - 0.02) < 3e-4 and abs(lift.std() - 0.004) < 2e-4


def test_the_same_seed_gives_the_same_bytes_and_a_point_does_not_see_the_others():
    acc, gyr, _ = _signals(EVERYTHING)
    again, again_gyr, _ = _signals(EVERYTHING)
    assert acc.tobytes() == again.tobytes() and gyr.tobytes() == again_gyr.tobytes()
    other, _, _ = _signals(EVERYTHING, seed=1)
    assert np.abs(other - acc).max() > 0.5
    for row in range(len(SITES)):
        alone, alone_gyr, _ = _signals(EVERYTHING, rows=(row,))
        # The blend of bones is a matrix product, whose last bits may depend on its size.
        assert np.allclose(alone[0], acc[row], atol=2e-4) and np.allclose(alone_gyr[0], gyr[row], atol=2e-4)


def test_blocks_do_not_show(monkeypatch):
    acc, gyr, _ = _signals(EVERYTHING)
    monkeypatch.setattr("anywear.simulate.wear.BLOCK_SAMPLES", 1500)
    cut, cut_gyr, _ = _signals(EVERYTHING)
    assert np.allclose(cut, acc, atol=2e-4) and np.allclose(cut_gyr, gyr, atol=2e-4)


def test_faint_dynamics_change_nothing_in_the_band():
    """Stiff, heavily damped tissue without a share of the motion: only filter and interpolation are left."""
    acc, gyr, _ = _signals(Wear())
    same, same_gyr, _ = _signals(Wear(wobble=Wobble(share=0.0)))
    assert np.sqrt(((same - acc) ** 2).mean()) < 0.005 * acc.std()
    assert np.sqrt(((same_gyr - gyr) ** 2).mean()) < 0.005 * gyr.std()


def test_a_slide_stays_on_the_skin_and_goes_as_far_as_asked():
    along, around = np.full(len(SITES), 0.02), np.full(len(SITES), -0.015)
    slid = slide(BODY, POINTS, along, around)
    corners = BODY.vertices_m[BODY.triangles[slid.triangle]]
    assert np.allclose(np.einsum("pc,pcx->px", slid.corner_weight, corners), slid.rest_m)
    assert (slid.corner_weight > -1e-9).all() and np.allclose(slid.corner_weight.sum(axis=1), 1)
    far = np.linalg.norm(slid.rest_m - POINTS.rest_m, axis=1)
    assert (far < 0.0252).all() and (far > 0.017).all()  # chords of 25 mm, shorter about the wrist
    toward = ((slid.rest_m - POINTS.rest_m) * POINTS.tangent).sum(axis=1)
    assert (toward[[0, 1, 2, 3]] > 0.012).all()
    assert slid.segment_names == POINTS.segment_names


def test_a_slide_round_a_limb_follows_its_girth():
    thigh = place(BODY, ["left_thigh"])
    there = slide(BODY, thigh, np.zeros(1), np.array([0.06]))
    back = slide(BODY, there, np.zeros(1), np.array([-0.06]))
    assert (
        np.linalg.norm(back.rest_m - thigh.rest_m) < 0.01
    )  # the limb tapers, so straight on is not quite the way back
    turned = np.rad2deg(np.arccos((there.normal * thigh.normal).sum()))
    assert 15 < turned < 70


def test_lifted_sensors_ride_above_the_skin():
    worn = put_on(POINTS, Wear(lift_m=0.02), _rngs())
    lifted = replace(POINTS, rest_m=worn.point_set.positions_m)
    pose = bone_transforms(BODY, neutral_pose(BODY), BODY.root_m[None])
    gap = skin(lifted, pose)[0] - skin(POINTS, pose)[0]
    assert np.allclose((gap * world_frames(POINTS, pose)[0][:, :, 2]).sum(axis=1), 0.02, atol=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tilt_std_deg": -1.0},
        {"lift_m": float("nan")},
        {"knowledge": "all"},
        {"told": "maybe"},
        {"spin_choices_deg": ()},
    ],
)
def test_impossible_wear_is_refused(wrong):
    with pytest.raises(UsageError):
        Wear(**wrong)


def test_a_slide_needs_a_body_and_every_point_a_generator():
    with pytest.raises(UsageError, match="body"):
        put_on(POINTS, Wear(slide_along_std_m=0.01), _rngs())
    with pytest.raises(UsageError, match="generator"):
        put_on(POINTS, Wear(), _rngs(2))


def test_notes_say_how_it_was_put_on():
    worn = put_on(POINTS, EVERYTHING, _rngs(), BODY)
    text = " ".join(str(note) for note in worn.notes[0])
    for word in ("spin", "tilt", "slid", "above the skin", "swing", "wobble", "shock", "mass_kg 0.03"):
        assert word in text
