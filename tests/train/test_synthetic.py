from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from torch.utils.data import DataLoader

from anywear.errors import UsageError
from anywear.motion.generate import PROGRAMS
from anywear.train.concepts import build_table
from anywear.train.corpus import data_digest
from anywear.train.sampler import AugmentConfig, Sampler
from anywear.train.simulated import SimulatedTakes, ViewConfig
from anywear.train.synthetic import EVERYDAY, HELD_OUT, FreshTakes, GeneratedMotions, SyntheticConfig, synthetic_takes
from anywear.train.vocabulary import LABEL_CONCEPTS, SIMULATED, program_concept

FEW = SyntheticConfig(clips=2, programs=("walking_forward", "sitting"), seconds=6.0, view=ViewConfig(streams=3))


@pytest.fixture(scope="module")
def takes():
    return synthetic_takes(FEW)


def test_takes_carry_program_mounts_and_gravity(takes):
    assert [take.spans[0][2] for take in takes] == ["sitting"] * 2 + ["walking_forward"] * 2
    for take in takes:
        assert take.dataset == SIMULATED and take.values.shape[0] == 3 and take.values.shape[2] == 6
        assert all(place.mount.knowledge == "full" and place.is_known for place in take.placements)
    still = np.linalg.norm(takes[0].values[..., :3], axis=-1)
    assert np.median(still) == pytest.approx(9.81, rel=0.05)


def test_workers_and_caches_change_nothing(takes, tmp_path):
    for _ in range(2):  # made, then read
        again = synthetic_takes(FEW, tmp_path, workers=2)
        assert all(
            (a.values == b.values).all() and a.placements == b.placements for a, b in zip(takes, again, strict=True)
        )
    assert len(list(tmp_path.glob("synthetic-*.pickle"))) == 2


def test_one_clip_in_twenty_is_held_out():
    config = SyntheticConfig(clips=20, programs=("standing",), seconds=3.0, view=ViewConfig(streams=1))
    assert [take.subject for take in synthetic_takes(config)].count(HELD_OUT) == 1


def test_programs_that_do_not_exist_are_refused():
    with pytest.raises(UsageError, match="Unknown activity"):
        synthetic_takes(SyntheticConfig(programs=("flying",)))
    with pytest.raises(UsageError, match="At least one clip"):
        SyntheticConfig(clips=0)
    assert "standing" not in SyntheticConfig(left_out=("standing",)).chosen


def test_programs_share_the_concepts_of_what_they_are_called():
    assert program_concept("walking_forward")[0] == "walking"
    assert program_concept("stairs_up")[0] == "stairs_up"
    assert (
        "walking" in program_concept("walking_uphill")[1].within
        or program_concept("walking_uphill")[0] == "walking_incline"
    )
    # Standing up is a transition, and no kind of standing.
    assert "standing" not in program_concept("standing_up")[1].within


def test_what_is_called_the_same_is_not_wrong():
    labels = {
        SIMULATED: set(PROGRAMS),
        "utd-mhad": set(LABEL_CONCEPTS["utd-mhad"]),
        "dsads": set(LABEL_CONCEPTS["dsads"]),
    }
    table = build_table(labels)
    own = {text: i for i, texts in enumerate(table.texts) for text in texts}
    for i, texts in enumerate(table.texts):
        for text in texts:
            assert not table.negative[i, own[text]], (table.names[i], table.names[own[text]], text)
    # Opposites stay apart.
    for one, other in (("swipe_left", "swipe_right"), ("stairs_up", "stairs_down"), ("sitting", "standing")):
        assert table.negative[table.index(one), table.index(other)]


def test_a_batch_tells_the_mount_of_some_and_hides_it_of_others(takes):
    table = build_table({SIMULATED: {take.spans[0][2] for take in takes}})
    config = AugmentConfig(window_s=(3.0,), stream_counts=(2,), mirror=0.0, mount_error_deg=0.0, no_place=0.0)
    batch = Sampler(takes, table, 25.0, config).batch(64, np.random.default_rng(0))
    told = batch.place[..., 8]
    assert 0.2 < told.mean() < 0.7
    lengths = (batch.place[..., 7:13:2] ** 2).sum(axis=-1)[batch.place[..., 12] > 0]
    # Up is a unit vector, and up, outward and across are the axes of a frame where they are at right angles.
    assert (lengths < 2.1).all() and np.median(lengths) == pytest.approx(1.0, abs=0.2)


def test_the_generator_runs_in_the_workers_of_a_loader():
    few = ViewConfig(streams=2, devices=("mpu-6050",))
    source = GeneratedMotions(("sitting", "waving"), seconds=4.0)
    endless = SimulatedTakes(source, few, seed=3, rounds=2)
    alone = list(endless)
    loaded = list(DataLoader(endless, batch_size=None, num_workers=2))
    assert [take.spans[0][2] for take in loaded] == ["sitting", "waving"] * 2
    for one, other in zip(alone, loaded, strict=True):
        assert np.array_equal(one.values, other.values)
    assert not np.array_equal(alone[0].values, alone[2].values)  # the next round is another clip


def test_the_generator_offers_all_its_programs_and_no_others():
    assert GeneratedMotions().programs == tuple(sorted(PROGRAMS))
    with pytest.raises(UsageError, match="walkin"):
        GeneratedMotions(("walkin the dog",))


def test_fresh_takes_are_new_every_time_and_the_same_for_the_same_seed():
    fresh = FreshTakes(replace(FEW, fresh=0.5))
    one, same, other = (fresh.take("sitting", np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert fresh.share == 0.5 and fresh.dataset == SIMULATED
    assert one is not None and one.dataset == SIMULATED and one.spans[0][2] == "sitting" and one.sentences
    assert np.array_equal(one.values, same.values) and one.placements == same.placements
    assert one.values.shape != other.values.shape or not np.array_equal(one.values, other.values)
    with pytest.raises(UsageError, match="share"):
        SyntheticConfig(fresh=1.5)


def test_everyday_activities_are_programs():
    assert set(PROGRAMS) >= EVERYDAY


def test_the_digest_of_takes_sees_every_sample_and_word(takes):
    values = takes[0].values.copy()
    values[-1, -1, -1] += 1e-4
    others = [
        [replace(takes[0], values=values), *takes[1:]],
        [replace(takes[0], sentences=("something else",)), *takes[1:]],
        takes[1:],
        takes[::-1],
    ]
    assert len({data_digest(own) for own in (takes, *others)}) == 5 and data_digest(list(takes)) == data_digest(takes)


def test_takes_know_when_the_act_is():
    """Who stands up is moved by it, and hardly before or after."""
    config = SyntheticConfig(
        clips=3, programs=("standing_up", "sitting"), view=ViewConfig(streams=3, sites=("waist", "chest"))
    )
    taken = synthetic_takes(config)
    for take in (own for own in taken if own.spans[0][2] == "sitting"):
        assert take.acts == ()
    standing = [own for own in taken if own.spans[0][2] == "standing_up"]
    assert len(standing) == 3
    for take in standing:
        length = take.values.shape[1]
        assert take.acts and all(0 <= start < stop <= length for start, stop in take.acts)
        busy = np.zeros(length, dtype=bool)
        for start, stop in take.acts:
            busy[max(0, start - 5) : stop + 10] = True
        turning = np.linalg.norm(take.values[..., 3:], axis=2).mean(axis=0)
        assert turning[busy].mean() > 2.0 * turning[~busy].mean()
    changed = [replace(take, acts=()) for take in standing]
    assert data_digest(changed) != data_digest(standing)
