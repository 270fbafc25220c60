"""A corpus as motion to train on: what is said fits the stretch that is shown."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from anywear.corpus import Caption, CorpusEntry, open_corpus, write_archive
from anywear.errors import UsageError
from anywear.motion import MotionClip, Skeleton
from anywear.recording import Span
from anywear.train.corpus_motions import CorpusMotions
from anywear.train.simulated import MotionSource

SKELETON = Skeleton(("hips",), (-1,), np.zeros((1, 3)))


def corpus_of(tmp_path):
    """One clip whose x tells its time, with stretches and sentences; and one that is too short."""
    entries, clips = [], []
    for name, seconds in (("long", 30.0), ("short", 0.5)):
        frames = int(seconds * 50) + 1
        time_s = np.arange(frames) / 50.0
        root = np.column_stack([time_s, np.zeros(frames), np.ones(frames)])
        clips.append(MotionClip(name, 50.0, SKELETON, root, np.tile([0.0, 0, 0, 1], (frames, 1, 1))))
        entries.append(
            CorpusEntry(
                f"own/{name}", "own", "exercising", "s", "train", seconds, 50.0, frames, "CC0",
                (Caption("he waves", 4.0, 4.4, "test"), Caption("he boxes", 5.0, 28.0, "test")) if name == "long" else (),
                (Span(0.0, 10.0, "squats"), Span(10.0, 30.0, "boxing")) if name == "long" else (),
            )
        )  # fmt: skip
    write_archive(tmp_path, "own", clips, entries, licence="CC0", thanks="")
    return open_corpus(tmp_path)


def test_words_fit_the_stretch(tmp_path):
    source = CorpusMotions(corpus_of(tmp_path), longest_s=8.0)
    assert isinstance(source, MotionSource) and len(source) == 1
    rng = np.random.default_rng(0)
    bounds = {"squats": (0.0, 10.0), "boxing": (10.0, 30.0), "he waves": (3.7, 4.7), "he boxes": (5.0, 28.0)}
    seen = set()
    for _ in range(80):
        clip, text = source.motion(0, rng)
        low, high = bounds[text]
        assert low - 0.03 <= clip.root_position_m[0, 0] and clip.root_position_m[-1, 0] <= high + 0.03
        assert 0.9 <= clip.duration_s <= 8.01
        seen.add(text)
    assert seen == set(bounds)


def test_share_of_captions(tmp_path):
    corpus = corpus_of(tmp_path)
    labels = {CorpusMotions(corpus, captions=0.0).motion(0, np.random.default_rng(n))[1] for n in range(20)}
    captions = {CorpusMotions(corpus, captions=1.0).motion(0, np.random.default_rng(n))[1] for n in range(20)}
    assert labels == {"squats", "boxing"} and captions == {"he waves", "he boxes"}


def test_same_generator_same_motion(tmp_path):
    source = CorpusMotions(corpus_of(tmp_path), longest_s=3.0)
    (first, text), (second, again) = (source.motion(0, np.random.default_rng(5)) for _ in range(2))
    assert text == again and np.array_equal(first.root_position_m, second.root_position_m)


def test_what_cannot_be_trained_on(tmp_path):
    corpus = corpus_of(tmp_path)
    with pytest.raises(UsageError, match="no clip"):
        CorpusMotions(corpus.filter(split="val"))
    with pytest.raises(UsageError, match="share"):
        CorpusMotions(corpus, captions=2.0)
