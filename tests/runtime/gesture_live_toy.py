"""Gestures made up: strokes about three axes at rest, learned by a small head, and what a whole stream gives of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

import anywear
from anywear import Placement, Recording, Samples, Sensor
from anywear.runtime.gestures import Example, Gestures, LightConfig, cut_stream
from anywear.runtime.gestures.features import FeatureConfig
from anywear.signal.segmentation import segment

STROKES = {"nod": 0, "shake": 1, "roll": 2}
SMALL = LightConfig(copies=2, features=FeatureConfig(kernels=12, stretched=(1, 4), natural=(1, 3)))
WRIST = Placement.at("left_wrist")


def moved(time: np.ndarray, made: Sequence[tuple[float, str, float]], rng: np.random.Generator) -> tuple:
    """Acceleration and angular rate of a sensor at rest that makes strokes: (instant, which, seconds)."""
    acc = np.array([0.0, 0.0, 9.81]) + rng.normal(0.0, 0.02, (len(time), 3))
    gyr = rng.normal(0.0, 0.01, (len(time), 3))
    for begin, which, lasts in made:
        phase = (time - begin) / lasts
        shape = np.where((phase > 0) & (phase < 1), np.sin(2 * np.pi * phase) * np.sin(np.pi * phase), 0.0)
        axis = STROKES[which]
        acc[:, axis] += 6.0 * shape
        gyr[:, (axis + 1) % 3] += 3.0 * np.abs(shape)
    return acc, gyr


def shown(
    time: np.ndarray, made: Sequence[tuple[float, str, float]], *, gyro: bool = True, seed: int = 0
) -> anywear.Stream:
    """The same as a stream of a watch."""
    acc, gyr = moved(time, made, np.random.default_rng(seed))
    return anywear.Stream("watch", time, acc, gyr if gyro else None, WRIST)


def learned(**how) -> Gestures:
    """Gestures of five examples each, cut as they are found in a stream; `how` goes to `Gestures.train`."""
    examples = []
    for seed, which in enumerate(sorted(STROKES) * 5):
        own = shown(np.arange(400) / 50.0, [(4.0, which, 0.8 + 0.05 * (seed % 7))], seed=seed)
        [found] = segment(own)
        examples.append(Example(cut_stream(own, found.start_s, found.stop_s), which))
    return Gestures.train(examples, config=SMALL, **how)


def whole(gestures: Gestures, stream: anywear.Stream) -> list[tuple[float, float, str, float]]:
    """Every motion of the stream that has a length of gestures: from, to, label, confidence; found and asked at once."""
    found = [own for own in segment(stream) if gestures.min_s <= own.stop_s - own.start_s <= gestures.max_s]
    answers = gestures.predict([cut_stream(stream, own.start_s, own.stop_s) for own in found]) if found else []
    return [
        (own.start_s, own.stop_s, answer.label, answer.confidence) for own, answer in zip(found, answers, strict=True)
    ]


@st.composite
def days(draw) -> anywear.Stream:
    """Up to half a minute with strokes, at any rate, with pauses and clocks that tremble, with a gyroscope or without."""
    rate = draw(st.sampled_from([26.0, 50.0, 104.3]))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    time = np.arange(round(rate * draw(st.floats(1.0, 25.0)))) / rate + draw(st.floats(-5.0, 1000.0))
    made, at = [], float(time[0]) + draw(st.floats(0.0, 4.0))
    while at < time[-1]:
        made.append((at, draw(st.sampled_from(sorted(STROKES))), draw(st.floats(0.4, 2.5))))
        at += draw(st.floats(0.8, 6.0))
    stream = shown(time, made, gyro=draw(st.booleans()), seed=seed)
    time = time + rng.uniform(-0.3, 0.3, len(time)) / rate
    for _ in range(draw(st.integers(0, 2))):
        time[rng.integers(1, len(time)) :] += draw(st.sampled_from([0.1, 0.5, 3.0, 55.0]))
    return anywear.Stream("watch", time, stream.acc_mps2, stream.gyr_radps, WRIST)


def samples(own: anywear.Stream, part: slice) -> Samples:
    return Samples(own.time_s[part], own.acc_mps2[part], None if own.gyr_radps is None else own.gyr_radps[part])


def sensor_of(own: anywear.Stream) -> Sensor:
    return Sensor(own.name, own.effective_rate_hz, own.placement)


def alone(own: anywear.Stream) -> Recording:
    return Recording((own,))
