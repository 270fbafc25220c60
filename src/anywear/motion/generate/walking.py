"""Walking: forward, backward, sideways, round corners, on slopes and treadmills, with hands free or full."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._typing import Array
from . import curves
from .carriage import ARMS, carry
from .figure import Figure
from .gait import Gait, Walk, walk, walking_feet, walking_gait
from .pedals import hold_rail
from .registry import Choice, Range, Scene, program

PACE = ((0.0, "very slowly"), (0.75, "slowly"), (1.1, ""), (1.5, "briskly"), (1.85, "very fast"))
SPEED = Range(0.6, 1.8, "m/s", 0.3, 2.3)
SIDE = Choice(("left", "right"))
TURN = {"left": 1.0, "right": -1.0}  # sign of a turn about the vertical


def pace_word(speed_mps: float) -> str:
    """How fast a walk is, in a word; empty for an ordinary one."""
    return [word for least, word in PACE if speed_mps >= least][-1]


def usual_gait(scene: Scene, speed_mps: float, **changes: Any) -> Gait:
    """An ordinary walk of this person at a speed, with what is different about it."""
    cadence, stance = walking_gait(max(speed_mps, 0.3), scene.person.height_m)
    cadence *= float(np.clip(scene.person.tempo, 0.88, 1.14))
    feet = walking_feet(speed_mps)
    facts = dict(
        feet,
        stance=stance,
        strike_deg=scene.around(19.0, 0.15),
        push_deg=scene.around(feet["push_deg"], 0.06),
        knees_deg=(5.0, scene.around(16.0, 0.2), scene.around(5.0, 0.3), 38.0),
        swing_knee_deg=scene.around(61.0, 0.06),
        clearance_m=scene.around(0.024, 0.25),
        width_m=scene.around(0.10, 0.25),
        sway_m=scene.around(0.019, 0.25),
        pelvis_turn_deg=scene.around(5.0, 0.3),
        pelvis_list_deg=scene.around(4.0, 0.25),
        bounce=scene.around(1.0, 0.15),
        jitter=scene.around(0.02, 0.3),
    )
    return Gait(speed_mps, **{"cadence": cadence, **facts, **changes})


def stride(
    scene: Scene,
    figure: Figure,
    speed_mps: float,
    *,
    arms: str = "free",
    heading_deg: Array | float = 0.0,
    speed: Array | None = None,
    halts: tuple[tuple[float, float], ...] = (),
    lean_deg: float = 0.0,
    swing: float = 1.0,
    **changes: Any,
) -> tuple[Walk, str]:
    """Walk, arms and trunk included; gives what came of it and the words for the arms."""
    done = walk(
        figure, usual_gait(scene, speed_mps, **changes), scene.rng, heading_deg=heading_deg, speed=speed, halts=halts
    )
    # Half a swing of 9 degrees walking slowly, 15 at 1.3 m/s (Murray et al., 1967: 32 in all), and habits differ much.
    amount = scene.around(12.0 * speed_mps / 1.2, 0.4) * swing
    words = carry(
        scene, figure, done, arms, swing_deg=amount, twist_deg=7.0 * min(speed_mps / 1.2, 1.4), lean_deg=lean_deg
    )
    return done, words


@program(
    "walking",
    "locomotion",
    also=("walking forward", "walk", "normal walking", "level walking"),
    speed_mps=SPEED,
    arms=ARMS,
)
def walking_forward(scene: Scene, *, speed_mps: float, arms: str) -> Figure:
    figure = scene.figure()
    _, words = stride(scene, figure, speed_mps, arms=arms)
    word = pace_word(speed_mps)
    figure.said += [
        " ".join(f"a person walks {word}".split()),
        " ".join(f"a person walks forward {word} {words}".split()),
        "someone is walking straight ahead",
        f"walking {words}",
    ]
    return figure


@program(
    "walking on a treadmill flat",
    "locomotion",
    also=("treadmill walking", "walking on a treadmill"),
    speed_mps=Range(0.9, 1.5, "m/s", 0.3, 2.3),
    arms=Choice(("free", "rail"), (3, 2)),
)
def walking_treadmill(scene: Scene, *, speed_mps: float, arms: str) -> Figure:
    return _treadmill(scene, speed_mps, arms, 0.0)


@program(
    "walking on a treadmill inclined",
    "locomotion",
    also=("walking uphill on a treadmill",),
    speed_mps=Range(0.8, 1.4, "m/s", 0.3, 2.0),
    incline_deg=Range(6.0, 15.0, "deg", 1.0, 20.0),
    arms=Choice(("free", "rail"), (1, 1)),
)
def walking_treadmill_incline(scene: Scene, *, speed_mps: float, incline_deg: float, arms: str) -> Figure:
    return _treadmill(scene, speed_mps, arms, incline_deg)


def _treadmill(scene: Scene, speed_mps: float, arms: str, incline_deg: float) -> Figure:
    figure = scene.figure()
    _slope(scene, figure, speed_mps, incline_deg, "free", jitter=0.012)
    if arms == "rail":
        hold_rail(figure, scene.rng, scene.rng.uniform(0.4, 1.2))
    where = "on an inclined treadmill" if incline_deg else "on a flat treadmill"
    hands = "holding the handrail" if arms == "rail" else "with swinging arms"
    figure.said += [
        f"a person walks {where}",
        f"someone walks {where} at {3.6 * speed_mps:.0f} km/h",
        f"walking {where} {hands}",
    ]
    if incline_deg:
        figure.said.append(
            "a person walks steeply uphill on a treadmill" if incline_deg > 9 else "walking slightly uphill"
        )
    return figure


def _slope(scene: Scene, figure: Figure, speed_mps: float, slope_deg: float, arms: str, **changes: Any) -> str:
    """Walk up or down a slope: uphill landing with bent knees and leaning, downhill giving way at the knee."""
    share = slope_deg / 15.0
    settings: dict[str, Any] = {"grade": float(np.tan(np.deg2rad(slope_deg))), **changes}
    if slope_deg > 0:
        settings |= {
            "knees_deg": (6 + 32 * share, 18 + 20 * share, 6.0, 30.0),
            "strike_deg": 19 - 12 * share,
            "swing_knee_deg": 62 + 8 * share,
            "over": 0.345 - 0.04 * share,
        }
    elif slope_deg < 0:
        settings |= {
            "knees_deg": (6.0, 18 - 16 * share, 8 - 22 * share, 38 - 20 * share),
            "over": 0.345 - 0.05 * share,
            "push_deg": 62 + 12 * share,
        }
    _, words = stride(scene, figure, speed_mps, arms=arms, lean_deg=0.45 * slope_deg, **settings)
    return words


@program(
    "walking uphill",
    "locomotion",
    also=("walking up a slope", "walking up a ramp", "ramp ascent"),
    speed_mps=Range(0.7, 1.5, "m/s", 0.3, 2.0),
    slope_deg=Range(4.0, 15.0, "deg", 1.0, 20.0),
    arms=ARMS,
)
def walking_uphill(scene: Scene, *, speed_mps: float, slope_deg: float, arms: str) -> Figure:
    figure = scene.figure()
    words = _slope(scene, figure, speed_mps, slope_deg, arms)
    steep = "steep" if slope_deg > 9 else "gentle"
    figure.said += [f"a person walks up a {steep} slope", f"a person walks uphill {words}", "someone walks up a ramp"]
    return figure


@program(
    "walking downhill",
    "locomotion",
    also=("walking down a slope", "walking down a ramp", "ramp descent"),
    speed_mps=Range(0.7, 1.5, "m/s", 0.3, 2.0),
    slope_deg=Range(4.0, 15.0, "deg", 1.0, 20.0),
    arms=ARMS,
)
def walking_downhill(scene: Scene, *, speed_mps: float, slope_deg: float, arms: str) -> Figure:
    figure = scene.figure()
    words = _slope(scene, figure, speed_mps, -slope_deg, arms)
    steep = "steep" if slope_deg > 9 else "gentle"
    figure.said += [
        f"a person walks down a {steep} slope",
        f"a person walks downhill {words}",
        "someone walks down a ramp",
    ]
    return figure


@program(
    "walking backward",
    "locomotion",
    also=("walking backwards", "stepping backward"),
    speed_mps=Range(0.4, 1.1, "m/s", 0.2, 1.6),
)
def walking_backward(scene: Scene, *, speed_mps: float) -> Figure:
    figure = scene.figure()
    cadence, _ = walking_gait(speed_mps, scene.person.height_m)
    stride(
        scene,
        figure,
        speed_mps,
        swing=0.6,
        facing_deg=180.0,
        cadence=1.12 * cadence,
        stance=0.63,
        push_deg=30.0,
        strike_deg=6.0,
        rise_from=0.55,
        over=0.42,
        knees_deg=(12.0, 18.0, 12.0, 25.0),
        swing_knee_deg=50.0,
        lean_deg=scene.rng.uniform(0.0, 6.0),
    )
    figure.said += [
        "a person walks backward",
        "someone takes steps backwards",
        f"walking backwards {pace_word(speed_mps + 0.3)}".strip(),
    ]
    return figure


@program(
    "walking sideways",
    "locomotion",
    also=("side stepping", "sidestep"),
    speed_mps=Range(0.3, 0.8, "m/s", 0.15, 1.1),
    side=SIDE,
)
def walking_sideways(scene: Scene, *, speed_mps: float, side: str) -> Figure:
    figure = scene.figure()
    cadence = scene.around(1.35 + 0.7 * speed_mps, 0.12)
    gait = usual_gait(
        scene,
        speed_mps,
        cadence=cadence,
        facing_deg=-90.0 * TURN[side],
        stance=0.60,
        strike_deg=2.0,
        push_deg=14.0,
        rise_from=0.6,
        over=0.5,
        knees_deg=(12.0, 15.0, 12.0, 20.0),
        swing_knee_deg=38.0,
        width_m=speed_mps / cadence + 0.14,
        sway_m=0.008,
        pelvis_turn_deg=0.0,
    )
    done = walk(figure, gait, scene.rng)
    carry(scene, figure, done, scene.pick("free", "free", "folded", "pockets"), swing_deg=3.0, twist_deg=2.0)
    figure.said += [
        f"a person steps sideways to the {side}",
        f"someone walks sideways to the {side}",
        f"side stepping to the {side}",
    ]
    return figure


def _curve(scene: Scene, figure: Figure, speed_mps: float, radius_m: float, side: str, arms: str) -> str:
    rate = np.rad2deg(speed_mps / radius_m) * TURN[side]
    wander = 4.0 * curves.noise(figure.t, scene.rng, 0.15)[:, 0]
    return stride(scene, figure, speed_mps, arms=arms, heading_deg=rate * figure.t + wander)[1]


@program(
    "walking left",
    "locomotion",
    also=("turning left while walking", "walking to the left"),
    speed_mps=Range(0.7, 1.5, "m/s", 0.3, 1.9),
    radius_m=Range(1.0, 4.0, "m", 0.6, 20.0),
    arms=ARMS,
)
def walking_left(scene: Scene, *, speed_mps: float, radius_m: float, arms: str) -> Figure:
    figure = scene.figure()
    words = _curve(scene, figure, min(speed_mps, 1.2 * radius_m), radius_m, "left", arms)
    figure.said += [
        "a person walks in a curve to the left",
        "someone keeps turning left while walking",
        "a person walks counterclockwise in a circle",
        f"walking left {words}",
    ]
    return figure


@program(
    "walking right",
    "locomotion",
    also=("turning right while walking", "walking to the right"),
    speed_mps=Range(0.7, 1.5, "m/s", 0.3, 1.9),
    radius_m=Range(1.0, 4.0, "m", 0.6, 20.0),
    arms=ARMS,
)
def walking_right(scene: Scene, *, speed_mps: float, radius_m: float, arms: str) -> Figure:
    figure = scene.figure()
    words = _curve(scene, figure, min(speed_mps, 1.2 * radius_m), radius_m, "right", arms)
    figure.said += [
        "a person walks in a curve to the right",
        "someone keeps turning right while walking",
        "a person walks clockwise in a circle",
        f"walking right {words}",
    ]
    return figure


@program(
    "walking in a circle",
    "locomotion",
    also=("walking round in circles",),
    speed_mps=Range(0.7, 1.5, "m/s", 0.3, 1.9),
    radius_m=Range(1.0, 3.0, "m", 0.6, 20.0),
    side=SIDE,
    arms=ARMS,
)
def walking_circle(scene: Scene, *, speed_mps: float, radius_m: float, side: str, arms: str) -> Figure:
    figure = scene.figure()
    words = _curve(scene, figure, min(speed_mps, 1.2 * radius_m), radius_m, side, arms)
    turning = "counterclockwise" if side == "left" else "clockwise"
    figure.said += [
        f"a person walks in a circle {turning}",
        f"someone walks round and round to the {side}",
        f"walking in circles {words}",
    ]
    return figure
