"""Device profiles: named, documented figure by figure, and turned as real ones are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anywear.body import place, shape_body
from anywear.datasets import dataset
from anywear.errors import UsageError
from anywear.motion import read_motion, retarget
from anywear.simulate import DEVICES, PARTS, Wear, device, put_on, worn_signals
from anywear.simulate.kinematics import BoneMotion
from anywear.simulate.loose import Swing
from anywear.simulate.smoothing import lowpass_of
from anywear.simulate.strikes import TRANSMITTED
from anywear.simulate.tissue import STIFFNESS_N_PER_M

DOC = Path(__file__).resolve().parents[2] / "docs" / "wear.md"
NAMES = ("watch", "phone_in_front_pocket", "chest_strap", "earbud", "ring", "foot_pod", "glasses")
G_MPS2, DPS_RADPS = 9.80665, np.pi / 180


def _list(values) -> str:
    return ", ".join(f"{v:g}" for v in values)


def device_rows() -> list[str]:
    """The three tables of docs/wear.md, as the code has them."""
    rows = []
    for name, own in DEVICES.items():
        acc, gyr = np.asarray(own.sensor.acc.range_si) / G_MPS2, np.asarray(own.sensor.gyr.range_si) / DPS_RADPS
        rows.append(
            f"| `{name}` | `{own.site}` | `{own.sensor.name}`, ±{acc:.0f} g, ±{gyr:.0f} °/s | {own.rate_hz:g} "
            f"| {own.clock.rate_error_std_ppm:g} | {1e3 * own.clock.stamp_jitter_std_s:g} | {own.clock.stamps} "
            f"| {own.wear.knowledge} |"
        )
    for name, own in DEVICES.items():
        wear = own.wear
        rows.append(
            f"| `{name}` | {wear.spin_deg:g} | {_list(wear.spin_choices_deg)} | {wear.spin_std_deg:g} "
            f"| {wear.inward_probability:g} | {wear.tilt_std_deg:g} | {1e3 * wear.slide_along_std_m:g} "
            f"| {1e3 * wear.slide_around_std_m:g} | {1e3 * wear.lift_m:g} |"
        )
    for name, own in DEVICES.items():
        swing, wobble, shock = own.wear.swing, own.wear.wobble, own.wear.shock
        play, tissue = ["off", "", "", "", ""], ["off", "", ""]
        if isinstance(swing, Swing):
            lever, room = _list(1e3 * v for v in swing.lever_m), _list(swing.room_deg)
            play = [_list(swing.frequency_hz), f"{swing.damping:g}", lever, f"{1e3 * swing.gyration_m:g}", room]
        if wobble is not None:
            tissue = [f"{1e3 * wobble.mass_kg:g}", f"{wobble.share:g}", f"{wobble.damping:g}"]
        cells = [f"`{name}`", *play, *tissue, "off" if shock is None else f"{shock.strength:g}"]
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def test_there_are_exactly_the_profiles_that_were_promised():
    assert tuple(DEVICES) == NAMES


def test_the_documentation_has_every_figure():
    lines = DOC.read_text(encoding="utf-8").splitlines()
    for row in device_rows():
        assert row in lines, f"not in docs/wear.md: {row}"
    for table in (STIFFNESS_N_PER_M, TRANSMITTED):
        for name, value in table.items():
            assert any(f"`{name}` {value:g}" in line for line in lines), f"not in docs/wear.md: {name} {value:g}"


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_says_where_its_figures_come_from(name):
    assert len(DEVICES[name].sources) >= 2
    text = DOC.read_text(encoding="utf-8")
    for source in DEVICES[name].sources:
        assert source in text, f"not in docs/wear.md: {source}"


@pytest.mark.parametrize("spelling", ["Foot-Pod", "foot pod", "FOOT_POD", "footpod"])
def test_names_are_forgiving(spelling):
    assert device(spelling) is DEVICES["foot_pod"]


def test_parts_and_ideal_are_worn_rigidly():
    for name in (*PARTS, "ideal"):
        assert device(name).wear == Wear() and device(name).wear.is_rigid
    assert device("BMI270").sensor == PARTS["bmi270"].model
    assert device("ideal").sensor.acc.is_ideal


def test_an_unknown_device_lists_the_known():
    with pytest.raises(UsageError) as caught:
        device("smart sock")
    assert all(name in str(caught.value) for name in (*NAMES, "ideal", "bmi270"))


def test_a_watch_is_worn_alike_on_both_wrists():
    """On the left wrist x points to the hand, on the right one to the elbow; 12 o'clock is away from the thumb on both."""
    body = shape_body()
    points = place(body, ["left_wrist", "right_wrist"])
    nominal = Wear(spin_deg=DEVICES["watch"].wear.spin_deg)
    worn = put_on(points, nominal, [np.random.default_rng(0)] * 2)
    for row, toward_hand in ((0, 1.0), (1, -1.0)):
        neutral = points.rest_from_neutral[row].T @ points.rest_from_point[row] @ worn.point_from_sensor[row]
        down, backward = np.array([0, 0, -1.0]), np.array([-1.0, 0, 0])
        assert toward_hand * neutral[:, 0] @ down > 0.97
        assert neutral[:, 1] @ backward > 0.9  # arms hanging, thumbs point forward


def _walk(dataset_root, name, site):
    clip = dataset_root("cmu-actions") / "data" / "cmu_mocap" / "train" / "walking" / "walking_2.txt"
    motion = retarget(read_motion(clip))
    bones = BoneMotion(motion.rate_hz, motion.transforms(), lowpass_of(motion))
    kind, times = DEVICES[name], np.arange(0.1, bones.end_s - 0.1, 0.02)
    points, rngs = place(motion.body, [site] * 20), [np.random.default_rng(k) for k in range(20)]
    worn = put_on(points, kind.wear, rngs, motion.body)
    return worn_signals(bones, motion, worn, kind.wear, times, 50.0, rngs)


def test_a_simulated_watch_hangs_as_a_real_one_does(dataset_root):
    """The watch of SP-SW-HAR, on the left wrist: mean force of walking, sensor axes."""
    real = []
    for recording in dataset("sp-sw-har").recordings(dataset_root("sp-sw-har"), subjects=["s01", "s07"]):
        watch = recording.stream("watch")
        for span in recording.labels:
            if span.label == "walking":
                inside = (watch.time_s >= span.start_s) & (watch.time_s < span.end_s)
                real.append(watch.acc_mps2[inside].mean(axis=0))
    real = np.median(real, axis=0)
    simulated = _walk(dataset_root, "watch", "left_wrist")[0].mean(axis=1)
    cosine = simulated @ real / np.linalg.norm(simulated, axis=1) / np.linalg.norm(real)
    assert real[0] < -8.5 and np.median(simulated[:, 0]) < -7.5
    assert np.median(cosine) > 0.85
    other = _walk(dataset_root, "watch", "right_wrist")[0].mean(axis=1)
    assert np.median(other[:, 0]) > 7.5


def test_a_phone_lies_in_the_pocket_in_four_ways(dataset_root):
    acc = _walk(dataset_root, "phone_in_front_pocket", "left_front_pocket")[0].mean(axis=1)
    assert (acc[:, 1] > 5).any() and (acc[:, 1] < -5).any()
    # With the phone either way up, its two faces are told by gravity's small part along z.
    assert len({(bool(y > 0), bool(z > 0)) for _, y, z in acc}) == 4


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_gives_finite_signals_that_differ_from_rigid_ones(dataset_root, name):
    acc, gyr = _walk(dataset_root, name, DEVICES[name].site)
    assert np.isfinite(acc).all() and np.isfinite(gyr).all()
    assert 8.5 < np.median(np.linalg.norm(acc, axis=2)) < 11.5
    assert np.linalg.norm(acc, axis=2).max() < 160
    assert not DEVICES[name].wear.is_rigid
