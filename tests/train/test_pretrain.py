"""Pre-training without words: it learns, it uses no label, and a run may begin with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.nn.encoder import EncoderConfig
from anywear.placement import Placement
from anywear.train.corpus import Take
from anywear.train.engine import LoopConfig
from anywear.train.pretrain import PretrainConfig, PretrainTask
from anywear.train.run import RunConfig
from anywear.train.sampler import AugmentConfig

ENCODER = EncoderConfig(width=32, depth=1, heads=2, out=16)


def _takes(labels: tuple[str, ...]) -> list[Take]:
    """Each at a rhythm of its own, which every place shows."""
    time = np.arange(250) / 25.0
    takes = []
    for number, label in enumerate(labels):
        beat = np.sin(2 * np.pi * (0.6 + 0.5 * number) * time)
        values = np.zeros((4, 250, 6), dtype=np.float32)
        values[..., 2] = 9.81 + (1.0 + np.arange(4)[:, None]) * beat
        values[..., 3] = (0.3 + 0.2 * number) * beat
        sites = ("left_wrist", "right_ankle", "chest", "waist")
        places = tuple(Placement.at(site) for site in sites)
        takes.append(Take("sp-sw-har", "s01", places, values, np.ones(4, dtype=bool), ((0, 250, label),), ("said",)))
    return takes


def _config(steps: int = 40) -> PretrainConfig:
    augment = AugmentConfig(window_s=(4.0,), stream_counts=(1, 2), hidden=0.5)
    loop = LoopConfig(steps=steps, batch=32, warmup=5, learning_rate=3e-3, ema=0.9, threads=1)
    return PretrainConfig(augment=augment, loop=loop)


def test_one_place_comes_to_foretell_another():
    torch.manual_seed(0)
    task = PretrainTask(_config(), ENCODER, _takes(("a", "b", "c", "d")), 25.0)
    batch = task.draw(np.random.default_rng(0))
    optimizer = torch.optim.Adam(task.module.parameters(), lr=3e-3)
    told = []
    for _ in range(60):
        loss, figures = task.loss(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told.append(figures)
    assert told[-1]["instants"] < 0.6 * told[0]["instants"]
    assert told[-1]["whole"] < 0.9 * told[0]["whole"]


def test_labels_and_sentences_are_not_used():
    draws = [
        PretrainTask(_config(), ENCODER, _takes(labels), 25.0).draw(np.random.default_rng(3))
        for labels in (("a", "b"), ("c", "c"))
    ]
    assert np.array_equal(draws[0].motion, draws[1].motion)
    assert len(set(draws[0].concept)) == 1 and (draws[0].sentence == -1).all()


def test_pairs_show_one_stretch_from_two_places():
    batch = PretrainTask(_config(), ENCODER, _takes(("a",)), 25.0).draw(np.random.default_rng(0))
    assert batch.paired and len(batch.motion) == 32
    assert not np.array_equal(batch.place[0::2], batch.place[1::2])


def test_a_configuration_may_ask_for_it(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(
        "[sets]\nsimulated = 1.0\n[pretrain]\ntemperature = 0.2\n[pretrain.loop]\nsteps = 7\n"
        "[pretrain.augment]\nhidden = 0.3\n"
    )
    found = RunConfig.load(path).pretrain
    assert found is not None and (found.temperature, found.loop.steps, found.augment.hidden) == (0.2, 7, 0.3)
    path.write_text("[sets]\nsimulated = 1.0\n")
    assert RunConfig.load(path).pretrain is None
    assert found.fingerprint(ENCODER, 3) != replace(found, temperature=0.1).fingerprint(ENCODER, 3)


def test_first_weights_depend_on_the_seed_alone():
    """Not on what else drew from torch before, so a training is the same in any process."""
    first = []
    for before, seed in ((1, 0), (2, 0), (1, 5)):
        torch.manual_seed(before)
        config = replace(_config(), loop=replace(_config().loop, seed=seed))
        first.append(PretrainTask(config, ENCODER, _takes(("a",)), 25.0).module.state_dict())
    assert all(torch.equal(first[0][name], first[1][name]) for name in first[0])
    assert not all(torch.equal(first[0][name], first[2][name]) for name in first[0])
