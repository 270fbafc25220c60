"""Hands at work: where they are over time, how they are held, and a body that goes along.

A program says where the wrists are (in metres of a body of 1.72 m, from a point at the height of the hips), how the palms
face, and what trunk and head do. `Work.done` then poses everything in order: legs, trunk, head, breath, shoulders, arms.
The trunk leans and twists as far as a reach needs, shoulder blades rise with raised arms and no hand is ever quite still.

Sources: rise of the shoulder blade about one part in three of the arm's (Inman, Saunders & Abbott, J. Bone Joint Surg. 26,
1944); the trunk joins a reach beyond about 0.8 of the arm's length (Mark et al., J. Exp. Psychol. HPP 23, 1997); pronation up
to 85 degrees either way (Norkin & White, "Measurement of Joint Motion", 5th ed.). Other sizes are estimates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float
from .. import quaternion
from . import curves, life
from .armwork import place_arms, scene_lean
from .figure import SIDES, SPINE, Figure, X, Y, Z, chain, turn
from .gait import Walk
from .postures import sit, sit_on_floor
from .registry import Scene
from .walking import stride

TALL_M = 1.72  # programs give lengths for a body of this stature
EASY_REACH = 0.84  # of the arm's length; beyond, the trunk helps
PRONATION_MOST = 82.0  # degrees
SEATED = ("sitting", "sofa", "floor")
# Spots on the head, from the joint of neck and head in the head's frame; the second is outwards.
FACE = {
    "mouth": (0.095, 0.0, 0.035), "nose": (0.105, 0.0, 0.075), "ear": (0.01, 0.075, 0.085), "cheek": (0.075, 0.05, 0.06),
    "chin": (0.085, 0.01, 0.0), "forehead": (0.09, 0.02, 0.14), "crown": (0.0, 0.02, 0.22), "temple": (0.03, 0.08, 0.14),
    "back of the head": (-0.09, 0.02, 0.13), "eyes": (0.09, 0.035, 0.10),
}  # fmt: skip

Path = Array | Callable[[Figure], Array]


def blend(home: Path, there: Path, share: Float[Array, " time"], arch: Sequence[float] = (0.0, 0.0, 0.0)) -> Path:
    """A path between two others: 0 is at home, 1 is there; ``arch`` (m) is how far the middle of the way bulges."""

    def path(figure: Figure) -> Array:
        first, second = (np.broadcast_to(_resolve(one, figure), (len(figure.t), 3)) for one in (home, there))
        bulge = (4.0 * share * (1.0 - share))[:, None] * np.asarray(arch)
        return first + share[:, None] * (second - first) + bulge

    return path


def _resolve(path: Path, figure: Figure) -> Array:
    return path(figure) if callable(path) else path


@dataclass(frozen=True)
class _Held:
    path: Path
    palm: Array | None
    pronation: Array
    flexion: Array
    deviation: Array
    swivel: Array
    grip: Array
    still: float


class Work:
    """Hands at work on a body that stands, sits or walks.

    Args:
        scene: as given to the program.
        posture: standing, sitting (at a table or not), sofa, floor or walking.
        speed_mps: of walking.
        stagger_m: by how much the foot of the idle side stands ahead.

    Attributes:
        side, other: dominant hand and the other one; programs may swap them.
        base: (T, 3) what `at` counts from: over the feet, at the height of the hips when nothing is bent.
        table_up: height over the base of a table for sitters (of a counter for those who stand), in metres.
        lean, bend, twist, crouch_m: trunk flexion of the spine; hinge at the hips; twist to the left (degrees); lowering of
            the hips by the knees.
        tilt: side bend to the left, degrees.
        shift_m: (T, 2) way of the hips forward and to the left, standing.
        look_down, look_left: degrees of the gaze.
        gaze: factor on looking about.
    """

    def __init__(
        self, scene: Scene, posture: str = "standing", *, speed_mps: float = 1.0, stagger_m: float | None = None
    ) -> None:
        self.scene, self.rng, self.posture = scene, scene.rng, posture
        self.figure = scene.figure()
        self.t = self.figure.t
        self.scale = scene.person.height_m / TALL_M
        self.side, self.other = scene.person.hand, scene.person.other_hand
        self.lean: float | Array = 0.0
        self.bend: float | Array = 0.0
        self.twist: float | Array = 0.0
        self.tilt: float | Array = 0.0
        self.crouch_m: float | Array = 0.0
        self.shift_m: Array = np.zeros((len(self.t), 2))
        self.look_down: float | Array = 15.0
        self.look_left: float | Array = 0.0
        self.gaze = 0.4
        self.table_up = 0.0
        self.base = np.zeros((len(self.t), 3))
        self.walk: Walk | None = None
        self.stagger_m = scene.rng.normal(0.0, 0.04) if stagger_m is None else stagger_m
        self._held: dict[str, _Held] = {}
        self._idle: dict[str, str] = {}
        self._steps: list[tuple[float, float, float]] = []
        if posture in SEATED:
            if posture == "floor":
                seat = sit_on_floor(scene, self.figure, arms=None)
            elif posture == "sofa":
                seat = sit(scene, self.figure, seat="sofa", arms=None)
            else:
                seat = sit(scene, self.figure, arms=None, lean_deg=scene.rng.normal(4.0, 5.0))
            self.base[:, 2] = self.figure.pelvis_m[0, 2]
            self.table_up = (seat.table_m - float(self.base[0, 2])) / self.scale
        elif posture == "walking":
            self.walk, _ = stride(scene, self.figure, speed_mps)
            self.base = self.figure.pelvis_m.copy()
        else:
            self.base[:, 2] = self.figure.stand_height_m

    @property
    def s(self) -> float:
        """1 when the working hand is the left, else -1."""
        return SIDES[self.side]

    # Places

    def at(self, side: str, ahead: float | Array, out: float | Array, up: float | Array) -> Array:
        """Places (T, 3) from the base: ahead of it, outwards of the middle on that side, above it; metres."""
        return self.base + self.scale * self._sided(side, ahead, out, up)

    def near_face(
        self, side: str, spot: str, ahead: float | Array = 0.0, out: float | Array = 0.0, up: float | Array = 0.0
    ) -> Path:
        """A path that goes with the head: a spot of `FACE`, and the wrist so far from it in the head's frame."""
        first, second, third = FACE[spot]
        local = self.scale * self._sided(side, first + ahead, second + out, third + up)

        def path(figure: Figure) -> Array:
            return figure.point("head") + quaternion.rotate(figure.world("head"), local)

        return path

    def step(self, start_s: float, ahead_m: float, left_m: float = 0.0) -> None:
        """Two steps (one of each foot) that carry the standing body, and `at` with it, somewhere else."""
        self._steps.append((start_s, ahead_m, left_m))
        way = curves.stroke(self.t, start_s, start_s + 1.0)
        self.base = self.base + way[:, None] * np.array([ahead_m, left_m, 0.0])

    def _sided(self, side: str, *parts: float | Array) -> Array:
        ahead, out, up = (self.figure.frames(part) for part in parts)
        return np.stack([ahead, SIDES[side] * out, up], axis=1)

    # Hands

    def hand(
        self,
        side: str,
        path: Path,
        *,
        palm: Sequence[float] | Array | None = None,
        pronation: float | Array = 20.0,
        flexion: float | Array = -10.0,
        deviation: float | Array = 0.0,
        swivel: float | Array = 28.0,
        grip: float | Array = 0.7,
        still: float = 0.0,
    ) -> None:
        """Hold a hand along a path.

        Args:
            side: left or right.
            path: wrist (T, 3) in the world, or a function of the figure once trunk and head are posed.
            palm: direction in the world that the palm faces, as far as pronation allows.
            pronation: degrees; used where ``palm`` is None.
            flexion, deviation: of the wrist, degrees; flexion of -10 is the slight backward bend of a hand that grips.
            swivel: of the elbow, see `Figure.reach`.
            grip: 0 open, 1 fist.
            still: 1 takes away the wandering of a hand in the air, as on something that does not move.
        """
        frames = self.figure.frames
        facing = None if palm is None else np.broadcast_to(np.asarray(palm, dtype=float), (len(self.t), 3))
        self._held[side] = _Held(
            path, facing, frames(pronation), frames(flexion), frames(deviation), frames(swivel), frames(grip), still
        )

    def idle(self, side: str, how: str | None = None) -> str:
        """A hand that does nothing, in one of the ways of `armwork.ARMS`; drawn by default. Gives which."""
        options = {
            "sitting": ("thighs", "lap", "desk"), "sofa": ("thighs", "lap"), "floor": ("thighs", "lap"),
            "walking": ("hanging",), "standing": ("hanging", "hanging", "hanging", "hips", "pockets"),
        }[self.posture]  # fmt: skip
        chosen = str(self.scene.pick(*options) if how is None else how)
        self._idle[side] = chosen
        return chosen

    # All together

    def done(self, *says: str) -> Figure:
        """Pose everything; the figure says the sentences given."""
        figure, rng = self.figure, self.rng
        if self.posture == "standing":
            self._stand()
        self._trunk()
        if self.posture not in SEATED:
            life.breathe(figure, rng, depth=rng.uniform(0.8, 1.4))
        paths = {side: self._shrug(side, held) for side, held in self._held.items()}
        for side, held in self._held.items():
            self._pose_hand(side, held, paths[side])
        for side in SIDES:
            if side not in self._held:
                how = self._idle.get(side, "hanging")
                if self.walk is None or how != "hanging":
                    place_arms(self.scene, figure, how, (side,))
                if how == "hanging" and self.walk is None:  # it hangs down from a trunk that is bent far
                    arm = f"{side}_upper_arm"
                    figure.turns[arm] = chain(turn(Y, -0.35 * scene_lean(figure)), figure.turns[arm])
                life.fidget_arms(figure, rng, 0.4 * min(self.scene.person.restlessness, 2.0), sides=(side,))
        figure.said += list(says)
        return figure

    def _stand(self) -> None:
        figure, rng, person, h = self.figure, self.rng, self.scene.person, self.scale
        restless = min(person.restlessness, 2.0)
        way, lean = life.sway(self.t, rng, restless)
        places = rng.normal(0.0, 0.018, (3 + int(figure.seconds / 3.0), 1)) * restless
        weight = life.steps_between(self.t, rng, places, 4.0, (0.6, 1.4))[:, 0]
        bend = figure.frames(self.bend)
        pelvis = self.base.copy()
        pelvis[:, :2] += way + h * self.shift_m
        pelvis[:, 0] -= h * 0.20 * np.sin(np.deg2rad(bend))
        pelvis[:, 1] += weight
        pelvis[:, 2] -= 0.012 + h * figure.frames(self.crouch_m)
        figure.pelvis_m = pelvis
        yaw = 0.35 * figure.frames(self.twist) + 1.0 * curves.noise(self.t, rng, 0.2)[:, 0]
        figure.pelvis(0.55 * bend + lean[:, 0], roll=30.0 * weight - 0.3 * lean[:, 1], yaw=yaw)
        half = figure.hip_half_width_m * rng.uniform(0.85, 1.5)
        ankles = {}
        for side, s in SIDES.items():
            ahead = self.stagger_m if side == self.other else -0.3 * abs(self.stagger_m)
            ankle = np.tile([h * (ahead - 0.035), s * half, figure.ankle_m], (len(self.t), 1))
            planted = np.ones(len(self.t), dtype=bool)
            for start, forward, left in self._steps:
                # The foot on the side of the way goes first.
                leads = (left > 0) == (side == "left") if abs(left) > abs(forward) else side == self.side
                begin = start + (0.0 if leads else 0.48)
                ankle += curves.stroke(self.t, begin, begin + 0.5)[:, None] * np.array([forward, left, 0.0])
                ankle[:, 2] += 0.035 * curves.bump(self.t, begin, begin + 0.5)
                planted &= ~((self.t > begin) & (self.t < begin + 0.5))
            ankles[side], figure.contact[side] = ankle, planted
        self._lower(ankles)
        for side, s in SIDES.items():
            figure.stand(side, ankles[side], s * person.toe_out_deg, splay=max(person.toe_out_deg, 4.0))

    def _lower(self, ankles: dict[str, Array]) -> None:
        """Let the hips down, smoothly, as far as both legs have to reach."""
        figure = self.figure
        reach, soft = 0.988 * figure.leg_m, 0.006
        wanted = [figure.pelvis_m[:, 2]]
        for side, ankle in ankles.items():
            away = figure.point(f"{side}_thigh") - ankle
            level = np.minimum((away[:, :2] ** 2).sum(axis=1), (0.9 * reach) ** 2)
            wanted.append(figure.pelvis_m[:, 2] - away[:, 2] + np.sqrt(reach**2 - level))
        heights = np.stack(wanted)
        lowest = heights.min(axis=0)
        figure.pelvis_m[:, 2] = lowest - soft * np.log(np.exp((lowest - heights) / soft).sum(axis=0))

    def _trunk(self) -> None:
        """The spine: stoop, what the program asks, and what the hands' reach needs. Then the head."""
        figure, rng, person = self.figure, self.rng, self.scene.person
        bend, lean, twist, tilt = (figure.frames(v) for v in (self.bend, self.lean, self.twist, self.tilt))
        if self.posture == "standing":
            wander = 0.8 * curves.noise(self.t, rng, 0.25, 3) * min(person.restlessness, 1.8)
            flexion = person.stoop_deg + 0.45 * bend + lean + wander[:, 0]
            figure.trunk(flexion, tilt + wander[:, 1], 0.65 * twist + wander[:, 2])
        else:
            self._bend_spine(lean + bend, tilt, twist)
        flexion, aside, turned = np.zeros((3, len(self.t)))
        for side, held in self._held.items():
            s = SIDES[side]
            line = (_resolve(held.path, figure) - figure.point(f"{side}_upper_arm")) / figure.arm_m
            over = 0.05 * np.logaddexp(0.0, (np.linalg.norm(line, axis=1) - EASY_REACH) / 0.05) * figure.arm_m / 0.45
            ahead, across = np.clip(line[:, 0], -0.3, 1.0), np.clip(s * line[:, 1], -0.5, 0.7)
            down = np.clip(-line[:, 2], 0.0, 1.0)
            flexion = np.maximum(flexion, np.rad2deg(over) * (np.maximum(ahead, 0.0) + 0.7 * down))
            aside = aside + s * np.rad2deg(over) * across
            turned = turned - s * (0.8 * np.rad2deg(over) + 7.0) * ahead  # a hand in front takes its shoulder along
        self._bend_spine(np.minimum(flexion, 45.0), aside, turned)
        gaze = 3.0 * curves.noise(self.t, rng, 0.5, 2)
        pitch = figure.frames(self.look_down) + gaze[:, 0]
        if self.walk is None:
            figure.level_head(0.75, pitch=pitch, yaw=figure.frames(self.look_left) + gaze[:, 1])
        else:
            figure.level_head(0.85, pitch=pitch)
        if self.gaze:
            life.look_around(figure, rng, self.gaze, gap_s=5.0)

    def _bend_spine(self, flexion: Array, aside: Array, twist: Array) -> None:
        extra = chain(turn(Z, twist / 3), turn(Y, flexion / 3), turn(X, -aside / 3))
        for segment in SPINE:
            life.overlay(self.figure, segment, extra)

    def _shrug(self, side: str, held: _Held) -> Array:
        """Raise the shoulder blade with the arm. Gives the path, as it is from here on."""
        figure = self.figure
        path = np.broadcast_to(_resolve(held.path, figure), (len(self.t), 3))
        line = (path - figure.point(f"{side}_upper_arm")) / figure.arm_m
        local = quaternion.rotate(quaternion.inverse(figure.world("chest")), line)
        raised = 0.15 * np.logaddexp(0.0, (local[:, 2] + 0.1) / 0.15)
        figure.shrug(side, up=20.0 * np.minimum(raised, 1.2), forward=8.0 * np.tanh(local[:, 0] - 0.4))
        return path

    def _pose_hand(self, side: str, held: _Held, path: Array) -> None:
        figure, rng = self.figure, self.rng
        loose = 1.0 - held.still
        wander = loose * (0.004 * curves.noise(self.t, rng, 0.4, 3) + 0.0012 * curves.noise(self.t, rng, 2.5, 3))
        figure.reach(side, path + wander, swivel=held.swivel + 2.0 * loose * curves.noise(self.t, rng, 0.3)[:, 0])
        wanted = held.pronation if held.palm is None else pronation_for(figure, side, held.palm)
        twitch = loose * curves.noise(self.t, rng, 0.6, 3)
        figure.wrist(
            side,
            PRONATION_MOST * np.tanh(wanted / PRONATION_MOST) + 2.0 * twitch[:, 0],
            held.flexion + 1.5 * twitch[:, 1],
            held.deviation + 1.0 * twitch[:, 2],
        )
        figure.grip(side, held.grip)


def pronation_for(figure: Figure, side: str, palm: Float[Array, "time 3"]) -> Float[Array, " time"]:
    """Pronation in degrees that turns the palm towards a direction in the world, the arm being posed."""
    local = quaternion.rotate(quaternion.inverse(figure.world(f"{side}_forearm")), palm)
    angle = np.rad2deg(np.unwrap(np.arctan2(-local[:, 0], -SIDES[side] * local[:, 1])))
    return angle - 360.0 * np.round(np.median(angle) / 360.0)
