"""Episodes: one device turn for all, clips and labels as kinds, nuclei hidden."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra")

from anywear.errors import UsageError
from anywear.placement import Mount, Placement
from anywear.signal.nucleus import NUCLEUS_SHARE, greatest_stretch
from anywear.train.corpus import Take
from anywear.train.gestures_draw import EpisodeConfig, EpisodeSampler, _units, hide, patch_energy

RATE_HZ = 50.0
QUIET = {
    "no_gyr": 0.0, "slow": 0.0, "margin": 0.0, "acc_noise_mps2": 0.0, "gyr_noise_radps": 0.0, "mount_deg": 0.0,
    "place_told": 0.0,
}  # fmt: skip


def _take(
    label: str, number: int, sites: tuple[str, ...] = ("right_wrist", "left_wrist", "chest"), dataset="simulated"
):
    """Half a second of motion about an axis of the label's own, at the right wrist."""
    rng = np.random.default_rng(number)
    values = np.zeros((len(sites), 300, 6), dtype=np.float32)
    values[..., 2] = 9.81
    time = np.arange(300) / RATE_HZ
    beat = np.sin(2 * np.pi * 3.0 * time) * np.exp(-(((time - 3.0) / 0.4) ** 2))
    values[0, :, 3 + "abc".index(label)] = (2.0 + 0.2 * rng.random()) * beat
    values[0, :, "abc".index(label)] += 4.0 * beat
    mount = Mount(quat_segment_from_sensor=(0.0, 0.0, 0.0, 1.0), source="test")
    places = tuple(Placement.at(site, mount) for site in sites)
    return Take(dataset, "s", places, values, np.ones(len(sites), dtype=bool), ((0, 300, label),))


TAKES = [_take(label, number) for label in "abc" for number in range(4)]


def _sampler(takes=TAKES, **changes) -> EpisodeSampler:
    config = EpisodeConfig(**{"kinds": 3, "performances": 4, "arm_kinds": 0, **QUIET, **changes})
    return EpisodeSampler(config, takes, RATE_HZ, 6, None, 0)


def test_an_episode_has_as_many_performances_of_each_kind():
    episode = _sampler(single=0.0).draw(np.random.default_rng(0))
    assert episode.motion.shape == (12, 1, 96, 10) and episode.energy.shape == (12, 16)
    assert np.bincount(episode.kind).tolist() == [4, 4, 4]
    again = _sampler(single=0.0).draw(np.random.default_rng(0))
    assert np.array_equal(episode.motion, again.motion)


def test_the_side_that_does_nothing_is_left_out():
    units = _units(TAKES[0], RATE_HZ)
    assert len(units) == 1 and len(units[0].values) == 1  # neither the left wrist nor the chest
    assert 110 <= units[0].start <= units[0].stop <= 195


def test_everybody_wears_the_device_in_the_same_turn():
    """Without errors of mounting, two performances of one clip differ in tempo and strength, not in direction."""
    sampler = _sampler(single=1.0, tempo=0.0, strength=0.0)
    seen = []
    for seed in range(6):
        episode = sampler.draw(np.random.default_rng(seed))
        axes = []
        for motion in episode.motion[episode.kind == 0, 0]:
            _, _, rows = np.linalg.svd(motion[:, 3:6] - motion[:, 3:6].mean(axis=0), full_matrices=False)
            axes.append(rows[0])
        cosines = np.abs(np.array(axes) @ axes[0])
        assert cosines.min() > 0.97
        seen.append(axes[0])
    assert np.abs(np.array(seen[1:]) @ seen[0]).min() < 0.9  # another turn with every episode


def test_twice_shows_the_same_performances():
    first, second = _sampler(mount_deg=3.0).twice(8, np.random.default_rng(1))
    assert len(first.kind) == 8 and not np.array_equal(first.motion, second.motion)
    flat = [own.motion[..., 3:6].reshape(8, -1) for own in (first, second)]
    apart = np.linalg.norm(flat[0][:, None] - flat[1], axis=-1)
    assert (apart.argmin(axis=1) == np.arange(8)).mean() > 0.6


def test_random_gestures_need_no_takes():
    episode = _sampler([], arm_kinds=6, arm_performances=5, arm=1.0).draw(np.random.default_rng(0))
    assert np.bincount(episode.kind).tolist() == [4, 4, 4] and np.isfinite(episode.motion).all()


def test_nothing_to_draw_from_is_said():
    with pytest.raises(UsageError, match="nothing to draw gestures from"):
        _sampler([])
    with pytest.raises(UsageError, match="kinds to tell apart"):
        EpisodeConfig(kinds=1)


def test_hidden_patches_lie_in_the_nucleus():
    rng = np.random.default_rng(0)
    values = np.zeros((20, 120, 6))
    starts = rng.integers(10, 70, 20)
    for row, start in enumerate(starts):
        values[row, start : start + 30, 3:] = rng.normal(size=(30, 3))
    energy = patch_energy(values, np.ones(20), 6)
    inside = hide(energy, (0.3, 0.8), True, np.random.default_rng(1))
    anywhere = hide(energy, (0.3, 0.8), False, np.random.default_rng(1))
    for row in range(20):
        start, stop = greatest_stretch(energy[row], NUCLEUS_SHARE)
        assert inside[row].sum() >= 1 and not inside[row, :start].any() and not inside[row, stop:].any()
    assert (anywhere * energy).sum() < 0.6 * (inside * energy).sum()  # as many patches, less of the motion
    assert abs(anywhere.sum() - inside.sum()) <= 2
