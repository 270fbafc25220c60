"""Motion tokens: what one sensor shows becomes ids that tell of the whole body; by the command, and without torch."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear import Model, Placement
from anywear.cli import main
from anywear.errors import ArtefactError, UsageError
from anywear.motion import retarget
from anywear.motion.generate import generate
from anywear.nn.encoder import EncoderConfig, MotionEncoder
from anywear.nn.quantise import QuantiserConfig
from anywear.nn.tokenizer import MotionTokenizer, TokenizerConfig
from anywear.runtime.pose import PoseDecoder
from anywear.runtime.tokens import MotionTokens
from anywear.simulate import Simulator
from anywear.train.corpus import Take
from anywear.train.engine import LoopConfig, train
from anywear.train.follow import FollowTask
from anywear.train.sampler import AugmentConfig
from anywear.train.tokenize import TokenizeTask, TokensConfig, explained
from token_doubles import write_token_model

ENCODER = EncoderConfig(width=32, depth=1, heads=2, out=16)
KINDS = {
    "product": QuantiserConfig("product", books=2, codes=32, code_width=8, decay=0.9),
    "residual": QuantiserConfig("residual", books=2, codes=32, code_width=16, decay=0.9),
    "scalar": QuantiserConfig("scalar", books=2, levels=(5, 5, 3)),
}
CONFIG = """
name = "miniature"
[sets]
simulated = 1.0
[synthetic]
clips = 2
seconds = 6.0
programs = ["walking_forward", "sitting"]
[view]
streams = 3
sites = ["left_wrist", "right_wrist", "chest", "waist"]
anywhere = 0.0
[encoder]
width = 32
depth = 1
heads = 2
[augment]
window_s = [2.0]
stream_counts = [1, 2]
[loop]
steps = 20
batch = 16
warmup = 5
learning_rate = 0.003
ema = 0.9
threads = 1
[tokens]
streams = [1, 2]
whole = 2
[tokens.tokenizer]
width = 32
depth = 1
instants = 2
[tokens.tokenizer.quantiser]
kind = "residual"
codes = 16
code_width = 8
decay = 0.9
[tokens.augment]
window_s = [2.0]
[tokens.loop]
steps = 30
batch = 16
warmup = 5
learning_rate = 0.003
ema = 0.9
log_every = 10
threads = 1
"""


def _takes() -> list[Take]:
    """Three rhythms, which every place shows."""
    time = np.arange(250) / 25.0
    takes = []
    for number, label in enumerate("abc"):
        beat = np.sin(2 * np.pi * (0.6 + 0.5 * number) * time)
        values = np.zeros((4, 250, 6), dtype=np.float32)
        values[..., 2] = 9.81 + (1.0 + np.arange(4)[:, None]) * beat
        values[..., 3] = (0.3 + 0.2 * number) * beat
        places = tuple(Placement.at(site) for site in ("left_wrist", "right_ankle", "chest", "waist"))
        takes.append(Take("rhythms", "s01", places, values, np.ones(4, dtype=bool), ((0, 250, label),)))
    return takes


def _config(kind: str, steps: int = 120, **changed) -> TokensConfig:
    loop = LoopConfig(steps=steps, batch=16, warmup=5, learning_rate=3e-3, ema=0.9, threads=1, log_every=20)
    tokenizer = TokenizerConfig(width=32, depth=1, quantiser=KINDS[kind])
    given = {
        "streams": (1, 2),
        "whole": 2,
        "augment": AugmentConfig(window_s=(4.0,)),
        "loop": loop,
        "tokenizer": tokenizer,
    }
    return TokensConfig(**{**given, **changed})


def _task(config: TokensConfig) -> TokenizeTask:
    torch.manual_seed(0)
    return TokenizeTask(config, MotionEncoder(ENCODER), _takes(), 25.0)


@pytest.mark.parametrize("kind", KINDS)
def test_partial_views_come_to_tell_of_the_whole(kind, tmp_path):
    task = _task(_config(kind))
    before = {name: own.clone() for name, own in task.encoder.state_dict().items()}
    train(task, task.config.loop, tmp_path, kind, lambda line: None)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["r2_partial"] > max(0.3, lines[0]["r2_partial"] + 0.2)
    assert lines[-1]["r2_whole"] >= lines[-1]["r2_partial"] - 0.05
    assert lines[-1]["apart"] < lines[0]["apart"]
    assert all(torch.equal(before[name], own) for name, own in task.encoder.state_dict().items())
    assert not any(name.startswith("encoder") for name, _ in task.module.named_parameters())


def test_views_are_of_the_sensors_they_say():
    """A partial view does not change with what it does not show; the whole one does."""
    task = _task(_config("product"))
    data = task.draw(np.random.default_rng(0))
    assert set(data["kept"].sum(dim=1).tolist()) == {1.0, 2.0}
    whole, partial = task.latents(data)
    assert whole.shape == (8, 10, 32) and partial.shape == (16, 10, 32)
    other = {**data, "motion": data["motion"] + (1.0 - data["kept"])[:, :, None, None]}
    again = task.latents(other)
    assert torch.allclose(again[1], partial, atol=1e-5)
    hides = (data["kept"].sum(dim=1) < 2).view(-1, 2).any(dim=1)
    assert (again[0] - whole).abs().amax(dim=(1, 2))[hides].min() > 1e-3


def test_agreement_makes_setups_say_the_same():
    """With the term, two views of a motion share more ids than without."""
    shared = []
    for weight in (0.0, 2.0):
        task = _task(_config("scalar", agreement=weight))
        optimizer, rng = torch.optim.Adam(task.module.parameters(), lr=3e-3), np.random.default_rng(0)
        same = []
        for _ in range(100):
            loss, figures = task.loss(task.draw(rng))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            same.append(float(figures["same_ids"]))
        shared.append(np.mean(same[-20:]))
    assert shared[1] > shared[0] + 0.05


def test_a_bank_shows_what_would_be_drawn_and_is_kept(tmp_path):
    torch.manual_seed(0)
    encoder, takes, config = MotionEncoder(ENCODER), _takes(), _config("product", bank=5)
    task = TokenizeTask(config, encoder, takes, 25.0, cache_dir=tmp_path)
    assert task.bank is not None and len(task.bank) == 5
    [path] = tmp_path.glob("latents-*.pickle")
    plain = TokenizeTask(_config("product"), encoder, takes, 25.0)
    whole, partial = plain.latents(plain.draw(np.random.default_rng([0, 3])))
    assert torch.allclose(task.bank.draws[3]["whole"].float(), whole, atol=2e-3)
    assert torch.allclose(task.bank.draws[3]["partial"].float(), partial, atol=2e-3)
    before = path.stat().st_mtime_ns
    again = TokenizeTask(config, encoder, takes, 25.0, cache_dir=tmp_path)
    assert path.stat().st_mtime_ns == before
    assert torch.equal(again.draw(np.random.default_rng(1))["whole"], task.draw(np.random.default_rng(1))["whole"])
    other = _config("product", bank=5, whole=1, streams=(1,))
    TokenizeTask(other, encoder, takes, 25.0, cache_dir=tmp_path)
    assert len(list(tmp_path.glob("latents-*.pickle"))) == 2
    train(task, config.loop, tmp_path / "out", "bank", lambda line: None)
    lines = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["r2_partial"] > lines[0]["r2_partial"] + 0.2


def test_another_encoder_learns_to_say_the_same_ids(tmp_path):
    """Ids of an earlier tokenizer from other latents; its codebooks and its way back stay as they are."""
    earlier = MotionTokens(write_token_model(tmp_path / "earlier"))
    torch.manual_seed(1)
    config = _config("scalar", steps=400, tokenizer=TokenizerConfig(width=32, depth=1), bank=40)
    task = FollowTask(config, earlier, MotionEncoder(ENCODER), _takes(), 25.0)
    back = {name: own.clone() for name, own in task.module.back.state_dict().items()}
    learned = train(task, config.loop, tmp_path / "out", "follow", lambda line: None)
    lines = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["r2"] > max(0.5, lines[0]["r2"] + 0.2) and lines[-1]["same_ids"] > lines[0]["same_ids"] + 0.2
    assert np.array_equal(learned.quantiser.codes().vectors, earlier.codes.vectors)
    assert all(torch.equal(back[name], own) for name, own in task.module.back.state_dict().items())
    fresh = FollowTask(_config("scalar"), earlier, MotionEncoder(ENCODER), _takes(), 25.0)  # without a bank
    assert fresh.loss(fresh.draw(np.random.default_rng(0)))[0] > lines[-1]["apart"]


def test_only_an_encoder_of_the_same_instants_can_follow(tmp_path):
    earlier = MotionTokens(write_token_model(tmp_path))
    with pytest.raises(UsageError, match="same instants"):
        FollowTask(_config("product"), earlier, MotionEncoder(replace(ENCODER, patch=5)), _takes(), 25.0)


def test_explained_share_of_variance():
    wanted = torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0))
    assert explained(wanted, wanted) == 1.0
    assert explained(wanted.mean(dim=(0, 1), keepdim=True).expand_as(wanted), wanted) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("instants", [1, 3])
def test_the_rate_is_latents_times_instants_times_books(instants):
    config = TokenizerConfig(width=16, instants=instants, quantiser=KINDS["product"])
    tokenizer = MotionTokenizer(config, 32).eval()
    ids = tokenizer.encode(torch.randn(2, 7, 32))
    assert ids.shape == (2, 7 * instants, 2) and tokenizer.decode(ids).shape == (2, 7, 32)
    assert config.tokens_per_s(2.5) == 2.5 * instants * 2
    passed = tokenizer(torch.randn(2, 7, 32))
    assert torch.allclose(passed.latents, tokenizer.decode(passed.ids), atol=1e-5)


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("tokens")
    (root / "data").mkdir()
    (root / "config.toml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.cpu_count", lambda: 1)
        command = ["train", str(root / "config.toml"), "--data", str(root / "data"), "-o", str(root / "out")]
        assert main([*command, "--cache", str(root / "cache")]) == 0
    return root / "out" / "model"


@pytest.fixture(scope="module")
def recording():
    clip = generate("walking_forward", seed=77, seconds=8.0).clip
    places = [Placement.at("left_wrist"), Placement.at("waist")]
    return Simulator(retarget(clip)).record(places, "bmi270", rate_hz=50.0, seed=3)


def test_from_the_command_to_ids_and_back(model_dir, recording):
    tokens = MotionTokens(model_dir)
    tokens.verify()
    assert tokens.about.sizes == (16, 16) and tokens.about.tokens_per_s == 10.0
    sentences = tokens.encode(recording, window_s=2.0)
    assert [own.start_s for own in sentences] == pytest.approx([2.0 * n for n in range(len(sentences))], abs=0.1)
    ids = np.stack([own.ids for own in sentences])
    assert ids.shape == (4, 10, 2) and ids.max() < 16
    assert tokens.decode(ids).shape == (4, 5, 32)
    assert np.allclose(tokens.decode(ids)[1], tokens.decode(ids[1]), atol=1e-5)
    for own in ids:
        flat = tokens.flat(own)
        assert flat.shape == (20,) and flat.max() < 32 and (flat[1::2] >= 16).all()
        assert np.array_equal(tokens.unflat(flat), own)


def test_without_torch_ids_and_latents_are_the_same(model_dir, recording):
    tokens = MotionTokens(model_dir)
    state = torch.load(model_dir.parent / "tokens" / "checkpoint.pt", weights_only=True)["average"]
    config = TokenizerConfig(32, 1, 3, 2, QuantiserConfig("residual", codes=16, code_width=8, decay=0.9))
    tokenizer = MotionTokenizer(config, 32).eval()
    tokenizer.load_state_dict(state)
    model = Model(model_dir)
    found, _ = model.windows_of(recording, 2.0, 2.0)
    placements = [stream.placement for stream in recording.streams]
    latents = np.stack(tokens.latents(found, placements))
    ids = np.stack(tokens.encode_windows(found, placements))
    assert (ids == tokenizer.encode(torch.from_numpy(latents)).numpy()).mean() > 0.98  # but for ties of rounding
    with torch.no_grad():
        expected = tokenizer.decode(torch.from_numpy(ids)).numpy()
    assert np.allclose(tokens.decode(ids), expected, atol=1e-3)


def test_from_the_command_to_the_ids_of_an_earlier_tokenizer(model_dir, recording, dataset_root, tmp_path, capsys):
    """What reads the earlier ids comes along and reads on; a benchmark does not hold them against other latents."""
    root, earlier = model_dir.parents[1], MotionTokens(write_token_model(tmp_path / "earlier"))
    changes = [f"tokens.follow='{earlier.folder}'", "tokens.bank=10", "loop.seed=1"]
    command = ["train", str(root / "config.toml"), "--data", str(root / "data"), "-o", str(tmp_path / "out")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.cpu_count", lambda: 1)
        assert main([*command, "--cache", str(root / "cache"), *(f"--set={own}" for own in changes)]) == 0
    tokens = MotionTokens(tmp_path / "out" / "model")
    tokens.verify()
    assert tokens.sha256 == tokens.about.follows == tokens.about.card["follow"] == earlier.sha256
    assert tokens.about.model == tokens.model.encoder_sha256 != earlier.about.model
    ids = tokens.encode(recording)[0].ids
    assert np.array_equal(tokens.decode(ids), earlier.decode(ids))
    assert PoseDecoder(tokens.folder, tokens.sha256).poses(tokens.decode(ids)[None]).shape[0] == 1
    data = ["--data", str(dataset_root("sp-sw-har").parent), "--sets", "sp-sw-har", "--quiet"]
    assert (
        main(["benchmark", "tokens", *data, "--model", str(tokens.folder), "--json", str(tmp_path / "told.json")]) == 0
    )
    capsys.readouterr()
    [told] = json.loads((tmp_path / "told.json").read_text())["sets"].values()
    assert told["r2"] == {} and told["accuracy"]["whole"]["tokens"] > 0.3


def test_the_benchmark_judges_it_on_a_real_set(model_dir, dataset_root, tmp_path, capsys):
    """A tokenizer of thirty steps is a poor one, but what is asked of it adds up."""
    pytest.importorskip("sklearn", reason="needs the benchmark extra")
    told = tmp_path / "told.json"
    data = ["--data", str(dataset_root("sp-sw-har").parent), "--sets", "sp-sw-har", "--window", "2", "--quiet"]
    assert main(["benchmark", "tokens", *data, "--model", str(model_dir), "--json", str(told)]) == 0
    assert "residual 16 x 16, 10 tokens/s" in capsys.readouterr().out
    report = json.loads(told.read_text())
    found = report["sets"]["sp-sw-har"]
    assert found["sensors"] == 2 and found["subjects"] == 23 and not found["seen"]
    assert all(0.3 < own < 1.0 for view in found["accuracy"].values() for own in view.values())
    assert found["accuracy"]["whole"]["tokens"] < found["accuracy"]["whole"]["latents"]
    assert found["r2"]["whole"] < 1.0 and found["same_ids_by_chance"] < found["same_ids"] < 1.0
    assert all(1.0 <= own["perplexity"] <= 16.0 for own in found["use"])
    assert main(["benchmark", "tokens", *data, "--model", str(model_dir), "--shots", "3"]) == 2


def test_what_cannot_be_tokens_says_so(model_dir, tmp_path):
    tokens = MotionTokens(model_dir)
    for wrong, message in (
        (np.full((4, 2), 16), "does not exist"),
        (np.zeros((3, 2), dtype=int), "whole latents"),
        (np.zeros((4, 3), dtype=int), "no ids of these codebooks"),
    ):
        with pytest.raises(UsageError, match=message):
            tokens.decode(wrong)
    with pytest.raises(UsageError, match="within an instant"):
        tokens.unflat(np.array([1, 17, 2]))
    with pytest.raises(UsageError, match="does not exist"):
        tokens.unflat(np.array([17, 1]))
    with pytest.raises(ArtefactError, match="no tokenizer"):
        MotionTokens(tmp_path)
    other = tmp_path / "other"
    shutil.copytree(model_dir, other)
    about = json.loads((other / "tokens.json").read_text())
    (other / "tokens.json").write_text(json.dumps({**about, "model": "0" * 12}))
    with pytest.raises(ArtefactError, match="of another model"):
        MotionTokens(other)
    (other / "tokens.json").write_text("{}")
    with pytest.raises(ArtefactError, match="damaged"):
        MotionTokens(other)
    shutil.copyfile(model_dir / "tokens.json", other / "tokens.json")
    (other / "tokens.npz").write_bytes(b"nothing")
    with pytest.raises(ArtefactError, match="damaged"):
        _ = MotionTokens(other).codes


@pytest.mark.parametrize(
    "wrong", [{"streams": ()}, {"streams": (0,)}, {"streams": (6,)}, {"agreement": -1.0}, {"loop": {"batch": 3}},
              {"tokenizer": {"kernel": 2}}, {"tokenizer": {"quantiser": {"kind": "x"}}}, {"tokenizer": {"size": 1}},
              {"bank": -1}],
)  # fmt: skip
def test_configurations_that_cannot_be(wrong):
    with pytest.raises(UsageError):
        TokensConfig.from_table(wrong, "[tokens]")
