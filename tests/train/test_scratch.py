"""Training from scratch: the encoder gets what the runtime gives it, learns what can be learned, and can be repeated."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear import Placement, Recording
from anywear.errors import UsageError
from anywear.nn.encoder import EncoderConfig
from anywear.nn.stgcn import StgcnConfig
from anywear.placement import Mount
from anywear.runtime.model import Model
from anywear.signal import WindowConfig, build_stream, windows
from anywear.train.engine import LoopConfig
from anywear.train.scratch import ScratchModule, Shown, answers, encoder_of, learn, shown

RATE_HZ = 25.0
SMALL = EncoderConfig(width=16, depth=1, heads=2, out=8)
LOOP = LoopConfig(steps=80, batch=16, warmup=4, ema=0.9, learning_rate=3e-3)


def _recording(hz: float, seconds: float, sites=("left_wrist",), gyr: bool = True) -> Recording:
    time_s = np.arange(round(seconds * 50.0)) / 50.0
    streams = []
    for number, site in enumerate(sites):
        acc = np.tile([0.0, 0.0, 9.81], (len(time_s), 1))
        acc[:, number % 2] += 3.0 * np.sin(2 * np.pi * hz * time_s)
        turning = np.cos(2 * np.pi * hz * time_s)[:, None] * [0.5, 0.0, 1.0] if gyr else None
        placement = Placement.at(site, Mount(outward_axis=(0.0, 0.0, 1.0)))
        streams.append(build_stream(f"s{number}", time_s, acc, turning, placement=placement))
    return Recording(tuple(streams))


def _shown(recordings, window_s: float = 2.0) -> Shown:
    config = WindowConfig(RATE_HZ, window_s, window_s)
    found = [(w, [s.placement for s in r.streams]) for r in recordings for w in windows(r, config, tail=True)]
    return shown([w for w, _ in found], [p for _, p in found], RATE_HZ)


@pytest.fixture
def two_kinds():
    """Slow and fast swings: 80 windows of 40 recordings, 2 classes."""
    made = [_recording(hz, 4.0) for hz in (*np.linspace(0.8, 1.6, 20), *np.linspace(4.0, 6.0, 20))]
    return _shown(made), np.repeat([0, 1], 40)


def test_the_encoder_gets_what_the_runtime_gives():
    """One stream and two, with and without a gyroscope: the same input that a model's session gets."""
    model = Model()
    got = []

    class Session:
        def run(self, names, inputs):
            got.append(inputs)
            return session.run(names, inputs)

    encoder = model._encoder
    session, encoder.session = encoder.session, Session()
    encoder.knows_place = lambda placement: True
    for recording in (_recording(1.0, 2.1), _recording(1.0, 2.1, ("left_wrist", "right_ankle"), gyr=False)):
        own = _shown([recording])
        model.embed(recording, window_s=2.0, hop_s=2.0)
        wanted = got.pop()
        assert own.lengths.tolist() == [wanted["motion"].shape[2]] * len(own)
        for name in ("motion", "present", "has_gyr", "place"):
            assert getattr(own, name) == pytest.approx(wanted[name], abs=1e-6), name


def test_what_is_not_there_is_told_as_absent():
    both = _shown([_recording(1.0, 2.0), _recording(1.0, 1.4, ("left_wrist", "right_ankle"))])
    assert both.motion.shape[:2] == (2, 2) and both.present.tolist() == [[1, 0], [1, 1]]
    assert both.lengths[1] < both.lengths[0] == both.motion.shape[2]
    assert not both.motion[1, :, both.lengths[1] :].any() and not both.motion[0, 1].any() and not both.place[0, 1].any()
    assert len(both[np.array([1])]) == 1 and both[1:].present.tolist() == [[1, 1]]


def test_answers_do_not_depend_on_company():
    """Short and long windows, one stream and two: each logit is what the window alone gets."""
    mixed = _shown([_recording(1.0, 2.0), _recording(2.0, 1.4, ("left_wrist", "right_ankle")), _recording(3.0, 1.7)])
    torch.manual_seed(0)
    module = ScratchModule(SMALL, 3).eval()
    with torch.no_grad():
        together = module(mixed)
        alone = torch.cat([module(mixed[n : n + 1]) for n in range(3)])
        order = module(mixed[np.array([2, 0, 1])])
    assert together.shape == (3, 3) and torch.allclose(together, alone, atol=1e-5)
    assert torch.allclose(order, together[[2, 0, 1]], atol=1e-5)
    assert not torch.allclose(together[0], together[1], atol=1e-3)


def test_it_learns_what_can_be_learned(two_kinds):
    seen, truth = two_kinds
    even, odd = np.arange(80) % 4 < 2, np.arange(80) % 4 >= 2  # by recording
    module = learn(SMALL, seen[even], truth[even], 2, LOOP)
    assert (answers(module, seen[odd]) == truth[odd]).mean() > 0.9
    assert answers(module, seen[:0]).shape == (0,)


def test_the_same_seed_gives_the_same_weights(two_kinds):
    seen, truth = two_kinds
    before = torch.random.get_rng_state()
    short = LoopConfig(steps=3, batch=8, warmup=1, seed=4)
    first, again = (learn(SMALL, seen, truth, 2, short).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    other = learn(SMALL, seen, truth, 2, LoopConfig(steps=3, batch=8, warmup=1, seed=5)).state_dict()
    assert not torch.equal(first["classes"], other["classes"])
    assert len(before) == len(torch.random.get_rng_state())


def test_the_encoder_is_that_of_the_card():
    assert encoder_of({"config": {"encoder": SMALL.to_dict()}}) == SMALL
    assert encoder_of(Model().config.card) == EncoderConfig()
    assert isinstance(encoder_of({"config": {"encoder": StgcnConfig(width=16).to_dict()}}), StgcnConfig)
    assert encoder_of({}) == encoder_of({"config": None}) == EncoderConfig()
    with pytest.raises(UsageError) as caught:
        encoder_of({"config": {"encoder": {"width": 16, "wings": 2}}})
    assert "card" in str(caught.value)


def test_nothing_to_learn_from_is_an_error(two_kinds):
    seen, truth = two_kinds
    with pytest.raises(UsageError, match="no window"):
        learn(SMALL, seen[:0], truth[:0], 2, LOOP)
