"""Moments for the language model: where takes are cut, what is said of them, and who is kept from training."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from anywear import Placement
from anywear.runtime.tokens import MotionTokens
from anywear.train.corpus import Take
from anywear.train.language_motions import Moment, MomentsConfig, load_moments, moments_of_takes, save_moments

RATE_HZ = 25.0


class _Seen(MotionTokens):
    """Keeps the windows it is given; there is no model."""

    def __init__(self) -> None:
        self.model = SimpleNamespace(config=SimpleNamespace(rate_hz=RATE_HZ))  # type: ignore[assignment]
        self.windows, self.placements = [], []

    def latents(self, found, placements):
        self.windows += found
        self.placements += [[placements[stream] for stream in window.streams] for window in found]
        return [np.zeros((len(window.acc_mps2[0]) // 10, 4), dtype=np.float32) for window in found]


def _take(acts=(), subject="s01", label="raising the left hand") -> Take:
    """Ten seconds whose numbers tell the sample; nothing moves more anywhere."""
    values = np.zeros((2, 250, 6), dtype=np.float32)
    values[:, :, 0] = np.arange(250)
    places = (Placement.at("left_wrist"), Placement.at("chest"))
    return Take("toy", subject, places, values, np.ones(2, dtype=bool), ((0, 250, label),), acts=acts)


def _moments(take: Take, held_out=None, **changed) -> tuple[list[Moment], _Seen]:
    tokens = _Seen()
    config = MomentsConfig(
        **{"views": 40, "mirror": 0.0, "lively": (1,), "seconds": (2.0,), "streams": (1, 2), **changed}
    )
    return moments_of_takes([take], tokens, config, held_out or {}), tokens


@pytest.mark.parametrize("act", [(110, 140), (100, 200)])
def test_cuts_are_made_about_what_a_take_is_called(act):
    """A window of two seconds has the whole of a shorter act, or lies within a longer one; without acts it is anywhere."""
    made, tokens = _moments(_take((act,)))
    firsts = np.array([window.acc_mps2[0][0, 0] for window in tokens.windows])
    if act[1] - act[0] < 50:
        assert (firsts <= act[0]).all() and (firsts + 50 >= act[1]).all()
    else:
        assert (firsts >= act[0]).all() and (firsts + 50 <= act[1]).all()
    assert len(made) == 40 and {own.seconds for own in made} == {2.0} and np.ptp(firsts) > 10
    anywhere = np.array([window.acc_mps2[0][0, 0] for window in _moments(_take())[1].windows])
    assert anywhere.min() < 50 and anywhere.max() > 150


def test_in_a_mirror_sides_are_others_in_motion_places_and_words():
    made, tokens = _moments(_take(), mirror=1.0, streams=(2,), no_place=0.0)
    for own, window, worn in zip(made, tokens.windows, tokens.placements, strict=True):
        assert own.label == "raising the right hand" and all("left" not in text for text in own.texts)
        assert (window.acc_mps2[0][:, 0] <= 0.0).all()
        assert "right_forearm" in own.segments and {placement.segment for placement in worn} == set(own.segments)


def test_subjects_kept_from_training_are_marked(tmp_path):
    assert all(own.held_out for own in _moments(_take(), {"toy": ["s01"]})[0])
    made = _moments(_take(subject="s02"), {"toy": ["s01"]})[0]
    assert not any(own.held_out for own in made)
    save_moments(tmp_path / "moments.pickle", made)
    again = load_moments(tmp_path / "moments.pickle")
    assert [(own.label, own.texts, own.segments) for own in again] == [
        (own.label, own.texts, own.segments) for own in made
    ]
