"""Bodies of any stature, sex, age and build: from a description to a mesh and joints in metres.

MakeHuman's shapes are not metric: sex, age and build leave stature at about 1.59 m (women) or 1.73 m (men), and its targets
for tall and short go from 1.22 to 2.45 m. The share of these is solved for, so that sole to crown is the height asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .._typing import Array, Bool, Float, Int
from ..errors import UsageError
from .asset import AGES, BUILDS, SEXES, STRETCHES, BodyAsset, load_asset
from .rig import BONE_INDEX, BONE_NAMES, BONE_PARENTS, LANDMARKS

AGE_RANGE_YEARS = (18.0, 90.0)
YOUNG_YEARS, OLD_YEARS = 25.0, 90.0  # ages MakeHuman's young and old targets stand for; below, a body stays young


@dataclass(frozen=True)
class BodyShape:
    """What a body looks like.

    Attributes:
        height_m: sole to crown, standing barefoot.
        sex: 0 female to 1 male; the words ``female`` and ``male`` are understood.
        age_years: 18 to 90.
        build: -1 thin to 1 heavy; 0 is average.
        muscle: -1 slack to 1 muscular; 0 is average.

    Raises:
        UsageError: a value out of its range. Which heights a sex and age allow is checked by `shape_body`.

    Example:
        >>> BodyShape(1.65, "female", 70).sex
        0.0
    """

    height_m: float = 1.72
    sex: float | str = 0.5
    age_years: float = 30.0
    build: float = 0.0
    muscle: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.sex, str):
            if self.sex.lower() not in SEXES:
                raise UsageError("The sex is unknown", expected="female, male or 0 to 1", got=repr(self.sex))
            object.__setattr__(self, "sex", float(SEXES.index(self.sex.lower())))
        ranges = {
            "height_m": (0.5, 3.0),
            "sex": (0.0, 1.0),
            "age_years": AGE_RANGE_YEARS,
            "build": (-1.0, 1.0),
            "muscle": (-1.0, 1.0),
        }
        for name, (low, high) in ranges.items():
            value = float(getattr(self, name))
            if not low <= value <= high:  # also catches NaN
                raise UsageError(
                    "There is no such body",
                    where=f"BodyShape.{name}",
                    expected=f"{low:g} to {high:g}",
                    got=f"{value:g}",
                    remedy="Children have no shapes in this asset" if name == "age_years" and value < low else None,
                )
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class ShapedBody:
    """One body in the rest pose: standing, soles on z = 0, the origin midway between the ankles.

    At rest the arms of `shape_body` are 45 degrees down, those of `smpl_body` straight out to the sides; who needs to know
    asks the geometry, as `segment_axes` does.

    Attributes:
        shape: what was asked for; of a body from elsewhere its height, and its sex where known.
        vertices_m: the mesh; x forward, y left, z up.
        triangles: vertices of each face, counter-clockwise from outside.
        hidden: faces inside mouth, nostrils and eye sockets, where nothing is worn.
        weight_bone: bones that move each vertex.
        weight: how much; rows sum to 1.
        head_m: joint each bone turns about, in the order of `anywear.body.rig.BONE_NAMES`.
        tail_m: other end of each bone.
        fingers_m: knuckle and tip of the fingers in `anywear.body.rig.LANDMARKS`.
    """

    shape: BodyShape
    vertices_m: Float[Array, "vertices 3"]
    triangles: Int[Array, "triangles 3"]
    hidden: Bool[Array, " triangles"]
    weight_bone: Int[Array, "vertices 7"]
    weight: Float[Array, "vertices 7"]
    head_m: Float[Array, "bones 3"]
    tail_m: Float[Array, "bones 3"]
    fingers_m: Float[Array, "fingers 2 3"]

    @property
    def height_m(self) -> float:
        """Sole to crown."""
        return float(np.ptp(self.vertices_m[:, 2]))

    @property
    def offsets_m(self) -> Float[Array, "bones 3"]:
        """From each bone's parent's joint to its own, rest pose; zero for the root."""
        parents = np.asarray(BONE_PARENTS)
        offsets = self.head_m - self.head_m[parents]
        offsets[parents < 0] = 0.0
        return offsets

    @property
    def root_m(self) -> Float[Array, " 3"]:
        """Where the root's joint is at rest."""
        return self.head_m[0].copy()

    def bone(self, name: str) -> tuple[Array, Array]:
        """Head and tail (3,) of a bone, metres."""
        return self.head_m[BONE_INDEX[name]], self.tail_m[BONE_INDEX[name]]

    def finger(self, name: str) -> tuple[Array, Array]:
        """Knuckle and tip (3,) of a finger, metres."""
        knuckle, tip = self.fingers_m[LANDMARKS.index(name)]
        return knuckle, tip


def shape_body(shape: BodyShape | None = None) -> ShapedBody:
    """The body of this shape; the last few are kept, their arrays are read-only.

    Raises:
        UsageError: no body of this sex and age has this height.

    Example:
        >>> round(shape_body(BodyShape(1.80, "male")).height_m, 4)
        1.8
    """
    return _shape_body(shape or BodyShape())


@lru_cache(maxsize=32)
def _shape_body(shape: BodyShape) -> ShapedBody:
    asset = load_asset()
    weights = _target_weights(shape, asset)
    vertices, joints = asset.vertices_m(weights), asset.joints_at_m(weights)
    ankles = joints[[BONE_INDEX["LeftFoot"], BONE_INDEX["RightFoot"]], 0].mean(axis=0)
    origin = np.array([ankles[0], 0.0, vertices[:, 2].min()])
    joints, vertices = joints - origin, vertices - origin
    bones = len(BONE_NAMES)
    body = ShapedBody(
        shape=shape,
        vertices_m=vertices,
        triangles=asset.triangles,
        hidden=np.tile(asset.hidden, 2),
        weight_bone=asset.weight_bone,
        weight=asset.weight,
        head_m=joints[:bones, 0],
        tail_m=joints[:bones, 1],
        fingers_m=joints[bones:],
    )
    for value in vars(body).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return body


def _target_weights(shape: BodyShape, asset: BodyAsset) -> Array:
    """Share of every target: products of linear interpolation in sex, age, muscle and weight, then height solved for."""
    age = float(np.clip((shape.age_years - YOUNG_YEARS) / (OLD_YEARS - YOUNG_YEARS), 0.0, 1.0))
    male = float(shape.sex)
    of_sex: dict[str, float] = dict(zip(SEXES, (1 - male, male), strict=True))
    of_age: dict[str, float] = dict(zip(AGES, (1 - age, age), strict=True))
    muscle, weight = _three_way(shape.muscle), _three_way(shape.build)
    origins = [of_sex[sex] * of_age[old] for sex in SEXES for old in AGES]
    builds = [of_sex[sex] * of_age[old] * muscle[m] * weight[w] for sex, old, m, w in BUILDS]
    plain = np.array([*origins, *builds, *[0.0] * len(STRETCHES)])

    level = asset.vertices_m(plain)[:, 2]
    # Rows of the two directions, so that each can be added without evaluating all targets again.
    stretch = {
        way: np.array(
            [0.0] * (len(plain) - len(STRETCHES)) + [of_sex[s] * of_age[a] * (w == way) for s, a, w in STRETCHES]
        )
        for way in ("min", "max")
    }
    lift = {way: asset.vertices_m(row)[:, 2] - asset.base_m[:, 2] for way, row in stretch.items()}
    limits = {way: float(np.ptp(level + lift[way])) for way in stretch}
    if not limits["min"] <= shape.height_m <= limits["max"]:
        raise UsageError(
            "No body of this sex and age is that tall",
            where="BodyShape.height_m",
            expected=f"{limits['min']:.2f} to {limits['max']:.2f} m",
            got=f"{shape.height_m:g} m",
        )
    way = "max" if shape.height_m >= np.ptp(level) else "min"
    low, high = 0.0, 1.0
    for _ in range(
        50
    ):  # bisection: stature is monotonous in the share, with kinks where another vertex becomes the lowest
        share = (low + high) / 2
        too_far = (np.ptp(level + share * lift[way]) > shape.height_m) == (way == "max")
        low, high = (low, share) if too_far else (share, high)
    return plain + (low + high) / 2 * stretch[way]


def _three_way(value: float) -> tuple[float, float, float]:
    """Shares of min, average and max for a value from -1 to 1."""
    return max(-value, 0.0), 1.0 - abs(value), max(value, 0.0)
