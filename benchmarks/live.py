"""Measure live recognition, activities and gestures: compute per answer, many wearers on one core, memory over a day.
``python -m benchmarks.live``

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
from anywear import GestureStream, LiveStream, Placement, Recording, Samples, Sensor
from anywear.runtime import Turn, step_many
from anywear.runtime.gestures import Example, Gestures, cut_stream
from anywear.runtime.replay import chunks_of, replay, summarize
from anywear.runtime.stream_events import Activity, GestureSeen
from anywear.signal import build_stream
from anywear.signal.segmentation import segment

from .__main__ import LABELS, machine

SITES = ("left_wrist", "right_front_pocket")
RATE_HZ = 50.0
GESTURES = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--seconds", type=float, default=60.0, help="played for each latency (default 60)")
    parser.add_argument("--wearers", type=int, default=100, help="at once (default 100)")
    parser.add_argument("--hours", type=float, default=24.0, help="of the long stream (default 24)")
    parser.add_argument("--only", choices=("activities", "gestures"), help="both by default")
    options = parser.parse_args()
    figures: dict = {"machine": machine()}
    if options.only != "gestures":
        figures |= {
            "latency_ms": {f"{n} sensor(s)": latency(n, options.seconds) for n in (1, 2)},
            "wearers": [wearers(options.wearers, chunk_s) for chunk_s in (0.1, 1.0)],
            "memory": memory(options.hours),
        }
    if options.only != "activities":
        known, spent = learned()
        figures["gestures"] = {
            "learning_cpu_s": spent,
            "latency_ms": gesture_latency(known, 10.0 * options.seconds),
            "wearers": [gesture_wearers(known, options.wearers, chunk_s) for chunk_s in (0.1, 1.0)],
            "memory": gesture_memory(known, options.hours),
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


def gesturing(seconds: float, every_s: float = 3.0, seed: int = 0) -> Recording:
    """A hand at rest that makes strokes about one of ten axes, one after the other; which is which does not matter here."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    acc, gyr = np.array([0.0, 0.0, 9.81]) + rng.normal(0, 0.03, (len(at), 3)), rng.normal(0, 0.01, (len(at), 3))
    for number, begin in enumerate(np.arange(1.5, seconds - 2.0, every_s)):
        phase = (at - begin - rng.uniform(0.0, 0.3)) / rng.uniform(0.8, 1.3)
        shape = np.where((phase > 0) & (phase < 1), np.sin(2 * np.pi * phase) * np.sin(np.pi * phase), 0.0)[:, None]
        angle = 2 * np.pi * (number % GESTURES) / GESTURES
        axis = np.array([np.cos(angle), np.sin(angle), 0.5 * np.cos(3 * angle)])
        acc, gyr = acc + 6.0 * shape * axis, gyr + 3.0 * abs(shape) * axis[[1, 2, 0]]
    return Recording((build_stream(SITES[0], at, acc, gyr, placement=Placement.at(SITES[0])),))


def learned() -> tuple[Gestures, float]:
    """Ten gestures of five examples, and the processor seconds it took."""
    stream = gesturing(3.0 * 5 * GESTURES + 3.0).streams[0]
    clips = [own for own in segment(stream) if own.whole]
    names = [f"stroke {round((own.start_s - 1.5) // 3.0) % GESTURES}" for own in clips]
    begun = time.process_time()
    examples = [Example(cut_stream(stream, c.start_s, c.stop_s), name) for c, name in zip(clips, names, strict=True)]
    known = Gestures.train(examples)
    return known, round(time.process_time() - begun, 2)


def gesture_latency(known: Gestures, seconds: float) -> dict:
    """Of every motion, told or rejected: waiting on the recording's clock, the rest in processor time."""
    recording = gesturing(seconds, seed=1)
    live = GestureStream.for_recording(known, recording, rejected=True)
    live.warm()
    played = replay(live, recording, speed=float("inf"), clock=time.thread_time)
    told = [own for _, several in played for own in several]
    return {"motions": len(told), **summarize(told)}


def gesture_wearers(known: Gestures, count: int, chunk_s: float, seconds: float = 30.0) -> dict:
    """Wearers of one sensor each, a gesture every three seconds; processor seconds per second of life."""
    live = GestureStream(known, Sensor(SITES[0], RATE_HZ, Placement.at(SITES[0])), rejected=True)
    live.warm()
    lives = [[chunk for _, chunk in chunks_of(gesturing(seconds, seed=seed), chunk_s)] for seed in range(count)]
    states, motions, begun = [live.start() for _ in range(count)], 0, time.thread_time()
    for turn in range(len(lives[0])):
        done = step_many([Turn(live, own[turn], state) for own, state in zip(lives, states, strict=True)])
        states = [state for _, state in done]
        motions += sum(isinstance(event, GestureSeen) for events, _ in done for event in events)
    spent = round((time.thread_time() - begun) / seconds, 3)
    return {"wearers": count, "chunk_s": chunk_s, "motions": motions, "cpu_s_per_s": spent}


def gesture_memory(known: Gestures, hours: float, chunk_s: float = 60.0) -> dict:
    """A sensor that makes a gesture every three seconds; what a state holds."""
    live = GestureStream(known, Sensor(SITES[0], RATE_HZ, Placement.at(SITES[0])))
    part = gesturing(chunk_s).streams[0]
    state, held, sizes = live.start(), [], []
    for number in range(round(hours * 3600 / chunk_s)):
        ready = live.prepare({SITES[0]: Samples(part.time_s + number * chunk_s, part.acc_mps2, part.gyr_radps)}, state)
        state = ready.state
        held.append(state.held_samples)
        if number % 60 == 59:
            sizes.append(len(pickle.dumps(state)))
    return {"hours": hours, "most_held": max(held), "state_kb_first_last": [round(sizes[n] / 1024, 1) for n in (0, -1)]}


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
