"""Turn recordings into vectors: one unit vector of 384 per window, as NumPy.

OUT.npy holds the vectors (windows, 384). OUT.npz holds `vectors`, `spans_s` (start and end of each window) and, for a folder,
`recording` (index into `files`) and `files`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import AnywearError, UsageError
from . import _common

HELP = "turn recordings into vectors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording, or a folder of recordings")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="an .npy or .npz file")
    _common.add_windows(parser)
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    import numpy as np

    out = Path(options.output)
    if out.suffix not in (".npy", ".npz"):
        raise UsageError(
            "The output's kind is unknown", where=str(out), expected=".npy or .npz", got=out.suffix or "no suffix"
        )
    model = _common.load_model(options)
    several = _common.is_folder_of_recordings(options)
    names, parts, failures = [], [], []
    for path, recording in _common.recordings(options):
        try:
            if isinstance(recording, AnywearError):
                raise recording
            parts.append(model.embed(recording, window_s=options.window, hop_s=options.hop))
            names.append(str(path))
        except AnywearError as error:
            if not several:
                raise
            failures.append((path, error))
    if not any(len(part.vectors) for part in parts):
        if failures:
            return _common.report_failures(failures, 0)
        raise UsageError(
            "There is no window to embed", where=options.file, remedy="Give a shorter --window, at least 1 s"
        )
    vectors = np.concatenate([part.vectors for part in parts])
    spans_s = np.concatenate([part.spans_s for part in parts])
    numbers = np.repeat(np.arange(len(parts)), [len(part.vectors) for part in parts])

    def write(partial: Path) -> None:
        if out.suffix == ".npy":
            np.save(partial, vectors)
        else:
            np.savez(partial, vectors=vectors, spans_s=spans_s, recording=numbers, files=np.array(names))

    _common.write_whole(out, write)
    print(f"{len(vectors)} windows of {len(parts)} recording(s) -> {out}")
    return _common.report_failures(failures, len(parts))
