"""The shipped asset: whole, small, and what the archive holds."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from anywear.body import BONE_NAMES, BONE_PARENTS, BONE_SEGMENTS, SEGMENT_BONES, load_asset
from anywear.body.asset import ASSET_PATH
from anywear.bodygraph import SEGMENT_NAMES
from anywear.errors import ArtefactError, FormatError


def test_the_asset_is_small():
    assert ASSET_PATH.stat().st_size < 2.2e6


def test_sizes_and_weights():
    asset = load_asset()
    assert len(asset.base_m) == 13_380 and len(asset.quads) == 13_378 and len(asset.triangles) == 26_756
    np.testing.assert_allclose(asset.weight.sum(axis=1), 1.0, atol=1e-12)
    assert asset.weight.min() >= 0 and (asset.weight > 0).sum(axis=1).max() <= 7
    assert set(np.unique(asset.weight_bone[asset.weight > 0])) == set(range(31)), "every bone moves something"


def test_the_mesh_is_one_closed_sheet():
    edges: dict[tuple[int, int], int] = {}
    for face in load_asset().triangles.tolist():
        for a, b in zip(face, [*face[1:], face[0]], strict=True):
            edges[a, b] = edges.get((a, b), 0) + 1
    assert set(edges.values()) == {1}, "an edge is run through twice in the same direction"
    assert all((b, a) in edges for a, b in edges), "an edge has one face only"
    assert 13_380 - len(edges) // 2 + 26_756 == 2, "a sphere's Euler characteristic"


def test_faces_look_outward():
    asset = load_asset()
    corners = asset.base_m[asset.triangles]
    volume = np.einsum("ni,ni->n", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert 0.02 < volume < 0.12, "cubic metres of a human"


def test_mouth_and_eye_sockets_are_hidden_and_nothing_else_is():
    asset = load_asset()
    center = asset.base_m[asset.quads].mean(axis=1)[asset.hidden]
    crown, sole = asset.base_m[:, 2].max(), asset.base_m[:, 2].min()
    height = (center[:, 2] - sole) / (crown - sole)
    assert 500 < len(center) < 1_300 and height.min() > 0.86 and height.max() < 0.96
    assert np.abs(center[:, 1]).max() < 0.06, "ears are outside"
    whole = np.sort(np.round(center[:, 1], 6))
    assert np.mean(np.isclose(whole, -whole[::-1], atol=2e-3)) > 0.95, "both sides alike"


def test_rig_and_segments():
    assert len(BONE_NAMES) == 31 and BONE_PARENTS[0] == -1
    assert all(parent < child for child, parent in enumerate(BONE_PARENTS)), "parents come first"
    assert set(BONE_SEGMENTS.values()) == set(SEGMENT_NAMES) == set(SEGMENT_BONES)


def test_the_asset_is_read_only():
    with pytest.raises(ValueError):
        load_asset().base_m[0, 0] = 1.0


@pytest.mark.parametrize("damage", ["missing", "cut", "other", "version"])
def test_a_damaged_asset_is_an_error(tmp_path, damage):
    path = tmp_path / "body.npz"
    if damage == "cut":
        path.write_bytes(ASSET_PATH.read_bytes()[:100_000])
    elif damage == "other":
        np.savez(path, version=1, quads=np.zeros((1, 4)))
    elif damage == "version":
        np.savez(path, version=99)
    with pytest.raises(ArtefactError) as caught:
        load_asset(path)
    assert str(path) in str(caught.value)


def test_the_archive_gives_the_shipped_asset(data_dir, tmp_path):
    from anywear.body.build import build

    report = build(data_dir / "makehuman-cc0.tar.xz", tmp_path / "body.npz")
    assert report["max_error_m"] < 1e-7, "nothing is lost"
    with np.load(tmp_path / "body.npz") as built, np.load(ASSET_PATH) as shipped:
        assert built.files == shipped.files
        for name in built.files:
            same = hashlib.sha256(built[name].tobytes()).digest() == hashlib.sha256(shipped[name].tobytes()).digest()
            assert same or np.allclose(built[name], shipped[name], atol=1e-6), name


def test_building_from_no_archive_is_an_error(tmp_path):
    from anywear.body.build import build

    path = tmp_path / "no.tar.xz"
    path.write_bytes(b"nothing")
    with pytest.raises(FormatError):
        build(path, tmp_path / "out.npz")
