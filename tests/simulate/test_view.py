"""The page holds what it is given, in few bytes, loads nothing, and draws in a browser what the library computes."""

from __future__ import annotations

import base64
import functools
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear import Placement, Recording
from anywear.body import (
    BONE_INDEX,
    neutral_pose,
    place,
    points_on,
    sample_surface,
    shape_body,
    skin,
    world_frames,
)
from anywear.errors import UsageError
from anywear.motion.body_motion import BodyMotion
from anywear.placement import Mount
from anywear.recording import Note, Stream
from anywear.simulate.kinematics import BoneMotion, PointSet
from anywear.simulate.view import write_view
from anywear.simulate.view_data import MAX_FRAMES, MAX_SAMPLES

SITES = ("left_wrist", "chest", "right_front_pocket")
EVIL = "</script><script>alert('x')</script> <!-- & {{DATA}} \u2028 $1 \\g<0> \"'"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@functools.cache
def _walk(seconds: float = 10.0, rate_hz: float = 120.0) -> BodyMotion:
    """Arms and legs that swing, one palm that turns, a body that moves along and round."""
    body = shape_body()
    time_s = np.arange(round(seconds * rate_hz) + 1) / rate_hz
    quat = neutral_pose(body, len(time_s))
    swing = 0.6 * np.sin(2 * np.pi * time_s)
    chains = {
        "Arm ForeArm Hand FingerBase HandFinger1": 1.0,
        "UpLeg Leg Foot ToeBase": -0.7,
    }
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        for chain, share in chains.items():
            turn = Rotation.from_rotvec(np.outer(sign * share * swing, [0, 1, 0]))
            for name in chain.split():
                bone = BONE_INDEX[side + name]
                quat[:, bone] = (turn * Rotation.from_quat(quat[:, bone])).as_quat()
    for name in ("LeftHand", "LeftFingerBase", "LeftHandFinger1", "LThumb"):
        turn = Rotation.from_rotvec(np.outer(0.8 * np.sin(3 * time_s), [0, 0, 1]))
        quat[:, BONE_INDEX[name]] = (turn * Rotation.from_quat(quat[:, BONE_INDEX[name]])).as_quat()
    heading = Rotation.from_rotvec(np.outer(0.3 * time_s, [0, 0, 1]))
    for bone in range(quat.shape[1]):
        quat[:, bone] = (heading * Rotation.from_quat(quat[:, bone])).as_quat()
    root = body.root_m + np.stack([1.2 * time_s, 0.1 * time_s, 0.02 * np.cos(4 * np.pi * time_s)], axis=1)
    return BodyMotion(
        body, rate_hz, quat, root, name="walk", captions=("a person walks",), source="made", licence="CC0"
    )


def _record(motion: BodyMotion, points, names, placements=None, rate_hz: float = 50.0, notes=()) -> Recording:
    time_s = np.arange(int(motion.duration_s * rate_hz)) / rate_hz
    where = PointSet(points.rest_m, points.skin_bone, points.weight, points.rest_from_point)
    acc, gyr = BoneMotion(motion.rate_hz, motion.transforms()).sample(where, time_s)
    placements = placements or [Placement.unknown()] * len(names)
    return Recording(
        tuple(
            Stream(name, time_s, a, g, placement=p, notes=notes)
            for name, a, g, p in zip(names, acc, gyr, placements, strict=True)
        )
    )


@pytest.fixture(scope="module")
def worn():
    motion = _walk()
    points = place(motion.body, SITES)
    return motion, _record(motion, points, SITES, [Placement.at(site) for site in SITES]), points


def _data(path) -> dict:
    """The page's data as a browser gets it: the text of the script element, parsed as JSON."""

    class Finder(HTMLParser):
        found, inside = "", False

        def handle_starttag(self, tag, attrs):
            self.inside = tag == "script" and dict(attrs).get("id") == "data"

        def handle_endtag(self, tag):
            self.inside = False

        def handle_data(self, data):
            self.found += data if self.inside else ""

    finder = Finder()
    finder.feed(path.read_text(encoding="utf-8"))
    return json.loads(finder.found)


def _unpack(text: str, kind: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<" + kind).reshape(-1, *shape)


def _decoded_skin(data: dict, frame: int) -> np.ndarray:
    """Forward kinematics and skinning from nothing but the page's data."""
    body, motion = data["body"], data["motion"]
    heads, joints = np.array(body["heads"]), body["joints"]
    quat = _unpack(motion["quat"], "i2", len(joints), 4)[frame].astype(float)
    turn = Rotation.from_quat(quat).as_matrix()
    root = _unpack(motion["root"], "f4", 3)[frame]
    at = np.zeros_like(heads)
    for bone, parent in enumerate(body["parents"]):
        at[bone] = root if parent < 0 else at[parent] + turn[parent] @ (heads[bone] - heads[parent])
    shift = at[joints] - np.einsum("bij,bj->bi", turn, heads[joints])
    rest = _unpack(body["vertices"], "i2", 3) * body["step"]
    bones, weights = _unpack(body["bones"], "u1", 8), _unpack(body["weights"], "u1", 8) / 255
    moved = np.einsum("vkij,vj->vki", turn[bones], rest) + shift[bones]
    return np.einsum("vk,vki->vi", weights, moved)


def test_the_page_moves_the_skin_as_the_library_does(tmp_path, worn):
    motion, recording, points = worn
    write_view(tmp_path / "v.html", motion, recording, points)
    data = _data(tmp_path / "v.html")
    triangles = motion.body.triangles[~motion.body.hidden]
    flat = triangles.ravel()
    _, first = np.unique(flat, return_index=True)
    rows, corner = np.divmod(first, 3)
    vertices = points_on(motion.body, np.flatnonzero(~motion.body.hidden)[rows], np.eye(3)[corner])
    assert data["motion"]["rate"] == 60.0 and data["motion"]["frames"] == (len(motion) + 1) // 2
    exact = skin(vertices, motion.transforms())[::2]
    for frame in (0, 17, 333, data["motion"]["frames"] - 1):
        error = np.linalg.norm(_decoded_skin(data, frame) - exact[frame], axis=1)
        assert error.max() < 2e-3, f"{1e3 * error.max():.2f} mm at frame {frame}"


def test_the_page_holds_signals_and_sensors(tmp_path, worn):
    motion, recording, points = worn
    write_view(tmp_path / "v.html", motion, recording, points)
    data = _data(tmp_path / "v.html")
    for row, (sensor, stream) in enumerate(zip(data["sensors"], recording.streams, strict=True)):
        assert (sensor["name"], sensor["place"]) == (stream.name, stream.placement.name.replace("_", " "))
        clock = _unpack(data["clocks"][sensor["clock"]], "f4") + sensor["start"]
        np.testing.assert_allclose(clock, stream.time_s, atol=1e-5)
        for kind, values in (("acc", stream.acc_mps2), ("gyr", stream.gyr_radps)):
            got = _unpack(sensor[kind]["values"], "i2", 3) * sensor[kind]["step"]
            assert sensor[kind]["step"] <= np.abs(values).max() / 32767 * 1.0001
            np.testing.assert_allclose(got, values, atol=0.51 * sensor[kind]["step"])
        np.testing.assert_allclose(sensor["rest"], points.rest_m[row], atol=1e-5)
        np.testing.assert_allclose(np.reshape(sensor["frame"], (3, 3)), points.rest_from_point[row], atol=1e-5)
        assert sensor["known"] is False
    assert len(data["clocks"]) == 1  # what sensors share is sent once


def test_axes_are_the_sensors_own_where_the_recording_tells_them(tmp_path, worn):
    motion, _, points = worn
    quat = Rotation.from_rotvec([0.3, -0.2, 0.9]).as_quat()
    known = Placement.at("chest", Mount(quat_segment_from_sensor=tuple(quat)))
    recording = _record(motion, points[[1]], ["chest"], [known])
    write_view(tmp_path / "v.html", motion, recording, points[[1]])
    sensor = _data(tmp_path / "v.html")["sensors"][0]
    expected = points.rest_from_neutral[1] @ Rotation.from_quat(quat).as_matrix()
    assert sensor["known"] is True
    np.testing.assert_allclose(np.reshape(sensor["frame"], (3, 3)), expected, atol=1e-5)


def test_the_page_is_small_loads_nothing_and_is_the_same_each_time(tmp_path, worn):
    for name in ("a.html", "b.html"):
        write_view(tmp_path / name, *worn)
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert len(text) < 3_000_000
    assert not re.search(r"""(src|href)\s*=|@import|url\(|\bfetch\(|XMLHttpRequest|\bimport\(""", text)
    assert set(re.findall(r"https?://[^\s\"']+", text)) <= {"http://www.w3.org/2000/svg"}  # a name, not an address
    assert "default-src 'none'" in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_a_thousand_sensors_stay_within_the_bound(tmp_path):
    motion = _walk()
    points = sample_surface(motion.body, 1000, np.random.default_rng(3))
    recording = _record(motion, points, [f"p{row}" for row in range(1000)])
    write_view(tmp_path / "v.html", motion, recording, points)
    data = _data(tmp_path / "v.html")
    assert (tmp_path / "v.html").stat().st_size < 3_000_000
    kept = [len(_unpack(sensor["acc"]["values"], "i2", 3)) for sensor in data["sensors"]]
    assert len(kept) == 1000 and sum(kept) <= MAX_SAMPLES and min(kept) > 50
    assert ["Shown", "one of 5 samples"] in data["facts"]


def test_a_long_motion_is_sent_with_fewer_frames(tmp_path):
    body, frames = shape_body(), 3 * MAX_FRAMES
    root = np.tile(body.root_m, (frames, 1))
    motion = BodyMotion(body, 60.0, neutral_pose(body, frames), root)
    time_s = np.arange(100) * 6.0
    recording = Recording((Stream("chest", time_s, np.ones((100, 3))),))
    write_view(tmp_path / "v.html", motion, recording, place(body, "chest"))
    data = _data(tmp_path / "v.html")
    assert data["motion"]["frames"] == MAX_FRAMES and data["motion"]["rate"] == 20.0
    assert "gyr" not in data["sensors"][0]


def test_text_from_files_stays_text(tmp_path, worn):
    motion, _, points = worn
    motion = replace(motion, captions=(EVIL,), source=EVIL, licence=EVIL, notes=(Note("assumed", EVIL),))
    recording = _record(motion, points, [EVIL, "b", "c"], notes=(Note("detected", "all alike"),))
    write_view(tmp_path / "v.html", motion, recording, points, title=EVIL)
    data, text = _data(tmp_path / "v.html"), (tmp_path / "v.html").read_text(encoding="utf-8")
    assert data["title"] == data["captions"][0] == data["sensors"][0]["name"] == EVIL
    assert "<script>alert" not in text and text.count("</script>") == 2
    assert "&lt;/script&gt;&lt;script&gt;alert" in text  # the heading
    assert {"kind": "assumed", "text": EVIL, "about": "motion"} in data["notes"]
    assert {"kind": "detected", "text": "all alike", "about": "all sensors"} in data["notes"]


@pytest.mark.parametrize("name", ["v.pdf", "v", "v.html.gz"])
def test_other_kinds_are_refused(tmp_path, worn, name):
    with pytest.raises(UsageError, match="kind is unknown") as caught:
        write_view(tmp_path / name, *worn)
    assert ".html" in str(caught.value) and ".png" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_points_have_to_match_the_streams(tmp_path, worn):
    motion, recording, points = worn
    with pytest.raises(UsageError, match="do not belong together"):
        write_view(tmp_path / "v.html", motion, recording, points[:2])


def test_a_view_that_cannot_be_written_says_so_and_leaves_the_old_one(tmp_path, worn, monkeypatch):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        write_view(tmp_path / "file" / "v.html", *worn)
    (tmp_path / "v.png").write_bytes(b"before")
    monkeypatch.setattr("anywear.simulate.view_picture.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="matplotlib") as caught:
        write_view(tmp_path / "v.png", *worn)
    assert "pip install" in str(caught.value)
    assert (tmp_path / "v.png").read_bytes() == b"before"


def test_the_picture_shows_bodies_sensors_and_signals(tmp_path, worn):
    pytest.importorskip("matplotlib")
    from matplotlib.colors import to_rgb
    from matplotlib.image import imread

    from anywear.plot import AXIS_COLOURS, PALETTE

    motion, recording, points = worn
    write_view(tmp_path / "v.png", motion, recording, points, title="cost $5 $6")
    image = imread(tmp_path / "v.png")[..., :3]

    def pixels(colour: str, rows: slice) -> int:
        return int((np.abs(image[rows] - to_rgb(colour)).max(axis=2) < 0.02).sum())

    half = slice(0, image.shape[0] // 2), slice(image.shape[0] // 2, None)
    body = image[half[0]]
    clay = (body[..., 0] > body[..., 2] + 0.02) & (body.mean(axis=2) > 0.3) & (body.mean(axis=2) < 0.9)
    figures = np.flatnonzero(np.diff(np.r_[0, clay.sum(axis=0) > 40, 0]) == 1)
    assert clay.sum() > 20_000 and 6 <= len(figures) <= 14  # legs and arms may stand apart
    assert min(pixels(colour, half[0]) for colour in PALETTE[:3]) > 30  # the sensors
    assert all(pixels(colour, half[1]) > 300 for colour in AXIS_COLOURS)  # the signals


@pytest.fixture(scope="module")
def browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    return found


def _open(browser: str, address: str, profile) -> tuple[str, str]:
    """The page as the browser has made it, and what it had to say."""
    options = [
        "--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", f"--user-data-dir={profile}",
        "--enable-logging=stderr", "--virtual-time-budget=3000", "--window-size=1200,800", "--dump-dom",
    ]  # fmt: skip
    done = subprocess.run([browser, *options, address], capture_output=True, text=True, timeout=120, check=False)
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def test_a_browser_draws_it_without_complaint_where_the_library_says(tmp_path, worn, browser):
    motion, recording, points = worn
    write_view(tmp_path / "v.html", motion, recording, points, title=EVIL)
    placed, turned = skin(points, motion.transforms()), world_frames(points, motion.transforms())
    text = (tmp_path / "v.html").read_text(encoding="utf-8")
    ask = "document.documentElement.dataset.axes = sensors.map((s) => Array.from(s.axes).join(' ')).join(' ');"
    (tmp_path / "v.html").write_text(text.replace("})();\n</script>", ask + "})();\n</script>"), encoding="utf-8")
    for frame in (0, 390):
        address = f"{(tmp_path / 'v.html').as_uri()}#t={frame / motion.rate_hz:.4f}"
        page, console = _open(browser, address, tmp_path / f"profile{frame}")
        if 'data-state="signals-only"' in page and "WebGL 2 is not available" in page:
            pytest.skip("this browser has no WebGL 2")
        assert 'data-state="ready"' in page, console
        assert "rror" not in console, console
        shown = [np.array(at.split(), dtype=float) for at in re.findall(r'data-at="([^"]+)"', page)]
        np.testing.assert_allclose(shown, placed[frame], atol=2e-3)
        axes = np.array(re.search(r'data-axes="([^"]+)"', page)[1].split(), dtype=float).reshape(-1, 3, 3)  # type: ignore
        np.testing.assert_allclose(axes.transpose(0, 2, 1), turned[frame], atol=1e-3)
        assert page.count("<article") == len(points)
    assert np.abs(placed[390] - placed[0]).max() > 1.0  # it has moved
