"""HumanML3D joint positions: (T, 22, 3) NumPy arrays in metres, Y up, 20 frames per second; the user's own files.

Rotations are made from positions: the smallest turn, from the parent's, that lays each bone where it is; pelvis and chest,
from which several bones go out, by the best fit to all of them. How a bone turns about itself is not observable, nor how
head, hands and toes turn at all; such joints are listed in ``unobservable_twist``.

Source: Guo et al., "Generating Diverse and Natural 3D Human Motions from Text", CVPR 2022.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError, UnitError
from ..recording import Note
from . import quaternion, smpl
from .clip import MotionClip, Skeleton
from .registry import MotionOptions, motion_reader

RATE_HZ = 20.0
LEG_RANGE_M = (0.3, 1.4)  # hip to ankle, from small children to the tallest men
PRIOR_M = 0.01  # m; arms of the weak pull towards the parent's rotation, against bones of about 0.1 m
_OUR_AXES = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # Y up, facing Z, to Z up, facing X
_FANS = {0: (1, 2, 3), 9: (12, 13, 14)}  # pelvis and spine3: children that fix the whole rotation


def _is_humanml3d(path: Path) -> bool:
    if path.suffix.lower() != ".npy":
        return False
    try:
        shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
    except Exception:
        return False
    return len(shape) == 3 and shape[1:] == (smpl.BODY_JOINTS, 3)


@motion_reader("humanml3d", "HumanML3D joint positions (npy, T x 22 x 3)", _is_humanml3d)
def read_humanml3d(path: Path, options: MotionOptions) -> MotionClip:
    """Read one array of joint positions.

    Raises:
        FormatError: damaged file, another shape, values that are not finite, bones without length.
        UnitError: legs of no human length.
    """
    where = str(path)
    try:
        positions = np.load(path, allow_pickle=False)
    except Exception as error:  # numpy raises many kinds on damaged files
        raise FormatError("The file is no whole NumPy array", where=where, got=str(error)[:100]) from error
    if not isinstance(positions, np.ndarray):
        raise FormatError("The file is an archive, not one array of joint positions", where=where)
    if positions.ndim != 3 or positions.shape[1:] != (smpl.BODY_JOINTS, 3) or positions.dtype.kind not in "fiu":
        raise FormatError(
            "The array does not hold joint positions", where=where, expected="shape (T, 22, 3)",
            got=f"shape {positions.shape}, {positions.dtype}",
            remedy="Give the files of HumanML3D's joints folder; feature vectors (T, 263) are not positions",
        )  # fmt: skip
    positions = positions.astype(np.float64)
    if not np.isfinite(positions).all():
        bad = int(np.flatnonzero(~np.isfinite(positions).all(axis=(1, 2)))[0])
        raise FormatError("A joint's position is not finite", where=f"{where}, frame {bad}")
    rate_hz = RATE_HZ if options.rate_hz is None else options.rate_hz
    positions = positions * (1.0 if options.scale is None else options.scale)
    _refuse_other_units(positions, where)
    return clip_from_positions(
        positions @ _OUR_AXES.T,
        rate_hz,
        name=path.stem,
        source=path.name,
        notes=(Note("assumed", f"rate {rate_hz:g} Hz: " + ("HumanML3D's" if options.rate_hz is None else "as given")),),
    )


def _refuse_other_units(positions: Array, where: str) -> None:
    chain = [smpl.JOINTS.index(f"left_{joint}") for joint in ("hip", "knee", "ankle")]
    lengths = np.linalg.norm(np.diff(positions[:, chain], axis=1), axis=-1).sum(axis=1)
    leg_m, (low, high) = float(np.median(lengths)) if len(lengths) else 0.0, LEG_RANGE_M
    if leg_m > high or 1e-3 < leg_m < low:  # without any length: said of the bone
        raise UnitError(
            "The legs are of no human length", where=where, expected=f"{low:g} to {high:g} m from hip to ankle",
            got=f"{leg_m:.3g}", remedy="Give the metres per unit: scale=0.001 for millimetres",
        )  # fmt: skip


def clip_from_positions(
    positions_m: Float[Array, "time 22 3"], rate_hz: float, *, name: str, source: str = "", notes: tuple[Note, ...] = ()
) -> MotionClip:
    """A clip from joint positions of SMPL's first 22 joints in our world (Z up, metres).

    Raises:
        FormatError: a bone without length, a single frame.
    """
    bones = positions_m - positions_m[:, np.maximum(smpl.PARENTS[: smpl.BODY_JOINTS], 0)]
    lengths = np.median(np.linalg.norm(bones, axis=-1), axis=0) if len(bones) else np.zeros(smpl.BODY_JOINTS)
    if (lengths[1:] < 1e-3).any():
        bad = smpl.JOINTS[1 + int(np.argmin(lengths[1:]))]
        raise FormatError("A bone has no length", where=f"{source or name}, {bad}", got=f"{lengths[1:].min():.2g} m")
    template = smpl.offsets_of(smpl.rest_joints_m()) @ _OUR_AXES.T
    with np.errstate(invalid="ignore", divide="ignore"):
        template = template / np.linalg.norm(template, axis=-1, keepdims=True)
    template[0] = 0.0
    offsets = template * lengths[:, None]
    quat = np.tile(np.array(quaternion.IDENTITY), (len(positions_m), smpl.BODY_JOINTS, 1))
    for joint, parent in enumerate(smpl.PARENTS[: smpl.BODY_JOINTS]):
        children = [c for c in range(smpl.BODY_JOINTS) if smpl.PARENTS[c] == joint]
        inherited = quat[:, parent] if parent >= 0 else quat[:, joint]
        if joint in _FANS:
            rest, seen = offsets[children], bones[:, children]
            if parent >= 0:
                # Bones on one line leave a turn open: there the parent's is taken.
                rest = np.concatenate([rest, PRIOR_M * np.eye(3)])
                seen = np.concatenate([seen, PRIOR_M * np.swapaxes(quaternion.to_matrix(inherited), 1, 2)], axis=1)
            quat[:, joint] = _best_turn(rest, seen)
            # The person's own hips and collars, not the stand-in's.
            back = quaternion.inverse(quat[:, joint])[:, None]
            offsets[children] = np.median(quaternion.rotate(back, bones[:, children]), axis=0)
        elif children:
            carried = quaternion.rotate(inherited, offsets[children[0]])
            swing = quaternion.shortest_between(carried, bones[:, children[0]])
            quat[:, joint] = quaternion.multiply(swing, inherited)
        else:
            quat[:, joint] = inherited
    unobservable = tuple(n for j, n in enumerate(smpl.JOINTS[: smpl.BODY_JOINTS]) if j not in _FANS)
    told = Note(
        "assumed",
        "rotations are made from joint positions: the turn of a bone about itself follows its parent's; "
        "head, hands and toes follow altogether",
    )
    return MotionClip(
        name, rate_hz, Skeleton(smpl.JOINTS[:22], smpl.PARENTS[:22], offsets), positions_m[:, 0], quat,
        unobservable_twist=unobservable, source=source, notes=(*notes, told),
    )  # fmt: skip


def _best_turn(rest: Float[Array, "bones 3"], seen: Float[Array, "time bones 3"]) -> Float[Array, "time 4"]:
    """Least-squares rotation from bones at rest to bones as they are. Kabsch, Acta Cryst. A32, 1976."""
    u, _, vt = np.linalg.svd(np.einsum("bi,tbj->tij", rest, seen))
    sign = np.linalg.det(np.einsum("tji,tkj->tik", vt, u))
    fix = np.ones((len(seen), 3))
    fix[:, 2] = np.sign(sign)
    return quaternion.from_matrix(np.einsum("tji,tj,tkj->tik", vt, fix, u))
