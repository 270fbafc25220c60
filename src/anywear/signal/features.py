"""What an encoder sees of a window. The one implementation, for training and for answers alike.

Each window is turned level (its mean specific force onto z), so a model need not learn that a sensor may be worn at any
tilt; the heading left over is arbitrary, and training turns it at random.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float
from ..placement import Placement
from ..recording import STANDARD_GRAVITY_MPS2
from .gravity import level_rotation, up_direction

GYR_UNIT_RADPS = 2.0  # rad/s; a slow swing of the arm becomes 1
QUIET = 1e-3  # g and rad/s; the noise of a good sensor, below which nothing is told apart
CHANNELS = 10
"""Level linear acceleration x, y, z in g; level angular rate x, y, z; |acc| - 1 g; |gyr|, all asinh-compressed; and the
logarithms of linear acceleration and angular rate, which tell breathing from swaying from shaking."""

PLACE_FEATURES = 7
"""Point on the neutral body (x, y, z, fractions of height, centred), outward normal, and 1 when the place is known."""

BODY_CENTRE = np.array([0.0, 0.0, 0.55])  # fractions of height


def motion_features(
    acc_mps2: Float[Array, "*batch time 3"], gyr_radps: Float[Array, "*batch time 3"] | None
) -> Float[Array, "*batch time channels"]:
    """Encoder channels of windows that lie in any turn of the sensor.

    Args:
        acc_mps2: (..., T, 3) specific force, sensor frame, at the model's rate.
        gyr_radps: (..., T, 3) angular rate, or None, which is read as no turning at all; the encoder is told so.

    Returns:
        (..., T, 10) float32; see `CHANNELS`.
    """
    acc = np.asarray(acc_mps2, dtype=np.float64) / STANDARD_GRAVITY_MPS2
    rotation = level_rotation(up_direction(acc))
    level = np.einsum("...ij,...tj->...ti", rotation, acc)
    level[..., 2] -= 1.0
    channels = np.zeros((*acc.shape[:-1], CHANNELS))
    channels[..., 0:3] = 2.0 * level
    channels[..., 8] = np.log10(np.linalg.norm(level, axis=-1) + QUIET)
    channels[..., 6] = 2.0 * (np.linalg.norm(acc, axis=-1) - 1.0)
    channels[..., 9] = np.log10(QUIET)
    if gyr_radps is not None:
        gyr = np.asarray(gyr_radps, dtype=np.float64) / GYR_UNIT_RADPS
        channels[..., 3:6] = np.einsum("...ij,...tj->...ti", rotation, gyr)
        channels[..., 7] = np.linalg.norm(gyr, axis=-1)
        channels[..., 9] = np.log10(channels[..., 7] + QUIET)
    channels[..., :8] = np.arcsinh(channels[..., :8])
    return channels.astype(np.float32)


def place_features(placement: Placement) -> Float[Array, " features"]:
    """Where a stream is worn as (7,) float32; zeros when unknown. See `PLACE_FEATURES`."""
    features = np.zeros(PLACE_FEATURES, dtype=np.float32)
    if placement.is_known:
        point, normal = placement.rest_point()
        features[:3] = (point - BODY_CENTRE) * 4.0  # spread to about -2 .. 2
        features[3:6] = normal
        features[6] = 1.0
    return features
