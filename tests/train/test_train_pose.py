"""The pose decoder learns postures from what sensors show, and is asked about motions it never saw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.body import BONE_INDEX
from anywear.nn.pose import PoseConfig, PoseNet
from anywear.runtime.pose import RATE_HZ, PoseDecoder
from anywear.runtime.tokens import MotionTokens
from anywear.train import pose_clips as clips_module
from anywear.train.engine import LoopConfig, train
from anywear.train.export_tokens import rounded
from anywear.train.pose import PoseTask, PoseTrainConfig, examples, told_by, window_of, write_pose
from anywear.train.pose_clips import PoseClipsConfig, pose_clips
from anywear.train.pose_error import joint_errors
from anywear.train.simulated import ViewConfig
from token_doubles import write_token_model

PROGRAMS = ("lying_on_back", "walking_forward")
SITES = ("left_wrist", "right_thigh", "chest")


class Lossless(MotionTokens):
    """Tokens that lose nothing: what is learned does not hang on a tokenizer that nobody trained."""

    def encode_windows(self, found, placements):
        return self.latents(found, placements)

    def decode(self, ids):
        return ids


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_token_model(tmp_path_factory.mktemp("pose") / "model")


@pytest.fixture(scope="module")
def clips():
    view = ViewConfig(streams=3, sites=SITES, anywhere=0.0, devices=("bmi270",))
    config = PoseClipsConfig(clips=2, asked=1, captured=False, seconds=5.0, view=view)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clips_module, "PROGRAMS", dict.fromkeys(PROGRAMS))
        return [pose_clips(replace(config, left_out=()), split) for split in ("train", "test")]


def test_poses_are_of_the_time_of_the_samples(clips):
    """The angular rate at the chest is that of the believed chest, at the same instants."""
    for clip in clips[0]:
        assert len(clip.poses) == len(clip.joints_m) == int(clip.take.values.shape[1] / 25.0 * RATE_HZ)
        assert clip.take.start_s == pytest.approx(0.0, abs=0.1)
    walk = clips[0][-1]
    assert walk.take.spans[0][2] == "walking_forward"
    # Legs swing at the same moments as the sensor on the thigh turns.
    slot = next(n for n, place in enumerate(walk.take.placements) if place.site == "right_thigh")
    turning = np.linalg.norm(walk.take.values[slot, :, 3:], axis=1)
    knee = walk.joints_m[:, BONE_INDEX["RightLeg"]]
    speed = np.linalg.norm(np.diff(knee, axis=0), axis=1) * RATE_HZ
    at = (np.arange(len(speed)) + 0.5) / RATE_HZ * 25.0
    lags = range(-6, 7)
    alike = [
        np.corrcoef(np.interp(at + lag, np.arange(len(turning)), turning)[2:-2], speed[2:-2])[0, 1] for lag in lags
    ]
    assert abs(list(lags)[int(np.argmax(alike))]) <= 1 and max(alike) > 0.6


def test_motions_are_learned_and_new_ones_are_nearer_than_the_mean_pose(folder, clips, tmp_path):
    tokens = Lossless(folder)
    learned, asked = clips
    loop = LoopConfig(steps=240, batch=16, warmup=10, learning_rate=3e-3, ema=0.9, threads=1, log_every=120)
    config = PoseTrainConfig(window_s=(4.8, 2.4), sensors=(0, 1), views=8, net=PoseConfig(width=32, depth=1), loop=loop)
    found = examples(tokens, learned, config, 0)
    assert {own.latents.shape[1] for own in found} == {6, 12}
    assert all(own.poses.shape[1] == 4 * own.latents.shape[1] for own in found)
    assert sum(len(own.latents) for own in found) == 8 * len(learned)
    net = train(PoseTask(config, found), loop, tmp_path, "pose", lambda line: None)
    assert isinstance(net, PoseNet)
    errors = joint_errors(tokens, rounded(net), learned, asked)
    known = joint_errors(tokens, rounded(net), learned, learned)
    assert known.decoded["simulated"][3] < 0.6 * known.mean_pose["simulated"]
    assert known.decoded["simulated"][3] < known.decoded["simulated"][1] and known.heights["simulated"][3] < 20.0
    assert errors.decoded["simulated"][3] < errors.mean_pose["simulated"]
    assert set(errors.decoded["simulated"]) == {1, 2, 3} and "mean pose" in errors.table()
    write_pose(tokens, net, {"errors": errors.to_dict()})
    clip = asked[-1]
    latents = told_by(tokens, [window_of(clip, 0, 120, (0, 1, 2))], clip)[0]
    with torch.no_grad():
        expected = rounded(net)(torch.from_numpy(latents)[None]).numpy()
    assert np.allclose(PoseDecoder(folder, tokens.sha256).poses(latents[None]), expected, atol=1e-3)


def test_the_same_seed_sees_the_same(folder, clips):
    tokens = MotionTokens(folder)
    config = PoseTrainConfig(views=3)
    one, two, other = (examples(tokens, clips[0][:2], config, seed) for seed in (0, 0, 1))
    assert all(
        np.array_equal(a.poses, b.poses) and np.array_equal(a.latents, b.latents) for a, b in zip(one, two, strict=True)
    )
    assert len(one) != len(other) or any(
        a.poses.shape != b.poses.shape or not np.array_equal(a.poses, b.poses) for a, b in zip(one, other, strict=True)
    )
