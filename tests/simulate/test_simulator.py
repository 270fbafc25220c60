import dataclasses

import numpy as np
import pytest

from anywear.body import BodyShape, shape_body
from anywear.errors import PlacementError, UsageError
from anywear.motion import BodyMotion, retarget
from anywear.motion.generate import generate
from anywear.placement import Mount, Placement
from anywear.recording import STANDARD_GRAVITY_MPS2
from anywear.simulate import DeviceClock, Simulator, device, residual_corner_hz
from anywear.simulate.devices import Device


@pytest.fixture(scope="module")
def walk() -> Simulator:
    return Simulator(generate("walking", seed=4, seconds=5.0, speed_mps=1.3).clip)


def test_a_walk_at_the_waist_swings_with_the_steps(walk):
    recording = walk.record(["waist"], rate_hz=100.0)
    acc = recording.streams[0].acc_mps2
    magnitude = np.linalg.norm(acc, axis=1) - STANDARD_GRAVITY_MPS2
    power = np.abs(np.fft.rfft(magnitude * np.hanning(len(magnitude)))) ** 2
    frequency = np.fft.rfftfreq(len(magnitude), 0.01)
    steps_per_s = frequency[np.argmax(power * (frequency > 1.0))]
    assert 1.5 < steps_per_s < 2.3
    assert np.median(np.linalg.norm(acc, axis=1)) == pytest.approx(STANDARD_GRAVITY_MPS2, rel=0.15)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(walk):
    first, again, other = (walk.record(["left_wrist"], "watch", seed=seed).streams[0] for seed in (3, 3, 4))
    assert first.acc_mps2.tobytes() == again.acc_mps2.tobytes()
    assert first.time_s.tobytes() == again.time_s.tobytes()
    assert first.acc_mps2.tobytes() != other.acc_mps2.tobytes()


def test_a_sensor_does_not_depend_on_those_beside_it_nor_on_threads(walk):
    alone = walk.record(["left_wrist"], "watch", seed=3).streams[0]
    among = walk.record(["chest", "left_wrist", "right_foot"], "watch", seed=3, threads=2).stream("left_wrist")
    assert alone.gyr_radps.tobytes() == among.gyr_radps.tobytes()
    assert alone.acc_mps2.tobytes() == among.acc_mps2.tobytes()


def test_points_all_over_the_skin_share_one_clock(walk):
    recording = walk.record(40, "bmi270", rate_hz=50.0, seed=1)
    assert len(recording.streams) == 40
    assert all((stream.time_s == recording.streams[0].time_s).all() for stream in recording.streams)
    assert len({stream.placement.segment for stream in recording.streams}) > 8


def test_a_device_each(walk):
    recording = walk.record(["left_wrist", "waist"], {"left_wrist": "watch", "waist": "bmi270"})
    assert recording.stream("left_wrist").nominal_rate_hz == device("watch").rate_hz
    assert recording.stream("waist").nominal_rate_hz == device("bmi270").rate_hz
    with pytest.raises(UsageError, match="do not fit together"):
        walk.record(["left_wrist"], {"waist": "watch"})


def test_the_mount_told_is_the_turn_of_the_sensor():
    body = shape_body()
    from anywear.body import neutral_pose

    frames = 60
    root = np.tile(body.root_m, (frames, 1))
    still = BodyMotion(body, 60.0, neutral_pose(body, frames), root, name="still")
    stream = Simulator(still, lowpass_hz=None).record(["left_thigh"], rate_hz=50.0).streams[0]
    from scipy.spatial.transform import Rotation

    segment_from_sensor = Rotation.from_quat(stream.placement.mount.quat_segment_from_sensor)
    # Standing in the neutral pose, segment and body frames are one: up is z.
    assert segment_from_sensor.apply(stream.acc_mps2.mean(axis=0)) == pytest.approx(
        [0, 0, STANDARD_GRAVITY_MPS2], abs=1e-3
    )


def test_lost_and_late_samples_make_a_valid_recording(walk):
    clock = DeviceClock(drop_probability=0.25, duplicate_probability=0.05, burst_samples=5, stamp_resolution_s=0.001)
    lossy = Device("lossy", "loses samples", "waist", clock=clock, rate_hz=50.0)
    stream = walk.record(["waist"], lossy, seed=2).streams[0]
    assert 0.65 * 250 < len(stream) < 0.9 * 250
    assert (np.diff(stream.time_s) > 0).all()
    assert any("dropped" in note.text for note in stream.notes)


def test_everything_done_is_in_the_notes(walk):
    recording = walk.record(["left_wrist"], "watch", seed=1)
    text = " ".join(str(note) for _, note in recording.all_notes())
    for word in ("low-pass", "simulated accelerometer", "simulated clock", "wearing"):
        assert word in text
    assert recording.metadata["seed"] == "1" and "walking" in recording.metadata["captions"]


def test_signals_advance_the_generator_and_follow_it(walk):
    points = walk.points(["left_wrist", "waist"])
    first, again = (walk.signals(points, "bmi270", rng=np.random.default_rng(5)) for _ in range(2))
    assert first.acc_mps2.shape == (2, len(first.time_s), 3)
    assert first.acc_mps2.tobytes() == again.acc_mps2.tobytes()
    rng = np.random.default_rng(5)
    walk.signals(points, "bmi270", rng=rng)
    assert walk.signals(points, "bmi270", rng=rng).acc_mps2.tobytes() != first.acc_mps2.tobytes()
    part = walk.signals(points, start_s=1.0, duration_s=2.0, rate_hz=50.0)
    assert part.time_s[0] == pytest.approx(1.0) and len(part.time_s) == 100


def test_a_taller_body_walks_with_the_same_turns_and_wider_ways():
    clip = generate("walking", seed=4, seconds=4.0).clip
    small, tall = (Simulator(clip, body=BodyShape(height)) for height in (1.55, 1.90))
    gyr = [simulator.record(["left_thigh"]).streams[0].gyr_radps for simulator in (small, tall)]
    assert np.corrcoef(gyr[0][:, 0], gyr[1][:, 0])[0, 1] > 0.99
    ways = [np.ptp(simulator.motion.root_position_m[:, 0]) for simulator in (small, tall)]
    assert 1.1 < ways[1] / ways[0] < 1.35


@pytest.mark.parametrize(
    ("at", "options", "error"),
    [
        ([], {}, UsageError),
        (["nowhere"], {}, PlacementError),
        ([Placement.unknown()], {}, PlacementError),
        (0, {}, UsageError),
        (["waist"], {"device": "wacht"}, UsageError),
        (["waist"], {"rate_hz": -5.0}, UsageError),
        (["waist"], {"rate_hz": 0.2}, UsageError),
        (["waist"], {"seed": -1}, UsageError),
    ],
)
def test_what_cannot_be_is_an_error(walk, at, options, error):
    with pytest.raises(error):
        walk.record(at, **options)


def test_a_motion_that_is_too_slow_or_too_short_is_refused():
    motion = retarget(generate("walking", seed=1, seconds=3.0).clip)
    with pytest.raises(UsageError, match="below what the band"):
        Simulator(dataclasses.replace(motion, rate_hz=8.0))
    brief = dataclasses.replace(
        motion, quat_world_from_bone=motion.quat_world_from_bone[:9], root_position_m=motion.root_position_m[:9]
    )
    with pytest.raises(UsageError, match="too short"):
        Simulator(brief)
    with pytest.raises(UsageError, match="has a body already"):
        Simulator(motion, body=BodyShape(1.8))
    with pytest.raises(UsageError, match="low-pass"):
        Simulator(motion, lowpass_hz="soft")


def test_residual_analysis_finds_the_corner_between_motion_and_noise():
    rng = np.random.default_rng(0)
    t = np.arange(0, 20, 1 / 120)
    motion = 0.3 * np.sin(2 * np.pi * 1.0 * t) + 0.05 * np.sin(2 * np.pi * 3.0 * t)
    noisy = motion[:, None] + 0.002 * rng.standard_normal((len(t), 6))
    corner = residual_corner_hz(noisy, 120.0)
    assert corner is not None and 4.0 < corner < 15.0
    assert residual_corner_hz(np.repeat(motion[:, None], 3, axis=1), 120.0) is None
    # More noise asks for a lower corner.
    noisier = motion[:, None] + 0.02 * rng.standard_normal((len(t), 6))
    lower = residual_corner_hz(noisier, 120.0)
    assert lower is not None and lower <= corner


def test_knowledge_of_the_mount_follows_the_profile(walk):
    watch, phone = (
        walk.record([device(name).site], name, seed=1).streams[0] for name in ("watch", "phone_in_front_pocket")
    )
    assert watch.placement.mount.knowledge == "outward"
    assert phone.placement.mount == Mount() or phone.placement.mount.knowledge == "nothing"
