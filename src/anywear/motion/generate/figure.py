"""A figure that is posed over time: the generator's clay.

The skeleton is that of `anywear.bodygraph`: 24 segments, rest pose the neutral one (upright, arms hanging, palms to the
thighs, facing x, the wearer's left along y). A program sets where the pelvis is and how joints are turned, or where hands and
feet have to be, and the figure becomes a `MotionClip`.

Angles are anatomical and in degrees. Positive is: flexion forwards (knees: heel to seat; trunk: bending forward; ankle: toes
up), abduction away from the middle, internal rotation, pronation (thumb inwards), side bend and twist to the wearer's left.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..._typing import Array, Float
from ...bodygraph import SEGMENTS
from ...recording import STANDARD_GRAVITY_MPS2
from .. import quaternion
from ..clip import MotionClip, Skeleton
from .limbs import from_axes, two_bones, unit
from .person import Person

RATE_HZ = 120.0
SIDES = {"left": 1.0, "right": -1.0}
ANKLE_HEIGHT = 0.039  # of stature; Winter, as the body graph
HEEL_BEHIND, BALL_AHEAD, TOE_AHEAD = 0.035, 0.080, 0.118  # of stature, from the ankle along the foot
PALM_DOWN_ARM = 0.060  # of stature, from the wrist to the middle of the fist
SPINE = ("abdomen", "lower_chest", "chest")
SOFT_KNEE = 0.006  # share of the leg within which it slows before it is straight: the last 14 degrees of the knee

X, Y, Z = np.eye(3)

# Share of the body's mass and where along the segment its centre lies; Winter, 4th ed., table 4.1, trunk split by length.
MASSES: dict[str, tuple[float, float]] = {
    "pelvis": (0.142, 0.5), "abdomen": (0.139, 0.5), "lower_chest": (0.108, 0.5), "chest": (0.108, 0.5), "head": (0.081, 0.4),
    **{f"{side}_{part}": facts for side in SIDES for part, facts in {
        "upper_arm": (0.028, 0.436), "forearm": (0.016, 0.43), "hand": (0.006, 0.5),
        "thigh": (0.100, 0.433), "shank": (0.0465, 0.433), "foot": (0.0145, 0.5)}.items()},
}  # fmt: skip


def turn(axis: Float[Array, " 3"], degrees: float | Array) -> Array:
    """Quaternions (..., 4) of turns about an axis."""
    half = np.deg2rad(np.asarray(degrees, dtype=float)) / 2.0
    out = np.zeros((*half.shape, 4))
    if half.size and not any(half.strides):
        half = half.flat[0]  # one angle for all frames
    sine = np.sin(half)
    for index in np.flatnonzero(axis):
        out[..., index] = sine * axis[index]
    out[..., 3] = np.cos(half)
    return out


def chain(*turns: Array) -> Array:
    """Product of turns: the first named is applied last, in the outermost frame."""
    out = turns[0]
    for following in turns[1:]:
        out = quaternion.multiply(out, following)
    return out


def heading(degrees: float | Array) -> Array:
    """Turn about the vertical; 90 looks along y."""
    return turn(Z, degrees)


@dataclass(eq=False)
class Figure:
    """One clip in the making.

    Attributes:
        seconds: length.
        person: who moves.
        pelvis_m: (T, 3) where the pelvis' joint (between the hips) is; standing at the origin to begin with.
        turns: local turn (T, 4) of every segment against its parent; the pelvis' is against the world. Put another array in
            place of one, never write into it: others may be using it.
        said: sentences about what is done.
        acts_s: begin and end of every time that it is done; empty where it is done all along.
        misses_m: by how much targets were out of reach at worst, by limb.
        contact: by foot, when it is planted (T,) bool; programs that plant feet say so, and checks hold them to it.
        airborne: (T,) bool, when nothing touches anything: the body falls freely.
        level: the ground is z = 0; False on stairs and slopes.

    Example:
        >>> figure = Figure(2.0, Person(height_m=1.8))
        >>> figure.elbow("left", 90.0)
        >>> figure.point("left_hand")[0].round(2).tolist()
        [0.26, 0.23, 1.14]
    """

    seconds: float
    person: Person
    pelvis_m: Array = field(init=False)
    turns: dict[str, Array] = field(init=False)
    said: list[str] = field(default_factory=list)
    acts_s: list[tuple[float, float]] = field(default_factory=list)
    misses_m: dict[str, float] = field(default_factory=dict)
    contact: dict[str, Array] = field(default_factory=dict)
    airborne: Array | None = None
    level: bool = True
    # What `world` and `point` have found: valid as long as the arrays it was found from are the same objects.
    _worlds: dict[str, tuple[Array, Array, Array]] = field(init=False, repr=False, default_factory=dict)
    _ways: dict[str, tuple[Array, Array | None, Array]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        frames = max(2, round(self.seconds * RATE_HZ) + 1)
        self.t = np.arange(frames) / RATE_HZ
        self.seconds = float(self.t[-1])
        self.pelvis_m = np.tile([0.0, 0.0, self.stand_height_m], (frames, 1))
        still = np.zeros((frames, 4))
        still[:, 3] = 1.0
        self.turns = dict.fromkeys(SEGMENTS, still)

    # Sizes

    @property
    def height_m(self) -> float:
        """Stature."""
        return self.person.height_m

    @property
    def stand_height_m(self) -> float:
        """Height of the pelvis' joint standing upright."""
        return SEGMENTS["pelvis"].start[2] * self.height_m

    @property
    def leg_m(self) -> float:
        """Hip to ankle, straight."""
        return (SEGMENTS["left_thigh"].start[2] - ANKLE_HEIGHT) * self.height_m

    @property
    def arm_m(self) -> float:
        """Shoulder to wrist, straight."""
        return (SEGMENTS["left_upper_arm"].start[2] - SEGMENTS["left_hand"].start[2]) * self.height_m

    @property
    def ankle_m(self) -> float:
        """Height of the ankle on a flat foot."""
        return ANKLE_HEIGHT * self.height_m

    @property
    def hip_half_width_m(self) -> float:
        """From the middle to a hip joint."""
        return SEGMENTS["left_thigh"].start[1] * self.height_m

    # Posing by angles (degrees; numbers or arrays over time)

    def frames(self, value: float | Array) -> Array:
        """A number or array as an array over time."""
        return np.broadcast_to(np.asarray(value, dtype=float), self.t.shape)

    def pelvis(self, pitch: float | Array = 0.0, roll: float | Array = 0.0, yaw: float | Array = 0.0) -> None:
        """Turn of the pelvis in the world: heading first, then tilt forwards, then roll to the left side up."""
        self.turns["pelvis"] = chain(
            heading(self.frames(yaw)), turn(Y, self.frames(pitch)), turn(X, self.frames(roll))
        )  # fmt: skip

    def trunk(self, flexion: float | Array = 0.0, bend: float | Array = 0.0, twist: float | Array = 0.0) -> None:
        """Spine from pelvis to shoulders, a third in each of its segments. Bend and twist are to the left."""
        third = chain(
            turn(Z, self.frames(twist) / 3), turn(Y, self.frames(flexion) / 3), turn(X, -self.frames(bend) / 3)
        )
        for segment in SPINE:
            self.turns[segment] = third

    def head(self, flexion: float | Array = 0.0, bend: float | Array = 0.0, twist: float | Array = 0.0) -> None:
        """Neck and head against the chest, half in each."""
        half = chain(
            turn(Z, self.frames(twist) / 2), turn(Y, self.frames(flexion) / 2), turn(X, -self.frames(bend) / 2)
        )
        self.turns["neck"] = self.turns["head"] = half

    def level_head(self, share: float = 0.8, pitch: float | Array = 0.0, yaw: float | Array | None = None) -> None:
        """Keep the head upright whatever the trunk does, as people do; call it after the trunk is posed.

        Args:
            share: of the trunk's turn that is taken back.
            pitch: where to look, degrees downwards.
            yaw: heading to look at, in the world; where the chest faces by default.
        """
        chest = self.world("chest")
        forward = quaternion.rotate(chest, X)
        facing = np.rad2deg(np.unwrap(np.arctan2(forward[:, 1], forward[:, 0])))
        wanted = chain(heading(facing if yaw is None else self.frames(yaw)), turn(Y, self.frames(pitch)))
        against = quaternion.multiply(quaternion.inverse(chest), wanted)
        against = np.where(against[:, 3:] < 0, -against, against)
        identity = np.broadcast_to(np.array(quaternion.IDENTITY), against.shape)
        half = quaternion.slerp(identity, against, np.full(len(self.t), share / 2))
        self.turns["neck"] = self.turns["head"] = half

    def shoulder(
        self, side: str, flexion: float | Array = 0.0, abduction: float | Array = 0.0, rotation: float | Array = 0.0
    ) -> None:
        """Upper arm against the chest: abduction in the raised plane of flexion, then internal rotation about the arm."""
        s = SIDES[side]
        self.turns[f"{side}_upper_arm"] = chain(
            turn(X, s * self.frames(abduction)), turn(Y, -self.frames(flexion)), turn(Z, -s * self.frames(rotation))
        )

    def shrug(self, side: str, up: float | Array = 0.0, forward: float | Array = 0.0) -> None:
        """The collar bone: degrees up and forward."""
        s = SIDES[side]
        self.turns[f"{side}_shoulder"] = chain(turn(X, s * self.frames(up)), turn(Z, -s * self.frames(forward)))

    def elbow(self, side: str, flexion: float | Array) -> None:
        """Bend of the elbow."""
        self.turns[f"{side}_forearm"] = turn(Y, -self.frames(flexion))

    def wrist(
        self, side: str, pronation: float | Array = 0.0, flexion: float | Array = 0.0, deviation: float | Array = 0.0
    ) -> None:
        """Hand against forearm: pronation, then flexion towards the palm, then deviation towards the thumb."""
        s = SIDES[side]
        self.turns[f"{side}_hand"] = chain(
            turn(Z, -s * self.frames(pronation)), turn(X, -s * self.frames(flexion)), turn(Y, -self.frames(deviation))
        )

    def grip(self, side: str, closed: float | Array = 1.0) -> None:
        """Fingers from stretched (0) to a fist (1)."""
        self.turns[f"{side}_fingers"] = turn(X, -SIDES[side] * 80.0 * self.frames(closed))

    def hip(
        self, side: str, flexion: float | Array = 0.0, abduction: float | Array = 0.0, rotation: float | Array = 0.0
    ) -> None:
        """Thigh against pelvis."""
        s = SIDES[side]
        self.turns[f"{side}_thigh"] = chain(
            turn(X, s * self.frames(abduction)), turn(Y, -self.frames(flexion)), turn(Z, -s * self.frames(rotation))
        )

    def knee(self, side: str, flexion: float | Array) -> None:
        """Bend of the knee."""
        self.turns[f"{side}_shank"] = turn(Y, self.frames(flexion))

    def ankle(self, side: str, dorsiflexion: float | Array = 0.0, inversion: float | Array = 0.0) -> None:
        """Foot against shank: toes up, then sole inwards."""
        self.turns[f"{side}_foot"] = chain(
            turn(Y, -self.frames(dorsiflexion)), turn(X, -SIDES[side] * self.frames(inversion))
        )

    def toes(self, side: str, up: float | Array) -> None:
        """Toes against foot."""
        self.turns[f"{side}_toes"] = turn(Y, -self.frames(up))

    # Posing by targets

    def reach(
        self,
        side: str,
        wrist_m: Float[Array, "time 3"],
        *,
        swivel: float | Array = 30.0,
        palm: Array | None = None,
        fingers: Array | None = None,
    ) -> None:
        """Put a wrist somewhere in the world: shoulder and elbow follow. Call it after trunk and pelvis are posed.

        Args:
            side: left or right.
            wrist_m: (T, 3) or (3,) where the wrist has to be.
            swivel: degrees by which the elbow is lifted sideways from hanging below the line from shoulder to wrist.
            palm: (3,) or (T, 3) direction in the world that the palm faces; as the forearm has it when None.
            fingers: direction in the world the hand points to; along the forearm when None.
        """
        s = SIDES[side]
        base = self.world(f"{side}_shoulder")
        start = self.point(f"{side}_upper_arm")
        upper_m, lower_m = (
            self._length(f"{side}_upper_arm", f"{side}_forearm"),
            self._length(f"{side}_forearm", f"{side}_hand"),
        )
        target = np.broadcast_to(np.asarray(wrist_m, dtype=float), (len(self.t), 3))
        chest = self.world("chest")
        down, out = -quaternion.rotate(chest, Z), s * quaternion.rotate(chest, Y)
        back = -quaternion.rotate(chest, X)
        angle = np.deg2rad(self.frames(swivel))[:, None]
        along = unit(target - start)
        # Below the line; where the line itself is vertical, behind it.
        pole = np.cos(angle) * (down + 0.35 * back) + np.sin(angle) * out
        pole = unit(pole - (pole * along).sum(axis=1, keepdims=True) * along)
        upper, lower, miss = two_bones(start, target, upper_m, lower_m, -pole, backwards=True)
        self._note_miss(f"{side} arm", miss)
        self.turns[f"{side}_upper_arm"] = quaternion.multiply(quaternion.inverse(base), upper)
        self.turns[f"{side}_forearm"] = quaternion.multiply(quaternion.inverse(upper), lower)
        if palm is not None or fingers is not None:
            self.turns[f"{side}_hand"] = self._hand(side, lower, palm, fingers)

    def _hand(self, side: str, forearm: Array, palm: Array | None, fingers: Array | None) -> Array:
        s = SIDES[side]
        shape = (len(self.t), 3)
        point = -quaternion.rotate(forearm, Z) if fingers is None else np.broadcast_to(unit(np.asarray(fingers)), shape)
        faces = -s * quaternion.rotate(forearm, Y) if palm is None else np.broadcast_to(unit(np.asarray(palm)), shape)
        faces = unit(faces - (faces * point).sum(axis=1, keepdims=True) * point)
        # Rest: fingers along -z, the left palm along -y (inwards).
        z, y = -point, -s * faces
        world = from_axes(np.cross(y, z), y, z)
        return quaternion.multiply(quaternion.inverse(forearm), world)

    def stand(
        self,
        side: str,
        ankle_m: Float[Array, "time 3"],
        foot: Float[Array, "time 4"] | float | None = None,
        *,
        splay: float | Array = 8.0,
    ) -> None:
        """Put an ankle somewhere in the world: hip and knee follow. Call it after the pelvis is posed.

        Args:
            side: left or right.
            ankle_m: (T, 3) or (3,) where the ankle has to be.
            foot: turn (T, 4) of the foot in the world, or its heading in degrees when it lies flat.
            splay: degrees by which the knee points outwards of the pelvis' forward direction.
        """
        s = SIDES[side]
        base = self.world("pelvis")
        start = self.point(f"{side}_thigh")
        upper_m, lower_m = self._length(f"{side}_thigh", f"{side}_shank"), self._length(f"{side}_shank", f"{side}_foot")
        target = np.broadcast_to(np.asarray(ankle_m, dtype=float), (len(self.t), 3))
        forward, out = quaternion.rotate(base, X), s * quaternion.rotate(base, Y)
        angle = np.deg2rad(self.frames(splay))[:, None]
        along = unit(target - start)
        pole = np.cos(angle) * forward + np.sin(angle) * out
        # A leg that points forward (sitting on the floor) has its knee above it.
        pole = pole + 0.6 * quaternion.rotate(base, Z) * np.clip((along * forward).sum(axis=1, keepdims=True), 0, 1)
        pole = unit(pole - (pole * along).sum(axis=1, keepdims=True) * along)
        upper, lower, miss = two_bones(start, target, upper_m, lower_m, pole, soft=SOFT_KNEE)
        self._note_miss(f"{side} leg", miss)
        self.turns[f"{side}_thigh"] = quaternion.multiply(quaternion.inverse(base), upper)
        self.turns[f"{side}_shank"] = quaternion.multiply(quaternion.inverse(upper), lower)
        if foot is not None:
            world = foot if isinstance(foot, np.ndarray) and foot.ndim == 2 else heading(self.frames(foot))
            self.turns[f"{side}_foot"] = quaternion.multiply(quaternion.inverse(lower), world)

    # Reading

    def world(self, segment: str) -> Float[Array, "time 4"]:
        """Turn of a segment in the world."""
        own, parent = self.turns[segment], SEGMENTS[segment].parent
        if parent is None:
            return own
        above = self.world(parent)
        known = self._worlds.get(segment)
        if known is None or known[0] is not own or known[1] is not above:
            known = own, above, _frozen(quaternion.multiply(above, own))
            self._worlds[segment] = known
        return known[2]

    def point(
        self, segment: str, offset_m: Array | tuple[float, float, float] = (0.0, 0.0, 0.0)
    ) -> Float[Array, "time 3"]:
        """World position of a segment's joint, or of a point fixed to the segment (metres, its own frame)."""
        offset = np.asarray(offset_m, dtype=float)
        way = self._from_pelvis(segment)
        if offset.any():
            way = way + quaternion.rotate(self.world(segment), offset)
        return self.pelvis_m + way

    def _from_pelvis(self, segment: str) -> Float[Array, "time 3"]:
        """Way from the pelvis' joint to a segment's."""
        parent = SEGMENTS[segment].parent
        if parent is None:
            return np.zeros((len(self.t), 3))
        frame, start = self.world(parent), self._from_pelvis(parent) if SEGMENTS[parent].parent else None
        known = self._ways.get(segment)
        if known is None or known[0] is not frame or known[1] is not start:
            way = quaternion.rotate(frame, self.height_m * (REST[segment] - REST[parent]))
            known = frame, start, _frozen(way if start is None else start + way)
            self._ways[segment] = known
        return known[2]

    def sole(self, side: str) -> dict[str, Array]:
        """World positions (T, 3) of heel, ball and tip of the toes on the sole."""
        h = self.height_m
        return {
            "heel": self.point(f"{side}_foot", (-HEEL_BEHIND * h, 0.0, -ANKLE_HEIGHT * h)),
            "ball": self.point(f"{side}_foot", (BALL_AHEAD * h, 0.0, -ANKLE_HEIGHT * h)),
            "tip": self.point(f"{side}_toes", ((TOE_AHEAD - BALL_AHEAD) * h, 0.0, -SEGMENTS["left_toes"].start[2] * h)),
        }

    def centre_of_mass_m(self) -> Float[Array, "time 3"]:
        """Of the whole body, from the segments' masses."""
        total = np.zeros((len(self.t), 3))
        for segment, (share, along) in MASSES.items():
            own = SEGMENTS[segment]
            reach = along * self.height_m * (np.asarray(own.end) - REST[segment])
            total += share * self.point(segment, reach)
        return total / sum(share for share, _ in MASSES.values())

    def fall_freely(self) -> None:
        """Shift the body so that its centre of mass falls freely wherever `airborne` says; call it last.

        Each flight keeps where it begins and ends; legs that hang from the pelvis go with it.
        """
        if self.airborne is None:
            return
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self.airborne.astype(int), [0]])))
        centre = self.centre_of_mass_m()
        moved = self.pelvis_m.copy()
        for first, stop in zip(edges[::2], edges[1::2], strict=True):
            if first == 0 or stop >= len(self.t) or stop - first < 3:
                continue
            # From the last frame on the ground to the first one on it again.
            rows = slice(first - 1, stop + 1)
            t = self.t[rows] - self.t[first - 1]
            start, end = centre[first - 1], centre[stop]
            flight = start + (end - start) * (t / t[-1])[:, None]
            flight[:, 2] += 0.5 * STANDARD_GRAVITY_MPS2 * t * (t[-1] - t)
            moved[rows] += flight - centre[rows]
        self.pelvis_m = moved

    def clip(self, name: str, captions: tuple[str, ...] = (), licence: str = "Apache-2.0") -> MotionClip:
        """The motion so far; ways that lead downwards are raised to end at the ground."""
        quat = quaternion.normalised(np.stack([self.world(segment) for segment in SEGMENTS], axis=1))
        lowest = min(float(point[:, 2].min()) for side in SIDES for point in self.sole(side).values())
        root = self.pelvis_m if self.level else self.pelvis_m - np.array([0.0, 0.0, lowest])
        return MotionClip(
            name=name,
            rate_hz=RATE_HZ,
            skeleton=skeleton(self.height_m),
            root_position_m=root,
            quat_world_from_joint=quat,
            captions=captions,
            source="anywear.motion.generate",
            licence=licence,
        )

    def _length(self, first: str, second: str) -> float:
        return self.height_m * float(np.linalg.norm(REST[second] - REST[first]))

    def _note_miss(self, limb: str, miss_m: Array) -> None:
        self.misses_m[limb] = max(self.misses_m.get(limb, 0.0), float(miss_m.max()))


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def skeleton(height_m: float) -> Skeleton:
    """The generator's skeleton at this stature."""
    names = tuple(SEGMENTS)
    parents = tuple(-1 if own.parent is None else names.index(own.parent) for own in SEGMENTS.values())
    rest = np.stack([REST[name] for name in names])
    offsets = height_m * (rest - rest[np.maximum(parents, 0)])
    return Skeleton(names, parents, offsets)


def _rest() -> dict[str, Array]:
    rest = {name: np.array(own.start) for name, own in SEGMENTS.items()}
    for side in SIDES:
        rest[f"{side}_foot"] = np.array(SEGMENTS[f"{side}_shank"].end)  # the ankle, not the heel
    return rest


REST = _rest()
"""Joint of every segment at rest, fractions of stature."""
