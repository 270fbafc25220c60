"""How well a motion sits on the body it was brought to: figures to judge `anywear.motion.retarget` by.

``python -m anywear.motion.retarget_report mocap/`` prints the median and the worst clip of each folder.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from .._typing import Array
from ..body import BONE_INDEX, neutral_pose
from ..errors import AnywearError
from . import quaternion
from .body_motion import BodyMotion
from .clip import MotionClip
from .ground import horizontal_mps, sole_heights_m, sole_pitch_deg, source_contacts
from .retarget import Retargeting, limb_bones, plan_retargeting, retarget

BENT_DEG = 25.0  # joints bent less than this do not show their axis
JOINTS = (("elbow", "Arm", "ForeArm", 1.0), ("knee", "UpLeg", "Leg", -1.0))  # bends forward, bends backward


@dataclass(frozen=True)
class RetargetReport:
    """What became of a clip. Angles in degrees, lengths in metres, NaN where there is nothing to measure.

    Attributes:
        frames: of the clip.
        contacts: frames in which a foot of the source stands, both feet counted.
        direction_mean_deg, direction_max_deg: limb segment to the angle between its bone in the source and on the body.
        joints_apart_m: mean distance of the limbs' joints, both hips' middle in one place, the source scaled.
        sole_low_m, sole_high_m: 1st percentile over all frames, and 95th over contacts, of the lowest point of the sole.
        sole_pitch_deg: median over contacts of how far the sole is tipped, toes down positive.
        skate_mps, source_skate_mps: 95th percentile over contacts of the ankle's level speed, on the body and at the source.
        pelvis_ratio: median height of the hips over the length of the legs, the body's over the source's.
        overstretch_deg: ``elbow`` and ``knee`` to the angle beyond straight, 99th percentile, the worse side.
        hinge_off_deg: ``elbow`` and ``knee`` to the angle between the plane it bends in and the body's, mean, the worse side.
        hinge_share: ``elbow`` and ``knee`` to the part of its bending that is about the body's axis, 0 to 1, the worse side.
        head_pitch_deg: median over contacts of how far the head looks up.
    """

    frames: int
    contacts: int
    direction_mean_deg: dict[str, float]
    direction_max_deg: dict[str, float]
    joints_apart_m: float
    sole_low_m: float
    sole_high_m: float
    sole_pitch_deg: float
    skate_mps: float
    source_skate_mps: float
    pelvis_ratio: float
    overstretch_deg: dict[str, float]
    hinge_off_deg: dict[str, float]
    hinge_share: dict[str, float]
    head_pitch_deg: float


def retarget_report(clip: MotionClip, motion: BodyMotion) -> RetargetReport:
    """Figures on a motion and the clip it came from; the two have the same frames."""
    plan = plan_retargeting(clip.skeleton, motion.body)
    contacts = source_contacts(clip)
    source, body = clip.joint_positions_m(), motion.joints_m()
    quat = motion.quat_world_from_bone
    directions = _directions_deg(clip, motion, plan)
    soles = sole_heights_m(motion.body, quat, motion.root_position_m)
    hips, source_hips = _middle(body, ("LeftUpLeg", "RightUpLeg")), _middle(source, _joints(plan, "UpLeg"))
    apart = [
        np.linalg.norm((body[:, BONE_INDEX[bone]] - hips) - plan.scale * (source[:, joint] - source_hips), axis=-1)
        for bone, joint in ((bone, plan.joints[BONE_INDEX[bone]]) for bone in limb_bones())
        if joint >= 0
    ]
    feet = [BONE_INDEX["LeftFoot"], BONE_INDEX["RightFoot"]]
    source_feet = [plan.joints[bone] for bone in feet]
    skate = horizontal_mps(body[:, feet], motion.rate_hz)
    known = min(source_feet) >= 0
    source_skate = horizontal_mps(source[:, source_feet], clip.rate_hz) if known else np.full_like(skate, np.nan)
    bends = {name: _hinge(motion, upper, lower, forward) for name, upper, lower, forward in JOINTS}
    ahead = quaternion.rotate(quat[:, BONE_INDEX["Head"]], np.array([1.0, 0.0, 0.0]))
    standing = contacts.any(axis=1)
    leg_m = plan.body_leg_m
    return RetargetReport(
        frames=len(clip),
        contacts=int(contacts.sum()),
        direction_mean_deg={segment: float(angle.mean()) for segment, angle in directions.items()},
        direction_max_deg={segment: float(angle.max()) for segment, angle in directions.items()},
        joints_apart_m=float(np.mean(apart)),
        sole_low_m=float(np.percentile(soles.min(axis=1), 1)),
        sole_high_m=_percentile(soles[contacts], 95),
        sole_pitch_deg=_percentile(sole_pitch_deg(motion.body, quat)[contacts], 50),
        skate_mps=_percentile(skate[contacts], 95),
        source_skate_mps=_percentile(source_skate[contacts], 95),
        pelvis_ratio=float(np.median(hips[:, 2]) / leg_m / (np.median(source_hips[:, 2]) / (leg_m / plan.scale))),
        overstretch_deg={name: bend[0] for name, bend in bends.items()},
        hinge_off_deg={name: bend[1] for name, bend in bends.items()},
        hinge_share={name: bend[2] for name, bend in bends.items()},
        head_pitch_deg=_percentile(np.degrees(np.arcsin(np.clip(ahead[standing, 2], -1, 1))), 50),
    )


def report_table(folders: Mapping[str, Sequence[RetargetReport]]) -> str:
    """A Markdown table: a row per figure, a column per folder, in it the median over its clips and the worst of them."""
    flat = {name: [_flat(report) for report in reports] for name, reports in folders.items() if reports}
    rows = ["| median; worst | " + " | ".join(flat) + " |", "|---|" + "---|" * len(flat)]
    for figure in next(iter(flat.values()))[0] if flat else ():
        cells = []
        for reports in flat.values():
            values = np.array([report[figure] for report in reports])
            values = values[np.isfinite(values)]
            if figure in ("frames", "contacts"):
                cells.append(f"{int(values.sum())} in all")
            elif len(values) == 0:
                cells.append("-")
            else:
                aim = 1.0 if figure.startswith(("pelvis_ratio", "hinge_share")) else 0.0
                worst = values[np.abs(values - aim).argmax()]
                cells.append(f"{_short(float(np.median(values)))}; {_short(worst)}")
        rows.append(f"| {figure} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.3f}" if abs(value) >= 5e-4 else "0"


def _directions_deg(clip: MotionClip, motion: BodyMotion, plan: Retargeting) -> dict[str, Array]:
    out = {}
    for bone, segment in limb_bones().items():
        joint, along = plan.joints[BONE_INDEX[bone]], plan.source_bones.get(segment)
        if joint < 0 or along is None or segment.endswith("hand"):
            continue
        head, tail = motion.body.bone(bone)
        seen = quaternion.rotate(clip.quat_world_from_joint[:, joint], along)
        made = quaternion.rotate(motion.quat_world_from_bone[:, BONE_INDEX[bone]], tail - head)
        across = np.linalg.norm(np.cross(seen, made), axis=-1)
        out[segment] = np.degrees(np.arctan2(across, (seen * made).sum(axis=-1)))
    return out


def _hinge(motion: BodyMotion, upper: str, lower: str, forward: float) -> tuple[float, float, float]:
    """Of the worse side: degrees beyond straight, degrees the bending is off its plane, share about the axis."""
    neutral = quaternion.inverse(neutral_pose(motion.body)[0])
    worst = []
    for side in ("Left", "Right"):
        above, below = BONE_INDEX[side + upper], BONE_INDEX[side + lower]
        turned = [quaternion.multiply(motion.quat_world_from_bone[:, bone], neutral[bone]) for bone in (above, below)]
        bent = quaternion.multiply(quaternion.inverse(turned[0]), turned[1])
        along = quaternion.rotate(bent, np.array([0.0, 0.0, -1.0]))
        ahead, aside, down = forward * along[:, 0], along[:, 1], -along[:, 2]
        # A joint folded so far that its bones cross is not beyond straight, and shows no plane.
        flexion = np.degrees(np.arctan2(ahead, down))[down > 0]
        clear = (np.hypot(ahead, aside) > np.sin(np.deg2rad(BENT_DEG))) & (down > -np.cos(np.deg2rad(BENT_DEG)))
        off = np.degrees(np.arctan2(aside, ahead))[clear]
        steps = np.diff(along, axis=0)
        # In the plane of the hinge, and out of it.
        share = 1.0 - float((steps[:, 1] ** 2).sum() / max((steps**2).sum(), 1e-12))
        over = max(0.0, -float(np.percentile(flexion, 1))) if len(flexion) else 0.0
        worst.append((over, float(off.mean()) if len(off) else np.nan, share))
    over, off, share = zip(*worst, strict=True)
    off_worse = np.nan if np.isnan(off).all() else off[int(np.nanargmax(np.abs(off)))]
    return max(over), float(off_worse), min(share)


def _joints(plan: Retargeting, part: str) -> tuple[int, ...]:
    return tuple(plan.joints[BONE_INDEX[side + part]] for side in ("Left", "Right"))


def _middle(positions: Array, which: tuple) -> Array:
    rows = [BONE_INDEX[one] if isinstance(one, str) else one for one in which]
    return positions[:, rows].mean(axis=1)


def _percentile(values: Array, percent: float) -> float:
    return float(np.percentile(values, percent)) if values.size and np.isfinite(values).all() else float("nan")


def _flat(report: RetargetReport) -> dict[str, float]:
    flat: dict[str, float] = {}
    for field in fields(report):
        value = getattr(report, field.name)
        if isinstance(value, dict) and field.name.startswith("direction"):
            flat[field.name] = max(value.values(), default=float("nan"))
        elif isinstance(value, dict):
            flat.update({f"{field.name} {name}": one for name, one in value.items()})
        else:
            flat[field.name] = float(value)
    return flat


def main(arguments: list[str]) -> int:
    """Reports on every motion file of folders; what cannot be read is counted."""
    from .folder import list_motions
    from .registry import read_motion

    reports: dict[str, list[RetargetReport]] = {}
    for folder in arguments:
        own = reports.setdefault(Path(folder).name, [])
        for path in list_motions(folder):
            try:
                clip = read_motion(path)
                own.append(retarget_report(clip, retarget(clip)))
            except AnywearError as error:
                print(f"{path}: left out. {error}", file=sys.stderr)
    print(report_table({f"{name} ({len(own)})": own for name, own in reports.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
