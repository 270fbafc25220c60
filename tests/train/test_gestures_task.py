"""The questions asked in training: class means, masks; and a run in miniature whose model is one of gestures."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from torch.nn import functional as F

from anywear import Model
from anywear.cli import main
from anywear.errors import ArtefactError, UsageError
from anywear.nn.encoder import EncoderConfig
from anywear.runtime.gestures.clips import Signal
from anywear.runtime.model import WEIGHTS_DIR
from anywear.runtime.session import open_session
from anywear.signal import CHANNELS, WORN_FEATURES
from anywear.train.engine import LoopConfig
from anywear.train.gestures import FineTuneConfig, fine_tune, trainable
from anywear.train.gestures_arm import draw_kinds, perform
from anywear.train.gestures_draw import EpisodeConfig, EpisodeSampler
from anywear.train.gestures_task import GestureConfig, MaskedConfig, MaskedTask, asked_rows, class_mean_loss, in_parts

CONFIG = """
name = "miniature-gestures"
rate_hz = 50.0
sentence_weight = 0.3
[sets]
simulated = 1.0
[synthetic]
clips = 2
seconds = 4.0
programs = ["wave_hand", "draw_x"]
[view]
streams = 2
sites = ["left_wrist", "right_wrist"]
anywhere = 0.0
[encoder]
width = 32
depth = 2
heads = 2
patch = 6
[augment]
window_s = [2.0]
stream_counts = [1]
[gestures]
text_share = 0.3
[gestures.episodes]
kinds = 6
performances = 4
arm_kinds = 24
arm_performances = 6
arm = 0.8
[gestures.masked.loop]
steps = 10
batch = 16
threads = 1
[loop]
steps = 30
batch = 16
warmup = 5
learning_rate = 0.003
ema = 0.9
threads = 1
log_every = 15
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("gestures")
    (root / "data").mkdir()
    (root / "config.toml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.cpu_count", lambda: 1)
        out = ["-o", str(root / "out"), "--cache", str(root / "cache")]
        assert main(["train", str(root / "config.toml"), "--data", str(root / "data"), *out]) == 0
    return root / "out"


def test_class_means_are_those_of_a_plain_loop():
    rng = np.random.default_rng(0)
    vectors = F.normalize(torch.from_numpy(rng.normal(size=(12, 5)).astype(np.float32)), dim=1)
    kind = np.repeat(np.arange(3), 4)
    asked = asked_rows(kind, 2, rng)
    assert asked.reshape(3, 4).sum(axis=1).tolist() == [2, 2, 2]
    loss, right = class_mean_loss(vectors, kind, asked, torch.tensor(7.0))
    losses, hits = [], []
    centred = F.normalize(vectors - vectors.mean(dim=0), dim=1)
    for row in np.flatnonzero(asked):
        means = [centred[torch.from_numpy((kind == own) & ~asked)].mean(dim=0) for own in range(3)]
        logits = torch.stack([7.0 * (centred[row] @ mean) / mean.norm() for mean in means])
        losses.append(-torch.log_softmax(logits, dim=0)[kind[row]].item())
        hits.append(float(logits.argmax() == kind[row]))
    assert abs(loss.item() - np.mean(losses)) < 1e-5 and abs(right.item() - np.mean(hits)) < 1e-6


def test_never_all_performances_give_the_mean():
    kind = np.repeat(np.arange(4), 2)
    assert asked_rows(kind, 5, np.random.default_rng(0)).reshape(4, 2).sum(axis=1).tolist() == [1, 1, 1, 1]


def test_parts_keep_the_order():
    latents = torch.zeros(1, 6, 2)
    latents[0, :2, 0], latents[0, 4:, 1] = 3.0, 4.0
    expected = torch.tensor([[3.0, 0.0, 0.0, 0.0, 0.0, 4.0]])
    assert torch.allclose(in_parts(latents, 3), expected)
    assert torch.allclose(in_parts(latents.flip(1), 3), torch.tensor([[0.0, 4.0, 0.0, 0.0, 3.0, 0.0]]))


def test_masked_latents_come_to_be_foretold():
    config = EpisodeConfig(kinds=8, performances=4, arm_kinds=16, arm_performances=4, arm=1.0)
    sampler = EpisodeSampler(config, [], 50.0, 6)
    task = MaskedTask(
        MaskedConfig(loop=LoopConfig(batch=32)), EncoderConfig(width=32, depth=1, heads=2, patch=6), sampler
    )
    data = task.draw(np.random.default_rng(0))
    optimizer = torch.optim.Adam(task.module.parameters(), lr=3e-3)
    told = []
    for _ in range(40):
        loss, figures = task.loss(data)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told.append(float(figures["instants"]))
    assert told[-1] < 0.7 * told[0]


def test_an_unknown_field_and_an_impossible_share_are_refused():
    with pytest.raises(UsageError, match="shares"):
        GestureConfig.from_table({"shares": 1}, "run.toml [gestures]")
    with pytest.raises(UsageError, match="out of range"):
        GestureConfig(text_share=1.5)


def test_a_run_makes_a_model_of_gestures(made):
    model = Model(made / "model", verify=True)
    assert model.config.rate_hz == 50.0 and model.config.window_s == 3.0 and model.config.patch == 25
    assert not (made / "model" / "text.onnx").exists() and "text.onnx" in model.config.files
    assert model.encode_texts(["waving"]).shape == (1, 384)
    assert (made / "masked" / "log.jsonl").exists()
    assert {own.name for own in model._encoder.session.get_outputs()} == {"embedding", "latents"}


def test_its_weights_can_be_read_back(made):
    model = Model(made / "model")
    encoder = trainable(model).eval()
    rng = np.random.default_rng(0)
    shapes = {"motion": (2, 1, 60, 10), "present": (2, 1), "has_gyr": (2, 1), "place": (2, 1, 14)}
    inputs = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    inputs["present"][:] = 1.0
    [said] = model._encoder.session.run(["embedding"], inputs)
    with torch.no_grad():
        own = encoder(*(torch.from_numpy(inputs[name]) for name in shapes)).numpy()
    assert np.abs(np.asarray(said) - own).max() < 1e-5


def test_a_damaged_or_foreign_encoder_is_refused(made, tmp_path):
    (tmp_path / "model.json").write_bytes((made / "model" / "model.json").read_bytes())
    (tmp_path / "motion.onnx").write_bytes(b"not a graph")
    with pytest.raises(ArtefactError):
        trainable(Model(tmp_path))
    shutil.copyfile(WEIGHTS_DIR / "pose.onnx", tmp_path / "motion.onnx")  # a graph, but none of an encoder
    with pytest.raises(ArtefactError, match="cannot be trained on"):
        trainable(Model(tmp_path))


def test_the_main_encoder_can_be_trained_on_too():
    """Its weights are kept under their names; read back they do what the graph does."""
    inputs = [torch.randn(2, 1, 50, CHANNELS), torch.ones(2, 1), torch.ones(2, 1), torch.randn(2, 1, WORN_FEATURES)]
    with torch.no_grad():
        expected = trainable(Model()).eval()(*inputs).numpy()
    session = open_session(WEIGHTS_DIR / "motion.onnx")
    names = [own.name for own in session.get_inputs()]
    got = session.run(["embedding"], {name: own.numpy() for name, own in zip(names, inputs, strict=True)})[0]
    assert np.allclose(got, expected, atol=2e-3)


def _examples(seed: int, often: int) -> tuple[list[Signal], np.ndarray]:
    kinds = draw_kinds(5, np.random.default_rng(1))
    acc, gyr = perform([kind for kind in kinds for _ in range(often)], 120, 50.0, np.random.default_rng(seed))
    signals = [Signal(a.astype(np.float32), g.astype(np.float32)) for a, g in zip(acc, gyr, strict=True)]
    return signals, np.repeat(np.arange(5), often)


def test_fine_tuning_tells_the_examples_apart(made, tmp_path):
    signals, truth = _examples(2, 4)
    asked, wanted = _examples(3, 6)
    loop = LoopConfig(steps=40, batch=24, learning_rate=5e-3, warmup=5, ema=0.8, threads=1)
    words = ["swipe", "circle", "shake", "push", "twist"]
    config = FineTuneConfig(loop=loop, encoder_rate=0.5)
    tuned = fine_tune(signals, truth, words, made / "model", tmp_path / "tuned", seed=0, config=config)
    assert Model(tuned, verify=True).config.card["tuned_from"] == Model(made / "model").sha256
    before, after = (_nearest(folder, signals, truth, asked) for folder in (made / "model", tuned))
    assert (after == wanted).mean() > 0.4 and (after == wanted).mean() >= (before == wanted).mean()
    again = fine_tune(signals, truth, words, made / "model", tmp_path / "again", seed=0, config=config)
    assert (tuned / "motion.onnx").read_bytes() == (again / "motion.onnx").read_bytes()


def test_examples_without_a_class_are_refused(made, tmp_path):
    signals, truth = _examples(2, 1)
    with pytest.raises(UsageError, match="do not fit"):
        fine_tune(signals, truth, ["one", "two"], made / "model", tmp_path / "out")


def _nearest(folder, signals, truth, asked) -> np.ndarray:
    encoder = trainable(Model(folder)).eval()
    made, wanted = _embedded(encoder, signals), _embedded(encoder, asked)
    means = np.stack([made[truth == own].mean(axis=0) for own in np.unique(truth)])
    return (wanted @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T).argmax(axis=1)


@torch.no_grad()
def _embedded(encoder, signals) -> np.ndarray:
    from anywear.signal import WORN_FEATURES, motion_features

    motion = np.stack([motion_features(own.acc_mps2, own.gyr_radps)[None] for own in signals])
    ones = torch.ones(len(signals), 1)
    return encoder(torch.from_numpy(motion), ones, ones, torch.zeros(len(signals), 1, WORN_FEATURES)).numpy()
