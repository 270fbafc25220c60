"""The whole encoder learns gestures from examples: the depth ``full`` of `anywear.Gestures`.

Copies of the examples, worn and made a little differently, have to be nearest to a vector of their class. The vector is the
class's words, as the encoder's text space has them, and a part that is learned; what is no gesture has a vector without
words. Classes that words say are near one another weigh more as wrong answers, for they are what will be mixed up. The
encoder stays close to what it was: its weights end as an average over the training, and learn slowly.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .._typing import Array, Float, Int
from ..errors import ArtefactError, UsageError
from ..nn.encoders import AnyEncoder, build_encoder, encoder_config
from ..runtime.gestures.augment import AugmentConfig, augmented
from ..runtime.gestures.clips import Signal, moving_part
from ..runtime.gestures.features import stretch
from ..runtime.model import WEIGHTS_DIR, Model, ModelConfig
from ..signal import CHANNELS, WORN_FEATURES, motion_features
from .engine import LoopConfig, train
from .export import TEXT_FILES, export_encoder, hashes, stored_weights
from .gestures_draw import EpisodeConfig
from .gradcache import Figures

MASK = "hidden"  # the parameter that stands for a hidden patch: a graph that hides nothing has none
SAMPLES = EpisodeConfig().samples
NEAR_WEIGHT = (
    1.0  # logit by which a wrong class weighs more for every unit of cosine between its words and the right ones
)


@dataclass(frozen=True)
class FineTuneConfig:
    """How the encoder is tuned.

    Attributes:
        loop: how long and how fast.
        augment: how copies stray from their examples.
        text: length of the words' part in a class's vector, beside a learned part of length 1 at most.
        none_share: share of a batch that is no gesture, where there is any such motion.
        encoder_rate: learning rate of the encoder, as a share of that of the class vectors.
    """

    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(
            steps=250, batch=48, learning_rate=2e-3, warmup=20, weight_decay=0.01, ema=0.98, bf16=True
        )
    )
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    text: float = 0.5
    none_share: float = 0.15
    encoder_rate: float = 0.3


def fine_tune(
    signals: Sequence[Signal],
    truth: Int[Array, " clips"],
    texts: Sequence[str],
    encoder_folder: str | Path,
    out_folder: str | Path,
    *,
    nothing: Sequence[Signal] = (),
    seed: int = 0,
    config: FineTuneConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Path:
    """Tune a gesture encoder on examples.

    Args:
        signals: the examples.
        truth: (N,) class of each, 0 to `texts` - 1.
        texts: what each class is in words.
        encoder_folder: artefact to begin with, of a training with ``[gestures]``.
        out_folder: gets the new artefact.
        nothing: motion that is no gesture.
        seed: of everything drawn.
        config: how.
        report: takes progress lines.

    Returns:
        `out_folder`, which `anywear.Model` opens.

    Raises:
        UsageError: no examples, or examples of a class without words.
        ArtefactError: the encoder cannot be trained on.
    """
    config = config or FineTuneConfig()
    truth = np.asarray(truth, dtype=np.int64)
    if not len(signals) or len(signals) != len(truth) or truth.min() < 0 or truth.max() >= len(texts):
        raise UsageError(
            "The examples do not fit their classes", expected=f"one class from 0 to {len(texts) - 1} per example",
            got=f"{len(signals)} examples, {len(truth)} classes",
        )  # fmt: skip
    model = Model(encoder_folder)
    encoder = trainable(model)
    words = model.encode_texts(list(texts))
    task = _FineTuneTask(config, encoder, signals, truth, words, nothing, seed)
    # The log and the checkpoint are of no use: it takes a minute.
    loop = replace(config.loop, seed=seed, checkpoint_every=config.loop.steps, log_every=max(1, config.loop.steps // 5))
    with tempfile.TemporaryDirectory() as scratch:
        module = train(task, loop, Path(scratch), "fine-tuned", report)
    assert isinstance(module, _FineTuned)
    return _write(Path(out_folder), model, module.encoder, config, seed, len(signals), len(texts))


def trainable(model: Model) -> AnyEncoder:
    """The encoder of an artefact as a module, with its weights.

    Raises:
        ArtefactError: its weights are not stored under their names, as a training of this version does.
    """
    table = model.config.card.get("encoder")
    encoder = build_encoder(encoder_config(dict(table))) if isinstance(table, dict) else None
    weights = stored_weights(model.folder / "motion.onnx")
    missing = set(dict(encoder.named_parameters())) - {MASK, *weights} if encoder is not None else {"a card"}
    if encoder is None or missing:
        raise ArtefactError(
            "This encoder cannot be trained on", where=str(model.folder), expected="an artefact of a training",
            got=f"without {len(missing)} of its weights", remedy="Give one made with runs/gestures.toml",
        )  # fmt: skip
    encoder.load_state_dict({name: own for name, own in weights.items() if name in encoder.state_dict()}, strict=False)
    return encoder


class _FineTuned(torch.nn.Module):
    """The encoder and a vector per class: its words and a learned part."""

    def __init__(self, encoder: AnyEncoder, words: Tensor, text: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.words: Tensor
        self.register_buffer("words", words)
        self.text = text
        self.own = torch.nn.Parameter(torch.zeros_like(words))
        self.log_scale = torch.nn.Parameter(torch.tensor(np.log(16.0), dtype=torch.float32))

    def forward(self, motion: Tensor, has_gyr: Tensor) -> Tensor:
        """Cosines of (B, 1, T, 10) windows to the classes."""
        place = motion.new_zeros(len(motion), 1, WORN_FEATURES)
        embedding = self.encoder(motion, torch.ones_like(has_gyr), has_gyr, place)
        return embedding.float() @ F.normalize(self.text * self.words + self.own, dim=-1).T


class _FineTuneTask:
    """See `anywear.train.engine.Task`."""

    def __init__(
        self,
        config: FineTuneConfig,
        encoder: AnyEncoder,
        signals: Sequence[Signal],
        truth: Array,
        words: Float[Array, "classes features"],
        nothing: Sequence[Signal],
        seed: int,
    ) -> None:
        self.config, self.signals, self.truth, self.nothing = config, list(signals), truth, list(nothing)
        self.classes = len(words)
        every = np.concatenate([words, np.zeros((1, words.shape[1]))]).astype(np.float32)
        torch.manual_seed(seed)
        self.module = _FineTuned(encoder, torch.from_numpy(every), config.text)
        self.module.own.data.copy_(torch.from_numpy(self._first_vectors(encoder)))
        near = words @ words.T
        np.fill_diagonal(near, 0.0)
        self._near = torch.zeros(self.classes + 1, self.classes + 1)
        self._near[:-1, :-1] = torch.from_numpy(NEAR_WEIGHT * near)

    @property
    def rate_shares(self) -> dict[str, float]:
        """See `anywear.train.engine.Task`."""
        return {"encoder.": self.config.encoder_rate}

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        count = self.config.loop.batch
        nothing = round(self.config.none_share * count) if self.nothing else 0
        # Classes alike, however many examples they have.
        present = np.unique(self.truth)
        kinds = present[rng.integers(len(present), size=count - nothing)]
        rows = [int(rng.choice(np.flatnonzero(self.truth == kind))) for kind in kinds]
        drawn = [self.signals[row] for row in rows] + [
            self.nothing[int(rng.integers(len(self.nothing)))] for _ in range(nothing)
        ]
        truth = np.concatenate([kinds, np.full(nothing, self.classes)])
        return *_shown([augmented(own, rng, self.config.augment) for own in drawn]), torch.from_numpy(truth)

    def loss(self, data: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Figures]:
        motion, has_gyr, truth = data
        logits = self.module(motion, has_gyr) * self.module.log_scale.exp().clamp(max=50.0)
        right = (logits.argmax(dim=1) == truth).float().mean()
        return F.cross_entropy(logits + self._near[truth], truth), {"right": right.detach()}

    @torch.no_grad()
    def _first_vectors(self, encoder: AnyEncoder) -> Array:
        """Means of the classes' embeddings, which are right at once where the encoder is good; of none, likewise."""
        encoder.eval()
        sums = np.zeros((self.classes + 1, encoder.config.out), dtype=np.float32)
        nothing = self.nothing[:64]
        truth = np.concatenate([self.truth, np.full(len(nothing), self.classes)])
        motion, has_gyr = _shown([*self.signals, *nothing])
        place = torch.zeros(len(motion), 1, WORN_FEATURES)
        np.add.at(sums, truth, encoder(motion, torch.ones_like(has_gyr), has_gyr, place).numpy())
        return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)


def _shown(signals: Sequence[Signal]) -> tuple[Tensor, Tensor]:
    """The motion in each clip, stretched as in the encoder's training: (B, 1, T, 10), and (B, 1) 1 with a gyroscope."""
    motion = np.zeros((len(signals), 1, SAMPLES, CHANNELS), dtype=np.float32)
    has_gyr = np.zeros((len(signals), 1), dtype=np.float32)
    for row, signal in enumerate(signals):
        start, stop, _ = moving_part(signal)
        own = signal.cut(start, stop)
        gyr = None if own.gyr_radps is None else stretch(own.gyr_radps, SAMPLES)
        motion[row, 0] = motion_features(stretch(own.acc_mps2, SAMPLES), gyr)
        has_gyr[row] = gyr is not None
    return torch.from_numpy(motion), torch.from_numpy(has_gyr)


def _write(
    folder: Path, model: Model, encoder: AnyEncoder, config: FineTuneConfig, seed: int, examples: int, classes: int
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch) / "motion.onnx"
        difference = export_encoder(encoder, made, half=True)
        made.replace(folder / "motion.onnx")
    (folder / "textspace.npz").write_bytes((model.folder / "textspace.npz").read_bytes())
    shared = {name: own for name, own in hashes(WEIGHTS_DIR).items() if name in TEXT_FILES}
    card = {
        "tuned_from": model.sha256,
        "tuned": json.loads(json.dumps(asdict(config))),
        "seed": seed,
        "stretched": SAMPLES,
        "examples": examples,
        "classes": classes,
        "encoder": encoder.config.to_dict(),
        "onnx_difference": difference,
    }
    made_of: ModelConfig = replace(model.config, name=f"{model.config.name}-tuned", files=shared | hashes(folder), card=card)  # fmt: skip # noqa: E501
    made_of.save(folder / "model.json")
    return folder
