"""How a device is put on: turned, tilted, slipped and lifted against the place it is meant for, and what is told of it.

The frame of a point on the skin (`anywear.body.SurfacePoints.rest_from_point`: x binormal, y along the segment, z out of
the skin) is where a device starts. Its turn against it is

    point_from_sensor = tilt . spin . face,

face: the identity, or half a turn about y where the face looks at the body; spin: about the outward normal; tilt: about
an axis in the skin. The device lies on the skin where it slid to, and its sensor some way above.

What moves between bone and sensor follows in this order, in the frame of the skin, on an even grid finer than the device's
own: shocks of foot strikes (`anywear.simulate.strikes`), soft tissue (`tissue`), the play of strap or pocket (`loose`,
`pendulum`). Then the signals are turned into the sensor, cut to its band and read at the times it samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from .._typing import Array, Float
from ..body import ShapedBody, SurfacePoints
from ..errors import UsageError
from ..motion import BodyMotion
from ..placement import UNKNOWN_MOUNT, Mount
from ..recording import STANDARD_GRAVITY_MPS2, Note
from .kinematics import BoneMotion, PointSet
from .loose import Swing
from .pendulum import Pendulum
from .sliding import slide
from .strikes import Shock, find_strikes
from .tissue import Wobble

KNOWLEDGE = ("nothing", "outward", "up", "full")
TOLD = ("nominal", "true")
MAX_TILT_DEG, MAX_SLIDE_M = 80.0, 0.15  # further, a device has fallen off
INNER_HZ = 480.0  # 8 times the highest natural frequency of soft tissue
INNER_PER_RATE = 4.0  # and so many times the device's rate
BAND_PER_RATE = 0.4  # a device's band: corner of its anti-aliasing filter as a share of its rate
SETTLE_S = 1.0  # of motion before the first sample, where there is any
BLOCK_SAMPLES = 1 << 19  # points times inner samples at once, which bounds memory


@dataclass(frozen=True)
class Wear:
    """How a device is worn. As it stands: flat on the skin, y along the segment, welded to it.

    What ends in ``std`` is drawn once per wearing, normal and cut at three deviations.

    Attributes:
        spin_deg: nominal turn about the outward normal, counter-clockwise seen from outside, on the left side and in the
            middle of the body; on the right side it is mirrored, that is negative.
        spin_choices_deg: added to it, one of these with equal chance; the first is the nominal one.
        spin_std_deg: spread of the spin.
        inward_probability: of wearings in which the face looks at the body.
        tilt_std_deg: spread of the tilt about each of the two axes in the skin.
        slide_along_std_m, slide_around_std_m: spread of the place, along the segment and around it.
        lift_m, lift_std_m: height of the sensor above the skin.
        knowledge: what the recording's mount tells: ``nothing``, ``outward`` or ``up`` axis, or ``full``.
        swing: play of a loose strap or pocket, or a case that hangs.
        wobble: soft tissue under the device.
        shock: foot strikes that the motion does not hold.
        told: ``nominal`` tells the turn without what was drawn, which is what a user or a manual knows; ``true`` tells the
            turn as drawn, which is what a calibration knows.

    Raises:
        UsageError: a figure out of its range, an unknown word.

    Example:
        >>> Wear(spin_std_deg=15.0, knowledge="outward").is_rigid
        True
    """

    spin_deg: float = 0.0
    spin_choices_deg: tuple[float, ...] = (0.0,)
    spin_std_deg: float = 0.0
    inward_probability: float = 0.0
    tilt_std_deg: float = 0.0
    slide_along_std_m: float = 0.0
    slide_around_std_m: float = 0.0
    lift_m: float = 0.0
    lift_std_m: float = 0.0
    knowledge: str = "full"
    told: str = "nominal"
    swing: Swing | Pendulum | None = None
    wobble: Wobble | None = None
    shock: Shock | None = None

    def __post_init__(self) -> None:
        ranges = {
            "spin_deg": (-360.0, 360.0),
            "spin_std_deg": (0.0, 1e4),
            "inward_probability": (0.0, 1.0),
            "tilt_std_deg": (0.0, MAX_TILT_DEG / 3),
            "slide_along_std_m": (0.0, MAX_SLIDE_M / 3),
            "slide_around_std_m": (0.0, MAX_SLIDE_M / 3),
            "lift_m": (0.0, 0.3),
            "lift_std_m": (0.0, 0.1),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:  # also catches NaN
                raise UsageError(
                    f"A device cannot be worn with this {name}", expected=f"{low:g} to {high:g}", got=f"{value:g}"
                )
        if not self.spin_choices_deg or not np.isfinite(self.spin_choices_deg).all():
            raise UsageError("A device is worn in at least one way", expected="spin_choices_deg with finite angles")
        for name, words in (("knowledge", KNOWLEDGE), ("told", TOLD)):
            if getattr(self, name) not in words:
                raise UsageError(
                    f"There is no such {name} of a mount", expected=", ".join(words), got=repr(getattr(self, name))
                )

    @property
    def is_rigid(self) -> bool:
        """Whether the device is welded to the skin: nothing swings, wobbles or is shocked."""
        return self.swing is None and self.wobble is None and self.shock is None

    def active(self) -> dict[str, object]:
        """What differs from the default, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}


@dataclass(frozen=True, eq=False)
class WornPoints:
    """Devices on a body.

    Attributes:
        points: where they lie on the skin, after sliding.
        point_set: the sensors: lifted, and with their own frames.
        point_from_sensor: (P, 3, 3) turn of each sensor against the frame of its point.
        mounts: what each recording tells of the turn.
        notes: how each one was put on.
    """

    points: SurfacePoints
    point_set: PointSet
    point_from_sensor: Float[Array, "points 3 3"]
    mounts: tuple[Mount, ...]
    notes: tuple[tuple[Note, ...], ...]

    def __len__(self) -> int:
        return len(self.points)


def put_on(
    points: SurfacePoints, wear: Wear, rngs: Sequence[np.random.Generator], body: ShapedBody | None = None
) -> WornPoints:
    """One wearing of a device at each point.

    Args:
        points: where the devices are meant to sit.
        wear: how they are worn.
        rngs: one generator per point. Each is asked for the same draws whatever the wear, so that an effect switched on
            leaves the others as they were.
        body: of the points; needed where devices slide.

    Raises:
        UsageError: generators that do not fit the points, a slide without a body.
    """
    count = len(points)
    if len(rngs) != count:
        raise UsageError("Every wearing needs its own generator", expected=f"{count}", got=str(len(rngs)))
    normals = np.array([np.clip(rng.standard_normal(6), -3.0, 3.0) for rng in rngs]).reshape(count, 6)
    chances = np.array([rng.random(2) for rng in rngs]).reshape(count, 2)

    along, around = wear.slide_along_std_m * normals[:, 3], wear.slide_around_std_m * normals[:, 4]
    worn = points
    if wear.slide_along_std_m or wear.slide_around_std_m:
        if body is None:
            raise UsageError("A device slides over the skin of a body", remedy="Give put_on the body of the points")
        worn = slide(body, points, along, around)
    mirror = np.array([-1.0 if name.startswith("right_") else 1.0 for name in points.segment_names])
    choices = np.asarray(wear.spin_choices_deg, dtype=float)
    choice = choices[np.minimum((chances[:, 0] * len(choices)).astype(int), len(choices) - 1)]
    spin = mirror * (wear.spin_deg + choice) + wear.spin_std_deg * normals[:, 0]
    inward = chances[:, 1] < wear.inward_probability
    tilt = np.clip(wear.tilt_std_deg * normals[:, 1:3], -MAX_TILT_DEG, MAX_TILT_DEG)
    lift = np.maximum(wear.lift_m + wear.lift_std_m * normals[:, 5], 0.0)

    turn = _turn(spin, inward, tilt)
    nominal = _turn(mirror * (wear.spin_deg + choices[0]), np.zeros(count, dtype=bool), np.zeros((count, 2)))
    point_set = PointSet(
        worn.rest_m + lift[:, None] * worn.normal,
        worn.skin_bone,
        worn.weight,
        np.einsum("pij,pjk->pik", worn.rest_from_point, turn),
    )
    told_points, told_turn = (worn, turn) if wear.told == "true" else (points, nominal)
    mounts = tuple(_mount(wear, told_points, told_turn, row) for row in range(count))
    notes = tuple(
        _notes(wear, spin[row], bool(inward[row]), tilt[row], along[row], around[row], lift[row])
        for row in range(count)
    )
    return WornPoints(worn, point_set, turn, mounts, notes)


def worn_signals(
    bones: BoneMotion,
    motion: BodyMotion,
    worn: WornPoints,
    wear: Wear,
    time_s: Float[Array, " time"],
    rate_hz: float,
    rngs: Sequence[np.random.Generator],
) -> tuple[Float[Array, "points time 3"], Float[Array, "points time 3"]]:
    """What ideal sensors in the worn devices feel.

    Args:
        bones: splines of the motion's bones.
        motion: the same motion, for its feet and its ground.
        worn: the devices, from `put_on`.
        wear: how they are worn.
        time_s: (T,) when the devices sample.
        rate_hz: their sampling rate.
        rngs: one generator per point.

    Returns:
        Specific force (P, T, 3), m/s2, and angular rate (P, T, 3), rad/s, in the sensors' frames, float32. Where nothing
        swings, wobbles or is shocked, exactly what `BoneMotion.sample` gives.

    Raises:
        UsageError: generators that do not fit the devices, times outside the motion.
    """
    if wear.is_rigid:
        return bones.sample(worn.point_set, time_s)
    if len(rngs) != len(worn):
        raise UsageError("Every wearing needs its own generator", expected=f"{len(worn)}", got=str(len(rngs)))
    normals = np.array([np.clip(rng.standard_normal(3), -3.0, 3.0) for rng in rngs]).reshape(len(worn), 3)
    grid, inner_hz = _inner_grid(bones, time_s, rate_hz)
    strikes = find_strikes(bones, motion.body) if wear.shock else ()
    acc = np.empty((len(worn), len(time_s), 3), dtype=np.float32)
    gyr = np.empty_like(acc)
    size = max(1, BLOCK_SAMPLES // len(grid))
    for start in range(0, len(worn), size):
        part = slice(start, min(start + size, len(worn)))
        points = worn.points[part]
        flat = PointSet(
            worn.point_set.positions_m[part],
            worn.point_set.bones[part],
            worn.point_set.weights[part],
            points.rest_from_point,
        )
        force, rate = (signal.astype(np.float64) for signal in bones.sample(flat, grid))
        if wear.shock:
            force = wear.shock.felt(force, grid, points, bones, strikes)
        if wear.wobble:
            force = wear.wobble.felt(force, inner_hz, points.segment_names, motion.body.shape, normals[part, 0])
        if wear.swing:
            up = np.einsum("pji,pj->pi", points.rest_from_point, points.rest_from_neutral[:, :, 2])
            force, rate = wear.swing.felt(force, rate, STANDARD_GRAVITY_MPS2 * up, inner_hz, normals[part, 1:])
        turn = worn.point_from_sensor[part]
        for signal, out in ((force, acc), (rate, gyr)):
            turned = (signal[..., None] * turn[:, None]).sum(axis=2)
            out[part] = _read(_banded(turned, inner_hz, BAND_PER_RATE * rate_hz), grid, time_s)
    return acc, gyr


def _inner_grid(bones: BoneMotion, time_s: Array, rate_hz: float) -> tuple[Array, float]:
    """Even times around those asked for, and their rate."""
    first, last = max(bones.start_s, float(time_s.min()) - SETTLE_S), min(bones.end_s, float(time_s.max()) + 0.25)
    count = max(32, int(np.ceil((last - first) * max(INNER_HZ, INNER_PER_RATE * rate_hz))) + 1)
    return np.linspace(first, last, count), (count - 1) / (last - first)


def _banded(signal: Array, inner_hz: float, corner_hz: float) -> Array:
    """Zero-phase low-pass over time (axis 1): what delay a part has is the sensor model's to say."""
    from scipy.signal import butter, sosfiltfilt

    sos = butter(4, corner_hz, fs=inner_hz, output="sos")
    level = signal[:, :1]
    return level + sosfiltfilt(
        sos, signal - level, axis=1, padlen=min(signal.shape[1] - 1, int(2 * inner_hz / corner_hz))
    )


def _read(signal: Array, grid: Array, time_s: Array) -> Array:
    """Values at any times: Lagrange's polynomial through the six samples around each."""
    place = (time_s - grid[0]) / (grid[1] - grid[0])
    first = np.clip(np.floor(place).astype(int) - 2, 0, len(grid) - 6)
    offset = place - first
    out = np.zeros((len(signal), len(time_s), 3))
    for own in range(6):
        weight = np.ones_like(offset)
        for other in range(6):
            if other != own:
                weight *= (offset - other) / (own - other)
        out += weight[None, :, None] * signal[:, first + own]
    return out


def _turn(spin_deg: Array, inward: Array, tilt_deg: Array) -> Array:
    from scipy.spatial.transform import Rotation

    zero = np.zeros(len(spin_deg))
    tilt = Rotation.from_rotvec(np.deg2rad(np.column_stack([tilt_deg, zero])))
    spin = Rotation.from_rotvec(np.deg2rad(np.column_stack([zero, zero, spin_deg])))
    face = Rotation.from_rotvec(np.pi * np.column_stack([zero, inward, zero]))
    return (tilt * spin * face).as_matrix()


def _mount(wear: Wear, points: SurfacePoints, turn: Array, row: int) -> Mount:
    from scipy.spatial.transform import Rotation

    if wear.knowledge == "nothing":
        return UNKNOWN_MOUNT
    source = "simulated, as worn" if wear.told == "true" else "simulated, nominal wearing"
    if wear.knowledge == "outward":
        return Mount(outward_axis=_unit(turn[row][2]), source=source)
    segment_from_sensor = points.rest_from_neutral[row].T @ points.rest_from_point[row] @ turn[row]
    if wear.knowledge == "up":
        return Mount(up_axis=_unit(segment_from_sensor[2]), source=source)
    quat = Rotation.from_matrix(segment_from_sensor).as_quat()
    x, y, z, w = (float(v) for v in (-quat if quat[3] < 0 else quat))
    return Mount(quat_segment_from_sensor=(x, y, z, w), source=source)


def _unit(vector: Array) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in vector / np.linalg.norm(vector))
    return x, y, z


def _notes(
    wear: Wear, spin: float, inward: bool, tilt: Array, along: float, around: float, lift: float
) -> tuple[Note, ...]:
    parts = [f"spin {spin:.1f} deg", *(["face to the body"] if inward else [])]
    if wear.tilt_std_deg:
        parts.append(f"tilt {np.hypot(*tilt):.1f} deg")
    if wear.slide_along_std_m or wear.slide_around_std_m:
        parts.append(f"slid {1e3 * along:.0f} mm along and {1e3 * around:.0f} mm around")
    if lift:
        parts.append(f"{1e3 * lift:.1f} mm above the skin")
    notes = [Note("assumed", "simulated wearing: " + ", ".join(parts))]
    for model in (wear.swing, wear.wobble, wear.shock):
        if model is not None:
            figures = ", ".join(f"{f.name} {_figure(getattr(model, f.name))}" for f in fields(model))
            notes.append(Note("assumed", f"simulated {type(model).__name__.lower()}: {figures}"))
    return tuple(notes)


def _figure(value: float | tuple[float, ...]) -> str:
    return "/".join(f"{v:g}" for v in value) if isinstance(value, tuple) else f"{value:g}"
