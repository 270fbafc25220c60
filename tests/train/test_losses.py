"""Losses: against sums written out, and what is left out counts for nothing."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.train.losses import multi_positive, sentence_loss, sequence_loss


def _unit(*shape: int, seed: int = 0):
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return x / x.norm(dim=-1, keepdim=True)


def test_cross_entropy_over_the_answers_allowed():
    logits = torch.tensor([[1.0, 2.0, 5.0], [0.0, 1.0, 3.0]])
    positive = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    allowed = torch.tensor([[True, True, False], [True, True, True]])
    first = -(1.0 - math.log(math.exp(1) + math.exp(2)))
    norm = math.log(1 + math.exp(1) + math.exp(3))
    second = -(0.5 * (0.0 - norm) + 0.5 * (1.0 - norm))
    assert multi_positive(logits, positive, allowed).item() == pytest.approx((first + second) / 2, rel=1e-6)
    moved = logits.clone()
    moved[0, 2] = 40.0
    assert multi_positive(moved, positive, allowed) == multi_positive(logits, positive, allowed)


def test_sentences_by_the_sum_written_out():
    motion, texts, contrary = 3 * _unit(3, 8), _unit(3, 8, seed=1), _unit(3, 2, 8, seed=2)
    differs = torch.tensor([[True, False], [False, False], [True, True]])
    same = torch.eye(3, dtype=torch.bool)
    wrong = torch.tensor([[False, True, True], [True, False, False], [True, False, False]])
    forward, backward = [], []
    for i in range(3):
        heard = [j for j in range(3) if same[i, j] or wrong[i, j]]
        answers = [math.exp(motion[i] @ texts[j]) for j in heard]
        answers += [math.exp(motion[i] @ contrary[i, k]) for k in range(2) if differs[i, k]]
        forward.append(-math.log(math.exp(motion[i] @ texts[i]) / sum(answers)))
        backward.append(-math.log(math.exp(motion[i] @ texts[i]) / sum(math.exp(motion[j] @ texts[i]) for j in heard)))
    expected = 0.5 * (sum(forward) / 3 + sum(backward) / 3)
    assert sentence_loss(motion, texts, contrary, differs, same, wrong).item() == pytest.approx(expected, rel=1e-5)


def test_the_same_sentence_is_right_wherever_it_is_said():
    texts = _unit(2, 8)[[0, 0]]
    same, wrong = torch.ones(2, 2, dtype=torch.bool), torch.zeros(2, 2, dtype=torch.bool)
    none = torch.zeros(2, 0, dtype=torch.bool)
    motion = _unit(2, 8, seed=1)[[0, 0]]
    loss = sentence_loss(motion, texts, texts[:, None][:, :0], none, same, wrong)
    assert loss.item() == pytest.approx(math.log(2), rel=1e-5)  # two equal answers, both right


def test_latents_that_foretell_are_found_at_every_instant():
    seen = _unit(5, 7, 16)
    others = ~torch.eye(5, dtype=torch.bool)
    assert sequence_loss(seen, seen, others).item() < 0.2
    shuffled = seen[torch.tensor([1, 2, 3, 4, 0])]
    assert sequence_loss(shuffled, seen, others).item() > 5.0
    assert sequence_loss(shuffled, seen, torch.zeros(5, 5, dtype=torch.bool)).item() == pytest.approx(0.0, abs=1e-6)


def test_nothing_flows_into_what_was_seen():
    foretold, seen = _unit(3, 4, 8).requires_grad_(), _unit(3, 4, 8, seed=1).requires_grad_()
    sequence_loss(foretold, seen, ~torch.eye(3, dtype=torch.bool)).backward()
    assert foretold.grad is not None and foretold.grad.abs().sum() > 0
    assert seen.grad is None
