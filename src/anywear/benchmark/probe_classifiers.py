"""What learns from labelled embeddings or windows, and answers about others. All give (N,) numbers of labels.

Those that need scikit-learn import it when called; see `check_sklearn`.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec

import numpy as np

from .._typing import Array, Float, Int
from ..errors import UsageError
from ..runtime.activities.head import fit_head
from ..runtime.activities.looks import Looks
from ..signal.minirocket import fit_minirocket

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""C of the linear probe: one over the weight of the squared norm, from heavily held to hardly."""
MIDDLE = 1e-2  # C where there is no second fold to choose one on
SHOT_PENALTY = 1.0  # C with few shots, where there is nothing to choose one on: the default of scikit-learn
ALPHAS = np.logspace(-3, 3, 10)
"""Of the ridge classifier, as MiniRocket's authors set them."""
MOST_STEPS = 2000  # of the logistic regressions' solver


def check_sklearn() -> None:
    """Raise a `UsageError` that says what to install where scikit-learn is not there."""
    if find_spec("sklearn") is None:
        raise UsageError("The probe needs scikit-learn", remedy='pip install "anywear[benchmark]"')


def nearest(vectors: Float[Array, "windows features"], means: Float[Array, "classes features"]) -> Array:
    """Rows of `means` with the largest cosine; the first among equals."""
    return (vectors @ unit(means).T).argmax(axis=1)


def class_means(
    vectors: Float[Array, "windows features"],
    truth: Int[Array, " windows"],
    words: Float[Array, "labels features"] | None = None,
) -> tuple[Int[Array, " classes"], Float[Array, "classes features"]]:
    """The classes that occur, and the mean of each one's vectors brought to unit length.

    Args:
        vectors, truth: what is learned from.
        words: vectors of all labels; each then counts as one more window of its class.
    """
    classes = np.unique(truth)
    if words is not None:
        vectors, truth = np.concatenate([vectors, words[classes]]), np.concatenate([truth, classes])
    return classes, unit(np.stack([vectors[truth == label].mean(axis=0) for label in classes]))


def unit(vectors: Float[Array, "*rows features"]) -> Float[Array, "*rows features"]:
    """Of length one; a zero vector stays one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def linear_probe(
    vectors: Float[Array, "windows features"],
    truth: Int[Array, " windows"],
    folds: Int[Array, " windows"],
    asked: Float[Array, "asked features"],
) -> Int[Array, " asked"]:
    """Multinomial logistic regression on standardised embeddings.

    C is the one of `PENALTIES` that is right most often when each fold of what is learned from is asked in turn.

    Args:
        vectors, truth, folds: what is learned from.
        asked: embeddings to answer about.
    """
    scores = []
    if len(np.unique(folds)) > 1:
        for penalty in PENALTIES:
            right = 0
            for fold in np.unique(folds):
                own = folds != fold
                right += int((_regression(vectors[own], truth[own], vectors[~own], penalty) == truth[~own]).sum())
            scores.append(right)
    chosen = PENALTIES[int(np.argmax(scores))] if scores else MIDDLE
    return _regression(vectors, truth, asked, chosen)


def few_shot_regression(
    vectors: Float[Array, "windows features"], truth: Int[Array, " windows"], asked: Float[Array, "asked features"]
) -> Int[Array, " asked"]:
    """Multinomial logistic regression on unit vectors as they are: a handful tells no spread to standardise by."""
    return _regression(vectors, truth, asked, SHOT_PENALTY, standardised=False)


def learned_head(
    looks: Looks,
    truth: Int[Array, " windows"],
    words: Float[Array, "labels features"],
    learn: Int[Array, " rows"],
    groups: Int[Array, " rows"],
    asked: Int[Array, " asked"],
    rng: np.random.Generator,
) -> Int[Array, " asked"]:
    """What `anywear.runtime.activities` learns, as `anywear learn` does.

    Args:
        looks, truth: all windows.
        words: vectors of all labels.
        learn, groups: rows that are learned from, and which of them are left out together.
        asked: rows to answer about.
        rng: of its convolutions.
    """
    classes, own = np.unique(truth[learn], return_inverse=True)
    if len(classes) == 1:
        return np.full(len(asked), classes[0])
    head = fit_head(looks[learn], own, words[classes], np.unique(groups, return_inverse=True)[1], rng)
    return classes[head(looks[asked]).argmax(axis=1)]


def minirocket_ridge(
    values: Float[Array, "windows channels time"],
    truth: Int[Array, " windows"],
    asked: Float[Array, "asked channels time"],
    rng: np.random.Generator,
) -> Int[Array, " asked"]:
    """A ridge classifier on MiniRocket's features divided by their spread, its penalty chosen by leaving one out.

    Transform, spread and classifier see the windows learned from alone.
    """
    from sklearn.linear_model import RidgeClassifierCV

    rocket = fit_minirocket(values, rng)
    learned = rocket.transform(values)
    spread = learned.std(axis=0)
    spread[spread == 0.0] = 1.0
    if len(np.unique(truth)) == 1:
        return np.full(len(asked), truth[0])
    ridge = RidgeClassifierCV(alphas=ALPHAS).fit(learned / spread, truth)
    return np.asarray(ridge.predict(rocket.transform(asked) / spread))


def _regression(vectors: Array, truth: Array, asked: Array, penalty: float, standardised: bool = True) -> Array:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(truth)) == 1:
        return np.full(len(asked), truth[0])
    if standardised:
        mean, spread = vectors.mean(axis=0), vectors.std(axis=0)
        spread[spread == 0.0] = 1.0
        vectors, asked = (vectors - mean) / spread, (asked - mean) / spread
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # after so many steps the answers stand
        warnings.filterwarnings("ignore", "The number of unique classes")  # that is what one shot is
        fitted = LogisticRegression(C=penalty, max_iter=MOST_STEPS).fit(vectors, truth)
    return np.asarray(fitted.predict(asked))
