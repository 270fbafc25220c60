"""docs/stream.md says what there is: the example runs, and every event is in the table with its fields."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import numpy as np

from anywear.runtime import stream_events
from anywear.runtime.stream_events import Event

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "stream.md").read_text(encoding="utf-8")


def test_the_example_runs(capsys):
    [code] = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    time_s = np.arange(350) / 50
    acc = np.tile([0.0, 0.0, 9.81], (350, 1))
    exec(code, {"time_s": time_s, "acc_mps2": acc, "gyr_radps": np.zeros_like(acc)})
    lines = capsys.readouterr().out.splitlines()
    assert any("'sensor_stalled'" in line and "'phone'" in line for line in lines)
    assert any("'activity'" in line and "'final': False" in line for line in lines)


def test_every_event_and_field():
    rows = [line for line in TEXT.split("## What comes out")[1].split("## ")[0].splitlines() if line.startswith("|")]
    kinds = [own for own in vars(stream_events).values() if isinstance(own, type) and issubclass(own, Event)]
    for kind in (own for own in kinds if own is not Event):
        row = next(line for line in rows if f"`{kind.event}`" in line.split("|")[1])
        told = set(re.findall(r"`(\w+)`", row)) | {"final"}
        same = {"start_s", "end_s", "label", "confidence", "fit"} if kind.event == "activity" else set()
        assert {own.name for own in fields(kind)} - {"scores"} <= told | same, kind.event
