"""AMASS: NumPy archives of SMPL pose parameters, the user's own files.

``poses`` (T, 66 to 165) are rotation vectors in radians, the root's first; ``trans`` (T, 3) metres, Z up;
``mocap_framerate`` (or ``mocap_frame_rate``) in Hz. Fingers are left out. Without the body model bone lengths are a stand-in
and the pelvis lies a few centimetres off ``trans``. `read_amass_body` takes the model file the user has and gives the clip
with the subject's own joints, and the subject's body to move.

Source: Mahmood et al., "AMASS: Archive of Motion Capture as Surface Shapes", ICCV 2019.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array, Float
from ..body import ShapedBody, SmplModel, read_smpl, smpl_body
from ..errors import FormatError, UsageError
from ..recording import Note
from . import quaternion, smpl
from .checks import find_faults
from .clip import MotionClip, Skeleton
from .registry import MotionOptions, motion_reader
from .standin import DEFAULT_HEIGHT_M

# SMPL's axes at rest (left, up, forward) to ours (forward, left, up).
_REST_TURN = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
MAX_BYTES = 2_000_000_000
GENDERS = ("male", "female", "neutral")
_MOTION = ("poses", "trans", "mocap_framerate", "mocap_frame_rate")


@dataclass(frozen=True, eq=False)
class AmassSubject:
    """Whose motion it is.

    Attributes:
        betas: coefficients of the shape, in standard deviations.
        gender: of the model they belong to: ``male``, ``female``, ``neutral``, or empty where the file does not tell.
    """

    betas: Float[Array, " shapes"]
    gender: str


def _is_amass(path: Path) -> bool:
    if path.suffix.lower() != ".npz":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except Exception:  # zipfile raises many kinds on damaged files
        return False
    return {"poses.npy", "trans.npy"} <= names


def read_amass(path: Path, options: MotionOptions, rest_joints_m: Float[Array, "joints 3"] | None = None) -> MotionClip:
    """Read one AMASS archive.

    Args:
        path: the ``.npz``.
        options: rate and scale; a scale multiplies the stand-in body and the path alike.
        rest_joints_m: (22 or more, 3) joints of the subject's SMPL body at rest, in SMPL's axes and from its origin, which
            ``trans`` moves; a stand-in by default.

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
        rest, pelvis = smpl.rest_joints_m(), np.zeros(3)
        text = f"bone lengths of a stand-in {DEFAULT_HEIGHT_M:.2f} m tall; the subject's own need the SMPL model"
        notes.append(Note("assumed", text))
    else:
        rest = np.asarray(rest_joints_m, dtype=np.float64)
        if rest.ndim != 2 or rest.shape[1] != 3 or len(rest) < smpl.BODY_JOINTS:
            raise FormatError("rest_joints_m has the wrong shape", expected="(22 or more, 3)", got=str(rest.shape))
        rest, pelvis = rest[: smpl.BODY_JOINTS] - rest[0], rest[0]
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
        # SMPL turns the body about its pelvis and then moves it: the pelvis stays where the template has it, axis by axis.
        root_position_m=scale * (trans.astype(np.float64) + pelvis),
        quat_world_from_joint=quat,
        source=path.name,
        notes=tuple(notes),
    )


motion_reader("amass", "AMASS archives of SMPL poses (npz)", _is_amass)(read_amass)


def read_amass_body(
    path: str | Path, model: SmplModel | str | Path, options: MotionOptions | None = None
) -> tuple[MotionClip, ShapedBody]:
    """One AMASS archive on the body it was fitted with: joints are those of SMPL, to the last digit.

    Args:
        path: the ``.npz`` of poses.
        model: the SMPL-H (or SMPL, SMPL-X) model of the subject's gender, or the path of its file.
        options: as for `read_amass`.

    Returns:
        The clip with the subject's own bone lengths, and the subject's body for `anywear.motion.retarget`.

    Raises:
        FormatError: a damaged file. UsageError: a model of another gender, or with fewer shapes than the archive.

    Example:
        >>> from anywear.motion.amass import read_amass_body
        >>> clip, body = read_amass_body("walk_poses.npz", "smplh/male/model.npz")  # doctest: +SKIP
    """
    path = Path(path)
    model = model if isinstance(model, SmplModel) else read_smpl(model)
    subject = amass_shape(path)
    if subject.gender and model.gender and subject.gender != model.gender:
        raise UsageError(
            "The model is of another gender than the subject, so its shapes mean something else", where=str(path),
            expected=subject.gender, got=f"{model.name}, {model.gender}", remedy=f"Give the {subject.gender} model",
        )  # fmt: skip
    body = smpl_body(model, subject.betas)
    clip = read_amass(path, options or MotionOptions(), model.joints_m(subject.betas))
    told = Note("detected", f"body {model.name} ({model.kind}) with {len(subject.betas)} betas of the archive")
    return clip.with_notes(told, *(fault.note() for fault in find_faults(clip))), body


def amass_shape(path: str | Path) -> AmassSubject:
    """Shape and gender of an archive's subject.

    Raises:
        FormatError: a damaged archive, or one without betas.
    """
    path = Path(path)
    arrays = _arrays(path, ("betas", "gender"))
    betas = np.asarray(arrays.get("betas", np.zeros((0, 0))))
    if betas.ndim != 1 or betas.dtype.kind not in "fiu" or not np.isfinite(betas).all():
        raise FormatError(
            "The archive does not hold its subject's shape", where=str(path), expected="betas, one row of numbers",
            got=f"{betas.dtype} {betas.shape}" if "betas" in arrays else "no betas",
        )  # fmt: skip
    named = np.asarray(arrays.get("gender", np.array("")))
    value = named.reshape(-1)[0] if named.size == 1 and named.dtype.kind in "SU" else ""
    gender = value.decode("latin1") if isinstance(value, bytes) else str(value)
    return AmassSubject(betas.astype(np.float64), gender.lower() if gender.lower() in GENDERS else "")


def _arrays(path: Path, wanted: tuple[str, ...] = _MOTION) -> dict[str, Array]:
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
    names = ("mocap_framerate", "mocap_frame_rate")
    told = {
        name: float(arrays[name].reshape(()))
        for name in names
        if name in arrays and arrays[name].size == 1 and arrays[name].dtype.kind in "fiu"
    }
    if len(set(told.values())) > 1:
        raise FormatError(
            "The archive contradicts itself about its frame rate", where=where, expected="one rate",
            got=" and ".join(f"{name} {rate_hz:g}" for name, rate_hz in told.items()),
            remedy="Give the rate: --motion-rate 120",
        )  # fmt: skip
    for name, rate_hz in told.items():
        notes.append(Note("detected", f"rate {rate_hz:g} Hz from {name}"))
        return rate_hz
    raise FormatError(
        "The archive does not hold its frame rate",
        where=where,
        expected="mocap_framerate",
        remedy="Give the rate: --motion-rate 120",
    )
