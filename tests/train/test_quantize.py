"""Weight-only int8: four times smaller, nearly the same numbers."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from anywear.train.quantize import quantize_weights


def _model() -> onnx.ModelProto:
    rng = np.random.default_rng(0)
    table, matrix = rng.normal(size=(500, 64)).astype(np.float32), rng.normal(size=(64, 96)).astype(np.float32)
    # Columns of very different size: one scale for all of them would lose the small ones.
    matrix *= np.logspace(-3, 1, 96, dtype=np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "ids"], ["rows"]),
            helper.make_node("MatMul", ["rows", "matrix"], ["out"]),
        ],
        "test",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 96])],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(matrix, "matrix")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _run(model: onnx.ModelProto, ids: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"ids": ids})[0])


def test_small_and_close():
    ids = np.arange(500)
    exact, model = _run(_model(), ids), quantize_weights(_model())
    assert len(model.SerializeToString()) < 0.3 * len(_model().SerializeToString())
    close = _run(model, ids)
    for column in range(96):
        error = np.sqrt(((close[:, column] - exact[:, column]) ** 2).mean())
        assert error < 0.02 * np.sqrt((exact[:, column] ** 2).mean()), column


def test_convolutions_too():
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(48, 32, 5)).astype(np.float32) * np.logspace(-2, 1, 48, dtype=np.float32)[:, None, None]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "weight"], ["out"], pads=[2, 2])],
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 32, "t"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 48, "t"])],
        [numpy_helper.from_array(weight, "weight")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    x = rng.normal(size=(2, 32, 9)).astype(np.float32)

    def run() -> np.ndarray:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return np.asarray(session.run(None, {"x": x})[0])

    exact, size = run(), len(model.SerializeToString())
    quantize_weights(model)
    assert len(model.SerializeToString()) < 0.4 * size
    off = np.sqrt(np.square(run() - exact).mean(axis=(0, 2))) / np.sqrt(np.square(exact).mean(axis=(0, 2)))
    assert off.max() < 0.02
