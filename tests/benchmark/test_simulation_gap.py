"""The domain gap on a few real recordings and clips, and the command around it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from anywear.benchmark.simulation import SimulationReport
from anywear.benchmark.simulation_gap import CLIPS, ROWS, VARIANTS, compare_gap, variant_device
from anywear.benchmark.simulation_tables import simulation_json, simulation_table
from anywear.cli import main
from anywear.datasets import DATASETS
from anywear.simulate.devices import RIGID

WALK = next(row for row in ROWS if row.activity == "walking" and row.site == "right_outer_thigh")


@pytest.fixture(scope="module")
def folder(dataset_root, tmp_path_factory) -> Path:
    """The sets side by side, as links."""
    root = tmp_path_factory.mktemp("data")
    for name in ("dsads", "cmu-actions", "cmu-iclone"):
        (root / name).symlink_to(dataset_root(name))
    return root


@pytest.fixture(scope="module")
def gap(folder):
    return compare_gap(folder, rows=[WALK], most_clips=2, most_subjects=2)


def test_only_training_sets_are_looked_at():
    assert all(DATASETS[row.data].info.role == "train" for row in ROWS)
    assert all(set(row.words) <= set(DATASETS[row.data].info.label_words) for row in ROWS)
    assert {"walking", "running", "jumping", "standing"} <= set(CLIPS)


def test_variants_add_one_thing_at_a_time():
    ideal, part, worn = (variant_device("watch", v) for v in VARIANTS)
    assert not ideal.sensor.acc.active() and part.sensor == worn.sensor and part.sensor.acc.active()
    assert part.wear == RIGID != worn.wear


def test_simulated_walking_resembles_walking(gap):
    (row,) = gap.rows
    assert not gap.missing and not gap.failed and set(row.distances) == {"real", *VARIANTS}
    real, ideal = row.ranges["real"], row.ranges["ideal"]
    assert 0.5 < ideal.acc[1] / real.acc[1] < 2.0 and 0.5 < ideal.gyr[1] / real.gyr[1] < 2.0
    assert row.distances["ideal"].acc_spectrum_db < 8.0
    # Every wearing sits a little differently: gravity's direction spreads.
    assert row.ranges["worn"].tilt_deg[1] > row.ranges["ideal"].tilt_deg[1]


def test_same_seed_same_figures(folder, gap):
    again = compare_gap(folder, rows=[WALK], most_clips=2, most_subjects=2)
    assert simulation_json(SimulationReport(0, gap=again)) == simulation_json(SimulationReport(0, gap=gap))
    other = compare_gap(folder, seed=1, rows=[WALK], most_clips=2, most_subjects=2)
    assert other.rows[0].distances["worn"] != gap.rows[0].distances["worn"]
    assert other.rows[0].distances["ideal"] == gap.rows[0].distances["ideal"]


def test_what_is_missing_is_said(folder):
    rows = [WALK.__class__("swimming", "dsads", ("rowing",), "torso", "chest", "chest_strap")]
    found = compare_gap(folder, rows=rows, most_subjects=2)
    assert found.rows == () and "no motion" in found.missing[0]


def test_table_and_json_hold_every_row(gap):
    report = SimulationReport(0, gap=gap)
    assert WALK.name in simulation_table(report)
    row = json.loads(json.dumps(simulation_json(report), allow_nan=False))["gap"]["rows"][0]
    assert row["site"] == "right_outer_thigh" and np.isfinite(row["distances"]["worn"]["wasserstein"])


def test_command_judges_boards(dataset_root, tmp_path, capsys):
    out = tmp_path / "out.json"
    arguments = ["benchmark", "simulation", "--data", str(dataset_root("broad").parent), "--parts", "boards", "--quiet"]
    assert main([*arguments, "--json", str(out), "--plot", str(tmp_path / "pictures")]) == 0
    assert "median r over trials and axes" in capsys.readouterr().out
    medians = json.loads(out.read_text(encoding="utf-8"))["boards"]["median_r"]["calibrated"]
    assert medians["gyr"] > 0.99 and medians["acc"] > 0.95
    for name in ("spectra", "signals"):
        assert (tmp_path / "pictures" / f"validation-boards-{name}.png").stat().st_size < 300_000


@pytest.mark.parametrize(
    "arguments", [["simulation", "--sets", "dsads"], ["simulation", "--parts", "nothing"], ["har", "--parts", "gap"]]
)
def test_options_that_do_not_apply_are_errors(arguments, tmp_path, capsys):
    assert main(["benchmark", *arguments, "--data", str(tmp_path)]) == 2
    assert "error" in capsys.readouterr().err
