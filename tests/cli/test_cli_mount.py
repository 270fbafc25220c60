"""`anywear mount`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anywear.cli import main
from anywear.cli.mount import parse_moment
from anywear.errors import UsageError
from anywear.io import write
from anywear.placement import Placement
from anywear.recording import Recording, Stream
from anywear.signal.mount_file import load_mounts

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/phone-and-watch.anywear.parquet"


@pytest.fixture
def still(tmp_path) -> Path:
    """Somebody who stands for 20 s with a unit on the belt."""
    acc = np.tile([0.0, 9.81, 0.0], (1000, 1)) + np.random.default_rng(0).normal(0, 0.02, (1000, 3))
    stream = Stream("belt", np.arange(1000) / 50.0, acc, np.zeros((1000, 3)), Placement.at("waist"))
    path = tmp_path / "still.anywear.parquet"
    write(Recording((stream,)), path)
    return path


def test_the_example_is_told_and_written(tmp_path, capsys):
    out, told = tmp_path / "mounts.json", tmp_path / "told.json"
    assert main(["mount", str(EXAMPLE), "-o", str(out), "--json", str(told)]) == 0
    printed = capsys.readouterr().out
    assert "phone (left_front_pocket)" in printed and "full:" in printed and "up is (" in printed
    mounts = load_mounts(out)
    # In the pocket the phone stands on end, its screen outward; on the left wrist x points to the hand.
    assert mounts["phone"].mount.knowledge == "full"
    assert mounts["watch"].mount.up_axis[0] < -0.9
    assert json.loads(told.read_text())["streams"].keys() == mounts.keys()


def test_without_walking_nothing_is_claimed_but_standing_gives_up(still, capsys):
    assert main(["mount", str(still)]) == 0
    assert "unknown: no walking was found" in capsys.readouterr().out
    assert main(["mount", str(still), "--upright", "0:05"]) == 0
    printed = capsys.readouterr().out
    assert "up only: standing upright at 5 s" in printed and "(+0.00, +1.00, +0.00)" in printed


def test_a_platform_fixes_wrists_alone(capsys):
    assert main(["mount", str(EXAMPLE), "--device-axes", "wear-os"]) == 0
    told = capsys.readouterr()
    assert "up is (-1.00, +0.00, +0.00)" in told.out and "phone: wear-os does not fix" in told.err
    assert main(["mount", str(EXAMPLE), "--device-axes", "wear-os", "--crown", "left"]) == 0
    assert "look at --crown" in capsys.readouterr().err


def test_the_picture_and_json_on_standard_output(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "out.png"
    assert main(["mount", str(EXAMPLE), "--plot", str(picture), "--json", "-", "--quiet"]) == 0
    assert picture.stat().st_size > 20_000
    assert set(json.loads(capsys.readouterr().out)["streams"]) == {"phone", "watch"}


def test_a_folder_is_one_wearing(tmp_path, still, capsys):
    folder = tmp_path / "days"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.anywear.parquet").write_bytes(still.read_bytes())
    assert main(["mount", str(folder)]) == 0
    assert capsys.readouterr().out.count("belt (waist)") == 1
    assert main(["mount", str(folder), "--upright", "5"]) == 2
    assert "of one recording" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--upright", "noon"], "cannot be read"),
        (["--upright", "9:99"], "cannot be read"),
        (["--upright", "1:00:00"], "not in the stream"),
        (["--device-axes", "tizen"], "Unknown platform"),
        (["--plot", "out.txt"], "kind is unknown"),
    ],
)
def test_bad_input_is_told_in_a_sentence(still, arguments, expected, capsys):
    assert main(["mount", str(still), *arguments]) == 2
    assert expected in capsys.readouterr().err


def test_moments():
    assert [parse_moment(text) for text in ("5", "0:05", "1:02:03.5", "75")] == [5.0, 5.0, 3723.5, 75.0]
    for text in ("", ":", "-1", "1:60", "1:2:3:4", "nan", "inf"):
        with pytest.raises(UsageError):
            parse_moment(text)


def test_devices_are_drawn_as_they_are_worn():
    from anywear.body import shape_body
    from anywear.body.mount_picture import drawn_axes
    from anywear.placement import Mount
    from anywear.signal.mount import MountEstimate, calibrate_mount

    still = Stream("x", np.arange(100) / 50.0, np.tile([0.0, 9.81, 0.0], (100, 1)), None, Placement.at("waist"))
    nothing = calibrate_mount(still)
    body = shape_body()
    at, axes, up = drawn_axes(body, nothing)
    assert axes is None and up is None and 0.8 < at[2] < 1.2
    # x right, y up, z out of the belly, told by two axes or by the turn: the wearer's right is -y.
    by_axes = Mount(up_axis=(0.0, 1.0, 0.0), outward_axis=(0.0, 0.0, 1.0))
    by_turn = Mount(quat_segment_from_sensor=(0.5, 0.5, 0.5, 0.5))
    for mount in (by_axes, by_turn):
        piece = replace(nothing.main, mount=mount)
        _, axes, up = drawn_axes(body, MountEstimate(nothing.placement, (piece,), ()))
        np.testing.assert_allclose(axes @ up, [0.0, 1.0, 0.0], atol=1e-6)
        assert axes[2][0] > 0.95 and abs(axes[0][1]) > 0.95 and np.linalg.det(axes) == pytest.approx(1.0)
