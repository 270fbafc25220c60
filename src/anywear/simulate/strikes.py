"""Foot strikes: shocks that motion capture smooths away, found in the motion and put back.

A foot that meets the ground with velocity v is stopped by heel pad and sole, a spring and a damper: with h the impulse
response of x'' + 2 z w x' + w^2 x = 0, h(0) = 0, h'(0) = 1, it feels v h''(t), whose integral is -v. The motion holds the
same stop already, smeared over the width of its smoothing. What is added at a segment is therefore

    a(t) = T v [h''(t - d) + G(t - d)],

G a Gaussian of area 1 as wide as the smear, T and d what is left of the shock at this segment and when it arrives there. The
two parts have opposite areas and the same mean time, so neither velocity nor position drifts. Along the body graph every
joint takes its share, delays, and lowers w.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .._typing import Array, Float
from ..body import BONE_INDEX, ShapedBody, SurfacePoints, world_frames
from ..bodygraph import SEGMENTS
from ..errors import UsageError
from .kinematics import BoneMotion

SEARCH_HZ = 240.0  # rate at which the soles are looked at
CHUNK_S = 20.0
LEAST_MPS = 0.05  # downward speed below which a foot is set down without a shock
NEAR_FLOOR_M = 0.04  # a sole this near to its lowest place within FLOOR_S stands
FLOOR_S = 0.5
SLOW_MPS, SLOW_SHARE = 0.4, 0.3  # and travels no faster than this, or than this share of its fastest within FLOOR_S
LIFTED_M = 0.05  # so high it was before, or it has never left the floor
STANDS_S = 0.06  # for so long after the strike the sole has to stay there
REFRACTORY_S = 0.2  # heel, then ball, of one step are one strike

TRANSMITTED = {
    "toes": 1.0, "shank": 0.60, "thigh": 0.75, "pelvis": 0.70, "abdomen": 0.90, "lower_chest": 0.90, "chest": 0.90,
    "neck": 0.90, "head": 0.90, "shoulder": 0.90, "upper_arm": 0.70, "forearm": 0.85, "hand": 0.95, "fingers": 1.0,
}  # fmt: skip
"""Share of the shock that passes the joint between a segment and its neighbour nearer to the foot (pelvis: from thigh)."""
SLOWER_PER_JOINT = 0.94  # factor on the frequency: tissue takes the high frequencies first (Shorten & Winslow 1992)
DELAY_PER_JOINT_S = 0.003


@dataclass(frozen=True)
class Strike:
    """One foot meeting the ground.

    Attributes:
        time_s: when.
        side: ``left`` or ``right``.
        velocity_mps: of the sole just before, world axes.
    """

    time_s: float
    side: str
    velocity_mps: tuple[float, float, float]

    @property
    def speed_mps(self) -> float:
        """Downward speed."""
        return -self.velocity_mps[2]


@dataclass(frozen=True)
class Shock:
    """How strikes are felt.

    Attributes:
        frequency_hz: natural frequency of heel pad and sole under the foot.
        damping: share of critical damping.
        strength: factor on the shock; 0 leaves it out.
        smear_hz: band the motion is taken to have kept; the low-pass over the motion, where it is lower, takes its place.
        sideways: share of the sole's horizontal velocity that stops with the shock; the rest is braked by the step.

    Raises:
        UsageError: an impossible figure.
    """

    frequency_hz: float = 20.0
    damping: float = 0.35
    strength: float = 1.0
    smear_hz: float = 10.0
    sideways: float = 0.3

    def __post_init__(self) -> None:
        good = 5 <= self.frequency_hz <= 80 and 0.05 <= self.damping < 1 and 0 <= self.strength <= 5
        if not (good and 1 <= self.smear_hz <= 100 and 0 <= self.sideways <= 1):
            raise UsageError(
                "A foot does not strike like this",
                expected="frequency 5 to 80 Hz, damping 0.05 to 1, strength 0 to 5, smear 1 to 100 Hz, sideways 0 to 1",
                got=str(self),
            )

    def acceleration(
        self, time_s: Float[Array, " time"], strike: Strike, segment: str, lowpass_hz: float | None = None
    ) -> Float[Array, "time 3"]:
        """What one strike adds to a segment's acceleration at even times, world axes, m/s2."""
        share, joints = transmission(strike.side, segment)
        since = time_s - strike.time_s - joints * DELAY_PER_JOINT_S
        natural = 2.0 * np.pi * self.frequency_hz * SLOWER_PER_JOINT**joints
        smear_hz = self.smear_hz if lowpass_hz is None else min(self.smear_hz, lowpass_hz)
        width_s = smear_width_s(smear_hz)
        shape = stop(since, natural, self.damping, float(time_s[1] - time_s[0]))
        shape += np.exp(-0.5 * (since / width_s) ** 2) / (width_s * np.sqrt(2.0 * np.pi))
        velocity = np.asarray(strike.velocity_mps) * np.array([self.sideways, self.sideways, 1.0])
        return self.strength * share * shape[:, None] * velocity

    def felt(
        self,
        force: Float[Array, "points time 3"],
        time_s: Float[Array, " time"],
        points: SurfacePoints,
        bones: BoneMotion,
        strikes: Sequence[Strike],
    ) -> Float[Array, "points time 3"]:
        """Specific force in the skins' frames with the shocks in it, from that without."""
        reach = 0.5  # s; all is over by then
        heard = [s for s in strikes if time_s[0] - reach < s.time_s < time_s[-1] + reach]
        if not heard or self.strength == 0:
            return force
        out = force.copy()
        when = np.clip([s.time_s for s in heard], bones.start_s, bones.end_s)
        frames = world_frames(points, bones.bones_at(when))
        names = points.segment_names
        for number, strike in enumerate(heard):
            low, high = np.searchsorted(time_s, [strike.time_s - 0.2, strike.time_s + reach])
            added = {
                name: self.acceleration(time_s[low:high], strike, name, bones.lowpass_hz) for name in sorted(set(names))
            }
            for row, name in enumerate(names):
                out[row, low:high] += (added[name][:, None, :] * frames[number, row].T[None]).sum(axis=2)
        return out


def stop(since_s: Float[Array, " time"], natural_radps: float, damping: float, step_s: float) -> Float[Array, " time"]:
    """h'' of the module's equation as its mean over a step about each time, so that even samples add up to -1 exactly.

    It jumps at the strike; a mean over steps is what a sensor that samples them is left with.
    """

    def speed(t: Array) -> Array:
        after = np.maximum(t, 0.0)
        ringing = natural_radps * np.sqrt(1.0 - damping**2)
        cosine, sine = np.cos(ringing * after), np.sin(ringing * after)
        return np.exp(-damping * natural_radps * after) * (cosine - damping * natural_radps / ringing * sine)

    return (speed(since_s + step_s / 2) - speed(since_s - step_s / 2)) / step_s


def smear_width_s(corner_hz: float) -> float:
    """Standard deviation of the Gaussian that halves a sine of this frequency, as a filter run both ways does."""
    return float(np.sqrt(2.0 * np.log(2.0)) / (2.0 * np.pi * corner_hz))


@cache
def transmission(side: str, segment: str) -> tuple[float, int]:
    """Share of a shock under this foot that reaches a segment, and the joints on its way."""
    here = f"{side}_foot"
    upward = [here]
    while (parent := SEGMENTS[upward[-1]].parent) is not None:
        upward.append(parent)
    chain = [segment]
    while chain[-1] not in upward:
        parent = SEGMENTS[chain[-1]].parent
        assert parent is not None
        chain.append(parent)
    up = upward[1 : upward.index(chain[-1]) + 1]
    share = 1.0
    for name in up:
        share *= TRANSMITTED[_kind(name)]
    for name in chain[:-1]:
        kind = _kind(name)
        # Down the other leg the joints are passed the other way: the thigh takes what the pelvis takes coming up.
        share *= TRANSMITTED[{"thigh": "pelvis", "shank": "thigh", "foot": "shank"}.get(kind, kind)]
    return share, len(up) + len(chain) - 1


def find_strikes(bones: BoneMotion, body: ShapedBody) -> tuple[Strike, ...]:
    """Every strike of heel or ball, in order.

    A sole stands where it is near the lowest place it has within FLOOR_S and no longer travels; so stairs count, and feet
    that pass over the floor do not. It strikes where it begins to stand and came down faster than LEAST_MPS. The time is that
    of the hardest vertical braking thereabouts. Smoothing leaves half of a velocity that stops at once, so twice what is left
    then is the velocity before, but no more than it was on the way; its horizontal part counts no more than its vertical one.
    """
    found: list[Strike] = []
    for side in ("left", "right"):
        soles = _sole_points(body, side)
        place, speed, push, grid = _sole_tracks(bones, soles)
        heel_m = _above_floor(place[:, 0, 2], _window(grid))
        # A ball that comes down while the heel stands already only slaps.
        hits = _hits(grid, place[:, 0], speed[:, 0], push[:, 0]) + [
            hit
            for hit in _hits(grid, place[:, 1], speed[:, 1], push[:, 1])
            if np.interp(hit[0], grid, heel_m) > NEAR_FLOOR_M
        ]
        for time_s, velocity in sorted(hits, key=lambda hit: hit[0]):
            own = [s for s in found if s.side == side]
            if own and time_s - own[-1].time_s < REFRACTORY_S:
                continue
            found.append(Strike(time_s, side, (float(velocity[0]), float(velocity[1]), float(velocity[2]))))
    return tuple(sorted(found, key=lambda strike: strike.time_s))


def _kind(segment: str) -> str:
    return segment.removeprefix("left_").removeprefix("right_")


def _sole_points(body: ShapedBody, side: str) -> list[tuple[int, Array]]:
    """Bone and rest position of heel and ball, on the ground."""
    bone = side.capitalize()
    foot, toes = BONE_INDEX[f"{bone}Foot"], BONE_INDEX[f"{bone}ToeBase"]
    own = body.vertices_m[(body.weight_bone[:, 0] == foot) & (body.vertices_m[:, 2] < 0.03)]
    ahead = body.tail_m[foot] - body.head_m[foot]
    heel = own[np.argmin(own[:, :2] @ ahead[:2])]
    ball = body.head_m[toes]
    return [(foot, np.array([heel[0], heel[1], 0.0])), (toes, np.array([ball[0], ball[1], 0.0]))]


def _sole_tracks(bones: BoneMotion, soles: list[tuple[int, Array]]) -> tuple[Array, Array, Array, Array]:
    """Positions, velocities and accelerations (time, soles, 3) and their times."""
    count = max(2, int((bones.end_s - bones.start_s) * SEARCH_HZ) + 1)
    grid = np.linspace(bones.start_s, bones.end_s, count)
    index = [bone for bone, _ in soles]
    rest = np.array([[*place, 1.0] for _, place in soles])
    tracks = np.empty((3, count, len(soles), 3))
    size = int(CHUNK_S * SEARCH_HZ)
    for start in range(0, count, size):
        part = slice(start, start + size)
        for derivative in range(3):
            matrices = bones.bones_at(grid[part], derivative)[:, index]
            tracks[derivative, part] = np.einsum("tsij,sj->tsi", matrices, rest)
    return tracks[0], tracks[1], tracks[2], grid


def _hits(grid: Array, place: Array, speed: Array, push: Array) -> list[tuple[float, Array]]:
    """Times and velocities before of the strikes of one sole."""
    from scipy.ndimage import maximum_filter1d

    step = float(grid[1] - grid[0])
    wide, stands = _window(grid), max(1, int(STANDS_S / step))
    height = _above_floor(place[:, 2], wide)
    travel, down = np.linalg.norm(speed[:, :2], axis=1), -speed[:, 2]
    slow = travel < np.maximum(SLOW_SHARE * maximum_filter1d(travel, wide), SLOW_MPS)
    standing = (height < NEAR_FLOOR_M) & slow
    before, after = int(0.06 / step), int(0.04 / step)
    hits = []
    for onset in np.flatnonzero(standing & ~np.r_[True, standing[:-1]]):
        lifted = height[max(0, onset - wide // 2) : onset].max() > LIFTED_M
        if not (lifted and onset + stands < len(grid) and standing[onset : onset + stands].all()):
            continue
        first = max(0, onset - before)
        hit = first + int(np.argmax(push[first : onset + after, 2]))
        fall = min(2.0 * down[hit], down[max(0, hit - before) : hit + 1].max())
        if fall < LEAST_MPS:
            continue
        along = 2.0 * speed[hit, :2]
        along *= min(1.0, fall / max(float(np.linalg.norm(along)), 1e-9))
        hits.append((float(grid[hit]), np.array([along[0], along[1], -fall])))
    return hits


def _window(grid: Array) -> int:
    return max(3, int(2 * FLOOR_S / (grid[1] - grid[0])) | 1)


def _above_floor(height_m: Array, wide: int) -> Array:
    """Height above the lowest place within a window of so many samples."""
    from scipy.ndimage import minimum_filter1d

    return height_m - minimum_filter1d(height_m, wide)
