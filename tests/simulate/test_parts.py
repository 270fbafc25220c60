"""Parts against the figures of their own data sheets."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.recording import STANDARD_GRAVITY_MPS2
from anywear.simulate import PARTS, part


@pytest.mark.parametrize(
    ("name", "index"), [(name, index) for name in PARTS for index in range(len(PARTS[name].rest_noise))]
)
def test_noise_at_rest_is_that_of_the_data_sheet(name: str, index: int):
    known, expected = PARTS[name], PARTS[name].rest_noise[index]
    still = np.zeros((8, 2000, 3), dtype=np.float32)
    still[..., 2] = STANDARD_GRAVITY_MPS2
    acc, gyr, _ = known.model.apply(still, 0 * still, expected.rate_hz, np.random.default_rng(0))
    for measured, rms in ((acc, expected.acc_mps2), (gyr, expected.gyr_radps)):
        if rms is not None:
            assert measured[:, 100:].std(axis=1).mean() == pytest.approx(rms, rel=0.25)


@pytest.mark.parametrize("name", PARTS)
def test_parts_are_cited_and_say_what_is_missing(name: str):
    known = PARTS[name]
    assert known.name == name == known.model.name
    assert known.sheet and known.not_given
    assert {"acc noise", "gyr noise", "acc zero-g offset", "gyr zero-rate offset"} <= set(known.cited)
    active = known.model.acc.active()
    for effect in ("range_si", "resolution_si", "noise_density_si_per_sqrt_hz", "turn_on_bias_std_si"):
        assert effect in active


@pytest.mark.parametrize("name", PARTS)
def test_a_sixteen_bit_word_holds_the_range(name: str):
    model = PARTS[name].model
    for errors in (model.acc, model.gyr):
        levels = float(np.max(errors.range_si)) / float(np.max(errors.resolution_si))
        assert 2**12 < levels <= 1.001 * 2**15


def test_bosch_sensitivity_is_that_of_the_table():
    bmi = part("BMI270")
    assert STANDARD_GRAVITY_MPS2 / bmi.model.acc.resolution_si == pytest.approx(4096)
    assert np.pi / 180 / bmi.model.gyr.resolution_si == pytest.approx(16.384)


def test_ranges_change_with_their_steps():
    fine = part("lsm6dso").with_ranges(acc_g=2.0, gyr_dps=125.0)
    assert fine.model.acc.range_si == pytest.approx(2 * STANDARD_GRAVITY_MPS2)
    assert fine.model.acc.resolution_si == pytest.approx(0.061e-3 * STANDARD_GRAVITY_MPS2)
    assert fine.model.acc.noise_density_si_per_sqrt_hz == pytest.approx(70e-6 * STANDARD_GRAVITY_MPS2)
    assert fine.model.gyr.resolution_si == pytest.approx(np.radians(4.375e-3))
    with pytest.raises(UsageError, match="no such range"):
        part("bmi270").with_ranges(acc_g=3.0)


@pytest.mark.parametrize("name", ["ICM-42688-P", "icm42688p", "icm_42688_p"])
def test_names_are_forgiving(name: str):
    assert part(name).name == "icm-42688-p"


def test_an_unknown_part_lists_the_known_ones():
    with pytest.raises(UsageError, match="sensor part") as caught:
        part("bmi999")
    assert "bmi270" in str(caught.value)
