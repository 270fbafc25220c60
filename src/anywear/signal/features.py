"""What an encoder sees of a window. The one implementation, for training and for answers alike.

Each window is turned level (its mean specific force onto z), so a model need not learn that a sensor may be worn at any
tilt; the heading left over is arbitrary, and training turns it at random.
"""

from __future__ import annotations

from collections.abc import Sequence

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

MOUNT_FEATURES = 6
"""Cosines of up with three axes fixed to the sensor (up while standing, out of the body, across both), each followed by 1
when it is known; zeros when nothing is."""

MOUNT_SLICE = slice(PLACE_FEATURES, PLACE_FEATURES + MOUNT_FEATURES)
WORN_FEATURES = PLACE_FEATURES + MOUNT_FEATURES + 1
"""All an encoder is told about a stream: its place, its mount, and how slow its clock is; see `rate_feature`."""

SLOWEST = 2.0  # octaves below the model's rate, beyond which a clock is told as no slower

MIN_ACROSS = 0.3  # sine of the angle between up and outward below which their cross product has no direction

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


def rate_feature(rate_hz: Float[Array, "*batch"] | float, model_rate_hz: float) -> Float[Array, "*batch"]:
    """How many octaves a stream's clock is slower than the model's, from -2 to 0: motion faster than half of it is lost.

    Args:
        rate_hz: of the samples before they were brought to the model's rate.
        model_rate_hz: the model's.
    """
    return np.asarray(np.clip(np.log2(np.asarray(rate_hz) / model_rate_hz), -SLOWEST, 0.0), dtype=np.float32)


def mount_axes(placement: Placement) -> tuple[Float[Array, "3 3"], Float[Array, " 3"]]:
    """What is known of a sensor's turn, as axes in its own frame.

    Returns:
        Rows: the direction that is up while the wearer stands, arms hanging; the one out of the body; and the one across
        both (up cross outward); and (3,) 1 for each that is known.
    """
    axes, known = np.zeros((3, 3)), np.zeros(3)
    mount = placement.mount
    if mount.quat_segment_from_sensor is not None:
        x, y, z, w = mount.quat_segment_from_sensor
        # Third row of the rotation matrix: the segment's up in the sensor's frame.
        axes[0], known[0] = (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)), 1.0
        if placement.is_known:
            _, normal = placement.rest_point()
            matrix = np.array(
                [
                    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                    axes[0],
                ]
            )
            axes[1], known[1] = matrix.T @ normal, 1.0
    if mount.up_axis is not None:
        axes[0], known[0] = mount.up_axis, 1.0
    if mount.outward_axis is not None:
        axes[1], known[1] = mount.outward_axis, 1.0
    across = np.cross(axes[0], axes[1])
    length = float(np.linalg.norm(across))
    if known[:2].all() and length > MIN_ACROSS:
        axes[2], known[2] = across / length, 1.0
    return axes, known


def mounts_axes(
    placements: Sequence[Placement],
) -> tuple[Float[Array, "streams 3 3"], Float[Array, "streams 3"]]:
    """`mount_axes` of several streams."""
    axes, known = zip(*(mount_axes(placement) for placement in placements), strict=True)
    return np.stack(axes), np.stack(known)


def worn_features(
    placements: Sequence[Placement],
    acc_mps2: Float[Array, "streams time 3"],
    rates_hz: Float[Array, " streams"],
    model_rate_hz: float,
) -> Float[Array, "streams features"]:
    """All that is told about the streams of one window, (S, 14) float32; see `WORN_FEATURES`.

    Args:
        placements: one per stream.
        acc_mps2: the window, from which up is read.
        rates_hz: of the streams' own clocks.
        model_rate_hz: the model's.
    """
    features = np.zeros((len(placements), WORN_FEATURES), dtype=np.float32)
    features[:, :PLACE_FEATURES] = np.stack([place_features(placement) for placement in placements])
    features[:, MOUNT_SLICE] = mount_features(up_direction(acc_mps2), *mounts_axes(placements))
    features[:, -1] = rate_feature(rates_hz, model_rate_hz)
    return features


def mount_features(
    up: Float[Array, "*batch 3"], axes: Float[Array, "*batch 3 3"], known: Float[Array, "*batch 3"]
) -> Float[Array, "*batch features"]:
    """How the sensor lies in the world, as far as its mount is known; see `MOUNT_FEATURES`.

    Args:
        up: unit vectors up in the sensor's frame, from the window.
        axes, known: from `mount_axes`.
    """
    cosines = np.einsum("...ij,...j->...i", axes, up) * known
    return np.stack([cosines, known], axis=-1).reshape(*up.shape[:-1], MOUNT_FEATURES).astype(np.float32)
