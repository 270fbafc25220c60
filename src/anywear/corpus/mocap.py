"""The free motion capture the project knows: which files, who moved, what they do, under which licence, in which split.

Splits go by subject. Test: CMU's 43, 127 and 140, HDM05's ``tr``, person 010 of reactidle. Validation: CMU's 01, 85 and 90,
HDM05's ``mm``, person 008 of reactidle. All others train. The subjects of cmu-actions and of DeepMimic's own clips are not
told and train; by their content those of cmu-actions are others of CMU than the held-out ones (basketball is CMU's subject
06, soccer 10 and 11, window washing 13 and 14), which therefore train, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError
from ..recording import Span
from .words import ACTIONS, DEEPMIMIC, EXERCISES, HDM05, IDLE, Words

CMU_LICENCE = "CMU: free for all uses; may not be resold as such"
CMU_THANKS = "Data from mocap.cs.cmu.edu, created with funding from NSF EIA-0196217"
HDM05_LICENCE = "CC BY-SA 3.0"
MIT = "MIT"
LABEL_HZ = 10.0  # of cmu-mocap6's labels: blocks of 12 frames at 120 per second

_TEST = ("cmu-43", "cmu-127", "cmu-140", "hdm05-tr", "reactidle-010")
_VAL = ("cmu-01", "cmu-85", "cmu-90", "hdm05-mm", "reactidle-008")
SPLIT_OF: dict[str, str] = {**dict.fromkeys(_TEST, "test"), **dict.fromkeys(_VAL, "val")}


@dataclass(frozen=True)
class Planned:
    """A motion file that may become a clip.

    Attributes:
        path: relative to the archive's folder.
        name: of the clip within its archive.
        subject: who; see `CorpusEntry`.
        licence: of the clip.
        trial: CMU's number, such as ``02_01``, by which sentences are joined; empty where there is none.
        words: by class name, where the archive has classes.
        spans: labels of stretches, in seconds of the file.
        refused: why it is left out before it is read; empty where it is not.
    """

    path: str
    name: str
    subject: str
    licence: str
    trial: str = ""
    words: Words | None = None
    spans: tuple[Span, ...] = ()
    refused: str = ""

    @property
    def split(self) -> str:
        return SPLIT_OF.get(self.subject, "train")


@dataclass(frozen=True)
class MocapArchive:
    """One archive of motion capture.

    Attributes:
        name: of the archive.
        licence, thanks: terms, and what to acknowledge.
        plan: folder to the files planned, in the order of their names.
    """

    name: str
    licence: str
    thanks: str
    plan: Callable[[Path], list[Planned]]


def _iclone(root: Path) -> list[Planned]:
    return [_cmu(root, path, f"{int(path.stem[:3]):02d}_{path.stem[4:]}") for path in _files(root, "*.bvh")]


def _deepmimic(root: Path) -> list[Planned]:
    planned = []
    for path in _files(root, "*.txt"):
        if re.fullmatch(r"\d+_\d+", path.stem):
            planned.append(_cmu(root, path, path.stem))
            continue
        words = DEEPMIMIC.get(path.stem)
        inside = path.relative_to(root).as_posix()
        why = "" if words else "its origin and licence are not stated in the archive"
        planned.append(Planned(inside, path.stem, "deepmimic-unknown", MIT, words=words, refused=why))
    return planned


def _dance_martial(root: Path) -> list[Planned]:
    subjects = {"salsa": "60", "martial": "135"}
    planned = []
    for path in _files(root, "*.bvh"):
        kind = path.parent.name
        if kind in subjects:
            planned.append(_cmu(root, path, f"{subjects[kind]}_{path.stem}", name=f"{kind}_{path.stem}"))
    return planned


def _actions(root: Path) -> list[Planned]:
    planned = []
    for path in _files(root, "*_*.txt"):
        words = ACTIONS.get(path.parent.name)
        if words is not None:
            name = f"{path.parent.parent.name}_{path.stem}"
            inside = path.relative_to(root).as_posix()
            planned.append(Planned(inside, name, "cmu-unknown", CMU_LICENCE, words=words))
    return planned


def _mocap6(root: Path) -> list[Planned]:
    labels = {path.stem: path for path in root.rglob("truelabels/*.txt")}
    return [
        _cmu(root, path, path.stem, spans=exercise_spans(labels[path.stem]) if path.stem in labels else ())
        for path in _files(root, "*.amc")
    ]


def _hdm05(root: Path) -> list[Planned]:
    planned = []
    for path in _files(root, "*.amc"):
        found = re.fullmatch(r"HDM_([a-z]+)_(\w+)_\d+_120", path.stem)
        words = HDM05.get(found[2]) if found else None
        planned.append(
            Planned(
                path.relative_to(root).as_posix(), path.stem, f"hdm05-{found[1] if found else 'unknown'}",
                HDM05_LICENCE, words=words, refused="" if words else "its class is unknown",
            )
        )  # fmt: skip
    return planned


def _reactidle(root: Path) -> list[Planned]:
    return [
        Planned(
            path.relative_to(root).as_posix(), path.stem, f"reactidle-{path.stem[:3]}", MIT,
            words=IDLE.get(path.parent.name), refused="" if path.parent.name in IDLE else "its class is unknown",
        )
        for path in _files(root, "*.bvh")
    ]  # fmt: skip


ARCHIVES = (
    MocapArchive("cmu-iclone", CMU_LICENCE, CMU_THANKS, _iclone),
    MocapArchive("cmu-deepmimic", f"{CMU_LICENCE}; DeepMimic's own clips {MIT}", CMU_THANKS, _deepmimic),
    MocapArchive("cmu-dance-martial", CMU_LICENCE, CMU_THANKS, _dance_martial),
    MocapArchive("cmu-actions", CMU_LICENCE, CMU_THANKS, _actions),
    MocapArchive("cmu-mocap6", CMU_LICENCE, CMU_THANKS, _mocap6),
    MocapArchive(
        "hdm05", HDM05_LICENCE, "Mueller, Roeder, Clausen, Eberhardt, Krueger, Weber: Documentation Mocap Database HDM05, "
        "Universitaet Bonn, 2007", _hdm05,
    ),
    MocapArchive("reactidle", MIT, "Atxa Landa et al.: Evaluating idle animation believability, 2025", _reactidle),
)  # fmt: skip
"""Every archive, in the order they are built."""


def exercise_spans(path: Path) -> tuple[Span, ...]:
    """Stretches of equal label of a file of cmu-mocap6: numbers from 1, ten a second.

    Raises:
        FormatError: something else than such numbers.
    """
    try:
        numbers = [int(word) for word in path.read_text(encoding="utf-8").split()]
        labels = [EXERCISES[number - 1].label if number >= 1 else _outside() for number in numbers]
    except (OSError, ValueError, IndexError) as error:
        raise FormatError(
            "The file holds no labels of exercises", where=str(path), expected=f"numbers from 1 to {len(EXERCISES)}",
            got=str(error),
        ) from error  # fmt: skip
    spans, start = [], 0
    for index in range(1, len(labels) + 1):
        if index == len(labels) or labels[index] != labels[start]:
            spans.append(Span(start / LABEL_HZ, index / LABEL_HZ, labels[start]))
            start = index
    return tuple(spans)


def _outside() -> str:
    raise ValueError("a number below 1")


def _cmu(root: Path, path: Path, trial: str, *, name: str = "", spans: tuple[Span, ...] = ()) -> Planned:
    subject = f"cmu-{int(trial.split('_')[0]):02d}"
    return Planned(path.relative_to(root).as_posix(), name or path.stem, subject, CMU_LICENCE, trial, spans=spans)


def _files(root: Path, pattern: str) -> list[Path]:
    return sorted(path for path in root.rglob(pattern) if path.is_file() and "readme" not in path.name.lower())
