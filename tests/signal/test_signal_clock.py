from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anywear.errors import AnywearError, FormatError
from anywear.placement import Placement
from anywear.recording import LATEST_S, Note, Stream
from anywear.signal import build_stream, interpolate_onto, repair_clock
from anywear.timing import contiguous_slices


def motion(time: np.ndarray) -> np.ndarray:
    """A movement whose value tells its time: (T, 3), slow against every rate used here."""
    return np.stack([np.sin(2 * np.pi * 0.5 * time), np.cos(2 * np.pi * 0.5 * time), 9.81 + 0.1 * time], axis=1)


def notes_of(own: Stream, kind: str | None = None) -> str:
    return "\n".join(str(note) for note in own.notes if kind in (None, note.kind))


def steps(own: Stream) -> np.ndarray:
    return np.diff(own.time_s)


def test_a_good_clock_is_left_alone():
    time = np.arange(100) / 50
    own = build_stream("watch", time, motion(time), motion(time), placement=Placement.at("left_wrist"))
    assert own.notes == ()
    np.testing.assert_array_equal(own.time_s, time)
    np.testing.assert_array_equal(own.acc_mps2, motion(time).astype(np.float32))
    assert own.placement.name == "left_wrist"


def test_what_the_reader_found_comes_first():
    time = np.arange(100) / 50
    time[50:] += 10
    told = Note("converted", "from g")
    own = build_stream("watch", time, motion(time), notes=[told], nominal_rate_hz=50.0)
    assert own.notes[0] == told
    assert len(own.notes) == 2
    assert own.nominal_rate_hz == 50.0


def test_gaps_are_told_and_kept():
    time = np.r_[np.arange(50) / 50, 5 + np.arange(50) / 50, 20 + np.arange(50) / 50]
    own = build_stream("watch", time, motion(time))
    assert "2 gap(s), the longest 14.02 s" in notes_of(own, "detected")
    np.testing.assert_array_equal(own.time_s, time)
    assert len(contiguous_slices(own.time_s)) == 3


# Stamps that repeat.


def test_rows_sent_twice_are_left_out():
    time = np.arange(100) / 50
    rows = np.sort(np.r_[np.arange(100), [3, 40, 77]])
    own = build_stream("watch", time[rows], motion(time)[rows])
    assert "3 row(s) sent twice" in notes_of(own, "repaired")
    np.testing.assert_array_equal(own.time_s, time)


def test_a_packet_sent_twice_is_left_out_wherever_it_comes():
    time = np.arange(100) / 50
    rows = np.r_[np.arange(50), np.arange(40, 50), np.arange(50, 100)]
    own = build_stream("watch", time[rows], motion(time)[rows])
    assert "1 late sample(s) sorted" in notes_of(own)
    assert "10 row(s) sent twice" in notes_of(own)
    np.testing.assert_array_equal(own.time_s, time)


def test_different_rows_with_one_stamp_are_spread():
    time = np.arange(100) / 50
    stamps = time.copy()
    stamps[41] = stamps[40]
    own = build_stream("watch", stamps, motion(time))
    assert "1 repeated stamp(s) spread" in notes_of(own, "repaired")
    assert len(own) == 100
    np.testing.assert_allclose(own.time_s, time, atol=1e-9)


@pytest.mark.parametrize("still", [False, True])
def test_whole_seconds_become_an_even_clock(still):
    true = 0.37 + np.arange(500) / 50
    acc = np.tile([0.0, 0.0, 9.81], (500, 1)) if still else motion(true)
    own = build_stream("watch", np.floor(true), acc)
    assert "spread" in notes_of(own, "repaired")
    assert len(own) == 500, "a sensor that lies still repeats itself; its rows were not sent twice"
    assert own.effective_rate_hz == pytest.approx(50, rel=0.05)
    # Within its own second, and in the last one as fast as ever.
    assert np.abs(own.time_s - true).max() < 0.4
    assert len(contiguous_slices(own.time_s)) == 1


def test_a_coarse_clock_keeps_its_gaps():
    true = np.r_[np.arange(500) / 50, 70 + np.arange(500) / 50]
    own = build_stream("watch", np.floor(true), motion(true))
    np.testing.assert_allclose(own.time_s, true, atol=0.03)
    [before, after] = contiguous_slices(own.time_s)
    assert (before.stop, after.start) == (500, 500)
    assert "1 gap(s), the longest 60" in notes_of(own, "detected")


def test_pairs_of_stamps_are_spread_even_where_the_sensor_rests():
    true = np.arange(600) / 100
    acc = motion(true)
    acc[100:250] = acc[100]
    own = build_stream("watch", np.floor(true * 50 + 1e-9) / 50, acc)
    assert len(own) == 600
    assert own.effective_rate_hz == pytest.approx(100, rel=0.01)


def test_one_stamp_for_all_is_no_clock():
    with pytest.raises(FormatError, match="Fewer than two") as caught:
        build_stream("watch", np.full(50, 3.0), motion(np.arange(50.0)))
    assert "1 of 50" in caught.value.got


# Packets stamped on arrival.


@pytest.mark.parametrize(("size", "period_s"), [(5, 0.1), (30, 0.3), (52, 1.0), (10, 0.1)])
def test_packets_stamped_on_arrival_become_an_even_clock(size, period_s):
    rng = np.random.default_rng(0)
    packets = 40
    arrival = np.arange(packets) * period_s + rng.uniform(0, 0.1 * period_s, packets)
    stamps = (arrival[:, None] + np.cumsum(rng.uniform(1e-4, 5e-4, (packets, size)), axis=1)).ravel()
    true = np.arange(size * packets) * period_s / size
    own = build_stream("watch", stamps, motion(true))
    assert "packets stamped on arrival" in notes_of(own, "repaired")
    assert f"about {size} samples" in notes_of(own, "repaired")
    assert own.effective_rate_hz == pytest.approx(size / period_s, rel=0.05)
    assert len(contiguous_slices(own.time_s)) == 1
    assert np.abs(own.time_s - true).max() < 0.25 * period_s + 0.02


def test_a_lost_stretch_between_packets_stays_a_gap():
    arrival = np.r_[np.arange(20), 50 + np.arange(20)] * 0.3
    stamps = (arrival[:, None] + np.arange(30) * 3e-4).ravel()
    own = build_stream("watch", stamps, motion(stamps))
    assert len(contiguous_slices(own.time_s)) == 2
    assert own.effective_rate_hz == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize(
    "time",
    [
        np.arange(4000) / 1000,  # a fast sensor
        (np.arange(20)[:, None] * 10 + np.arange(200) / 1000).ravel(),  # a fast sensor that sleeps in between
        (np.arange(40)[:, None] * 0.2 + np.arange(10) / 100).ravel(),  # every second packet lost, stamps true
        np.cumsum(np.random.default_rng(0).exponential(0.01, 1000)),  # a clock without any rhythm
    ],
)
def test_true_stamps_are_not_taken_for_packets(time):
    own = build_stream("watch", time, motion(time))
    np.testing.assert_array_equal(own.time_s, time)
    assert not [note for note in own.notes if note.kind == "repaired"]


# Stamps that go back or astray.


def test_late_samples_are_sorted_in():
    time = np.arange(200) / 50
    rows = np.arange(200)
    rows[60:70], rows[70:75] = np.arange(65, 75), np.arange(60, 65)
    own = build_stream("watch", time[rows], motion(time)[rows])
    assert "late sample(s) sorted" in notes_of(own, "repaired")
    np.testing.assert_array_equal(own.time_s, time)
    np.testing.assert_allclose(own.acc_mps2, motion(time), atol=1e-5)


def test_a_clock_set_back_goes_on_behind_a_gap():
    time = np.r_[100 + np.arange(100) / 50, np.arange(100) / 50, np.arange(50) / 50]
    own = build_stream("watch", time, motion(np.arange(250) / 50))
    told = notes_of(own, "repaired")
    assert "set back by 101.98 s at row 100" in told
    assert "set back by 1.98 s at row 200" in told
    assert [len(own.time_s[part]) for part in contiguous_slices(own.time_s)] == [100, 100, 50]
    assert (steps(own) > 0).all()
    np.testing.assert_allclose(own.acc_mps2, motion(np.arange(250) / 50), atol=1e-5)


def test_many_resets_are_told_briefly():
    time = np.tile(np.arange(100) / 50, 30)
    own = build_stream("watch", time, motion(np.arange(3000) / 50))
    assert len(contiguous_slices(own.time_s)) == 30
    assert len(own.notes) < 8
    assert "26 more time(s)" in notes_of(own, "repaired")


@pytest.mark.parametrize("wrong", [0.0, 1e10, -1e10, 900.0])
@pytest.mark.parametrize("row", [0, 1, 60, 98, 99])
def test_a_single_stamp_astray_costs_one_row(row, wrong):
    time = 500 + np.arange(100) / 50
    stamps = time.copy()
    stamps[row] = wrong
    own = build_stream("watch", stamps, motion(time - 500))
    if (row == 0 and wrong < 500) or (row == 99 and wrong > 500):
        # As far as stamps tell this is a sample before, or after, a long gap.
        assert len(contiguous_slices(own.time_s)) == 2
    else:
        assert f"fits neither neighbour left out, the first is row {row}" in notes_of(own, "repaired")
        np.testing.assert_array_equal(own.time_s, np.delete(time, row))


def test_rows_in_no_order_are_sorted():
    time = np.arange(2000) / 50
    rows = np.random.default_rng(0).permutation(2000)
    own = build_stream("watch", time[rows], motion(time)[rows])
    assert "2000 rows in no order of time sorted" in notes_of(own, "repaired")
    np.testing.assert_array_equal(own.time_s, time)
    np.testing.assert_allclose(own.acc_mps2, motion(time), atol=1e-5)


def test_a_great_many_resets_do_not_take_forever():
    time = np.tile([10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 0.0], 50_000)
    own = build_stream("watch", time, np.ones((350_000, 3)))
    assert (steps(own) > 0).all()


# Numbers that are none.


def test_rows_without_a_stamp_are_left_out():
    time = np.arange(100) / 50
    stamps = time.copy()
    stamps[[3, 50]] = [np.nan, np.inf]
    own = build_stream("watch", stamps, motion(time))
    assert "2 row(s) without a time stamp" in notes_of(own, "repaired")
    np.testing.assert_array_equal(own.time_s, np.delete(time, [3, 50]))


def test_stamps_beyond_all_time_are_left_out():
    time = np.arange(100) / 50
    stamps = time.copy()
    stamps[50] = 1e300
    own = build_stream("watch", stamps, motion(time))
    assert "1 row(s) with a time stamp beyond 1e+11 s" in notes_of(own, "repaired")
    assert len(own) == 99


@pytest.mark.parametrize("stamp", [np.nan, np.inf, 1.7e18])
def test_no_usable_stamp_at_all_is_explained(stamp):
    with pytest.raises(FormatError, match="no usable time stamp") as caught:
        build_stream("watch", stamp + np.zeros(50), motion(np.arange(50.0)))
    assert caught.value.where == "watch"
    assert "50 rows" in caught.value.got
    assert caught.value.remedy


def test_rows_with_missing_values_are_left_out_and_counted():
    time = np.arange(200) / 50
    acc, gyr = motion(time), motion(time)
    acc[10:14] = np.nan
    acc[20, 1] = np.inf
    acc[30, 2] = 1e39  # beyond float32, in which streams are kept
    gyr[40] = np.nan
    own = build_stream("watch", time, acc, gyr)
    assert "7 of 200 rows with a missing value" in notes_of(own, "repaired")
    np.testing.assert_array_equal(own.time_s, np.delete(time, [10, 11, 12, 13, 20, 30, 40]))


def test_a_stretch_of_missing_values_becomes_a_gap():
    time = np.arange(200) / 50
    acc = motion(time)
    acc[80:120] = np.nan
    own = build_stream("watch", time, acc)
    assert "gap(s)" in notes_of(own, "detected")
    assert [part.stop - part.start for part in contiguous_slices(own.time_s)] == [80, 80]


def test_a_dead_gyroscope_is_left_out_not_the_accelerometer():
    time = np.arange(100) / 50
    gyr = np.full((100, 3), np.nan)
    gyr[:30] = 0.0
    own = build_stream("watch", time, motion(time), gyr)
    assert own.gyr_radps is None and len(own) == 100
    assert "only 30 of 100" in notes_of(own, "repaired")


def test_a_dead_accelerometer_is_explained():
    with pytest.raises(FormatError, match="no finite sample") as caught:
        build_stream("watch", np.arange(50.0), np.full((50, 3), np.nan))
    assert caught.value.where == "watch" and caught.value.remedy


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_rows_are_explained(count):
    with pytest.raises(FormatError, match="Fewer than two") as caught:
        build_stream("watch", np.zeros(count), np.ones((count, 3)))
    assert f"{count} of {count} rows" in caught.value.got


def test_a_gyroscope_of_another_length_needs_its_own_stamps():
    with pytest.raises(FormatError, match="gyroscope does not fit") as caught:
        build_stream("watch", np.arange(10.0), np.ones((10, 3)), np.ones((5, 3)))
    assert (caught.value.expected, caught.value.got) == ("10 rows", "5 rows")


# A gyroscope with its own clock.


def apart(acc_time: np.ndarray, gyr_time: np.ndarray) -> Stream:
    return build_stream("phone", acc_time, motion(acc_time), motion(gyr_time), gyr_time_s=gyr_time)


@pytest.mark.parametrize("gyr_rate", [20.0, 40.0, 49.9, 50.0, 60.0, 100.0, 104.2, 400.0])
def test_a_gyroscope_of_another_rate_is_brought_over(gyr_rate):
    acc_time = 3.0 + np.arange(500) / 50
    gyr_time = 3.004 + np.arange(int(10 * gyr_rate)) / gyr_rate
    own = apart(acc_time, gyr_time)
    assert f"gyroscope ({gyr_rate:.1f} Hz) brought onto the accelerometer's clock (50.0 Hz)" in notes_of(own)
    assert len(own) >= 498
    np.testing.assert_allclose(own.gyr_radps[2:-2], motion(own.time_s)[2:-2], atol=0.01)
    np.testing.assert_allclose(own.gyr_radps, motion(own.time_s), atol=0.1)
    np.testing.assert_allclose(own.acc_mps2, motion(own.time_s), atol=1e-5)


def test_a_faster_gyroscope_does_not_fold_back():
    acc_time = np.arange(500) / 50
    gyr_time = np.arange(8000) / 800
    buzz = np.tile(np.sin(2 * np.pi * 99.0 * gyr_time)[:, None], (1, 3))  # would be 1 Hz at 50 Hz
    own = build_stream("phone", acc_time, motion(acc_time), buzz, gyr_time_s=gyr_time)
    assert np.abs(own.gyr_radps[10:-10]).max() < 0.01


def test_a_shorter_gyroscope_shortens_the_stream_and_says_so():
    own = apart(np.arange(500) / 50, 1.0 + np.arange(800) / 100)
    assert own.time_s[0] == pytest.approx(1.0, abs=0.03) and own.time_s[-1] == pytest.approx(9.0, abs=0.03)
    assert "acceleration(s) left out where the gyroscope has no samples" in notes_of(own, "repaired")
    np.testing.assert_allclose(own.acc_mps2, motion(own.time_s), atol=1e-5)


@pytest.mark.parametrize("gyr_rate", [30.0, 50.0, 100.0, 500.0])
@pytest.mark.parametrize("gap_s", [0.3, 2.0])
def test_a_gap_of_the_gyroscope_is_not_bridged(gyr_rate, gap_s):
    gyr_time = np.arange(int(10 * gyr_rate)) / gyr_rate
    gyr_time = gyr_time[(gyr_time < 4) | (gyr_time > 4 + gap_s)]
    own = apart(np.arange(500) / 50, gyr_time)
    inside = own.time_s[(own.time_s > 4 + 1.1 / gyr_rate + 0.011) & (own.time_s < 4 + gap_s - 0.011)]
    assert len(inside) == 0
    np.testing.assert_allclose(own.gyr_radps, motion(own.time_s), atol=0.15)
    assert len(contiguous_slices(own.time_s)) == 2


def test_a_gyroscope_that_covers_little_is_left_out():
    own = apart(np.arange(500) / 50, np.arange(300) / 100)
    assert own.gyr_radps is None and len(own) == 500
    assert "covers only 30%" in notes_of(own, "repaired")


def test_a_gyroscope_of_another_time_is_left_out():
    own = apart(np.arange(500) / 50, 1e6 + np.arange(500) / 50)
    assert own.gyr_radps is None and len(own) == 500


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_gyroscope_of_hardly_a_sample_is_left_out(count):
    own = apart(np.arange(100) / 5, 0.0101 + np.arange(count) / 1000)
    assert own.gyr_radps is None and len(own) == 100
    assert "gyroscope left out" in notes_of(own, "repaired")


def test_repairs_of_the_gyroscopes_clock_are_told_as_its_own():
    time = np.arange(200) / 50
    gyr_time = np.r_[time[:50], time[49], time[50:]]
    gyr = motion(gyr_time)
    gyr[120:123] = np.nan
    own = build_stream("phone", time, motion(time), gyr, gyr_time_s=gyr_time)
    assert "gyroscope: 1 row(s) sent twice" in notes_of(own)
    assert "gyroscope: 3 row(s) with a missing value" in notes_of(own)
    np.testing.assert_allclose(own.gyr_radps, motion(own.time_s), atol=0.01)


def test_interpolation_has_a_mask():
    values, inside = interpolate_onto(np.arange(10.0), np.array([2.0, 3.0, 4.0, 5.0]), np.arange(8.0).reshape(4, 2))
    np.testing.assert_array_equal(inside, (np.arange(10) >= 1) & (np.arange(10) <= 6))
    np.testing.assert_allclose(values[2:6], np.arange(8.0).reshape(4, 2))
    assert (values[~inside] == 0).all()


# Anything else.

ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 1e11, 1.7e18, 5e-324, 1e39]
numbers = st.one_of(st.sampled_from(ODD), st.floats(width=64), st.floats(-20, 20))
stamps = st.one_of(numbers, st.floats(0, 10), st.integers(0, 5).map(float))


@st.composite
def raw_streams(draw):
    def column(count, elements):
        return draw(arrays.arrays(np.float64, count, elements=elements))

    count = draw(st.integers(0, 40))
    time = column(count, stamps)
    if draw(st.booleans()):  # mostly in order, damaged here and there
        time = np.where(draw(arrays.arrays(bool, count)), time, np.arange(count) * draw(st.sampled_from([0.02, 1.0])))
    acc = column((count, 3), numbers)
    if draw(st.booleans()):
        acc = np.where(draw(arrays.arrays(bool, count))[:, None], acc, 1.0)
    own_clock = draw(st.sampled_from(["none", "shared", "apart"]))
    if own_clock == "none":
        return time, acc, None, None
    other = count if own_clock == "shared" else draw(st.integers(0, 40))
    gyr = column((other, 3), numbers)
    return time, acc, gyr, column(other, stamps) if own_clock == "apart" else None


@settings(max_examples=400, deadline=None)
@given(raw_streams())
def test_whatever_comes_the_result_is_a_valid_stream_or_one_error(raw):
    time, acc, gyr, gyr_time = raw
    before = [None if x is None else x.copy() for x in raw]
    try:
        own = build_stream("odd", time, acc, gyr, gyr_time_s=gyr_time)
    except AnywearError as error:
        assert error.what
    else:
        assert 2 <= len(own) <= len(time)
        assert (np.diff(own.time_s) > 0).all() and np.abs(own.time_s).max() <= LATEST_S
        assert np.isfinite(own.acc_mps2).all()
        assert own.gyr_radps is None or np.isfinite(own.gyr_radps).all()
        assert own.effective_rate_hz > 0
        dropped = len(own) < len(time) or (gyr is not None and own.gyr_radps is None)
        assert not dropped or any(note.kind == "repaired" for note in own.notes), "no silent repair"
    for one, two in zip(before, raw, strict=True):
        np.testing.assert_array_equal(one, two, "the caller's arrays were changed")


@settings(max_examples=200, deadline=None)
@given(arrays.arrays(np.float64, st.integers(0, 60), elements=stamps))
def test_a_repaired_clock_increases_and_names_the_rows_it_kept(time):
    index, repaired, notes = repair_clock(time, np.arange(3.0 * len(time)).reshape(-1, 3))
    assert len(index) == len(repaired)
    assert len(set(index.tolist())) == len(index)
    assert (np.diff(repaired) > 0).all()
    unchanged = len(index) == len(time) and (index == np.arange(len(time))).all() and (repaired == time).all()
    assert unchanged == (not notes)
