"""Stage for gestures: somebody stands or sits, a hand rises, does something, and goes back, once or again and again.

Places of hands are given from the shoulder, in metres, in the wearer's own directions: forward, to the wearer's right, up.
They follow the trunk, and the trunk gives a little with them.

Sources: times of raising and moving a hand from the wrist units of UTD-MHAD (Chen et al., ICIP 2015) and from phones in the
hand (Android IMU Digits): actions of 0.5 to 4 s, arms hanging or held forward in between; how much the trunk gives is an
estimate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..._typing import Array, Float
from . import curves, life
from .drawing import Way
from .figure import RATE_HZ, SIDES, Figure, Z, turn
from .postures import sit, stand_still
from .registry import Choice, Range, Scene

ARM = ("shoulder", "upper_arm", "forearm", "hand", "fingers")
SHORT = Range(2.0, 10.0, "s", 1.0, 600.0)
WHO: dict[str, Range | Choice] = {
    "hand": Choice(("dominant", "other"), (0.88, 0.12)),
    "posture": Choice(("standing", "sitting"), (0.75, 0.25)),
}
"""Parameters of nearly every gesture."""
SOFTEN_S = 0.016  # hands do not follow corners in time


@dataclass(frozen=True)
class Beat:
    """One performance, in seconds: the hand leaves its rest, acts from start to end, and is back."""

    leave_s: float
    start_s: float
    end_s: float
    back_s: float
    size: float


@dataclass(eq=False)
class Stage:
    """A posed body and when its hands act.

    Attributes:
        scene, figure: as in every program.
        side: the hand that acts.
        posture: standing or sitting.
        beats: performances.
        share: (T,) 0 where the hand rests, 1 where it acts.
    """

    scene: Scene
    figure: Figure
    side: str
    posture: str
    beats: list[Beat]
    share: Array = field(init=False)

    def __post_init__(self) -> None:
        t = self.figure.t
        share = np.zeros_like(t)
        # Hands are still arriving when they begin, and leave before they have ended; quick actions leave no room for it.
        there = {}
        for beat in self.beats:
            act_s = beat.end_s - beat.start_s
            there[beat] = beat.start_s + min(0.25 * (beat.start_s - beat.leave_s), 0.15 * act_s)
            leaves = beat.end_s - min(0.1 * (beat.back_s - beat.end_s), 0.06 * act_s)
            share = np.maximum(
                share, curves.stroke(t, beat.leave_s, there[beat]) - curves.stroke(t, leaves, beat.back_s)
            )
        for one, two in zip(self.beats[:-1], self.beats[1:], strict=True):
            if two.leave_s < one.back_s:  # stays up
                share = np.where((t > there[one]) & (t < two.start_s), 1.0, share)
        if self.beats[0].leave_s < 0.0:  # up from the beginning, and to the end
            share = np.ones_like(t)
        self.share = gaussian_filter1d(share, SOFTEN_S * RATE_HZ, mode="nearest")

    @property
    def s(self) -> float:
        """1 when the acting hand is the left one."""
        return SIDES[self.side]

    def progress(self, beat: Beat) -> Float[Array, " time"]:
        """How much of a performance is over (T,), evenly in time."""
        return np.clip((self.figure.t - beat.start_s) / (beat.end_s - beat.start_s), 0.0, 1.0)

    def follow(self, way: Way, *, spread: float = 0.05) -> Float[Array, "time axes"]:
        """A way gone along in every performance, each a little different, and back to its beginning in between."""
        t, rng = self.figure.t, self.scene.rng
        middle = way(np.linspace(0.0, 1.0, 9)).mean(axis=0)
        tracks = []
        for beat in self.beats:
            nudge = rng.normal(0.0, 0.25 * spread, len(middle))
            tracks.append(middle + beat.size * (way(self.progress(beat)) - middle) + nudge)
        out = tracks[0]
        for before, beat, earlier, later in zip(self.beats, self.beats[1:], tracks, tracks[1:], strict=False):
            room = beat.start_s - before.end_s
            link = curves.stroke(t, before.end_s + 0.1 * room, beat.start_s - 0.02 * room)[:, None]
            passing = earlier[-1] + link * (later[0] - earlier[-1])
            out = np.where((t < before.end_s)[:, None], out, np.where((t < beat.start_s)[:, None], passing, later))
        return gaussian_filter1d(out, 2.0, axis=0, mode="nearest")

    def pulse(self, way: Way) -> Float[Array, " time"]:
        """A number that runs through every performance and is as at its beginning between them: way gives (T, 1)."""
        t = self.figure.t
        out = np.full_like(t, float(way(np.zeros(1))[0, 0]))
        for beat in self.beats:
            u = (t - beat.start_s) / (beat.end_s - beat.start_s)
            inside = (u >= 0.0) & (u <= 1.0)
            out[inside] = way(u[inside])[:, 0]
        return gaussian_filter1d(out, SOFTEN_S * RATE_HZ, mode="nearest")

    def give(self, hand: Float[Array, "time 3"], amount: float | None = None) -> None:
        """The trunk turns and leans a little after a hand; call it before the hand is put."""
        amount = float(np.clip(self.scene.rng.normal(1.0, 0.5), 0.0, 2.5)) if amount is None else amount
        late = gaussian_filter1d(hand * self.share[:, None], 0.06 * RATE_HZ, axis=0, mode="nearest")
        life.overlay(self.figure, "lower_chest", turn(Z, amount * (-10.0 * late[:, 1] - 3.0 * self.s * late[:, 0])))
        life.overlay(
            self.figure, "abdomen", turn(np.array([0.0, 1.0, 0.0]), amount * 3.0 * (late[:, 0] - 0.5 * late[:, 2]))
        )

    def world(self, hand: Float[Array, "time 3"], side: str | None = None) -> Float[Array, "time 3"]:
        """Places from the shoulder (forward, right, up) in the world."""
        shoulder = self.figure.point(f"{side or self.side}_upper_arm")
        facing = self.figure.world("pelvis")
        yaw = np.mean(2.0 * np.arctan2(facing[:, 2], facing[:, 3]))
        c, n = np.cos(yaw), np.sin(yaw)
        left = -hand[:, 1]
        return shoulder + np.stack([c * hand[:, 0] - n * left, n * hand[:, 0] + c * left, hand[:, 2]], axis=1)

    def put(
        self, hand: Float[Array, "time 3"], *, side: str | None = None, swivel: float | Array = 25.0,
        pronation: float | Array = 0.0, flexion: float | Array = 0.0, deviation: float | Array = 0.0,
        grip: float = 0.5, share: Array | None = None,
    ) -> None:  # fmt: skip
        """Put a hand where it acts, and leave it at rest where it does not.

        Args:
            hand: (T, 3) wrist from the shoulder: forward, to the wearer's right, up.
            side: the acting one by default.
            swivel: as in `Figure.reach`.
            pronation, flexion, deviation: of the wrist, as in `Figure.wrist`.
            grip: of the fingers.
            share: (T,) how much it acts; that of the performances by default.
        """
        side = side or self.side
        names = [f"{side}_{part}" for part in ARM]
        before = {name: self.figure.turns[name] for name in names}
        self.figure.reach(side, self.world(within_reach(hand, self.figure.arm_m), side), swivel=swivel)
        self.figure.wrist(side, pronation, flexion, deviation)
        self.figure.grip(side, grip)
        there = {name: self.figure.turns[name] for name in names}
        self.figure.turns |= before
        life.mix(self.figure, there, self.share if share is None else share)


def within_reach(hand: Float[Array, "time 3"], arm_m: float) -> Float[Array, "time 3"]:
    """Places from the shoulder drawn in to 97 % of the arm, softly."""
    distance = np.maximum(np.linalg.norm(hand, axis=1, keepdims=True), 1e-9)
    most, knee = 0.97 * arm_m, 0.85 * arm_m
    over = np.maximum(distance - knee, 0.0)
    return hand * (np.minimum(distance, knee) + (most - knee) * np.tanh(over / (most - knee))) / distance


def set_stage(
    scene: Scene, hand: str, posture: str, act_s: float, *, rest: str | None = None, gap_s: tuple[float, float] = (0.3, 2.5),
    raise_s: float | None = None,
) -> Stage:  # fmt: skip
    """Pose the body and lay out the performances.

    Args:
        scene: person, length and randomness. The clip is made longer if one performance does not fit.
        hand: dominant or other.
        posture: standing or sitting.
        act_s: length of one performance, without raising and lowering the hand.
        rest: what the hand does between: hanging (or in the lap), forward (elbow bent) or up (stays where it acts);
            drawn by default.
        gap_s: shortest and longest pause.
        raise_s: time to raise the hand; drawn by default.
    """
    rng, person = scene.rng, scene.person
    side = person.hand if hand == "dominant" else person.other_hand
    rest = rest or str(rng.choice(["hanging", "forward", "up"], p=[0.65, 0.2, 0.15]))
    up_s = scene.around(0.65, 0.25) / person.tempo if raise_s is None else raise_s
    down_s = up_s * scene.around(1.05, 0.12)
    lead = rng.uniform(0.1, 0.5)
    whole = up_s + act_s + down_s
    seconds = max(scene.seconds, whole + lead + 0.15)
    lead = min(max(0.1, rng.uniform(0.1, 0.1 + max(0.0, seconds - whole - 0.25))), 1.6)
    beats, now = [], lead
    while True:
        own = act_s * scene.around(1.0, 0.06)
        if beats and now + up_s + own + down_s + 0.1 > seconds:
            break
        own = min(own, seconds - 0.1 - now - up_s - down_s) if not beats else own
        beats.append(Beat(now, now + up_s, now + up_s + own, now + up_s + own + down_s, scene.around(1.0, 0.06)))
        now = beats[-1].back_s + rng.uniform(*gap_s)
        if rest != "up" and rng.random() < 0.3:  # the next follows at once, the hand stays up
            now = beats[-1].end_s - up_s + rng.uniform(0.35, 0.9)
    if rest == "up":
        beats[0] = Beat(-1.0, beats[0].start_s, beats[0].end_s, beats[0].back_s, beats[0].size)
    scene.acts_s += [(beat.start_s, beat.end_s) if rest == "up" else (beat.leave_s, beat.back_s) for beat in beats]
    figure = scene.figure(seconds)
    if posture == "sitting":
        sit(
            scene,
            figure,
            seat=scene.pick("chair", "chair", "sofa"),
            arms=scene.pick("thighs", "lap", "armrests"),
        )
    else:
        stand_still(scene, figure, arms="hanging", shifting=scene.chance(0.5))
    if rest == "forward":
        figure.shoulder(side, rng.uniform(-5.0, 25.0), rng.uniform(4.0, 15.0), rng.uniform(0.0, 25.0))
        figure.elbow(side, rng.uniform(70.0, 105.0))
        figure.wrist(side, rng.uniform(0.0, 60.0), 0.0)
    return Stage(scene, figure, side, posture, beats)


def say(stage: Stage, does: str, doing: str, *more: str, hand: bool = True) -> None:
    """Sentences: what is done (waves), what is being done (waving), with which hand, how often, in what posture."""
    times = len(stage.beats)
    often = "" if times == 1 or "twice" in doing else " twice" if times == 2 else " again and again"
    with_hand = f" with the {stage.side} hand" if hand else ""
    if hand and "hand" in does.split():  # flicks the hand: the hand is named where it stands
        does, with_hand = re.sub(r"\b(the|a) hand\b", f"the {stage.side} hand", does), ""
    stage.figure.said += [
        f"a person {does}{with_hand}",
        f"someone is {doing}{often}",
        f"a {stage.posture} person {does}{often}{with_hand}",
        *more,
    ]
