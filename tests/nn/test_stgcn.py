"""The baseline: streams enter at their segments, what is absent changes nothing, and the exported graph is the module."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
torch.set_num_threads(1)

from anywear.bodygraph import SEGMENT_INDEX, SEGMENT_NAMES, SEGMENTS, hop_distances
from anywear.errors import UsageError
from anywear.nn.encoder import EncoderConfig, MotionEncoder
from anywear.nn.encoders import build_encoder, encoder_config
from anywear.nn.stgcn import NODES, StgcnConfig, StgcnEncoder, adjacency
from anywear.placement import SITES, Placement
from anywear.signal import CHANNELS, WORN_FEATURES, place_features
from anywear.train.export import export_encoder


@pytest.fixture(scope="module")
def encoder() -> StgcnEncoder:
    torch.manual_seed(0)
    return StgcnEncoder(StgcnConfig(width=16, depth=2, out=24)).eval()


def _places(*sites: str) -> torch.Tensor:
    """(S, 13); nothing is known of mounts."""
    told = np.zeros((len(sites), WORN_FEATURES), dtype=np.float32)
    for row, site in zip(told, sites, strict=True):
        row[:7] = place_features(Placement.at(site))
    return torch.from_numpy(told)


def _inputs(batch: int, time: int, *sites: str):
    generator = torch.Generator().manual_seed(batch)
    ones = torch.ones(batch, len(sites))
    motion = torch.randn(batch, len(sites), time, CHANNELS, generator=generator)
    return motion, ones, ones.clone(), _places(*sites).expand(batch, -1, -1).clone()


def test_every_place_finds_its_segment(encoder):
    found = encoder.find(_places(*SITES)[None])[0]
    assert torch.equal(found.sum(dim=1), torch.ones(len(SITES)))
    names = [SEGMENT_NAMES[node] for node in found.argmax(dim=1).tolist()]
    assert names == [site.segment for site in SITES.values()]
    assert encoder.find(_places("unknown")[None])[0, 0].argmax() == NODES - 1


def test_nearly_every_point_of_the_skin_finds_its_segment(encoder):
    """Not all: where segments overlap, the toes and the foot, a point lies as well on the one as on the other."""
    rng = np.random.default_rng(0)
    right = 0
    for name in SEGMENTS:
        told = np.zeros((1, 40, WORN_FEATURES), dtype=np.float32)
        for row in told[0]:
            row[:7] = place_features(Placement(name, float(rng.uniform(0.05, 0.95)), float(rng.uniform(0, 360))))
        right += int(encoder.find(torch.from_numpy(told))[0, :, SEGMENT_INDEX[name]].sum())
    assert right / (40 * len(SEGMENTS)) > 0.97


def test_the_partitions_are_the_body():
    edges = adjacency()
    assert edges.shape == (4, NODES, NODES)
    assert np.array_equal(edges[0], np.eye(NODES))
    near = hop_distances() == 1
    assert np.array_equal((edges[1] + edges[2])[:-1, :-1] > 0, near)
    hops = hop_distances()[SEGMENT_INDEX["pelvis"]]
    for child, parent in zip(*np.nonzero(edges[1]), strict=True):
        assert hops[parent] == hops[child] - 1
    assert np.array_equal(
        edges[3] > 0,
        ~np.eye(NODES, dtype=bool) & ((np.arange(NODES) == NODES - 1)[:, None] | (np.arange(NODES) == NODES - 1)),
    )
    received = edges.sum(axis=1)
    assert np.all(np.isclose(received, 1.0) | (received == 0.0))


def test_the_size_of_the_paper():
    """3.1 million, and what a fourth partition and a head of 384 add."""
    model = StgcnEncoder(StgcnConfig())
    layers = sum(p.numel() for p in model.layers.parameters())
    fourth = sum(layer.spread.weight.numel() // 4 for layer in model.layers)
    assert layers - fourth == pytest.approx(3.1e6, rel=0.05)
    assert model.encode(*_inputs(1, 300, "chest"))[1].shape == (1, 75, 256)


@pytest.mark.parametrize("time", [4, 37, 125])
def test_any_length_gives_unit_vectors_and_latents(encoder, time):
    out, latents = encoder.encode(*_inputs(2, time, "left_wrist", "unknown"))
    assert out.shape == (2, 24) and latents.shape == (2, time // 4, 64)
    assert torch.allclose(out.norm(dim=1), torch.ones(2), atol=1e-5)


def test_an_absent_stream_changes_nothing(encoder):
    inputs = _inputs(2, 60, "left_wrist", "chest", "left_wrist")
    motion, present, has_gyr, place = inputs
    without = encoder(*(x[:, :2] for x in inputs))
    present[:, 2] = 0
    assert torch.allclose(encoder(motion, present, has_gyr, place), without, atol=1e-5)
    motion[:, 2] = float("nan")
    assert torch.allclose(encoder(motion, present, has_gyr, place), without, atol=1e-5)


def test_what_is_hidden_changes_nothing(encoder):
    inputs = _inputs(1, 40, "left_wrist", "chest")
    hidden = torch.zeros(1, 2, 10)
    assert torch.equal(encoder.encode(*inputs, hidden)[0], encoder(*inputs))
    hidden[:, 0, 3:5] = 1.0
    shown = encoder.encode(*inputs, hidden)[1]
    inputs[0][:, 0, 12:20] = 7.0
    assert torch.equal(encoder.encode(*inputs, hidden)[1], shown)
    assert not torch.allclose(encoder.encode(*inputs)[1], shown, atol=1e-3)


def test_streams_have_no_order_and_a_batch_is_its_rows(encoder):
    inputs = _inputs(3, 48, "left_wrist", "left_wrist", "right_ankle", "unknown")
    out = encoder(*inputs)
    assert torch.allclose(out, encoder(*(x[:, [2, 0, 3, 1]] for x in inputs)), atol=1e-5)
    assert torch.allclose(out, torch.cat([encoder(*(x[i : i + 1] for x in inputs)) for i in range(3)]), atol=1e-5)


def test_segment_gyroscope_and_time_matter(encoder):
    motion, present, has_gyr, place = _inputs(2, 60, "left_wrist")
    base = encoder(motion, present, has_gyr, place)
    for other in ("right_wrist", "left_ankle", "unknown"):
        assert not torch.allclose(base, encoder(motion, present, has_gyr, _places(other).expand(2, -1, -1)), atol=1e-3)
    assert not torch.allclose(base, encoder(motion, present, 0 * has_gyr, place), atol=1e-4)
    assert not torch.allclose(base, encoder(motion.flip(2), present, has_gyr, place), atol=1e-3)


def test_a_node_hears_the_whole_body():
    """Nine layers reach over nine joints, and none is further from the trunk: gradients come back from every segment."""
    model = StgcnEncoder(StgcnConfig(width=8))
    motion, present, has_gyr, place = _inputs(1, 16, "left_toes", "right_ring", "forehead", "unknown")
    motion.requires_grad_()
    model(motion, present, has_gyr, place)[0, 0].backward()
    assert motion.grad is not None and (motion.grad.abs().sum(dim=(0, 2, 3)) > 0).all()


def test_the_exported_graph_is_the_module(encoder, tmp_path):
    assert export_encoder(encoder, tmp_path / "motion.onnx") < 1e-4
    session = onnxruntime.InferenceSession(str(tmp_path / "motion.onnx"), providers=["CPUExecutionProvider"])
    for batch, time, sites in (
        (1, 5, ["unknown"]),
        (5, 77, ["chest", "left_wrist", "left_wrist"]),
        (2, 250, [*SITES][:7]),
    ):
        inputs = _inputs(batch, time, *sites)
        inputs[1][0, 1:] = 0.0
        with torch.no_grad():
            expected = encoder(*inputs).numpy()
        names = ("motion", "present", "has_gyr", "place")
        got = session.run(None, {n: x.numpy() for n, x in zip(names, inputs, strict=True)})[0]
        assert np.allclose(got, expected, atol=1e-4)


def test_a_run_chooses_its_encoder():
    chosen = encoder_config({"kind": "stgcn", "width": 16})
    assert chosen == StgcnConfig(width=16) and isinstance(build_encoder(chosen), StgcnEncoder)
    assert chosen.to_dict()["kind"] == "stgcn"
    default = encoder_config({"width": 32, "depth": 1})
    assert default == EncoderConfig(width=32, depth=1) and isinstance(build_encoder(default), MotionEncoder)


@pytest.mark.parametrize(
    ("table", "message", "got"),
    [({"kind": "lstm"}, "kind of encoder", "'lstm'"), ({"kind": "stgcn", "heads": 4}, "does not exist", "heads"),
     ({"kind": "stgcn", "width": 20}, "groups", "20"), ({"kind": "stgcn", "kernel": 4}, "middle", "4"),
     ({"kind": "stgcn", "depth": 0}, "positive", "0"), ({"kind": "stgcn", "dropout": 1.0}, "range", "1.0"),
     ({"width": -1}, "positive", "-1"), ({"width": 33, "heads": 2}, "divide", "33"), ({"wide": 1}, "does not exist", "wide")],
)  # fmt: skip
def test_encoders_that_cannot_be(table, message, got):
    with pytest.raises(UsageError, match=message) as caught:
        encoder_config(table)
    assert got in str(caught.value.got)
