"""From a Kinect skeleton to a watch: wrist actions of `anywear.datasets.utd_mhad` simulated, compared with the real unit.

The skeleton has 20 joints, about 19 frames per second and no clock in common with the unit. So the two are stretched to equal
duration; no shift is searched for. The camera sees a wrist better than an elbow, so the arms get constant lengths by
moving the elbow and leaving the wrist (`reach`). The skeleton becomes a clip of joint positions (how the forearm turns
about itself is not observable), is brought onto the average body and simulated at the right wrist. Compared is the
magnitude of the specific force, which needs no mount, after one and the same low-pass. Beside it stands the plain way:
the wrist joint's position differenced twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..body import ShapedBody, shape_body
from ..datasets.utd_mhad import JOINTS, WRIST_WORDS
from ..errors import AnywearError
from ..motion import MotionClip, retarget
from ..motion.humanml3d import clip_from_positions
from ..recording import STANDARD_GRAVITY_MPS2, Stream
from ..simulate.kinematics import PointSet
from ..simulate.simulator import Simulator
from .simulation_boards import correlation

COMPARED_HZ = (
    4.0  # low-pass over every magnitude that is compared, and over the skeleton: what is not compared is not passed
)
BEST = 7  # actions over which the plain way is quoted, its own best
SITE = "right_wrist"
LEAST_M = 1e-3  # an arm is never quite stretched nor quite folded, where the elbow's plane would be lost

# Kinect's axes: x to the person's right, y up, z away from the camera, which the person faces.
_OUR_AXES = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
# SMPL's first 22 joints as mixtures of Kinect's 20.
_MIXTURES: tuple[dict[str, float], ...] = (
    {"hip_center": 1.0},
    {"left_hip": 1.0},
    {"right_hip": 1.0},
    {"hip_center": 0.75, "shoulder_center": 0.25},
    {"left_knee": 1.0},
    {"right_knee": 1.0},
    {"hip_center": 0.5, "shoulder_center": 0.5},
    {"left_ankle": 1.0},
    {"right_ankle": 1.0},
    {"hip_center": 0.25, "shoulder_center": 0.75},
    {"left_foot": 1.0},
    {"right_foot": 1.0},
    {"shoulder_center": 1.0},
    {"shoulder_center": 0.6, "left_shoulder": 0.4},
    {"shoulder_center": 0.6, "right_shoulder": 0.4},
    {"head": 1.0},
    {"left_shoulder": 1.0},
    {"right_shoulder": 1.0},
    {"left_elbow": 1.0},
    {"right_elbow": 1.0},
    {"left_wrist": 1.0},
    {"right_wrist": 1.0},
)


@dataclass(frozen=True)
class ActionResult:
    """Mean correlation over the trials of one action: simulated, and by plain double difference.

    Attributes:
        action: its words.
        simulated, plain: mean Pearson correlation with the unit's magnitude.
        better: share of trials in which the simulation is the closer one.
        trials: how many.
    """

    action: str
    simulated: float
    plain: float
    better: float
    trials: int


@dataclass(frozen=True, eq=False)
class KinectResult:
    """Every action, and an example for a picture: time, measured, simulated and plain magnitude."""

    actions: tuple[ActionResult, ...]
    failed: tuple[str, ...]
    example: dict[str, Array]

    def means(self, best: int | None = None) -> tuple[float, float]:
        """Mean of simulated and plain over actions; over those ``best`` actions on which the plain way does best."""
        chosen = sorted(self.actions, key=lambda a: -a.plain)[:best]
        return float(np.mean([a.simulated for a in chosen])), float(np.mean([a.plain for a in chosen]))


def kinect_clip(positions_m: Float[Array, "time 20 3"], rate_hz: float, name: str) -> MotionClip:
    """A clip from a Kinect skeleton in camera axes.

    Raises:
        FormatError: a bone without length, too few frames.
    """
    mixing = np.zeros((len(_MIXTURES), len(JOINTS)))
    for row, mixture in enumerate(_MIXTURES):
        for joint, share in mixture.items():
            mixing[row, JOINTS.index(joint)] = share
    ours = np.einsum("jk,tkc->tjc", mixing, reach(positions_m)) @ _OUR_AXES.T
    return clip_from_positions(ours, rate_hz, name=name, source=name)


def reach(positions_m: Float[Array, "time 20 3"]) -> Float[Array, "time 20 3"]:
    """The skeleton with arms of constant length: wrists stay where they were seen, as far as the arm reaches.

    Upper arm and forearm get their median lengths; the elbow stays in the plane in which it was seen.
    """
    out = positions_m.copy()
    for side in ("left", "right"):
        shoulder, elbow, wrist = (JOINTS.index(f"{side}_{part}") for part in ("shoulder", "elbow", "wrist"))
        upper, lower = (
            np.median(np.linalg.norm(positions_m[:, b] - positions_m[:, a], axis=1))
            for a, b in ((shoulder, elbow), (elbow, wrist))
        )
        line = positions_m[:, wrist] - positions_m[:, shoulder]
        distance = np.maximum(np.linalg.norm(line, axis=1), LEAST_M)
        along = line / distance[:, None]
        distance = np.clip(distance, abs(upper - lower) + LEAST_M, upper + lower - LEAST_M)
        share = (distance**2 + upper**2 - lower**2) / (2 * distance)  # law of cosines
        off = positions_m[:, elbow] - positions_m[:, shoulder]
        off = off - (off * along).sum(axis=1, keepdims=True) * along
        off /= np.maximum(np.linalg.norm(off, axis=1, keepdims=True), 1e-9)
        height = np.sqrt(np.maximum(upper**2 - share**2, 0.0))
        out[:, elbow] = positions_m[:, shoulder] + share[:, None] * along + height[:, None] * off
        out[:, wrist] = positions_m[:, shoulder] + distance[:, None] * along
    return out


def magnitudes(
    positions_m: Float[Array, "time 20 3"], unit: Stream, name: str, body: ShapedBody
) -> tuple[Array, Array, Array, Array]:
    """Time and magnitude of the specific force: measured, simulated, plain; all on the unit's clock, low-passed alike."""
    time_s = unit.time_s - unit.time_s[0]
    rate_hz = (len(positions_m) - 1) / time_s[-1]
    simulator = Simulator(retarget(kinect_clip(positions_m, rate_hz, name), body), lowpass_hz=COMPARED_HZ)
    inside = np.clip(time_s, simulator.bones.start_s, simulator.bones.end_s)
    points = simulator.points([SITE])
    on_skin = PointSet(points.rest_m, points.skin_bone, points.weight, points.rest_from_point)
    simulated = np.linalg.norm(simulator.bones.sample(on_skin, inside)[0][0], axis=1)
    wrist = positions_m[:, JOINTS.index(SITE)] @ _OUR_AXES.T
    twice = np.gradient(np.gradient(wrist, 1 / rate_hz, axis=0), 1 / rate_hz, axis=0)
    force = np.linalg.norm(twice + np.array([0.0, 0.0, STANDARD_GRAVITY_MPS2]), axis=1)
    plain = np.interp(time_s, np.arange(len(force)) / rate_hz, force)
    measured = np.linalg.norm(unit.acc_mps2, axis=1).astype(np.float64)
    filtered = [_low_pass(v, unit.effective_rate_hz) for v in (measured, simulated.astype(np.float64), plain)]
    return time_s, filtered[0], filtered[1], filtered[2]


def compare_kinect(
    trials: Sequence[tuple[str, str, Array, Stream]],
    progress: Callable[[str], None] = lambda line: None,
) -> KinectResult:
    """Simulate wrist trials and compare.

    Args:
        trials: name, action, skeleton (T, 20, 3) and the unit's stream of each; other actions than those of the wrist
            are left out.
        progress: told every action.
    """
    body = shape_body()
    found: dict[str, list[tuple[float, float]]] = {}
    failed, example = [], {}
    for name, action, positions_m, unit in trials:
        if action not in WRIST_WORDS:
            continue
        if action not in found:
            progress(f"utd-mhad: {action}")
        try:
            time_s, measured, simulated, plain = magnitudes(positions_m, unit, name, body)
        except AnywearError as error:
            failed.append(f"{name}: {error}")
            continue
        pair = correlation(simulated, measured), correlation(plain, measured)
        found.setdefault(action, []).append(pair)
        if action == "throw" and "measured" not in example:
            example = {"time_s": time_s, "measured": measured, "simulated": simulated, "plain": plain}
    actions = []
    for action in WRIST_WORDS:
        if action in found:
            pairs = np.array(found[action])
            mean = pairs.mean(axis=0)
            better = float((pairs[:, 0] > pairs[:, 1]).mean())
            actions.append(ActionResult(action, float(mean[0]), float(mean[1]), better, len(pairs)))
    return KinectResult(tuple(actions), tuple(failed), example)


def _low_pass(values: Array, rate_hz: float) -> Array:
    from scipy.signal import butter, sosfiltfilt

    return sosfiltfilt(butter(2, COMPARED_HZ, fs=rate_hz, output="sos"), values)
