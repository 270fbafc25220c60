"""Every reader on real files: people of human size stand upright on their feet, left is left, knees bend backwards."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from anywear.errors import FormatError
from anywear.motion import MotionClip, read_motion, segments_of
from anywear.motion.bvh import cmu_rate_hz

# Data set, file, rate, walking or running speed of the middle second (m/s) or None.
CLIPS = [
    ("cmu-iclone", "All_BVH/subjects/002/002_01.bvh", 60.0, (1.0, 1.8)),
    ("cmu-iclone", "All_BVH/subjects/007/007_03.bvh", 60.0, (0.8, 1.8)),
    ("cmu-iclone", "All_BVH/subjects/002/002_03.bvh", 60.0, (2.0, 4.5)),
    ("cmu-dance-martial", "train_data_bvh/salsa/01.bvh", 60.0, None),
    ("cmu-dance-martial", "train_data_bvh/martial/03.bvh", 120.0, None),
    ("reactidle", "genuine/003_genuine.bvh", 24.0, (0.0, 0.1)),
    ("hdm05", "test/10/HDM_mm_squat1Reps_037_120.amc", 120.0, (0.0, 0.5)),
    ("cmu-mocap6", "amc/13_30.amc", 120.0, None),
    ("cmu-deepmimic", "data/vae/txt/cmu01-09/02/02_01.txt", 30.0, (1.0, 1.8)),
    ("cmu-deepmimic", "data/vae/txt/cmu01-09/09/09_02.txt", 30.0, (2.5, 5.0)),
    ("cmu-actions", "data/cmu_mocap/test/walking/walking_1.txt", 120.0, (1.0, 1.8)),
    ("cmu-actions", "data/cmu_mocap/train/running/running_3.txt", 120.0, (2.5, 4.5)),
]


def segment_positions(clip: MotionClip) -> dict[str, np.ndarray]:
    positions = clip.joint_positions_m()
    return {segment: positions[:, clip.skeleton.index(j)] for segment, j in segments_of(clip.skeleton.joints).items()}


@pytest.mark.parametrize(
    ("dataset", "file", "rate_hz", "speed_mps"), CLIPS, ids=[f"{d}-{Path(f).stem}" for d, f, *_ in CLIPS]
)
def test_anatomy(dataset_root, dataset, file, rate_hz, speed_mps):
    clip = read_motion(dataset_root(dataset) / file)
    assert clip.rate_hz == rate_hz
    at, positions = segment_positions(clip), clip.joint_positions_m()
    # Joints end below the top of the head, at the eyes or before.
    low_m = 1.25 if dataset in ("reactidle", "cmu-dance-martial") else 1.4
    assert low_m < np.percentile(np.ptp(positions[:, :, 2], axis=1), 95) < 2.1
    leg_m = sum(
        np.linalg.norm(at[f"left_{upper}"][0] - at[f"left_{lower}"][0])
        for upper, lower in (("thigh", "shank"), ("shank", "foot"))
    )
    assert 0.65 < leg_m < 1.0
    # The lower foot is on the ground most of the time.
    feet_m = np.minimum(at["left_foot"][:, 2], at["right_foot"][:, 2])
    assert -0.1 < np.median(feet_m) < 0.2
    # Upright, left is left of the way the pelvis faces, knees and elbows bend as they do.
    upright = (at["neck"] - at["pelvis"])[:, 2] / np.linalg.norm(at["neck"] - at["pelvis"], axis=1)
    assert np.median(upright) > 0.7
    left = at["left_thigh"] - at["right_thigh"]
    forward = np.cross(left, [0.0, 0.0, 1.0])
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    for side in ("left", "right"):
        thigh, shank, foot = (at[f"{side}_{part}"] for part in ("thigh", "shank", "foot"))
        knee_forward = np.einsum("ti,ti->t", shank - (thigh + foot) / 2, forward)
        # Straight knees may lie a little behind, bent ones never.
        assert knee_forward.min() > -0.06 and np.mean(knee_forward > -0.03) > 0.8, f"{side} knee"
        assert dataset == "reactidle" or knee_forward.max() > 0.05, f"{side} knee"
        arm, elbow, hand = at[f"{side}_upper_arm"], at[f"{side}_forearm"], at.get(f"{side}_hand")
        if hand is not None:
            assert np.linalg.norm(hand - elbow, axis=1).mean() == pytest.approx(
                np.linalg.norm(elbow - arm, axis=1).mean(), rel=0.4
            )
    toes = [at[f"left_{part}"] for part in ("toes",) if f"left_{part}" in at]
    if toes:
        assert np.median(np.einsum("ti,ti->t", toes[0] - at["left_foot"], forward)) > 0.0
    rest = clip.skeleton.rest_positions_m()
    hands = [
        rest[clip.skeleton.index(segments_of(clip.skeleton.joints)[f"{side}_forearm"])] for side in ("left", "right")
    ]
    assert hands[0][1] > 0.15 and hands[1][1] < -0.15
    if speed_mps is not None:
        path = at["pelvis"][:, :2]
        speed = np.linalg.norm(path[-1] - path[0]) / clip.duration_s
        assert speed_mps[0] <= speed <= speed_mps[1]
        if speed > 0.8:  # people walk forwards
            assert np.mean(np.einsum("ti,i->t", forward[:, :2], path[-1] - path[0]) > 0) > 0.9


def test_garbage_rotations_of_the_files_that_hold_them(dataset_root):
    clip = read_motion(dataset_root("cmu-iclone") / "All_BVH/subjects/005/005_17.bvh")
    assert any("garbage rotations" in note.text and "Thigh" in note.text for note in clip.notes)
    lying = sorted(dataset_root("hdm05").rglob("*HDM_dg_lieDownFloor_014_120.amc"))[0]
    assert any("garbage rotations" in note.text for note in read_motion(lying).notes)
    sound = read_motion(dataset_root("cmu-iclone") / "All_BVH/subjects/002/002_01.bvh")
    assert not any("fault" in note.text for note in sound.notes)


def test_salsa_says_120_and_is_60(dataset_root):
    path = dataset_root("cmu-dance-martial") / "train_data_bvh/salsa/01.bvh"
    clip = read_motion(path)
    assert any(note.kind == "repaired" and "index" in note.text for note in clip.notes)
    assert read_motion(path, rate_hz=120.0).rate_hz == 120.0


def test_table_of_60_hz_subjects_is_cmus_own(dataset_root):
    with open(dataset_root("cmu-iclone") / "CMU data.csv", encoding="latin-1") as file:
        rows = list(csv.DictReader(file))
    wrong = [
        r for r in rows if cmu_rate_hz(f"{int(r['Subject']):02d}_{int(r['Trial #']):02d}") != float(r["framerate"])
    ]
    assert [(r["Subject"], r["Trial #"]) for r in wrong] == []


def test_truncated_real_files_are_refused(dataset_root, tmp_path):
    for dataset, file, *_ in CLIPS[1::3]:
        source = dataset_root(dataset) / file
        cut = tmp_path / source.name
        text = source.read_bytes()
        cut.write_bytes(text[: int(0.6 * len(text)) - 3])
        try:
            clip = read_motion(cut)
        except FormatError:
            continue
        assert dataset == "cmu-actions", clip  # a table that ends with a whole row says nothing of what is missing
