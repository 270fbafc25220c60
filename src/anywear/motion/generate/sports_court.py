"""Games on the move and in water: dribbling, basketball, football, swimming strokes.

Sources: a ball dribbled from hip height bounces 1.5 to 2.2 times a second (free fall from 0.8 m and a push; Katsumata, Human
Movement Science 26, 2007); strokes a minute of swimmers, 25 to 60 (Craig &
Pendergast, Medicine & Science in Sports 11, 1979).
"""

from __future__ import annotations

import numpy as np

from ..._typing import Array, Float
from . import curves, life
from .figure import SIDES, Figure, Y, turn
from .lying import lie
from .postures import stand_still
from .registry import Choice, Range, Scene, program
from .running import run
from .walking import stride

GAME = Range(6.0, 15.0, "s", 2.0, 600.0)


def dribble(
    scene: Scene, figure: Figure, side: str, rate_hz: float, share: Float[Array, " time"] | None = None
) -> None:
    """One hand bounces a ball beside the body: down with the ball, and yielding as it comes up."""
    rng = scene.rng
    phase = curves.jittered_phase(figure.t, rate_hz, rng, 0.05, rng.uniform())
    push = curves.cycle(phase, (0.0, 1.0, 0.2), (0.0, 0.15)) * scene.around(1.0, 0.15)
    before = {name: figure.turns[f"{side}_{name}"] for name in ("upper_arm", "forearm", "hand")}
    figure.shoulder(side, rng.uniform(10.0, 25.0) + 8.0 * push, rng.uniform(12.0, 28.0), rng.uniform(5.0, 25.0))
    figure.elbow(side, rng.uniform(62.0, 80.0) + 22.0 * push)
    figure.wrist(side, rng.uniform(60.0, 78.0), -8.0 - 22.0 * curves.cycle(phase - 0.06, (0.0, 1.0)))
    if share is not None:
        there = {f"{side}_{name}": figure.turns[f"{side}_{name}"] for name in before}
        figure.turns |= {f"{side}_{name}": own for name, own in before.items()}
        life.mix(figure, there, share)


@program(
    "dribbling a basketball",
    "sport",
    also=("dribbling", "bouncing a ball"),
    seconds=GAME,
    rate_hz=Range(1.4, 2.4, "Hz", 0.8, 4.0),
    hand=Choice(("dominant", "other"), (0.85, 0.15)),
)
def basketball_dribble(scene: Scene, *, rate_hz: float, hand: str) -> Figure:
    figure, person = scene.figure(), scene.person
    side = person.hand if hand == "dominant" else person.other_hand
    stand_still(scene, figure, width_m=scene.rng.uniform(0.3, 0.5), lean_deg=scene.rng.uniform(8.0, 28.0))
    dribble(scene, figure, side, rate_hz)
    word = "fast" if rate_hz > 2.1 else "slowly" if rate_hz < 1.6 else "on the spot"
    figure.said += [
        f"a person dribbles a basketball with the {side} hand",
        f"someone bounces a ball {word}",
        "dribbling a ball while standing",
    ]
    return figure


@program(
    "playing basketball",
    "sport",
    also=("basketball",),
    seconds=GAME,
    speed_mps=Range(1.9, 3.6, "m/s", 1.6, 6.0),
    rate_hz=Range(1.5, 2.4, "Hz", 0.8, 4.0),
    pace=Choice(("running", "walking", "standing"), (0.35, 0.5, 0.15)),
)
def playing_basketball(scene: Scene, *, speed_mps: float, rate_hz: float, pace: str) -> Figure:
    figure, rng, side = scene.figure(), scene.rng, scene.person.hand
    weave = 35.0 * scene.person.vigour * curves.noise(figure.t, rng, 0.18)[:, 0]
    if pace == "running":
        run(scene, figure, speed_mps, heading_deg=weave)
    elif pace == "walking":
        stride(scene, figure, 0.5 * speed_mps, heading_deg=weave)
    else:
        stand_still(scene, figure, width_m=rng.uniform(0.3, 0.5), lean_deg=rng.uniform(2.0, 20.0))
    with_ball = 0.5 + 0.5 * np.tanh(3.0 * (curves.noise(figure.t, rng, 0.12)[:, 0] + 0.5))
    dribble(scene, figure, side, rate_hz, with_ball)
    # Passes and shots: both arms go out or up for a second now and then.
    now = rng.uniform(1.0, 3.0)
    while now + 1.2 < figure.seconds:
        names = [f"{arm}_{part}" for arm in SIDES for part in ("upper_arm", "forearm", "hand")]
        before = {name: figure.turns[name] for name in names}
        high, out = rng.uniform(60.0, 145.0), curves.stroke(figure.t, now + 0.45, now + 0.7)
        for arm in SIDES:
            figure.shoulder(arm, 40.0 + (high - 40.0) * out, 8.0, 20.0 - 15.0 * out)
            figure.elbow(arm, 105.0 - 85.0 * out)
            figure.wrist(arm, 40.0, -35.0 + 65.0 * out)
        there = {name: figure.turns[name] for name in names}
        figure.turns |= before
        life.mix(
            figure, there, curves.stroke(figure.t, now, now + 0.35) - curves.stroke(figure.t, now + 0.8, now + 1.15)
        )
        now += rng.uniform(2.5, 6.0)
    figure.said += [
        f"a person plays basketball, dribbling with the {side} hand",
        {
            "running": "someone runs with a basketball, dribbles, passes and shoots",
            "walking": "someone walks about with a basketball, dribbles, passes and shoots",
            "standing": "someone stands with a basketball, dribbles, passes and shoots",
        }[pace],
        "a game of basketball",
    ]
    return figure


@program(
    "playing football",
    "sport",
    also=("soccer", "playing soccer", "dribbling with the feet"),
    seconds=GAME,
    speed_mps=Range(2.0, 4.5, "m/s", 1.6, 7.0),
)
def playing_football(scene: Scene, *, speed_mps: float) -> Figure:
    figure, rng = scene.figure(), scene.rng
    weave = 30.0 * scene.person.vigour * curves.noise(figure.t, rng, 0.2)[:, 0]
    # Short quick steps keep the ball near.
    run(scene, figure, speed_mps, heading_deg=weave, jitter=0.025, width_m=scene.around(0.08, 0.2))
    figure.level_head(0.7, pitch=15.0 + 15.0 * np.clip(curves.noise(figure.t, rng, 0.3)[:, 0], -1.0, 1.5))
    figure.said += [
        "a person plays football",
        "someone runs with a ball at the feet, turning this way and that",
        "a game of soccer",
    ]
    return figure


def _swim(scene: Scene, kind: str, rate_hz: float) -> Figure:
    figure, rng = scene.figure(), scene.rng
    lie(scene, figure, "back" if kind == "backstroke" else "front", straight=True, alive=False)
    phase = curves.jittered_phase(figure.t, rate_hz, rng, 0.02, rng.uniform())
    way = 2.0 * np.pi * phase
    figure.level = False  # water
    ahead = -1.0 if kind == "backstroke" else 1.0  # head first
    for side in SIDES:
        shift = 0.0 if side == "left" or kind == "breaststroke" else 0.5
        if kind == "breaststroke":
            # Glide with arms ahead, pull outwards and in, push ahead again; the kick follows the pull by half a cycle.
            at = (0.0, 0.3, 0.5, 0.65, 0.85)
            figure.shoulder(
                side,
                curves.closed(phase, at, (165.0, 160.0, 115.0, 75.0, 140.0)),
                curves.closed(phase, at, (0.0, 5.0, 40.0, 15.0, 0.0)),
                10.0,
            )
            figure.elbow(side, curves.closed(phase, at, (8.0, 8.0, 60.0, 115.0, 45.0)))
            figure.hip(
                side,
                curves.closed(phase, at, (2.0, 2.0, 5.0, 40.0, 30.0)),
                curves.closed(phase, at, (4.0, 4.0, 8.0, 25.0, 35.0)),
            )
            figure.knee(side, curves.closed(phase, at, (6.0, 6.0, 25.0, 110.0, 60.0)))
        else:
            turned = phase + shift
            # The arm goes round once a cycle: ahead, down and back through the water, over it forwards.
            round_deg = 360.0 * turned + 12.0 * np.sin(2 * np.pi * turned)
            figure.shoulder(side, -round_deg if kind == "freestyle" else round_deg, 14.0, 10.0)
            figure.elbow(
                side, 22.0 + (40.0 if kind == "freestyle" else 15.0) * (0.5 - 0.5 * np.cos(2 * np.pi * (turned - 0.1)))
            )
            kicks = 2.0 * np.pi * 3.0 * phase + (np.pi if side == "left" else 0.0)
            figure.hip(side, 4.0 + 13.0 * np.sin(kicks))
            figure.knee(side, 14.0 - 11.0 * np.sin(kicks - 0.9))
        figure.ankle(side, -40.0)
        figure.wrist(side, 25.0)
        figure.contact.pop(side, None)
    if kind == "breaststroke":
        figure.trunk(-12.0 - 10.0 * np.sin(way - 2.0))
    else:
        for segment in ("lower_chest", "chest"):
            life.overlay(figure, segment, turn(np.array([0.0, 0.0, 1.0]), 14.0 * np.sin(way)))
    life.overlay(
        figure, "pelvis", turn(np.array([0.0, 0.0, 1.0]), 0.0 if kind == "breaststroke" else 18.0 * np.sin(way))
    )
    life.overlay(figure, "pelvis", turn(Y, 2.0 * np.sin(2.0 * way)))
    figure.pelvis_m = figure.pelvis_m + np.stack(
        [ahead * 1.5 * rate_hz * figure.t, 0.0 * way, 0.02 * np.sin(way)], axis=1
    )
    figure.said += [
        f"a person swims {kind}",
        f"someone swims {kind} in a pool",
        f"swimming {kind}, {60 * rate_hz:.0f} strokes a minute",
    ]
    return figure


for _kind, _also in {
    "freestyle": ("front crawl", "swimming", "crawl stroke"),
    "backstroke": ("swimming on the back",),
    "breaststroke": ("frog stroke",),
}.items():

    def _program(scene: Scene, *, rate_hz: float, kind: str = _kind) -> Figure:
        return _swim(scene, kind, rate_hz)

    _program.__name__ = _program.__qualname__ = f"swim_{_kind}"
    program(f"swimming {_kind}", "sport", also=(_kind, *_also), seconds=GAME, rate_hz=Range(0.4, 0.9, "Hz", 0.15, 1.3))(
        _program
    )
