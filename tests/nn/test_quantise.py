"""Quantisers: ids and vectors, what codebooks follow, what happens to idle entries, and the same without torch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.errors import ArtefactError, UsageError
from anywear.nn.quantise import Codebook, QuantiserConfig, build_quantiser
from anywear.runtime.codes import KINDS, Codes, book_use

SMALL = {"books": 2, "codes": 12, "code_width": 4, "levels": (5, 4, 3)}


def _quantiser(kind: str, **changed):
    """One that has seen a hundred steps."""
    torch.manual_seed(1)
    quantiser = build_quantiser(QuantiserConfig(kind, **{**SMALL, "decay": 0.8, **changed}))
    rng = np.random.default_rng(0)
    for step in range(100):
        quantiser(quantiser.bound(_vectors(quantiser, 200, step)).requires_grad_())
        quantiser.settle(rng=rng)
    return quantiser


def _vectors(quantiser, count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, quantiser.config.width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_sizes_and_bits(kind):
    quantiser = _quantiser(kind)
    vectors = quantiser.bound(_vectors(quantiser, 30, 7)).reshape(5, 6, -1)
    found = quantiser(vectors)
    size = 60 if kind == "scalar" else 12
    assert quantiser.config.sizes == quantiser.codes().sizes == (size, size)
    assert quantiser.config.bits == pytest.approx(2 * np.log2(size))
    assert quantiser.codes().width == quantiser.config.width == vectors.shape[-1]
    assert found.ids.shape == (5, 6, 2) and found.vectors.shape == vectors.shape
    assert torch.equal(found.ids, quantiser.encode(vectors))
    assert torch.allclose(found.vectors, quantiser.decode(found.ids), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_without_torch_it_is_the_same(kind):
    quantiser = _quantiser(kind)
    vectors, codes = quantiser.bound(_vectors(quantiser, 500, 7)), quantiser.codes()
    ids = codes.encode(vectors.numpy())
    assert np.array_equal(ids, quantiser.encode(vectors).numpy())
    assert np.allclose(codes.decode(ids), quantiser.decode(torch.from_numpy(ids)).numpy(), atol=1e-6)
    assert np.array_equal(codes.encode(vectors.numpy().reshape(20, 25, -1)), ids.reshape(20, 25, 2))


@pytest.mark.parametrize("kind", ["product", "scalar"])
def test_ids_come_back(kind):
    codes = _quantiser(kind).codes()
    grid = np.stack(np.meshgrid(*(np.arange(size) for size in codes.sizes)), axis=-1).reshape(-1, 2)
    assert np.array_equal(codes.encode(codes.decode(grid)), grid)
    assert len(np.unique(codes.decode(grid), axis=0)) == len(grid)


def test_every_level_is_reached_and_odd_ones_hold_zero():
    quantiser = build_quantiser(QuantiserConfig("scalar", books=1, levels=(5, 4)))
    wide = torch.linspace(-4, 4, 401).repeat(2, 1).T
    decoded = quantiser.decode(quantiser.encode(quantiser.bound(wide))).numpy().round(6)
    assert np.unique(decoded[:, 0]).tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert np.allclose(np.unique(decoded[:, 1]), [-1.0, -1 / 3, 1 / 3, 1.0])


@pytest.mark.parametrize("kind", KINDS)
def test_the_nearest_is_chosen(kind):
    """Against a search through all entries; residual codebooks are searched one after the other."""
    codes = _quantiser(kind, codes=6).codes()
    vectors = np.random.default_rng(3).uniform(-1, 1, (40, codes.width)).astype(np.float32)
    ids = codes.encode(vectors)
    for row, own in zip(vectors, ids, strict=True):
        left = row.copy()
        for book in range(2):
            every = np.zeros((codes.sizes[book], 2), dtype=np.int64)
            every[:, :book], every[:, book] = own[:book], np.arange(codes.sizes[book])
            if kind == "residual":
                entries = codes.vectors[book]
                far = np.square(left - entries).sum(axis=1)
                left = left - entries[own[book]]
            else:
                part = np.array_split(np.arange(codes.width), 2)[book]
                far = np.square(row[part] - codes.decode(every)[:, part]).sum(axis=1)
            assert far[own[book]] == pytest.approx(far.min(), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_more_books_lose_less(kind):
    errors = []
    for books in (1, 2, 4):
        width = {"product": 24 // books, "residual": 24, "scalar": 3}[kind]
        quantiser = _quantiser(kind, books=books, code_width=width)
        vectors = quantiser.bound(_vectors(quantiser, 2000, 9))
        errors.append(float((vectors - quantiser.decode(quantiser.encode(vectors))).square().mean()))
    # Scalar books cover numbers of their own, so more of them lose as little of each.
    assert errors[0] > errors[1] > errors[2] if kind != "scalar" else max(errors) < 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_go_straight_through(kind):
    quantiser = _quantiser(kind)
    vectors = quantiser.bound(_vectors(quantiser, 9, 2)).detach().requires_grad_()
    found = quantiser(vectors)
    weight = torch.arange(found.vectors.numel(), dtype=torch.float32).view_as(found.vectors)
    (found.vectors * weight).sum().backward(retain_graph=True)
    assert vectors.grad is not None and torch.allclose(vectors.grad, weight)
    vectors.grad = None
    if kind == "scalar":
        assert found.loss == 0.0
        return
    found.loss.backward()
    pull = 0.25 * 2.0 * (vectors - quantiser.decode(found.ids)) / vectors.numel()
    assert torch.allclose(vectors.grad, pull.detach(), atol=1e-7)


def test_entries_follow_the_mean_of_what_they_are_given():
    """Two entries and two heaps: with decay 0.5 the mean use and the mean row halve their distance each step."""
    book = Codebook(QuantiserConfig(codes=2, code_width=1, decay=0.5, dead_below=0.0))
    book.vectors.copy_(torch.tensor([[0.0], [10.0]]))
    book.counts.copy_(torch.tensor([2.0, 2.0]))
    book.sums.copy_(torch.tensor([[0.0], [20.0]]))
    book.started.fill_(1.0)
    rows = torch.tensor([[1.0], [3.0], [2.0], [9.0]])
    for part in rows.split(2):  # two chunks of one step
        book.remember(part, book.nearest(part))
    assert torch.equal(book.vectors.flatten(), torch.tensor([0.0, 10.0]))  # not before the step ends
    book.settle(lambda own: own, np.random.default_rng(0))
    assert torch.allclose(book.counts, torch.tensor([2.5, 1.5]))
    assert torch.allclose(book.vectors.flatten(), torch.tensor([3.0 / 2.5, (10.0 + 4.5) / 1.5]))


def test_chunks_and_processes_make_the_same_step():
    rows = torch.randn(64, 4, generator=torch.Generator().manual_seed(5))
    made = []
    for parts, gather in ((1, lambda own: own), (4, lambda own: own), (2, None)):
        torch.manual_seed(0)
        books = [Codebook(QuantiserConfig(codes=8, code_width=4, decay=0.5)) for _ in range(2 if gather is None else 1)]
        torch.manual_seed(0)
        for book in books:
            book.vectors.copy_(torch.randn(8, 4, generator=torch.Generator().manual_seed(1)))
        for step in range(3):
            now = rows.roll(step, 0)
            for number, part in enumerate(now.chunk(parts)):
                book = books[number % len(books)]
                book.remember(part, book.nearest(part))
            if gather is None:
                _settle_together(books, np.random.default_rng(step).bit_generator.seed_seq.entropy)
            else:
                books[0].settle(gather, np.random.default_rng(step))
        made.append(books[-1].vectors.clone())
    assert torch.allclose(made[0], made[1], atol=1e-6) and torch.allclose(made[0], made[2], atol=1e-6)


def _settle_together(books: list[Codebook], seed: int) -> None:
    """As two processes would: each gathers what both have."""
    waiting = [list(book._waiting) for book in books]
    facts = [[torch.stack([w[0] for w in own]).sum(0, keepdim=True) for own in waiting],
             [torch.stack([w[1] for w in own]).sum(0, keepdim=True) for own in waiting],
             [torch.cat([w[2] for w in own]) for own in waiting]]  # fmt: skip
    for book in books:
        asked = iter(facts)
        book.settle(lambda own, asked=asked: torch.cat(next(asked)), np.random.default_rng(seed))


@pytest.mark.parametrize("kind", ["product", "residual"])
def test_idle_entries_are_moved_to_where_something_is(kind):
    torch.manual_seed(0)
    quantiser = build_quantiser(QuantiserConfig(kind, books=1, codes=16, code_width=2, decay=0.7))
    rng, moved = np.random.default_rng(0), []
    for step in range(60):
        # The first step shows one heap, so that all entries begin there; later ones are elsewhere.
        centre = 0.0 if step == 0 else 20.0
        quantiser((centre + _vectors(quantiser, 300, step)).requires_grad_())
        moved.append(quantiser.settle(rng=rng))
    assert moved[0] == 0 and sum(moved) >= 15
    ids = quantiser.encode(20.0 + _vectors(quantiser, 2000, 99)).numpy()
    [use] = book_use(ids, quantiser.config.sizes)
    assert use.used == 1.0 and use.perplexity > 10.0
    never = build_quantiser(QuantiserConfig(kind, books=1, codes=16, code_width=2, decay=0.7, dead_below=0.0))
    for step in range(60):
        never(((0.0 if step == 0 else 20.0) + _vectors(never, 300, step)).requires_grad_())
        assert never.settle(rng=rng) == 0
    assert book_use(never.encode(20.0 + _vectors(never, 2000, 99)).numpy(), (16,))[0].used < 0.7


def test_asking_changes_nothing():
    quantiser = _quantiser("product")
    before = {name: value.clone() for name, value in quantiser.state_dict().items()}
    with torch.no_grad():
        quantiser(_vectors(quantiser, 50, 1))
    quantiser.eval()(_vectors(quantiser, 50, 2).requires_grad_())
    assert quantiser.settle() == 0
    assert all(torch.equal(before[name], value) for name, value in quantiser.state_dict().items())


def test_fewer_rows_than_entries_at_the_start():
    quantiser = build_quantiser(QuantiserConfig("product", books=1, codes=32, code_width=2))
    quantiser(_vectors(quantiser, 5, 0).requires_grad_())
    quantiser.settle()
    assert len(torch.unique(quantiser.codebooks[0].vectors, dim=0)) == 32  # type: ignore[arg-type, union-attr]


def test_use_of_codebooks():
    ids = np.array([[0, 3], [0, 2], [1, 1], [1, 0]])
    first, second = book_use(ids, (8, 4))
    assert (first.used, first.most) == (0.25, 0.5) and first.perplexity == pytest.approx(2.0)
    assert (second.used, second.most) == (1.0, 0.25) and second.perplexity == pytest.approx(4.0)
    assert book_use(ids[:0], (8, 4))[0].perplexity == 0.0


@pytest.mark.parametrize(
    "wrong", [{"kind": "vector"}, {"books": 0}, {"codes": 1}, {"levels": (8, 1)}, {"levels": ()}, {"decay": 1.0}]
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(UsageError):
        QuantiserConfig(**wrong)


def test_ids_and_vectors_of_others_are_refused():
    codes = _quantiser("product").codes()
    for ids in (np.array([[12, 0]]), np.array([[-1, 0]]), np.array([[0, 0, 0]]), np.array([[0.0, 1.0]])):
        with pytest.raises(UsageError):
            codes.decode(ids) if ids.dtype != float else codes.check(ids)
    with pytest.raises(UsageError, match="not of these codebooks"):
        codes.encode(np.zeros((3, 5), dtype=np.float32))
    with pytest.raises(ArtefactError):
        Codes("product", np.zeros((1, 4, 2)), (), 2)
    with pytest.raises(ArtefactError):
        Codes("scalar", np.zeros((0, 0, 0)), (1,), 2)
