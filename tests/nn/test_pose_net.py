"""The pose network and its figure, against what the runtime makes of the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.body import joint_positions, shape_body
from anywear.errors import UsageError
from anywear.nn.pose import Figure, PoseConfig, PoseNet
from anywear.runtime.pose import WIDTH, body_motion, orthonormal, world_turns


def test_joints_are_those_of_the_runtime():
    poses = np.random.default_rng(0).normal(size=(7, WIDTH))
    body = shape_body()
    expected = joint_positions(body, world_turns(poses), np.zeros((7, 3)))
    figure = Figure(body)
    got = figure.joints(torch.from_numpy(poses).float()).numpy()
    assert np.allclose(got, expected, atol=1e-4)
    turns = figure.turns(torch.from_numpy(poses).float()).numpy()
    assert np.allclose(turns[3, 5], orthonormal(poses[3, 30:36].reshape(1, 2, 3))[0], atol=1e-5)
    assert len(body_motion(poses)) == 7


def test_at_first_it_says_what_is_usual():
    torch.manual_seed(0)
    net = PoseNet(PoseConfig(width=16, depth=1), 8)
    latents, poses = torch.randn(50, 8), torch.randn(50, WIDTH)
    net.fit_scale(3.0 + 2.0 * latents, poses)
    said = net(3.0 + 2.0 * torch.randn(5, 6, 8))
    assert said.shape == (5, 24, WIDTH)
    assert (said - poses.mean(dim=0)).abs().max() < 0.5
    assert not torch.allclose(said[0, :4], said[0, 4:8])


@pytest.mark.parametrize("wrong", [{"frames": 0}, {"width": 0}, {"kernel": 2}, {"depth": -1}])
def test_configurations_that_cannot_be(wrong):
    with pytest.raises(UsageError):
        PoseConfig(**wrong)
