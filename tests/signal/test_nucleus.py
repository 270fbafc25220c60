from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anywear.datasets import dataset
from anywear.errors import UsageError
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.signal import nucleus
from anywear.signal.accesswear import accesswear_nucleus, change_points
from anywear.signal.nucleus import greatest_stretch, motion_energy

seeds = st.integers(0, 2**32 - 1)


def swing(rate_hz: float = 50.0, before_s: float = 2.0, after_s: float = 2.0, seed: int = 0):
    """One second of shaking and turning between rests; noise of a good sensor."""
    time = np.arange(round((before_s + 1.0 + after_s) * rate_hz)) / rate_hz - before_s
    inside = (time >= 0) & (time <= 1)
    rng = np.random.default_rng(seed)
    acc = rng.normal([0.0, 0.0, G], 0.02, (len(time), 3))
    gyr = rng.normal(0.0, 0.005, (len(time), 3))
    acc[:, 0] += inside * 8.0 * np.sin(4 * np.pi * time)
    gyr[:, 1] += inside * 4.0 * np.sin(2 * np.pi * time)
    return acc, gyr


def stretch_naive(energy: np.ndarray, share: float) -> float:
    less = energy - share * (energy**2).sum() / energy.sum()
    ends = [(i, j) for i in range(len(less)) for j in range(i + 1, len(less) + 1)]
    return max(less[i:j].sum() for i, j in ends)


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(1, 30), st.floats(0.0, 0.95))
def test_no_stretch_is_greater(seed, count, share):
    energy = np.random.default_rng(seed).lognormal(0.0, 2.0, count)
    start, stop = greatest_stretch(energy, share)
    assert 0 <= start < stop <= count
    own = (energy - share * (energy**2).sum() / energy.sum())[start:stop].sum()
    assert own == pytest.approx(stretch_naive(energy, share), rel=1e-9, abs=1e-9)


def test_the_ends_are_those_of_the_motion():
    found = nucleus(*swing(), 50.0)
    assert found is not None and found.moves
    assert found.start_s == pytest.approx(2.0, abs=0.2) and found.stop_s == pytest.approx(3.0, abs=0.2)
    assert found.start_s <= found.peak_s <= found.stop_s
    assert found.share > 0.95
    assert len(found.time_s) == len(found.energy) == 125


@pytest.mark.parametrize("gyroscope", [True, False])
@settings(max_examples=15, deadline=None)
@given(seed=seeds, acc_unit=st.floats(1e-3, 1e3), gyr_unit=st.floats(1e-3, 1e3))
def test_unit_and_turn_do_not_matter(gyroscope, seed, acc_unit, gyr_unit):
    acc, gyr = swing(seed=seed)
    turn = Rotation.random(random_state=seed)
    one = nucleus(acc, gyr if gyroscope else None, 50.0)
    turned_gyr = gyr_unit * turn.apply(gyr) if gyroscope else None
    other = nucleus(acc_unit * turn.apply(acc), turned_gyr, 50.0)
    assert one is not None and other is not None
    assert (other.start_s, other.stop_s, other.peak_s) == (one.start_s, one.stop_s, one.peak_s)
    np.testing.assert_allclose(other.energy, one.energy, rtol=1e-6)


@pytest.mark.parametrize("rate_hz", [25.0, 33.3, 52.5, 100.0, 200.0])
def test_the_clock_hardly_matters(rate_hz):
    one, other = nucleus(*swing(50.0), 50.0), nucleus(*swing(rate_hz), rate_hz)
    assert one is not None and other is not None
    assert abs(other.start_s - one.start_s) <= 0.081 and abs(other.stop_s - one.stop_s) <= 0.081


@pytest.mark.parametrize(("before_s", "after_s"), [(0.6, 0.6), (5.0, 0.6), (0.6, 12.0), (20.0, 20.0)])
def test_rest_around_it_hardly_matters(before_s, after_s):
    found = nucleus(*swing(before_s=before_s, after_s=after_s), 50.0)
    assert found is not None
    assert found.start_s - before_s == pytest.approx(0.0, abs=0.2)
    assert found.stop_s - before_s == pytest.approx(1.0, abs=0.2)


def test_strokes_with_a_lull_are_one_and_a_far_one_is_not():
    acc, _ = swing(before_s=2.0, after_s=10.0)
    near, far = acc.copy(), acc.copy()
    near[160:210] = acc[100:150]  # 0.2 s after the first ends
    far[450:500] = 0.7 * (acc[100:150] - [0, 0, G]) + [0, 0, G]
    one, other = nucleus(near, None, 50.0), nucleus(far, None, 50.0)
    assert one is not None and other is not None
    assert one.stop_s == pytest.approx(4.2, abs=0.2)
    assert other.stop_s == pytest.approx(3.0, abs=0.2)


def test_a_gyroscope_that_hears_noise_alone_has_no_say():
    acc, gyr = swing()
    alone, beside = nucleus(acc, None, 50.0), nucleus(acc, 0.0 * gyr + 0.1, 50.0)
    assert alone is not None and beside is not None
    assert (beside.start_s, beside.stop_s) == (alone.start_s, alone.stop_s)
    dead = nucleus(acc, np.zeros_like(gyr), 50.0)
    assert dead is not None and (dead.start_s, dead.stop_s) == (alone.start_s, alone.stop_s)


def test_rest_is_told():
    acc = np.random.default_rng(0).normal([0.0, 0.0, G], 0.02, (200, 3))
    found = nucleus(acc, None, 50.0)
    assert found is not None and not found.moves
    assert nucleus(np.tile([0.0, 0.0, 8.0], (200, 1)), None, 50.0) is None
    np.testing.assert_array_equal(motion_energy(np.zeros((5, 2))), np.zeros(5))


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_an_impossible_share_is_refused(share):
    with pytest.raises(UsageError, match="share"):
        nucleus(*swing(), 50.0, share)


def test_less_share_gives_more():
    acc, gyr = swing()
    acc[170:190, 0] += 1.5 * np.sin(np.arange(20))
    lengths = [found.length_s for share in (0.5, 0.15, 0.01) if (found := nucleus(acc, gyr, 50.0, share))]
    assert len(lengths) == 3 and lengths == sorted(lengths) and lengths[0] < lengths[2]


def test_accesswear_lies_between_the_first_two_changes():
    acc, gyr = swing(100.0)
    gyr[200:301, 1] = 3.0  # steady turning: one change up, one down
    changes = change_points(gyr, 100.0)
    np.testing.assert_allclose(changes, [2.0, 3.0], atol=0.1)
    found = accesswear_nucleus(acc, gyr, 100.0)
    assert found is not None and (found.start_s, found.stop_s) == tuple(changes)
    assert found.share > 0.8 and found.start_s <= found.peak_s <= found.stop_s


def test_accesswear_depends_on_what_the_nucleus_does_not():
    acc, gyr = swing()
    assert accesswear_nucleus(acc, None, 50.0) is None
    assert accesswear_nucleus(acc, 0.02 * gyr, 50.0) is None  # too slow for 0.4 rad/s
    assert accesswear_nucleus(acc[:10], gyr[:10], 50.0) is None
    assert nucleus(acc, 0.02 * gyr, 50.0) is not None


@pytest.mark.parametrize("name", ["utd-mhad", "imu-digits"])
def test_real_gestures_have_most_of_their_energy_in_less_of_their_time(dataset_root, name):
    chosen = dataset(name)
    source = chosen.find(dataset_root(name).parent)
    picked = list(chosen.recordings(source, subjects=["1"]))[::7]
    shares, times = [], []
    for recording in picked:
        stream = recording.streams[0]
        found = nucleus(stream.acc_mps2, stream.gyr_radps, stream.effective_rate_hz)
        assert found is not None and found.moves
        shares.append(found.share)
        times.append(found.length_s / stream.duration_s)
    assert len(picked) > 10
    assert np.mean(shares) > 0.85 and np.mean(times) < 0.75
