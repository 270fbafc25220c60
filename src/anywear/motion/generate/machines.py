"""Bicycles: on the road, on an exercise bike, and leaning back on a recumbent one.

Cadences of exercise: 50 to 110 turns a minute (Marsh & Martin, Med. Sci. Sports Exerc. 29, 1997). How far trunks rock is
set so that the rates of the `train` recordings of exercise bikes (0.2 to 0.9 rad/s rms at the chest) lie inside.
"""

from __future__ import annotations

import numpy as np

from . import curves, life
from .figure import SIDES, Figure, X, Z
from .pedals import CRANK_CLEARANCE_M, Crank, back_and_up, grip_ahead, pedal
from .registry import Choice, Range, Scene, program
from .repetitions import beats

SHAKE = (0.15, 0.6)  # m/s^2 rms, of the bars and the seat of an exercise bike
CADENCE = Range(46.0, 100.0, "turns/min", 25.0, 150.0)


def fast_word(rpm: float) -> str:
    """How fast pedals go round, in a word; empty for the usual."""
    return "slowly" if rpm < 60.0 else "fast" if rpm > 92.0 else ""


def rock(scene: Scene, figure: Figure, phase: np.ndarray, lean_deg: float, amount: float = 1.0) -> None:
    """Pelvis and trunk of a sitting cyclist: they lean, and rock from side to side with the legs."""
    rng, angle = scene.rng, 2.0 * np.pi * phase
    wander = curves.noise(figure.t, rng, 0.25, 3)
    late = rng.uniform(-0.6, 0.6, 4)
    tilt = 0.5 * lean_deg - rng.uniform(2.0, 14.0)
    # The hip of the leg that is pressed down drops.
    roll = amount * rng.uniform(0.8, 3.0) * np.sin(angle + np.pi + late[0])
    yaw = amount * rng.uniform(0.5, 2.5) * np.cos(angle + late[1])
    figure.pelvis(tilt + 0.6 * amount * np.cos(2 * angle + late[2]), roll, yaw)
    figure.trunk(
        lean_deg - tilt + 0.7 * amount * np.cos(2 * angle + late[3]) + wander[:, 0],
        amount * scene.around(3.0, 0.5) * np.sin(angle + late[0]) + 0.8 * wander[:, 1],
        -1.2 * yaw + amount * scene.around(2.5, 0.5) * np.cos(angle + late[1]) + 0.8 * wander[:, 2],
    )


def rest_arms(scene: Scene, figure: Figure, sides: tuple[str, ...]) -> None:
    """Arms that hold nothing: one or both hang or lie on the thigh."""
    for side in sides:
        figure.shoulder(side, scene.rng.uniform(-8.0, 12.0), scene.rng.uniform(4.0, 14.0), 10.0)
        figure.elbow(side, scene.rng.uniform(8.0, 70.0))
        figure.wrist(side, scene.rng.uniform(0.0, 50.0), 5.0)
        figure.grip(side, 0.4)
    life.fidget_arms(figure, scene.rng, min(scene.person.restlessness, 2.0), sides=sides)


@program(
    "cycling on an exercise bike",
    "machines",
    also=("stationary cycling", "cycling on an exercise bike in vertical position", "exercise bike", "spinning class"),
    cadence_rpm=CADENCE,
    knee_deg=Range(24.0, 58.0, "deg", 10.0, 75.0),
    hands=Choice(("both", "one", "none"), (0.86, 0.07, 0.07)),
)
def cycling_exercise_bike(scene: Scene, *, cadence_rpm: float, knee_deg: float, hands: str) -> Figure:
    figure, rng = scene.figure(), scene.rng
    phase = beats(figure.t, cadence_rpm / 60.0, rng, 0.02)
    axle = np.array([0.0, 0.0, CRANK_CLEARANCE_M])
    _sit_on_bike(scene, figure, phase, axle, knee_deg, lean_deg=rng.uniform(-6.0, 34.0))
    figure.pelvis_m += life.shake(figure.t, rng, rng.uniform(*SHAKE))
    held = {"both": tuple(SIDES), "one": (scene.pick(*SIDES),), "none": ()}[hands]
    rest_arms(scene, figure, tuple(side for side in SIDES if side not in held))
    life.breathe(figure, rng, depth=rng.uniform(1.0, 3.0), rate_hz=rng.uniform(0.25, 0.7))
    _hold_bars(scene, figure, held, down_deg=rng.uniform(20.0, 65.0))
    figure.level_head(0.85, pitch=rng.uniform(-4.0, 18.0))
    life.look_around(figure, rng, 0.6)
    word = fast_word(cadence_rpm)
    figure.said += [
        f"a person pedals {word} on an exercise bike".replace("  ", " "),
        f"someone sits upright on a stationary bike and cycles {word}".strip(),
        "a person rides a stationary bicycle in the gym",
        {
            "both": "a person cycles on an indoor bike with both hands on the handlebars",
            "one": "a person cycles on an indoor bike with one hand on the handlebars",
            "none": "a person cycles on an indoor bike without holding the handlebars",
        }[hands],
    ]
    return figure


def _sit_on_bike(
    scene: Scene,
    figure: Figure,
    phase: np.ndarray,
    axle: np.ndarray,
    knee_deg: float,
    lean_deg: float,
    *,
    amount: float | None = None,
) -> None:
    rng = scene.rng
    crank = Crank(rng.uniform(0.165, 0.175), rng.uniform(0.09, 0.13), rng.uniform(4.0, 22.0), rng.uniform(4.0, 16.0))
    up_deg = rng.uniform(60.0, 76.0)
    away = crank.seat_m(figure, up_deg, knee_deg)
    rock(scene, figure, phase, lean_deg, scene.around(0.9, 0.35) if amount is None else amount)
    bob = 0.003 * np.cos(4.0 * np.pi * phase + rng.uniform(0.0, 6.3))
    figure.pelvis_m = axle + away * back_and_up(up_deg) + bob[:, None] * Z
    pedal(figure, crank, phase, axle, splay=rng.uniform(0.0, 10.0))


def _hold_bars(scene: Scene, figure: Figure, sides: tuple[str, ...], down_deg: float) -> None:
    rng = scene.rng
    grip_ahead(
        figure,
        down_deg,
        rng.uniform(0.76, 0.95),
        rng.uniform(0.17, 0.28),
        sides=sides,
        swivel=rng.uniform(15.0, 50.0),
        palm=(0.15, rng.uniform(-0.9, 0.1), -1.0),
        fingers=(1.0, rng.uniform(-0.5, 0.0), rng.uniform(-0.4, 0.1)),
        wander=life.shake(figure.t, rng, rng.uniform(*SHAKE)),
    )


@program(
    "cycling",
    "machines",
    also=("riding a bicycle", "biking", "riding a bike", "cycling outdoors", "bicycling"),
    cadence_rpm=Range(50.0, 105.0, "turns/min", 30.0, 140.0),
    style=Choice(("steady", "coasting", "standing"), (0.6, 0.25, 0.15)),
    roughness=Range(0.1, 1.0, "", 0.0, 3.0),
)
def cycling_road(scene: Scene, *, cadence_rpm: float, style: str, roughness: float) -> Figure:
    figure, rng, t = scene.figure(), scene.rng, scene.figure().t
    rate = cadence_rpm / 60.0
    axle = np.array([0.0, 0.0, CRANK_CLEARANCE_M])
    if style == "coasting":
        # Pedalling, then freewheeling with level cranks for a while.
        stop = rng.uniform(0.25, 0.6) * figure.seconds
        restart = stop + rng.uniform(1.5, 4.0)
        going = 1.0 - curves.stroke(t, stop, stop + 0.7) + curves.stroke(t, restart, restart + 0.9)
        phase = rng.uniform() + np.cumsum(rate * going) / 120.0
    else:
        phase = beats(t, rate, rng, 0.03)
    if style == "standing":
        _stand_on_pedals(scene, figure, phase, axle)
    else:
        lean = rng.choice([rng.uniform(2.0, 22.0), rng.uniform(25.0, 50.0)])
        _sit_on_bike(scene, figure, phase, axle, rng.uniform(25.0, 40.0), lean, amount=scene.around(0.9, 0.35))
        life.breathe(figure, rng, depth=2.0, rate_hz=rng.uniform(0.3, 0.7))
        _hold_bars(scene, figure, tuple(SIDES), down_deg=rng.uniform(35.0, 65.0))
    figure.level_head(0.9, pitch=rng.uniform(0.0, 12.0))
    life.look_around(figure, rng, 0.9)
    # The whole bicycle shakes on the road, leans a little from side to side and rolls along.
    shake = roughness * np.array([0.00010, 0.00010, 0.00022]) * curves.noise(t, rng, 14.0, 3)
    shake += roughness * np.array([0.0003, 0.0004, 0.0012]) * curves.noise(t, rng, 3.5, 3)
    weave = rng.uniform(0.02, 0.10) * curves.noise(t, rng, 0.25)[:, 0]
    metres = np.cumsum(np.full_like(t, rate * rng.uniform(3.5, 6.5))) / 120.0
    figure.pelvis_m = figure.pelvis_m + shake + metres[:, None] * X
    figure.pelvis_m[:, 1] += weave
    word = fast_word(cadence_rpm)
    figure.said += [
        f"a person rides a bicycle {word}".strip(),
        "someone is cycling on the road with the hands on the handlebars",
        {
            "steady": "a person pedals a bike steadily",
            "coasting": "a person pedals a bike, coasts without pedalling and pedals again",
            "standing": "a person stands up on the pedals of a bike and rides",
        }[style],
    ]
    return figure


def _stand_on_pedals(scene: Scene, figure: Figure, phase: np.ndarray, axle: np.ndarray) -> None:
    rng, angle = scene.rng, 2.0 * np.pi * phase
    crank = Crank(0.170, 0.10, rng.uniform(12.0, 24.0), rng.uniform(6.0, 14.0))
    away = crank.seat_m(figure, 90.0, rng.uniform(14.0, 24.0))
    sway, late = rng.uniform(0.015, 0.04), rng.uniform(-0.4, 0.4)
    lean = rng.uniform(25.0, 42.0)
    roll = rng.uniform(3.0, 7.0) * np.sin(angle + late)
    figure.pelvis(0.5 * lean, roll, 3.0 * np.cos(angle + late))
    figure.trunk(0.5 * lean, 0.8 * roll + 3.0 * np.sin(angle + late), -3.0 * np.cos(angle + late))
    figure.pelvis_m = axle + np.stack(
        [
            np.full_like(phase, rng.uniform(-0.10, 0.0)),
            sway * np.sin(angle + late),
            away - 0.012 + rng.uniform(0.004, 0.012) * np.cos(2 * angle),
        ],
        axis=1,
    )
    pedal(figure, crank, phase, axle)
    bars = np.stack([0 * phase, -0.8 * sway * np.sin(angle + late), 0 * phase], axis=1)
    grip_ahead(
        figure,
        rng.uniform(55.0, 70.0),
        rng.uniform(0.82, 0.94),
        0.22,
        swivel=35.0,
        wander=bars,
        palm=(0.15, -0.3, -1.0),
        fingers=(1.0, -0.2, -0.3),
    )


@program(
    "cycling on a recumbent bike",
    "machines",
    also=("cycling on an exercise bike in horizontal position", "recumbent cycling", "recumbent exercise bike"),
    cadence_rpm=CADENCE,
    recline_deg=Range(-2.0, 32.0, "deg", -10.0, 60.0),
    hands=Choice(("side handles", "front bars", "thighs"), (0.45, 0.35, 0.2)),
)
def cycling_recumbent(scene: Scene, *, cadence_rpm: float, recline_deg: float, hands: str) -> Figure:
    figure, rng = scene.figure(), scene.rng
    phase = beats(figure.t, cadence_rpm / 60.0, rng, 0.02)
    up_deg = rng.uniform(-4.0, 26.0)
    crank = Crank(
        rng.uniform(0.16, 0.175),
        rng.uniform(0.09, 0.13),
        rng.uniform(2.0, 16.0),
        rng.uniform(4.0, 12.0),
        set_deg=-rng.uniform(48.0, 66.0) + 0.5 * up_deg,
    )
    axle = np.array([0.0, 0.0, rng.uniform(0.42, 0.5)])
    away = crank.seat_m(figure, up_deg, rng.uniform(18.0, 42.0))
    rock(scene, figure, phase, -recline_deg, scene.around(0.55, 0.4))
    pelvis = figure.turns["pelvis"]
    figure.pelvis_m = np.broadcast_to(axle + away * back_and_up(up_deg), (len(pelvis), 3)).copy()
    figure.pelvis_m[:, 2] += 0.002 * np.cos(4.0 * np.pi * phase)
    figure.pelvis_m += life.shake(figure.t, rng, rng.uniform(*SHAKE))
    pedal(figure, crank, phase, axle, splay=rng.uniform(0.0, 12.0))
    life.breathe(figure, rng, depth=rng.uniform(1.0, 2.5), rate_hz=rng.uniform(0.25, 0.6))
    shaken = life.shake(figure.t, rng, rng.uniform(*SHAKE))
    if hands == "front bars":
        grip_ahead(
            figure,
            rng.uniform(12.0, 40.0),
            rng.uniform(0.82, 0.97),
            0.2,
            swivel=rng.uniform(15.0, 40.0),
            palm=(0.1, rng.uniform(-0.9, 0.0), -1.0),
            fingers=(1.0, -0.1, 0.0),
            wander=shaken,
        )
    elif hands == "side handles":
        for side, s in SIDES.items():
            hip = figure.point("pelvis").mean(axis=0)
            place = hip + np.array([rng.uniform(-0.03, 0.12), s * rng.uniform(0.25, 0.32), rng.uniform(0.08, 0.2)])
            figure.reach(
                side,
                place + shaken,
                swivel=rng.uniform(20.0, 60.0),
                palm=np.array((0.0, -0.5 * s, -1.0)),
                fingers=np.array((1.0, 0.0, -0.4)),
            )
            figure.grip(side, 0.8)
    else:
        for side, s in SIDES.items():
            spot = figure.point("pelvis").mean(axis=0) + np.array([0.12 * figure.height_m, s * 0.16, 0.13])
            figure.reach(
                side,
                spot + shaken,
                swivel=rng.uniform(10.0, 30.0),
                palm=np.array((0.0, 0.0, -1.0)),
                fingers=np.array((1.0, -0.3 * s, 0.0)),
            )
    figure.level_head(0.9, pitch=rng.uniform(0.0, 15.0))
    life.look_around(figure, rng, 0.6)
    word = fast_word(cadence_rpm)
    figure.said += [
        f"a person pedals {word} on a recumbent bike".replace("  ", " "),
        "someone sits leaning back with the legs forward and cycles on a recumbent exercise bike",
        "a person rides a stationary bicycle in a reclined seat",
        {
            "side handles": "a person cycles lying back in the seat, the hands on the handles beside it",
            "front bars": "a person cycles leaning back, the hands on the bars in front",
            "thighs": "a person cycles leaning back, the hands on the thighs",
        }[hands],
    ]
    return figure
