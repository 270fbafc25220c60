"""Rowing machine, cross trainer, stepper and skipping rope.

Rates: rowing 18 to 34 strokes a minute with twice as long for the recovery as for the drive (Kleshnev, "The Biomechanics of
Rowing", 2016); cross trainer 40 to 75 strides a minute on ellipses of 45 to 55 cm;
stepper 30 to 80 steps a minute for each leg;
rope 100 to 150 turns a minute. Rise and fall of the trunk follow the chest accelerations of the `train` recordings.
"""

from __future__ import annotations

import numpy as np

from .. import quaternion
from . import curves, life
from .bodyposes import on_ball, personal, plant, posed, put
from .bounce import bounce
from .figure import ANKLE_HEIGHT, BALL_AHEAD, SIDES, Figure, Y, turn
from .gait import CLIMBING
from .pedals import grip_ahead
from .registry import Choice, Range, Scene, program
from .repetitions import beats, times_at


@program(
    "rowing",
    "machines",
    also=("rowing machine", "exercising on a rowing machine", "indoor rowing", "row"),
    seconds=Range(8.0, 15.0, "s", 2.0, 600.0),
    rate_spm=Range(15.0, 32.0, "strokes/min", 10.0, 48.0),
)
def rowing_machine(scene: Scene, *, rate_spm: float) -> Figure:
    figure, rng, h = scene.figure(), scene.rng, scene.person.height_m
    phase = beats(figure.t, rate_spm / 60.0, rng, 0.025)
    drive = np.clip(rng.normal(0.35 + 0.004 * (rate_spm - 20.0), 0.03), 0.28, 0.5)

    def part(go: tuple[float, float], back: tuple[float, float]) -> np.ndarray:
        """0 at the catch, 1 at the finish: from and to in shares of the drive, and of the recovery."""
        knots = [drive * go[0], drive * go[1], drive + (1 - drive) * back[0], drive + (1 - drive) * back[1]]
        share = phase % 1.0
        return curves.ease((share - knots[0]) / (knots[1] - knots[0])) - curves.ease(
            (share - knots[2]) / (knots[3] - knots[2])
        )

    # Legs, back, arms, and on the way back arms, back, legs; without a coach nearly all at once.
    together = rng.uniform(0.2, 1.0)
    legs = part((0.0, 0.78 + 0.22 * together), (0.3 - 0.25 * together, 1.0))
    back = part((0.25 - 0.2 * together, 1.0), (0.12 - 0.1 * together, 0.62 + 0.3 * together))
    arms = part((0.5 - 0.4 * together, 1.0), (0.0, 0.38 + 0.5 * together))
    lean_catch, lean_finish = rng.uniform(14.0, 34.0 - 8.0 * together), -rng.uniform(10.0, 30.0)
    lean = lean_catch + (lean_finish - lean_catch) * back
    wander = curves.noise(figure.t, rng, 0.3, 3)
    figure.pelvis(0.65 * lean - 6.0 + 0.5 * wander[:, 0], 0.0, 0.6 * wander[:, 1])
    figure.trunk(0.35 * lean + 10.0 + wander[:, 0], 0.6 * wander[:, 1], 0.8 * wander[:, 2])
    # Feet strapped to a sloping board; the seat slides to where knees are nearly straight.
    slope = rng.uniform(38.0, 48.0)
    knee_open, knee_shut = rng.uniform(8.0, 20.0), rng.uniform(95.0, 121.0)
    upper = figure.leg_m / 2.0
    far, near = (2.0 * upper * np.cos(np.deg2rad(knee) / 2.0) for knee in (knee_open, knee_shut))
    seat_z, ankle_z = rng.uniform(0.44, 0.5), rng.uniform(0.28, 0.36)
    drop = seat_z - ankle_z
    slide = np.sqrt(near**2 - drop**2) + (np.sqrt(far**2 - drop**2) - np.sqrt(near**2 - drop**2)) * legs
    figure.pelvis_m = np.stack([-slide, 0.004 * wander[:, 1], np.full_like(slide, seat_z)], axis=1)
    figure.pelvis_m += life.shake(figure.t, rng, rng.uniform(0.4, 1.2))  # the seat rolls
    heel = rng.uniform(10.0, 28.0) * (1.0 - legs)
    for side, s in SIDES.items():
        ball = np.array([BALL_AHEAD * h, 0.0, -ANKLE_HEIGHT * h])
        turned = turn(Y, -slope + heel)
        # The ball stays on the board while the heel lifts towards the catch.
        ankle = quaternion.rotate(turn(Y, -slope), ball) - quaternion.rotate(turned, ball)
        figure.stand(side, ankle + np.array([0.0, s * 0.12, ankle_z]), turned, splay=rng.uniform(3.0, 12.0))
    life.breathe(figure, rng, depth=1.5, rate_hz=rate_spm / 60.0)
    _pull_handle(scene, figure, arms, legs)
    figure.level_head(0.8, pitch=rng.uniform(0.0, 12.0))
    fast = "hard and fast" if rate_spm > 28 else "slowly" if rate_spm < 21 else "steadily"
    figure.said += [
        f"a person rows {fast} on a rowing machine",
        "someone sits on a sliding seat and pulls the handle to the ribs with both hands, again and again",
        f"a person exercises on a rowing machine at {round(rate_spm)} strokes a minute",
    ]
    return figure


def _pull_handle(scene: Scene, figure: Figure, arms: np.ndarray, legs: np.ndarray) -> None:
    """Both hands on one handle: arms straight until legs and back have worked, then to the ribs."""
    h, rng = figure.height_m, scene.rng
    ribs = figure.point("lower_chest", (0.075 * h, 0.0, rng.uniform(-0.01, 0.03) * h))
    half = rng.uniform(0.12, 0.18)
    middle = 0.5 * (figure.point("left_upper_arm") + figure.point("right_upper_arm"))
    chain_z = middle[:, 2].mean() - rng.uniform(0.20, 0.28) * h
    across = 0.129 * h - half
    drop = middle[:, 2] - chain_z
    straight = np.sqrt(np.maximum((0.965 * figure.arm_m) ** 2 - across**2 - drop**2, 0.01))
    reach = np.stack([middle[:, 0] + straight, middle[:, 1], middle[:, 2] - drop], axis=1)
    hands = reach + arms[:, None] * (ribs - reach) + life.shake(figure.t, rng, rng.uniform(0.6, 1.8))
    for side, s in SIDES.items():
        figure.reach(
            side,
            hands + np.array([0.0, s * half, 0.0]),
            swivel=15.0 + 25.0 * arms,
            palm=np.array((0.1, 0.0, -1.0)),
            fingers=np.array((1.0, -0.15 * s, 0.0)),
        )
        figure.grip(side, 0.9)


@program(
    "exercising on a cross trainer",
    "machines",
    also=(
        "elliptical trainer",
        "elliptical",
        "cross trainer",
        "using an elliptical",
        "elliptical bike",
        "elliptical machine",
    ),
    cadence_spm=Range(36.0, 72.0, "strides/min", 20.0, 100.0),
    stride_m=Range(0.40, 0.56, "m", 0.25, 0.7),
    hands=Choice(("levers", "fixed bars"), (0.85, 0.15)),
)
def cross_trainer(scene: Scene, *, cadence_spm: float, stride_m: float, hands: str) -> Figure:
    figure, rng, h = scene.figure(), scene.rng, scene.person.height_m
    phase = beats(figure.t, cadence_spm / 60.0, rng, 0.025)
    angle = 2.0 * np.pi * phase
    height = rng.uniform(0.18, 0.34) * stride_m
    base = rng.uniform(0.20, 0.30)
    late = rng.uniform(-0.3, 0.3)
    rise = rng.uniform(0.012, 0.048) * np.cos(2 * angle + rng.uniform(-0.7, 0.7))
    lean, twist = rng.uniform(-3.0, 12.0), rng.uniform(6.0, 20.0)
    wander = curves.noise(figure.t, rng, 0.3, 3)
    figure.pelvis(0.6 * lean, rng.uniform(1.0, 4.0) * np.sin(angle + late), -0.6 * twist * np.cos(angle))
    figure.trunk(
        0.4 * lean + 3.0 + wander[:, 0] + rng.uniform(0.5, 4.5) * np.cos(2 * angle + late),
        rng.uniform(1.0, 6.0) * np.sin(angle + 2.8) + 0.7 * wander[:, 1],
        1.2 * twist * np.cos(angle) + 0.7 * wander[:, 2],
    )
    sway = rng.uniform(0.008, 0.03) * np.sin(angle + late)
    feet = {}
    for side, s in SIDES.items():
        # Forwards along the top of the ellipse; heels rise while the pedal comes up behind.
        own = angle if side == "left" else angle + np.pi
        heel = 10.0 + rng.uniform(6.0, 14.0) * np.sin(-own + 0.5)
        track = np.stack(
            [
                0.5 * stride_m * np.cos(own) / h,
                np.full_like(own, s * 0.095 / h * 1.0),
                (base - 0.5 * height * np.sin(own)) / h,
                heel,
                np.full_like(own, s * 4.0),
            ],
            axis=1,
        )
        feet[side] = on_ball(h, track)
    reachable = [
        0.985 * figure.leg_m
        - np.linalg.norm((ankle - [0.02, SIDES[side] * figure.hip_half_width_m, 0.0])[:, :2], axis=1) ** 2
        / (2 * figure.leg_m)
        + ankle[:, 2]
        for side, (ankle, _) in feet.items()
    ]
    low = float(np.min([r - rise for r in reachable]))
    figure.pelvis_m = np.stack([0.02 + 0 * angle, sway, low - rng.uniform(0.01, 0.05) + rise], axis=1)
    for side, (ankle, turned) in feet.items():
        figure.stand(side, ankle, turned, splay=5.0)
    life.breathe(figure, rng, depth=2.0, rate_hz=rng.uniform(0.3, 0.7))
    shaken = life.shake(figure.t, rng, rng.uniform(0.4, 1.4))
    down, amount = rng.uniform(22.0, 48.0), rng.uniform(0.5, 0.85) * 0.5 * stride_m
    for side in SIDES:
        # A lever and the pedal of its side are one bar, turning about a point between them: they go opposite ways.
        push = -amount * np.cos(angle if side == "left" else angle + np.pi) if hands == "levers" else 0.0 * angle
        wave = np.stack([push, 0.0 * push, -0.12 * push - 0.25 * push**2], axis=1) + shaken
        grip_ahead(
            figure,
            down,
            0.70 if hands == "levers" else 0.8,
            rng.uniform(0.21, 0.28),
            sides=(side,),
            wander=wave,
            swivel=rng.uniform(20.0, 45.0),
            palm=(0.0, -1.0, -0.3),
            fingers=(1.0, 0.0, 0.1),
        )
    figure.level_head(0.9, pitch=rng.uniform(0.0, 10.0))
    word = "fast" if cadence_spm > 60 else "slowly" if cadence_spm < 44 else "steadily"
    figure.said += [
        f"a person exercises {word} on a cross trainer",
        "someone strides on an elliptical trainer",
        "a person pushes and pulls the moving handles of an elliptical machine while the feet glide round"
        if hands == "levers"
        else "a person strides on an elliptical machine, holding the fixed bars",
    ]
    return figure


@program(
    "exercising on a stepper",
    "machines",
    also=("stepper", "stair stepper", "stair climber machine", "stepping machine"),
    rate_hz=Range(0.45, 0.95, "steps/s of each leg", 0.25, 1.4),
    step_m=Range(0.16, 0.36, "m", 0.06, 0.45),
    hands=Choice(("rail", "free"), (0.7, 0.3)),
)
def stepper(scene: Scene, *, rate_hz: float, step_m: float, hands: str) -> Figure:
    figure, rng, h = scene.figure(), scene.rng, scene.person.height_m
    phase = beats(figure.t, rate_hz, rng, 0.03)
    angle = 2.0 * np.pi * phase
    step_m *= min(1.0, (0.85 / rate_hz) ** 0.7)  # short steps when fast
    lean, late = rng.uniform(0.0, 18.0), rng.uniform(-0.4, 0.4)
    wander = curves.noise(figure.t, rng, 0.3, 3)
    roll, bend = rng.uniform(2.0, 9.0), rng.uniform(0.0, 6.0)
    figure.pelvis(0.6 * lean, roll * np.cos(angle), rng.uniform(-3.0, 3.0) * np.cos(angle))
    figure.trunk(
        0.4 * lean + 4.0 + wander[:, 0] + scene.around(2.0, 0.5) * np.cos(2 * angle),
        -bend * np.cos(angle) + 0.8 * wander[:, 1],
        scene.around(5.0, 0.5) * np.cos(angle + late) + 0.8 * wander[:, 2],
    )
    low_z = rng.uniform(0.12, 0.2)
    feet, standing = {}, []
    for side, s in SIDES.items():
        own = angle if side == "left" else angle + np.pi
        # Pedals sink under the weight and spring up when it is taken off.
        up = 0.5 + 0.5 * np.sin(own + 0.25 * np.sin(2 * own)) * 0.98
        heel = rng.uniform(0.0, 14.0) * up
        track = np.stack(
            [
                (0.05 * up - 0.02) / h,
                np.full_like(up, s * 0.10 / h),
                (low_z + step_m * up) / h,
                heel,
                np.full_like(up, s * 5.0),
            ],
            axis=1,
        )
        feet[side] = on_ball(h, track)
        standing.append(feet[side][0][:, 2])
    # The body rides up on the leg that presses and sinks as the pedal gives way, twice in a cycle.
    amount_m = np.clip(scene.around(0.15 * step_m / rate_hz, 0.4), 0.008, 0.06)
    rise = amount_m * curves.pushes(2.0 * phase + 0.5 + rng.uniform(-0.08, 0.08), CLIMBING)
    lowest = np.min(standing, axis=0)
    hip_drop = 0.0955 * h * np.sin(np.deg2rad(roll))
    room = rng.uniform(0.975, 0.99) * figure.leg_m - 0.008
    height = float(np.min(lowest + room - rise)) + hip_drop * 0.2
    figure.pelvis_m = np.stack(
        [-0.03 + 0.004 * wander[:, 0], -rng.uniform(0.01, 0.035) * np.sin(angle), height + rise], axis=1
    )
    for side, (ankle, turned) in feet.items():
        figure.stand(side, ankle, turned, splay=6.0)
    life.breathe(figure, rng, depth=2.0, rate_hz=rng.uniform(0.3, 0.7))
    if hands == "rail":
        grip_ahead(
            figure,
            rng.uniform(25.0, 60.0),
            rng.uniform(0.72, 0.93),
            rng.uniform(0.2, 0.3),
            swivel=rng.uniform(15.0, 50.0),
            palm=(0.1, rng.uniform(-1.0, 0.0), -1.0),
            fingers=(1.0, -0.1, -0.2),
            wander=life.shake(figure.t, rng, rng.uniform(0.4, 1.4)),
        )
    else:
        amount, elbow = rng.uniform(3.0, 20.0), rng.uniform(20.0, 90.0)
        for side in SIDES:
            swing = np.sin(angle if side == "right" else angle + np.pi)
            figure.shoulder(side, amount * swing + 5.0, scene.person.arm_spread_deg, 8.0)
            figure.elbow(side, elbow + 0.6 * amount * swing)
            figure.wrist(side, 20.0, 5.0)
            figure.grip(side, 0.5)
    figure.level_head(0.9, pitch=rng.uniform(0.0, 15.0))
    word = "fast" if rate_hz > 0.8 else "slowly" if rate_hz < 0.5 else "steadily"
    figure.said += [
        f"a person steps {word} on a stepper machine",
        "someone climbs on the spot on a stair stepper",
        "a person exercises on a stepper, holding the rail"
        if hands == "rail"
        else "a person exercises on a stepper with swinging arms",
    ]
    return figure


@program(
    "rope skipping",
    "machines",
    also=("jumping rope", "skipping rope", "jump rope", "rope jumping"),
    rate_hz=Range(1.7, 2.6, "turns/s", 1.2, 3.5),
    style=Choice(("both feet", "alternating feet"), (0.75, 0.25)),
)
def rope_skipping(scene: Scene, *, rate_hz: float, style: str) -> Figure:
    figure, rng, h = scene.figure(), scene.rng, scene.person.height_m
    t = figure.t
    phase = beats(t, rate_hz, rng, 0.02)
    flight_s = rng.uniform(0.40, 0.62) / rate_hz
    lands = times_at(t, phase)
    contacts = [(float(land), float(land) + 1.0 / rate_hz - flight_s) for land in lands]
    lift = bounce(t, contacts)
    down = np.zeros(len(t), dtype=bool)
    for begin, end in contacts:
        down |= (t >= begin) & (t < end)
    angle = 2.0 * np.pi * phase
    heel = rng.uniform(24.0, 36.0) - rng.uniform(4.0, 14.0) * np.clip(-lift / max(-lift.min(), 1e-3), 0, 1)
    air = np.maximum(lift, 0.0) * ~down
    tip = BALL_AHEAD * np.sin(np.deg2rad(24.0)) * 0.8
    pose = personal(
        scene,
        at=(0.0, 0.0, 0.512 + tip),
        arm=(rng.uniform(-12.0, 14.0), rng.uniform(6.0, 22.0), -rng.uniform(10.0, 45.0), rng.uniform(55.0, 100.0)),
        head=(rng.uniform(0.0, 10.0), 0.0, 0.0),
    )
    moving = {name: np.broadcast_to(value, (len(t), len(value))).copy() for name, value in posed(pose).items()}
    moving["at"][:, 2] += lift / h
    nod, late = rng.uniform(1.0, 6.0), rng.uniform(-0.8, 0.8)
    moving["trunk"] += np.stack(
        [
            nod * np.cos(angle + late),
            rng.uniform(0.0, 2.0) * np.cos(0.5 * angle),
            rng.uniform(0.0, 3.0) * np.cos(0.5 * angle + late),
        ],
        axis=1,
    )
    moving["pelvis"][:, 0] -= 0.4 * nod * np.cos(angle + late)
    for side, s in SIDES.items():
        lifted = air / h
        if style == "alternating feet":
            # One foot lands on every other turn; the other is held up behind.
            turn_no = 0.5 + 0.5 * s * np.cos(np.pi * (phase - 0.5 * (1.0 / rate_hz - flight_s) * rate_hz))
            own = np.clip(1.6 * (turn_no - 0.5) + 0.5, 0.0, 1.0)
            lifted = lifted + 0.045 * curves.ease(1.0 - own)
        moving[f"{side}_foot"] += np.stack([0 * t, 0 * t, lifted, heel, 0 * t], axis=1)
        # Wrists circle at the rope's rate; elbows stay near the ribs.
        small = rng.uniform(3.0, 9.0)
        moving[f"{side}_arm"] += np.stack(
            [
                small * np.cos(angle),
                0.4 * small * np.sin(angle),
                1.2 * small * np.sin(angle),
                1.2 * small * np.sin(angle + 0.4),
            ],
            axis=1,
        )
        circle = rng.uniform(12.0, 32.0)
        moving[f"{side}_grip"] += np.stack(
            [30.0 + circle * np.cos(angle), circle * np.sin(angle), np.full_like(t, 0.5)], axis=1
        )
    put(figure, moving, breath=rng, depth=2.0)
    if style == "both feet":
        plant(figure, down=down)
        figure.airborne = ~down
    word = "fast" if rate_hz > 2.3 else "slowly" if rate_hz < 1.9 else ""
    figure.said += [
        f"a person skips rope {word}".strip(),
        f"a person jumps rope with {style}",
        "someone turns a skipping rope with the wrists and hops over it",
    ]
    return figure
