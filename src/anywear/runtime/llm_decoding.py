"""Sentences of a large language model, greedily, and how likely given ones are. Needs the ``llm`` extra."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._typing import Array, Float
from .language.telling import UnspokenWords
from .llm_adapter import Reading
from .llm_pool import pooled
from .llm_prompt import Prompts, Shown

ROWS = 16  # sequences that go through the model together
MOST_TOKENS = 64  # of a caption or an answer
TRIED = 64  # likeliest tokens among which one is looked for that may be said


@dataclass(frozen=True)
class Sentence:
    """What was said.

    Attributes:
        text: words.
        log_prob: mean log probability of its tokens, its end among them.
        left_out: words that would have been said, but must not.
    """

    text: str
    log_prob: float
    left_out: tuple[str, ...]


class LlmDecoder:
    """A language model that reads motion, for sequences as `Prompts` writes them.

    Args:
        reading: the model put together.
        prompts: writes sequences for it.
    """

    def __init__(self, reading: Reading, prompts: Prompts) -> None:
        self.model, self.prompts, self.words = reading.base.model, prompts, reading.words
        self._tokenizer = reading.base.tokenizer
        self._soft = reading.added["soft"]
        self._pool = {name.removeprefix("pooler."): own for name, own in reading.added.items() if "pooler." in name}
        self._closed = [own for own in self._tokenizer.all_special_ids if own not in (prompts.end, None)]

    def greedy(self, shown: Sequence[Shown], cautious: Sequence[UnspokenWords | None]) -> list[Sentence]:
        """The likeliest token at every place, for each sequence; None lets everything be said."""
        out = [Sentence("", 0.0, ())] * len(shown)
        for numbers in alike([len(own.ids) for own in shown]):
            rows = self._greedy([shown[number].ids for number in numbers], [cautious[number] for number in numbers])
            for number, own in zip(numbers, rows, strict=True):
                out[number] = own
        return out

    def likely(self, shown: Shown, answers: Sequence[Sequence[int]]) -> Float[Array, " answers"]:
        """Mean log probability per token of each of some answers to one question."""
        import torch

        out, before = np.zeros(len(answers)), len(shown.ids)
        order = np.argsort([len(own) for own in answers], kind="stable")
        for start in range(0, len(order), ROWS):
            part = [answers[number] for number in order[start : start + ROWS]]
            longest = max(len(own) for own in part)
            ids = torch.full((len(part), before + longest), self.prompts.end)
            for row, own in enumerate(part):
                ids[row, : before + len(own)] = torch.tensor([*shown.ids, *own])
            # What a row is filled up with comes behind its end, where nothing before hears it.
            with torch.inference_mode():
                logits = self.model(inputs_embeds=self._vectors(ids, 0), logits_to_keep=longest + 1).logits[:, :-1]
                found = logits.float().log_softmax(dim=-1).gather(2, ids[:, before:, None])[..., 0].numpy()
            for row, number in enumerate(order[start : start + ROWS]):
                out[number] = found[row, : len(answers[number])].mean()
        return out

    def motion_vectors(self, shown: Sequence[Shown]) -> Float[Array, "rows features"]:
        """Unit vectors of what is made of the motion of sequences."""
        return self._pooled([own.ids[: own.motion[1] + 1] for own in shown], 0, [own.motion[0] for own in shown])

    def text_vectors(self, texts: Sequence[str]) -> Float[Array, "rows features"]:
        """Unit vectors of sentences, in the same space."""
        ids = [self.prompts.sentence(text) for text in texts]
        return self._pooled(ids, 1, [0] * len(ids))

    def _vectors(self, ids: Any, soft: int) -> Any:
        import torch

        words = self.model.get_input_embeddings()(ids)
        prompt = self._soft[soft].to(words.dtype).expand(len(ids), -1, -1)
        return torch.cat([prompt, words], dim=1)

    def _pooled(self, rows: Sequence[list[int]], soft: int, firsts: Sequence[int]) -> Array:
        import torch

        out = np.zeros((len(rows), len(self._pool["out.weight"])), dtype=np.float32)
        for numbers in alike([len(own) for own in rows]):
            ids = torch.tensor([rows[number] for number in numbers])
            with torch.inference_mode():
                made = self.model(inputs_embeds=self._vectors(ids, soft), logits_to_keep=1, output_hidden_states=True)
                hidden = made.hidden_states[-1][:, self._soft.shape[1] :]
                places = torch.arange(ids.shape[1]).expand(len(ids), -1)
                wanted = places >= torch.tensor([firsts[number] for number in numbers])[:, None]
                out[numbers] = pooled(hidden, wanted, self._pool).numpy()
        return out

    def _greedy(self, prefixes: Sequence[list[int]], cautious: Sequence[UnspokenWords | None]) -> list[Sentence]:
        import torch

        rows, end = len(prefixes), self.prompts.end
        ids: list[list[int]] = [[] for _ in range(rows)]
        left_out: list[dict[str, None]] = [{} for _ in range(rows)]
        sums, still_open = np.zeros(rows), [True] * rows
        vectors, past = self._vectors(torch.tensor(prefixes), 0), None
        for place in range(MOST_TOKENS):
            with torch.inference_mode():
                made = self.model(inputs_embeds=vectors, past_key_values=past, use_cache=True, logits_to_keep=1)
            past, log_probs = made.past_key_values, made.logits[:, -1].float().log_softmax(dim=-1)
            allowed = log_probs.clone()
            allowed[:, self.words.first :] = -torch.inf  # motion, and rows that belong to no token
            allowed[:, self._closed] = -torch.inf
            if place == 0:
                allowed[:, end] = -torch.inf
            chosen = allowed.argmax(dim=1).tolist()
            for row in [number for number, own in enumerate(still_open) if own]:
                unspoken = cautious[row]
                if unspoken is not None:
                    chosen[row] = self._spoken(allowed[row], ids[row], unspoken, left_out[row])
                sums[row] += float(log_probs[row, chosen[row]])
                if chosen[row] == end:
                    still_open[row] = False
                else:
                    ids[row].append(chosen[row])
            if not any(still_open):
                break
            vectors = self.model.get_input_embeddings()(torch.tensor(chosen)[:, None])
        return [
            Sentence(self.prompts.text(own), float(total / max(1, len(own) + (not unfinished))), tuple(words))
            for own, total, unfinished, words in zip(ids, sums, still_open, left_out, strict=True)
        ]

    def _spoken(self, allowed: Any, ids: list[int], unspoken: UnspokenWords, left_out: dict[str, None]) -> int:
        """The likeliest token that completes no word that must not be said; the end where there is none."""
        for place, token in enumerate(allowed.topk(min(TRIED, len(allowed))).indices.tolist()):
            words = re.findall(r"[a-z]+", self._decode([*ids, token]).lower())
            if token == self.prompts.end or not words or words[-1] not in unspoken.words(words[:-1]):
                return token
            if place == 0:
                left_out[words[-1]] = None
        return self.prompts.end

    @property
    def _decode(self) -> Callable[[list[int]], str]:
        return self._tokenizer.decode


def alike(lengths: Sequence[int]) -> list[list[int]]:
    """Numbers of sequences of one length, at most `ROWS` together."""
    groups: dict[int, list[int]] = defaultdict(list)
    for number, own in enumerate(lengths):
        groups[own].append(number)
    return [own[start : start + ROWS] for own in groups.values() for start in range(0, len(own), ROWS)]
