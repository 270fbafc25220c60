"""Tiny language models of Hugging Face form with a real tokenizer, and moments of motion, made in a test in a second."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from anywear.motion.generate import PROGRAMS
from anywear.runtime.codes import Codes
from anywear.runtime.llm_base import load_base
from anywear.runtime.llm_prompt import Prompts
from anywear.train.engine import LoopConfig
from anywear.train.language_motions import Moment
from anywear.train.llm_model import MotionReader, ReaderConfig
from anywear.train.llm_task import ReadingConfig, ReadingTask

SHAPES = ("qwen2", "llama")
END, START = "<|endoftext|>", "<s>"
SMALL = ReaderConfig(rank=4, alpha=8, dropout=0.0, soft=3, projector=16, latents=4, heads=2, pooler=16, embedding=16)
LOOP = LoopConfig(steps=4, batch=6, learning_rate=5e-3, warmup=1, ema=0.5, threads=1, log_every=2, checkpoint_every=2)
CODES = Codes("product", np.random.default_rng(5).normal(size=(2, 16, 4)).astype(np.float32), (), 2)
ACTS = {  # what is done, and the ids it is mostly made of
    "walking": (("walking", "a person walks forward", "someone walks at an easy pace"), 1),
    "waving": (("waving", "a person waves with the left hand", "somebody waves hello"), 5),
    "sitting down": (("sitting down", "a person sits down on a chair", "someone takes a seat"), 9),
    "jumping": (("jumping", "a person jumps up", "someone hops on the spot"), 13),
}


@cache
def sentences() -> tuple[str, ...]:
    """A few hundred, of the generator's programs and of `ACTS`."""
    said = [text for program in PROGRAMS.values() for text in (program.label, f"a person is {program.label}")]
    said += [text for texts, _ in ACTS.values() for text in texts]
    return (*said, "A person wears a sensor on the left forearm. Motion:", "describe the motion\nAnswer:")


@cache
def _pieces(start: bool) -> str:
    """A byte-level tokenizer learned from sentences, as JSON; Llama's begins every text with a mark."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment]
    made.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=[END, START], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    made.train_from_iterator(sentences(), trainer)
    if start:
        made.post_processor = processors.TemplateProcessing(
            single=f"{START} $A", special_tokens=[(START, made.token_to_id(START))]
        )  # type: ignore[assignment]
    return made.to_str()


def write_base(folder: Path, shape: str = "qwen2", tied: bool = True, seed: int = 0) -> Path:
    """A folder with two thin layers of a known shape; its table has a few rows more than the tokenizer, as Qwen's has."""
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    kind, config = {"qwen2": (Qwen2ForCausalLM, Qwen2Config), "llama": (LlamaForCausalLM, LlamaConfig)}[shape]
    start = START if shape == "llama" else None
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(_pieces(shape == "llama")), eos_token=END, bos_token=start
    )
    torch.manual_seed(seed)
    model = kind(
        config(
            vocab_size=len(tokenizer) + 12, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256, tie_word_embeddings=tied,
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        )  # type: ignore[call-arg]
    )  # fmt: skip
    _teach(model, tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _teach(model: torch.nn.Module, tokenizer, steps: int = 120) -> None:
    """Words first: what is added later has to find a model that knows some."""
    rng, rows = (
        np.random.default_rng(0),
        [[*tokenizer(f" {text}").input_ids, tokenizer.eos_token_id] for text in sentences()],
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(steps):
        part = [rows[number] for number in rng.integers(len(rows), size=16)]
        ids = torch.full((len(part), max(len(own) for own in part)), -100)
        for row, own in enumerate(part):
            ids[row, : len(own)] = torch.tensor(own)
        optimizer.zero_grad()
        model(input_ids=ids.clamp(min=0), labels=ids).loss.backward()
        optimizer.step()


def some_moments(count: int = 24) -> tuple[list[Moment], list[np.ndarray]]:
    """Moments of `ACTS`, and the tokens of each (two books of 16)."""
    rng, moments, flat = np.random.default_rng(3), [], []
    for number in range(count):
        name, (texts, usual) = list(ACTS.items())[number % len(ACTS)]
        segments = (("left_forearm",), ("pelvis", "right_thigh"), (None,))[number % 3]
        moments.append(Moment(np.zeros((4, 8), np.float16), segments, "acts", name, name, texts, -1, 2.0, False))
        ids = (usual + rng.integers(3, size=(5, 2))) % 16
        flat.append((ids + np.array([0, 16])).reshape(-1))
    return moments, flat


def small_task(base_dir: Path, config: ReaderConfig = SMALL, loop: LoopConfig = LOOP, **reading) -> ReadingTask:
    """A task on `some_moments`; the language model is its ``base``."""
    base = load_base(base_dir, config.dtype)
    torch.manual_seed(loop.seed)
    reader = MotionReader(base, CODES, config)
    task = ReadingTask(
        ReadingConfig(**reading), loop, reader, Prompts(base.tokenizer, reader.words), *some_moments(), base.context
    )
    task.base = base  # type: ignore[attr-defined]
    return task
