"""Daily hands: bodies that could do it, and rhythms that the wrist shows."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.motion.generate import PROGRAMS, Person, generate, pose
from anywear.motion.generate.checks import check_figure
from anywear.motion.generate.figure import RATE_HZ
from anywear.motion.generate.rhythms import bouts, strike, visits

HANDS = sorted(name for name, program in PROGRAMS.items() if program.family == "hands")
PERSON = Person(restlessness=0.5)


def peak_hz(values: np.ndarray, least_hz: float) -> float:
    """Strongest frequency of the acceleration of a track (T, 3)."""
    acc = np.diff(values, 2, axis=0) * RATE_HZ**2
    power = (np.abs(np.fft.rfft(acc * np.hanning(len(acc))[:, None], n=8 * len(acc), axis=0)) ** 2).sum(axis=1)
    rate = np.fft.rfftfreq(8 * len(acc), 1.0 / RATE_HZ)
    return float(rate[np.where(rate >= least_hz, power, 0.0).argmax()])


@pytest.mark.parametrize("name", HANDS)
def test_bodies_can_do_it(name: str) -> None:
    for seed in range(3):
        _, _, figure = pose(name, 100 + seed)
        assert check_figure(figure).faults == ()
        assert len(set(figure.said)) >= 3


def test_there_are_many() -> None:
    assert len(HANDS) >= 50


@pytest.mark.parametrize("name", ["eating", "typing", "vacuuming", "folding_clothes"])
def test_same_seed_same_bytes(name: str) -> None:
    first, again, other = (generate(name, seed, seconds=6.0).clip for seed in (3, 3, 4))
    assert first.quat_world_from_joint.tobytes() == again.quat_world_from_joint.tobytes()
    assert first.quat_world_from_joint.tobytes() != other.quat_world_from_joint.tobytes()


@pytest.mark.parametrize(
    ("name", "rate_hz"), [("brushing_teeth", 3.5), ("brushing_teeth", 4.6), ("stirring", 1.4), ("sawing", 1.2)]
)  # fmt: skip
def test_the_wrist_keeps_the_rate(name: str, rate_hz: float) -> None:
    _, _, figure = pose(name, 2, seconds=12.0, person=PERSON, rate_hz=rate_hz)
    assert peak_hz(figure.point("right_hand"), 0.7) == pytest.approx(rate_hz, rel=0.15)


def test_claps_stop_the_hands_dead() -> None:
    hands = [
        pose("clapping", 1, seconds=8.0, person=PERSON, rate_hz=3.0)[2].point(f"{s}_hand") for s in ("left", "right")
    ]
    gap = np.linalg.norm(hands[0] - hands[1], axis=1)
    closing = np.diff(gap, 2) * RATE_HZ**2
    # Opening is gentle; the stop is short and hard.
    assert closing.max() > 1.8 * -closing.min()
    assert closing.max() > 40.0


def test_a_bite_brings_the_hand_to_the_mouth_and_back() -> None:
    _, _, figure = pose("eating", 5, seconds=20.0, person=PERSON, food="soup", bite_s=5.0)
    away = np.linalg.norm(figure.point("right_hand") - figure.point("head", (0.09, 0.0, 0.03)), axis=1)
    near = away < 0.25
    bites = int(np.diff(near.astype(int)).clip(0).sum())
    assert 2 <= bites <= 6
    assert away.max() > 0.35


def test_a_phone_is_at_the_ear() -> None:
    for seed in range(4):
        _, _, figure = pose("phoning", seed)
        side = "left" if any("the left ear" in said for said in figure.said) else "right"
        ear = figure.point("head", (0.01, 0.075 * (1 if side == "left" else -1), 0.085))
        assert np.linalg.norm(figure.point(f"{side}_hand") - ear, axis=1)[-1] < 0.22


def test_handedness_is_said_and_done() -> None:
    for hand in ("left", "right"):
        _, _, figure = pose("combing_hair", 1, person=Person(hand=hand))
        other = "left" if hand == "right" else "right"
        assert figure.point(f"{hand}_hand")[:, 2].mean() > figure.point(f"{other}_hand")[:, 2].mean() + 0.3
        assert any(f"the {hand} hand" in said for said in figure.said)


def test_impossible_rates_are_refused() -> None:
    with pytest.raises(UsageError, match="No body"):
        pose("clapping", 1, rate_hz=25.0)


def test_rhythms() -> None:
    t, rng = np.arange(2400) / RATE_HZ, np.random.default_rng(1)
    way = visits(t, rng, every_s=(4.0, 5.0), go_s=(0.8, 1.0), stay_s=(0.5, 1.0))
    assert way.share[0] == way.share[-1] == 0.0
    assert way.share.max() == pytest.approx(1.0)
    assert np.diff(way.arrivals).min() > 3.0
    gate = bouts(t, rng, (2.0, 3.0), (1.0, 2.0))
    assert 0.4 < gate.mean() < 0.95
    hit = strike(2.0 * t)
    assert hit.min() < 0.15
    assert hit.max() <= 1.0
