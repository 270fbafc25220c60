"""Build the body asset from MakeHuman's CC0 files: ``python -m anywear.body.build makehuman-cc0.tar.xz``.

The surface is the mesh group ``body``: 13,380 vertices, one closed sheet. Eyes, lashes, teeth, tongue and clothing helpers
are dropped. MakeHuman's axes (x to the wearer's left, y up, z forward; decimetres) become x forward, y left, z up, metres.

The shape basis is MakeHuman's own: one offset for each sex and age (mean of the three origins), one for each of the
36 builds (2 sexes x 2 ages x 3 degrees of muscle x 3 of weight), and one for short and one for tall in each sex and age.
Their digits are whole steps of 1/30 mm and mesh and offsets are mirror images to the last digit, so the left half in
16-bit integers holds them without loss, in less than a float16 basis of rank 20 takes (which errs by up to 18 mm).
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import FormatError
from .asset import AGES, ASSET_PATH, BUILDS, DEGREES, FORMAT_VERSION, SEXES, STRETCHES
from .hidden import hidden_faces
from .rig import BONE_NAMES, LANDMARKS

MAX_WEIGHTS = 7  # bones that move one vertex in this rig
METRES_PER_UNIT = 0.1  # MakeHuman measures in decimetres
STEPS_PER_UNIT = 3000  # targets have three decimals, and the mean of three origins thirds of that
ORIGINS = ("african", "asian", "caucasian")
AXES = (2, 0, 1)  # ours from theirs: forward is their z, left their x, up their y


def build(archive: Path, out: Path = ASSET_PATH) -> dict[str, float]:
    """Write the asset and say how well it holds what it was made from.

    Args:
        archive: the ``.tar.xz`` with ``data/3dobjs``, ``data/rigs`` and ``data/targets`` of MakeHuman.
        out: the ``.npz`` to write.

    Returns:
        Sizes, and the largest distance (m) of any stored vertex from MakeHuman's over base and targets.

    Raises:
        FormatError: the archive lacks a file, or a file is not what MakeHuman ships.
    """
    files = _read(archive)
    vertices, groups = _parse_obj(_take(files, "3dobjs/base.obj").decode())
    quads = np.array(groups["body"], dtype=np.int64)
    count = len(np.unique(quads))
    if quads.max() != count - 1:
        raise FormatError("The body's vertices are not the first of the mesh", where="base.obj")

    base = vertices[:, AXES]
    targets = np.stack(list(_targets(files, len(vertices))))[:, :, AXES]  # (48, all vertices, 3)
    # Joints are means of vertices, hence linear in the targets as well.
    joints = np.stack([_joints(files, groups, shape) for shape in (base, *targets)]) * METRES_PER_UNIT
    base, targets = base[:count], targets[:, :count]
    half, source, side = _mirror(base)

    steps = np.round(targets[:, half] * STEPS_PER_UNIT)
    if np.abs(steps).max() > np.iinfo(np.int16).max:
        raise FormatError("A target moves a vertex further than 16 bits hold", expected="at most 1.09 m")
    step_m = METRES_PER_UNIT / STEPS_PER_UNIT
    base_m = (base * METRES_PER_UNIT).astype(np.float32)
    kept = (steps * step_m)[:, source] * np.where(side[:, None], [1, -1, 1], 1)
    error = max(np.abs(kept - targets * METRES_PER_UNIT).max(), np.abs(base_m - base * METRES_PER_UNIT).max())

    bone, weight = _weights(json.loads(_take(files, "weights.cmu_mb.json")), count)
    np.savez_compressed(
        out,
        version=np.int32(FORMAT_VERSION),
        base_m=base_m[half],
        targets=steps.astype(np.int16),
        step_m=np.float64(step_m),
        mirror_source=source.astype(np.uint16),
        mirror_side=side,
        joints_m=joints.astype(np.float32),
        quads=quads.astype(np.uint16),
        hidden=hidden_faces(base_m.astype(float), quads),
        weight_bone=bone,
        weight=weight,
    )
    size = Path(out).stat().st_size
    return {"vertices": count, "quads": len(quads), "targets": len(steps), "bytes": size, "max_error_m": float(error)}


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m anywear.body.build", description="Build the body asset.")
    parser.add_argument("archive", type=Path, help="makehuman-cc0.tar.xz")
    parser.add_argument("-o", "--out", type=Path, default=ASSET_PATH)
    options = parser.parse_args(arguments)
    for name, value in build(options.archive, options.out).items():
        print(f"{name}: {value:.6g}")


def _read(archive: Path) -> dict[str, bytes]:
    try:
        with tarfile.open(archive) as tar:
            members = [m for m in tar if m.isfile()]
            return {m.name: handle.read() for m in members if (handle := tar.extractfile(m)) is not None}
    except (OSError, tarfile.TarError) as error:
        raise FormatError("The archive cannot be read", where=str(archive), got=str(error)) from error


def _take(files: dict[str, bytes], ending: str) -> bytes:
    for name, data in files.items():
        if name.endswith(ending):
            return data
    raise FormatError("The archive lacks a file", expected=ending, remedy="Use MakeHuman's CC0 asset archive")


def _parse_obj(text: str) -> tuple[Array, dict[str, list[list[int]]]]:
    vertices: list[list[float]] = []
    groups: dict[str, list[list[int]]] = {}
    group = ""
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(value) for value in rest.split()])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            groups.setdefault(group, []).append([int(corner.split("/")[0]) - 1 for corner in rest.split()])
    return np.array(vertices), groups


def _targets(files: dict[str, bytes], count: int) -> Iterator[Array]:
    """Offsets (vertices, 3) of origins, builds and statures, in MakeHuman's axes and unit."""

    def target(name: str) -> Array:
        text = gzip.decompress(_take(files, f"/{name}.target.gz"))
        offsets = np.zeros((count, 3))
        if text.strip():  # the average body is the origin's own, so its file is empty
            table = np.loadtxt(io.BytesIO(text), ndmin=2)
            offsets[table[:, 0].astype(int)] = table[:, 1:]
        return offsets

    for sex in SEXES:
        for age in AGES:
            yield np.mean([target(f"{origin}-{sex}-{age}") for origin in ORIGINS], axis=0)
    for sex, age, muscle, weight in BUILDS:
        yield target(f"universal-{sex}-{age}-{DEGREES[muscle]}muscle-{DEGREES[weight]}weight")
    for sex, age, stretch in STRETCHES:
        yield target(f"{sex}-{age}-averagemuscle-averageweight-{stretch}height")


def _mirror(base: Array) -> tuple[Array, Array, Array]:
    """Vertices of the left half and the middle; for every vertex its row in that half, and whether it is a mirror image."""
    place = {tuple(point): index for index, point in enumerate(base.tolist())}
    half = np.flatnonzero(base[:, 1] >= 0)
    row = {int(vertex): index for index, vertex in enumerate(half)}
    source = np.empty(len(base), dtype=np.int64)
    for index, (x, y, z) in enumerate(base.tolist()):
        twin = index if y >= 0 else place.get((x, -y, z), -1)
        if twin not in row:
            raise FormatError("The mesh is not symmetric", where="base.obj", got=f"vertex {index} has no mirror image")
        source[index] = row[twin]
    return half, source, base[:, 1] < 0


def _joints(files: dict[str, bytes], groups: dict[str, list[list[int]]], shape: Array) -> Array:
    """Head and tail of every bone, then base and tip of every finger: (31 + 8, 2, 3), in the unit of ``shape``."""
    rig = json.loads(_take(files, "rig.cmu_mb.json"))

    def place(end: dict) -> Array:
        if end["strategy"] == "MEAN":
            return shape[end["vertex_indices"]].mean(axis=0)
        return cube(end["cube_name"])

    def cube(name: str) -> Array:
        return shape[np.unique(groups[name])].mean(axis=0)

    ends = [[place(rig[bone]["head"]), place(rig[bone]["tail"])] for bone in BONE_NAMES]
    for finger in LANDMARKS:
        side, _, number = finger.split("_")
        ends.append([cube(f"joint-{side[0]}-finger-{number}-{joint}") for joint in (1, 4)])
    return np.array(ends)


def _weights(table: dict, count: int) -> tuple[Array, Array]:
    """Bones (vertices, 7) and weights of each vertex, largest first."""
    full = np.zeros((count, len(BONE_NAMES)))
    for index, bone in enumerate(BONE_NAMES):
        entries = [(vertex, value) for vertex, value in table["weights"][bone] if vertex < count]
        full[[vertex for vertex, _ in entries], index] = [value for _, value in entries]
    if (full > 0).sum(axis=1).max() > MAX_WEIGHTS or full.sum(axis=1).min() <= 0:
        raise FormatError("The weights are not those of cmu_mb", expected=f"1 to {MAX_WEIGHTS} bones at each vertex")
    order = np.argsort(-full, axis=1, kind="stable")[:, :MAX_WEIGHTS]
    weight = np.take_along_axis(full, order, axis=1)
    weight /= weight.sum(axis=1, keepdims=True)
    return np.where(weight > 0, order, 0).astype(np.uint8), weight.astype(np.float16)


if __name__ == "__main__":
    main()
