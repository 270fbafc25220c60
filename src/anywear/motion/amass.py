"""AMASS: NumPy archives of SMPL pose parameters, the user's own files.

``poses`` (T, 66 to 165) are rotation vectors in radians, the root's first; ``trans`` (T, 3) metres, Z up;
``mocap_framerate`` (or ``mocap_frame_rate``) in Hz. Fingers are left out. The body model is the user's and not read here:
bone lengths are a stand-in, or given as ``rest_joints_m``; the pelvis lies a few centimetres off ``trans``.

Source: Mahmood et al., "AMASS: Archive of Motion Capture as Surface Shapes", ICCV 2019.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError
from ..recording import Note
from . import quaternion, smpl
from .clip import MotionClip, Skeleton
from .registry import MotionOptions, motion_reader
from .standin import DEFAULT_HEIGHT_M

# SMPL's axes at rest (left, up, forward) to ours (forward, left, up).
_REST_TURN = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
MAX_BYTES = 2_000_000_000


def _is_amass(path: Path) -> bool:
    if path.suffix.lower() != ".npz":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
    return {"poses.npy", "trans.npy"} <= names


@motion_reader("amass", "AMASS archives of SMPL poses (npz)", _is_amass)
def read_amass(path: Path, options: MotionOptions, rest_joints_m: Float[Array, "joints 3"] | None = None) -> MotionClip:
    """Read one AMASS archive.

    Args:
        path: the ``.npz``.
        options: rate and scale; a scale multiplies the stand-in body and the path alike.
        rest_joints_m: (22 or more, 3) joints of the subject's SMPL template at rest, in SMPL's axes; a stand-in by default.

    Raises:
        FormatError: damaged archive, missing arrays, wrong shapes, no rate.
    """
    where = str(path)
    arrays = _arrays(path)
    for name in ("poses", "trans"):
        if name not in arrays:
            raise FormatError(f"The archive holds no {name!r}", where=where, got=", ".join(sorted(arrays)) or "nothing")
    poses, trans = (np.asarray(arrays[name]) for name in ("poses", "trans"))
    numeric = poses.dtype.kind in "fiu" and trans.dtype.kind in "fiu"
    fits = poses.ndim == 2 and poses.shape[1] >= 66 and poses.shape[1] % 3 == 0 and trans.shape == (len(poses), 3)
    if not (numeric and fits):
        raise FormatError(
            "The arrays are not SMPL poses", where=where, expected="poses (T, 66 or more), trans (T, 3)",
            got=f"poses {poses.shape} {poses.dtype}, trans {trans.shape} {trans.dtype}",
        )  # fmt: skip
    notes: list[Note] = []
    rate_hz = _rate_hz(arrays, options, where, notes)
    if rest_joints_m is None:
        rest = smpl.rest_joints_m()
        text = f"bone lengths of a stand-in {DEFAULT_HEIGHT_M:.2f} m tall; the subject's own need the SMPL model"
        notes.append(Note("assumed", text))
    else:
        rest = np.asarray(rest_joints_m, dtype=np.float64)
        if rest.ndim != 2 or rest.shape[1] != 3 or len(rest) < smpl.BODY_JOINTS:
            raise FormatError("rest_joints_m has the wrong shape", expected="(22 or more, 3)", got=str(rest.shape))
        rest = rest[: smpl.BODY_JOINTS] - rest[0]
    count = smpl.BODY_JOINTS
    vectors = poses[:, : 3 * count].astype(np.float64).reshape(len(poses), count, 3)
    quat = quaternion.from_rotation_vector(vectors)
    for joint, parent in enumerate(smpl.PARENTS[:count]):
        if parent >= 0:
            quat[:, joint] = quaternion.multiply(quat[:, parent], quat[:, joint])
    # The world of AMASS is ours; only the rest pose lies on its back.
    quat = quaternion.multiply(quat, quaternion.inverse(quaternion.from_matrix(_REST_TURN)))
    scale = 1.0 if options.scale is None else options.scale
    return MotionClip(
        name=path.stem,
        rate_hz=rate_hz,
        skeleton=Skeleton(smpl.JOINTS[:count], smpl.PARENTS[:count], scale * smpl.offsets_of(rest) @ _REST_TURN.T),
        root_position_m=scale * trans.astype(np.float64),
        quat_world_from_joint=quat,
        source=path.name,
        notes=tuple(notes),
    )


def _arrays(path: Path) -> dict[str, Array]:
    wanted = {"poses", "trans", "mocap_framerate", "mocap_frame_rate"}
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist() if info.filename[:-4] in wanted)
        if size > MAX_BYTES:
            raise FormatError("The archive is too large", where=str(path), got=f"{size} bytes when unpacked")
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if name in wanted}
    except FormatError:
        raise
    except Exception as error:  # numpy and zipfile raise many kinds on damaged files
        raise FormatError("The archive is damaged", where=str(path), got=str(error)[:100]) from error


def _rate_hz(arrays: dict[str, Array], options: MotionOptions, where: str, notes: list[Note]) -> float:
    if options.rate_hz is not None:
        notes.append(Note("assumed", f"rate {options.rate_hz:g} Hz as given"))
        return options.rate_hz
    for name in ("mocap_framerate", "mocap_frame_rate"):
        if name in arrays and arrays[name].size == 1 and arrays[name].dtype.kind in "fiu":
            rate_hz = float(arrays[name].reshape(()))
            notes.append(Note("detected", f"rate {rate_hz:g} Hz from {name}"))
            return rate_hz
    raise FormatError(
        "The archive does not hold its frame rate",
        where=where,
        expected="mocap_framerate",
        remedy="Give the rate: --rate 120",
    )
