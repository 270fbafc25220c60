"""Imagined recordings obey the physics, know what the user's setup knows and no more, and are made once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear import Placement
from anywear.errors import UsageError
from anywear.placement import Mount
from anywear.runtime import imagine as module
from anywear.runtime.imagine import ANYWHERE, Imagination, ImagineConfig, Setup, imagine, move
from anywear.signal import Window, mount_axes

SHORT = ImagineConfig(seconds=3.0)
EXACT = replace(SHORT, mount_error_deg=0.0)
UP, OUTWARD = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
KNOWN = {
    "nothing": Mount(),
    "up": Mount(up_axis=UP),
    "outward": Mount(outward_axis=OUTWARD),
    "full": Mount(up_axis=UP, outward_axis=OUTWARD),
}


class Camera:
    """A model that embeds nothing, and remembers the windows it is shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[Window, tuple[Placement, ...]]] = []

    def encode_windows(self, found, placements):
        self.shown += [(window, tuple(placements)) for window in found]
        return np.ones((len(found), 4), dtype=np.float32)


@pytest.fixture
def made(monkeypatch) -> list[tuple]:
    """Every motion that is really made."""
    calls: list[tuple] = []

    def counted(program, number, *rest):
        calls.append((program, number))
        return move(program, number, *rest)

    monkeypatch.setattr(module, "move", counted)
    return calls


def _setup(
    site: str = "waist", known: str = "full", *, gyr: bool = True, rate_hz: float = 50.0, length: int = 64
) -> Setup:
    placement = Placement.at(site, KNOWN[known])
    return Setup((placement,), (gyr,), (rate_hz,), length)


def _window(length: int = 125, rates_hz=(50.0,), gyr=(True,)) -> Window:
    values = np.tile([0.0, 0.0, 9.81], (length, 1))
    return Window(0, tuple(range(len(rates_hz))), (values,) * len(rates_hz),
                  tuple(values if own else None for own in gyr), tuple(rates_hz))  # fmt: skip


def _angle_deg(one, other) -> float:
    cosine = np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other)
    return float(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0))))


# --- the setup


def test_the_setup_is_what_shapes_a_window():
    placements = (Placement.at("waist"), Placement.at("left_wrist", KNOWN["up"]))
    window = replace(_window(rates_hz=(99.7, 24.6), gyr=(True, False)), streams=(1, 0))
    setup = Setup.of(window, placements)
    assert [own.site for own in setup.placements] == ["left_wrist", "waist"]
    assert setup.has_gyr == (True, False) and setup.rates_hz == (50.0, 25.0)
    assert [own.mount.knowledge for own in setup.placements] == ["up", "nothing"]


def test_how_a_sensor_is_turned_is_no_part_of_it():
    turns = [Rotation.from_rotvec(vector) for vector in ((0.3, -2.0, 0.1), (1.2, 0.4, -0.7), (0.0, 0.0, 3.1))]
    for known in ("up", "outward", "full"):
        mounts = [
            replace(KNOWN[known], **{
                name: tuple(turn.apply(getattr(KNOWN[known], name)))
                for name in ("up_axis", "outward_axis") if getattr(KNOWN[known], name)
            }, source=str(number))
            for number, turn in enumerate(turns)
        ]  # fmt: skip
        setups = {Setup.of(_window(), (Placement.at("waist", mount),)) for mount in mounts}
        assert len(setups) == 1 and next(iter(setups)).placements[0].mount.knowledge == known
    whole = Mount(quat_segment_from_sensor=tuple(turns[0].as_quat()))
    assert Setup.of(_window(), (Placement.at("waist", whole),)).placements[0].mount.knowledge == "full"
    # A full turn says nothing of outward where nobody knows the place.
    assert Setup.of(_window(), (replace(Placement.unknown(), mount=whole),)).placements[0].mount.knowledge == "up"


@pytest.mark.parametrize("length", [25, 40, 77, 125, 250, 500])
def test_windows_of_nearly_one_length_are_one_setup(length):
    asked = Setup.of(_window(length), (Placement.at("waist"),)).length
    assert 0.8 < asked / length < 1.25
    assert Setup.of(_window(asked), (Placement.at("waist"),)).length == asked


def test_a_clock_slower_than_any_still_has_a_rate():
    assert Setup.of(_window(rates_hz=(0.3,)), (Placement.at("waist"),)).rates_hz == (1.0,)


# --- the physics


@pytest.mark.parametrize("site", ["waist", "chest"])
def test_who_stands_feels_gravity_along_the_axis_told_as_up(site):
    [stream] = imagine("standing", 0, _setup(site), EXACT).streams
    gravity = stream.acc_mps2.mean(axis=0)
    assert np.linalg.norm(gravity) == pytest.approx(9.81, abs=0.5)  # a part's bias is up to a few hundredths of g
    assert stream.gyr_radps is not None and np.abs(stream.gyr_radps).mean() < 0.1
    axes, known = mount_axes(stream.placement)
    assert known[:2].all() and np.allclose(np.linalg.norm(axes[:2], axis=1), 1.0)
    assert _angle_deg(gravity, axes[0]) < 12.0  # belly and chest are not plumb, and nobody stands quite straight
    assert abs(_angle_deg(gravity, axes[1]) - 90.0) < 15.0


def test_who_lies_on_the_back_feels_gravity_out_of_the_chest():
    [stream] = imagine("lying_on_back", 0, _setup("chest"), EXACT).streams
    axes, _ = mount_axes(stream.placement)
    assert _angle_deg(stream.acc_mps2.mean(axis=0), axes[1]) < 30.0
    assert _angle_deg(stream.acc_mps2.mean(axis=0), axes[0]) > 60.0


def test_mounts_are_told_as_far_off_as_in_life():
    off = []
    for number in range(4):
        exact, told = (imagine("standing", number, _setup(), own).streams[0] for own in (EXACT, SHORT))
        assert np.array_equal(exact.acc_mps2, told.acc_mps2)
        off.append(_angle_deg(exact.placement.mount.up_axis, told.placement.mount.up_axis))
    # Ten degrees about each axis: the axis itself moves by 12 in the median, by more than 43 once in 10,000 times.
    assert 3.0 < np.mean(off) < 25.0 and max(off) < 43.0 and len(set(off)) == 4


def test_a_faster_motion_shakes_more():
    shaken = [
        np.linalg.norm(imagine(program, 0, _setup(), SHORT).streams[0].acc_mps2, axis=1).std()
        for program in ("standing", "walking_forward", "running")
    ]
    assert shaken[0] < 0.3 < 1.0 < shaken[1] < shaken[2]


@pytest.mark.parametrize(("program", "slower", "faster"), [("walking_forward", 0.8, 1.4), ("standing_up", 1.4, 1.8)])
def test_a_quick_motion_is_quicker(program, slower, faster):
    """Accelerations of the same movement grow with the square of its speed."""
    tempos = []
    for tempo in (-1, 0, 1):
        shaken = []
        for number in range(4):
            [stream] = imagine(program, number, _setup(), EXACT, tempo).streams
            shaken.append(np.linalg.norm(np.diff(stream.acc_mps2, axis=0), axis=1).mean())
        tempos.append(np.mean(shaken))
    assert tempos[0] < slower * tempos[2] / faster and tempos[0] < tempos[1] < tempos[2]


@pytest.mark.parametrize(
    ("program", "length"), [("standing_up", 32), ("turning_while_walking", 45), ("throw_ball", 90)]
)
def test_windows_are_cut_about_the_act(program, length):
    camera, config = Camera(), replace(SHORT, seconds=8.0)
    imagination, setup = Imagination(camera, 25.0, config), _setup(length=length)
    for number in range(3):
        acts = imagination.recording(program, setup, number).labels
        assert acts and {act.label for act in acts} == {program}
    imagination.vectors(program, setup, 3)
    recordings = [imagination.recording(program, setup, number) for number in range(3)]
    held = []
    for window, _ in camera.shown:
        start, stop = window.start / 25.0, window.start / 25.0 + length / 25.0
        shares = [
            (min(act.end_s, stop) - max(act.start_s, start)) / min(act.end_s - act.start_s, length / 25.0)
            for made in recordings
            for act in made.labels
        ]
        held.append(max(shares))
    assert 3 <= len(held) <= 9 and min(held) > 0.85


def test_what_is_done_all_along_is_cut_anywhere():
    camera = Camera()
    imagination = Imagination(camera, 25.0, replace(SHORT, seconds=8.0))
    assert not imagination.recording("walking_forward", _setup()).labels
    imagination.vectors("walking_forward", _setup(length=45), 1)
    starts = [window.start for window, _ in camera.shown]
    assert len(starts) == 3 and starts[0] == 0 and max(starts) > 90


# --- what is known


@pytest.mark.parametrize("known", list(KNOWN))
def test_what_is_told_is_what_the_user_knows(known):
    [stream] = imagine("walking_forward", 0, _setup("left_wrist", known), SHORT).streams
    assert stream.placement.mount.knowledge == known and stream.placement.site == "left_wrist"
    assert stream.placement.mount.quat_segment_from_sensor is None


def test_each_stream_has_the_rate_and_the_sensors_of_the_users():
    worn = (Placement.at("waist"), Placement.at("left_wrist", KNOWN["up"]), Placement.at("chest"))
    setup = Setup.of(_window(64, (200.0, 20.0, 49.0), (True, False, True)), worn)
    camera = Camera()
    imagination = Imagination(camera, 25.0, SHORT)
    streams = imagination.recording("walking_forward", setup).streams
    rates = [stream.effective_rate_hz for stream in streams]
    # Devices' clocks are off by a few percent; faster than 50 Hz is of no use to any model.
    assert rates == pytest.approx([50.0, 20.0, 49.0], rel=0.05)
    assert [stream.gyr_radps is not None for stream in streams] == [True, False, True]
    assert [stream.placement.mount.knowledge for stream in streams] == ["nothing", "up", "nothing"]
    imagination.vectors("walking_forward", setup, 1)
    for window, placements in camera.shown:
        assert window.rates_hz == setup.rates_hz and window.streams == (0, 1, 2)
        assert [gyr is not None for gyr in window.gyr_radps] == [True, False, True]
        assert [own.name for own in placements] == ["waist", "left_wrist", "chest"]


def test_an_unknown_place_is_tried_here_and_there_and_stays_unknown():
    nowhere = Setup((replace(Placement.unknown(), mount=KNOWN["up"]),), (True,), (50.0,), 64)
    for number in (0, 1):
        [stream] = imagine("standing", number, nowhere, SHORT).streams
        assert not stream.placement.is_known and stream.placement.mount.knowledge == "up"
        [there] = imagine("standing", number, _setup(ANYWHERE[number]), SHORT).streams
        assert np.array_equal(stream.acc_mps2, there.acc_mps2)


# --- once, and the same


def test_the_same_every_time():
    one, again, other = (imagine("waving", number, _setup("left_wrist"), SHORT) for number in (1, 1, 2))
    assert one.streams[0].acc_mps2.tobytes() == again.streams[0].acc_mps2.tobytes()
    assert np.array_equal(np.asarray(one.streams[0].gyr_radps), np.asarray(again.streams[0].gyr_radps))
    assert one.streams[0].placement == again.streams[0].placement
    assert other.streams[0].acc_mps2.tobytes() != one.streams[0].acc_mps2.tobytes()


def test_nothing_is_made_twice(made):
    camera = Camera()
    imagination = Imagination(camera, 25.0, SHORT)
    first = imagination.vectors("standing", _setup(), 1)
    assert len(made) == 1 and 1 <= len(first) <= SHORT.windows
    more = imagination.vectors("standing", _setup(), 2)
    assert [number for _, number in made] == [0, 1] and np.array_equal(more[: len(first)], first)
    shown = len(camera.shown)
    imagination.vectors("standing", _setup(), 2)
    assert len(made) == 2 and len(camera.shown) == shown
    # Windows of another length are cut from the same recordings; another setup records the same motion.
    recording = imagination.recording("standing", _setup())
    imagination.vectors("standing", _setup(length=45), 2)
    assert imagination.recording("standing", _setup(length=45)) is recording and len(camera.shown) > shown
    assert {len(window.acc_mps2[0]) for window, _ in camera.shown} == {64, 45}
    assert imagination.recording("standing", _setup(known="up")) is not recording
    assert len(made) == 2
    imagination.recording("standing", _setup(), tempo=1)
    assert len(made) == 3


def test_a_motion_is_recorded_alike_whatever_it_was_recorded_on_before():
    wrist, waist = (_setup(site, "up") for site in ("left_wrist", "waist"))
    imagination = Imagination(Camera(), 25.0, SHORT)
    imagination.recording("waving", wrist)
    for setup in (waist, wrist):
        [kept], [alone] = (
            own.streams for own in (imagination.recording("waving", setup), imagine("waving", 0, setup, SHORT))
        )
        assert kept.acc_mps2.tobytes() == alone.acc_mps2.tobytes() and kept.placement == alone.placement


def test_the_longest_unused_is_forgotten(made, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    monkeypatch.setattr(module, "KEPT_MOTIONS", 1)
    imagination = Imagination(Camera(), 25.0, SHORT)
    for program in ("standing", "sitting", "standing", "waving", "standing", "sitting"):
        imagination.recording(program, _setup())
    assert [program for program, _ in made] == ["standing", "sitting", "waving", "sitting"]


def test_what_cannot_be_simulated_has_no_windows(monkeypatch):
    def fail(*_):
        raise UsageError("This motion cannot be made")

    monkeypatch.setattr(module, "move", fail)
    assert len(Imagination(Camera(), 25.0, SHORT).vectors("standing", _setup(), 2)) == 0
