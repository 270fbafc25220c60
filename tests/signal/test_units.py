from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.spatial.transform import Rotation

from anywear.errors import AnywearError, UnitError
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.signal import parse_unit, parse_units, resolve_units
from anywear.signal.units import ACC_SCALES, GYR_SCALES

RATE_HZ = 50.0


def turning(swing_deg: float, frequency_hz: float = 0.2, seconds: float = 40.0, noise: float = 0.05, turn: int = 0):
    """A sensor that swings before gravity: stamps, acc in m/s2, gyr in rad/s, both in the sensor frame."""
    rng = np.random.default_rng(turn)
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * frequency_hz * time
    angles = swing_deg * np.stack([np.sin(phase), np.cos(0.7 * phase), np.sin(1.3 * phase)], axis=1)
    world_from_sensor = Rotation.random(random_state=turn) * Rotation.from_euler("xyz", angles, degrees=True)
    acc = world_from_sensor.inv().apply([0.0, 0.0, G]) + rng.normal(0, noise, (len(time), 3))
    step = world_from_sensor[:-1].inv() * world_from_sensor[1:]
    gyr = np.vstack([step.as_rotvec(), step.as_rotvec()[-1:]]) * RATE_HZ + rng.normal(0, 0.01, (len(time), 3))
    return time, acc, gyr


def moving(unit: str = "m/s2") -> np.ndarray:
    """A vigorous movement, gravity included, in this unit."""
    rng = np.random.default_rng(0)
    return (np.array([0.0, 0.0, G]) + rng.normal(0, 4.0, (500, 3))) / ACC_SCALES[unit]


def texts(notes, kind: str | None = None) -> str:
    return "\n".join(note.text for note in notes if kind in (None, note.kind))


# Names.


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("m/s2", "m/s2"), ("m/s^2", "m/s2"), ("[m/s²]", "m/s2"), ("(m/s^2)", "m/s2"), (" M/S2 ", "m/s2"),
        ("m s^-2", "m/s2"), ("g", "g"), ("G", "g"), ("[g]", "g"), ("mg", "mg"), ("milli-g", "mg"),
        ("rad/s", "rad/s"), ("rad s^-1", "rad/s"), ("(rad/s)", "rad/s"), ("Rad/s", "rad/s"),
        ("°/s", "deg/s"), ("deg/s", "deg/s"), ("dps", "deg/s"), ("Degrees/s", "deg/s"), ("mdps", "mdeg/s"),
        ("", None), ("µT", None), ("hPa", None), ("counts", None), ("s", None), ("m/s", None), ("rad", None),
    ],
)  # fmt: skip
def test_units_are_read_from_headers(text, unit):
    assert parse_unit(text) == unit


@pytest.mark.parametrize("unit", [*ACC_SCALES, *GYR_SCALES])
def test_canonical_names_are_units(unit):
    assert parse_unit(unit) == unit


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_parser(text):
    assert parse_unit(text) in (None, *ACC_SCALES, *GYR_SCALES)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("g,deg/s", ("g", "deg/s")),
        ("rad/s, m/s^2", ("m/s2", "rad/s")),
        ("mg", ("mg", None)),
        ("dps", (None, "deg/s")),
        ("", (None, None)),
    ],
)
def test_units_option(text, units):
    assert parse_units(text) == units


@pytest.mark.parametrize("text", ["furlongs", "g,furlongs", "g,m/s2", "deg/s,rad/s", "g deg/s", "g;deg/s"])
def test_units_option_that_says_nothing_clear(text):
    with pytest.raises(UnitError, match="not understood") as caught:
        parse_units(text)
    assert text in caught.value.where
    assert caught.value.remedy == "Write --units g,deg/s"


# Acceleration.


@pytest.mark.parametrize("unit", list(ACC_SCALES))
def test_the_unit_shows_in_the_magnitude(unit):
    acc, gyr, notes = resolve_units(moving(unit))
    assert gyr is None
    np.testing.assert_allclose(acc, moving(), rtol=1e-12)
    assert f"acceleration in {unit}, from its median magnitude" in texts(notes, "detected")
    assert (f"from {unit} to m/s2" in texts(notes, "converted")) == (unit != "m/s2")


@pytest.mark.parametrize("unit", list(ACC_SCALES))
def test_a_declared_unit_is_checked_and_noted(unit):
    acc, _, notes = resolve_units(moving(unit), acc_unit=unit)
    np.testing.assert_allclose(acc, moving(), rtol=1e-12)
    assert "as the file says" in texts(notes, "detected")


@pytest.mark.parametrize("true", list(ACC_SCALES))
@pytest.mark.parametrize("declared", list(ACC_SCALES))
def test_a_declared_unit_that_contradicts_the_values_stops(true, declared):
    if true == declared:
        return
    with pytest.raises(UnitError, match=f"cannot be in {declared}") as caught:
        resolve_units(moving(true), acc_unit=declared, where="walk.csv")
    error = caught.value
    assert error.where == "walk.csv"
    assert error.remedy == f"Say the unit: --units {true}"
    assert f"fit {true}" in error.got


@pytest.mark.parametrize("unit", list(ACC_SCALES))
def test_the_user_has_the_last_word_over_the_file(unit):
    other = "g" if unit != "g" else "m/s2"
    acc, _, notes = resolve_units(moving(unit), acc_unit=other, override=unit)
    np.testing.assert_allclose(acc, moving(), rtol=1e-12)
    assert "as the user says" in texts(notes, "assumed")


def test_the_user_may_say_what_looks_unlikely():
    # Half of gravity: a drop tower, or a badly scaled sensor. Nobody else would believe it.
    acc, _, _ = resolve_units(0.4 * moving(), override="m/s2")
    np.testing.assert_allclose(acc, 0.4 * moving())


@pytest.mark.parametrize(("scale", "unit"), [(1.0, "mg"), (1.0, "g"), (1000.0, "m/s2"), (0.001, "m/s2")])
def test_the_user_cannot_say_what_cannot_be(scale, unit):
    with pytest.raises(UnitError, match=f"cannot be in {unit}") as caught:
        resolve_units(scale * moving(), override=unit)
    assert caught.value.remedy


LINEAR = moving() - np.array([0.0, 0.0, G])


@pytest.mark.parametrize(
    ("acc", "says"),
    [
        (LINEAR, "lack gravity"),  # as large as gravity itself
        (0.15 * LINEAR, "lack gravity"),  # as large as gravity in g: steady walking in m/s2
        (0.5 * LINEAR, "lack gravity"),
        (0.03 * LINEAR, "lack gravity"),  # at rest
        (np.zeros((100, 3)), "lack gravity"),
        (moving() * 16384 / G, "cannot be told"),  # raw counts of a 16-bit sensor
        (moving() * 256 / G, "cannot be told"),
    ],
)
@pytest.mark.parametrize("stamped", [False, True])
def test_values_that_fit_no_unit_stop_with_a_remedy(acc, says, stamped):
    with pytest.raises(UnitError, match=says) as caught:
        resolve_units(acc, where="phone", time_s=np.arange(len(acc)) / 50 if stamped else None)
    assert caught.value.where == "phone"
    assert caught.value.remedy


def test_linear_acceleration_declared_in_metres_is_not_offered_as_g():
    with pytest.raises(UnitError, match="cannot be in m/s2") as caught:
        resolve_units(0.15 * LINEAR, acc_unit="m/s2")
    assert caught.value.remedy == "Export acceleration with gravity included"


def test_a_sensor_that_tumbles_all_the_time_is_taken_at_the_files_word():
    # Gravity cancels out over a few seconds; nothing but the file can tell.
    time = np.arange(1000) / 50
    acc = G * np.stack([np.sin(6 * time), 0 * time, np.cos(6 * time)], axis=1)
    out, _, _ = resolve_units(acc / G, acc_unit="g", time_s=time)
    np.testing.assert_allclose(out, acc)
    with pytest.raises(UnitError, match="lack gravity") as caught:
        resolve_units(acc / G, time_s=time)
    assert "--units" in caught.value.remedy


def test_rows_with_missing_values_do_not_hide_the_unit():
    acc = moving("g")
    acc[:200] = np.nan
    acc[300] = np.inf
    out, _, notes = resolve_units(acc)
    assert "acceleration in g" in texts(notes)
    np.testing.assert_allclose(out[400:], moving()[400:], rtol=1e-12)
    assert np.isnan(out[:200]).all(), "left to build_stream, which drops and notes them"


# Angular rate.


@pytest.mark.parametrize("turn", range(5))
@pytest.mark.parametrize("unit", ["rad/s", "deg/s"])
@pytest.mark.parametrize("swing_deg", [12.0, 30.0, 60.0])
def test_the_turning_of_gravity_tells_degrees_from_radians(unit, swing_deg, turn):
    time, acc, gyr = turning(swing_deg, turn=turn)
    out, rate, notes = resolve_units(acc, gyr / GYR_SCALES[unit], time_s=time)
    np.testing.assert_allclose(rate, gyr, rtol=1e-9)
    np.testing.assert_allclose(out, acc)
    assert f"angular rate in {unit}" in texts(notes, "detected")
    assert ("from deg/s to rad/s" in texts(notes, "converted")) == (unit == "deg/s")


def test_slow_degrees_would_pass_for_radians_by_size_alone():
    # The case the test above is for: no value is too large for radians per second.
    time, acc, gyr = turning(12.0)
    in_degrees = gyr / GYR_SCALES["deg/s"]
    assert np.percentile(np.linalg.norm(in_degrees, axis=1), 99) < 50
    assert "turn gravity" in texts(resolve_units(acc, in_degrees, time_s=time)[2])
    # Without stamps nothing but size is left, and that is an assumption, said aloud.
    _, unturned, notes = resolve_units(acc, in_degrees)
    np.testing.assert_array_equal(unturned, in_degrees)
    assert "too little turning to check" in texts(notes, "assumed")


def test_the_unit_shows_in_g_as_well():
    time, acc, gyr = turning(20.0)
    out, rate, _ = resolve_units(acc / G, gyr / GYR_SCALES["deg/s"], time_s=time)
    np.testing.assert_allclose(out, acc, rtol=1e-9)
    np.testing.assert_allclose(rate, gyr, rtol=1e-9)


def test_fast_degrees_show_in_their_size():
    gyr = np.random.default_rng(0).normal(0, 80, (500, 3))
    _, rate, notes = resolve_units(moving(), gyr)
    np.testing.assert_allclose(rate, np.deg2rad(gyr))
    assert "99th percentile" in texts(notes, "detected")


def test_a_sensor_at_rest_says_nothing_and_that_is_noted():
    rng = np.random.default_rng(0)
    time = np.arange(500) / 50
    acc = np.array([0.0, 0.0, G]) + rng.normal(0, 0.02, (500, 3))
    gyr = rng.normal(0, 0.5, (500, 3))
    _, rate, notes = resolve_units(acc, gyr, time_s=time)
    np.testing.assert_array_equal(rate, gyr)
    assert "rad/s" in texts(notes, "assumed")


@pytest.mark.parametrize("declared", ["rad/s", "deg/s"])
def test_a_declared_rate_is_taken_and_noted(declared):
    time, acc, gyr = turning(20.0)
    _, rate, notes = resolve_units(acc, gyr / GYR_SCALES[declared], gyr_unit=declared, time_s=time)
    np.testing.assert_allclose(rate, gyr, rtol=1e-9)
    assert f"angular rate in {declared}, as the file says" in texts(notes, "detected")


def test_thousandths_of_degrees_are_taken_when_declared():
    time, acc, gyr = turning(20.0)
    _, rate, _ = resolve_units(acc, gyr / GYR_SCALES["mdeg/s"], gyr_unit="mdeg/s", time_s=time)
    np.testing.assert_allclose(rate, gyr, rtol=1e-9)


@pytest.mark.parametrize(("declared", "true"), [("rad/s", "deg/s"), ("deg/s", "rad/s")])
def test_a_declared_rate_that_gravity_contradicts_stops(declared, true):
    time, acc, gyr = turning(20.0)
    with pytest.raises(UnitError, match=f"cannot be in {declared}") as caught:
        resolve_units(acc, gyr / GYR_SCALES[true], gyr_unit=declared, time_s=time, where="watch")
    assert caught.value.where == "watch"
    assert caught.value.remedy == f"Say the unit: --units {true}"


@pytest.mark.parametrize("true", ["rad/s", "deg/s"])
def test_the_user_has_the_last_word_over_gravity(true):
    time, acc, gyr = turning(20.0)
    other = "deg/s" if true == "rad/s" else "rad/s"
    _, rate, notes = resolve_units(acc, gyr / GYR_SCALES[true], gyr_unit=other, override=true, time_s=time)
    np.testing.assert_allclose(rate, gyr, rtol=1e-9)
    assert f"angular rate in {true}, as the user says" in texts(notes, "assumed")


def test_the_user_cannot_say_what_no_limb_does():
    with pytest.raises(UnitError, match="cannot be in rad/s") as caught:
        resolve_units(moving(), np.full((500, 3), 300.0), override="rad/s")
    assert "deg/s" in caught.value.remedy


def test_raw_counts_of_a_gyroscope_stop():
    with pytest.raises(UnitError):
        resolve_units(moving(), np.full((500, 3), 30_000.0))


def test_one_part_of_the_option_leaves_the_other_to_be_found():
    time, acc, gyr = turning(20.0)
    _, rate, notes = resolve_units(acc / G, gyr / GYR_SCALES["deg/s"], override="g", time_s=time)
    np.testing.assert_allclose(rate, gyr, rtol=1e-9)
    assert "as the user says" in texts(notes, "assumed")
    assert "angular rate in deg/s" in texts(notes, "detected")


def test_a_gyroscope_of_its_own_length_is_judged_by_size():
    _, rate, notes = resolve_units(moving(), np.full((7, 3), 0.5), time_s=np.arange(500) / 50)
    assert rate.shape == (7, 3)
    assert "assumed" in {note.kind for note in notes}


# Anything else.

ODD = st.one_of(st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e300, -1e300, 5e-324]), st.floats(), st.floats(-20, 20))
UNITS = st.sampled_from([None, *ACC_SCALES]), st.sampled_from([None, *GYR_SCALES])


@settings(max_examples=200, deadline=None)
@given(st.data(), *UNITS, st.sampled_from([None, "g", "m/s2,deg/s", "rad/s", "nonsense"]))
def test_whatever_comes_the_result_is_scaled_values_or_one_error(data, acc_unit, gyr_unit, override):
    count = data.draw(st.integers(0, 60))
    acc = data.draw(arrays.arrays(np.float64, (count, 3), elements=ODD))
    gyr = data.draw(st.none() | arrays.arrays(np.float64, (count, 3), elements=ODD))
    time = data.draw(st.none() | arrays.arrays(np.float64, count, elements=ODD))
    if data.draw(st.booleans()):
        acc = np.where(np.arange(count)[:, None] % 3, [0.0, 0.0, G], acc)
        time = np.arange(count) / 50.0
    try:
        out, rate, notes = resolve_units(acc, gyr, acc_unit=acc_unit, gyr_unit=gyr_unit, override=override, time_s=time)
    except AnywearError as error:
        assert error.remedy
    else:
        assert out.shape == acc.shape
        assert (rate is None) == (gyr is None)
        assert bool(notes) or not (np.abs(acc) < 1e150).all(axis=1).any()
