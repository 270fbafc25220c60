"""The benchmark of found mounts: exact truth of simulated walks, real recordings of one subject, and its tables."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anywear.benchmark.mount import MountReport, angle_deg, judge_set, run_mount
from anywear.benchmark.mount_simulated import judge_simulated, random_turn
from anywear.benchmark.mount_tables import mount_json, mount_table
from anywear.errors import UsageError

SITES = ("waist", "left_front_pocket", "left_wrist")


@pytest.fixture(scope="module")
def simulated():
    return tuple(judge_simulated(0, walks=("walking_treadmill",), others=("squats",), people=2, sites=SITES))


def test_simulated_walks_are_judged_by_the_true_turn(simulated):
    walks = {own.site: own for own in simulated if own.walks and own.person == 1}
    assert set(walks) == set(SITES)
    for own in walks.values():
        assert own.knowledge != "nothing" and own.up_deg < 30.0
    assert walks["waist"].forward_deg < 20.0 and walks["left_wrist"].forward_deg is None
    assert simulated == tuple(
        judge_simulated(0, walks=("walking_treadmill",), others=("squats",), people=2, sites=SITES)
    )


def test_turns_are_rotations_and_reach_everywhere():
    rng = np.random.default_rng(0)
    turns = np.stack([random_turn(rng) for _ in range(200)])
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), np.tile(np.eye(3), (200, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(turns), 1.0)
    assert np.abs(turns.mean(axis=0)).max() < 0.15
    assert angle_deg(np.array([1.0, 0, 0]), np.array([0, 2.0, 0])) == pytest.approx(90.0)


def test_tables_and_json_hold_what_was_judged(simulated):
    report = MountReport((), simulated, 0)
    table = mount_table(report)
    assert "simulated walks" in table and "nobody walks" in table and "seeds from 1000" in table
    content = json.loads(json.dumps(mount_json(report)))
    assert len(content["simulated"]) == len(simulated) and content["sets"] == {}
    assert "no label used to find it" in content["signature"]


def test_one_real_subject(dataset_root):
    judged = list(judge_set("dsads", dataset_root("dsads"), subjects=["2"]))
    own = {one.stream: one for one in judged}
    assert set(own) == {"torso", "right_arm", "left_arm", "right_leg", "left_leg"}
    for name in ("right_leg", "left_leg"):
        assert own[name].knowledge == "full" and own[name].up_deg < 15.0 and own[name].outward_deg < 25.0
    assert own["torso"].standing_deg < 15.0 and own["torso"].pieces == 1
    assert all(one.read_off and one.recordings == 19 for one in judged)
    table = mount_table(MountReport(tuple(judged), (), 0, ("dsads",)))
    assert "dsads chest (read off)" in table and "judged by axes read off labelled recordings: dsads" in table
    content = mount_json(MountReport(tuple(judged)))
    assert content["sets"]["dsads chest"]["sensors"] == 1


def test_unknown_words_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no such part"):
        run_mount(tmp_path, parts=("nothing",))
    with pytest.raises(UsageError, match="data set"):
        run_mount(tmp_path, sets=("nothing",), parts=("sets",))
