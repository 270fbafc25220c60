"""Makes the bank of everyday motion that gestures are told from.

    python -m anywear.train.everyday DATA

Clips are what `anywear.signal.segment` finds to stand out at the watch of sp-sw-har, at both arms of dsads, and at wrists
that move by the generator's everyday programs, and as many stretches drawn by chance where nothing stands out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..datasets import dataset
from ..errors import AnywearError
from ..motion.generate import generate
from ..recording import Stream
from ..runtime.gestures.clips import MIN_S, Signal, cut_stream, on_grid
from ..runtime.gestures.everyday import FILE, save
from ..signal import segment
from ..simulate import Simulator

SEED = 0
LONGEST_S = 3.0  # of a clip
PER_SOURCE = 80
PROGRAMS = (
    "walking_forward", "running", "stairs_up", "walking_talking", "vacuuming", "eating", "typing", "opening_door", "texting",
    "washing_dishes", "sitting_down", "standing_up", "sweeping", "reading", "wiping_table", "putting_on_jacket",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with sp-sw-har and dsads")
    parser.add_argument("--out", type=Path, default=FILE)
    given = parser.parse_args()
    save(bank(given.data, np.random.default_rng(SEED)), given.out)
    print(f"{given.out}: {given.out.stat().st_size} bytes")


def bank(data: Path, rng: np.random.Generator) -> list[Signal]:
    """Clips of all sources, `PER_SOURCE` of each."""
    out: list[Signal] = []
    for streams in (watches(data), arms(data), wrists()):
        pool = [clip for stream in streams for clip in clips(stream, rng)]
        out += [pool[number] for number in rng.permutation(len(pool))[:PER_SOURCE]]
    return out


def clips(stream: Stream, rng: np.random.Generator) -> Iterator[Signal]:
    """What stands out in a stream, and as many stretches by chance."""
    spans = [(own.start_s, min(own.stop_s, own.start_s + LONGEST_S)) for own in segment(stream)]
    for _ in range(max(2, len(spans))):
        length = rng.uniform(0.5, LONGEST_S)
        start = rng.uniform(stream.time_s[0], max(stream.time_s[0], stream.time_s[-1] - length))
        spans.append((start, start + length))
    for start, stop in spans:
        if stop - start < MIN_S + 0.1:
            continue
        try:
            yield on_grid(cut_stream(stream, start, stop))
        except AnywearError:  # a gap in it
            continue


def watches(data: Path) -> Iterator[Stream]:
    for recording in dataset("sp-sw-har").recordings(data / "sp-sw-har"):
        yield from (stream for stream in recording.streams if "wrist" in stream.placement.name)


def arms(data: Path) -> Iterator[Stream]:
    for recording in dataset("dsads").recordings(data / "dsads"):
        yield from (stream for stream in recording.streams if "arm" in stream.name)


def wrists() -> Iterator[Stream]:
    for number, program in enumerate(PROGRAMS):
        clip = generate(program, SEED + number).clip
        recording = Simulator(clip).record(("left_wrist", "right_wrist"), rate_hz=50.0, seed=SEED + number)
        yield from recording.streams


if __name__ == "__main__":
    main()
