"""`GestureClassifier` keeps scikit-learn's contract.

scikit-learn's checks feed tables. A clip is no row of a table, so most of them skip a classifier of clips; here they run on
`Tabular`, which is the classifier with one method replaced: a row becomes a clip whose strokes are as strong as the row says.
Fitting, labels, parameters, probabilities, copies and errors are the classifier's own.
"""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from gesture_toy import stroke

import anywear
from anywear.errors import UsageError
from anywear.runtime.gestures.classifier import GestureClassifier, NotFittedError

sklearn = pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.exceptions import NotFittedError as TheirNotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

STROKE_S = 0.16  # s; one per feature of a row


class Tabular(GestureClassifier):
    """Rows of a table as clips: feature k bends the acceleration along one axis during the k-th stroke."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = True, False
        return tags

    def fit(self, X, y):
        X, y = validate_data(self, X, y, dtype=np.float64)
        features = self.n_features_in_
        super().fit(X, y)
        self.n_features_in_ = features
        return self

    def predict_proba(self, X):
        if self.__sklearn_is_fitted__():
            X = validate_data(self, X, dtype=np.float64, reset=False)
        return super().predict_proba(X)

    def _signals(self, X):
        time = np.arange(0.0, STROKE_S * (X.shape[1] + 1), 1.0 / self.rate_hz)
        bumps = np.exp(-(((time[:, None] - STROKE_S * (np.arange(X.shape[1]) + 1.0)) / (0.5 * STROKE_S)) ** 2))
        clips = np.zeros((len(X), len(time), 3))
        clips[:, :, 0] = np.clip(X, -50.0, 50.0) @ bumps.T
        clips[:, :, 2] = 9.81
        return super()._signals(clips)


EXPECTED_TO_FAIL = {
    "check_do_not_raise_errors_in_init_or_set_params": "tests, and they alone, check types before the constructor"
}


@parametrize_with_checks([Tabular(copies=0, kernels=2)], expected_failed_checks=lambda estimator: EXPECTED_TO_FAIL)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@parametrize_with_checks([GestureClassifier(copies=0, kernels=2)])
def test_scikit_learn_contract_of_clips(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def clips():
    own = [stroke(label, seed) for label in ("wave", "lift", "swipe") for seed in range(5)]
    return own, np.repeat(["wave", "lift", "swipe"], 5)


@pytest.fixture(scope="module")
def fitted(clips):
    return GestureClassifier(copies=1, kernels=16).fit(*clips)


def test_streams_arrays_and_lists_are_the_same(clips, fitted):
    streams, _ = clips
    rows = [np.hstack([own.acc_mps2, own.gyr_radps]) for own in streams]
    by_stream = fitted.predict_proba(streams)
    assert np.array_equal(by_stream, fitted.predict_proba(rows))
    assert np.array_equal(by_stream, fitted.predict_proba(np.stack(rows)))
    assert by_stream.sum(axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-5)


def test_it_learns(clips, fitted):
    asked = [stroke(label, seed) for label in ("wave", "lift", "swipe") for seed in (50, 51)]
    assert fitted.score(asked, np.repeat(["wave", "lift", "swipe"], 2)) >= 5 / 6
    assert list(fitted.classes_) == ["lift", "swipe", "wave"] and fitted.n_features_in_ == 6
    alone = GestureClassifier(copies=0, kernels=4).fit([stroke(n, 1, gyr=False) for n in ("wave", "lift")], [0, 1])
    assert alone.n_features_in_ == 3


def test_clones_cross_validation_and_pickles(clips, fitted):
    streams, labels = clips
    rows = np.stack([np.hstack([own.acc_mps2, own.gyr_radps]) for own in streams])
    again = clone(fitted)
    assert again.get_params() == fitted.get_params() and not hasattr(again, "head_")
    assert cross_val_score(GestureClassifier(copies=0, kernels=8), rows, labels, cv=2).mean() > 0.6
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict_proba(rows), fitted.predict_proba(rows))


def test_what_it_refuses(clips):
    streams, labels = clips
    with pytest.raises(ValueError, match="At least two"):
        GestureClassifier().fit(streams, ["one"] * len(streams))
    with pytest.raises(UsageError, match="do not fit"):
        GestureClassifier().fit(streams, labels[:-1])
    with pytest.raises(ValueError, match="no clips"):
        GestureClassifier().fit([], [])
    with pytest.raises(ValueError, match="Invalid parameter"):
        GestureClassifier().set_params(depth=3)
    with pytest.raises((NotFittedError, TheirNotFittedError)):
        GestureClassifier().predict(streams)


def test_it_stands_at_the_front_door():
    assert anywear.GestureClassifier is GestureClassifier
