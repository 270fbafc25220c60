"""Postures: plausible for many people, still but alive, and lying, sitting and standing as gravity has it."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, Person, Scene, generate, life, lying, pose, postures
from anywear.motion.generate.armwork import ARMS
from anywear.motion.generate.checks import check_figure
from anywear.motion.generate.posture_programs import elevator_way

NAMES = sorted(name for name, own in PROGRAMS.items() if own.family == "postures")
UP = np.array([0.0, 0.0, 1.0])


def scene(seed: int, seconds: float = 3.0, person: Person | None = None) -> Scene:
    rng = np.random.default_rng(seed)
    return Scene(rng, person or Person.draw(rng), seconds)


def up_in(figure, segment: str):
    """Mean direction of up (3,) in a segment's frame: what an accelerometer on it reads at rest, over g."""
    return quaternion.rotate(quaternion.inverse(figure.world(segment)), UP).mean(axis=0)


@pytest.mark.parametrize("name", NAMES)
def test_every_posture_is_plausible_and_described(name: str) -> None:
    for seed in range(40, 43):
        _, _, figure = pose(name, seed, seconds=5.0)
        assert check_figure(figure).faults == (), f"seed {seed}"
        assert len(set(figure.said)) >= 3


def test_same_seed_same_bytes() -> None:
    first, second, other = (generate("sitting", seed=seed, seconds=3.0).clip for seed in (5, 5, 6))
    assert first.quat_world_from_joint.tobytes() == second.quat_world_from_joint.tobytes()
    assert first.quat_world_from_joint.shape != other.quat_world_from_joint.shape or not np.allclose(
        first.quat_world_from_joint, other.quat_world_from_joint
    )


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        ("lying_on_back", (1.0, 0.0, 0.0)),
        ("lying_on_front", (-1.0, 0.0, 0.0)),
        ("lying_on_left_side", (0.0, -1.0, 0.0)),
        ("lying_on_right_side", (0.0, 1.0, 0.0)),
        ("standing", (0.0, 0.0, 1.0)),
        ("sitting", (0.0, 0.0, 1.0)),
    ],
)
def test_gravity_in_the_chest_is_that_of_the_posture(name: str, axis: tuple[float, float, float]) -> None:
    tilts = [
        np.degrees(np.arccos(np.clip(up_in(pose(name, seed, seconds=2.0)[2], "chest") @ axis, -1, 1)))
        for seed in range(12)
    ]
    assert max(tilts) < 45.0
    assert np.ptp(tilts) > 3.0  # people differ


def test_thighs_of_sitters_are_about_level_and_differ() -> None:
    rises = []
    for seed in range(25):
        _, _, figure = pose("sitting", seed, seconds=2.0, seat="chair", legs="flat")
        rises.append(np.degrees(np.arcsin(up_in(figure, "left_thigh")[0])))
    assert 60.0 < np.median(rises) < 92.0
    assert np.ptp(rises) > 8.0


def test_breath_has_the_rate_it_is_given_and_moves_the_chest_by_a_degree_or_two() -> None:
    one = scene(0, 40.0)
    figure = one.figure()
    life.breathe(figure, one.rng, rate_hz=0.25)
    pitch = np.degrees(2.0 * np.arcsin(figure.world("chest")[:, 1]))
    spectrum = np.abs(np.fft.rfft(pitch - pitch.mean()))
    assert np.fft.rfftfreq(len(pitch), 1.0 / 120.0)[spectrum.argmax()] == pytest.approx(0.25, abs=0.03)
    assert 0.8 < np.ptp(pitch) < 3.5
    head = np.degrees(2.0 * np.arcsin(figure.world("head")[:, 1]))
    assert np.ptp(head) < 0.4 * np.ptp(pitch)


def test_sway_is_slow_and_a_few_millimetres() -> None:
    way, _ = life.sway(np.arange(0.0, 120.0, 1.0 / 120.0), np.random.default_rng(3))
    assert 0.002 < way[:, 0].std() < 0.007
    power = np.abs(np.fft.rfft(way[:, 0] - way[:, 0].mean())) ** 2
    hz = np.fft.rfftfreq(len(way), 1.0 / 120.0)
    assert power[hz < 1.0].sum() > 0.95 * power.sum()


def test_the_restless_move_more() -> None:
    def unrest(restlessness: float) -> float:
        moved = []
        for seed in range(6):
            one = scene(seed, 8.0, Person(restlessness=restlessness))
            figure = one.figure()
            postures.stand_still(one, figure)
            moved.append(np.linalg.norm(np.diff(figure.point("head"), axis=0), axis=1).mean())
        return float(np.mean(moved))

    assert unrest(1.8) > 1.5 * unrest(0.4)


@pytest.mark.parametrize("arms", [name for name in ARMS if name not in ("desk", "lap", "thighs", "armrests", "beside")])
def test_arms_keep_their_place_standing(arms: str) -> None:
    one = scene(7)
    figure = one.figure()
    postures.stand_still(one, figure, arms=arms)
    assert check_figure(figure).faults == ()
    height = figure.point(f"{one.person.hand}_hand")[:, 2].mean() / figure.height_m
    least, most = {"behind head": (0.75, 1.1), "crossed": (0.6, 0.8), "phone": (0.5, 0.85)}.get(arms, (0.4, 0.68))
    assert least < height < most


def test_weight_rests_on_the_leg_that_is_said() -> None:
    for weight in (-1.0, 1.0):
        one = scene(2)
        figure = one.figure()
        postures.stand_still(one, figure, weight=weight, shifting=False)
        feet = 0.5 * (figure.point("left_foot") + figure.point("right_foot"))
        assert np.sign((figure.centre_of_mass_m() - feet)[:, 1].mean()) == weight


def test_lifting_one_leg_leaves_the_other_on_the_ground() -> None:
    _, _, figure = pose("standing_on_one_leg", 3, seconds=3.0, leg="left")
    assert set(figure.contact) == {"left"}
    assert figure.point("right_foot")[:, 2].min() > figure.point("left_foot")[:, 2].max() + 0.02


@pytest.mark.parametrize("on", lying.SURFACES)
def test_lying_bodies_are_level_and_on_their_surface(on: str) -> None:
    one = scene(11)
    figure = one.figure()
    lying.lie(one, figure, on, surface_m=0.5)
    assert 0.5 <= postures.lowest_m(figure).min() < 0.56
    assert abs(up_in(figure, "pelvis")[2]) < np.sin(np.radians(12.0))


def test_an_elevator_keeps_to_its_limits() -> None:
    t = np.arange(0.0, 30.0, 1.0 / 120.0)
    height, ride_s = elevator_way(t, 2.0, 12.0, 1.5, 1.0, 1.2)
    speed = np.gradient(height, t)
    assert height[-1] == pytest.approx(12.0)
    assert speed.max() == pytest.approx(1.5, rel=0.03)
    assert np.abs(np.gradient(speed, t)).max() == pytest.approx(1.0, rel=0.08)
    assert speed[t < 2.0].max() < 1e-6 and speed[t > 2.1 + ride_s].max(initial=0.0) < 1e-6


@pytest.mark.parametrize(("name", "sign"), [("elevator_up", 1.0), ("elevator_down", -1.0)])
def test_elevators_go_where_they_are_said_to(name: str, sign: float) -> None:
    for seed in range(4):
        made = generate(name, seed=seed, seconds=10.0)
        assert sign * (made.clip.root_position_m[-1, 2] - made.clip.root_position_m[0, 2]) > 0.3
        assert any(name.split("_")[1] in caption for caption in made.clip.captions)


def test_impossible_bows_are_refused() -> None:
    with pytest.raises(UsageError, match="bow_deg"):
        generate("leaning_forward", bow_deg=170.0)
