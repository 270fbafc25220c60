"""What a live stream refuses: chunks, states, units and settings that cannot be; and its events as JSON."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import anywear
from anywear import LiveStream, Recording, Samples, Sensor
from anywear.errors import FormatError, UnitError, UsageError
from anywear.runtime import Model, Turn, step_many
from anywear.runtime.stream_events import Activity, Event
from runtime.live_toy import LABELS, PlainModel, play_clock, steady, stream


@pytest.fixture(scope="module")
def plain() -> PlainModel:
    return PlainModel()


@pytest.fixture(scope="module")
def model() -> Model:
    return anywear.load()


GOOD = Samples(np.arange(10) / 50, np.full((10, 3), 5.0), np.zeros((10, 3)))


@pytest.mark.parametrize(
    ("chunk", "error", "says"),
    [
        ({"b": GOOD}, UsageError, "Unknown sensor 'b'"),
        ({"a": Samples(GOOD.time_s, np.zeros((9, 3)))}, FormatError, "acc_mps2 does not fit"),
        ({"a": Samples(GOOD.time_s, np.zeros((10, 2)))}, FormatError, "acc_mps2 does not fit"),
        ({"a": Samples(GOOD.time_s, GOOD.acc_mps2, np.zeros((10, 4)))}, FormatError, "gyr_radps does not fit"),
        ({"a": Samples(GOOD.time_s, np.full((10, 3), "x"))}, FormatError, "numbers"),
        ({"a": Samples(GOOD.time_s[None], GOOD.acc_mps2)}, FormatError, "does not fit"),
    ],
)
def test_a_chunk_that_cannot_be_read(plain, chunk, error, says):
    live = LiveStream(plain, LABELS, [Sensor("a", 50.0)])
    with pytest.raises(error, match=says):
        live.step(chunk, live.start())


def test_things_that_are_no_chunk():
    """Without the checks of types that tests run under."""
    code = (
        "import anywear\nfrom anywear import LiveStream, Samples, Sensor\n"
        "live = LiveStream(anywear.load(), ['walking', 'sitting'], [Sensor('a', 50.0)])\n"
        "for chunk in ([1.0], {'a': [1.0]}, {'a': Samples('now', [[1, 2, 3]])}, {'a': Samples([0.0], None)}):\n"
        "    try:\n        live.step(chunk, live.start())\n"
        "    except anywear.AnywearError as error:\n        print(error.what)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    says = ["mapping", "sends Samples", "numbers", "acceleration"]
    assert len(done.stdout.splitlines()) == 4
    assert all(word in line for word, line in zip(says, done.stdout.splitlines(), strict=True)), done.stdout


def test_columns_may_not_come_and_go(plain):
    live = LiveStream(plain, LABELS, [Sensor("a", 50.0)])
    _, state = live.step({"a": GOOD}, live.start())
    with pytest.raises(FormatError, match="goes on without") as caught:
        live.step({"a": Samples(GOOD.time_s + 1, GOOD.acc_mps2)}, state)
    assert caught.value.where == "a"
    _, state = live.step({"a": Samples(GOOD.time_s, GOOD.acc_mps2)}, live.start())
    with pytest.raises(FormatError, match="goes on with one"):
        live.step({"a": replace(GOOD, time_s=GOOD.time_s + 1)}, state)


def test_a_state_of_another_stream(plain):
    live = LiveStream(plain, LABELS, [Sensor("a", 50.0)])
    for other in (
        LiveStream(plain, LABELS, [Sensor("b", 50.0)]),
        LiveStream(plain, LABELS[:2], [Sensor("a", 50.0)]),
        LiveStream(plain, LABELS, [Sensor("a", 50.0)], window_s=2),
    ):
        with pytest.raises(UsageError, match="another stream"):
            live.step({"a": GOOD}, other.start())
        with pytest.raises(UsageError, match="another stream"):
            live.finish(other.start())


@pytest.mark.parametrize(
    ("sensors", "options", "says"),
    [
        ([], {}, "sensors"),
        ([Sensor("a", 50.0), Sensor("a", 50.0)], {}, "name of its own"),
        ([Sensor("a", math.nan)], {}, "sampling rate"),
        ([Sensor("a", 50.0)], {"patience_s": -1.0}, "patience"),
        ([Sensor("a", 50.0)], {"patience_s": math.nan}, "patience"),
        ([Sensor("a", 50.0)], {"window_s": 0.1}, "window"),
        ([Sensor("a", 50.0)], {"threshold": 2.0}, "threshold"),
    ],
)
def test_streams_that_cannot_be(plain, sensors, options, says):
    with pytest.raises(UsageError, match=says):
        LiveStream(plain, LABELS, sensors, **options)


@pytest.mark.parametrize(
    ("acc_unit", "gyr_unit"), [(1 / 9.80665, 1.0), (1000 / 9.80665, 1.0), (1.0, 180 / np.pi), (1 / 9.80665, 57.3)]
)
@pytest.mark.parametrize("seconds", [3.0, 20.0])
def test_values_in_another_unit_are_refused(plain, acc_unit, gyr_unit, seconds):
    """Before the first answer from them, or at the end where there is none."""
    rng = np.random.default_rng(0)
    time = steady(50, seconds)
    turn = 2.0 * np.sin(3 * time)
    angle = np.cumsum(turn) / 50
    acc = np.stack([np.sin(angle), 0 * time, np.cos(angle)], axis=1) * 9.81 + rng.normal(0, 0.05, (len(time), 3))
    gyr = np.stack([0 * time, -turn, 0 * time], axis=1)
    live = LiveStream(plain, LABELS, [Sensor("a", 50.0)])

    def run(*scales: float) -> list[Event]:
        state, events = live.start(), []
        for start in range(0, len(time), 25):
            part = slice(start, start + 25)
            new, state = live.step({"a": Samples(time[part], acc[part] * scales[0], gyr[part] * scales[1])}, state)
            events += new
        return [*events, *live.finish(state)]

    assert any(isinstance(e, Activity) for e in run(1.0, 1.0))
    with pytest.raises(UnitError) as caught:
        run(acc_unit, gyr_unit)
    assert caught.value.where == "a" and "--units" in str(caught.value.remedy)


def test_every_event_goes_to_json(model):
    time = np.r_[steady(50, 12.0), steady(50, 8.0, 20.0)]
    recording = Recording((stream("a", time), stream("b", steady(50, 4.0))))
    live = LiveStream.for_recording(model, LABELS, recording)
    events = play_clock(live, recording, 0.5, [0.0, 0.0])
    events += step_many([Turn(live, {"x": GOOD}, live.start())])[0][0]
    kinds = set()
    for event in events:
        told = json.loads(json.dumps(event.to_dict()))
        kinds.add(told["event"])
        if told["event"] == "activity":
            assert set(told) == {"event", "start_s", "end_s", "label", "confidence", "fit", "final"}
    assert kinds >= {"activity", "segment_started", "segment_ended", "sensor_stalled", "refused"}
