"""The light head as a scikit-learn classifier: lists of clips in, class labels out. scikit-learn itself is not needed.

>>> classifier = GestureClassifier().fit(clips, labels)                           # doctest: +SKIP
>>> classifier.predict_proba(clips).shape                                         # doctest: +SKIP
(20, 4)
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

import numpy as np

from ..._typing import Array
from ...errors import AnywearError, UsageError
from .clips import RATE_HZ, Signal, as_streams, on_grid
from .features import FeatureConfig
from .light import LightConfig, fit_light


class ClipError(UsageError, ValueError):
    """What scikit-learn expects to be a ValueError."""


class NotFittedError(ValueError, AttributeError):
    """The classifier was asked before it had learned."""


class GestureClassifier:
    """Learns from a few clips of each class; always answers with one of the classes.

    Args:
        rate_hz: of clips that are arrays; streams know theirs.
        copies: of every example, changed a little, that are learned from as well.
        kernels: of the convolutions, per view and dilation.
        random_state: seed of what is drawn.

    Attributes:
        classes_: sorted.
        n_features_in_: channels of the clips learned from: 3, or 6 with angular rate.

    Clips are a list of (T, 3 or 6) arrays of m/s2 and rad/s, an (N, T, 3 or 6) array, or a list of `anywear.Stream`.
    """

    def __init__(self, rate_hz: float = RATE_HZ, copies: int = 6, kernels: int = 96, random_state: int = 0) -> None:
        self.rate_hz = rate_hz
        self.copies = copies
        self.kernels = kernels
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> GestureClassifier:
        """Learn.

        Raises:
            UsageError: no clips, a single class, lengths that differ.
        """
        signals = self._signals(X)
        labels = _labels(y)
        if len(labels) != len(signals):
            raise _refused("Clips and labels do not fit each other", f"{len(signals)} labels", f"{len(labels)}")
        self.classes_, truth = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise _refused(
                "At least two classes are needed to choose between", "two classes", f"{len(self.classes_)} class"
            )
        self.n_features_in_ = 3 if any(own.gyr_radps is None for own in signals) else 6
        config = LightConfig(copies=self.copies, features=FeatureConfig(kernels=self.kernels))
        self.head_ = fit_light(signals, truth, (), classes=len(self.classes_), seed=self.random_state, config=config)
        return self

    def predict(self, X: Any) -> Array:
        """The likeliest class of every clip."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def predict_proba(self, X: Any) -> Array:
        """(N, K) probabilities, calibrated, columns in the order of `classes_`."""
        if not hasattr(self, "head_"):
            raise _not_fitted(type(self).__name__)
        return self.head_(self._signals(X)).probabilities

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Share of clips that are named right."""
        return float(np.average(self.predict(X) == _labels(y), weights=sample_weight))

    def get_params(self, deep: bool = True) -> dict:
        """What the constructor was given."""
        return {name: getattr(self, name) for name in _parameters(type(self))}

    def set_params(self, **params) -> GestureClassifier:
        """Change what the constructor was given.

        Raises:
            ValueError: no such parameter.
        """
        for name, value in params.items():
            if name not in _parameters(type(self)):
                raise ValueError(f"Invalid parameter {name!r} for estimator {self!r}. Valid: {_parameters(type(self))}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_params().items())})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "head_")

    def __sklearn_tags__(self):
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(two_d_array=False, three_d_array=True),
        )

    def _signals(self, X: Any) -> list[Signal]:
        if not hasattr(X, "__len__") or not len(X):
            raise _refused("There are no clips", "one clip or more", "0 clip(s)")
        return [on_grid(stream) for stream in as_streams(X, self.rate_hz)]


def _not_fitted(name: str) -> Exception:
    """scikit-learn's own error where it is in use."""
    kind = getattr(sys.modules.get("sklearn.exceptions"), "NotFittedError", NotFittedError)
    return kind(f"This {name} instance is not fitted yet: call fit first")


def _parameters(kind: type) -> list[str]:
    return sorted(name for name in inspect.signature(kind.__init__).parameters if name != "self")


def _labels(y: Any) -> Array:
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise _refused("Labels are one per clip", "a list of labels", f"shape {labels.shape}")
    if labels.dtype.kind == "f" and not (labels == np.round(labels)).all():  # False for NaN, too
        raise _refused(
            "Unknown label type: continuous numbers are no classes", "names or whole numbers", str(labels[:3])
        )
    return labels


def _refused(what: str, expected: str, got: str) -> AnywearError:
    return ClipError(what, expected=expected, got=got)
