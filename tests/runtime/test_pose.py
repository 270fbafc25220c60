"""Poses as numbers: a motion comes back from them, and what cannot be a pose decoder is refused."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="needs the train extra to make the model")

from anywear.body import shape_body
from anywear.errors import ArtefactError, UsageError
from anywear.motion import retarget
from anywear.motion.generate import generate
from anywear.runtime.pose import (
    RATE_HZ,
    TURNS,
    WIDTH,
    PoseDecoder,
    body_motion,
    centred_joints_m,
    orthonormal,
    poses_of,
)
from anywear.runtime.tokens import MotionSentence, MotionTokens
from token_doubles import write_token_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_token_model(tmp_path_factory.mktemp("pose") / "model")


def _motion(program: str, seconds: float = 6.0):
    clip = generate(program, 5).clip
    return retarget(clip.slice(0.0, min(seconds, clip.duration_s)), shape_body())


@pytest.mark.parametrize("program", ["walking_forward", "walking_left", "lying_on_left_side", "jumping", "waving"])
def test_a_motion_comes_back_from_its_numbers(program):
    motion = _motion(program)
    at_s = np.arange(int(motion.duration_s * RATE_HZ)) / RATE_HZ
    poses = poses_of(motion, at_s)
    assert poses.shape == (len(at_s), WIDTH)
    again = body_motion(poses)
    told = centred_joints_m(again, at_s)
    apart = np.linalg.norm(told - centred_joints_m(motion, at_s), axis=-1)
    # Toes and fingers have no numbers of their own; the joints they begin at have.
    assert apart.max() < 0.02 and np.median(apart) < 1e-6
    rows = np.rint(at_s * motion.rate_hz).astype(int)
    assert np.allclose(again.root_position_m[:, 2], motion.root_position_m[rows, 2], atol=0.02)


def test_it_goes_the_way_it_went():
    """Forward and turning left, from speeds alone: as far, and as far round, as the motion did."""
    motion = _motion("walking_left")
    at_s = np.arange(int(motion.duration_s * RATE_HZ)) / RATE_HZ
    again = body_motion(poses_of(motion, at_s))
    rows = np.rint(at_s * motion.rate_hz).astype(int)
    for root, tolerance in ((motion.root_position_m[rows], 0.0), (again.root_position_m, 0.05)):
        way = np.linalg.norm(np.diff(root[:, :2], axis=0), axis=1).sum()
        far = np.linalg.norm(root[-1, :2] - root[0, :2])
        if tolerance == 0.0:
            wanted = way, far
        else:
            assert (way, far) == pytest.approx(wanted, rel=tolerance)


@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6))
def test_any_six_numbers_are_a_turn(numbers):
    made = orthonormal(np.array(numbers).reshape(1, 2, 3))[0]
    if np.linalg.norm(np.cross(numbers[:3], numbers[3:])) > 1e-3:
        assert np.allclose(made @ made.T, np.eye(3), atol=1e-6) and np.linalg.det(made) > 0.99
        assert np.allclose(made[:, 0] * np.linalg.norm(numbers[:3]), numbers[:3], atol=1e-6)
    assert np.isfinite(made).all()


def _sentence(start_s: float, seed: int, instants: int = 12) -> MotionSentence:
    ids = np.random.default_rng(seed).integers(0, 16, (instants, 2))
    return MotionSentence(start_s, start_s + 0.4 * instants, ids)


def test_sentences_become_one_motion(folder):
    tokens = MotionTokens(folder)
    decoder = PoseDecoder(folder, tokens.sha256)
    decoder.verify()
    assert decoder.frames == 4
    one = decoder.motion([_sentence(3.0, 1)], tokens)
    assert len(one) == 48 and one.rate_hz == RATE_HZ and any("belie" in note.text for note in one.notes)
    two = decoder.motion([_sentence(3.0, 1), _sentence(7.8, 2)], tokens)
    assert len(two) == 96 and np.allclose(two.quat_world_from_bone[0], one.quat_world_from_bone[0])
    assert not any("no tokens" in note.text for note in two.notes)
    # The later sentence counts where two overlap.
    over = decoder.motion([_sentence(3.0, 1), _sentence(5.0, 2)], tokens)
    poses = decoder.poses(tokens.decode(_sentence(5.0, 2).ids)[None])[0]
    assert len(over) == 68
    assert np.allclose(over.root_position_m[20:, 2], poses[:, TURNS] * over.body.height_m)
    apart = decoder.motion([_sentence(3.0, 1), _sentence(17.0, 2)], tokens)
    assert len(apart) == 188 and any("no tokens from 7.7 to 17.0 s" in note.text for note in apart.notes)
    between = apart.root_position_m[48:140, :2]
    assert np.linalg.norm(between - between[0], axis=1).max() < 0.2


def test_what_cannot_be_decoded_says_so(folder, tmp_path):
    tokens = MotionTokens(folder)
    decoder = PoseDecoder(folder)
    with pytest.raises(UsageError, match="no tokens"):
        decoder.motion([], tokens)
    with pytest.raises(UsageError, match="not of this pose decoder"):
        decoder.poses(np.zeros((1, 12, 7)))
    with pytest.raises(UsageError, match="does not exist"):
        decoder.motion([MotionSentence(0.0, 4.8, np.full((12, 2), 16))], tokens)
    with pytest.raises(ArtefactError, match="another tokenizer"):
        PoseDecoder(folder, "0" * 12)
    with pytest.raises(ArtefactError, match="no pose decoder"):
        PoseDecoder(tmp_path)
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "pose.onnx").write_bytes(b"nothing")
    with pytest.raises(ArtefactError, match="damaged"):
        PoseDecoder(other).verify()
    with pytest.raises(ArtefactError, match="damaged"):
        PoseDecoder(other).poses(np.zeros((1, 12, 128)))
    raw = json.loads((other / "pose.json").read_text())
    (other / "pose.json").write_text(json.dumps({**raw, "format_version": 99}))
    with pytest.raises(ArtefactError, match="another version"):
        PoseDecoder(other)
    (other / "pose.json").write_text("[]")
    with pytest.raises(ArtefactError, match="damaged"):
        PoseDecoder(other)
