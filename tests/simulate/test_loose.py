"""Oscillators, soft tissue, straps and pendulums against their analytic answers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.signal import hilbert

from anywear.body import BodyShape
from anywear.errors import UsageError
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.simulate.loose import Swing, turn_back
from anywear.simulate.oscillator import respond
from anywear.simulate.pendulum import Pendulum
from anywear.simulate.tissue import STIFFNESS_N_PER_M, Wobble, felt_through

RATE = 480.0
T = np.arange(0, 3, 1 / RATE)
NONE = np.zeros((1, 2))


def _ramp(until=0.05):
    """0 before 0.5 s, then straight up to 1: piecewise straight, as the discretisation has it."""
    return np.clip((T - 0.5) / until, 0.0, 1.0)


def _ramp_response(natural, damping, until):
    """Displacement of x'' + 2 z w x' + w^2 x under the ramp: the difference of two unit-slope ramps."""
    ringing = natural * np.sqrt(1 - damping**2)

    def slope(t):
        t = np.maximum(t, 0.0)
        decay = np.exp(-damping * natural * t)
        lag = 2 * damping / natural
        return (
            t - lag + decay * (lag * np.cos(ringing * t) + (2 * damping**2 - 1) / ringing * np.sin(ringing * t))
        ) / natural**2

    return (slope(T - 0.5) - slope(T - 0.5 - until)) / until


def _drive(one):
    return np.broadcast_to(one[None, :, None], (1, len(one), 3)).copy()


@pytest.mark.parametrize(("hertz", "damping"), [(2.0, 0.05), (10.0, 0.3), (55.0, 0.6)])
def test_an_oscillator_is_exact_for_a_straight_input(hertz, damping):
    natural = 2 * np.pi * hertz
    place, speed = respond(_drive(_ramp()), np.full((1, 3), natural), np.full((1, 3), damping), RATE)
    truth = _ramp_response(natural, damping, 0.05)
    assert np.abs(place[0] - truth[:, None]).max() < 1e-9 * max(truth)
    numeric = np.gradient(truth, 1 / RATE)
    assert np.abs(speed[0, 5:-5, 1] - numeric[5:-5]).max() < 0.05 * np.abs(numeric).max()  # of a central difference


def test_an_oscillator_starts_where_its_first_sample_holds_it():
    place, speed = respond(np.full((1, 50, 3), 7.0), np.full((1, 3), 20.0), np.full((1, 3), 0.1), RATE)
    assert np.allclose(place, 7.0 / 400.0, rtol=1e-9) and np.abs(speed).max() < 1e-9


def test_tissue_rings_at_its_own_frequency_and_dies_away_as_damped():
    hertz, damping = 15.0, 0.1
    felt = felt_through(_drive(np.where(T < 0.5, G, G + 1.0)), RATE, np.full((1, 3), hertz), damping, 1.0)
    ring = felt[0, T > 0.51, 2] - (G + 1.0)
    crossings = np.flatnonzero(np.diff(np.sign(ring[:200])))
    period = 2 * np.diff(crossings).mean() / RATE
    assert period == pytest.approx(1 / (hertz * np.sqrt(1 - damping**2)), rel=0.02)
    envelope = np.abs(np.asarray(hilbert(ring)))[10:150]
    decay = -np.polyfit(np.arange(140) / RATE, np.log(envelope), 1)[0]
    assert decay == pytest.approx(damping * 2 * np.pi * hertz, rel=0.05)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("hertz", [3.0, 14.0, 40.0])
def test_tissue_answers_a_sine_as_its_transfer_function_says(hertz, share):
    natural, damping = 18.0, 0.25
    felt = felt_through(_drive(np.sin(2 * np.pi * hertz * T)), RATE, np.full((1, 3), natural), damping, share)
    p, w = 2j * np.pi * hertz, 2 * np.pi * natural
    soft = (2 * damping * w * p + w**2) / (p**2 + 2 * damping * w * p + w**2)
    # Straight lines between samples are a sine a little smaller: sinc^2 of frequency over rate.
    wanted = abs(1 - share + share * soft * np.sinc(hertz / RATE) ** 2)
    late = T > 1.0
    got = np.abs(2 * np.mean(felt[0, late, 0] * np.exp(-p * T[late])))
    assert got == pytest.approx(wanted, rel=0.005)


def test_tissue_leaves_gravity_bitwise():
    held = np.full((2, 300, 3), [1.0, -2.0, 9.5])
    assert np.array_equal(Wobble().felt(held, RATE, ["left_thigh", "head"], BodyShape(), np.zeros(2)), held)


def test_tissue_is_softer_under_more_mass_on_heavier_bodies_and_along_the_skin():
    light, heavy = Wobble(mass_kg=0.005), Wobble(mass_kg=0.2)
    average = BodyShape()
    assert light.frequency_hz("left_thigh", average)[0] > 2 * heavy.frequency_hz("left_thigh", average)[0]
    assert heavy.frequency_hz("left_thigh", BodyShape(build=1.0))[0] < heavy.frequency_hz("left_thigh", average)[0]
    assert heavy.frequency_hz("left_thigh", BodyShape(muscle=1.0))[0] > heavy.frequency_hz("left_thigh", average)[0]
    along, _, normal = heavy.frequency_hz("left_thigh", average)
    assert normal == pytest.approx(along * np.sqrt(2))
    # Of a light sensor on the leg: 10 to 50 Hz (Wakeling & Nigg 2001).
    for segment in ("left_thigh", "right_shank"):
        assert 10 < light.frequency_hz(segment, average)[0] < 50


def test_every_segment_has_a_stiffness():
    from anywear.bodygraph import SEGMENT_NAMES

    assert {n.removeprefix("left_").removeprefix("right_") for n in SEGMENT_NAMES} == set(STIFFNESS_N_PER_M)


LOOSE = Swing(
    frequency_hz=(5.0, 5.0, 5.0),
    damping=0.08,
    lever_m=(0.0, 0.0, 0.01),
    gyration_m=0.03,
    room_deg=(90.0, 90.0, 90.0),
    spread=0.0,
)


def test_a_case_swings_at_its_frequency_and_is_damped_as_told():
    rate = np.zeros((1, len(T), 3))
    rate[0, :, 1] = 0.2 * _ramp(0.01)  # the skin begins to turn: a knock of angular acceleration
    force = np.zeros_like(rate)
    _, read = LOOSE.felt(force, rate, np.zeros((1, 3)), RATE, NONE)
    ring = read[0, T > 0.55, 1] - 0.2
    crossings = np.flatnonzero(np.diff(np.sign(ring[:900])))
    assert 2 * np.diff(crossings).mean() / RATE == pytest.approx(1 / (5 * np.sqrt(1 - 0.08**2)), rel=0.02)
    envelope = np.abs(np.asarray(hilbert(ring)))[30:500]
    assert -np.polyfit(np.arange(470) / RATE, np.log(envelope), 1)[0] == pytest.approx(0.08 * 2 * np.pi * 5, rel=0.05)
    peaks = np.abs(ring[:900])
    assert (np.diff([peaks[a:b].max() for a, b in itertools.pairwise(crossings)]) < 0).all()


def test_a_swing_obeys_its_equation():
    """Against a general solver, with a force and a turning that vary; the room is wide, the angles small."""
    force = np.stack([np.sin(9 * T), 0.3 * np.cos(5 * T), G + np.sin(14 * T)], axis=1)[None]
    rate = np.stack([0.2 * np.sin(8 * T), 0.3 * np.cos(11 * T), np.zeros_like(T)], axis=1)[None]
    standing = np.array([[0.0, 0.0, G]])
    _, read = LOOSE.felt(force, rate, standing, RATE, NONE)
    lever, w = np.array(LOOSE.lever_m), 2 * np.pi * 5

    def equation(t, state):
        f = np.array([np.sin(9 * t), 0.3 * np.cos(5 * t), np.sin(14 * t)])
        alpha = np.array([1.6 * np.cos(8 * t), -3.3 * np.sin(11 * t), 0.0])
        return np.r_[state[3:], -np.cross(lever, f) / 0.03**2 - alpha - 2 * 0.08 * w * state[3:] - w**2 * state[:3]]

    torque = np.cross(lever, np.array([0.0, 0.3, 0.0])) / 0.03**2
    start = (-torque - np.array([1.6, 0.0, 0.0])) / w**2
    truth = solve_ivp(equation, (0, T[-1]), np.r_[start, 0, 0, 0], t_eval=T, rtol=1e-9, atol=1e-10).y[3:].T
    # To first order in the angle the gyroscope reads the rate of the skin and that of the case.
    relative = read[0] - turn_back(np.cumsum(truth, axis=0)[None] / RATE + start, rate)[0]
    assert np.sqrt(((relative - truth)[20:] ** 2).mean()) < 0.05 * truth.std()


def test_a_case_never_leaves_its_room_and_its_gyroscope_tells_its_turn():
    swing = Swing(frequency_hz=(6.0, 6.0, 6.0), room_deg=(8.0, 5.0, 3.0), spread=0.0)
    rng = np.random.default_rng(0)
    force = np.cumsum(rng.normal(size=(1, len(T), 3)), axis=1) * 2.0
    still = np.zeros_like(force)
    _, read = swing.felt(force, still, np.zeros((1, 3)), RATE, NONE)
    angle = np.rad2deg(np.cumsum(read[0], axis=0) / RATE)
    assert (np.ptp(angle, axis=0) < 2.4 * np.array([8.0, 5.0, 3.0])).all()
    assert np.ptp(angle, axis=0).max() > 1.0


def test_turning_back_is_the_rotation_undone():
    from scipy.spatial.transform import Rotation

    angle, vector = np.random.default_rng(1).normal(size=(2, 4, 5, 3))
    wanted = Rotation.from_rotvec(angle.reshape(-1, 3)).inv().apply(vector.reshape(-1, 3)).reshape(4, 5, 3)
    assert np.allclose(turn_back(angle, vector), wanted)


def _hanging(turn_deg=0.0, seconds=4.0):
    """A pivot at rest under skin that faces down, gravity turned by an angle against the skin's normal."""
    count = int(seconds * RATE)
    angle = np.deg2rad(turn_deg)
    return np.tile(G * np.array([np.sin(angle), 0.0, -np.cos(angle)]), (1, count, 1))


def test_a_pendulum_at_rest_hangs_along_gravity():
    force = _hanging(40.0)
    felt, read = Pendulum(spread=0.0).felt(force, np.zeros_like(force), force[:, 0], RATE, NONE)
    assert np.allclose(felt[0], [0, G, 0], atol=1e-6) and np.abs(read).max() < 1e-9


@pytest.mark.parametrize("damping", [0.0, 0.05])
def test_small_swings_of_a_pendulum_have_its_period_and_energy_never_grows(damping):
    length = 0.25
    force = _hanging(0.0, 6.0)
    force[:, 0] = _hanging(3.0)[:, 0]  # hangs aslant at first, then gravity stands upright
    _, read = Pendulum(length, damping, 0.0).felt(force, np.zeros_like(force), force[:, -1], RATE, NONE)
    swing = np.linalg.norm(read[0], axis=1) * np.sign(read[0, :, np.argmax(read[0].std(axis=0))][:, None][:, 0])
    crossings = np.flatnonzero(np.diff(np.sign(swing)))
    assert 2 * np.diff(crossings).mean() / RATE == pytest.approx(2 * np.pi * np.sqrt(length / G), rel=0.01)
    peaks = np.array([np.abs(swing[a:b]).max() for a, b in itertools.pairwise(crossings)])
    assert (peaks[1:] <= peaks[:-1] * 1.002).all()
    shrink = np.log(peaks[0] / peaks[-1]) / ((len(peaks) - 1) * np.pi * np.sqrt(length / G))
    assert shrink == pytest.approx(damping * np.sqrt(G / length), abs=0.01)
    if not damping:
        assert peaks[0] == pytest.approx(np.deg2rad(3.0) * np.sqrt(G / length), rel=0.02)


def test_a_pendulum_does_not_swing_through_the_body():
    count = 960
    force = np.tile(G * np.array([0.0, 1.0, 0.0]), (1, count, 1))
    force[0, 200:400, 2] = 5.0  # pushed against the chest
    felt, read = Pendulum(spread=0.0).felt(force, np.zeros_like(force), force[:, 0], RATE, NONE)
    assert np.abs(read).max() < 1e-6
    assert np.allclose(felt[0, 300], [0.0, G, 5.0], atol=0.05)  # it lies on it and moves with it


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [(Swing, {"gyration_m": 0.001}), (Swing, {"frequency_hz": (0.0, 1.0, 1.0)}), (Wobble, {"share": 1.5}),
     (Wobble, {"mass_kg": float("nan")}), (Pendulum, {"length_m": 0.0})],
)  # fmt: skip
def test_impossible_figures_are_refused(kind, wrong):
    with pytest.raises(UsageError):
        kind(**wrong)
