"""Sentences that others wrote about CMU's trials: HumanML3D, KIT-ML, and CMU's own index.

HumanML3D cuts a trial out of AMASS at 20 frames per second (``index.csv``) and describes the piece; a caption may hold for
a part of the piece only (``#start#end`` in seconds, both 0 for the whole). KIT-ML describes whole trials. Both name a trial
by its CMU number, so they join to any copy of it, whatever its skeleton and rate. Their files whose names begin with M
describe the mirrored motion and are left out.

A copy of a trial in which frames were left out at the start (a T-pose, and what was blended with it) begins that much
later: the times of the captions are counted from the first frame that is kept.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError
from ..motion import MotionClip
from .entry import Caption
from .words import cmu_sentence

HUMANML3D_HZ = 20.0
RECUT = frozenset({"139_16", "139_17", "88_06", "88_08", "88_09"})  # copies in cmu-deepmimic that start elsewhere
LEAST_S = 0.5  # of a caption's stretch within the clip
LEAST_PART = 0.8  # of a caption's stretch that has to lie within the clip

_DROPPED = re.compile(r"were left out: time 0 is frame (\d+)$")


@dataclass(frozen=True)
class CmuTexts:
    """Everything that was written about CMU's trials.

    Attributes:
        pieces: captions by trial, ``01_01``, their times in seconds of the trial; an infinite end is the trial's.
        index: CMU's description by trial.
        frames60: frames of the trial at 60 per second, where CMU's index says so.
    """

    pieces: dict[str, tuple[Caption, ...]]
    index: dict[str, str]
    frames60: dict[str, int]

    def captions(self, trial: str, clip: MotionClip) -> tuple[Caption, ...]:
        """The captions of a copy of a trial, in its own time; those about parts that the copy lacks are left out."""
        pieces = () if trial in RECUT else self.pieces.get(trial, ())
        dropped_s = dropped_frames(clip) / clip.rate_hz
        kept: list[Caption] = []
        for piece in pieces:
            start_s = max(0.0, piece.start_s - dropped_s)
            end_s = min(clip.duration_s, piece.end_s - dropped_s)
            asked_s = piece.end_s - piece.start_s
            enough = end_s - start_s >= LEAST_S and (asked_s == float("inf") or end_s - start_s >= LEAST_PART * asked_s)
            caption = Caption(piece.text, start_s, end_s, piece.source)
            if enough and caption not in kept:
                kept.append(caption)
        description = self.index.get(trial, "")
        if description:
            kept.append(Caption(cmu_sentence(description), 0.0, clip.duration_s, "cmu-index"))
        return tuple(kept)


def dropped_frames(clip: MotionClip) -> int:
    """How many frames of the file were left out at its start, by the clip's notes."""
    return next((int(found[1]) for note in clip.notes if (found := _DROPPED.search(note.text))), 0)


def read_cmu_texts(*, humanml3d: Path | None, kitml: Path | None, index: Path | None) -> CmuTexts:
    """Read what is there of the three.

    Args:
        humanml3d: folder with ``index.csv`` and the texts.
        kitml: folder with ``annotations.json``.
        index: ``CMU data.csv``.

    Raises:
        FormatError: a file that is not what it should be.
    """
    pieces: dict[str, list[Caption]] = {}
    if humanml3d is not None:
        _humanml3d(humanml3d, pieces)
    if kitml is not None:
        _kitml(kitml, pieces)
    descriptions, frames = _index(index) if index is not None else ({}, {})
    return CmuTexts({trial: tuple(own) for trial, own in pieces.items()}, descriptions, frames)


def caption_lines(text: str, where: str) -> list[tuple[str, float, float]]:
    """Captions of one HumanML3D file, with start and end in seconds of its piece; both 0 stand for the whole.

    Raises:
        FormatError: a line of another layout.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = line.split("#")
        try:
            start_s, end_s = (0.0 if cell.strip() == "nan" else float(cell) for cell in cells[-2:])
        except ValueError:
            start_s = end_s = -1.0
        if len(cells) < 4 or start_s < 0.0:
            raise FormatError(
                "A line is no caption of HumanML3D", where=f"{where}, line {number}",
                expected="caption#word/POS ...#start#end", got=line[:60],
            )  # fmt: skip
        found.append((_sentence(cells[0]), start_s, end_s))
    return found


def _humanml3d(folder: Path, pieces: dict[str, list[Caption]]) -> None:
    index = _one(folder, "index.csv")
    texts = _one(folder, "texts")
    for row in _rows(index, ("source_path", "start_frame", "end_frame", "new_name")):
        trial = re.fullmatch(r".*/CMU/[^/]+/(\d+_\d+)_poses\.npy", row["source_path"])
        path = texts / (Path(row["new_name"]).stem + ".txt")
        if trial is None or path.name.startswith("M") or not path.is_file():
            continue
        start = int(row["start_frame"]) / HUMANML3D_HZ
        last = int(row["end_frame"])
        end = float("inf") if last < 0 else last / HUMANML3D_HZ
        for text, from_s, to_s in caption_lines(path.read_text(encoding="utf-8"), path.name):
            part = (start + from_s, min(end, start + to_s)) if to_s > from_s else (start, end)
            pieces.setdefault(_trial(trial[1]), []).append(Caption(text, *part, "humanml3d"))


def _kitml(folder: Path, pieces: dict[str, list[Caption]]) -> None:
    path = _one(folder, "annotations.json")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        for entry in content.values():
            trial = re.fullmatch(r"CMU/[^/]+/(\d+_\d+)_poses", entry["path"])
            if trial is None:
                continue
            for own in entry["annotations"]:
                whole = own["start"] == 0.0 and own["end"] >= entry["duration"] - 0.01
                end_s = float("inf") if whole else float(own["end"])
                caption = Caption(_sentence(own["text"]), float(own["start"]), end_s, "kit-ml")
                pieces.setdefault(_trial(trial[1]), []).append(caption)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            "The file holds no annotations of KIT-ML", where=str(path), got=f"{type(error).__name__}: {error}"
        ) from error


def _index(path: Path) -> tuple[dict[str, str], dict[str, int]]:
    descriptions, frames = {}, {}
    for row in _rows(path, ("Subject", "Trial #", "Motion Description", "Frames 60fps")):
        trial = f"{int(row['Subject']):02d}_{int(row['Trial #']):02d}"
        descriptions[trial] = row["Motion Description"].strip()
        if row["Frames 60fps"].isdigit():
            frames[trial] = int(row["Frames 60fps"])
    return descriptions, frames


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="latin-1", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, csv.Error) as error:
        raise FormatError("The table cannot be read", where=str(path), got=str(error)) from error
    if not rows or any(row.get(column) is None for row in rows for column in columns):
        raise FormatError("The table lacks columns or rows", where=str(path), expected=", ".join(columns))
    return rows


def _one(folder: Path, name: str) -> Path:
    found = sorted(folder.rglob(name))
    if not found:
        raise FormatError(f"There is no {name} in the folder", where=str(folder), remedy="Unpack the whole archive")
    return found[0]


def _trial(text: str) -> str:
    subject, trial = text.split("_")
    return f"{int(subject):02d}_{int(trial):02d}"


def _sentence(text: str) -> str:
    return " ".join(text.split())
