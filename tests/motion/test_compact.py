"""Compact motion: what comes back is what went in, within the bounds; damage is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anywear.errors import FormatError, UsageError
from anywear.motion import MotionClip, Skeleton, quaternion, read_motion
from anywear.motion.compact import MotionFile, from_quantised, quantised, write_motions
from anywear.recording import Note

SKELETON = Skeleton(
    ("hips", "chest", "head", "nose"), (-1, 0, 1, 2), np.array([[0, 0, 0], [0, 0, 0.4], [0, 0, 0.3], [0.1, 0, 0]])
)


def moving(name: str = "walk", frames: int = 90, seed: int = 0, far_m: float = 2.0) -> MotionClip:
    """Joints that turn any way, but for the nose, which is held by the head."""
    rng = np.random.default_rng(seed)
    quat = np.empty((frames, 4, 4))
    t = np.linspace(0.0, 2.0 * np.pi, frames)
    for joint in range(3):
        vector = np.stack([a * np.sin(f * t + p) for a, f, p in rng.uniform(0.2, 3.0, (3, 3))], axis=1)
        quat[:, joint] = quaternion.from_rotation_vector(vector)
    held = quaternion.normalised(np.array([0.1, 0.2, 0.3, 0.9]))
    quat[:, 3] = quaternion.multiply(quat[:, 2], held)
    root = np.stack([far_m * np.sin(t), far_m * t, 0.9 + 0.05 * np.cos(7 * t)], axis=1)
    return MotionClip(
        name, 120.0, SKELETON, root, quat, ("nose",), ("a person walks", "gehend, mit Umlauten: ä"), "walk.bvh", "CC0",
        (Note("detected", "rate: 120 Hz"), Note("assumed", "nothing")),
    )  # fmt: skip


def apart_deg(first: MotionClip, second: MotionClip) -> float:
    turn = quaternion.angle_between_rad(first.quat_world_from_joint, second.quat_world_from_joint)
    return float(np.degrees(turn.max()))


def test_a_clip_comes_back(tmp_path):
    clip = moving()
    write_motions(tmp_path / "walk.motion.parquet", [clip])
    back = read_motion(tmp_path / "walk.motion.parquet")
    assert apart_deg(clip, back) < 0.0015
    assert np.abs(clip.root_position_m - back.root_position_m).max() <= 0.51e-6
    assert back.skeleton.joints == SKELETON.joints and back.skeleton.parents == SKELETON.parents
    assert np.array_equal(back.skeleton.offsets_m, SKELETON.offsets_m)
    for name in ("name", "rate_hz", "captions", "source", "licence", "unobservable_twist"):
        assert getattr(back, name) == getattr(clip, name), name
    assert back.notes[: len(clip.notes)] == clip.notes  # the reader adds the faults it finds


@pytest.mark.parametrize("bits", [12, 15, 16, 18, 24])
def test_each_bit_halves_the_error(bits):
    rng = np.random.default_rng(bits)
    quat = quaternion.normalised(rng.normal(size=(20_000, 4)))
    turn = quaternion.angle_between_rad(quat, from_quantised(*quantised(quat, bits), bits))
    step = np.sqrt(2.0) / ((1 << bits) - 1)
    # Half a step in three components, and what the left-out one takes over where all four are equal.
    assert 0.3 * step < turn.max() < 2.0 * np.sqrt(3.0 + 9.0) * step / 2.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 1e-3))
def test_any_rotation_is_within_the_bound(values):
    quat = quaternion.normalised(np.array(values))[None]
    turn = quaternion.angle_between_rad(quat, from_quantised(*quantised(quat)))
    assert np.degrees(turn.max()) < 0.0013


def test_edges_of_the_code():
    half = np.sqrt(0.5)
    quat = np.array([[half, half, 0, 0], [-half, 0, 0, half], [0.5, -0.5, 0.5, -0.5], [0, 0, 0, -1.0], [1, 0, 0, 0]])
    turn = quaternion.angle_between_rad(quat, from_quantised(*quantised(quat)))
    assert np.degrees(turn.max()) < 0.0013


def test_many_clips_by_number_and_name_in_any_order(tmp_path):
    clips = [moving(f"clip {n}", frames=20 + n, seed=n) for n in range(40)]  # three groups of rows
    write_motions(tmp_path / "many.parquet", clips, facts=[{"n": n} for n in range(40)])
    file = MotionFile(tmp_path / "many.parquet")
    assert len(file) == 40 and file.names[7] == "clip 7"
    for number in (39, 0, 17, 15, 16):
        assert len(file.clip(number)) == 20 + number
        assert apart_deg(clips[number], file.clip(f"clip {number}")) < 0.0015
        assert file.facts(number) == {"n": number}
    with pytest.raises(UsageError, match="clip"):
        file.clip("clip 40")
    with pytest.raises(UsageError, match="number"):
        file.clip(40)
    with pytest.raises(FormatError, match="many clips"):
        read_motion(tmp_path / "many.parquet")


def test_same_clips_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_motions(tmp_path / f"{name}.parquet", [moving()])
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_held_joint_costs_no_frames(tmp_path):
    write_motions(tmp_path / "a.parquet", [moving()])
    row = pq.read_table(tmp_path / "a.parquet").to_pylist()[0]
    assert row["turning"] == [0, 1, 2] and len(row["held"]) == 4


def test_far_from_the_origin(tmp_path):
    clip = moving(far_m=150.0)
    write_motions(tmp_path / "far.parquet", [clip])
    assert np.abs(read_motion(tmp_path / "far.parquet").root_position_m - clip.root_position_m).max() < 1e-6
    with pytest.raises(UsageError, match="too far"):
        write_motions(tmp_path / "farther.parquet", [moving(far_m=1500.0)])
    assert not (tmp_path / "farther.parquet").exists()


def test_what_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match="no clip"):
        write_motions(tmp_path / "a.parquet", [])
    with pytest.raises(UsageError, match="names"):
        write_motions(tmp_path / "a.parquet", [moving(), moving()])
    with pytest.raises(UsageError, match=r"\.parquet"):
        write_motions(tmp_path / "a.npz", [moving()])
    with pytest.raises(UsageError, match="bits"):
        write_motions(tmp_path / "a.parquet", [moving()], bits=30)
    with pytest.raises(UsageError, match="Facts"):
        write_motions(tmp_path / "a.parquet", [moving()], facts=[{}, {}])


def test_foreign_and_damaged_files(tmp_path):
    path = tmp_path / "a.motion.parquet"
    write_motions(path, [moving()])
    whole = path.read_bytes()
    for cut in (4, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:cut])
        with pytest.raises(FormatError):
            MotionFile(path)
    pq.write_table(pa.table({"name": ["x"]}), path)
    with pytest.raises(FormatError, match="no compact motion"):
        MotionFile(path)
    with pytest.raises(FormatError, match="no such file"):
        MotionFile(tmp_path / "none.parquet")


def test_flipped_bytes_are_refused_or_harmless(tmp_path):
    path = tmp_path / "a.motion.parquet"
    write_motions(path, [moving()])
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[int(rng.integers(4, len(whole)))] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(damaged))
        try:
            back = MotionFile(path).clip(0)
        except FormatError:
            refused += 1
        else:  # a byte of the footer that nobody reads
            assert apart_deg(moving(), back) < 0.0015
    assert refused > 100


@pytest.mark.parametrize(
    ("column", "value"),
    [("rotations", b"short"), ("largest", b"\x09"), ("frames", 1), ("bits", 60), ("turning", [1, 2]),
     ("parents", [-1, 5, 1, 2]), ("held", []), ("notes", ["no kind"]), ("rate_hz", 0.0), ("joints", ["a"])],
)  # fmt: skip
def test_contradictions_inside_are_refused(tmp_path, column, value):
    path = tmp_path / "a.motion.parquet"
    write_motions(path, [moving()])
    table = pq.read_table(path)
    row = {**table.to_pylist()[0], column: value}
    if column == "largest":
        row["largest"] = b"\x09" * (3 * 90)
    pq.write_table(pa.Table.from_pylist([row], schema=table.schema), path)
    with pytest.raises(FormatError):
        MotionFile(path).clip(0)


def test_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "a.motion.parquet"
    write_motions(path, [moving()])
    table = pq.read_table(path).replace_schema_metadata({b"anywear-motion": b'{"version": 9, "clips": 1}'})
    pq.write_table(table, path)
    with pytest.raises(FormatError, match="newer"):
        MotionFile(path)


def test_rate_and_scale_are_not_for_it(tmp_path):
    write_motions(tmp_path / "a.parquet", [moving()])
    with pytest.raises(UsageError, match="rate"):
        read_motion(tmp_path / "a.parquet", rate_hz=60.0)


def test_real_motion_keeps_its_accelerations(tmp_path, dataset_root):
    """What a sensor would feel differs by less than sensors' own noise."""
    clip = read_motion(dataset_root("cmu-mocap6") / "amc/13_30.amc")
    write_motions(tmp_path / "a.parquet", [replace(clip, notes=())])
    back = read_motion(tmp_path / "a.parquet")
    assert apart_deg(clip, back) < 0.0015
    assert np.abs(clip.joint_positions_m() - back.joint_positions_m()).max() < 5e-5
    acc = [np.diff(c.joint_positions_m(), 2, axis=0) * c.rate_hz**2 for c in (clip, back)]
    assert np.sqrt(np.mean((acc[0] - acc[1]) ** 2)) < 0.06
    assert (tmp_path / "a.parquet").stat().st_size < 150 * len(clip)
