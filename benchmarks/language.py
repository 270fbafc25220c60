"""How long the language model takes on one thread: to read, to caption, to answer, to choose; and its size.

Windows of the bundled phone and watch in which somebody moves. Times are of the processor, from the window on.

    python -m benchmarks.language
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import anywear
from anywear.placement import Placement
from anywear.runtime.language import Language, is_still
from anywear.signal import Window

from .__main__ import LABELS, machine

EXAMPLE = Path(__file__).parents[1] / "examples" / "phone-and-watch.anywear.parquet"
TOGETHER = 32
QUESTION = "how fast does the person move?"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language", description=__doc__)
    parser.add_argument("--windows", type=int, default=60, help="windows timed (default 60)")
    options = parser.parse_args()
    print(machine())
    began = time.process_time()
    language = Language()
    windows, placements = moving(language, options.windows)
    language.caption(windows[:1], placements)
    print(f"opening it, reading windows, and the first caption {time.process_time() - began:.2f} s")
    size = sum((language.folder / name).stat().st_size for name in language.about.files)
    print(f"size {size / 1e6:.2f} MB")
    plain = Language()
    plain.about = replace(language.about, drafts=None)
    timed("reading a window, before words", lambda n: language.embed(windows[n : n + 1], placements), len(windows))
    timed("the likeliest caption", lambda n: plain.caption(windows[n : n + 1], placements), len(windows))
    timed("a caption chosen among drafts", lambda n: language.caption(windows[n : n + 1], placements), len(windows))
    timed("an answer", lambda n: language.answer(windows[n : n + 1], placements, QUESTION), len(windows))
    timed(f"a choice of {len(LABELS)}", lambda n: language.choose(windows[n : n + 1], placements, LABELS), len(windows))
    began = time.process_time()
    language.caption(windows[:TOGETHER], placements)
    many = min(TOGETHER, len(windows))
    print(f"{f'{many} captions together, each':34} {1000 * (time.process_time() - began) / many:7.1f} ms")


def moving(language: Language, most: int) -> tuple[list[Window], list[Placement]]:
    """Windows of the bundled phone and watch in which somebody moves."""
    recording = anywear.read(EXAMPLE)
    found, _ = language.tokens.model.windows_of(recording, hop_s=1.0)
    able = [window for window in found if not is_still(window)]
    return able[:most], [stream.placement for stream in recording.streams]


def timed(name: str, ask: Callable[[int], object], count: int) -> None:
    """Print the median and the 95th percentile of the processor time of so many askings; the first is not counted."""
    ask(0)
    spent_ms = []
    for number in range(count):
        began = time.process_time()
        ask(number)
        spent_ms.append(1000 * (time.process_time() - began))
    p50, p95 = np.percentile(spent_ms, [50, 95])
    print(f"{name:34} {p50:7.1f} ms (95 %: {p95:.1f})")


if __name__ == "__main__":
    main()
