"""Gestures nobody has a name for: random paths of a hand on a two-link arm, as many kinds as asked for, made as batches.

A kind is a row of key postures: places of the wrist before the shoulder, with the elbow's swivel and the turn and bend of the
wrist. Straight strokes, closed curves, shakes and turns of the wrist are drawn, and each kind comes with siblings that are
the same but for the order, the direction or one stroke, which are what a classifier mixes up. Everybody makes a kind their
own way: other sizes, tempi, tilts, arms. A hand moves from key to key along a minimum-jerk course, or rounds the corners.

Sources: minimum jerk after T. Flash, N. Hogan, J. Neurosci. 5, 1985; joint centres and lengths after D. Winter, Biomechanics
and Motor Control of Human Movement, 2009, table 4.1; the elbow of a two-link arm is two circles' intersection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .._typing import Array, Float
from ..recording import STANDARD_GRAVITY_MPS2

FINE = 2  # instants computed per sample
KEYS = 16  # of a kind, at most, with the two of rest
ANGLES = 4  # of a key, beside its place: swivel, pronation, flexion, deviation
REACH = (0.25, 0.985)  # shares of the arm's length between which the wrist stays
LENGTH = 0.97  # of a gesture in the window it was cut out as
SOFT = 0.03  # arm's lengths before its limits at which the arm begins to give
UPPER_M, FORE_M, HAND_M = (
    0.30,
    0.26,
    0.09,
)  # shoulder to elbow to wrist to the middle of the hand, of somebody 1.70 m tall
HANGING = np.array([0.10, -0.08, -0.93, 0.0, 0.2, 0.0, 0.0])  # arm's lengths forward, left, up; radians
READY = np.array([0.55, 0.10, -0.35, 0.3, 0.9, 0.0, 0.0])


@dataclass(frozen=True, eq=False)
class Kind:
    """What everybody's performances of one gesture share.

    Attributes:
        keys: (K, 7) offsets from the place where it is made, arm's lengths, and four angles in radians.
        seconds: (K - 1,) time of each stroke, relative to the others.
        centre: (7,) where it is made.
        rest: (7,) posture before and after.
        rounding: of corners, as a share of a stroke's time; 0 stops at each.
        repeats: whether strokes 1 and 2 are repeated, so often as somebody feels like.
        length: of the whole, as a share of the window.
    """

    keys: Array
    seconds: Array
    centre: Array
    rest: Array
    rounding: float
    repeats: bool
    length: float


def draw_kinds(count: int, rng: np.random.Generator, siblings: int = 3) -> list[Kind]:
    """Kinds of gestures, in families of look-alikes.

    Args:
        count: how many.
        rng: draws everything.
        siblings: in a family.
    """
    rest = HANGING if rng.random() < 0.5 else READY
    # In half of the draws all are made in one place, so that it does not tell them apart.
    shared = _centre(rng) if rng.random() < 0.5 else None
    kinds: list[Kind] = []
    while len(kinds) < count:
        first = _kind(shared, rest, rng)
        kinds.append(first)
        kinds += [_sibling(first, rng) for _ in range(int(rng.integers(0, siblings)))]
    return kinds[:count]


def perform(
    kinds: list[Kind], samples: int, rate_hz: float, rng: np.random.Generator, in_hand: bool = False
) -> tuple[Float[Array, "gestures samples 3"], Float[Array, "gestures samples 3"]]:
    """What a sensor on the forearm or in the hand feels of one performance of each kind, every one by another person.

    Args:
        kinds: one per performance; repeat a kind for more of it.
        samples: length of the windows.
        rate_hz: of the samples.
        rng: draws the persons.
        in_hand: the sensor is held, not worn on the forearm.

    Returns:
        Specific force in m/s2 and angular rate in rad/s. The sensor's x points to the fingers, y and z across.
    """
    keys, times = _plans(kinds, samples / rate_hz, rng)
    fine_hz = FINE * rate_hz
    count = samples * FINE + 2
    path = _follow(keys, times, np.arange(count) / fine_hz, np.array([kind.rounding for kind in kinds]))
    path = path + _sway(len(kinds), count, fine_hz, rng)
    place, frame = _arm(path, in_hand, rng)
    force = (place[:, 2:] - 2.0 * place[:, 1:-1] + place[:, :-2]) * fine_hz**2
    force[..., 2] += STANDARD_GRAVITY_MPS2
    acc = np.einsum("ntij,nti->ntj", frame[:, 1:-1], force)
    turned = np.einsum("ntij,ntik->ntjk", frame[:, :-2], frame[:, 2:])
    skew = np.stack([turned[..., 2, 1] - turned[..., 1, 2], turned[..., 0, 2] - turned[..., 2, 0],
                     turned[..., 1, 0] - turned[..., 0, 1]], axis=-1)  # fmt: skip
    gyr = skew * (0.25 * fine_hz)
    means = (*acc.shape[:1], samples, FINE, 3)
    return acc.reshape(means).mean(axis=2), gyr.reshape(means).mean(axis=2)


def _centre(rng: np.random.Generator) -> Array:
    place = [rng.uniform(0.45, 0.8), rng.normal(0.05, 0.15), rng.normal(-0.15, 0.2)]
    return np.array([*place, rng.uniform(0.1, 1.0), rng.uniform(-0.4, 1.4), rng.normal(0.0, 0.2), rng.normal(0.0, 0.1)])


def _kind(centre: Array | None, rest: Array, rng: np.random.Generator) -> Kind:
    size = rng.uniform(0.25, 0.85)  # arm's lengths
    repeats, rounding = False, float(rng.choice([0.0, 0.15, 0.35]))
    offsets = np.zeros((1, 7))
    way = rng.random()
    if way < 0.40:  # strokes, mostly in an upright plane, at right angles or any
        count = int(rng.integers(1, 6))
        turn = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.choice([0.5, 0.75, 1.0, 1.25, 1.5], count) * np.pi)
        steps = np.stack([0.25 * rng.normal(size=count), np.cos(turn), np.sin(turn)], axis=1)
        if rng.random() < 0.3:  # in any direction
            steps = rng.normal(size=(count, 3))
        steps *= size * rng.uniform(0.5, 1.0, (count, 1)) / np.linalg.norm(steps, axis=1, keepdims=True)
        places = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
        offsets = np.zeros((count + 1, 7))
        offsets[:, :3] = places - 0.5 * (places.min(axis=0) + places.max(axis=0))
    elif way < 0.60:  # curves, round or like an eight
        count = int(rng.integers(8, 13))
        angle = rng.uniform(0, 2 * np.pi) + rng.choice([-1, 1]) * np.linspace(0, rng.uniform(1.4, 3.2) * np.pi, count)
        waves = int(rng.choice([1, 1, 1, 2]))
        plane = np.linalg.qr(np.eye(3)[[1, 2, 0]].T + 0.35 * rng.normal(size=(3, 3)))[0][:, :2]
        offsets = np.zeros((count, 7))
        flat = np.stack([np.cos(angle), rng.uniform(0.5, 1.0) * np.sin(waves * angle)], axis=1)
        offsets[:, :3] = 0.4 * size * flat @ plane.T
        rounding = 0.6
    elif way < 0.75:  # there and back, again and again
        direction = rng.normal(size=3)
        offsets = np.zeros((3, 7))
        offsets[1, :3] = 0.7 * size * direction / np.linalg.norm(direction)
        offsets[1, 3:] = rng.normal(0.0, 0.25, ANGLES)
        repeats, rounding = True, 0.3
    else:  # turns of the wrist and forearm, with little way
        count = int(rng.integers(1, 5))
        offsets = np.zeros((count + 1, 7))
        offsets[1:, 3 + int(rng.integers(ANGLES))] = rng.uniform(0.5, 1.6) * np.cumsum(rng.choice([-1, 1], count))
        offsets[:, 3:] = np.clip(offsets[:, 3:], -1.6, 1.6)
        offsets[1:, :3] = 0.12 * rng.normal(size=(count, 3))
        repeats = count == 2 and rng.random() < 0.5
    if rng.random() < 0.6:  # the wrist goes along
        offsets[:, 3:] += rng.normal(0.0, 0.25, (len(offsets), ANGLES))
    seconds = np.linalg.norm(np.diff(offsets, axis=0), axis=1) ** 0.5 + 0.1
    where = _centre(rng) if centre is None else centre
    return Kind(offsets, seconds, where, rest, rounding, repeats, LENGTH)


def _sibling(kind: Kind, rng: np.random.Generator) -> Kind:
    """The same but for one thing."""
    keys, seconds = kind.keys.copy(), kind.seconds
    way = rng.integers(5)
    if way == 0 and not kind.repeats:  # the other way round
        keys, seconds = keys[::-1].copy(), seconds[::-1].copy()
    elif way == 1:  # mirrored in one direction
        keys[:, rng.integers(1, 3)] *= -1.0
    elif way == 2 and len(keys) > 3 and not kind.repeats:  # strokes in another order
        steps = np.diff(keys, axis=0)[rng.permutation(len(keys) - 1)]
        keys = keys[:1] + np.concatenate([np.zeros((1, 7)), np.cumsum(steps, axis=0)])
        keys -= 0.5 * (keys.min(axis=0) + keys.max(axis=0))
    elif way == 3:  # in another plane
        angle = rng.choice([-1, 1]) * rng.uniform(0.25, 0.5) * np.pi
        cos, sin = np.cos(angle), np.sin(angle)
        first, second = [(0, 1), (1, 2), (0, 2)][rng.integers(3)]
        keys[:, first], keys[:, second] = cos * keys[:, first] - sin * keys[:, second], sin * keys[:, first] + cos * keys[:, second]  # fmt: skip # noqa: E501
    else:  # the wrist turned another way
        keys[:, 3:] += rng.normal(0.0, 0.5, (len(keys), ANGLES))
    return replace(kind, keys=keys, seconds=seconds)


def _plans(kinds: list[Kind], window_s: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Keys (N, K, 7) with rest around, and when each is reached (N, K); spare keys stay at rest for ever."""
    keys, times = np.zeros((len(kinds), KEYS, 7)), np.full((len(kinds), KEYS), np.inf)
    for row, kind in enumerate(kinds):
        own, seconds = kind.keys, kind.seconds
        if kind.repeats:
            often = int(rng.integers(2, 5))
            own = np.concatenate([own[:2]] + [own[[0, 1]]] * (often - 1) + [own[:1]])
            seconds = np.resize(seconds[:2], len(own) - 1)
        tilt = rng.normal(0.0, 0.12, 3)
        places = own[:, :3] * np.exp(rng.normal(0.0, 0.22)) * np.exp(rng.normal(0.0, 0.08, 3))
        places = places + np.cross(tilt, places) + 0.07 * np.abs(own[:, :3]).max() * rng.normal(size=places.shape)
        angles = own[:, 3:] * np.exp(rng.normal(0.0, 0.2)) + rng.normal(0.0, 0.08, (len(own), ANGLES))
        centre = kind.centre + rng.normal(0.0, [0.05, 0.05, 0.05, 0.2, 0.15, 0.1, 0.07])
        rest = kind.rest + rng.normal(0.0, [0.04, 0.04, 0.03, 0.15, 0.2, 0.1, 0.05])
        strokes = seconds * np.exp(rng.normal(0.0, 0.15, len(seconds)))
        whole = np.clip(kind.length + rng.normal(0.0, 0.05), 0.25, 1.1) * window_s
        away = rng.uniform(0.5, 1.2, 2) * strokes.mean() + 0.1 * strokes.sum()
        every = np.concatenate([[away[0]], strokes, [away[1]]])
        every *= whole / every.sum()
        # The gesture was cut out of what went before and after, not always well.
        begin = 0.5 * (window_s - whole) + rng.normal(0.0, 0.03) * window_s
        count = len(own)
        keys[row, 0], keys[row, count + 1 :] = rest, rest
        keys[row, 1 : count + 1] = np.concatenate([places, angles], axis=1) + centre
        times[row, : count + 2] = begin + np.concatenate([[0.0], np.cumsum(every)])
    return keys, times


def _follow(keys: Array, times: Array, at: Array, rounding: Array) -> Float[Array, "gestures time 7"]:
    """Postures at each instant, minimum jerk from key to key, corners rounded in time."""
    passed = (at[None, :, None] >= times[:, None, 1:]).sum(axis=2)
    last = np.isfinite(times).sum(axis=1)[:, None] - 2
    left = np.minimum(passed, last)
    begin, end = np.take_along_axis(times, left, 1), np.take_along_axis(times, left + 1, 1)
    u = np.clip((at - begin) / (end - begin), 0.0, 1.0)
    # Who rounds corners does not slow down at them.
    smooth = u**3 * (10.0 - 15.0 * u + 6.0 * u**2)
    share = np.minimum(2.0 * rounding, 1.0)[:, None]
    u = ((1.0 - share) * smooth + share * u)[..., None]
    rows = np.arange(len(keys))[:, None]
    path = keys[rows, left] * (1.0 - u) + keys[rows, left + 1] * u
    stroke_s = (np.take_along_axis(times, last + 1, 1) - times[:, :1])[:, 0] / (last[:, 0] + 1)
    return _smoothed(path, 0.03 + rounding * stroke_s, 1.0 / (at[1] - at[0]))


def _smoothed(path: Array, sigma_s: Array, rate_hz: float) -> Array:
    """Gaussian smoothing along time, another width for every row."""
    pad = path.shape[1] // 2
    wide = np.pad(path, ((0, 0), (pad, pad), (0, 0)), mode="edge")
    hz = np.fft.rfftfreq(wide.shape[1], 1.0 / rate_hz)
    gain = np.exp(-0.5 * (2.0 * np.pi * hz * sigma_s[:, None]) ** 2)
    return np.fft.irfft(np.fft.rfft(wide, axis=1) * gain[..., None], n=wide.shape[1], axis=1)[:, pad : pad + path.shape[1]]  # fmt: skip # noqa: E501


def _sway(count: int, length: int, rate_hz: float, rng: np.random.Generator) -> Array:
    """What nobody means: the slow give of trunk and arm, arm's lengths and radians."""
    white = rng.normal(size=(count, length, 7))
    slow = _smoothed(white, np.full(count, 0.25), rate_hz)
    slow /= slow.std(axis=1, keepdims=True) + 1e-9
    return slow * rng.uniform(0.0, 1.0, (count, 1, 1)) * np.array([0.006, 0.006, 0.006, 0.04, 0.04, 0.03, 0.02])


def _arm(path: Array, in_hand: bool, rng: np.random.Generator) -> tuple[Array, Array]:
    """Where the sensor is, (N, T, 3) metres from the shoulder, and its frame, (N, T, 3, 3), columns its axes in the world."""
    size = np.exp(rng.normal(0.0, 0.06, (len(path), 1, 1)))
    upper, fore = UPPER_M * size, FORE_M * size
    wrist = path[..., :3] * (upper + fore)
    far = np.linalg.norm(wrist, axis=-1, keepdims=True)
    held = (upper + fore) * _within(far / (upper + fore))
    toward = wrist / np.maximum(far, 1e-6)
    wrist = toward * held
    # The elbow lies behind and below, turned about the line from shoulder to wrist by the swivel.
    low = _unit(np.cross(np.array([0.3, 1.0, 0.0]), toward))
    side = np.cross(toward, low)
    swivel = path[..., 3:4]
    out = low * np.cos(swivel) - side * np.sin(swivel)
    along = (upper**2 - fore**2 + held**2) / (2.0 * held)
    elbow = toward * along + out * np.sqrt(np.maximum(upper**2 - along**2, 1e-6))
    x = _unit(wrist - elbow)
    hinge = np.cross(toward, out)
    y, z = _turned(np.cross(hinge, x), hinge, path[..., 4:5])
    if in_hand:
        x, y = _turned(x, y, path[..., 5:6])
        z, x = _turned(z, x, path[..., 6:7])
        wrist = wrist + x * (HAND_M * size)
    else:
        wrist = wrist - x * (rng.uniform(0.03, 0.12, (len(path), 1, 1)) * size)
    frame = np.stack([x, y, z], axis=-1)
    return wrist + np.einsum("ntij,nj->nti", frame, rng.normal(0.0, 0.015, (len(path), 3))), frame


def _within(share: Array) -> Array:
    """Shares of the arm's length, brought smoothly within `REACH`."""
    near, far = REACH
    share = near + np.logaddexp(0.0, (share - near) / SOFT) * SOFT
    return far - np.logaddexp(0.0, (far - share) / SOFT) * SOFT


def _turned(first: Array, second: Array, angle: Array) -> tuple[Array, Array]:
    return first * np.cos(angle) + second * np.sin(angle), second * np.cos(angle) - first * np.sin(angle)


def _unit(vectors: Array) -> Array:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
