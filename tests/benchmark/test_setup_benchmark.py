"""The benchmark of setups on data with known answers: who is read, what agrees, what a change breaks."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from har_doubles import write_files
from setup_doubles import WORDS, Reader, shaking, worn_dataset

from anywear.benchmark import HarConfig, SetupConfig, SetupReport, score, score_setup, setup, setup_json, setup_table
from anywear.benchmark.setup import rates_text
from anywear.datasets import dataset, open_source
from anywear.errors import UsageError

SHOWN = (0, 1, 0, 0)
"""What the phone makes of each class: the last two look like the first to it."""
PLACES, ALL_BUT_PLACES = ("placements",), ("turn", "rate", "gyro", "told")


def watch_and_phone(subject: str, number: int):
    """A watch that shows the class, and a phone that shows `SHOWN`."""
    return shaking("watch", "left_wrist", number + 1), shaking("phone", "right_front_pocket", SHOWN[number] + 1)


@pytest.fixture
def source(tmp_path):
    return open_source(write_files(tmp_path / "tiny", len(WORDS)))


def _ask(model, data, source, *conditions: str, **options):
    return score_setup(model, data, source, SetupConfig(conditions=conditions or setup.CONDITIONS, **options))


def _report(model, *results, config=None) -> SetupReport:
    config = config or SetupConfig()
    return SetupReport(tuple(results), config, config.base.windows_for(model), model.sha256)


def test_a_model_that_reads_one_stream_agrees_with_that_stream(source):
    result = _ask(Reader(site="left_wrist"), worn_dataset(watch_and_phone), source, *PLACES)
    places = result.places
    assert places is not None and places.together is not None and places.fused is not None
    # 3 subjects, 4 classes, 6 s in windows of 2 s.
    assert result.windows == places.compared == 36 and places.sites["phone"] == ("right_front_pocket",)
    accuracy = {name: row.figures["accuracy"] for name, row in places.singles.items()}
    assert accuracy == pytest.approx({"watch": 1.0, "phone": 0.5}) and places.together.figures["accuracy"] == 1.0
    assert (places.best, places.worst, places.worst_over_best) == ("watch", "phone", 0.5)
    assert places.below_best is False
    assert places.singles["watch"].agreement.share == places.singles["watch"].agreement.kappa == 1.0
    # By chance: the watch says each of four equally often, the phone the first in 3/4, the second in 1/4.
    for own in (places.singles["phone"].agreement, places.pairs["watch", "phone"], places.mean_of_pairs):
        assert own.share == pytest.approx(0.5) and own.kappa == pytest.approx((0.5 - 0.25) / 0.75)
    assert places.mean_with_together.share == pytest.approx(0.75)
    assert places.singles["phone"].change == (pytest.approx(-0.5), (pytest.approx(-0.5), pytest.approx(-0.5)))


def test_placements_are_scored_as_har_scores_them(source):
    data = worn_dataset(watch_and_phone)
    places = _ask(Reader(), data, source, *PLACES).places
    for name, site in (("watch", "left_wrist"), ("phone", "right_front_pocket")):
        alone = score(Reader(), data, source, HarConfig(placements=(site,)))
        own = places.singles[name].groups["all"]
        assert np.array_equal(own.confusion_by_subject, alone.groups["all"].confusion_by_subject)
        assert own.figures == alone.figures


def test_a_joint_reading_below_the_best_sensor_is_said(source):
    class Confused(Reader):
        def _score(self, window, placements, labels):
            if len(window.streams) > 1:
                return [1.0 if label == "resting" else 0.0 for label in labels]
            return super()._score(window, placements, labels)

    # The watch is surer than the phone, so late fusion follows it.
    model = Confused(sure=lambda site: 0.97 if site == "left_wrist" else 0.6)
    result = _ask(model, worn_dataset(watch_and_phone), source, *PLACES)
    places = result.places
    assert places.together.figures["accuracy"] == 0.25 and places.fused.figures["accuracy"] == 1.0
    assert places.below_best is True and places.together.lead_over(places.fused)[0] == pytest.approx(-0.75)
    table = setup_table(_report(model, result))
    assert "all together are BELOW the best single sensor: 25.0 against 100.0, -75.0" in table
    assert "all together are BELOW late fusion" in table and "worst over best single sensor: 0.50 (phone 50.0" in table


def test_a_turn_breaks_who_reads_axes_and_nobody_else(source):
    data = worn_dataset(watch_and_phone)
    parts = ("turn", "told")
    blind = _ask(Reader(), data, source, *parts)
    assert blind.disturbed[0].figures["accuracy"] == 1.0 and blind.disturbed[0].agreement.share == 1.0
    assert blind.turn_alone.share == 1.0
    axes = Reader(measure=lambda acc: np.ptp(acc[:, 2]) / 2)
    result = _ask(axes, data, source, *parts)
    row = result.disturbed[0]
    assert result.whole.figures["accuracy"] == 1.0 and row.setup.name == "turned, mount not told"
    assert row.figures["accuracy"] < 0.8 and row.agreement.share == row.figures["accuracy"] == result.turn_alone.share
    assert row.change[0] == pytest.approx(row.figures["accuracy"] - 1.0)
    again, other = (_ask(axes, data, source, "turn", seed=seed).disturbed[0] for seed in (0, 1))
    counts = [own.groups["all"].confusion for own in (row, again, other)]
    assert np.array_equal(counts[0], counts[1]) and not np.array_equal(counts[0], counts[2])


def test_each_change_reaches_the_model_and_only_once(source):
    def streams(subject, number):
        return (shaking("watch", "left_wrist", number + 1, gyr=True), *watch_and_phone(subject, number)[1:])

    data = worn_dataset(streams)
    for part, told, rates_hz, gyroscopes, asked in (
        ("turn", {("left_wrist", "nothing")}, {50.0}, {True, False}, 2),
        ("gyro", {("left_wrist", "up")}, {50.0}, {True, False}, 2),
        # 50 Hz is the devices' own: five other clocks are asked about.
        ("rate", {("left_wrist", "up")}, {12.5, 20.0, 25.0, 50.0, 100.0, 200.0}, {True, False}, 6),
        ("told", {("unknown", "up"), ("left_wrist", "nothing"), ("unknown", "nothing")}, {50.0}, {True, False}, 4),
        ("placements", {("left_wrist", "up")}, {50.0}, {True, False}, 3),
    ):  # fmt: skip
        model = Reader()
        _ask(model, data, source, part)
        assert told <= model.told and ("left_wrist", "up") in model.told
        assert model.rates_hz == rates_hz and model.gyroscopes == gyroscopes and model.windows == 36 * asked


def test_what_changes_nothing_is_not_asked_again(source):
    def one(subject, number):
        stream = shaking("watch", "left_wrist", number + 1)
        return (stream.with_placement(type(stream.placement)()),)  # worn somewhere, without a gyroscope

    model = Reader()
    result = _ask(model, worn_dataset(one), source, "placements", "gyro", "told")
    assert model.windows == 36
    assert [(row.remark, row.agreement.share) for row in result.disturbed] == [("nothing to change", 1.0)] * 4
    # One stream: places cannot be compared, the rest is done.
    assert result.places is None and result.remarks == ("one stream (watch): comparing placements needs several",)
    assert result.remarks[0] in setup_table(_report(model, result))


def test_slow_clocks_break_who_needs_what_is_above_them(tmp_path):
    """Classes are told by how hard a shake at 8.5 Hz is, which a clock of 12.5 Hz cannot carry and the others can."""

    def fast(subject, number):
        stream = shaking("watch", "left_wrist", 0.0)
        acc = np.array(stream.acc_mps2)
        acc[:, 2] += (1.0, 8.0)[number] * np.sin(2 * np.pi * 8.5 * stream.time_s)
        return (replace(stream, acc_mps2=acc),)

    words, source = WORDS[:2], open_source(write_files(tmp_path / "tiny", 2))
    # Half a window is away from where a recording begins or ends, and the low-pass with it.
    model = Reader(words, measure=lambda acc: np.ptp(acc[12:-12, 2]) / 2)
    result = _ask(model, worn_dataset(fast, words=words), source, "rate")
    by_rate = {row.setup.name: row for row in result.disturbed}
    assert by_rate["12.5 Hz"].figures["accuracy"] == by_rate["12.5 Hz"].agreement.share == 0.5
    assert by_rate["20 Hz"].figures["accuracy"] == by_rate["200 Hz"].figures["accuracy"] == 1.0
    assert {name: row.remark for name, row in by_rate.items() if row.remark} == {
        "50 Hz": "as recorded",
        "100 Hz": "interpolated, recorded at 50 Hz",
        "200 Hz": "interpolated, recorded at 50 Hz",
    }
    assert all(row.windows == result.windows for row in result.disturbed)


def test_streams_of_different_rates_are_interpolated_in_part(source):
    def mixed(subject, number):
        return shaking("watch", "left_wrist", number + 1, rate_hz=40.0), shaking("phone", "chest", number + 1)

    result = _ask(Reader(), worn_dataset(mixed), source, "rate")
    remarks = {row.setup.name: row.remark for row in result.disturbed}
    assert remarks["50 Hz"] == "partly interpolated, recorded at 40-50 Hz" and remarks["25 Hz"] == ""
    assert remarks["100 Hz"] == "interpolated, recorded at 40-50 Hz" and rates_text((100.0, 100.5)) == "100 Hz"


def test_places_are_compared_where_all_have_data(source):
    def late(subject, number):
        phone = shaking("phone", "chest", SHOWN[number] + 1, start_s=2.0, seconds=4.0)
        return shaking("watch", "left_wrist", number + 1), phone

    model = Reader(site="left_wrist")
    result = _ask(model, worn_dataset(late), source, *PLACES)
    places = result.places
    assert result.windows == 36 and places.compared == places.singles["watch"].windows == 24
    assert places.pairs["watch", "phone"].windows == 24 and places.pairs["watch", "phone"].share == pytest.approx(0.5)
    table = setup_table(_report(model, result))
    assert "where all 2 have data" in table and " 24" in table


def test_places_that_never_meet_are_not_compared(source):
    def one_of_two(subject, number):
        return (watch_and_phone(subject, number)[number % 2],)

    model = Reader()
    groups = {"wrist": (WORDS[0], WORDS[2]), "pocket": (WORDS[1], WORDS[3])}
    result = _ask(model, worn_dataset(one_of_two, groups=groups), source)
    places = result.places
    assert places.compared == 0 and places.together is places.fused is places.below_best is None
    assert {name: row.windows for name, row in places.singles.items()} == {"watch": 18, "phone": 18}
    assert places.singles["watch"].groups.keys() == {"wrist"}
    assert "no window is covered by every stream" in result.remarks[0]
    out = setup_json(_report(model, result))["sets"]["tiny"]
    assert "below_best" not in out["placements"] and len(out["disturbances"]) == 11
    assert "worst over best" not in setup_table(_report(model, result))


def test_scores_that_are_no_probabilities_leave_out_late_fusion_alone(source):
    class Cosines(Reader):
        def _score(self, window, placements, labels):
            return [2 * p - 1 for p in super()._score(window, placements, labels)]

    result = _ask(Cosines(), worn_dataset(watch_and_phone), source, *PLACES)
    assert result.places.fused is None and result.places.together.figures["accuracy"] == 1.0
    assert "cannot be fused" in result.remarks[0]
    out = setup_json(_report(Cosines(), result))["sets"]["tiny"]["placements"]
    assert out["late_fusion"] is None and out["below_best"] is False


def test_blocks_change_nothing(source, monkeypatch):
    data, model = worn_dataset(watch_and_phone), Reader(sure=lambda site: 0.6)
    whole = setup_json(_report(model, _ask(model, data, source)))
    monkeypatch.setattr(setup, "BLOCK", 5)
    assert setup_json(_report(model, _ask(model, data, source))) == whole


def test_json_and_table_have_what_they_promise(source):
    model = Reader(site="left_wrist")
    report = _report(model, _ask(model, worn_dataset(watch_and_phone), source))
    out = json.loads(json.dumps(setup_json(report)))
    own = out["sets"]["tiny"]
    assert list(own["disturbances"]) == ["turned, mount not told", "12.5 Hz", "20 Hz", "25 Hz", "50 Hz", "100 Hz",
                                         "200 Hz", "no gyroscope", "place not told", "mount not told",
                                         "place and mount not told"]  # fmt: skip
    assert own["disturbances"]["12.5 Hz"]["part"] == "rate" and own["rates_hz"] == pytest.approx([50.0, 50.0])
    row = {"accuracy", "macro_f1", "recall_at_2", "interval_95", "change", "same_answer", "kappa", "windows", "remark"}
    assert set(own["all_together"]) == row and own["all_together"]["same_answer"] == 1.0
    places = own["placements"]
    assert places["worst_over_best"] == 0.5 and places["lead_over_best"]["accuracy"] == 0.0
    assert places["pairs"] == [{"streams": ["watch", "phone"], "same_answer": 0.5, "kappa": pytest.approx(1 / 3),
                                "windows": 36}]  # fmt: skip
    table = setup_table(report)
    for part in (
        "watch (left_wrist)", "phone (right_front_pocket)", "late fusion", "50.0 0.33", "nothing to change",
        "anywear-setup v1, windows and words of anywear-har v1 | sets tiny 3 subj 36 win | window 2 s hop 2 s",
        "varied: placements; turn seed 0; rate 12.5,20,25,50,100,200 Hz; gyro; told | split: all subjects, zero-shot",
    ):  # fmt: skip
        assert part in table


def test_a_single_answer_has_no_kappa(source):
    class Constant(Reader):
        def _score(self, window, placements, labels):
            return [1.0, *[0.0] * (len(labels) - 1)]

    report = _report(Constant(), _ask(Constant(), worn_dataset(watch_and_phone), source))
    places = json.loads(json.dumps(setup_json(report)))["sets"]["tiny"]["placements"]
    assert places["pairs"][0]["same_answer"] == 1.0 and places["pairs"][0]["kappa"] is None
    assert "100.0 -" in setup_table(report)


def test_what_cannot_be_asked_is_refused(source):
    for wrong, says in (
        ({"conditions": ("rates",)}, "rate"),
        ({"conditions": ()}, "placements, turn"),
        ({"seed": -1}, "-1"),
        ({"rates_hz": (2.0,)}, "5 to 1000 Hz"),
    ):
        with pytest.raises(UsageError) as caught:
            SetupConfig(**wrong)
        assert says in str(caught.value)
    with pytest.raises(UsageError, match="no window at these placements"):
        _ask(Reader(), worn_dataset(watch_and_phone), source, base=HarConfig(placements=("left_ear",)))


def test_placements_asked_for_are_those_compared(source):
    model = Reader()
    result = _ask(model, worn_dataset(watch_and_phone), source, *PLACES, base=HarConfig(placements=("watch",)))
    assert result.places is None and result.remarks and model.told == {("left_wrist", "up")}


def test_a_mount_kept_from_the_start_is_the_measure(source):
    base = HarConfig(mount="unknown")
    model = Reader()
    result = _ask(model, worn_dataset(watch_and_phone), source, "told", base=base)
    assert {knowledge for _, knowledge in model.told} == {"nothing"}
    assert [row.remark for row in result.disturbed] == ["", "nothing to change", ""]
    assert "mount not told" in _report(model, result, config=SetupConfig(base)).signature


def test_pictures(source, tmp_path):
    image = pytest.importorskip("matplotlib.image", reason="needs the plot extra")
    from anywear.benchmark.setup_pictures import draw_setup

    model = Reader(site="left_wrist")
    results = {}
    for name, conditions in (("all", setup.CONDITIONS), ("one", ("gyro",))):
        result = _ask(model, worn_dataset(watch_and_phone), source, *conditions)
        [path] = draw_setup(_report(model, result), tmp_path / name)
        assert path == tmp_path / name / "setup-tiny.png"
        results[name] = image.imread(path)[..., :3]
    (high, wide), (low, narrow) = (own.shape[:2] for own in results.values())
    assert high == 2 * low and wide == 2 * narrow  # four panels, and one
    assert all(own.std() > 0.1 for own in results.values())


def test_five_real_sensors(dataset_root, tmp_path):
    """A walk up stairs (with seams) and a sit of one subject of dsads: every setup sees every window."""
    made = tmp_path / "dsads"
    for activity in ("a01", "a05"):
        [folder] = dataset_root("dsads").glob(f"**/{activity}/p1")
        shutil.copytree(folder, made / activity / "p1")
    data = dataset("dsads")
    # Sitting and ascending stairs are told by how much the right leg, whose unit is named so, moves.
    words = ("sitting", "ascending stairs")
    model = Reader(words, site="right_outer_thigh", measure=lambda acc: 1 + (np.ptp(acc[:, 0]) > 5.0))
    model.config = replace(model.config, window_s=5.0)
    result = score_setup(model, data, open_source(made))
    assert result.windows == result.places.compared == 30 and len(result.places.pairs) == 10
    assert result.places.singles["right_leg"].agreement.share == 1.0 and result.places.sites["torso"] == ("chest",)
    assert result.whole.figures["accuracy"] > 0.9
    assert [row.windows for row in result.disturbed] == [30] * 11
    assert [row.remark for row in result.disturbed if row.setup.name == "25 Hz"] == ["as recorded"]
    assert all(row.interval is None for row in result.disturbed)  # one subject
    assert "dsads 1 subj 30 win" in _report(model, result).signature
