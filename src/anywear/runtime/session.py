"""ONNX sessions with the threads asked for and errors a person can act on."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from ..errors import ArtefactError


def open_session(path: Path, threads: int = 1, exact: bool = False) -> onnxruntime.InferenceSession:
    """A session on the CPU.

    Args:
        path: of the graph.
        threads: to use.
        exact: keep activations float32 where weights are int8; onnxruntime otherwise rounds both.

    Raises:
        ArtefactError: the file is missing or is no model.
    """
    if not path.is_file():
        raise ArtefactError("A model file is missing", where=str(path), remedy="Install the package again")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if exact:
        options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises several unrelated types
        raise ArtefactError(
            "A model file is damaged",
            where=str(path),
            got=str(error).splitlines()[0],
            remedy="Install the package again",
        ) from error
