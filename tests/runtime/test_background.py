"""What scores are held against: hubs lose what is theirs, order and figures are kept where they should be."""

from __future__ import annotations

import numpy as np
import pytest

from anywear import Placement
from anywear.errors import ArtefactError
from anywear.runtime import background
from anywear.runtime.background import FILE, SHRUNK, Background, held_against


def _windows(count: int = 200, size: int = 8, seed: int = 0):
    vectors = np.random.default_rng(seed).normal(size=(count, size)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _background(count: int = 200, sites=("left_wrist", "right_ankle")):
    points = np.stack([Placement.at(sites[row % len(sites)]).rest_point()[0] for row in range(count)])
    return Background.fit(_windows(count), points, ["a", "b"] * (count // 2))


# --- made and kept


def test_the_spread_within_motions_is_pooled():
    vectors, motions = _windows(60), ["a", "b", "b"] * 20
    made = Background.fit(vectors, np.zeros((60, 3)), motions)
    naive = np.zeros((8, 8))
    for motion in ("a", "b"):
        own = vectors[[row for row, name in enumerate(motions) if name == motion]].astype(np.float64)
        naive += (own - own.mean(axis=0)).T @ (own - own.mean(axis=0))
    assert np.allclose(made.within, naive / (60 - 2), atol=1e-6)
    # Moving a whole motion away changes nothing.
    moved = vectors + 3.0 * (np.array(motions) == "b")[:, None]
    assert np.allclose(Background.fit(moved, np.zeros((60, 3)), motions).within, made.within, atol=1e-5)


def test_what_is_kept_is_chosen_evenly():
    vectors = np.arange(1000, dtype=np.float32)[:, None] * np.ones(2, dtype=np.float32)
    made = Background.fit(vectors, np.zeros((1000, 3)), ["a"] * 1000, kept=101)
    assert len(made.vectors) == 101 and made.vectors[0, 0] == 0 and made.vectors[-1, 0] == 999
    assert set(np.diff(made.vectors[:, 0]).round()) <= {9.0, 10.0}
    assert len(Background.fit(vectors, np.zeros((1000, 3)), ["a"] * 1000).vectors) == 1000


def test_the_precision_undoes_the_shrunk_spread():
    made = _background()
    spread = made.within + SHRUNK * np.trace(made.within) / 8 * np.eye(8)
    assert np.allclose(made.precision() @ spread, np.eye(8), atol=1e-4)
    # A spread that leaves directions out can still be divided by.
    flat = Background(made.vectors, made.points, np.diag([1.0, *[0.0] * 7]).astype(np.float32))
    assert np.isfinite(flat.precision()).all() and flat.precision()[7, 7] > flat.precision()[0, 0]


def test_what_was_seen_with_a_language_model_lies_behind(tmp_path):
    points = np.stack([Placement.at("left_wrist").rest_point()[0]] * 200)
    made = Background.fit(_windows(), points, ["a", "b"] * 100, _windows(seed=1), "abc", kept=100)
    made.save(tmp_path)
    again = Background.load(tmp_path)
    assert again is not None and again.language == "abc" and again.told is not None
    assert np.allclose(again.told, _windows(seed=1)[np.linspace(0, 199, 100).round().astype(int)], atol=5e-3)
    near = again.near([Placement.at("left_wrist")])
    assert near.shape == (100, 16) and np.array_equal(near[:, 8:], again.told) and again.precision().shape == (8, 8)
    assert np.array_equal(near[:, :8], again.vectors)


def test_a_file_gives_back_what_was_saved(tmp_path):
    made = _background()
    made.points[3] = np.inf  # worn nobody knows where
    made.save(tmp_path)
    again = Background.load(tmp_path)
    assert again is not None
    assert np.allclose(again.vectors, made.vectors, atol=5e-3) and np.allclose(again.within, made.within, rtol=1e-3)
    assert np.allclose(again.points, made.points, atol=1e-3) and again.vectors.dtype == np.float32
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_model_may_have_none(tmp_path):
    assert Background.load(tmp_path) is None


def test_a_damaged_file_is_said(tmp_path):
    _background().save(tmp_path)
    path = tmp_path / FILE
    whole = path.read_bytes()
    np.savez(tmp_path / "part.npz", vectors=np.zeros((2, 8)))
    for content in (
        b"",
        b"not an archive",
        whole[:500],
        whole[: len(whole) // 2],
        (tmp_path / "part.npz").read_bytes(),
    ):
        path.write_bytes(content)
        with pytest.raises(ArtefactError, match="damaged") as caught:
            Background.load(tmp_path)
        assert caught.value.where == str(path)


# --- where it was worn


def test_windows_worn_nearby_are_taken(monkeypatch):
    monkeypatch.setattr(background, "NEAR", 100)
    made = _background()
    wrist, ankle = made.near([Placement.at("left_wrist")]), made.near([Placement.at("right_ankle")])
    assert np.array_equal(wrist, made.vectors[::2]) and np.array_equal(ankle, made.vectors[1::2])
    # The other side's ankle is nearer to the ankle than to the wrist; an unknown place beside a known one changes nothing.
    assert np.array_equal(made.near([Placement.at("left_ankle")]), ankle)
    assert np.array_equal(made.near([Placement.unknown(), Placement.at("left_wrist")]), wrist)


def test_windows_of_unknown_places_come_last(monkeypatch):
    monkeypatch.setattr(background, "NEAR", 150)
    made = _background()
    made.points[:60] = np.inf
    assert np.array_equal(np.sort(made.near([Placement.at("chest")])[:140], axis=0), np.sort(made.vectors[60:], axis=0))


@pytest.mark.parametrize(("count", "kept"), [(250, 100), (100, 100), (60, 60)])
def test_where_no_place_is_known_windows_are_taken_evenly(monkeypatch, count, kept):
    monkeypatch.setattr(background, "NEAR", 100)
    made = _background(count)
    taken = made.near([Placement.unknown()])
    rows = [int(np.flatnonzero((made.vectors == own).all(axis=1))[0]) for own in taken]
    assert len(rows) == kept and rows == sorted(set(rows))
    assert rows[0] == 0 and rows[-1] >= count - -(-count // kept) and np.diff(rows).max() <= -(-count // kept)


# --- hubs


def _crowd():
    """Scores of four labels over a background and over windows whose right answer is known: label 0 is near everything."""
    rng = np.random.default_rng(1)
    offsets = np.array([0.5, 0.0, 0.05, -0.05])
    usual = offsets + 0.1 * rng.normal(size=(500, 4))
    truth = rng.integers(0, 4, 400)
    asked = offsets + 0.1 * rng.normal(size=(400, 4))
    asked[np.arange(400), truth] += 0.4
    return usual, asked, truth


def test_a_hub_wins_until_it_is_taken_off():
    usual, asked, truth = _crowd()
    kept, off = (held_against(lambda rows: rows, asked, usual, hubs=hubs) for hubs in (False, True))
    assert (kept.argmax(axis=1) == 0).mean() > 0.75
    assert (off.argmax(axis=1) == 0).mean() < 0.45
    # The hub keeps its own windows, the others get theirs back.
    assert (off.argmax(axis=1) == truth)[truth == 0].mean() > 0.9
    assert (off.argmax(axis=1) == truth).mean() > (kept.argmax(axis=1) == truth).mean() + 0.25


def test_with_hubs_kept_the_order_stays_and_the_unit_changes():
    usual, asked, _ = _crowd()
    kept = held_against(lambda rows: rows, asked, usual, hubs=False)
    assert np.array_equal(kept.argsort(axis=1), asked.argsort(axis=1))
    assert np.allclose(kept, (asked - usual.mean()) / usual.std())
    held = held_against(lambda rows: rows, usual, usual, hubs=False)
    assert held.mean() == pytest.approx(0.0, abs=1e-9) and held.std() == pytest.approx(1.0)


def test_the_unit_is_a_labels_own_spread_the_mean_one_or_between():
    usual, asked, _ = _crowd()
    wide = np.array([1.0, 3.0, 1.0, 1.0])

    def held(weights, own_spread):
        return held_against(lambda rows: (rows - usual.mean(axis=0)) * weights, asked, usual, own_spread=own_spread)

    assert np.allclose(held(1.0, 1.0), held(wide, 1.0))  # of its own: how wide it is does not matter
    own, mean = (usual * wide).std(axis=0), (usual * wide).std(axis=0).mean()
    for share in (0.0, 0.5, 1.0):
        unit = own**share * mean ** (1.0 - share)
        assert np.allclose(held(wide, share), (asked - usual.mean(axis=0)) * wide / unit)


def test_labels_that_are_alike_to_everything_do_no_harm():
    same = np.full((50, 3), 0.2)
    for hubs in (True, False):
        assert np.isfinite(held_against(lambda rows: rows, same, same, hubs=hubs)).all()
