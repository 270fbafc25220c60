"""From archives of motion capture to a corpus: every clip checked, described, split and written; resumable.

An archive that is there already is kept when it was made of the same files and words and its checksum holds. The same
input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import AnywearError, FormatError, UsageError, unknown_name
from ..motion import MotionClip, find_faults, read_motion, segments_of
from ..recording import Span
from .entry import Caption, CorpusEntry
from .join import CmuTexts, dropped_frames, read_cmu_texts
from .mocap import ARCHIVES, MocapArchive, Planned
from .store import Corpus, open_corpus, read_manifest, sha256_of, write_archive
from .words import EXERCISES, cmu_label

BUILD_VERSION = 1  # goes up when the same files give another corpus
SHORTEST_S = 0.5
LEG_RANGE_M = (0.6, 1.1)  # hip to ankle; adults stand on 0.7 to 1.0
LENGTH_TOLERANCE = (0.1, 0.02)  # s and share by which a copy of a CMU trial may differ from the index
_SENTENCES = {words.label: words.sentences for words in EXERCISES}


@dataclass(frozen=True)
class ArchivePlan:
    """An archive that was found: where, and which files of it count."""

    archive: MocapArchive
    root: Path
    files: tuple[Planned, ...]


def build_corpus(
    data: str | Path, out: str | Path, *, archives: Collection[str] | None = None,
    on_plan: Callable[[int], None] | None = None, on_clip: Callable[[], None] | None = None,
) -> Corpus:  # fmt: skip
    """Build the corpus of free motion capture.

    Args:
        data: folder with the archives (``hdm05.tar.xz``) or unpacked folders (``hdm05/``), motion and texts.
        out: folder of the corpus.
        archives: only these; all that are there when None.
        on_plan: told how many files there are.
        on_clip: called after each file.

    Raises:
        FormatError: nothing of it is there, or a text table is damaged. UsageError: an archive that is not known.
        A motion file that is damaged or wrong is listed as left out, with the reason.
    """
    data, out = Path(data), Path(out)
    known = {archive.name: archive for archive in ARCHIVES}
    for name in archives or ():
        if name not in known:
            raise unknown_name("archive", name, known)
    with _unpacked(data, tuple(archives) if archives is not None else tuple(known)) as roots:
        plans = [ArchivePlan(known[n], roots[n], tuple(known[n].plan(roots[n]))) for n in known if n in roots]
        if not plans:
            raise FormatError(
                "There is no motion capture in the folder", where=str(data),
                expected="one or more of " + ", ".join(f"{name}.tar.xz or {name}/" for name in known),
                remedy="Get them: anywear data list",
            )  # fmt: skip
        index = roots.get("cmu-index")
        texts = read_cmu_texts(humanml3d=roots.get("humanml3d-texts"), kitml=roots.get("kitml-texts"), index=index)
        if on_plan is not None:
            on_plan(sum(len(plan.files) for plan in plans))
        for plan in plans:
            _archive(plan, texts, out, on_clip or (lambda: None))
    return open_corpus(out)


def check_clip(clip: MotionClip, frames60: int | None = None) -> str:
    """Why a clip should not be learned from; empty when nothing speaks against it.

    Args:
        clip: the motion.
        frames60: how many frames the trial has at 60 per second, where an index says so: tells a wrong rate.
    """
    severe = [fault for fault in find_faults(clip) if fault.severe]
    if severe:
        return f"{severe[0].kind}: {severe[0].text}"
    if clip.duration_s < SHORTEST_S:
        return f"length: {clip.duration_s:.2f} s is shorter than {SHORTEST_S:g} s"
    leg_m = _leg_m(clip)
    if leg_m is not None and not LEG_RANGE_M[0] <= leg_m <= LEG_RANGE_M[1]:
        return f"size: legs of {leg_m:.2f} m, expected {LEG_RANGE_M[0]:g} to {LEG_RANGE_M[1]:g} m"
    if frames60 is not None:
        should_s, is_s = frames60 / 60.0, (len(clip) + dropped_frames(clip)) / clip.rate_hz
        if abs(should_s - is_s) > LENGTH_TOLERANCE[0] + LENGTH_TOLERANCE[1] * should_s:
            return f"rate: lasts {is_s:.2f} s, by CMU's index {should_s:.2f} s"
    return ""


def _archive(plan: ArchivePlan, texts: CmuTexts, out: Path, on_clip: Callable[[], None]) -> None:
    built_from = _fingerprint(plan, texts)
    if _is_there(out, plan.archive.name, built_from):
        for _ in plan.files:
            on_clip()
        return
    clips, entries, left_out = [], [], []
    for planned in plan.files:
        made = _clip(plan, planned, texts)
        if isinstance(made, str):
            left_out.append((planned.name, made))
        else:
            clips.append(made[0])
            entries.append(made[1])
        on_clip()
    if not clips:
        raise FormatError(
            "No clip of the archive is sound",
            where=plan.archive.name,
            got="; ".join(": ".join(own) for own in left_out[:3]),
        )
    write_archive(
        out, plan.archive.name, clips, entries, licence=plan.archive.licence, thanks=plan.archive.thanks,
        built_from=built_from, left_out=left_out,
    )  # fmt: skip


def _clip(plan: ArchivePlan, planned: Planned, texts: CmuTexts) -> tuple[MotionClip, CorpusEntry] | str:
    """The clip with its entry, or why it is left out."""
    if planned.refused:
        return planned.refused
    try:
        clip = read_motion(plan.root / planned.path)
    except AnywearError as error:
        return f"unreadable: {error.what}" + (f" ({error.got})" if error.got else "")
    trial = planned.trial
    reason = check_clip(clip, texts.frames60.get(trial))
    if reason:
        return reason
    label = planned.words.label if planned.words else cmu_label(texts.index.get(trial, ""))
    spans = _shifted(planned.spans, clip)
    captions = [
        Caption(text, 0.0, clip.duration_s, "anywear") for text in (planned.words.sentences if planned.words else ())
    ]
    captions += [
        Caption(text, span.start_s, span.end_s, "anywear") for span in spans for text in _SENTENCES.get(span.label, ())
    ]
    captions += texts.captions(trial, clip) if trial else ()
    if not label:
        label = "exercising" if spans else "unknown"
    key = f"{plan.archive.name}/{planned.name}"
    entry = CorpusEntry(
        key, plan.archive.name, label, planned.subject, planned.split, clip.duration_s, clip.rate_hz, len(clip),
        planned.licence, tuple(captions), spans,
    )  # fmt: skip
    clip = replace(
        clip, name=planned.name, captions=tuple(dict.fromkeys(c.text for c in captions)),
        source=f"{plan.archive.name}/{planned.path}", licence=planned.licence,
    )  # fmt: skip
    return clip, entry


def _shifted(spans: tuple[Span, ...], clip: MotionClip) -> tuple[Span, ...]:
    dropped_s = dropped_frames(clip) / clip.rate_hz
    moved = (
        Span(max(0.0, span.start_s - dropped_s), min(clip.duration_s, span.end_s - dropped_s), span.label)
        for span in spans
    )
    return tuple(span for span in moved if span.end_s > span.start_s)


def _leg_m(clip: MotionClip) -> float | None:
    segments, rest = segments_of(clip.skeleton.joints), clip.skeleton.rest_positions_m()
    lengths = []
    for side in ("left", "right"):
        chain = [segments.get(f"{side}_{part}") for part in ("thigh", "shank", "foot")]
        if None not in chain:
            hip, knee, ankle = (rest[clip.skeleton.index(str(joint))] for joint in chain)
            lengths.append(float(sum(sum((b - a) ** 2) ** 0.5 for a, b in ((hip, knee), (knee, ankle)))))
    return sum(lengths) / len(lengths) if lengths else None


def _is_there(out: Path, name: str, built_from: str) -> bool:
    manifest = read_manifest(out)
    part = manifest["archives"].get(name) if manifest else None
    if part is None or part["built_from"] != built_from:
        return False
    path = out / part["file"]
    return path.is_file() and sha256_of(path) == part["sha256"]


def _fingerprint(plan: ArchivePlan, texts: CmuTexts) -> str:
    """Hash of everything an archive of the corpus is made of."""
    digest = hashlib.sha256(f"{BUILD_VERSION}".encode())
    paths = {plan.root / planned.path for planned in plan.files} | set(plan.root.rglob("*.asf"))
    for path in sorted(paths):
        digest.update(f"{path.relative_to(plan.root).as_posix()} {sha256_of(path)}\n".encode())
    trials = {planned.trial for planned in plan.files}
    words = [repr(plan.archive.licence), repr(plan.files)]
    words += [repr((t, texts.pieces.get(t), texts.index.get(t), texts.frames60.get(t))) for t in sorted(trials)]
    digest.update(json.dumps(words).encode())
    return digest.hexdigest()


@contextmanager
def _unpacked(data: Path, archives: tuple[str, ...]) -> Iterator[dict[str, Path]]:
    """Folders of the archives and texts that are there; those that are packed are unpacked for the time being."""
    if not data.is_dir():
        raise FormatError("There is no such folder", where=str(data), remedy="Name the folder that holds the archives")
    with tempfile.TemporaryDirectory(prefix="anywear-") as temporary:
        roots = {}
        for name in dict.fromkeys((*archives, "humanml3d-texts", "kitml-texts", "cmu-iclone")):
            folder = data / name
            packed = data / f"{name}.tar.xz"
            if not folder.is_dir() and packed.is_file():
                folder = Path(temporary) / name
                _unpack(packed, folder)
            if folder.is_dir():
                roots[name] = folder
        index = next(iter(sorted(roots["cmu-iclone"].rglob("CMU data.csv"))), None) if "cmu-iclone" in roots else None
        if "cmu-iclone" not in archives:
            roots.pop("cmu-iclone", None)
        if index is not None:
            roots["cmu-index"] = index
        yield roots


def _unpack(packed: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    try:
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise FormatError("The archive is damaged", where=str(packed), got=str(error), remedy="Get it again") from error
    except OSError as error:  # lzma's own errors are of this kind, too
        raise UsageError("The archive cannot be unpacked", where=str(packed), got=str(error)) from error
