"""A large language model that reads motion: sentences, answers and choices about a recording. Needs the ``llm`` extra.

The same face as `anywear.runtime.language.Language`, for any causal language model of Hugging Face form that
``anywear train align --llm NAME_OR_PATH`` taught.

>>> model = load_llm("out/adapter")                                                # doctest: +SKIP
>>> model.caption(anywear.read("walk.csv"))[0].text                                # doctest: +SKIP
'a person walks forward'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.special import log_softmax, logsumexp

from .._typing import Array, Float
from ..errors import UsageError
from ..placement import Placement
from ..recording import Recording
from ..signal import Window
from .labels import LabelSet
from .language import Caption, is_still
from .language.stillness import check_windows, most_said, said_of_still
from .language.telling import UnspokenWords
from .llm_adapter import put_together, read_about, tokens_of
from .llm_base import need_extra
from .llm_decoding import LlmDecoder
from .llm_prompt import CAPTION_ASKED, CHOICE_ASKED, Prompts, Shown
from .model import MIN_WINDOW_S
from .tokens import MotionTokens

UNSEEN = np.zeros(0, dtype=np.int64)  # motion that is not shown


class MotionLLM:
    """A large language model and the motion tokens that it reads. The language model is loaded when it is first asked.

    Args:
        folder: of the adapter, as ``anywear train align`` wrote it.
        base: folder or name of the language model, if it is not where it was when it was taught.
        tokens: the motion tokens; those it was taught with by default.
        threads: that one question may use.
        dtype: number format of the weights, ``float32`` or ``bfloat16``.

    Raises:
        ArtefactError: something is missing or damaged, or the motion tokens are others.
        UsageError: the ``llm`` extra is not installed.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        base: str | Path | None = None,
        tokens: MotionTokens | None = None,
        threads: int = 1,
        dtype: str = "float32",
    ) -> None:
        need_extra()
        self.folder = Path(folder)
        self.about = read_about(self.folder)
        self.tokens = tokens_of(self.about, self.folder, tokens, threads)
        self._base, self._threads, self._dtype = base, threads, dtype
        self._priors: dict[tuple[tuple[str | None, ...], tuple[tuple[int, ...], ...]], Array] = {}

    @cached_property
    def decoder(self) -> LlmDecoder:
        """The language model with what it learned.

        Raises:
            UsageError: it is not to be found. ArtefactError: it is another one.
        """
        made = put_together(self.folder, self.about, self._base, self._dtype)
        return LlmDecoder(made, Prompts(made.base.tokenizer, made.words))

    def caption(
        self,
        what: Recording | Sequence[Window],
        placements: Sequence[Placement] | None = None,
        *,
        cautious: bool = False,
        motion: bool = True,
    ) -> list[Caption]:
        """A sentence for each window.

        Args:
            what: a recording, cut into windows that follow one another, or windows at the model's rate.
            placements: one per stream of the recording; windows need them.
            cautious: leave out words of body parts that no sensor is near enough to tell of, and say which.
            motion: False hides the motion from the model, which then says what is likely anyway.

        Raises:
            UsageError: a window shorter than the model can read, or without a sensor.
        """
        windows, placements = self._windows(what, placements)
        still = said_of_still(self.tokens.model, windows, placements) if motion else {}
        moving = [number for number in range(len(windows)) if number not in still]
        shown = self._shown([windows[number] for number in moving], placements, CAPTION_ASKED, motion=motion)
        bans = [UnspokenWords(_segments(windows[n], placements, told=True)) if cautious else None for n in moving]
        with self._threaded():
            said = self.decoder.greedy(shown, bans) if moving else []
        told = {number: Caption(text, 0.0) for number, text in still.items()}
        told |= {n: Caption(own.text, own.log_prob, own.left_out) for n, own in zip(moving, said, strict=True)}
        return [told[number] for number in range(len(windows))]

    def choose(
        self,
        what: Recording | Sequence[Window],
        placements: Sequence[Placement] | None = None,
        labels: LabelSet | Sequence[str] | dict[str, str] = (),
    ) -> Float[Array, "windows labels"]:
        """Log probabilities (N, K) of labels, given that one of them is right.

        A label scores by how much likelier motion makes its words: mean log probability per token, less a share of what it
        is without motion.

        Raises:
            UsageError: labels or windows that cannot be.
        """
        asked = LabelSet.of(labels)
        windows, placements = self._windows(what, placements)
        out = np.zeros((len(windows), len(asked.texts)))
        if not windows:
            return out
        write = self.decoder.prompts.answer
        flat = tuple(tuple(write(text)) for own in asked.texts for text in own)
        ends = np.cumsum([len(own) for own in asked.texts])[:-1]
        shown = self._shown(windows, placements, CHOICE_ASKED)
        with self._threaded():
            for row, (window, own) in enumerate(zip(windows, shown, strict=True)):
                prior = self._prior(_segments(window, placements), flat)
                score = self.about.scale * (self.decoder.likely(own, flat) - self.about.prior * prior)
                out[row] = [logsumexp(part) - np.log(len(part)) for part in np.split(score, ends)]
        return log_softmax(out, axis=1)

    def answer(
        self,
        what: Recording | Sequence[Window],
        placements: Sequence[Placement] | None = None,
        question: str = CHOICE_ASKED,
    ) -> str:
        """An answer in words to a question about windows; of the answers for each, the one that is likeliest in sum.

        Raises:
            UsageError: no windows, or a question that is none.
        """
        windows, placements = self._windows(what, placements)
        if not windows:
            raise UsageError(
                "There is no window to ask about", remedy=f"Give a recording of {MIN_WINDOW_S:g} s or more"
            )
        moving = [window for window in windows if not is_still(window)]
        shown = self._shown(moving, placements, question)
        with self._threaded():
            said = self.decoder.greedy(shown, [None] * len(shown)) if moving else []
        return most_said(((own.text, own.log_prob) for own in said), len(windows) - len(moving))

    def embed(
        self, what: Recording | Sequence[Window], placements: Sequence[Placement] | None = None
    ) -> Float[Array, "windows features"]:
        """Unit vectors (N, D) of motion, in the space of `encode_texts` of this model."""
        windows, placements = self._windows(what, placements)
        with self._threaded():
            return self.decoder.motion_vectors(self._shown(windows, placements, CAPTION_ASKED))

    def encode_texts(self, texts: Sequence[str]) -> Float[Array, "texts features"]:
        """Unit vectors (N, D) of sentences, in the space of `embed`."""
        with self._threaded():
            return self.decoder.text_vectors(texts)

    def _windows(
        self, what: Recording | Sequence[Window], placements: Sequence[Placement] | None
    ) -> tuple[list[Window], list[Placement]]:
        if isinstance(what, Recording):
            window_s = self.tokens.model.config.window_s
            return self.tokens.model.windows_of(what, window_s, window_s)[0], [own.placement for own in what.streams]
        if placements is None:
            raise UsageError("Windows do not say where their sensors are worn", expected="placements, one per stream")
        check_windows(what, self.tokens.model.config.rate_hz)
        return list(what), list(placements)

    def _shown(
        self, windows: Sequence[Window], placements: Sequence[Placement], question: str, *, motion: bool = True
    ) -> list[Shown]:
        if not windows:
            return []
        ids = self.tokens.encode_windows(windows, placements)
        flat = [self.tokens.flat(own)[: None if motion else 0] for own in ids]
        write = self.decoder.prompts.shown
        return [write(_segments(w, placements), own, question) for w, own in zip(windows, flat, strict=True)]

    def _prior(self, segments: tuple[str | None, ...], answers: tuple[tuple[int, ...], ...]) -> Array:
        """How likely answers are on sensors worn so, motion unseen; worked out once."""
        key = segments, answers
        if key not in self._priors:
            self._priors[key] = self.decoder.likely(self.decoder.prompts.shown(segments, UNSEEN, CHOICE_ASKED), answers)
        return self._priors[key]

    @contextmanager
    def _threaded(self) -> Iterator[None]:
        """Torch has one number of threads for the whole process; it is left as it was."""
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def load_llm(
    folder: str | Path, *, base: str | Path | None = None, tokens: MotionTokens | None = None, threads: int = 1
) -> MotionLLM:
    """A large language model that reads motion; see `MotionLLM`."""
    return MotionLLM(folder, base=base, tokens=tokens, threads=threads)


def _segments(window: Window, placements: Sequence[Placement], *, told: bool = False) -> tuple:
    """Body segments of a window's sensors; with `told`, those that are known."""
    found = tuple(placements[stream].segment for stream in window.streams)
    return tuple(own for own in found if own is not None) if told else found
