"""`anywear stream`: a recording played, samples from standard input, bad input."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

import anywear
from anywear.cli import main
from anywear.runtime.replay import Latency, chunks_of, replay, summarize
from anywear.signal import build_stream

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "examples" / "phone-and-watch.anywear.parquet"
LABELS = "sitting, standing up, walking, turning around, sitting down"
ASKED = ["--labels", LABELS, "--window", "2", "--hop", "0.5", "--by", "text"]


def _call(capsys, *arguments) -> tuple[int, list[dict], str]:
    try:
        code = main(["stream", *(str(a) for a in arguments)])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture(scope="module")
def recording() -> anywear.Recording:
    return anywear.read(CLIP)


@pytest.fixture(scope="module")
def segments(recording) -> list[tuple[float, float, str]]:
    whole = anywear.load().recognize(recording, LABELS.split(","), window_s=2, hop_s=0.5, by="text", mount="documented")
    return [(round(s.start_s, 3), round(s.end_s, 3), s.label) for s in whole.segments]


def _ended(events: list[dict]) -> list[tuple[float, float, str]]:
    return [(e["start_s"], e["end_s"], e["label"]) for e in events if e["event"] == "segment_ended"]


# --- a recording played


def test_a_recording_is_played_and_latencies_are_told(capsys, tmp_path, segments):
    report = tmp_path / "latency.json"
    code, events, err = _call(capsys, "--simulate", CLIP, *ASKED, "--speed", "max", "--report", report)
    assert code == 0 and _ended(events) == segments
    at_once = [e for e in events if e["event"] == "activity" and not e["final"]]
    assert len(at_once) > 20 and {"walking", "sitting down"} <= {e["label"] for e in at_once}
    told = json.loads(report.read_text())
    table = told["latency_ms"]
    assert list(table) == ["waiting", "signal", "encoder", "head", "compute", "total"]
    assert all(0 <= row["p50"] <= row["p95"] <= row["p99"] for row in table.values())
    # What the resampler looks ahead, and a chunk at most.
    assert 150 < table["waiting"]["p50"] < 178 + 100 + 5
    assert table["total"]["p50"] > table["waiting"]["p50"] and told["chunk_s"] == 0.1
    assert "latency of" in err and "encoder" in err


def test_only_what_is_final(capsys, segments):
    code, events, err = _call(capsys, "--simulate", CLIP, *ASKED, "--speed", "max", "--final", "--quiet", "--chunk", 5)
    assert code == 0 and not err and _ended(events) == segments
    assert all(e["final"] for e in events if e["event"] == "activity")


def test_the_wall_clock_is_kept(recording):
    """Chunk by chunk at the pace asked, and a machine that is behind shows as waiting."""
    live = anywear.LiveStream.for_recording(anywear.load(), ["walking", "sitting"], recording, window_s=2, by="text")
    slept: list[float] = []
    now = [100.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    played = list(replay(live, recording, speed=2.0, clock=lambda: now[0], sleep=sleep))
    assert sum(slept) == pytest.approx(recording.duration_s / 2, abs=0.06)
    latencies = [own for _, several in played for own in several]
    assert all(0.0 < own.waiting_s < 0.5 and own.compute_s == 0.0 for own in latencies)

    def slow(seconds: float) -> None:
        now[0] += seconds + 0.1

    late = [own for _, several in replay(live, recording, clock=lambda: now[0], sleep=slow) for own in several]
    assert late[-1].waiting_s > latencies[-1].waiting_s + 0.05


def test_chunks_hold_every_sample_once(recording):
    for chunk_s in (0.01, 0.7, 100.0):
        chunks = list(chunks_of(recording, chunk_s))
        for own in recording.streams:
            parts = [chunk[own.name] for _, chunk in chunks if own.name in chunk]
            np.testing.assert_array_equal(np.concatenate([p.time_s for p in parts]), own.time_s)
            np.testing.assert_array_equal(np.concatenate([p.acc_mps2 for p in parts]), own.acc_mps2)
        assert all(p.time_s[-1] <= end + 1e-9 for end, chunk in chunks[:-1] for p in chunk.values())


def test_percentiles():
    table = summarize([Latency(0.2, 0.001 * n, 0.0, 0.0) for n in range(101)])
    assert table["signal"] == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
    assert table["compute"] == table["signal"] and table["total"]["p50"] == pytest.approx(250.0)
    assert summarize([]) == {}


# --- samples from standard input


def _lines(recording: anywear.Recording, batch: int) -> str:
    """Two sensors' samples by time, `batch` of them a line."""
    rows = []
    for own in recording.streams:
        for begin in range(0, len(own), batch):
            part = slice(begin, begin + batch)
            fields = {"sensor": own.name, "time_s": own.time_s[part].tolist(), "acc": own.acc_mps2[part].tolist(),
                      "gyr": own.gyr_radps[part].tolist()}  # fmt: skip
            if batch == 1:
                fields = {name: value[0] if isinstance(value, list) else value for name, value in fields.items()}
            rows.append((float(own.time_s[part][-1]), json.dumps(fields)))
    return "\n".join(line for _, line in sorted(rows)) + "\n"


WORN = ["--placement", "phone=left_front_pocket,watch=left_wrist", "--rate", "103"]


@pytest.mark.parametrize("batch", [1, 50])
def test_json_lines(capsys, monkeypatch, recording, segments, batch):
    monkeypatch.setattr("sys.stdin", io.StringIO(_lines(recording, batch)))
    code, events, _ = _call(capsys, "-", *ASKED, *WORN, "--final")
    assert code == 0 and _ended(events) == segments


def test_csv_of_one_sensor_in_other_units(capsys, monkeypatch, recording):
    watch = recording.stream("watch")
    rows = np.column_stack([watch.time_s, watch.acc_mps2 / 9.80665, np.degrees(watch.gyr_radps)])
    header = "time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n\n"
    text = header + "".join(",".join(repr(float(v)) for v in row) + "\n" for row in rows)
    asked = [*ASKED, "--placement", "left_wrist", "--rate", 104, "--final"]
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code, events, _ = _call(capsys, "-", *asked, "--units", "g,deg/s")
    rounded = build_stream("watch", watch.time_s, watch.acc_mps2, watch.gyr_radps, placement=watch.placement)
    whole = anywear.load().recognize(
        anywear.Recording((rounded,)), LABELS.split(","), window_s=2, hop_s=0.5, by="text", mount="documented"
    )
    assert code == 0 and [label for *_, label in _ended(events)] == [s.label for s in whole.segments]
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code, _, err = _call(capsys, "-", *asked)
    assert code == 2 and "cannot be in m/s2" in err and "--units g" in err


def test_rows_with_holes_are_left_out_and_said(capsys, monkeypatch):
    rows = [f"{k / 50},0.1,0.2,{'' if k == 7 else 9.8}\n" for k in range(150)]
    monkeypatch.setattr("sys.stdin", io.StringIO("time_s,acc_x,acc_y,acc_z\n" + "".join(rows)))
    code, events, _ = _call(capsys, "-", *ASKED, "--rate", 50)
    notes = [e for e in events if e["event"] == "note"]
    assert code == 0 and [e["sensor"] for e in notes] == ["sensor"] and "1 sample(s) left out" in notes[0]["text"]


GOOD = '{"sensor": "watch", "time_s": 1.0, "acc": [0, 0, 9.8]}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello\n", "neither JSON nor a header"),
        ("time_s,acc_x,acc_y\n", "neither JSON nor a header"),
        ("time_s,acc_x,acc_y,acc_z,gyr_x\n", "neither JSON nor a header"),
        ("time_s,acc_x,acc_y,acc_z\n1,2,3\n", "line 2"),
        ("time_s,acc_x,acc_y,acc_z\n1,2,3,x\n", "no number"),
        (GOOD + "{broken\n", "line 2"),
        (GOOD + "[1, 2]\n", "no sample"),
        ('{"sensor": "watch", "time_s": 1.0}\n', "no sample"),
        ('{"sensor": "watch", "time_s": [1, 2], "acc": [[0, 0, 9.8]]}\n', "no sample"),
        ('{"sensor": "ring", "time_s": 1.0, "acc": [0, 0, 9.8]}\n', "Unknown sensor 'ring'"),
        ('{"time_s": 1.0, "acc": [0, 0, 9.8]}\n', "whose it is"),
        (GOOD + '{"sensor": "watch", "time_s": 1.1, "acc": [0, 0, 9.8], "gyr": [0, 0, 0]}\n', "goes on with one"),
    ],
)
def test_lines_that_cannot_be_read_are_2(capsys, monkeypatch, text, says):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code, _, err = _call(capsys, "-", *ASKED, *WORN, "--quiet")
    assert code == 2 and err.startswith("error: ") and says in err


def test_nothing_on_standard_input(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, events, _ = _call(capsys, "-", *ASKED, *WORN)
    assert code == 0 and [e["event"] for e in events] == ["note"] and "no sample" in events[0]["text"]


# --- options


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([CLIP], "--simulate"),
        (["--simulate", CLIP, "--speed", "0"], "speed"),
        (["--simulate", CLIP, "--speed", "fast"], "speed"),
        (["--simulate", CLIP, "--chunk", "0"], "chunk"),
        (["--simulate", CLIP, "--patience", "-1"], "patience"),
        (["--simulate", CLIP, "--window", "0.1"], "window"),
        (["--simulate", "there-is-none.csv"], "no such file"),
        (["-"], "--rate"),
        (["-", "--rate", "50", "--placement", "watch=moon"], "moon"),
        (["-", "--rate", "50", "--speed", "max"], "recordings"),
        (["-", "--rate", str(math.nan)], "rate"),
        ([], "required"),
        (["-", "--simulate", CLIP], "not allowed"),
    ],
)
def test_wrong_options_are_2(capsys, monkeypatch, arguments, says):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, events, err = _call(capsys, *arguments, "--labels", LABELS, "--by", "text")
    assert code == 2 and not events and says in err


def test_mounts_of_a_file(capsys, tmp_path, recording):
    """They reach the encoder: answers differ from those without; those of another recording are refused."""
    from anywear.signal.mount import MountEstimate
    from anywear.signal.mount_file import load_mounts

    path = tmp_path / "mounts.json"
    assert main(["mount", str(CLIP), "-o", str(path)]) == 0
    capsys.readouterr()
    found = load_mounts(path)
    assert all(isinstance(own, MountEstimate) for own in found.values())
    code, told, _ = _call(capsys, "--simulate", CLIP, *ASKED, "--speed", "max", "--mount", path)
    _, untold, _ = _call(capsys, "--simulate", CLIP, *ASKED, "--speed", "max")
    known = any(own.mount.knowledge != "nothing" for own in found.values())
    assert code == 0 and (told != untold) == known
    path.write_text(path.read_text().replace('"watch"', '"ring"').replace('"phone"', '"chain"'))
    code, _, err = _call(capsys, "--simulate", CLIP, *ASKED, "--speed", "max", "--mount", path)
    assert code == 2 and "other sensors" in err
