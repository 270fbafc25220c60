"""How much of the time a timeline is right, on walks with turns of people whom the shipped model left out.

The trials of three subjects of sp-sw-har: somebody sits, stands up, walks, turns, walks back, turns and sits down.

    python -m benchmarks.timeline --data DIR
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

import numpy as np

import anywear
from anywear.datasets import open_dataset
from anywear.recording import Recording
from anywear.runtime.recognition import BY
from anywear.runtime.timeline import Timeline

DATASET = "sp-sw-har"
ASKED = {
    "seated": "sitting", "standing up": "standing up", "walking": "walking", "turning": "turning around",
    "sitting down": "sitting down",
}  # fmt: skip
STEP_S = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timeline", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with archives or unpacked data sets")
    parser.add_argument("--window", type=float, default=2.0, help="seconds (default 2)")
    parser.add_argument("--hop", type=float, default=0.5, help="seconds (default 0.5)")
    options = parser.parse_args()
    model = anywear.load()
    dataset, source = open_dataset(DATASET, options.data)
    recordings = list(dataset.recordings(source, subjects=model.config.held_out[DATASET]))
    print(f"{len(recordings)} recordings, windows of {options.window:g} s every {options.hop:g} s")
    asked = {"window_s": options.window, "hop_s": options.hop}
    for by, hubs, language in product(BY, (False, True), (False, True) if model.together else (False,)):
        told = (
            model.recognize(own, list(ASKED.values()), by=by, hubs=hubs, language=language, **asked)
            for own in recordings
        )
        right = [agreement(timeline, own) for timeline, own in zip(told, recordings, strict=True)]
        how = f"by {by:10} hubs {'off' if hubs else 'kept':4} language {'on' if language else 'off':3}"
        print(f"{how}  {100 * np.mean(right):.1f} % of the time right", flush=True)


def agreement(timeline: Timeline, recording: Recording) -> float:
    """Share of time at which answer and truth say the same."""
    times = np.arange(recording.start_s, recording.end_s, STEP_S)
    truth = [next((ASKED[s.label] for s in recording.labels if s.start_s <= t < s.end_s), "") for t in times]
    answer = [next((s.label for s in timeline.segments if s.start_s <= t < s.end_s), "") for t in times]
    return float(np.mean([a == b for a, b in zip(answer, truth, strict=True)]))


if __name__ == "__main__":
    main()
