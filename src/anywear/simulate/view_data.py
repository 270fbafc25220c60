"""What the page of a view holds: the body, its motion and the signals, in few bytes.

The body is sent once, as rest mesh and skinning weights; a frame is one quaternion per skin bone and the root's place, and
the browser does the kinematics and the skinning. Arrays are little-endian in base64.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from .._typing import Array, Float
from ..body import BONE_INDEX, BONE_PARENTS, SKIN_BONE_NAMES, ShapedBody, SurfacePoints, bone_transforms
from ..body.kinematics import spread_twist
from ..motion.body_motion import BodyMotion
from ..recording import Note, Recording, Stream

MAX_RATE_HZ = 60.0  # a screen shows no more
MAX_FRAMES = 12_000  # of 308 bytes each; a longer motion is sent with fewer per second
MAX_SAMPLES = 120_000  # of 12 bytes each, over all sensors
BONES_PER_VERTEX = 8  # no vertex of the body has more than seven
QUAT_STEPS = 32767


def view_data(motion: BodyMotion, recording: Recording, points: SurfacePoints, title: str) -> dict:
    """Everything the page shows, as JSON takes it."""
    shape = motion.body.shape
    counts = [len(stream) for stream in recording.streams]
    stride = max(1, int(np.ceil(sum(counts) / MAX_SAMPLES)))
    clocks: dict[str, int] = {}
    sensors = [_sensor(stream, points, row, stride, clocks) for row, stream in enumerate(recording.streams)]
    return {
        "title": title,
        "name": motion.name,
        "captions": list(motion.captions),
        "facts": [
            [term, text]
            for term, text in (
                ("Motion", motion.name),
                ("Source", motion.source),
                ("Licence", motion.licence),
                ("Length", f"{motion.duration_s:.2f} s, {len(motion)} frames at {motion.rate_hz:g} Hz"),
                ("Body", f"{shape.height_m:.2f} m, {shape.age_years:.0f} years, sex {_sex(shape.sex)}, "
                 f"build {shape.build:+.1f}, muscle {shape.muscle:+.1f}"),
                ("Turn about their own axis not in the source", ", ".join(motion.unobservable_twist).replace("_", " ")),
                ("Shown", "" if stride == 1 else f"one of {stride} samples"),
            )
            if text
        ],
        "notes": _grouped_notes(motion, recording),
        "body": _body(motion.body),
        "motion": _motion(motion),
        "start_s": float(min(0.0, recording.start_s)),
        "end_s": float(max(motion.duration_s, recording.end_s)),
        "clocks": list(clocks),
        "sensors": sensors,
    }  # fmt: skip


def pack(values: Array, kind: str) -> str:
    """Base64 of the values, little-endian, as this numpy kind."""
    return base64.b64encode(np.ascontiguousarray(values, dtype=np.dtype(kind).newbyteorder("<")).tobytes()).decode()


def steps(values: Array, low: float = 0.0) -> tuple[Array, float]:
    """Values as whole 16-bit steps from ``low``, and the step; the error is at most half of it."""
    step = float(np.abs(values - low).max(initial=0.0)) / 32767 or 1.0
    return np.round((values - low) / step), step


def joint_of_skin_bone() -> list[int]:
    """For each skin bone the bone of the rig whose joint it turns about."""
    return [BONE_INDEX[name.partition("Twist")[0]] for name in SKIN_BONE_NAMES]


def _body(body: ShapedBody) -> dict:
    seen = body.triangles[~body.hidden]
    used, corners = np.unique(seen, return_inverse=True)
    rig = np.zeros((len(used), len(BONE_PARENTS)))
    np.add.at(rig, (np.arange(len(used))[:, None], body.weight_bone[used]), body.weight[used])
    dense = spread_twist(body, body.vertices_m[used], rig)
    order = np.argsort(-dense, axis=1, kind="stable")[:, :BONES_PER_VERTEX]
    weight = _shares(np.take_along_axis(dense, order, axis=1))
    place, step = steps(body.vertices_m[used])
    return {
        "step": step,
        "vertices": pack(place, "i2"),
        "triangles": pack(corners.reshape(-1, 3), "u2"),
        "bones": pack(np.where(weight > 0, order, 0), "u1"),
        "weights": pack(weight, "u1"),
        "heads": np.round(body.head_m, 5).tolist(),
        "parents": list(BONE_PARENTS),
        "joints": joint_of_skin_bone(),
        "height": round(body.height_m, 4),
    }


def _shares(weight: Float[Array, "vertices width"]) -> Array:
    """Weights in 255ths whose rows still add up: the largest remainders are rounded up."""
    exact = 255 * weight / weight.sum(axis=1, keepdims=True)
    whole = np.floor(exact)
    missing = np.round(255 - whole.sum(axis=1)).astype(np.int64)
    rank = np.argsort(np.argsort(whole - exact, axis=1, kind="stable"), axis=1, kind="stable")
    return (whole + (rank < missing[:, None])).astype(np.int64)


def _motion(motion: BodyMotion) -> dict:
    from scipy.spatial.transform import Rotation

    stride = max(1, int(np.floor(motion.rate_hz / MAX_RATE_HZ + 1e-6)), int(np.ceil(len(motion) / MAX_FRAMES)))
    quat, root = motion.quat_world_from_bone[::stride], motion.root_position_m[::stride]
    turns = bone_transforms(motion.body, quat, root)[..., :3]
    every = Rotation.from_matrix(turns.reshape(-1, 3, 3)).as_quat(canonical=True)
    return {
        "rate": motion.rate_hz / stride,
        "frames": len(root),
        "quat": pack(np.round(every * QUAT_STEPS), "i2"),
        "root": pack(root, "f4"),
    }


def _sensor(stream: Stream, points: SurfacePoints, row: int, stride: int, clocks: dict[str, int]) -> dict:
    frame, known = _sensor_frame(stream, points, row)
    used = points.weight[row] > 0
    time_s = stream.time_s[::stride]
    made: dict = {
        "name": stream.name,
        "place": stream.placement.name.replace("_", " "),
        "rate": round(stream.effective_rate_hz, 2),
        "start": float(time_s[0]),
        "clock": clocks.setdefault(pack(time_s - time_s[0], "f4"), len(clocks)),  # sent once where sensors share it
        "rest": np.round(points.rest_m[row], 5).tolist(),
        "normal": np.round(points.normal[row], 5).tolist(),
        "frame": np.round(frame, 5).ravel().tolist(),
        "known": known,
        "bones": points.skin_bone[row][used].tolist(),
        "weights": np.round(points.weight[row][used], 5).tolist(),
    }
    for name, values in (("acc", stream.acc_mps2), ("gyr", stream.gyr_radps)):
        if values is not None:
            whole, step = steps(values[::stride].astype(np.float64))
            made[name] = {"step": step, "values": pack(whole, "i2")}
    return made


def _sensor_frame(stream: Stream, points: SurfacePoints, row: int) -> tuple[Array, bool]:
    """The sensor's axes on the body at rest, as columns, and whether the recording tells them.

    Where it does not, they are those of the point: x to the right, y along the segment, z out of the skin.
    """
    from scipy.spatial.transform import Rotation

    quat = stream.placement.mount.quat_segment_from_sensor
    if quat is None:
        return points.rest_from_point[row], False
    return points.rest_from_neutral[row] @ Rotation.from_quat(quat).as_matrix(), True


def _sex(share: float | str) -> str:
    return {0.0: "female", 1.0: "male"}.get(float(share), f"{float(share):.2f} (0 female, 1 male)")


def _grouped_notes(motion: BodyMotion, recording: Recording) -> list[dict]:
    """Each note once, with whom it is about."""
    about: dict[Note, list[str]] = {}
    for note in motion.notes:
        about.setdefault(note, []).append("motion")
    for name, note in recording.all_notes():
        about.setdefault(note, []).append(name or "recording")
    return [
        {"kind": note.kind, "text": note.text, "about": _names(list(dict.fromkeys(names)), len(recording.streams))}
        for note, names in about.items()
    ]


def _names(names: Sequence[str], every: int) -> str:
    sensors = [name for name in names if name not in ("motion", "recording")]
    if len(sensors) == every > 1:
        return ", ".join([name for name in names if name not in sensors] + ["all sensors"])
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
