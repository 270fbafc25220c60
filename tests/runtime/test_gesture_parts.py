"""The parts of the light head against plain forms of themselves."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from gesture_toy import QUICK, still, stroke

from anywear.runtime.gestures import on_grid
from anywear.runtime.gestures.augment import AugmentConfig, augmented, rotation
from anywear.runtime.gestures.calibration import Calibration, margin_of, softmax
from anywear.runtime.gestures.encoder import ClipEncoder
from anywear.runtime.gestures.everyday import load, pack, unpack
from anywear.runtime.gestures.features import CHANNELS, TAPS, Convolutions, Looks, channels, stretch
from anywear.runtime.gestures.words import Words
from anywear.runtime.ridge import Blocks, fit_ridge

CALM = AugmentConfig(turn_deg=0.0, tempo=1.0, warp=0.0, gain=1.0, ends=0.0, noise_mps2=0.0, noise_radps=0.0)


def _naive_shares(kernels: Convolutions, view: np.ndarray) -> np.ndarray:
    """Every sum and every comparison in a loop."""
    out = []
    for dilation, weights, biases in zip(kernels.dilations, kernels.weights, kernels.biases, strict=True):
        table = weights.reshape(TAPS, CHANNELS, -1)
        heard = np.zeros((len(view), table.shape[2]))
        for at in range(len(view)):
            for tap in range(TAPS):
                source = min(max(at + (tap - TAPS // 2) * dilation, 0), len(view) - 1)
                heard[at] += view[source] @ table[tap]
        edges = np.linspace(0, len(view), kernels.parts + 1).round().astype(int)
        for first, last in [(0, len(view)), *pairwise(edges)]:
            out += [(heard[first:last] > bias).mean(axis=0) for bias in biases]
    return np.concatenate(out)


def test_convolutions_against_the_plain_form():
    views = [channels(on_grid(stroke(label, 3))).astype(np.float64).astype(np.float32) for label in ("wave", "lift")]
    kernels = Convolutions.draw((1, 3), 10, 3, np.random.default_rng(0)).fit(views, 3)
    # A value that lies within rounding of a threshold may fall to either side: one sample of a part at most.
    assert np.abs(kernels(views[0]) - _naive_shares(kernels, views[0])).max() <= 1.01 / (len(views[0]) // 3)
    assert np.abs(kernels(views[0]) - _naive_shares(kernels, views[0])).mean() < 1e-3


def test_kernels_sum_to_nothing():
    kernels = Convolutions.draw((1,), 50, 3, np.random.default_rng(0))
    table = kernels.weights[0].reshape(TAPS, CHANNELS, 50)
    assert np.allclose(table.sum(axis=0), 0.0) and set(np.abs(np.unique(table))) == {0.0, 1.0, 2.0}
    read = (np.abs(table).sum(axis=0) > 0).sum(axis=0)
    assert read.min() >= 1 and read.max() <= 3


def test_channels_about_the_vertical_do_not_see_heading():
    signal = on_grid(stroke("wave", 1))
    up = signal.acc_mps2.mean(axis=0) / np.linalg.norm(signal.acc_mps2.mean(axis=0))
    about = np.outer(up, up) + np.cross(np.eye(3), -up)  # a quarter turn about the mean specific force
    turned = type(signal)(signal.acc_mps2 @ about.T.astype(np.float32), signal.gyr_radps @ about.T.astype(np.float32))
    assert np.allclose(about @ about.T, np.eye(3), atol=1e-6)
    assert np.abs(channels(turned)[:, 6:] - channels(signal)[:, 6:]).max() < 1e-3
    assert np.abs(channels(turned)[:, :3] - channels(signal)[:, :3]).max() > 0.1


def test_without_a_gyroscope_nothing_turns():
    own = channels(on_grid(stroke("wave", 1, gyr=False)))
    assert not own[:, [3, 4, 5, 7, 9, 11]].any() and own[:, :3].any()


def test_stretch_keeps_ends_and_lines():
    line = np.linspace(0.0, 1.0, 17, dtype=np.float32)[:, None] * np.ones((1, 2), dtype=np.float32)
    assert np.allclose(stretch(line, 50)[:, 0], np.linspace(0.0, 1.0, 50), atol=1e-6)


def test_looks_are_the_same_for_the_same_clips():
    signals = [on_grid(stroke("wave", seed)) for seed in range(3)]
    one, other = (Looks.fit(signals, QUICK.features)(signals[0]) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _rows(rng, groups=7, copies=3, width=30):
    rows = rng.normal(size=(groups * copies, width))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return rows, np.repeat(np.arange(groups), copies), np.eye(3)[np.repeat(np.arange(groups) % 3, copies)]


def test_ridge_against_the_plain_form():
    rng = np.random.default_rng(0)
    rows, groups, targets = _rows(rng)
    shares = rng.uniform(0.2, 1.0, len(rows))
    found = fit_ridge(rows, targets, groups, shares, (0.1,))
    wide = np.hstack([rows, np.full((len(rows), 1), 10.0)])  # the intercept, squared length 100
    for group in range(7):
        left = groups != group
        plain = np.linalg.solve(
            wide[left].T @ (wide[left] * shares[left, None]) + 0.1 * np.eye(wide.shape[1]),
            wide[left].T @ (targets[left] * shares[left, None]),
        )
        assert wide[np.flatnonzero(groups == group)[0]] @ plain == pytest.approx(found.left_out[group], abs=1e-4)
    whole = np.linalg.solve(
        wide.T @ (wide * shares[:, None]) + 0.1 * np.eye(wide.shape[1]), wide.T @ (targets * shares[:, None])
    )
    assert found(rows) == pytest.approx(wide @ whole, abs=1e-4)


def test_the_penalty_with_the_least_left_out_error_is_taken():
    rows, groups, targets = _rows(np.random.default_rng(1))
    shares = np.ones(len(rows))
    errors = {}
    for penalty in (0.001, 0.1, 10.0):
        left = fit_ridge(rows, targets, groups, shares, (penalty,)).left_out
        errors[penalty] = ((left - targets[::3]) ** 2).sum()
    assert fit_ridge(rows, targets, groups, shares, tuple(errors)).penalty == min(errors, key=errors.__getitem__)


def test_blocks_give_unit_rows_whatever_the_scale():
    rng = np.random.default_rng(0)
    blocks = [rng.normal(size=(20, 50)), 1e6 * rng.normal(size=(20, 3)), np.ones((20, 2))]
    made = Blocks.fit(blocks, (2.0, 1.0, 1.0))(blocks)
    assert (made[:, :50] ** 2).sum(axis=1) == pytest.approx(np.full(20, 0.5), abs=1e-5)
    assert (made[:, 50:53] ** 2).sum(axis=1) == pytest.approx(np.full(20, 0.25), abs=1e-5)
    assert not made[:, 53:].any()  # what is always the same says nothing


def test_copies_that_do_not_stray_are_the_clip():
    signal = on_grid(stroke("wave", 0))
    copy = augmented(signal, np.random.default_rng(0), CALM)
    assert np.allclose(copy.acc_mps2, signal.acc_mps2, atol=1e-4)
    assert np.allclose(copy.gyr_radps, signal.gyr_radps, atol=1e-4)


def test_copies_stray_and_repeat():
    signal = on_grid(stroke("wave", 0))
    one, same = (augmented(signal, np.random.default_rng(5)) for _ in range(2))
    other = augmented(signal, np.random.default_rng(6))
    assert np.array_equal(one.acc_mps2, same.acc_mps2) and len(one) != len(other)
    assert augmented(signal, np.random.default_rng(0), AugmentConfig(no_gyr=1.0)).gyr_radps is None


def test_faster_copies_accelerate_by_the_square():
    """The same path in half the time takes four times the acceleration and twice the angular rate."""
    signal = on_grid(stroke("wave", 0))
    rng = np.random.default_rng(0)
    drawn = [augmented(signal, rng, AugmentConfig(0.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0)) for _ in range(20)]
    for copy in drawn:
        tempo = len(signal) / len(copy)
        linear = lambda own: (own.acc_mps2 - own.acc_mps2.mean(axis=0)).std()  # noqa: E731
        assert linear(copy) / linear(signal) == pytest.approx(tempo**2, rel=0.1)
        assert copy.gyr_radps.std() / signal.gyr_radps.std() == pytest.approx(tempo, rel=0.1)


def test_rotations_are_rotations():
    for seed in range(10):
        turn = rotation(np.random.default_rng(seed), 1.0)
        assert np.allclose(turn @ turn.T, np.eye(3)) and np.linalg.det(turn) == pytest.approx(1.0)


def test_everyday_motion_survives_packing():
    signals = [on_grid(stroke("wave", 0)), on_grid(still())]
    back = unpack(**pack(signals))
    assert [len(own) for own in back] == [len(own) for own in signals]
    for own, other in zip(signals, back, strict=True):
        assert np.abs(own.acc_mps2 - other.acc_mps2).max() < 0.2 and np.abs(own.gyr_radps - other.gyr_radps).max() < 0.1


def test_the_bank_of_everyday_motion():
    bank = load()
    assert 200 <= len(bank) <= 400 and all(0.2 <= own.duration_s <= 3.2 for own in bank)
    norms = [float(np.linalg.norm(own.acc_mps2, axis=1).mean()) for own in bank]
    assert 8.0 < np.median(norms) < 13.0


def test_calibration_keeps_the_recall_and_the_order():
    rng = np.random.default_rng(0)
    kinds = np.repeat([0, 1, 2], 40)
    scores = np.eye(3)[kinds] + rng.normal(0.0, 0.3, (120, 3))
    told = Calibration.fit(scores, kinds, np.ones(120), 0.9)
    good = margin_of(scores[kinds < 2])
    assert 0.9 <= np.mean(good >= told.threshold) < 1.0
    assert told.threshold > np.quantile(margin_of(scores[kinds == 2]), 0.9)
    assert (np.diff(told.gesture(np.linspace(-1.0, 1.0, 9))) > 0.0).all()
    few = Calibration.fit(scores[:2], kinds[:2], np.ones(2), 0.9)
    assert np.isfinite([few.scale, few.threshold, few.slope, few.middle]).all()


def test_probabilities_are_as_sure_as_answers_are_right():
    """Scores that are right in seven of ten cases are told with about that probability."""
    rng = np.random.default_rng(1)
    kinds = rng.integers(2, size=400)
    said = np.where(rng.random(400) < 0.7, kinds, 1 - kinds)
    scores = np.hstack([np.eye(2)[said], np.zeros((400, 1))])
    scale = Calibration.fit(scores, kinds, np.ones(400), 0.9).scale
    assert softmax(scale * scores[:, :2]).max(axis=1).mean() < 0.9


def test_words_fade_with_examples():
    vectors = np.eye(3, dtype=np.float32)
    told = Words.fit(vectors, 20.0, np.array([0, 1, 9]), 0.6)
    assert told.weights == pytest.approx([0.6, 0.15, 0.006])
    said = told(vectors)
    assert said[0, 0] == pytest.approx(0.6 * 2 / 3, abs=1e-3) and said[1, 1] == pytest.approx(0.15 * 2 / 3, abs=1e-3)


def test_an_encoder_that_knows_no_words_says_nothing():
    told = Words.fit(np.eye(3, dtype=np.float32), 0.0, np.zeros(3, dtype=np.int64), 0.6)
    assert np.abs(told(np.eye(3, dtype=np.float32))).max() < 1e-6


def test_the_encoder_sees_clips_alone_and_together():
    encoder = ClipEncoder.open()
    signals = [on_grid(stroke(label, 0, gyr=gyr)) for label, gyr in (("wave", True), ("lift", False), ("swipe", True))]
    together, quarters = encoder(signals)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(3), abs=1e-3) and len(quarters) == 3
    for row, signal in enumerate(signals):
        assert encoder([signal])[0][0] == pytest.approx(together[row], abs=1e-4)
