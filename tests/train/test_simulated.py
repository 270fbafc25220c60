"""Simulated takes: what is drawn depends on the seed and the take's number alone."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from torch.utils.data import DataLoader

from anywear.errors import AnywearError, FormatError, UsageError
from anywear.motion import MotionClip, read_motion
from anywear.train.corpus import Take
from anywear.train.simulated import SIMULATED, FileMotions, MotionSource, SimulatedTakes, ViewConfig

WALK = Path(__file__).resolve().parents[2] / "examples" / "walk.bvh"
FEW = ViewConfig(streams=3, devices=("watch", "mpu-6050"))


class StandStill:
    """The walk's first frame held for four seconds, under another name each time."""

    def __len__(self) -> int:
        return 2

    def motion(self, index: int, rng: np.random.Generator) -> tuple[MotionClip, str]:
        clip = read_motion(WALK)
        root = np.repeat(clip.root_position_m[:1], len(clip), axis=0)
        quat = np.repeat(clip.quat_world_from_joint[:1], len(clip), axis=0)
        return MotionClip(f"still-{index}-{rng.integers(10**6)}", clip.rate_hz, clip.skeleton, root, quat), "standing"


@pytest.fixture(scope="module")
def walks() -> SimulatedTakes:
    return SimulatedTakes(FileMotions([WALK, WALK], labels=["walking", "strolling"]), FEW, seed=5, rounds=3)


@pytest.fixture(scope="module")
def taken(walks: SimulatedTakes) -> list[Take]:
    return list(walks)


def assert_same(one: Take, two: Take) -> None:
    assert one.placements == two.placements and one.spans == two.spans and one.subject == two.subject
    assert one.values.tobytes() == two.values.tobytes()


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_the_number_of_workers_changes_nothing(walks, taken, workers):
    loaded = list(DataLoader(walks, batch_size=None, num_workers=workers))
    assert len(loaded) == len(taken) == 6
    for one, two in zip(taken, loaded, strict=True):
        assert_same(one, two)


def test_a_take_does_not_depend_on_where_the_iteration_starts(walks, taken):
    later = SimulatedTakes(walks.source, FEW, seed=5, rounds=3, first=4)
    for number, take in zip((4, 5), later, strict=True):
        assert_same(take, taken[number])
        assert_same(take, walks.take(number))


def test_another_seed_and_another_round_are_other_takes(walks, taken):
    other = SimulatedTakes(walks.source, FEW, seed=6).take(0)
    for again in (other, taken[2]):
        assert again.values.shape != taken[0].values.shape or not np.allclose(again.values, taken[0].values)


def test_without_rounds_it_does_not_end():
    endless = SimulatedTakes(FileMotions([WALK]), ViewConfig(streams=1, devices=("bmi270",)))
    assert len(list(islice(endless, 4))) == 4


def test_what_a_take_says_of_itself(taken):
    for number, take in enumerate(taken):
        assert take.dataset == SIMULATED and take.subject == "walk"
        assert take.values.shape[0] == len(take.placements) == 3 and take.values.shape[2] == 6
        assert take.values.dtype == np.float32 and np.isfinite(take.values).all() and take.has_gyr.all()
        assert take.spans == ((0, take.values.shape[1], ("walking", "strolling")[number % 2]),)
        assert take.values.shape[1] == pytest.approx(4.0 * FEW.rate_hz, abs=8)


def test_each_stream_is_worn_elsewhere_and_its_mount_is_told_in_full(taken):
    seen = set()
    for take in taken:
        places = [(place.segment, round(place.along, 4), round(place.around_deg, 2)) for place in take.placements]
        assert len(set(places)) == len(places)
        seen.update(places)
        for place in take.placements:
            quat = place.mount.quat_segment_from_sensor
            assert quat is not None and np.linalg.norm(quat) == pytest.approx(1.0)
    assert len(seen) > 9  # of 18 at most


def test_sites_or_anywhere():
    still = StandStill()
    named = SimulatedTakes(still, ViewConfig(streams=4, anywhere=0.0, sites=("waist", "chest"))).take(0)
    assert {place.site for place in named.placements} == {"waist", "chest"}  # no more streams than sites
    anywhere = SimulatedTakes(still, ViewConfig(streams=4, anywhere=1.0)).take(0)
    assert not any(place.site for place in anywhere.placements) and len(anywhere.placements) == 4


def test_at_rest_it_reads_gravity():
    config = ViewConfig(streams=4, devices=("bmi270", "icm-42688-p"))
    for number in range(4):
        take = SimulatedTakes(StandStill(), config, seed=2).take(number)
        gravity = np.linalg.norm(take.values[:, :, :3], axis=2)
        assert gravity == pytest.approx(np.full(gravity.shape, 9.81), abs=0.5)  # bias and scale of the parts
        assert np.abs(take.values[:, :, 3:]).max() < 0.1
        # Steady: what differs is noise.
        assert gravity.std(axis=1).max() < 0.05


def test_the_mount_told_turns_gravity_to_where_it_is():
    """All sensors on the head, which does not bend, agree on where up is once their readings are turned into it."""
    config = ViewConfig(streams=6, anywhere=0.0, devices=("ideal",), sites=("forehead", "glasses", "left_ear"))
    take = SimulatedTakes(StandStill(), config, seed=1).take(0)
    assert {place.segment for place in take.placements} == {"head"}
    from scipy.spatial.transform import Rotation

    turned = [
        Rotation.from_quat(place.mount.quat_segment_from_sensor).apply(values[:, :3].mean(axis=0))
        for place, values in zip(take.placements, take.values, strict=True)
    ]
    np.testing.assert_allclose(turned, np.broadcast_to(turned[0], (3, 3)), atol=0.02)
    assert np.linalg.norm(turned[0]) == pytest.approx(9.81, abs=0.01)


def test_long_files_are_cut_somewhere(tmp_path):
    source = FileMotions([WALK], longest_s=2.0)
    assert isinstance(source, MotionSource)
    rng = np.random.default_rng(0)
    clips = [source.motion(0, rng)[0] for _ in range(3)]
    assert all(1.9 < clip.duration_s <= 2.0 + 1e-9 for clip in clips)
    assert not np.array_equal(clips[0].root_position_m, clips[1].root_position_m)
    assert source.motion(0, rng)[1] == ""  # BVH holds no words


def test_without_a_word_there_is_no_label():
    take = SimulatedTakes(FileMotions([WALK]), ViewConfig(streams=1, devices=("ideal",))).take(0)
    assert take.spans == ()


def test_what_cannot_be_is_a_clear_error(tmp_path):
    (tmp_path / "broken.bvh").write_text("HIERARCHY\nROOT hips\n{ nothing")
    takes = SimulatedTakes(FileMotions([tmp_path / "broken.bvh", WALK]), FEW)
    with pytest.raises(FormatError, match=r"broken\.bvh"):
        takes.take(0)
    assert takes.take(1).values.size  # the others are as they were
    with pytest.raises(AnywearError, match="no such file"):
        SimulatedTakes(FileMotions([tmp_path / "none.bvh"])).take(0)
    with pytest.raises(UsageError, match="Unknown"):
        SimulatedTakes(FileMotions([WALK]), ViewConfig(devices=("wach",))).take(0)
    with pytest.raises(UsageError, match="streams, sites, devices"):
        ViewConfig(streams=0)
    with pytest.raises(AnywearError, match="too short"):
        SimulatedTakes(FileMotions([WALK], longest_s=0.3), FEW).take(0)
