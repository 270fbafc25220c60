"""The shipped text tower: meaning survives int8, padding changes nothing, the space spreads texts out."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import ArtefactError
from anywear.runtime import TextSpace, TextTower
from anywear.runtime.model import WEIGHTS_DIR


@pytest.fixture(scope="module")
def tower() -> TextTower:
    return TextTower(WEIGHTS_DIR)


def test_near_in_meaning_is_near(tower):
    walk, stroll, sleep = tower.encode(["walking", "a person strolls along", "sleeping in bed"])
    assert np.isclose(np.linalg.norm(walk), 1.0, atol=1e-4)
    assert walk @ stroll > walk @ sleep + 0.1


def test_company_changes_nothing(tower):
    alone = TextTower(WEIGHTS_DIR).encode(["walking"])[0]
    beside = TextTower(WEIGHTS_DIR).encode(["walking", "a much longer sentence about someone who climbs many stairs"])[
        0
    ]
    assert np.allclose(alone, beside, atol=1e-4)
    assert np.array_equal(tower.encode(["walking"]), tower.encode(["walking"]))


def test_golden_cosines(tower):
    """Float32 all-MiniLM-L6-v2 gives these; int8 weights may differ by a little."""
    texts = ["walking", "running", "sitting on a chair", "a person climbs stairs"]
    cosines = tower.encode(texts) @ tower.encode(texts).T
    assert np.allclose([cosines[0, 1], cosines[0, 2], cosines[0, 3]], GOLDEN, atol=0.02)


GOLDEN = [0.4953, 0.2422, 0.2820]  # sentence-transformers, float32


def test_empty_and_long(tower):
    assert tower.encode([]).shape == (0, 384)
    assert np.isfinite(tower.encode(["", "word " * 2000])).all()


def test_a_missing_tower_is_named(tmp_path):
    with pytest.raises(ArtefactError, match="missing"):
        TextTower(tmp_path)


def test_whitening_evens_the_spread_out():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(2000, 8)) * np.array([5.0, 1, 1, 1, 1, 1, 1, 0.2]) + 3.0
    raw = np.linalg.eigvalsh(np.cov(vectors.T))
    space = TextSpace.fit(vectors, strength=1.0, floor=0.0)
    flat = np.linalg.eigvalsh(np.cov(((vectors - space.mean) @ space.matrix).T))
    assert np.allclose(flat, 1.0, atol=0.01) and raw.max() / raw.min() > 100
    centred = TextSpace.fit(vectors, strength=0.0)
    assert np.allclose(centred.matrix, np.eye(8), atol=1e-5)
    assert np.allclose(np.linalg.norm(space.apply(vectors), axis=1), 1.0, atol=1e-5)
