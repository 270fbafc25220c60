"""Export: the graph equals the module at shapes it was not exported with, and installs with its hashes."""

from __future__ import annotations

import hashlib

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

import anywear
from anywear.errors import ArtefactError
from anywear.nn.encoder import EncoderConfig, MotionEncoder
from anywear.runtime import ModelConfig, TextSpace
from anywear.signal import CHANNELS, WORN_FEATURES
from anywear.train import export
from anywear.train.calibrate import Calibration

SMALL = EncoderConfig(width=32, depth=2, heads=2, out=384)


@pytest.fixture(scope="module")
def encoder() -> MotionEncoder:
    torch.manual_seed(1)
    return MotionEncoder(SMALL).eval()


def test_any_batch_streams_and_time(encoder, tmp_path):
    export.export_encoder(encoder, tmp_path / "motion.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "motion.onnx"), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for batch, streams, time in ((1, 1, 10), (5, 4, 77), (2, 7, 250)):
        inputs = {
            "motion": rng.normal(size=(batch, streams, time, CHANNELS)).astype(np.float32),
            "present": np.ones((batch, streams), dtype=np.float32),
            "has_gyr": rng.integers(0, 2, (batch, streams)).astype(np.float32),
            "place": rng.normal(size=(batch, streams, WORN_FEATURES)).astype(np.float32),
        }
        inputs["present"][0, 1:] = 0.0
        with torch.no_grad():
            expected = encoder.encode(*(torch.from_numpy(x) for x in inputs.values()))
        for got, wanted in zip(session.run(["embedding", "latents"], inputs), expected, strict=True):
            assert np.allclose(got, wanted.numpy(), atol=1e-4)


def test_a_graph_that_differs_is_refused(encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "PARITY", -1.0)
    with pytest.raises(ArtefactError, match="differs"):
        export.export_encoder(encoder, tmp_path / "motion.onnx")


def test_artefact_and_install(encoder, tmp_path):
    space = TextSpace(np.zeros(384, dtype=np.float32), np.eye(384, dtype=np.float32))
    config = export.write_artefact(
        tmp_path / "model", encoder, space, Calibration(8.0, 0.1, 0.95, 0.4, 0.05),
        name="small", rate_hz=25.0, trained_on=("dsads",), held_out={}, card={"note": "test"},
        placements=[anywear.Placement.at("left_wrist"), anywear.Placement.unknown()],
    )  # fmt: skip
    assert ModelConfig.load(tmp_path / "model" / "model.json") == config
    assert (config.scale, config.threshold, config.patch) == (8.0, 0.1, 25)
    assert sorted(y for _, y, _ in config.places) == pytest.approx([-0.149, 0.149], abs=6e-3)
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "tokenizer.json").write_text("{}")
    installed = export.install(tmp_path / "model", weights)
    assert set(installed.files) == {"motion.onnx", "textspace.npz", "tokenizer.json"}
    for name, digest in installed.files.items():
        assert hashlib.sha256((weights / name).read_bytes()).hexdigest() == digest
