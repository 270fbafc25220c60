"""Concepts: what is right, wrong or neither for a window, and what a mirror does to words."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.train.concepts import build_table
from anywear.train.vocabulary import CONCEPTS, LABEL_CONCEPTS, concept_of, refine_by_turning

LABELS = {name: set(table) for name, table in LABEL_CONCEPTS.items()}


@pytest.fixture(scope="module")
def table():
    return build_table(LABELS)


def test_every_label_and_relation_names_a_concept():
    for mapping in LABEL_CONCEPTS.values():
        assert set(mapping.values()) <= set(CONCEPTS)
    for name, concept in CONCEPTS.items():
        assert set(concept.within) | set(concept.near) <= set(CONCEPTS), name
        assert len(set(concept.texts)) == len(concept.texts) >= 2, name


def test_every_label_of_the_sets_trained_on_has_a_concept():
    from anywear.datasets import dataset

    for name, mapping in LABEL_CONCEPTS.items():
        assert set(dataset(name).info.label_words) == set(mapping)


def test_own_words_win_and_wider_ones_count_too(table):
    i = table.index("walking_treadmill")
    weights = table.positive[i]
    assert weights[i] == weights.max()
    assert weights[table.index("walking")] > 0
    assert np.isclose(weights.sum(), 1.0)


def test_nothing_is_right_and_wrong_at_once(table):
    assert not (table.negative & (table.positive > 0)).any()
    assert not table.negative[np.eye(len(table.names), dtype=bool)].any()


@pytest.mark.parametrize(
    ("window", "text", "wrong"),
    [("sitting", "standing", True), ("walking", "walking_treadmill", False), ("elevator_still", "standing", False),
     ("stairs_up", "stairs_down", True), ("running", "walking", True), ("stepper", "stairs_up", False)],
)  # fmt: skip
def test_relations(table, window, text, wrong):
    assert table.negative[table.index(window), table.index(text)] == wrong


def test_mirroring_is_its_own_inverse(table):
    assert (table.mirrored[table.mirrored] == np.arange(len(table.names))).all()
    assert table.names[table.mirrored[table.index("turning_left")]] == "turning_right"
    assert table.names[table.mirrored[table.index("draw_circle_cw")]] == "draw_circle_ccw"
    assert table.mirrored[table.index("rowing")] == table.index("rowing")
    lying = table.mirrored[table.index("lying_side")]
    assert "left" in table.texts[lying][0]


@pytest.mark.parametrize(
    ("concept", "yaw", "expected"),
    [("walking", 0.5, "walking_turn_left"), ("walking", -0.5, "walking_turn_right"), ("walking", 0.0, "walking_straight"),
     ("walking", 0.2, "walking"), ("turning", -1.0, "turning_right"), ("sitting", 1.0, "sitting")],
)  # fmt: skip
def test_turns_are_told_by_the_gyroscope(concept, yaw, expected):
    assert refine_by_turning(concept, yaw) == expected


def test_a_label_without_a_concept_is_named():
    with pytest.raises(UsageError, match="no concept"):
        concept_of("dsads", "flying")
    assert concept_of("imu-digits", "digit 3")[1].texts[0] == "digit 3"
