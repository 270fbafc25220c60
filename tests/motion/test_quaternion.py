"""Every function takes one rotation as well as many, and gives arrays; scipy is the oracle."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from anywear.motion import quaternion

ROTATIONS = Rotation.from_quat(np.random.default_rng(1).normal(size=(6, 4)))
OTHERS = Rotation.from_quat(np.random.default_rng(2).normal(size=(6, 4)))
VECTORS = np.random.default_rng(3).normal(size=(6, 3))
CALLS = {
    "multiply": (quaternion.multiply, (ROTATIONS.as_quat(), OTHERS.as_quat())),
    "inverse": (quaternion.inverse, (ROTATIONS.as_quat(),)),
    "rotate": (quaternion.rotate, (ROTATIONS.as_quat(), VECTORS)),
    "normalised": (quaternion.normalised, (3.0 * ROTATIONS.as_quat(),)),
    "lengths": (quaternion.lengths, (VECTORS,)),
    "angle_between_rad": (quaternion.angle_between_rad, (ROTATIONS.as_quat(), OTHERS.as_quat())),
    "from_rotation_vector": (quaternion.from_rotation_vector, (VECTORS,)),
    "from_matrix": (quaternion.from_matrix, (ROTATIONS.as_matrix(),)),
    "to_matrix": (quaternion.to_matrix, (ROTATIONS.as_quat(),)),
    "shortest_between": (quaternion.shortest_between, (VECTORS, VECTORS[::-1])),
    "slerp": (quaternion.slerp, (ROTATIONS.as_quat(), OTHERS.as_quat(), np.linspace(0.0, 1.0, 6))),
}


@pytest.mark.parametrize("name", CALLS)
def test_one_is_like_one_of_many(name):
    function, arguments = CALLS[name]
    many = function(*arguments)
    for row in range(6):
        one = function(*(np.asarray(argument[row]) for argument in arguments))
        assert isinstance(one, np.ndarray)
        np.testing.assert_allclose(one, many[row], atol=1e-12)


def test_products_and_turns_are_scipys():
    product = Rotation.from_quat(quaternion.multiply(ROTATIONS.as_quat(), OTHERS.as_quat()))
    assert ((ROTATIONS * OTHERS).inv() * product).magnitude().max() < 1e-12
    np.testing.assert_allclose(quaternion.rotate(ROTATIONS.as_quat(), VECTORS), ROTATIONS.apply(VECTORS), atol=1e-12)
    np.testing.assert_allclose(quaternion.to_matrix(ROTATIONS.as_quat()), ROTATIONS.as_matrix(), atol=1e-12)
    apart = quaternion.angle_between_rad(ROTATIONS.as_quat(), OTHERS.as_quat())
    np.testing.assert_allclose(apart, (ROTATIONS.inv() * OTHERS).magnitude(), atol=1e-12)


def test_halfway_is_scipys():
    for first, second in zip(ROTATIONS, OTHERS, strict=True):
        wanted = Slerp([0.0, 1.0], Rotation.concatenate([first, second]))(0.3)
        found = Rotation.from_quat(quaternion.slerp(first.as_quat(), second.as_quat(), np.asarray(0.3)))
        assert (wanted.inv() * found).magnitude() < 1e-9


def test_directions_are_taken_to_each_other_even_when_opposite():
    ends = np.concatenate([VECTORS[::-1], -VECTORS])
    starts = np.concatenate([VECTORS, VECTORS])
    turned = quaternion.rotate(quaternion.shortest_between(starts, ends), starts)
    unit = turned / quaternion.lengths(turned)[:, None]
    np.testing.assert_allclose(unit, ends / quaternion.lengths(ends)[:, None], atol=1e-9)
