"""benchmark nucleus: its measures against naive ones, and the whole of it on few real files."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anywear.benchmark.nucleus import WRIST, hand_recordings
from anywear.benchmark.nucleus_clips import compare_clips
from anywear.benchmark.nucleus_marks import accesswear_spans, compare_around_marks, count_in_activities, matched
from anywear.benchmark.nucleus_neighbours import DTW, MARKED, WHOLE, compare_neighbours, dtw
from anywear.benchmark.nucleus_setups import ACCESSWEAR, AS_RECORDED, OURS, in_other_units, overlap, setups, stretches
from anywear.benchmark.nucleus_walking import BEFORE_S, WALKING, added_to_walking
from anywear.cli import main
from anywear.datasets import dataset
from anywear.errors import FormatError
from anywear.recording import Recording, Span, Stream

G = 9.80665


def stream(strokes_s, length_s: float = 20.0, rate_hz: float = 50.0) -> Stream:
    time = np.arange(round(length_s * rate_hz)) / rate_hz
    rng = np.random.default_rng(0)
    acc, gyr = rng.normal([0, 0, G], 0.02, (len(time), 3)), rng.normal(0, 0.005, (len(time), 3))
    for start in strokes_s:
        inside = (time >= start) & (time < start + 1.0)
        acc[inside, 0] += 8.0 * np.sin(6 * np.pi * (time[inside] - start))
        gyr[inside, 1] += 3.0
    return Stream("unit", time, acc, gyr)


def recording(strokes_s, labels=(), subject: str = "1") -> Recording:
    return Recording((stream(strokes_s),), labels=labels, metadata={"subject": subject})


def dtw_naive(one: np.ndarray, other: np.ndarray, band: int) -> float:
    n = len(one)
    table = np.full((n + 1, n + 1), np.inf)
    table[0, 0] = 0.0
    for i in range(n):
        for j in range(n):
            if abs(i - j) <= band:
                best = min(table[i, j], table[i, j + 1], table[i + 1, j])
                table[i + 1, j + 1] = best + ((one[i] - other[j]) ** 2).sum()
    return float(table[n, n])


@pytest.mark.parametrize("band", [0, 2, 9])
def test_dtw_is_the_least_sum(band):
    rng = np.random.default_rng(band)
    one, other = rng.normal(size=(3, 9, 2)), rng.normal(size=(4, 9, 2))
    truth = [[dtw_naive(a, b, band) for b in other] for a in one]
    np.testing.assert_allclose(dtw(one, other, band), truth)


def test_overlap():
    assert overlap((0, 2), (1, 3)) == pytest.approx(1 / 3)
    assert overlap((0, 1), (2, 3)) == 0.0 and overlap((1, 1), (1, 1)) == 1.0


def test_as_many_pairs_as_possible():
    # The first fits both, better the second; it has to leave that to the other.
    assert matched([(0.0, 1.0), (0.4, 1.4)], [(0.0, 1.9), (0.1, 1.1)]) == [(0, 1), (1, 0)]
    assert matched([(0.0, 1.0), (0.1, 1.1)], [(0.0, 1.0)]) == [(0, 0)]
    assert matched([], [(0.0, 1.0)]) == [] and matched([(5.0, 6.0)], [(0.0, 1.0)]) == []


def test_accesswear_pairs_its_changes():
    spans = accesswear_spans(stream([4.0, 9.0]))
    np.testing.assert_allclose(spans, [(4.0, 5.0), (9.0, 10.0)], atol=0.1)


def test_nuclei_around_marks():
    marks = tuple(Span(start, start + 1.0, "stroke") for start in (4.0, 9.0, 15.0))
    rows = {row.way: row for row in compare_around_marks([recording([4.0, 9.0, 15.0], marks)])}
    assert rows[OURS].hits == rows[ACCESSWEAR].hits == rows[OURS].segments == 3
    assert rows[OURS].iou > 0.7 and abs(rows[OURS].start_s) < 0.2


def test_gestures_are_added_to_walking():
    length_s = 50.0
    time = np.arange(round(length_s * 25)) / 25
    acc = np.stack([0 * time, 0 * time, G + 2.0 * np.sin(12 * time)], axis=1)
    walker = Stream("right_arm", time, acc, np.zeros_like(acc))
    walk = Recording((walker,), labels=(Span(0.0, length_s, WALKING),))
    gestures = recording([4.0, 40.0], (Span(4.0, 5.0, "stroke"), Span(40.0, 41.0, "late")))
    [summed] = added_to_walking([gestures], [recording([]), walk], "right_arm")
    own = summed.streams[0]
    assert [(s.start_s, s.label) for s in summed.labels] == [(BEFORE_S + 4.0, "stroke")]
    before = own.time_s < BEFORE_S - 0.1
    np.testing.assert_allclose(own.acc_mps2[before], acc[: before.sum()], atol=1e-5)
    inside = (own.time_s > BEFORE_S + 4.0) & (own.time_s < BEFORE_S + 5.0)
    assert np.ptp(own.acc_mps2[inside, 0]) > 10.0 and np.linalg.norm(own.acc_mps2, axis=1).mean() < 1.3 * G
    with pytest.raises(FormatError, match="Nobody walks"):
        added_to_walking([gestures], [recording([4.0])], "unit")


def test_everyday_counts_by_activity_and_time():
    labels = (Span(0.0, 2.0, "rest"), Span(2.0, 20.0, "exercise"))
    own = recording([4.0, 18.0], labels)
    [rest, exercise] = count_in_activities("x", [own], "unit")
    assert (rest.candidates, exercise.candidates, exercise.first) == (0, 2, 1)
    assert exercise.minutes == pytest.approx(0.3) and exercise.later_minutes == pytest.approx(0.05)
    assert count_in_activities("x", [own], "another") == []


def test_setups_change_what_they_say():
    own = recording([4.0])
    changed = {name: change(own, 0) for name, change in setups(0).items()}
    assert changed[AS_RECORDED] is own and changed["50 Hz"] is own
    assert changed["100 Hz"].streams[0].effective_rate_hz == pytest.approx(100.0)
    assert changed["no gyroscope"].streams[0].gyr_radps is None
    units = in_other_units(own).streams[0]
    assert np.linalg.norm(units.acc_mps2[0]) == pytest.approx(1.0, abs=0.05)
    before = own.streams[0].gyr_radps
    assert units.gyr_radps is not None and before is not None
    np.testing.assert_allclose(units.gyr_radps, np.rad2deg(before), rtol=1e-5)


def test_stretches_end_at_gaps():
    own = stream([4.0])
    kept = (own.time_s < 5.0) | (own.time_s > 7.0)
    gyr = own.gyr_radps
    assert gyr is not None
    found = stretches(Stream("cut", own.time_s[kept], own.acc_mps2[kept], gyr[kept]))
    assert [round(start, 2) for start, *_ in found] == [0.0, 7.02]


@pytest.fixture(scope="module")
def wrist(dataset_root):
    chosen = dataset("utd-mhad")
    source = chosen.find(dataset_root("utd-mhad").parent)
    words = ("swipe left", "wave", "draw x")
    return [own for own in chosen.recordings(source, subjects=["1", "2", "3"]) if own.labels[0].label in words]


def test_units_and_turns_leave_nuclei_as_they_are(wrist):
    rows = {(row.way, row.setup): row for row in compare_clips("utd-mhad", wrist, 0)}
    assert len(wrist) == 35  # one trial of the set is missing
    for setup in ("turned at random", "in g and deg/s"):
        assert rows[OURS, setup].same > 0.999 and rows[OURS, setup].near == 1.0
    assert rows[ACCESSWEAR, "in g and deg/s"].same < 0.9
    assert rows[ACCESSWEAR, "no gyroscope"].found == 0 < rows[OURS, "no gyroscope"].found
    own = rows[OURS, AS_RECORDED]
    assert own.moves == 1.0 and own.energy > own.time


def test_neighbours_know_the_right_answer_when_it_is_there(wrist):
    rows = compare_neighbours("utd-mhad", wrist, 0)
    best = max(row.accuracy for row in rows if row.crop == WHOLE and row.classifier == DTW)
    assert best > 0.6 and all(row.folds == 3 for row in rows)
    assert rows == compare_neighbours("utd-mhad", wrist, 0)


def test_streams_are_asked_in_windows(dataset_root):
    chosen = dataset("uhh-gestures")
    source = chosen.find(dataset_root("uhh-gestures").parent)
    own = [r for r in chosen.recordings(source, subjects=["j", "l"]) if r.metadata["activity"] in "06"]
    rows = compare_neighbours("uhh-gestures", own, 0)
    marked = [row for row in rows if row.crop == MARKED]
    assert marked and all(row.cropped == 1.0 and row.accuracy > 0.8 for row in marked)


def test_hands_alone(dataset_root):
    own = list(hand_recordings(dataset_root("utd-mhad").parent, "utd-mhad"))
    assert {r.metadata["position"] for r in own} == {WRIST} and len({r.labels[0].label for r in own}) == 21


def test_the_command(capsys, tmp_path, data_dir):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    out = tmp_path / "out.json"
    code = main(
        [
            "benchmark",
            "nucleus",
            "--data",
            str(data_dir),
            "--parts",
            "marks",
            "--json",
            str(out),
            "--plot",
            str(tmp_path),
        ]
    )
    printed, _ = capsys.readouterr()
    known = json.loads(out.read_text())
    assert code == 0 and known["signature"] in printed and "everyday" not in known
    rows = {(row["way"], row["setup"]): row for row in known["marks"]}
    assert rows[OURS, AS_RECORDED]["recall"] > 0.95 < rows[OURS, AS_RECORDED]["precision"]
    assert rows[OURS, "in g and deg/s"]["hits"] == rows[OURS, AS_RECORDED]["hits"]
    assert (tmp_path / "nucleus-streams.png").stat().st_size > 20_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--parts", "mark"], "There is no such part"),
        (["--sets", "dsads"], "--sets does not apply to nucleus"),
        (["--seed", "-1"], "A seed is not negative"),
    ],
)
def test_what_does_not_apply_is_refused(capsys, tmp_path, arguments, says):
    code = main(["benchmark", "nucleus", "--data", str(tmp_path), *arguments])
    assert code == 2 and says in capsys.readouterr().err
