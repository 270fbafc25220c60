"""What latents of a whole body tell of its posture: a body in motion, from tokens alone. No torch.

It is a belief. Tokens keep what sensors showed, and a wrist shows little of a knee: where they say nothing, the decoder gives
what is usual. Which way the body faced at first, and where it stood, no token knows: it begins at the origin, facing x.

A pose is told once every tenth of a second, by the turn of each of `BONES` against the bone it hangs from (the root's against
its heading), six numbers each: the first two columns of the matrix, made orthonormal (Zhou et al., "On the continuity of
rotation representations in neural networks", CVPR 2019). Besides: the root's height, its speed forward and to the left, and
how fast it turns. Other bones keep the turn they have at rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from .._typing import Array, Float
from ..body import BONE_INDEX, BONE_NAMES, BONE_PARENTS, ShapedBody, joint_positions, shape_body
from ..errors import ArtefactError, UsageError
from ..motion import quaternion
from ..motion.body_motion import BodyMotion
from ..recording import Note
from .session import open_session
from .tokens import MotionSentence, MotionTokens

FORMAT_VERSION = 1
GRAPH, ABOUT = "pose.onnx", "pose.json"
RATE_HZ = 10.0  # poses per second
GAP_POSES = 4  # further apart, and it is said; windows leave less between them
BONES: tuple[str, ...] = (
    "Hips", "LowerBack", "Spine", "Spine1", "Neck", "Neck1", "Head",
    "LeftUpLeg", "LeftLeg", "LeftFoot", "LeftShoulder", "LeftArm", "LeftForeArm", "LeftHand",
    "RightUpLeg", "RightLeg", "RightFoot", "RightShoulder", "RightArm", "RightForeArm", "RightHand",
)  # fmt: skip
"""Bones whose turn is told, in the order of the numbers of a pose."""

TURNS = 6 * len(BONES)
WIDTH = TURNS + 4
"""Numbers of a pose: turns, height of the root (statures), speeds forward and left (m/s), turning to the left (rad/s)."""


@dataclass(frozen=True)
class PoseAbout:
    """What a pose decoder says of itself; ``pose.json``.

    Attributes:
        tokenizer: short hash of the tokenizer whose decoded latents it reads.
        latent_s: seconds of a latent.
        file: SHA-256 of the graph.
        card: how it was made, and how far off it was.
    """

    tokenizer: str
    latent_s: float
    file: str
    card: dict

    @classmethod
    def load(cls, path: Path) -> PoseAbout:
        """Read ``pose.json``.

        Raises:
            ArtefactError: missing, damaged, or of a version this code does not know.
        """
        if not path.is_file():
            raise ArtefactError(
                "This model has no pose decoder", where=str(path.parent), expected=f"a folder with {ABOUT}",
                remedy="Train one: python -m anywear.train.pose",
            )  # fmt: skip
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            version = raw.pop("format_version")
            if version != FORMAT_VERSION:
                raise ArtefactError(
                    "The pose decoder was made for another version", where=str(path),
                    expected=f"format {FORMAT_VERSION}", got=f"format {version}",
                    remedy="Install the matching version of anywear",
                )  # fmt: skip
            return cls(**raw)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtefactError("The pose decoder's description is damaged", where=str(path), got=str(error)) from error

    def save(self, path: Path) -> None:
        """Write ``pose.json``."""
        path.write_text(
            json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=2) + "\n", encoding="utf-8"
        )


class PoseDecoder:
    """Latents, as `anywear.runtime.tokens.MotionTokens.decode` gives them, to a moving body.

    Args:
        folder: with ``pose.onnx`` and ``pose.json``, the tokenizer's.
        tokenizer: short hash of the tokenizer whose latents will be given; not looked at when None.
        threads: to use.

    Raises:
        ArtefactError: there is none, it is damaged, or reads another tokenizer.
    """

    def __init__(self, folder: str | Path, tokenizer: str | None = None, threads: int = 1) -> None:
        self.folder, self._threads = Path(folder), threads
        self.about = PoseAbout.load(self.folder / ABOUT)
        if tokenizer is not None and tokenizer != self.about.tokenizer:
            raise ArtefactError(
                "The pose decoder is of another tokenizer", where=str(self.folder), expected=self.about.tokenizer,
                got=tokenizer, remedy="Train it again: python -m anywear.train.pose",
            )  # fmt: skip

    @property
    def frames(self) -> int:
        """Poses per latent."""
        return round(self.about.latent_s * RATE_HZ)

    def verify(self) -> None:
        """Check the graph against its recorded SHA-256. Raises ArtefactError where it differs."""
        path = self.folder / GRAPH
        got = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "no file"
        if got != self.about.file:
            raise ArtefactError(
                "The pose decoder's file is damaged", where=str(path), expected=self.about.file, got=got
            )

    @cached_property
    def _session(self):
        return open_session(self.folder / GRAPH, self._threads, exact=True)

    def poses(self, latents: Float[Array, "windows latents features"]) -> Float[Array, "windows poses numbers"]:
        """(N, T' x frames, 130) numbers of every pose of windows; a pose stands at the begin of its tenth of a second.

        Raises:
            UsageError: latents of another width, or none.
        """
        wanted = self._session.get_inputs()[0].shape[-1]
        if latents.shape[1] == 0 or latents.shape[2] != wanted:
            raise UsageError(
                "These latents are not of this pose decoder", expected=f"one or more of {wanted} features",
                got=f"{latents.shape[1]} of {latents.shape[2]}",
            )  # fmt: skip
        return np.asarray(self._session.run(["poses"], {"latents": latents.astype(np.float32)})[0], dtype=np.float64)

    def motion(
        self, sentences: Sequence[MotionSentence], tokens: MotionTokens, name: str = "", body: ShapedBody | None = None
    ) -> BodyMotion:
        """What sentences of a recording believe the body did; its first frame is at the start of the first of them.

        Where sentences overlap, the later one counts; between them the body goes evenly from one pose to the next.

        Args:
            sentences: in time order, one or more.
            tokens: the tokenizer they are of.
            name: of the motion.
            body: whose; an average adult's by default.

        Raises:
            UsageError: no sentence, or ids that are not of this tokenizer.
        """
        if not sentences:
            raise UsageError("There are no tokens to make a motion of")
        first_s = sentences[0].start_s
        told: dict[int, Array] = {}
        for own in sentences:
            poses = self.poses(tokens.decode(own.ids)[None])[0]
            begin = round((own.start_s - first_s) * RATE_HZ)
            told.update(zip(range(begin, begin + len(poses)), poses, strict=True))
        known = np.array(sorted(told))
        every = np.arange(known[-1] + 1)
        rows = np.stack([told[number] for number in known])
        poses = np.stack([np.interp(every, known, column) for column in rows.T], axis=1)
        poses[np.setdiff1d(every, known), TURNS + 1 :] = 0.0  # what nobody tells of does not wander off
        gaps = [(a, b) for a, b in pairwise(known.tolist()) if b - a > GAP_POSES]
        notes = [
            Note("assumed", f"no tokens from {first_s + a / RATE_HZ:.1f} to {first_s + b / RATE_HZ:.1f} s: the body goes "
                 "evenly from one pose to the next")
            for a, b in gaps
        ]  # fmt: skip
        return body_motion(poses, name, body).with_notes(*notes)


def body_motion(poses: Float[Array, "poses numbers"], name: str = "", body: ShapedBody | None = None) -> BodyMotion:
    """Numbers of poses, a tenth of a second apart, as a motion of a body; an average adult's by default."""
    body = body or shape_body()
    speeds, turning = poses[:, TURNS + 1 : TURNS + 3], poses[:, TURNS + 3]
    heading = np.concatenate([[0.0], np.cumsum((turning[1:] + turning[:-1]) / 2)]) / RATE_HZ
    cos, sin = np.cos(heading), np.sin(heading)
    over_ground = np.stack([cos * speeds[:, 0] - sin * speeds[:, 1], sin * speeds[:, 0] + cos * speeds[:, 1]], axis=1)
    root = np.zeros((len(poses), 3))
    root[1:, :2] = np.cumsum((over_ground[1:] + over_ground[:-1]) / 2, axis=0) / RATE_HZ
    root[:, 2] = poses[:, TURNS] * body.height_m
    quat = quaternion.multiply(_facing(heading)[:, None], world_turns(poses))
    return BodyMotion(body, RATE_HZ, quat, root, name, captions=(BELIEVED,), notes=(BELIEF,))


BELIEVED = "What motion tokens believe the body did. Not a measurement."
BELIEF = Note(
    "assumed",
    "this motion is what motion tokens believe the body did, not a measurement: parts of the body that no sensor tells of "
    "move as is usual, and place and direction are not known",
)


def world_turns(poses: Float[Array, "poses numbers"]) -> Float[Array, "poses bones 4"]:
    """(F, 31, 4) xyzw turn of every bone from its rest pose, with the root's heading along x."""
    local = np.zeros((len(poses), len(BONE_NAMES), 4))
    local[..., 3] = 1.0
    local[:, [BONE_INDEX[name] for name in BONES]] = quaternion.from_matrix(
        orthonormal(poses[:, :TURNS].reshape(len(poses), len(BONES), 2, 3))
    )
    quat = np.empty_like(local)
    for bone, parent in enumerate(BONE_PARENTS):
        quat[:, bone] = local[:, bone] if parent < 0 else quaternion.multiply(quat[:, parent], local[:, bone])
    return quat


def orthonormal(columns: Float[Array, "*batch 2 3"]) -> Float[Array, "*batch 3 3"]:
    """Rotation matrices whose first two columns are nearest to those given, the first kept in direction."""
    first = columns[..., 0, :] / np.maximum(np.linalg.norm(columns[..., 0, :], axis=-1, keepdims=True), 1e-9)
    second = columns[..., 1, :] - (first * columns[..., 1, :]).sum(axis=-1, keepdims=True) * first
    second /= np.maximum(np.linalg.norm(second, axis=-1, keepdims=True), 1e-9)
    return np.stack([first, second, np.cross(first, second)], axis=-1)


def poses_of(motion: BodyMotion, at_s: Float[Array, " poses"]) -> Float[Array, "poses numbers"]:
    """The numbers of a motion's poses at some times: what a decoder ought to say."""
    quat, root = _sampled(motion, at_s)
    heading = heading_of(quat[:, 0])
    # Speeds are those of a tenth of a second around each pose.
    step = 0.5 / RATE_HZ
    ahead, behind = (_sampled(motion, np.clip(at_s + own, 0.0, motion.duration_s)) for own in (step, -step))
    spent = np.maximum(
        np.clip(at_s + step, 0.0, motion.duration_s) - np.clip(at_s - step, 0.0, motion.duration_s), 1e-6
    )
    over_ground = (ahead[1] - behind[1])[:, :2] / spent[:, None]
    turned = heading_of(ahead[0][:, 0]) - heading_of(behind[0][:, 0])
    turning = (np.mod(turned + np.pi, 2 * np.pi) - np.pi) / spent
    cos, sin = np.cos(heading), np.sin(heading)
    out = np.empty((len(at_s), WIDTH))
    above_of = [_above(name) for name in BONES]
    own = quat[:, [BONE_INDEX[name] for name in BONES]]
    above = np.where(np.array(above_of)[None, :, None] < 0, _facing(heading)[:, None], quat[:, above_of])
    local = quaternion.to_matrix(quaternion.multiply(quaternion.inverse(above), own))
    out[:, :TURNS] = np.swapaxes(local[..., :2], -1, -2).reshape(len(at_s), TURNS)
    out[:, TURNS] = root[:, 2] / motion.body.height_m
    out[:, TURNS + 1] = cos * over_ground[:, 0] + sin * over_ground[:, 1]
    out[:, TURNS + 2] = cos * over_ground[:, 1] - sin * over_ground[:, 0]
    out[:, TURNS + 3] = turning
    return out


def centred_joints_m(motion: BodyMotion, at_s: Float[Array, " poses"]) -> Float[Array, "poses bones 3"]:
    """Places of a motion's joints from the root's at some times, the heading along x, metres."""
    quat, _ = _sampled(motion, at_s)
    turned = quaternion.multiply(quaternion.inverse(_facing(heading_of(quat[:, 0])))[:, None], quat)
    return joint_positions(motion.body, turned, np.zeros((len(at_s), 3)))


def _above(name: str) -> int:
    """The nearest bone up the tree whose turn is told; -1 for the root."""
    bone = BONE_PARENTS[BONE_INDEX[name]]
    while bone >= 0 and BONE_NAMES[bone] not in BONES:
        bone = BONE_PARENTS[bone]
    return bone


def _sampled(motion: BodyMotion, at_s: Array) -> tuple[Array, Array]:
    at = np.clip(at_s * motion.rate_hz, 0.0, len(motion) - 1)
    before = np.minimum(at.astype(np.int64), len(motion) - 2)
    part = (at - before)[:, None]
    quat, root = motion.quat_world_from_bone, motion.root_position_m
    return quaternion.slerp(quat[before], quat[before + 1], part), root[before] + part * (
        root[before + 1] - root[before]
    )


def heading_of(quat: Float[Array, "*batch 4"]) -> Float[Array, "*batch"]:
    """Turn about the vertical of rotations (..., 4): their twist about z."""
    return 2.0 * np.arctan2(quat[..., 2], quat[..., 3])


def _facing(heading_rad: Array) -> Array:
    """(F, 4) turns about the vertical."""
    zero = np.zeros_like(heading_rad)
    return quaternion.from_rotation_vector(np.stack([zero, zero, heading_rad], axis=1))
