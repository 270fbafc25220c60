import json
import shutil

import numpy as np
import pytest

import anywear
from anywear.cli import main
from anywear.errors import FormatError, UsageError
from anywear.motion import list_motions, write_bvh
from anywear.motion.generate import generate
from anywear.simulate.files import SETTINGS_NAME, SimulationPlan, simulate_folder


@pytest.fixture(scope="module")
def motions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("motions")
    (folder / "inner").mkdir()
    for number, place in enumerate(("a.bvh", "b.bvh", "inner/c.bvh")):
        write_bvh(generate("walking", seed=number, seconds=2.5).clip.resampled(60.0), folder / place)
    (folder / "readme.txt").write_text("not a motion")
    (folder / "broken.bvh").write_text("HIERARCHY\nROOT hips\n{ nothing")
    return folder


def test_one_file_becomes_a_recording_that_can_be_read(motions, tmp_path, capsys):
    out = tmp_path / "a.anywear.parquet"
    assert main(["simulate", str(motions / "a.bvh"), "-o", str(out), "--at", "left_wrist,right_front_pocket", "--seed", "1",
                 "--device", "watch", "--rate", "50"]) == 0  # fmt: skip
    recording = anywear.read(out)
    assert [stream.placement.site for stream in recording.streams] == ["left_wrist", "right_front_pocket"]
    assert recording.streams[0].effective_rate_hz == pytest.approx(50.0, rel=0.03)
    assert "2 stream(s)" in capsys.readouterr().out
    assert main(["recognize", str(out), "--labels", "walking,sitting", "--quiet"]) == 0


def test_the_device_knows_where_it_is_worn(motions, tmp_path):
    out = tmp_path / "w.parquet"
    assert main(["simulate", str(motions / "a.bvh"), "-o", str(out), "--device", "glasses", "--quiet"]) == 0
    assert anywear.read(out).streams[0].placement.site == "glasses"


def test_a_folder_loses_only_its_damaged_file_and_says_so(motions, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["simulate", str(motions), "-o", str(out), "--at", "waist", "--workers", "1", "--quiet"]) == 1
    told = capsys.readouterr()
    assert "3 recording(s) made" in told.out
    assert "broken.bvh" in told.err and "1 of 4 files failed" in told.err
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.parquet"))
    assert written == ["a.bvh.anywear.parquet", "b.bvh.anywear.parquet", "inner/c.bvh.anywear.parquet"]


def test_the_number_of_workers_changes_no_byte(motions, tmp_path):
    paths = [path for path in list_motions(motions) if path.name != "broken.bvh"]
    plan = SimulationPlan(at=("left_wrist",), device="watch", seed=3)
    contents = []
    for workers in (1, 2):
        out = tmp_path / f"by{workers}"
        assert all(error is None for _, error, _ in simulate_folder(paths, motions, out, plan, workers=workers))
        contents.append({path.name: path.read_bytes() for path in out.rglob("*.parquet")})
    assert contents[0] == contents[1] and len(contents[0]) == 3


def test_it_goes_on_where_it_stopped_and_refuses_other_settings(motions, tmp_path):
    paths = [path for path in list_motions(motions) if path.name != "broken.bvh"]
    plan, out = SimulationPlan(at=("waist",), seed=3), tmp_path / "out"
    first = simulate_folder(paths, motions, out, plan)
    next(first)
    first.close()
    done = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    assert len(done) == 1
    before = [was_there for _, _, was_there in simulate_folder(paths, motions, out, plan)]
    assert sorted(before) == [False, False, True]
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in done.items())
    assert json.loads((out / SETTINGS_NAME).read_text())["seed"] == 3
    with pytest.raises(UsageError, match="another simulation"):
        list(simulate_folder(paths, motions, out, SimulationPlan(at=("waist",), seed=4)))


def test_files_of_one_folder_wear_different_devices(motions, tmp_path):
    shutil.copytree(motions, tmp_path / "two")
    for name in ("broken.bvh", "b.bvh", "inner/c.bvh"):
        (tmp_path / "two" / name).unlink()
    shutil.copy(tmp_path / "two" / "a.bvh", tmp_path / "two" / "copy.bvh")
    paths = list_motions(tmp_path / "two")
    list(simulate_folder(paths, tmp_path / "two", tmp_path / "out", SimulationPlan(at=("waist",), device="mpu-6050")))
    one, two = (anywear.read(tmp_path / "out" / f"{name}.bvh.anywear.parquet").streams[0] for name in ("a", "copy"))
    assert not np.allclose(one.acc_mps2[:50], two.acc_mps2[:50])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "No motion was named"),
        (["{a}"], "Nothing would be written"),
        (["{a}", "-o", "{tmp}/x.csv", "--at", "waist"], "has to be a .parquet file"),
        (["{a}", "-o", "{tmp}/x.parquet", "--device", "bmi270"], "Nobody says where the bmi270 is worn"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "left_write"], "Unknown placement"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "unknown"], "unknown placement has no point"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "all:0"], "number of points"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--device", "wach"], "Unknown"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--device", "waist="], "devices are not understood"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--rate", "0"], "rate is out of range"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--lowpass", "often"], "low-pass is unknown"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--lowpass", "50"], "does not fit the motion's rate"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--body", "height=tall"], "no number"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--body", "hight=1.8"], "body is not understood"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--body", "height=9"], "no such body"),
        (["{a}", "-o", "{tmp}/x.parquet", "--at", "waist", "--workers", "0"], "At least one process"),
        (["{a}", "--view", "{tmp}/x.gif", "--at", "waist"], "view's kind is unknown"),
        (["{tmp}/none.bvh", "-o", "{tmp}/x.parquet", "--at", "waist"], "no such file"),
        (["{motions}", "--view", "{tmp}/x.html", "--at", "waist"], "folder of recordings"),
    ],
)
def test_bad_requests_end_in_one_clear_error(motions, tmp_path, capsys, arguments, words):
    known = {"a": motions / "a.bvh", "tmp": tmp_path, "motions": motions}
    assert main(["simulate", *(argument.format(**known) for argument in arguments)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and words in error and "Traceback" not in error
    assert not list(tmp_path.glob("x.*"))


def test_a_view_of_one_motion(motions, tmp_path):
    page = tmp_path / "walk.html"
    assert main(["simulate", str(motions / "a.bvh"), "--view", str(page), "--at", "left_wrist,waist", "--quiet"]) == 0
    text = page.read_text()
    assert "left_wrist" in text and "http://" not in text.replace("http://www.w3.org", "")


def test_folders_without_motion(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(FormatError, match="holds no motion"):
        list_motions(tmp_path)
    with pytest.raises(FormatError, match="no such file"):
        list_motions(tmp_path / "absent")
    with pytest.raises(UsageError, match="Unknown motion format"):
        list_motions(tmp_path, format="bhv")
