"""The encoder: absent streams change nothing, order means nothing, any length works."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.errors import UsageError
from anywear.nn.encoder import EncoderConfig, MotionEncoder, _distances
from anywear.signal import CHANNELS, WORN_FEATURES


@pytest.fixture(scope="module")
def encoder() -> MotionEncoder:
    torch.manual_seed(0)
    return MotionEncoder(EncoderConfig(width=32, depth=1, heads=2, out=16)).eval()


def _inputs(batch: int, streams: int, time: int):
    generator = torch.Generator().manual_seed(batch + 10 * streams)
    ones = torch.ones(batch, streams)
    motion = torch.randn(batch, streams, time, CHANNELS, generator=generator)
    return motion, ones, ones.clone(), torch.randn(batch, streams, WORN_FEATURES, generator=generator)


@pytest.mark.parametrize("time", [10, 37, 125, 500])
def test_any_length_gives_unit_vectors(encoder, time):
    out = encoder(*_inputs(2, 3, time))
    assert out.shape == (2, 16)
    assert torch.allclose(out.norm(dim=1), torch.ones(2), atol=1e-5)


def test_an_absent_stream_changes_nothing(encoder):
    motion, present, has_gyr, place = _inputs(2, 3, 60)
    present[:, 2] = 0
    with_absent = encoder(motion, present, has_gyr, place)
    without = encoder(motion[:, :2], present[:, :2], has_gyr[:, :2], place[:, :2])
    assert torch.allclose(with_absent, without, atol=1e-5)
    motion[:, 2] = 1e3
    assert torch.allclose(encoder(motion, present, has_gyr, place), without, atol=1e-5)


def test_streams_have_no_order(encoder):
    motion, present, has_gyr, place = _inputs(2, 3, 60)
    turned = [x[:, [2, 0, 1]] for x in (motion, present, has_gyr, place)]
    assert torch.allclose(encoder(motion, present, has_gyr, place), encoder(*turned), atol=1e-5)


def test_place_gyroscope_and_time_matter(encoder):
    motion, present, has_gyr, place = _inputs(2, 1, 60)
    base = encoder(motion, present, has_gyr, place)
    assert not torch.allclose(base, encoder(motion, present, has_gyr, place + 1.0), atol=1e-3)
    assert not torch.allclose(base, encoder(motion, present, 0 * has_gyr, place), atol=1e-3)
    assert not torch.allclose(base, encoder(motion.flip(2), present, has_gyr, place), atol=1e-3)


def test_a_batch_is_its_rows(encoder):
    inputs = _inputs(4, 2, 50)
    rows = torch.cat([encoder(*(x[i : i + 1] for x in inputs)) for i in range(4)])
    assert torch.allclose(encoder(*inputs), rows, atol=1e-5)


def test_a_latent_for_every_patch_and_hidden_ones_are_not_seen(encoder):
    motion, present, has_gyr, place = _inputs(2, 3, 64)
    vectors, latents = encoder.encode(motion, present, has_gyr, place)
    assert latents.shape == (2, 6, 32)
    assert torch.allclose(vectors, encoder(motion, present, has_gyr, place), atol=1e-6)
    hidden = torch.zeros(2, 3, 6)
    hidden[:, :, 2] = 1.0
    kept = encoder.encode(motion, present, has_gyr, place, hidden)[0]
    assert not torch.allclose(kept, vectors, atol=1e-4)
    motion[:, :, 22:28] += 5.0  # inside the hidden patch, out of the stem's reach of its neighbours
    assert torch.allclose(encoder.encode(motion, present, has_gyr, place, hidden)[0], kept, atol=1e-5)


def test_nearer_places_hear_each_other_better(encoder):
    place = torch.zeros(1, 2, WORN_FEATURES)
    place[..., 6] = 1.0
    near, far = place.clone(), place.clone()
    near[0, 1, 0], far[0, 1, 0] = 0.1, 2.0
    biases = [encoder.nearness[0](*_distances(p))[0, :, 0, 1] for p in (near, far)]
    assert (biases[0] > biases[1]).all()
    untold = torch.zeros(1, 2, WORN_FEATURES)
    assert (encoder.nearness[0](*_distances(untold)) == 0).all()  # as it is before training


@pytest.mark.parametrize("wrong", [{"width": 30}, {"depth": 0}, {"heads": 3}])
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(UsageError):
        EncoderConfig(**wrong)
