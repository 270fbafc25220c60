"""The guide's example of a new activity is run, checked, and does what it says."""

import re
from pathlib import Path

import numpy as np
import pytest

from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, generate, pose
from anywear.motion.generate.checks import check_figure

GUIDE = (Path(__file__).parents[2] / "docs" / "generator.md").read_text(encoding="utf-8")


@pytest.fixture
def nodding():
    [code] = [block for block in re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL) if "@program" in block]
    exec(compile(code, "docs/generator.md", "exec"), {"__name__": "guide"})
    yield code
    del PROGRAMS["nodding"]


def test_the_example_is_short_and_plausible(nodding):
    assert len(nodding[nodding.index("@program") :].splitlines()) <= 20
    for seed in range(8):
        assert check_figure(pose("nodding", seed)[2]).faults == ()
    assert len(generate("nodding", 3).clip.captions) >= 5


def test_the_example_nods_as_often_as_told(nodding):
    figure = pose("nodding", 1, seconds=14.0, rate_hz=2.5, size_deg=20.0)[2]
    neck = quaternion.multiply(figure.turns["neck"], figure.turns["head"])
    pitch = 2.0 * np.arcsin(neck[:, 1])
    power = np.abs(np.fft.rfft((pitch - pitch.mean()) * np.hanning(len(pitch)))) ** 2
    rate = np.fft.rfftfreq(len(pitch), 1.0 / 120.0)
    heard = rate > 1.2
    assert rate[heard][power[heard].argmax()] == pytest.approx(2.5, rel=0.1)


def test_the_guide_shows_every_family():
    for family in {program.family for program in PROGRAMS.values()}:
        assert f"pictures/generator-{family}.png" in GUIDE
