import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.motion import MotionClip, Skeleton, read_motion, write_bvh
from anywear.motion.generate import generate
from anywear.motion.quaternion import angle_between_rad, from_axis_angles, multiply


def assert_same_motion(one: MotionClip, two: MotionClip) -> None:
    assert set(one.skeleton.joints) == set(two.skeleton.joints) and len(one) == len(two)
    assert two.rate_hz == pytest.approx(one.rate_hz, rel=1e-9)
    columns = [two.skeleton.index(joint) for joint in one.skeleton.joints]
    np.testing.assert_allclose(two.joint_positions_m()[:, columns], one.joint_positions_m(), atol=1e-6)
    apart = angle_between_rad(one.quat_world_from_joint, two.quat_world_from_joint[:, columns])
    assert float(apart.max()) < 1e-6
    for joint, parent in enumerate(one.skeleton.parents):
        if parent >= 0:
            again = two.skeleton.parents[columns[joint]]
            assert two.skeleton.joints[again] == one.skeleton.joints[parent]


@pytest.fixture(scope="module")
def walk() -> MotionClip:
    return generate("walking", seed=2, seconds=3.0).clip


@pytest.mark.parametrize("rate_hz", [29.97, 60.0, 120.0])
def test_what_is_written_is_read_back(walk, rate_hz, tmp_path):
    clip = walk.resampled(rate_hz)
    write_bvh(clip, tmp_path / "clip.bvh")
    assert_same_motion(clip, read_motion(tmp_path / "clip.bvh"))


def test_every_heading_and_locked_angles(walk, tmp_path):
    """A walker who turns right round, with a forearm held at exactly the angle at which the channels lock."""
    clip = walk.resampled(60.0)
    turn = from_axis_angles("Z", np.linspace(0.0, 4.0 * np.pi, len(clip))[:, None])
    quat = multiply(turn[:, None], clip.quat_world_from_joint)
    arm, forearm = (clip.skeleton.index(f"left_{part}") for part in ("upper_arm", "forearm"))
    # The file's Y is our z.
    quat[:, forearm] = multiply(quat[:, arm], from_axis_angles("Z", np.array([np.pi / 2])))
    turned = MotionClip("turning", 60.0, clip.skeleton, clip.root_position_m, quat)
    write_bvh(turned, tmp_path / "turning.bvh")
    assert_same_motion(turned, read_motion(tmp_path / "turning.bvh"))
    rows = (tmp_path / "turning.bvh").read_text().split("Frame Time:")[1].splitlines()[1:]
    heading_deg = np.array([float(row.split()[3]) for row in rows])
    assert np.ptp(heading_deg) == pytest.approx(720.0, abs=20.0)  # no leap where a full turn ends


def test_joints_in_any_order_are_written_depth_first(walk, tmp_path):
    """Siblings before their children: an order BVH cannot have."""
    skeleton = walk.skeleton
    depth = [0] * len(skeleton)
    for joint, parent in enumerate(skeleton.parents[1:], start=1):
        depth[joint] = depth[parent] + 1
    order = sorted(range(len(skeleton)), key=depth.__getitem__)
    place = {old: new for new, old in enumerate(order)}
    mixed = Skeleton(
        tuple(skeleton.joints[old] for old in order),
        tuple(place.get(skeleton.parents[old], -1) for old in order),
        skeleton.offsets_m[order],
    )
    assert mixed.joints != skeleton.joints
    shuffled = MotionClip("mixed", walk.rate_hz, mixed, walk.root_position_m, walk.quat_world_from_joint[:, order])
    write_bvh(shuffled, tmp_path / "mixed.bvh")
    assert_same_motion(walk, read_motion(tmp_path / "mixed.bvh"))


def test_the_file_stands_as_other_tools_expect_it(walk, tmp_path):
    """Y up, centimetres, a root at hip height."""
    write_bvh(walk, tmp_path / "a.bvh")
    text = (tmp_path / "a.bvh").read_text()
    height = float(text.split("Frame Time:")[1].splitlines()[1].split()[1])
    assert 70.0 < height < 120.0 and text.count("{") == text.count("}")


@pytest.mark.parametrize("name", ["", "a{b", "a\nb", " a"])
def test_names_bvh_cannot_hold(walk, name, tmp_path):
    joints = (*walk.skeleton.joints[:-1], name)
    odd = MotionClip(
        "odd", walk.rate_hz, Skeleton(joints, walk.skeleton.parents, walk.skeleton.offsets_m), walk.root_position_m,
        walk.quat_world_from_joint,
    )  # fmt: skip
    with pytest.raises(UsageError, match="joint's name"):
        write_bvh(odd, tmp_path / "odd.bvh")
    assert not (tmp_path / "odd.bvh").exists()


def test_a_place_that_cannot_be_written(walk, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_bvh(walk, tmp_path / "file" / "a.bvh")
