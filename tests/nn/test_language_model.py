"""The transformer: causal, the same with and without a past, and its 4 bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from anywear.errors import UsageError
from anywear.nn.language import BLOCK, LanguageConfig, LanguageModel, rounded
from anywear.runtime.language.fourbit import packed, unpacked

CONFIG = LanguageConfig(50, 4, (8, 8), 6, width=64, layers=2, heads=2, hidden=96, soft=2)


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    torch.manual_seed(0)
    made = LanguageModel(CONFIG).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim == 2:
                parameter.normal_(std=0.3)
    return made


def _nothing(rows: int) -> torch.Tensor:
    return torch.zeros(CONFIG.layers, 2, rows, CONFIG.heads, 0, CONFIG.width // CONFIG.heads)


@torch.no_grad()
def test_what_comes_later_changes_nothing(model):
    x = torch.randn(2, 7, 64)
    other = x.clone()
    other[:, 5:] = torch.randn(2, 2, 64)
    first, second = model(x)[0], model(other)[0]
    assert torch.allclose(first[:, :5], second[:, :5], atol=1e-5)
    assert not torch.allclose(first[:, 5:], second[:, 5:], atol=1e-2)


@torch.no_grad()
@pytest.mark.parametrize("cuts", [(1, 6), (3, 4), (2, 2, 3), (1,) * 7])
def test_pieces_with_a_past_are_the_whole(model, cuts):
    x = torch.randn(2, 7, 64)
    whole, carried = model(x)
    parts, past, start = [], _nothing(2), 0
    for length in cuts:
        made, past = model(x[:, start : start + length], past)
        parts.append(made)
        start += length
    assert torch.allclose(torch.cat(parts, dim=1), whole, atol=1e-4)
    assert torch.allclose(past, carried, atol=1e-4)


@torch.no_grad()
def test_order_matters(model):
    x = torch.randn(1, 5, 64)
    assert not torch.allclose(model(x)[0][:, -1], model(x[:, [1, 0, 2, 3, 4]])[0][:, -1], atol=1e-3)


def test_rounding_is_that_of_the_runtime():
    weight = torch.randn(10, 3 * BLOCK) * torch.logspace(-3, 1, 10)[:, None]
    weight[4] = 0.0
    assert np.array_equal(rounded(weight).numpy(), unpacked(*packed(weight.numpy())))


def test_rounded_once_is_rounded():
    weight = rounded(torch.randn(7, 2 * BLOCK))
    assert torch.equal(rounded(weight), weight)


def test_rounding_is_near_and_keeps_the_largest():
    weight = torch.randn(64, BLOCK)
    made = rounded(weight)
    step = weight.abs().amax(dim=1, keepdim=True) / 8.0
    assert ((made - weight).abs() <= step * 1.01).all()  # the far end of the other sign is cut
    largest = weight.abs().argmax(dim=1, keepdim=True)
    assert torch.allclose(made.gather(1, largest), weight.gather(1, largest), rtol=1e-3)


def test_gradients_pass_by_the_rounding(model):
    layer = model.layers[0].query
    assert layer.quantised
    layer(torch.ones(1, 64)).sum().backward()
    assert layer.weight.grad is not None and torch.allclose(layer.weight.grad, torch.ones(64, 64))
    layer.weight.grad = None


def test_another_tokenizer_keeps_the_words(model):
    torch.manual_seed(1)
    other = LanguageModel(LanguageConfig(50, 4, (16,), 9, width=64, layers=2, heads=2, hidden=96, soft=2))
    before = other.motion_in.weight.clone()
    other.take_over(model)
    assert torch.equal(other.words.weight, model.words.weight)
    assert torch.equal(other.state_dict()["layers.1.up.weight"], model.state_dict()["layers.1.up.weight"])
    assert torch.equal(other.motion_in.weight, before)


@pytest.mark.parametrize("wrong", [{"width": 60}, {"hidden": 100}, {"heads": 3}, {"layers": 0}])
def test_sizes_that_do_not_fit(wrong):
    with pytest.raises(UsageError, match=r"size"):
        LanguageConfig(50, 4, (8,), 6, **{"width": 64, "hidden": 96, "heads": 2, **wrong})
