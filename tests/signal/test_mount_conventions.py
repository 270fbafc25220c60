"""Axes that platforms fix: watches on either wrist, either way round; and where nothing is fixed."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.placement import SITES, Placement
from anywear.signal import mount_axes
from anywear.signal.mount_conventions import CROWN_SIDES, PLATFORMS, WRISTS, convention_mount

WATCHES = [name for name, own in PLATFORMS.items() if own.watch]


@pytest.mark.parametrize("platform", WATCHES)
def test_a_watch_is_read_with_its_x_to_the_hand_on_the_left_and_to_the_elbow_on_the_right(platform):
    # Hanging arms: the hand is below, so what points to it points down.
    assert convention_mount(platform, Placement.at("left_wrist")).up_axis == (-1.0, 0.0, 0.0)
    assert convention_mount(platform, Placement.at("right_wrist")).up_axis == (1.0, 0.0, 0.0)
    for site in ("left_wrist", "right_wrist"):
        right, left = (convention_mount(platform, Placement.at(site), crown) for crown in CROWN_SIDES)
        assert right.outward_axis == left.outward_axis == (0.0, 0.0, 1.0)
        np.testing.assert_array_equal(np.add(right.up_axis, left.up_axis), 0.0)


@pytest.mark.parametrize("site", ["left_wrist", "right_wrist", "left_inner_wrist", "right_forearm"])
def test_up_and_outward_make_a_full_mount(site):
    mount = convention_mount("watchos", Placement.at(site))
    axes, known = mount_axes(Placement.at(site, mount))
    assert mount.knowledge == "full" and known.all() and np.linalg.det(axes) == pytest.approx(1.0)
    assert "Core Motion" in mount.source and "crown right" in mount.source


@pytest.mark.parametrize("site", sorted(SITES))
def test_nothing_else_is_fixed(site):
    is_wrist = site.partition("_")[2] in WRISTS
    for platform, own in PLATFORMS.items():
        known = convention_mount(platform, Placement.at(site)).knowledge
        assert known == ("full" if own.watch and is_wrist else "nothing")
    assert convention_mount("watchos", Placement.unknown()).knowledge == "nothing"


def test_unknown_words_are_refused():
    with pytest.raises(UsageError, match="platform"):
        convention_mount("tizen", Placement.at("left_wrist"))
    with pytest.raises(UsageError, match="crown"):
        convention_mount("watchos", Placement.at("left_wrist"), "top")


def test_the_simulated_watch_is_worn_by_the_same_convention():
    from anywear.motion.generate import generate
    from anywear.simulate import Simulator

    simulator = Simulator(generate("standing", 1, seconds=4.0).clip, lowpass_hz=None)
    for site in ("left_wrist", "right_wrist"):
        [stream] = simulator.record((site,), device="watch", seed=1).streams
        up = stream.acc_mps2.mean(axis=0) / 9.81
        # An arm hangs bent and a little turned.
        assert up @ np.array(convention_mount("wear-os", Placement.at(site)).up_axis) > 0.6
