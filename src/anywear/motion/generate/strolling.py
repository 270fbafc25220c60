"""Walks that are not steady: turns and halts, talk and looks about, and ways of walking that are not the usual one."""

from __future__ import annotations

import numpy as np

from ..._typing import Array
from . import curves
from .carriage import ARMS, CARRIAGES, carry
from .figure import Figure
from .gait import walk, walking_gait
from .registry import Choice, Range, Scene, program
from .walking import SIDE, TURN, pace_word, stride, usual_gait


def corners(scene: Scene, figure: Figure, every_s: float, angles_deg: tuple[float, ...], turn_s: float) -> Array:
    """A heading (T,) with turns at random times, on the average so far apart; at least one where the clip has room."""
    heading = 6.0 * curves.noise(figure.t, scene.rng, 0.12)[:, 0]
    at = scene.rng.uniform(0.3, 0.6) * min(every_s, figure.seconds)
    while at < figure.seconds:
        length = scene.around(turn_s, 0.2)
        heading = heading + scene.pick(*angles_deg) * curves.stroke(figure.t, at, at + length)
        at += length + scene.rng.exponential(0.6 * every_s) + 0.4 * every_s
    return heading


@program(
    "walking in a parking lot",
    "locomotion",
    also=("walking about", "walking around", "strolling"),
    speed_mps=Range(0.8, 1.5, "m/s", 0.3, 1.9),
    arms=ARMS,
)
def walking_parking_lot(scene: Scene, *, speed_mps: float, arms: str) -> Figure:
    figure = scene.figure()
    vary = np.clip(1.0 + 0.10 * curves.noise(figure.t, scene.rng, 0.15)[:, 0], 0.7, 1.3)
    way = corners(scene, figure, 7.0, (-90.0, 90.0, -45.0, 45.0, 30.0, -30.0), 1.8)
    _, words = stride(scene, figure, speed_mps, arms=arms, heading_deg=way, speed=vary, jitter=0.02)
    figure.said += [
        "a person walks across a parking lot",
        f"a person walks about and changes direction {words}",
        "someone walks outside, turning now and then",
    ]
    return figure


@program(
    "turning while walking",
    "locomotion",
    also=("walking and turning", "u-turn", "turning around"),
    speed_mps=Range(0.7, 1.4, "m/s", 0.3, 1.7),
    angle_deg=Range(90.0, 180.0, "deg", 45.0, 200.0),
    side=SIDE,
)
def turning_while_walking(scene: Scene, *, speed_mps: float, angle_deg: float, side: str) -> Figure:
    figure = scene.figure()
    turn_s = angle_deg / 180.0 * scene.around(2.5, 0.15)
    angle = TURN[side] * angle_deg
    way, slow, at = np.zeros_like(figure.t), np.ones_like(figure.t), scene.rng.uniform(0.6, 2.5)
    turns = 0
    while at + turn_s < figure.seconds or not turns:
        way = way + angle * curves.stroke(figure.t, at, at + turn_s)
        slow = slow - 0.5 * curves.bump(figure.t, at - 0.6, at + turn_s + 0.6)
        scene.acts_s.append((at, at + turn_s))
        at, turns = at + turn_s + scene.rng.uniform(2.0, 4.5), turns + 1
    _, words = stride(
        scene, figure, speed_mps, heading_deg=way, speed=np.clip(slow, 0.45, 1.0), arms=ARMS.draw(scene.rng)
    )
    what = "makes a U-turn" if angle_deg > 150 else "turns a corner"
    figure.said += [
        f"a person walks and {what} to the {side}",
        f"someone turns {side} while walking {words}",
        f"walking, turning {side} and walking on",
    ]
    return figure


@program(
    "stopping and walking on",
    "locomotion",
    also=("stop and go", "walking with stops"),
    speed_mps=Range(0.7, 1.5, "m/s", 0.3, 1.8),
    arms=ARMS,
)
def stop_and_go(scene: Scene, *, speed_mps: float, arms: str) -> Figure:
    figure, rng = scene.figure(), scene.rng
    halts, at = [], rng.uniform(0.3, 0.35 * figure.seconds)
    while at < figure.seconds:
        length = rng.uniform(2.2, 4.5)
        halts.append((at, at + length))
        scene.acts_s += [(at - 0.6, at + 0.6), (at + length - 0.6, at + length + 0.6)]
        at += length + rng.uniform(3.0, 5.0)
    _, words = stride(scene, figure, speed_mps, arms=arms, halts=tuple(halts))
    figure.said += [
        f"a person walks, stops and walks on {words}",
        "someone walks, stands for a moment and goes on",
        "a person starts and stops walking",
    ]
    return figure


@program(
    "walking and talking", "locomotion", also=("talking while walking",), speed_mps=Range(0.6, 1.3, "m/s", 0.3, 1.7)
)
def walking_talking(scene: Scene, *, speed_mps: float) -> Figure:
    figure, rng, t = scene.figure(), scene.rng, scene.figure().t
    done, _ = stride(scene, figure, speed_mps)
    hands = scene.pick((scene.person.hand,), ("left", "right"))
    for side in hands:
        # Hands come up for a phrase of a second or three, beat once or twice a second, and sink.
        up = np.clip(1.3 * curves.noise(t, rng, 0.22)[:, 0] + 0.5, 0.0, 1.0)
        up = curves.ease(up)
        beat = curves.noise(t, rng, 1.6, 4)
        shift = 0.5 if side == "left" else 0.0
        swing = (1.0 - up) * 10.0 * np.cos(2.0 * np.pi * (done.phase - shift))
        figure.shoulder(side, up * (24.0 + 7.0 * beat[:, 0]) + swing, 9.0 + up * (6.0 + 5.0 * beat[:, 1]), up * 15.0)
        figure.elbow(
            side, np.clip(scene.person.elbow_rest_deg + up * (70.0 + 14.0 * beat[:, 2]) + 0.4 * swing, 3.0, 140.0)
        )
        figure.wrist(side, 10.0 - up * (35.0 + 15.0 * beat[:, 3]), flexion=5.0 + 8.0 * up * beat[:, 0])
    look = np.clip(scene.pick(-1.0, 1.0) * 35.0 * curves.ease(curves.noise(t, rng, 0.2)[:, 0] + 0.5), -45.0, 45.0)
    figure.level_head(
        0.85, pitch=2.0 + 3.0 * curves.noise(t, rng, 0.6)[:, 0], yaw=look + 3.0 * curves.noise(t, rng, 0.8)[:, 0]
    )
    word = "both hands" if len(hands) == 2 else f"the {hands[0]} hand"
    figure.said += [
        f"a person walks and talks, gesturing with {word}",
        "someone talks to somebody while walking",
        "walking beside someone and talking",
    ]
    return figure


@program(
    "walking and looking around",
    "locomotion",
    also=("looking around while walking",),
    speed_mps=Range(0.5, 1.2, "m/s", 0.3, 1.7),
    arms=ARMS,
)
def walking_looking_around(scene: Scene, *, speed_mps: float, arms: str) -> Figure:
    figure, rng = scene.figure(), scene.rng
    _, words = stride(
        scene, figure, speed_mps, arms=arms, speed=np.clip(1 + 0.1 * curves.noise(figure.t, rng, 0.2)[:, 0], 0.6, 1.4)
    )
    at, yaw = [0.0], [0.0]
    while at[-1] < figure.seconds:
        at += [at[-1] + rng.uniform(0.3, 1.6), at[-1] + rng.uniform(2.0, 3.2)]
        yaw += [yaw[-1], rng.uniform(-55.0, 55.0)]
    look = curves.keyframes(figure.t, at, yaw)
    figure.level_head(0.85, yaw=look, pitch=3.0 + 7.0 * curves.noise(figure.t, rng, 0.25)[:, 0])
    figure.said += [
        f"a person walks and looks around {words}",
        "someone walks, looking left and right",
        "strolling and looking about",
    ]
    return figure


@program(
    "walking with a load",
    "locomotion",
    also=("carrying", "carrying a load", "carrying a bag"),
    speed_mps=Range(0.6, 1.4, "m/s", 0.3, 1.7),
    load=Choice(("bag", "bags", "box", "backpack", "straps")),
)
def walking_with_load(scene: Scene, *, speed_mps: float, load: str) -> Figure:
    figure = scene.figure()
    heavy = {"stance": 0.64, "knees_deg": (8.0, 22.0, 9.0, 38.0), "bounce": 0.8}
    _, words = stride(scene, figure, speed_mps, arms=load, swing=0.7, **heavy)
    figure.said += [
        f"a person walks {words}",
        f"someone walks {pace_word(speed_mps)} {words}".replace("  ", " "),
        "a person carries something heavy while walking",
    ]
    return figure


@program(
    "pushing a cart",
    "locomotion",
    also=(
        "pushing a stroller",
        "pushing a shopping cart",
        "pushing a wheelchair",
        "pushing a trolley",
        "pushing a pram",
    ),
    speed_mps=Range(0.5, 1.3, "m/s", 0.3, 1.6),
    what=Choice(("cart", "stroller")),
)
def pushing_cart(scene: Scene, *, speed_mps: float, what: str) -> Figure:
    figure = scene.figure()
    way = corners(scene, figure, 9.0, (-60.0, 60.0, 30.0, -30.0), 2.5)
    stride(scene, figure, speed_mps, arms=what, heading_deg=way)
    thing = CARRIAGES[what].words.removeprefix("pushing ")
    figure.said += [
        f"a person pushes {thing}",
        f"someone walks pushing {thing} with both hands",
        f"walking behind {thing}",
    ]
    return figure


@program(
    "limping",
    "locomotion",
    also=("walking with a limp",),
    speed_mps=Range(0.4, 1.0, "m/s", 0.2, 1.3),
    side=SIDE,
    stiff=Choice(("stiff knee", "sore foot")),
)
def limping(scene: Scene, *, speed_mps: float, side: str, stiff: str) -> Figure:
    figure = scene.figure()
    lame = scene.rng.uniform(0.12, 0.28)
    favour, delay = (lame, -0.25 * lame) if side == "left" else (-0.7 * lame, 0.25 * lame)
    knee = 34.0 if stiff == "stiff knee" else 55.0
    stride(
        scene,
        figure,
        speed_mps,
        favour=favour,
        delay=delay,
        stance=0.66,
        swing_knee_deg=knee,
        push_deg=48.0,
        strike_deg=12.0,
        pelvis_list_deg=6.0,
        sway_m=0.03,
        jitter=0.035,
        swing=0.6,
        knees_deg=(7.0, 14.0, 7.0, 34.0),
    )
    figure.said += [
        "a person limps",
        f"a person walks with a limp and favours the {side} leg",
        f"someone limps with a {stiff}",
    ]
    return figure


@program(
    "shuffling",
    "locomotion",
    also=("walking with small steps", "shuffling walk"),
    speed_mps=Range(0.2, 0.6, "m/s", 0.1, 0.8),
)
def shuffling(scene: Scene, *, speed_mps: float) -> Figure:
    figure = scene.figure()
    stride(
        scene,
        figure,
        speed_mps,
        cadence=scene.around(1.65, 0.08),
        stance=0.70,
        strike_deg=3.0,
        push_deg=26.0,
        rise_from=0.6,
        over=0.42,
        knees_deg=(18.0, 22.0, 18.0, 30.0),
        swing_knee_deg=36.0,
        clearance_m=0.004,
        width_m=0.14,
        jitter=0.04,
        lean_deg=scene.rng.uniform(8.0, 22.0),
        swing=0.5,
        pelvis_turn_deg=2.0,
        sway_m=0.025,
    )
    figure.said += [
        "an elderly person shuffles along",
        "a person walks with small shuffling steps",
        "someone walks slowly, bent forward",
    ]
    return figure


@program(
    "walking on tiptoe",
    "locomotion",
    also=("tiptoeing", "walking on the toes"),
    speed_mps=Range(0.4, 1.1, "m/s", 0.2, 1.4),
)
def walking_tiptoe(scene: Scene, *, speed_mps: float) -> Figure:
    figure = scene.figure()
    cadence, _ = walking_gait(speed_mps, scene.person.height_m)
    stride(
        scene,
        figure,
        speed_mps,
        cadence=1.15 * cadence,
        heel_up_deg=scene.rng.uniform(22.0, 34.0),
        strike_deg=-4.0,
        push_deg=28.0,
        rise_from=0.6,
        over=0.42,
        knees_deg=(14.0, 16.0, 10.0, 34.0),
        swing_knee_deg=50.0,
        swing=0.6,
    )
    figure.said += ["a person walks on tiptoe", "someone tiptoes along", "walking on the balls of the feet, heels up"]
    return figure


@program("walking on the heels", "locomotion", also=("heel walking",), speed_mps=Range(0.3, 0.8, "m/s", 0.2, 1.0))
def walking_heels(scene: Scene, *, speed_mps: float) -> Figure:
    figure = scene.figure()
    cadence, _ = walking_gait(speed_mps, scene.person.height_m)
    stride(
        scene,
        figure,
        speed_mps,
        cadence=1.2 * cadence,
        heel_up_deg=-scene.rng.uniform(10.0, 17.0),
        strike_deg=3.0,
        push_deg=0.0,
        over=0.46,
        stance=0.63,
        knees_deg=(6.0, 10.0, 6.0, 10.0),
        swing_knee_deg=45.0,
        lean_deg=5.0,
        swing=0.6,
    )
    figure.said += ["a person walks on the heels", "someone walks with the toes in the air", "heel walking"]
    return figure


@program(
    "marching",
    "locomotion",
    also=("marching on the spot", "marching in place"),
    cadence=Range(1.6, 2.2, "steps/s", 1.0, 2.8),
    speed_mps=Range(0.0, 1.3, "m/s", 0.0, 1.6),
)
def marching(scene: Scene, *, cadence: float, speed_mps: float) -> Figure:
    figure = scene.figure()
    speed = 0.0 if speed_mps < 0.35 else speed_mps  # a third of them on the spot
    lift = scene.rng.uniform(20.0, 50.0)
    gait = usual_gait(
        scene,
        speed,
        cadence=cadence,
        stance=0.57,
        strike_deg=4.0,
        push_deg=35.0,
        rise_from=0.62,
        over=0.38,
        swing_lift_deg=lift,
        swing_knee_deg=scene.rng.uniform(70.0, 100.0),
        knees_deg=(8.0, 14.0, 6.0, 30.0),
    )
    done = walk(figure, gait, scene.rng)
    carry(scene, figure, done, swing_deg=scene.rng.uniform(15.0, 34.0), twist_deg=6.0)
    where = "on the spot" if speed == 0.0 else "forward"
    figure.said += [
        f"a person marches {where}",
        f"someone marches {where}, lifting the knees high",
        f"marching {where} with swinging arms",
    ]
    return figure


@program("sneaking", "locomotion", also=("creeping",), speed_mps=Range(0.25, 0.6, "m/s", 0.15, 0.9))
def sneaking(scene: Scene, *, speed_mps: float) -> Figure:
    figure, rng = scene.figure(), scene.rng
    bent = rng.uniform(28.0, 50.0)
    gait = usual_gait(
        scene,
        speed_mps,
        cadence=scene.around(0.95 + 0.5 * speed_mps, 0.1),
        stance=0.66,
        strike_deg=-8.0,
        push_deg=30.0,
        rise_from=0.6,
        over=0.40,
        knees_deg=(bent, bent + 10.0, bent, bent + 15.0),
        swing_knee_deg=bent + 45.0,
        clearance_m=0.06,
        lean_deg=8.0,
    )
    done = walk(figure, gait, rng)
    carry(scene, figure, done, swing_deg=8.0, twist_deg=4.0, lean_deg=rng.uniform(12.0, 25.0))
    for side in ("left", "right"):
        drift = curves.noise(figure.t, rng, 0.4, 2)
        figure.shoulder(side, 22.0 + 8.0 * drift[:, 0], 18.0, 12.0)
        figure.elbow(side, 70.0 + 10.0 * drift[:, 1])
    figure.said += [
        "a person sneaks along",
        "someone creeps forward with bent knees",
        "a person walks very carefully and quietly",
    ]
    return figure
