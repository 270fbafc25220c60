"""From the command to an adapter: generated motion, its moments, a training that goes on, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("peft", reason="needs the llm extra")

import anywear
from anywear.cli import main
from anywear.errors import UsageError
from anywear.runtime.llm_adapter import LlmAbout
from anywear.train.llm_judge import judge_choices
from anywear.train.llm_run import LlmRunConfig
from language_doubles import write_small_tokens
from llm_doubles import some_moments, write_base

ROOT = Path(__file__).resolve().parents[2]
MOTION = """
[sets]
simulated = 1.0
[synthetic]
clips = 1
seconds = 5.0
programs = ["walking_forward", "waving"]
[view]
streams = 2
sites = ["left_wrist", "chest"]
anywhere = 0.0
"""
CONFIG = """
motion = "motion.toml"
first = 1
judged = 2
[moments]
views = 2
seconds = [2.0]
streams = [1, 2]
[reader]
rank = 2
soft = 2
projector = 8
latents = 2
heads = 2
pooler = 8
embedding = 8
[loop]
steps = 3
batch = 2
chunks = 2
warmup = 1
ema = 0.5
threads = 1
checkpoint_every = 1
"""


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("parts")
    write_small_tokens(root / "model")
    write_base(root / "base", "llama", tied=False)
    (root / "motion.toml").write_text(MOTION)
    (root / "llm.toml").write_text(CONFIG)
    return root


def test_the_command_makes_an_adapter_and_goes_on(parts, tmp_path, capsys):
    command = ["train", "align", "--llm", str(parts / "base"), "--model", str(parts / "model"), "--data", str(tmp_path),
               "-o", str(tmp_path / "out"), "--config", str(parts / "llm.toml"), "--cache", str(parts / "cache")]  # fmt: skip
    assert main([*command, "--set", "reading.no_motion=0.2"]) == 0
    told = capsys.readouterr().out
    assert "million parameters learn, on 4 moments" in told and told.endswith(f"-> {tmp_path / 'out' / 'adapter'}\n")
    about = LlmAbout.load(tmp_path / "out" / "adapter" / "llm.json")
    assert about.name == "anywear-llm" and about.card["config"]["reading"]["no_motion"] == 0.2
    assert about.base == str((parts / "base").resolve()) and about.card["choices"]["moments"] == 2
    steps = [json.loads(line)["step"] for line in (tmp_path / "out" / "reading" / "log.jsonl").read_text().splitlines()]
    assert steps[-1] == 3 and (tmp_path / "out" / "motion" / "checkpoint.pt").exists()
    model = anywear.load(llm=tmp_path / "out" / "adapter")
    assert model.tokens.folder == parts / "model" and model.encode_texts(["walking"]).shape == (1, 8)
    # Given again, it has nothing left to do, and writes the same.
    assert main([*command, "--set", "reading.no_motion=0.2"]) == 0
    assert "resumed at step 3" in capsys.readouterr().out
    assert LlmAbout.load(tmp_path / "out" / "adapter" / "llm.json").files == about.files
    # Another configuration does not go on with it.
    assert main([*command, "--set", "reading.no_motion=0.3"]) == 2
    assert "another configuration" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["align"], "--llm NAME_OR_PATH"),
        (["align", "--llm", "./not-here"], "no language model './not-here'"),
        (["align", "--llm", "BASE", "--set", "reader.rank=0"], "positive whole number"),
        (["align", "--llm", "BASE", "--set", "reading.size=1"], "does not exist"),
        (["align", "--llm", "BASE", "--config", "nothing.toml"], "no such configuration"),
        (["runs/shipped.toml", "--llm", "BASE"], "--llm belongs to align"),
    ],
)
def test_commands_that_cannot_be(parts, tmp_path, capsys, given, told):
    words = [str(parts / "base") if own == "BASE" else own for own in given]
    assert main(["train", *words, "--data", str(tmp_path), "-o", str(tmp_path), "--model", str(parts / "model")]) == 2
    assert told in capsys.readouterr().err


def test_the_configuration_that_is_shipped():
    config = LlmRunConfig.load(ROOT / "runs" / "llm.toml")
    assert config.loop.windows_per_step == 256 and config.loop.bf16 and config.reader.dtype == "bfloat16"
    assert (config.reading.contrast, config.reading.label, config.reading.temperature) == (2.0, 2.0, 0.1)
    assert Path(config.motion) == ROOT / "runs" / "shipped.toml" and Path(config.motion).is_file()
    assert LlmRunConfig.load(None) == LlmRunConfig()
    with pytest.raises(UsageError, match="out of range"):
        LlmRunConfig(first=-1)


class _Knowing:
    """A decoder that finds the right label likelier by one nat, under a prior that is far from even."""

    def __init__(self) -> None:
        self.prompts = self

    def shown(self, segments, flat, question):
        return flat

    def answer(self, text):
        return text

    def likely(self, shown, answers):
        anyway = np.array([-3.0 * (len(text) % 4) for text in answers])
        return anyway + (np.arange(len(answers)) == 0 if len(shown) else 0.0)


def test_choices_are_fitted_to_what_is_known_anyway():
    moments, flat = some_moments(12)
    found = judge_choices(_Knowing(), moments, flat, 12, np.random.default_rng(0))
    assert found == {"prior": 1.0, "scale": 16.0, "right": 1.0, "chance": 0.25, "moments": 12, "held_out": False}
    one = [own for own in moments if own.name == "waving"]
    assert judge_choices(_Knowing(), one, flat[: len(one)], 4, np.random.default_rng(0))["moments"] == 0
