"""The shipped body: mesh, rig, skinning weights and shape basis, made by `anywear.body.build` from MakeHuman (CC0)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from .._typing import Array, Bool, Float, Int
from ..errors import ArtefactError
from .rig import BONE_NAMES, LANDMARKS

FORMAT_VERSION = 1
ASSET_PATH = Path(__file__).parent / "assets" / "body.npz"

SEXES = ("female", "male")
AGES = ("young", "old")
DEGREES = ("min", "average", "max")
BUILDS: tuple[tuple[str, str, int, int], ...] = tuple(
    (sex, age, muscle, weight) for sex in SEXES for age in AGES for muscle in range(3) for weight in range(3)
)
"""Sex, age, degree of muscle and degree of weight of the 36 builds."""
STRETCHES: tuple[tuple[str, str, str], ...] = tuple(
    (sex, age, stretch) for sex in SEXES for age in AGES for stretch in ("min", "max")
)
"""Sex, age and direction of the eight offsets in stature."""
TARGET_COUNT = len(SEXES) * len(AGES) + len(BUILDS) + len(STRETCHES)
"""Origins by sex and age, then BUILDS, then STRETCHES: the order of the asset's targets."""


@dataclass(frozen=True)
class BodyAsset:
    """The family of bodies as stored. x forward, y left, z up, metres in MakeHuman's own size.

    Attributes:
        base_m: the base mesh, no target applied.
        targets: offsets of the left half and the middle, in steps of ``step_m``.
        step_m: length of one step.
        mirror_source: for every vertex, its row in that half.
        mirror_side: whether a vertex is the mirror image of that row.
        joints_m: head and tail of the 31 bones, then knuckle and tip of the 8 fingers; base first, then per target.
        quads: corners of the faces, counter-clockwise from outside.
        triangles: each quad cut in two; first all first halves, then all second halves.
        hidden: quads inside mouth, nostrils and eye sockets, where nothing is worn.
        weight_bone: bones that move each vertex, most first; unused places point to bone 0 with weight 0.
        weight: how much; rows sum to 1.
    """

    base_m: Float[Array, "vertices 3"]
    targets: Int[Array, "targets half 3"]
    step_m: float
    mirror_source: Int[Array, " vertices"]
    mirror_side: Bool[Array, " vertices"]
    joints_m: Float[Array, "shapes axes 2 3"]
    quads: Int[Array, "quads 4"]
    triangles: Int[Array, "triangles 3"]
    hidden: Bool[Array, " quads"]
    weight_bone: Int[Array, "vertices 7"]
    weight: Float[Array, "vertices 7"]

    def vertices_m(self, target_weights: Float[Array, " targets"]) -> Float[Array, "vertices 3"]:
        """The mesh with these shares of the targets."""
        half = np.tensordot(np.asarray(target_weights) * self.step_m, self.targets, axes=1)
        return self.base_m + self._whole(half)

    def joints_at_m(self, target_weights: Float[Array, " targets"]) -> Float[Array, "axes 2 3"]:
        """Heads and tails of the bones, knuckles and tips of the fingers, with these shares of the targets."""
        return self.joints_m[0] + np.tensordot(np.asarray(target_weights), self.joints_m[1:], axes=1)

    def _whole(self, half: Array) -> Array:
        whole = half[self.mirror_source]
        whole[self.mirror_side, 1] *= -1
        return whole


def load_asset(path: str | Path = ASSET_PATH) -> BodyAsset:
    """The body asset; read once per path, its arrays are read-only.

    Raises:
        ArtefactError: the file is missing, damaged or of another version.
    """
    return _load(str(path))


@lru_cache(maxsize=4)
def _load(path: str) -> BodyAsset:
    remedy = "Reinstall anywear, or build it: python -m anywear.body.build makehuman-cc0.tar.xz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except Exception as error:  # zip, zlib and numpy each have their own
        raise ArtefactError("The body asset cannot be read", where=path, got=str(error), remedy=remedy) from error
    version = int(arrays.get("version", -1))
    if version != FORMAT_VERSION:
        raise ArtefactError(
            "The body asset is of another version",
            where=path,
            expected=str(FORMAT_VERSION),
            got=str(version),
            remedy=remedy,
        )
    try:
        quads = arrays["quads"].astype(np.int64)
        weight = arrays["weight"].astype(np.float64)
        source, side = arrays["mirror_source"].astype(np.int64), arrays["mirror_side"]
        base = arrays["base_m"].astype(np.float64)[source]
        base[side, 1] *= -1
        asset = BodyAsset(
            base_m=base,
            targets=arrays["targets"],
            step_m=float(arrays["step_m"]),
            mirror_source=source,
            mirror_side=side,
            joints_m=arrays["joints_m"].astype(np.float64),
            quads=quads,
            triangles=np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]),
            hidden=arrays["hidden"],
            weight_bone=arrays["weight_bone"].astype(np.int64),
            weight=weight / weight.sum(axis=1, keepdims=True),
        )
        _check(asset)
    except (KeyError, ValueError, IndexError) as error:
        raise ArtefactError("The body asset is damaged", where=path, got=str(error), remedy=remedy) from error
    for value in vars(asset).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return asset


def _check(asset: BodyAsset) -> None:
    vertices, half = len(asset.mirror_source), asset.targets.shape[1]
    expected = {
        "base_m": (vertices, 3),
        "targets": (TARGET_COUNT, half, 3),
        "mirror_side": (vertices,),
        "joints_m": (1 + TARGET_COUNT, len(BONE_NAMES) + len(LANDMARKS), 2, 3),
        "hidden": (len(asset.quads),),
        "weight_bone": (vertices, 7),
        "weight": (vertices, 7),
    }
    for name, shape in expected.items():
        array = getattr(asset, name)
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} has values that are not finite")
    if asset.quads.max() >= vertices or asset.weight_bone.max() >= len(BONE_NAMES):
        raise ValueError("an index points to no vertex or no bone")
