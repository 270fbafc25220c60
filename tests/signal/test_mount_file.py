"""Mounts in a file: written and read back as they were; damaged files are named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from walks import stream_of, worn

from anywear.errors import FormatError
from anywear.signal.mount import calibrate_mount
from anywear.signal.mount_file import FORMAT, load_mounts, mounts_json, save_mounts


@pytest.fixture(scope="module")
def estimates():
    still = np.tile([0.0, 0.0, 9.81], (300, 1))
    return {
        "belt": calibrate_mount(worn("walking_left", 1, "waist").stream),
        "wrist": calibrate_mount(worn("walking_left", 1, "left_wrist").stream),
        "nothing": calibrate_mount(stream_of(still, site="unknown")),
    }


def test_what_is_written_is_read_back(tmp_path, estimates):
    path = tmp_path / "mounts.json"
    save_mounts(estimates, path)
    assert load_mounts(path) == estimates
    assert [own.mount.knowledge for own in load_mounts(path).values()] == ["full", "up", "nothing"]


def test_a_file_by_hand_needs_little(tmp_path):
    path = tmp_path / "own.json"
    piece = {"mount": {"up_axis": [0, 1, 0]}, "stretches": [[0, 0, 9]]}
    where = {"segment": "pelvis", "along": 0.8, "around_deg": 0}
    path.write_text(json.dumps({"format": FORMAT, "streams": {"belt": {"placement": where, "pieces": [piece]}}}))
    found = load_mounts(path)["belt"]
    assert found.mount.up_axis == (0.0, 1.0, 0.0) and found.mount_at(5.0) == found.mount and found.walks == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda own: own.pop("format"), "holds no mounts"),
        (lambda own: own.update(format="other"), "holds no mounts"),
        (lambda own: own.update(streams=3), "holds no mounts"),
        (lambda own: own["streams"]["belt"].pop("pieces"), "belt"),
        (lambda own: own["streams"]["belt"].update(pieces=[]), "belt"),
        (lambda own: own["streams"]["belt"].update(pieces=3), "belt"),
        (lambda own: own["streams"]["belt"]["pieces"][0].update(stretches=[[0]]), "belt"),
        (lambda own: own["streams"]["belt"]["pieces"][0]["mount"].update(up_axis=[1, 1, 1]), "unit vector"),
        (lambda own: own["streams"]["belt"]["placement"].update(segment="tail"), "belt"),
        (lambda own: own["streams"].update(belt=None), "belt"),
    ],
)
def test_damage_is_named(tmp_path, estimates, change, expected):
    content = mounts_json(estimates)
    change(content)
    path = tmp_path / "damaged.json"
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError) as refused:
        load_mounts(path)
    assert expected in str(refused.value) and str(path) in str(refused.value)


def test_what_is_no_json_and_what_is_not_there(tmp_path):
    for content in (b"{", b"\xff\xfe", b"[]", b""):
        path = tmp_path / "x.json"
        path.write_bytes(content)
        with pytest.raises(FormatError):
            load_mounts(path)
    with pytest.raises(FormatError, match="cannot be read"):
        load_mounts(tmp_path / "none.json")
