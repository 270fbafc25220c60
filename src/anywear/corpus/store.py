"""A corpus on disk: compact motion files, and a manifest that says what is in them.

``manifest.json``: ``anywear_corpus`` (the version, 1), ``archives`` by name, each with ``file``, ``bytes``, ``sha256``,
``built_from`` (a hash of all it was made of), ``licence``, ``thanks``, ``clips`` (see `CorpusEntry.to_json`; in the order
of the file) and ``left_out`` ([name, reason]), and ``statistics``. It is rewritten whole after each archive.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .._files import write_whole
from ..errors import FormatError, UsageError, unknown_name
from ..motion import MotionClip
from ..motion.compact import SUFFIX, MotionFile, write_motions
from .entry import SPLITS, CorpusEntry

VERSION = 1
MANIFEST = "manifest.json"


class Corpus:
    """Clips with words, read one at a time; a choice of them is a corpus, too.

    Attributes:
        root: its folder.
        entries: what is in it, in the order of the manifest.

    Example:
        >>> corpus = open_corpus("corpus").filter(split="train")  # doctest: +SKIP
        >>> for clip, entry in corpus:                            # doctest: +SKIP
        ...     print(entry.label, clip.duration_s)
    """

    def __init__(self, root: Path, manifest: Mapping[str, Any], entries: Sequence[CorpusEntry]) -> None:
        self.root = root
        self.entries = tuple(entries)
        self._manifest = manifest
        self._files: dict[str, MotionFile] = {}

    def __getstate__(self) -> dict:
        # Open files do not cross to worker processes; each opens its own.
        return {**self.__dict__, "_files": {}}

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[tuple[MotionClip, CorpusEntry]]:
        for entry in self.entries:
            yield self.clip(entry), entry

    def __repr__(self) -> str:
        return f"Corpus({str(self.root)!r}, {len(self)} clips, {sum(e.duration_s for e in self.entries) / 3600:.2f} h)"

    def clip(self, which: CorpusEntry | str | int) -> MotionClip:
        """The motion of an entry, a key or a number.

        Raises:
            UsageError: there is none. FormatError: its file is missing, damaged or has another checksum.
        """
        entry = self.entry(which)
        if entry.archive not in self._files:
            self._files[entry.archive] = self._opened(entry.archive)
        return self._files[entry.archive].clip(entry.key.partition("/")[2])

    def entry(self, which: CorpusEntry | str | int) -> CorpusEntry:
        """What is known of a clip, by key or number."""
        if isinstance(which, CorpusEntry):
            return which
        if isinstance(which, str):
            found = next((entry for entry in self.entries if entry.key == which), None)
            if found is None:
                raise unknown_name("clip", which, [entry.key for entry in self.entries])
            return found
        if not 0 <= which < len(self):
            raise UsageError("There is no clip of this number", expected=f"0 to {len(self) - 1}", got=str(which))
        return self.entries[which]

    def captions_of(self, which: CorpusEntry | str | int) -> tuple[str, ...]:
        """Every sentence about a clip, without repetitions."""
        return tuple(dict.fromkeys(caption.text for caption in self.entry(which).captions))

    def filter(
        self, *, split: str | None = None, label: str | None = None, archive: str | None = None,
        subject: str | None = None,
    ) -> Corpus:  # fmt: skip
        """The clips that fit all that is given; a clip has a label if one of its stretches has it.

        Raises:
            UsageError: a split, label, archive or subject that no clip has.
        """
        kept = self.entries
        for name, wanted in (("split", split), ("label", label), ("archive", archive), ("subject", subject)):
            if wanted is None:
                continue
            there = {value for entry in self.entries for value in _values(entry, name)}
            if wanted not in there and not (name == "split" and wanted in SPLITS):
                raise unknown_name(name, wanted, there)
            kept = tuple(entry for entry in kept if wanted in _values(entry, name))
        return Corpus(self.root, self._manifest, kept)

    def labels(self) -> tuple[str, ...]:
        """Every label, of clips and of stretches, sorted."""
        return tuple(sorted({label for entry in self.entries for label in _values(entry, "label")}))

    def left_out(self) -> tuple[tuple[str, str], ...]:
        """Clips that did not enter, and why."""
        return tuple(
            (f"{archive}/{name}", reason)
            for archive, part in self._manifest["archives"].items()
            for name, reason in part["left_out"]
        )

    def licences(self) -> dict[str, tuple[str, str]]:
        """Licence and acknowledgement of every archive."""
        return {name: (part["licence"], part["thanks"]) for name, part in self._manifest["archives"].items()}

    def statistics(self) -> dict[str, Any]:
        """Figures of these clips; see `anywear.corpus.statistics`."""
        from .statistics import statistics_of

        return statistics_of(self.entries, [key for key, _ in self.left_out()])

    def verify(self) -> None:
        """Compare every file with its checksum. Raises FormatError that names the first that differs."""
        for archive in self._manifest["archives"]:
            self._checked(archive)

    def _opened(self, archive: str) -> MotionFile:
        file = MotionFile(self._checked(archive))
        keys = [facts["key"].partition("/")[2] for facts in self._manifest["archives"][archive]["clips"]]
        if list(file.names) != keys:
            raise FormatError("Manifest and file name other clips", where=str(file.path), remedy=_AGAIN)
        return file

    def _checked(self, archive: str) -> Path:
        part = self._manifest["archives"][archive]
        path = self.root / part["file"]
        if not path.is_file():
            raise FormatError("A file of the corpus is missing", where=str(path), remedy=_AGAIN)
        found = sha256_of(path)
        if found != part["sha256"]:
            raise FormatError(
                "A file of the corpus has the wrong checksum", where=str(path), expected=f"sha256 {part['sha256']}",
                got=found, remedy=_AGAIN,
            )  # fmt: skip
        return path


_AGAIN = "Run anywear data build-corpus again: only what is missing or damaged is made anew"


def open_corpus(path: str | Path) -> Corpus:
    """The corpus in a folder, or of a manifest. Checksums are compared when a file is first read.

    Raises:
        FormatError: no manifest, a damaged one, or one of a newer version.
    """
    path = Path(path)
    root = path.parent if path.name == MANIFEST else path
    manifest = read_manifest(root)
    if manifest is None:
        raise FormatError(
            "There is no corpus", where=str(path), expected=f"a folder with {MANIFEST}",
            remedy="Build it: anywear data build-corpus DIR -o OUT",
        )  # fmt: skip
    entries = [CorpusEntry.from_json(facts) for part in manifest["archives"].values() for facts in part["clips"]]
    return Corpus(root, manifest, entries)


def read_manifest(root: Path) -> dict[str, Any] | None:
    """A corpus's manifest; None when there is none. Raises FormatError when it is damaged or of a newer version."""
    path = root / MANIFEST
    if not path.is_file():
        return None
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version, archives = int(manifest["anywear_corpus"]), manifest["archives"]
        for part in archives.values():
            for name in ("file", "sha256", "built_from", "licence", "thanks", "clips", "left_out"):
                part[name]
            if Path(part["file"]).name != part["file"]:
                raise ValueError(f"a file outside of the corpus: {part['file']}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            "The manifest is damaged", where=str(path), got=f"{type(error).__name__}: {error}",
            remedy="Delete it and build the corpus again",
        ) from error  # fmt: skip
    if version > VERSION:
        raise FormatError(
            "The corpus was made by a newer anywear", where=str(path), expected=f"version {VERSION} at most",
            got=str(version), remedy="Update: pip install -U anywear",
        )  # fmt: skip
    return manifest


def write_archive(
    root: Path, archive: str, clips: Sequence[MotionClip], entries: Sequence[CorpusEntry], *, licence: str, thanks: str,
    built_from: str = "", left_out: Sequence[tuple[str, str]] = (),
) -> None:  # fmt: skip
    """Write the clips of an archive and enter them into the manifest; what is there of others stays.

    Args:
        root: folder of the corpus.
        archive: name; another of this name is replaced.
        clips, entries: of equal order; a clip's name is its entry's key without the archive.
        licence, thanks: of the whole archive.
        built_from: tells later whether it has to be built again.
        left_out: names and reasons.

    Raises:
        UsageError: clips and entries that do not fit together.
    """
    expected = [f"{archive}/{clip.name}" for clip in clips]
    if [entry.key for entry in entries] != expected or any(entry.archive != archive for entry in entries):
        raise UsageError("Clips and entries do not fit together", where=archive, expected="keys archive/clip name")
    manifest = read_manifest(root) or {"anywear_corpus": VERSION, "archives": {}}
    path = root / f"{archive}{SUFFIX}"
    write_motions(path, clips, facts=[entry.to_json() for entry in entries])
    manifest["archives"][archive] = {
        "file": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path), "built_from": built_from,
        "licence": licence, "thanks": thanks, "clips": [entry.to_json() for entry in entries],
        "left_out": [list(own) for own in left_out],
    }  # fmt: skip
    manifest["archives"] = dict(sorted(manifest["archives"].items()))
    corpus = Corpus(
        root, manifest, [CorpusEntry.from_json(f) for p in manifest["archives"].values() for f in p["clips"]]
    )
    manifest["statistics"] = corpus.statistics()
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    write_whole(root / MANIFEST, lambda partial: partial.write_text(text, encoding="utf-8"))


def sha256_of(path: Path) -> str:
    """Hash of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _values(entry: CorpusEntry, name: str) -> set[str]:
    if name == "label":
        return {entry.label, *(span.label for span in entry.spans)}
    return {getattr(entry, name)}
