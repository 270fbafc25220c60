"""Folds that keep owners apart, draws that are what they say, channels that hold what the windows hold."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from har_doubles import motion, tiny_dataset, write_files
from probe_doubles import Embedder, probe_windows

from anywear import Recording, Span
from anywear.benchmark.har import HarConfig
from anywear.benchmark.probe_windows import ProbeWindows, collect, divide, draw_order, shots
from anywear.datasets import open_source
from anywear.errors import AnywearError, UsageError
from anywear.signal import WindowConfig, build_stream
from anywear.signal.labelled import labelled_windows

WORDS = ("resting", "strolling", "sprinting", "hopping")


def _windows(truth, subjects, recordings=None) -> ProbeWindows:
    return probe_windows(np.ones((len(truth), 4)), truth, subjects, recordings=recordings)


def test_subjects_are_dealt_in_turn_in_the_order_of_their_names():
    subjects = ["s10", "s2", "s1", "s11", "s3", "s4", "s5", "s2"]
    folds = divide([_windows([0] * 8, subjects)], "set")
    assert (folds.by, folds.count) == ("subject", 5)
    assert folds.of == {"s1": 0, "s2": 1, "s3": 2, "s4": 3, "s5": 4, "s10": 0, "s11": 1}
    assert folds.rows(_windows([0] * 8, subjects)).tolist() == [0, 1, 0, 1, 2, 3, 4, 1]
    assert divide([_windows([0, 0], ["a", "b"])], "set").count == 2


def test_nobody_is_on_both_sides():
    rng = np.random.default_rng(0)
    subjects = [f"p{n}" for n in rng.integers(13, size=400)]
    group = _windows(rng.integers(4, size=400), subjects)
    folds = divide([group], "set")
    rows = folds.rows(group)
    sides = [({s for s, f in zip(subjects, rows, strict=True) if f == own},
              {s for s, f in zip(subjects, rows, strict=True) if f != own}) for own in range(5)]  # fmt: skip
    assert all(asked and learned and not asked & learned for asked, learned in sides)
    assert sorted(np.bincount(rows) > 0) == [True] * 5


def test_without_names_recordings_are_dealt_label_by_label():
    """Ten recordings per label come in the order label 0, 1, 2, 0, 1, ...: every fold gets two of each label."""
    truth = np.arange(30) % 3
    group = _windows(np.repeat(truth, 2), [None] * 60, np.repeat(np.arange(30), 2))
    folds = divide([group], "set")
    rows = folds.rows(group)
    assert folds.by == "recording" and folds.count == 5
    assert (rows[0::2] == rows[1::2]).all()
    assert Counter(zip(rows[::2].tolist(), truth.tolist(), strict=True)) == {
        (f, c): 2 for f in range(5) for c in range(3)
    }
    # One unnamed window is enough: whose it is nobody knows.
    assert divide([_windows([0] * 3, ["a", "b", None])], "set").by == "recording"


def test_groups_share_their_folds():
    first, second = _windows([0, 0], ["a", "b"]), _windows([0, 0], ["b", "c"])
    folds = divide([first, second], "set")
    assert folds.rows(first).tolist() == [0, 1] and folds.rows(second).tolist() == [1, 2]


@pytest.mark.parametrize(("subjects", "says"), [(["a", "a"], "subjects"), ([None, None], "recordings")])
def test_one_owner_cannot_be_divided(subjects, says):
    with pytest.raises(UsageError, match="cannot be divided") as caught:
        divide([_windows([0, 1], subjects, recordings=[0, 0])], "set")
    assert says in str(caught.value.expected)


def test_draws_hold_k_of_each_class_and_grow():
    truth = np.array([0] * 20 + [1] * 3 + [2] * 20 + [3] * 5)
    rows = np.arange(43)  # nothing of class 3 may be learned from
    order = draw_order(truth, rows, np.random.default_rng(0))
    drawn = {k: shots(order, k) for k in (1, 5, 10)}
    assert {k: np.bincount(truth[own]).tolist() for k, own in drawn.items()} == {
        1: [1, 1, 1], 5: [5, 3, 5], 10: [10, 3, 10],
    }  # fmt: skip
    assert set(drawn[1]) < set(drawn[5]) < set(drawn[10]) and len(set(drawn[10])) == 23
    again, other = (draw_order(truth, rows, np.random.default_rng(seed)) for seed in (0, 1))
    assert np.array_equal(shots(again, 5), drawn[5]) and not np.array_equal(shots(other, 5), drawn[5])
    # Every window of a class is as likely as another.
    often = Counter(int(shots(draw_order(truth, rows, np.random.default_rng(n)), 1)[0]) for n in range(400))
    assert len(often) == 20 and max(often.values()) < 45


def test_every_window_of_a_set_is_embedded_once(tmp_path):
    source = open_source(write_files(tmp_path / "tiny", len(WORDS)))
    model = Embedder(WORDS)
    groups, read = collect(model, tiny_dataset(WORDS), source, HarConfig())
    group = groups["all"]
    # 3 subjects, 4 classes, 6 s in windows of 2 s.
    assert read == 12 and model.embedded == len(group.truth) == 36 and group.vectors.shape == (36, 16)
    assert sorted(set(group.subjects)) == ["p0", "p1", "p2"] and len(set(group.recordings.tolist())) == 12
    assert (group.vectors @ group.words.T).argmax(axis=1).tolist() == group.truth.tolist()
    with pytest.raises(UsageError, match="no window at these placements"):
        collect(model, tiny_dataset(WORDS), source, HarConfig(placements=("chest",)))


def test_groups_are_kept_apart(tmp_path):
    parts = {"left_wrist": WORDS[:3], "right_thigh": WORDS[3:]}
    data = tiny_dataset(WORDS, groups=parts, sites=("left_wrist", "right_thigh"))
    source = open_source(write_files(tmp_path / "tiny", len(WORDS)))
    groups, _ = collect(Embedder(WORDS), data, source, HarConfig())
    assert {name: (group.labels, len(group.truth)) for name, group in groups.items()} == {
        "left_wrist": (WORDS[:3], 27), "right_thigh": (WORDS[3:], 9),
    }  # fmt: skip


def test_embeddings_that_are_not_numbers_are_an_error(tmp_path):
    class Broken(Embedder):
        def encode_windows(self, found, placements):
            return super().encode_windows(found, placements) * np.nan

    source = open_source(write_files(tmp_path / "tiny", len(WORDS)))
    with pytest.raises(AnywearError, match="cannot be used"):
        collect(Broken(WORDS), tiny_dataset(WORDS), source, HarConfig())


def test_channels_hold_all_streams_at_one_length():
    """Two sites, one without gyroscope; one window short, one where a stream is missing."""
    watch = motion(0, 4.0)
    gyr = np.tile([0.1, 0.2, 0.3], (len(watch.time_s), 1))
    watch = build_stream("watch", watch.time_s, np.array(watch.acc_mps2), gyr, placement=watch.placement)
    foot = motion(2, 4.0, "right_ankle", "foot")
    brief = motion(3, 1.5, "right_ankle", "foot")
    both = Recording((watch, foot), labels=(Span(0.0, 3.99, "a"),))
    other_order = Recording((foot, watch), labels=(Span(0.0, 3.99, "a"),))
    alone = Recording((brief,), labels=(Span(0.0, 1.48, "b"),))
    config = WindowConfig(25.0, 2.0, 2.0)
    items = tuple(item for recording in (both, other_order, alone) for item in labelled_windows(recording, config))
    lengths = [len(item.window.acc_mps2[0]) for item in items]
    n = len(items)
    assert n == 5 and lengths[-1] < 50
    group = ProbeWindows(("a", "b"), items, np.zeros(n, dtype=int), np.arange(n), np.ones((n, 4)), np.ones((2, 4)))
    values = group.values
    assert values.shape == (n, 9, 50) and values.dtype == np.float32  # six of the watch, three of the foot
    assert values[0, :3] == pytest.approx(items[0].window.acc_mps2[0].T, abs=1e-5)
    assert values[0, 3:6] == pytest.approx(np.tile([[0.1], [0.2], [0.3]], (1, 50)), abs=1e-3)
    assert values[0, 6:] == pytest.approx(items[0].window.acc_mps2[1].T, abs=1e-5)
    # The order of a recording's streams does not matter: the site says which channel it is.
    swapped = next(row for row, item in enumerate(items) if item.placements[0].name == "right_ankle")
    assert values[swapped] == pytest.approx(values[0], abs=1e-5)
    short = values[-1]
    assert not short[:6].any()
    assert short[6:, : lengths[-1]] == pytest.approx(items[-1].window.acc_mps2[0].T, abs=1e-5)
    assert (short[6:, lengths[-1] :] == short[6:, lengths[-1] - 1 : lengths[-1]]).all()


def test_two_streams_at_one_site_are_two():
    streams = (motion(0, 2.1, name="first"), motion(4, 2.1, name="second"))
    [item] = labelled_windows(Recording(streams, labels=(Span(0.0, 2.08, "a"),)), WindowConfig(25.0, 2.0, 2.0))
    group = ProbeWindows(
        ("a",), (item,), np.zeros(1, dtype=int), np.zeros(1, dtype=int), np.ones((1, 4)), np.ones((1, 4))
    )
    assert np.ptp(group.values[0, [0, 3]], axis=1) == pytest.approx([2.0, 10.0], rel=0.05)
