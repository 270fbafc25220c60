"""Compact motion: many clips in one Parquet file, small, and exact enough to differentiate twice.

Layout, version 1. One row for each clip, zstd, in groups of 16 rows; the key ``anywear-motion`` of the file's key-value
metadata holds JSON: ``version`` and ``clips``, the number of rows. Pages carry checksums, which are compared.

    name, source, licence      string
    rate_hz                    float64
    frames                     int32
    joints                     list<string>   parents first
    parents                    list<int16>
    offsets_m                  list<float64>  x, y, z of each joint in turn
    bits                       int8           of a rotation's component
    turning                    list<int16>    joints whose rotations are stored frame by frame; the root is always one
    held                       list<float64>  xyzw of every other joint against its parent, in the order of the joints
    largest                    binary         turning joints x frames, 1 byte each: which of xyzw is left out
    rotations                  binary         turning joints x 3 components, see below
    root                       binary         3 axes in micrometres, see below
    unobservable_twist, captions, notes       list<string>; a note is ``kind: text``
    facts                      string         JSON of whoever wrote the file, such as a corpus

Rotations are unit quaternions of the joint in the world. The component of largest magnitude is left out (it is what makes
the length 1, and positive); the other three lie within 1/sqrt(2) and are rounded to ``bits`` bits. Joints that never turn
against their parent (fingers, twist bones, end sites) are stored once.

A series of whole numbers is stored as its second differences modulo 2^32 (the first two values stand for themselves), as
zigzag numbers, split into four planes of bytes, lowest first: what moves smoothly leaves the high planes empty.

The bounds, for 18 bits: a rotation is off by at most 0.0013 degrees, a joint that is held by 0.0002 degrees more; the
root by 0.5 micrometres. They are this narrow because accelerations are derived from the motion: 0.1 mm of rounding at 120
frames per second is 1 m/s2 of noise. Idea of leaving out the largest component: G. Fiedler, "Snapshot compression", 2015.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .._files import write_whole
from .._typing import Array, Float
from ..errors import FormatError, UsageError, unknown_name
from ..recording import NOTE_KINDS, Note
from . import quaternion
from .clip import MotionClip, Skeleton
from .registry import MotionOptions, motion_reader

VERSION = 1
SUFFIX = ".motion.parquet"
METADATA_KEY = b"anywear-motion"
ROTATION_BITS = 18  # of a component: 0.0013 degrees
BITS_RANGE = (12, 24)
ROOT_STEP_M = 1e-6
FARTHEST_M = 1000.0  # whole micrometres have to fit into 31 bits with room for differences
HELD_DEG = 2e-4  # a joint that turns less than this against its parent is held
GROUP_CLIPS = 16
MAX_FRAMES = 10_000_000
_HALF = float(np.sqrt(0.5))

_SCHEMA = pa.schema(
    [
        ("name", pa.string()), ("source", pa.string()), ("licence", pa.string()), ("rate_hz", pa.float64()),
        ("frames", pa.int32()), ("joints", pa.list_(pa.string())), ("parents", pa.list_(pa.int16())),
        ("offsets_m", pa.list_(pa.float64())), ("bits", pa.int8()), ("turning", pa.list_(pa.int16())),
        ("held", pa.list_(pa.float64())), ("largest", pa.binary()), ("rotations", pa.binary()), ("root", pa.binary()),
        ("unobservable_twist", pa.list_(pa.string())), ("captions", pa.list_(pa.string())),
        ("notes", pa.list_(pa.string())), ("facts", pa.string()),
    ]
)  # fmt: skip


def write_motions(
    path: str | Path,
    clips: Iterable[MotionClip],
    *,
    facts: Sequence[Mapping[str, Any]] | None = None,
    bits: int = ROTATION_BITS,
) -> None:
    """Write clips into one compact file; the same clips give the same bytes.

    Args:
        path: ends in ``.parquet``, best in ``.motion.parquet``.
        clips: at least one; names unique.
        facts: what else is to be kept with each clip, as JSON takes it.
        bits: of a rotation's component, 12 to 24; each more halves the error.

    Raises:
        UsageError: no clip, names that repeat, a clip over a kilometre from the origin, a wrong path or number of bits.

    Example:
        >>> write_motions("walks.motion.parquet", [first, second])  # doctest: +SKIP
    """
    path = Path(path)
    if path.suffix != ".parquet":
        raise UsageError("The output has to be a .parquet file", where=str(path), remedy=f"Name it NAME{SUFFIX}")
    if not BITS_RANGE[0] <= bits <= BITS_RANGE[1]:
        raise UsageError("The number of bits is out of range", expected="12 to 24", got=str(bits))
    clips = list(clips)
    names = [clip.name for clip in clips]
    if not clips or len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise UsageError(
            "Clips of one file need names that differ" if clips else "There is no clip to write",
            where=str(path), got=", ".join(twice[:5]) or "none",
        )  # fmt: skip
    own = [dict(each) for each in facts] if facts is not None else [{} for _ in clips]
    if len(own) != len(clips):
        raise UsageError("Facts and clips do not fit together", got=f"{len(own)} facts, {len(clips)} clips")
    rows = [_row(clip, fact, bits) for clip, fact in zip(clips, own, strict=True)]
    metadata = {METADATA_KEY: json.dumps({"version": VERSION, "clips": len(rows)}).encode()}
    table = pa.Table.from_pylist(rows, schema=_SCHEMA.with_metadata(metadata))
    write_whole(
        path,
        lambda partial: pq.write_table(
            table, partial, compression="zstd", compression_level=9, row_group_size=GROUP_CLIPS, use_dictionary=False,
            write_statistics=False, write_page_checksum=True,
        ),
    )  # fmt: skip


class MotionFile:
    """The clips of a compact file, each decoded when it is asked for.

    Args:
        path: a file written by `write_motions`.

    Raises:
        FormatError: missing, damaged, of another format, or of a newer version.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise FormatError("There is no such file", where=str(path), remedy="Check the path")
        try:
            self._file = pq.ParquetFile(self.path, page_checksum_verification=True)
            own = (self._file.metadata.metadata or {}).get(METADATA_KEY)
            if own is None:
                raise FormatError(
                    "The file holds no compact motion", where=str(path), expected=f"a file of anywear, NAME{SUFFIX}",
                    got="another Parquet file",
                )  # fmt: skip
            head = json.loads(own)
            if int(head["version"]) > VERSION:
                raise FormatError(
                    "The file was written by a newer anywear", where=str(path), expected=f"version {VERSION} at most",
                    got=str(head["version"]), remedy="Update: pip install -U anywear",
                )  # fmt: skip
            count = int(head["clips"])
            self.names: tuple[str, ...] = tuple(self._file.read(columns=["name"])["name"].to_pylist())
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(self.path, error) from error
        if len(self.names) != count:
            raise _damaged(self.path, f"{len(self.names)} clips instead of {count}")
        self._group: tuple[int, list[dict]] | None = None

    def __len__(self) -> int:
        return len(self.names)

    def clip(self, which: int | str) -> MotionClip:
        """The clip of this number or name. Raises UsageError when there is none, FormatError when it is damaged."""
        row = self._row(self._number(which))
        try:
            return _clip(row)
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
            raise _damaged(self.path, f"clip {which}: {error}") from error

    def facts(self, which: int | str) -> dict[str, Any]:
        """What was written beside the clip."""
        try:
            return dict(json.loads(self._row(self._number(which))["facts"]))
        except (ValueError, TypeError) as error:
            raise _damaged(self.path, error) from error

    def _number(self, which: int | str) -> int:
        if isinstance(which, str):
            if which not in self.names:
                raise unknown_name("clip", which, self.names)
            return self.names.index(which)
        if not 0 <= which < len(self):
            raise UsageError(
                "There is no clip of this number", where=str(self.path), expected=f"0 to {len(self) - 1}",
                got=str(which),
            )  # fmt: skip
        return which

    def _row(self, number: int) -> dict:
        group, within = divmod(number, GROUP_CLIPS)
        if self._group is None or self._group[0] != group:
            try:
                self._group = (group, self._file.read_row_group(group).cast(_SCHEMA).to_pylist())
            except (pa.ArrowException, OSError, ValueError, KeyError) as error:
                raise _damaged(self.path, error) from error
        if within >= len(self._group[1]):
            raise _damaged(self.path, f"clip {number} is missing")
        return self._group[1][within]


def _is_compact(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if file.read(4) != b"PAR1":
                return False
        return METADATA_KEY in (pq.read_metadata(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False


@motion_reader("compact", "anywear's compact motion (Parquet), a file of one clip", _is_compact)
def read_compact(path: Path, options: MotionOptions) -> MotionClip:
    """Read the only clip of a compact file.

    Raises:
        FormatError: damaged, or of several clips. UsageError: a rate or scale, which the file states itself.
    """
    if options.rate_hz is not None or options.scale is not None:
        raise UsageError("A compact file states its rate and is in metres", where=str(path), remedy="Leave both out")
    file = MotionFile(path)
    if len(file) != 1:
        raise FormatError(
            "The file holds many clips", where=str(path), expected="one clip", got=f"{len(file)} clips",
            remedy="Open it with anywear.motion.compact.MotionFile, or its corpus with anywear.corpus.open_corpus",
        )  # fmt: skip
    return file.clip(0)


def quantised(
    quat: Float[Array, "*batch 4"], bits: int = ROTATION_BITS
) -> tuple[Array, Array]:  # fmt: skip
    """Unit quaternions as the index of the largest component (*batch) and the other three as whole numbers (*batch 3)."""
    largest = np.abs(quat).argmax(axis=-1)
    sign = np.where(np.take_along_axis(quat, largest[..., None], axis=-1) < 0.0, -1.0, 1.0)
    rest = np.take_along_axis(quat * sign, _OTHERS[largest], axis=-1)
    steps = (1 << bits) - 1
    return largest.astype(np.uint8), np.rint((rest / _HALF + 1.0) / 2.0 * steps).astype(np.int32)


def from_quantised(largest: Array, rest: Array, bits: int = ROTATION_BITS) -> Float[Array, "*batch 4"]:
    """Unit quaternions, the other way round."""
    steps = (1 << bits) - 1
    others = (rest.astype(np.float64) / steps * 2.0 - 1.0) * _HALF
    quat = np.empty((*largest.shape, 4))
    np.put_along_axis(quat, _OTHERS[largest], others, axis=-1)
    left = np.sqrt(np.maximum(1.0 - np.sum(others**2, axis=-1, keepdims=True), 0.0))
    np.put_along_axis(quat, largest[..., None].astype(np.int64), left, axis=-1)
    return quaternion.normalised(quat)


_OTHERS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])


def _row(clip: MotionClip, facts: dict, bits: int) -> dict:
    if np.abs(clip.root_position_m).max() > FARTHEST_M:
        raise UsageError(
            "The motion is too far from the origin for a compact file", where=clip.name,
            expected=f"up to {FARTHEST_M:g} m", got=f"{np.abs(clip.root_position_m).max():.0f} m",
            remedy="Move the clip to the origin",
        )  # fmt: skip
    quat, parents = clip.quat_world_from_joint, clip.skeleton.parents
    turning, held = [0], []
    for joint in range(1, len(clip.skeleton)):
        relative = quaternion.multiply(quaternion.inverse(quat[:, parents[joint]]), quat[:, joint])
        middle = relative[len(relative) // 2]
        turn_deg = np.degrees(quaternion.angle_between_rad(np.broadcast_to(middle, relative.shape), relative).max())
        if turn_deg <= HELD_DEG:
            held.extend(middle.tolist())
        else:
            turning.append(joint)
    largest, rest = quantised(quat[:, turning], bits)
    root = np.rint(clip.root_position_m / ROOT_STEP_M).astype(np.int32)
    return {
        "name": clip.name, "source": clip.source, "licence": clip.licence, "rate_hz": clip.rate_hz,
        "frames": len(clip), "joints": list(clip.skeleton.joints), "parents": list(parents),
        "offsets_m": clip.skeleton.offsets_m.ravel().tolist(), "bits": bits, "turning": turning, "held": held,
        "largest": np.ascontiguousarray(largest.T).tobytes(),
        "rotations": _packed(rest.transpose(1, 2, 0).reshape(-1, len(clip))),
        "root": _packed(root.T),
        "unobservable_twist": list(clip.unobservable_twist), "captions": list(clip.captions),
        "notes": [str(note) for note in clip.notes], "facts": json.dumps(facts, sort_keys=True, ensure_ascii=False),
    }  # fmt: skip


def _clip(row: dict) -> MotionClip:
    frames, bits, turning, parents = row["frames"], row["bits"], row["turning"], row["parents"]
    joints = len(row["joints"])
    held = [joint for joint in range(joints) if joint not in set(turning)]
    if not (2 <= frames <= MAX_FRAMES and BITS_RANGE[0] <= bits <= BITS_RANGE[1] and turning and turning[0] == 0):
        raise ValueError("impossible frames, bits or joints")
    if len(row["largest"]) != len(turning) * frames or len(row["held"]) != 4 * len(held):
        raise ValueError("arrays of another length than the clip")
    skeleton = Skeleton(tuple(row["joints"]), tuple(parents), np.array(row["offsets_m"]).reshape(-1, 3))
    largest = np.frombuffer(row["largest"], dtype=np.uint8).reshape(len(turning), frames).T
    if largest.max() > 3:
        raise ValueError("a component that quaternions do not have")
    rest = _unpacked(row["rotations"], 3 * len(turning), frames).reshape(len(turning), 3, frames).transpose(2, 0, 1)
    quat = np.empty((frames, joints, 4))
    quat[:, turning] = from_quantised(largest, rest, bits)
    for joint, relative in zip(held, np.array(row["held"]).reshape(-1, 4), strict=True):
        quat[:, joint] = quaternion.multiply(quat[:, parents[joint]], relative)
    return MotionClip(
        row["name"], row["rate_hz"], skeleton, _unpacked(row["root"], 3, frames).T * ROOT_STEP_M, quat,
        tuple(row["unobservable_twist"]), tuple(row["captions"]), row["source"], row["licence"],
        tuple(_note(text) for text in row["notes"]),
    )  # fmt: skip


def _note(text: str) -> Note:
    kind, colon, rest = text.partition(": ")
    if not colon or kind not in NOTE_KINDS:
        raise ValueError(f"a note without a kind: {text[:40]!r}")
    return Note(kind, rest)


def _packed(values: Array) -> bytes:
    """Series of whole numbers (series, time) as bytes."""
    steps = values.astype(np.int32)
    with np.errstate(over="ignore"):
        for _ in range(2):
            steps = np.concatenate([steps[:, :1], np.diff(steps, axis=1)], axis=1)
        zigzag = ((steps << 1) ^ (steps >> 31)).view(np.uint32)
    planes = np.ascontiguousarray(zigzag.astype("<u4")).view(np.uint8).reshape(-1, 4).T
    return np.ascontiguousarray(planes).tobytes()


def _unpacked(data: bytes, series: int, frames: int) -> Array:
    planes = np.frombuffer(data, dtype=np.uint8).reshape(4, series * frames)
    zigzag = np.ascontiguousarray(planes.T).view("<u4").reshape(series, frames).astype(np.uint32)
    steps = (zigzag >> 1).view(np.int32) ^ -(zigzag & 1).view(np.int32)
    with np.errstate(over="ignore"):
        for _ in range(2):
            steps = np.cumsum(steps, axis=1, dtype=np.int32)
    return steps


def _damaged(path: Path, error: object) -> FormatError:
    text = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else str(error)
    return FormatError(
        "The compact motion file is damaged", where=str(path), got=text[:200], remedy="Build it or get it again"
    )
