"""Pictures are written, whole and of the right kind, for one to five streams and for hours."""

from __future__ import annotations

import importlib.util
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from anywear import Placement, Recording, Span
from anywear._drawing import save_picture
from anywear.errors import UsageError
from anywear.plot import (
    PALETTE,
    UNASKED_STYLE,
    UNKNOWN_STYLE,
    check_picture,
    clock,
    label_styles,
    matching_style,
    plot_timeline,
    thin,
)
from anywear.runtime import Segment, Timeline
from anywear.signal import build_stream

LABELS = ("walking", "sitting")


def _stream(name: str, seconds: float, rate_hz: float = 50.0, gyr: bool = True, gap: bool = False):
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    if gap:
        time_s = np.where(time_s > seconds / 2, time_s + seconds / 10, time_s)
    acc = np.random.default_rng(0).normal([0, 0, 9.81], 1, (len(time_s), 3))
    return build_stream(name, time_s, acc, acc if gyr else None, placement=Placement.at("left_wrist"))


def _timeline(seconds: float, segments: int = 3) -> Timeline:
    edges = np.linspace(0, seconds, segments + 1)
    names = ("walking", "unknown", "sitting")
    made = tuple(
        Segment(float(a), float(b), names[i % 3], 0.3 + 0.2 * (i % 3)) for i, (a, b) in enumerate(pairwise(edges))
    )
    return Timeline(LABELS, made, np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), 0.1)


def _pixels(path) -> np.ndarray:
    from matplotlib.image import imread

    return imread(path)[..., :3]


@pytest.mark.parametrize("streams", [1, 5])
def test_one_picture_for_any_number_of_streams(tmp_path, streams):
    recording = Recording(
        tuple(_stream(f"s{n}", 20.0, gyr=n != 1) for n in range(streams)), labels=(Span(0.0, 12.0, "seated"),)
    )
    plot_timeline(recording, _timeline(20.0), tmp_path / "out.png")
    image = _pixels(tmp_path / "out.png")
    assert image.shape[1] == 1320 and 400 < image.shape[0] < 1500
    # Something is drawn in every fifth of the height, and the page is not covered either.
    dark = (image.mean(axis=2) < 0.6).mean(axis=1)
    assert all(part.max() > 0 for part in np.array_split(dark, 5)) and dark.mean() < 0.3


def test_hours_and_thousands_of_segments_stay_quick_and_small(tmp_path):
    seconds = 4 * 3600.0
    recording = Recording((_stream("phone", seconds, 25.0, gap=True),))
    plot_timeline(recording, _timeline(seconds, 3000), tmp_path / "out.png")
    assert (tmp_path / "out.png").stat().st_size < 2_000_000


def test_other_kinds(tmp_path):
    recording = Recording((_stream("phone", 5.0),))
    plot_timeline(recording, _timeline(5.0), tmp_path / "out.svg")
    assert "<svg" in (tmp_path / "out.svg").read_text()
    plot_timeline(recording, _timeline(5.0), tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(UsageError, match="kind is unknown"):
        plot_timeline(recording, _timeline(5.0), tmp_path / "out.gif")
    assert not (tmp_path / "out.gif").exists()


def test_a_recording_without_answers_is_drawn_all_the_same(tmp_path):
    empty = Timeline(LABELS, (), np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), 0.1)
    plot_timeline(Recording((_stream("phone", 0.5),)), empty, tmp_path / "out.png")
    assert (tmp_path / "out.png").stat().st_size > 0


def test_labels_are_words_and_never_formulas(tmp_path):
    segment = Segment(0.0, 5.0, "costs $\\frac$ and _more", 0.9)
    timeline = Timeline((segment.label, "b"), (segment,), np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), 0.1)
    plot_timeline(Recording((_stream("a $x$ b", 5.0),)), timeline, tmp_path / "out.png")
    assert (tmp_path / "out.png").exists()


def test_without_matplotlib_the_remedy_is_named(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr("anywear.plot.find_spec", lambda name: None if name == "matplotlib" else real(name))
    with pytest.raises(UsageError) as caught:
        check_picture("out.png")
    assert "anywear[plot]" in str(caught.value.remedy)


def test_matplotlib_is_not_imported_with_the_module():
    import subprocess
    import sys

    code = "import sys, anywear.plot; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_two_labels_look_alike():
    styles = label_styles([f"label {n}" for n in range(20)])
    assert len(set(styles.values())) == 21 and styles["unknown"] == UNKNOWN_STYLE
    assert {colour for colour, _ in styles.values()} <= {*PALETTE, UNKNOWN_STYLE[0]}


def test_a_true_label_takes_the_colour_of_the_asked_one_it_resembles():
    styles = label_styles(("turning around", "sitting down", "standing up", "sitting"))
    assert matching_style("turning", ("turning around", "sitting"), styles) == styles["turning around"]
    assert matching_style("seated", ("turning around", "sitting"), styles) == UNASKED_STYLE
    # Two candidates: neither.
    assert matching_style("sitting still", ("sitting down", "sitting"), styles) == UNASKED_STYLE


def test_thinning_keeps_the_outline():
    rng = np.random.default_rng(0)
    time_s, values = np.arange(100_000) / 100.0, rng.normal(size=100_000)
    values[54_321], values[77_777] = 50.0, -60.0
    few_s, few = thin(time_s, values)
    assert len(few) <= 2500 and few.max() == 50.0 and few.min() == -60.0
    assert (np.diff(few_s) > 0).all() and few_s[np.argmax(few)] == 543.21
    assert thin(time_s[:100], values[:100])[1] is not None and len(thin(time_s[:100], values[:100])[1]) == 100


def test_clock():
    assert (
        clock(75.2, hours=False) == "1:15"
        and clock(3675, hours=True) == "1:01:15"
        and clock(-5, hours=False) == "-0:05"
    )


def _drawn() -> Figure:
    figure = Figure(figsize=(3.0, 2.0))
    axes = figure.add_subplot()
    axes.imshow(np.random.default_rng(0).random((40, 60)), cmap="viridis")  # more colours than are kept
    for number, colour in enumerate(PALETTE):
        axes.plot([4.0 * number], [20.0], "s", color=colour, markersize=6)
    return figure


def test_pictures_are_small_and_keep_the_colours_that_mean_something(tmp_path):
    small, whole = save_picture(_drawn(), tmp_path / "small.png", dpi=100), tmp_path / "whole.png"
    _drawn().savefig(whole, dpi=100)
    assert small.stat().st_size < 0.6 * whole.stat().st_size
    with Image.open(small) as picture:
        assert picture.mode == "P" and picture.size == (300, 200)
        shown = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    with Image.open(whole) as picture:
        true = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    for colour in PALETTE:
        rgb = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        assert (shown == rgb).all(axis=1).sum() >= (true == rgb).all(axis=1).sum() > 5
    assert np.abs(shown.astype(int) - true).mean() < 6.0
    again = save_picture(_drawn(), tmp_path / "again.png", dpi=100)
    assert again.read_bytes() == small.read_bytes()


def test_other_formats_are_written_as_they_are(tmp_path):
    assert save_picture(_drawn(), tmp_path / "drawn.svg").read_text().startswith("<?xml")
    with pytest.raises(OSError, match="No such file"):
        save_picture(_drawn(), tmp_path / "nowhere" / "drawn.png")
