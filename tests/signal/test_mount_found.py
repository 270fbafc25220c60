"""The mount found by itself: exact truth of simulated walks in any turn of the sensor, refusal where it cannot be known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from walks import RATE_HZ, angle_deg, simulated, stream_of, turn_of, turned, worn

from anywear.errors import UsageError
from anywear.placement import Placement
from anywear.recording import Recording, Stream
from anywear.signal import mount_axes
from anywear.signal.mount import calibrate_mount, calibrate_recordings, mount_upright, with_mounts

TRUNK = ("waist", "chest", "lower_back", "right_front_hip")
LEGS = ("left_front_pocket", "right_thigh", "right_outer_thigh", "left_shank", "right_ankle", "left_foot")


def _axes(estimate) -> np.ndarray:
    """Rows: the segment's forward, left and up in the sensor's frame, as found."""
    return Rotation.from_quat(estimate.mount.quat_segment_from_sensor).as_matrix()


def _joined(parts: list[Stream]) -> Stream:
    """One after the other, on one clock."""
    acc = np.concatenate([part.acc_mps2 for part in parts])
    gyr = np.concatenate([part.gyr_radps for part in parts])
    return replace(parts[0], time_s=np.arange(len(acc)) / RATE_HZ, acc_mps2=acc, gyr_radps=gyr)


@pytest.mark.parametrize("site", [*TRUNK, *LEGS])
def test_up_and_forward_are_those_of_the_segment(site):
    for seed in (1, 2):
        one = worn("walking_left" if seed == 1 else "walking_treadmill", 1 if seed == 1 else 4, site, seed)
        estimate = calibrate_mount(one.stream)
        [piece] = estimate.pieces
        assert piece.mount.knowledge == "full", (site, piece.reason)
        assert angle_deg(_axes(estimate)[2], one.segment_from_sensor[2]) < 15.0
        assert angle_deg(_axes(estimate)[0], one.segment_from_sensor[0]) < 25.0
        assert piece.up_error_deg < 15.0 and piece.forward_error_deg < 22.0
        assert piece.walking_s >= 5.0 and "s of walking" in piece.mount.source
        axes, known = mount_axes(replace(one.stream.placement, mount=piece.mount))
        _, normal = one.stream.placement.rest_point()
        assert known[:2].all() and angle_deg(axes[1], one.segment_from_sensor.T @ normal) < 25.0


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), site=st.sampled_from([*TRUNK, *LEGS]))
def test_turning_the_sensor_turns_the_answer(seed, site):
    matrix = turn_of(seed)
    # Permutations of axes are exact in single precision, so that only the finder's own rounding is seen.
    nearest = np.eye(3)[[1, 2, 0]] if seed % 2 else np.diag([-1.0, -1.0, 1.0])
    [stream] = [own for own in simulated("walking_left", 1) if own.placement.site == site]
    plain = replace(stream, placement=Placement.at(site))
    one, exact, other = (calibrate_mount(s) for s in (plain, turned(plain, nearest), turned(plain, matrix)))
    np.testing.assert_allclose(_axes(one) @ nearest.T, _axes(exact), atol=1e-9)
    np.testing.assert_allclose(_axes(one) @ matrix.T, _axes(other), atol=1e-5)  # samples are single precision
    assert one.main.walking_s == other.main.walking_s


@pytest.mark.parametrize("site", ["waist", "right_front_hip", "left_front_pocket", "left_shank", "left_foot"])
def test_a_mirrored_body_has_the_mirrored_mount(site):
    stream = worn("walking_left", 1, site).stream
    mirror = np.diag([1.0, -1.0, 1.0])  # of the sensor's frame: forces mirror as vectors, turns the other way about
    acc, gyr = stream.acc_mps2 @ mirror, -stream.gyr_radps @ mirror
    mirrored = replace(stream, acc_mps2=acc, gyr_radps=gyr, placement=stream.placement.mirrored())
    one, other = _axes(calibrate_mount(stream)), _axes(calibrate_mount(mirrored))
    np.testing.assert_allclose(np.diag([1.0, -1.0, 1.0]) @ one @ mirror, other, atol=1e-9)


def test_the_answer_is_the_same_every_time():
    stream = worn("walking_left", 1, "right_thigh").stream
    assert calibrate_mount(stream) == calibrate_mount(stream)


def test_a_wrist_is_told_up_alone():
    one = worn("walking_left", 1, "left_wrist")
    [piece] = calibrate_mount(one.stream).pieces
    assert piece.mount.knowledge == "up" and piece.up_error_deg >= 20.0 and piece.forward_error_deg is None
    assert angle_deg(piece.mount.up_axis, one.segment_from_sensor[2]) < 25.0
    assert "cannot be told" in piece.reason and piece.drift_deg is None


def test_an_arm_held_in_two_ways_is_declined():
    stream = worn("walking_left", 1, "left_wrist").stream
    lifted = turned(stream, Rotation.from_euler("x", 80, degrees=True).as_matrix())
    [piece] = calibrate_mount(_joined([stream, lifted])).pieces
    assert piece.mount.knowledge == "nothing" and "held in several ways" in piece.reason


def test_without_gyroscope_trunk_and_thigh_are_told_forward_and_feet_are_not():
    for site, knowledge in (
        ("waist", "full"),
        ("left_front_pocket", "full"),
        ("left_foot", "up"),
        ("left_shank", "up"),
    ):
        one = worn("walking_left", 1, site)
        estimate = calibrate_mount(replace(one.stream, gyr_radps=None))
        assert estimate.mount.knowledge == knowledge, (site, estimate.main.reason)
        up = _axes(estimate)[2] if knowledge == "full" else np.array(estimate.mount.up_axis)
        assert angle_deg(up, one.segment_from_sensor[2]) < 35.0
        if knowledge == "up":
            assert "gyroscope" in estimate.main.reason


def test_where_nobody_walks_nothing_is_claimed():
    still = np.tile([0.0, 0.0, 9.81], (1000, 1))
    for site in ("waist", "left_thigh", "left_foot", "left_wrist", "unknown"):
        [piece] = calibrate_mount(stream_of(still, np.zeros_like(still), site)).pieces
        assert piece.mount.knowledge == "nothing" and piece.reason == "no walking was found"
        assert piece.up_error_deg is None and piece.forward_error_deg is None
    short = worn("walking_left", 1, "waist").stream
    cut = replace(short, time_s=short.time_s[:210], acc_mps2=short.acc_mps2[:210], gyr_radps=short.gyr_radps[:210])
    assert "are needed" in calibrate_mount(cut).main.reason
    slow = calibrate_mount(stream_of(still[:100], rate_hz=5.0)).main
    assert slow.mount.knowledge == "nothing" and "too slow" in slow.reason


def test_a_device_put_on_anew_has_two_mounts_and_the_time_between_them():
    first, second = worn("walking_left", 1, "waist", 1), worn("walking_treadmill", 4, "waist", 2)
    assert angle_deg(first.segment_from_sensor[2], second.segment_from_sensor[2]) > 45.0
    estimate = calibrate_mount(_joined([first.stream, second.stream]))
    assert len(estimate.pieces) == 2 and estimate.remounted_s[0] == (0, pytest.approx(20.0, abs=3.0))
    assert estimate.pieces[0].stretches[0].stop_s == estimate.pieces[1].stretches[0].start_s
    for piece, own in zip(estimate.pieces, (first, second), strict=True):
        found = Rotation.from_quat(piece.mount.quat_segment_from_sensor).as_matrix()
        assert angle_deg(found[2], own.segment_from_sensor[2]) < 15.0
        assert angle_deg(found[0], own.segment_from_sensor[0]) < 25.0
    assert estimate.mount_at(1.0) == estimate.pieces[0].mount and estimate.mount_at(39.0) == estimate.pieces[1].mount
    assert estimate.mount_at(99.0).knowledge == "nothing" and estimate.mount_at(1.0, stream=1).knowledge == "nothing"
    assert len(estimate.notes()) == 3


def test_a_belt_turned_to_the_side_has_two_mounts_though_up_stays():
    one = worn("walking_treadmill", 4, "waist", 1)
    quarter = Rotation.from_rotvec(np.deg2rad(100.0) * one.segment_from_sensor[2]).as_matrix()
    estimate = calibrate_mount(_joined([one.stream, turned(one.stream, quarter)]))
    assert len(estimate.pieces) == 2
    ahead = [Rotation.from_quat(p.mount.quat_segment_from_sensor).as_matrix()[0] for p in estimate.pieces]
    assert angle_deg(ahead[0], ahead[1]) == pytest.approx(100.0, abs=3.0)


def test_streams_of_one_wearing_count_together():
    parts = [worn("walking_left", 1, "waist", 3).stream, worn("walking_treadmill", 4, "waist", 3).stream]
    together = calibrate_mount(parts)
    [piece] = together.pieces
    assert [s.stream for s in piece.stretches] == [0, 1] and {number for number, _ in together.walks} == {0, 1}
    assert piece.walking_s == pytest.approx(sum(calibrate_mount(own).main.walking_s for own in parts), abs=0.1)
    with pytest.raises(UsageError, match="at one place"):
        calibrate_mount([parts[0], worn("walking_left", 1, "chest").stream])
    with pytest.raises(UsageError, match="without a stream"):
        calibrate_mount([])


def test_an_unknown_place_is_told_up_alone():
    one = worn("walking_left", 1, "waist")
    estimate = calibrate_mount(replace(one.stream, placement=Placement.unknown()))
    assert estimate.mount.knowledge == "up"
    assert angle_deg(estimate.mount.up_axis, one.segment_from_sensor[2]) < 20.0


def test_standing_upright_gives_up_exactly_and_walking_gives_forward():
    one = worn("walking_treadmill", 4, "left_front_pocket", 5)
    up = one.segment_from_sensor[2]
    rest = replace(one.stream, acc_mps2=np.tile(9.81 * up, (1000, 1)), gyr_radps=np.zeros((1000, 3)))
    stream = _joined([rest, one.stream])
    estimate = mount_upright(stream, 5.0)
    assert estimate.mount.knowledge == "full" and estimate.main.up_error_deg == 4.0
    assert angle_deg(_axes(estimate)[2], up) < 1e-3
    assert angle_deg(_axes(estimate)[0], one.segment_from_sensor[0]) < 20.0
    alone = mount_upright(rest, 5.0)
    assert alone.mount.knowledge == "up" and angle_deg(alone.mount.up_axis, up) < 1e-3
    with pytest.raises(UsageError, match="Nobody stands still"):
        mount_upright(stream, 30.0)
    for outside in (-5.0, 99.0, float("nan")):
        with pytest.raises(UsageError, match="not in the stream"):
            mount_upright(stream, outside)


def test_a_recording_takes_its_mounts_and_tells_where_they_come_from():
    first, second = worn("walking_left", 1, "waist", 1), worn("walking_treadmill", 4, "waist", 2)
    both = replace(_joined([first.stream, second.stream]), name="belt")
    wrist = replace(worn("walking_left", 1, "left_wrist").stream, name="wrist")
    recording = Recording((both, wrist))
    estimates = calibrate_recordings(recording)
    mounted = with_mounts(recording, estimates)
    assert [stream.name for stream in mounted.streams] == ["belt", "belt (2)", "wrist"]
    assert sum(len(stream) for stream in mounted.streams[:2]) == len(both)
    assert [s.placement.mount.knowledge for s in mounted.streams] == ["full", "full", "up"]
    assert all("found by itself" in stream.notes[-1].text for stream in mounted.streams)
    assert with_mounts(recording, {}).streams == recording.streams
