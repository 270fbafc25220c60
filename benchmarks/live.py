"""Measure live recognition: compute per answer, many wearers on one core, memory over a day. ``python -m benchmarks.live``

Compute is the processor time of the one thread that works, so that other programs on the machine do not change it.
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from pathlib import Path

import numpy as np

import anywear
from anywear import LiveStream, Placement, Recording, Samples, Sensor
from anywear.runtime import Turn, step_many
from anywear.runtime.replay import chunks_of, replay, summarize
from anywear.runtime.stream_events import Activity
from anywear.signal import build_stream

from .__main__ import LABELS, machine

SITES = ("left_wrist", "right_front_pocket")
RATE_HZ = 50.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--seconds", type=float, default=60.0, help="played for each latency (default 60)")
    parser.add_argument("--wearers", type=int, default=100, help="at once (default 100)")
    parser.add_argument("--hours", type=float, default=24.0, help="of the long stream (default 24)")
    options = parser.parse_args()
    figures = {
        "machine": machine(),
        "latency_ms": {f"{n} sensor(s)": latency(n, options.seconds) for n in (1, 2)},
        "wearers": [wearers(options.wearers, chunk_s) for chunk_s in (0.1, 1.0)],
        "memory": memory(options.hours),
    }
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def wearing(sensors: int, seconds: float, seed: int = 0) -> Recording:
    """A walk of sorts: what is recognised does not matter here."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    streams = []
    for site in SITES[:sensors]:
        acc = np.array([0.0, 0.0, 9.81]) + rng.normal(0, 0.5, (len(at), 3))
        acc[:, 2] += 2.0 * np.sin(2 * np.pi * 1.8 * at)
        gyr = rng.normal(0, 0.5, acc.shape)
        streams.append(build_stream(site, at, acc, gyr, placement=Placement.at(site)))
    return Recording(tuple(streams))


def live_for(model: anywear.Model, sensors: int, **options) -> LiveStream:
    """A stream of wearers with so many sensors, ready to answer."""
    live = LiveStream(model, LABELS, [Sensor(s, RATE_HZ, Placement.at(s)) for s in SITES[:sensors]], **options)
    live.warm()
    return live


def latency(sensors: int, seconds: float) -> dict:
    """Of every answer at once: waiting on the recording's clock, the rest in processor time."""
    live = live_for(anywear.load(), sensors)
    played = replay(live, wearing(sensors, seconds), speed=float("inf"), clock=time.thread_time)
    return summarize([own for _, several in played for own in several])


def wearers(count: int, chunk_s: float, seconds: float = 12.0) -> dict:
    """Wearers of one sensor each, a window a second; processor seconds per second of life, together and one by one."""
    live = live_for(anywear.load(), 1)
    lives = [[chunk for _, chunk in chunks_of(wearing(1, seconds, seed), chunk_s)] for seed in range(count)]
    spent, answers = {}, 0
    for way in ("together", "one by one"):
        states = [live.start() for _ in range(count)]
        begun, answers = time.thread_time(), 0
        for turn in range(len(lives[0])):
            if way == "together":
                done = step_many([Turn(live, own[turn], state) for own, state in zip(lives, states, strict=True)])
            else:
                done = [live.step(own[turn], state) for own, state in zip(lives, states, strict=True)]
            states = [state for _, state in done]
            answers += sum(isinstance(e, Activity) and not e.final for events, _ in done for e in events)
        spent[way] = round((time.thread_time() - begun) / seconds, 3)
    return {"wearers": count, "chunk_s": chunk_s, "answers": answers, "cpu_s_per_s": spent}


def memory(hours: float, chunk_s: float = 5.0) -> dict:
    """Two sensors, one of them away every third hour; what a state holds."""
    live = live_for(anywear.load(), 2, hop_s=5.0)
    part = wearing(2, chunk_s)
    state, held, sizes, spent = live.start(), [], [], time.thread_time()
    for number in range(round(hours * 3600 / chunk_s)):
        begin_s = number * chunk_s
        chunk = {s.name: Samples(s.time_s + begin_s, s.acc_mps2, s.gyr_radps) for s in part.streams}
        if begin_s // 3600 % 3 == 2:
            del chunk[SITES[1]]
        _, state = live.step(chunk, state)
        held.append(state.held_samples)
        if number % 720 == 719:
            sizes.append(len(pickle.dumps(state)))
    tenth = max(1, len(held) // 10)
    return {
        "hours": hours, "sensors": 2, "rate_hz": RATE_HZ, "samples_seen": round(2 * hours * 3600 * RATE_HZ),
        "most_held": max(held), "most_held_first_tenth": max(held[:tenth]), "most_held_last_tenth": max(held[-tenth:]),
        "state_kb_each_hour": [round(size / 1024, 1) for size in sizes], "cpu_s": round(time.thread_time() - spent, 1),
    }  # fmt: skip


if __name__ == "__main__":
    main()
