"""A corpus of captioned clips, small enough for a test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from anywear.corpus import Caption, CorpusEntry, write_archive
from anywear.motion.generate import generate


def write_small_corpus(root: Path) -> Path:
    """Four clips of the test split, one of training; two share a sentence."""
    clips, entries = [], []
    for number, (said, split) in enumerate([
        (("A person waves.", "Someone greets."), "test"), (("a person  waves",), "test"), (("A person squats.",), "test"),
        (("A person jumps.", "Hop!"), "test"), (("Never asked.",), "train"),
    ]):  # fmt: skip
        made = generate("walking_forward", number, seconds=2.0).clip
        clip = replace(made, name=f"c{number}", captions=said)
        clips.append(clip)
        captions = tuple(Caption(text, 0.0, clip.duration_s, "test") for text in said)
        entries.append(
            CorpusEntry(f"own/c{number}", "own", "walking", f"s{number}", split, clip.duration_s, clip.rate_hz,
                        len(clip), "CC0", captions)
        )  # fmt: skip
    write_archive(root, "own", clips, entries, licence="CC0", thanks="")
    return root
