"""Batches: balanced, seeded, and physically right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anywear.placement import Placement
from anywear.signal import CHANNELS, Resampler
from anywear.train.concepts import build_table
from anywear.train.corpus import Take, takes_of
from anywear.train.sampler import AugmentConfig, Sampler, _cut, _mean_yaw, _mirror, _slowed, _turn_heading

PLAIN = AugmentConfig(
    window_s=(2.0,), stream_counts=(2,), mirror=0.0, speed=1.0, no_gyr=0.0, no_gyr_window=0.0, no_place=0.0, place_jitter=0.0,
    slow=0.0, acc_noise_mps2=0.0, gyr_noise_radps=0.0, gain=0.0, gyr_bias_radps=0.0,
)  # fmt: skip


def _take(label: str = "walking", streams: int = 2, yaw: float = 0.0, gyr: bool = True) -> Take:
    time = np.arange(250) / 25.0
    values = np.zeros((streams, 250, 6), dtype=np.float32)
    values[..., 2] = 9.81 + np.sin(2 * np.pi * 2 * time)
    values[..., 5] = yaw
    values[..., 3] = 0.3 * np.sin(2 * np.pi * time)
    if not gyr:
        values[..., 3:] = 0
    places = (Placement.at("left_wrist"), Placement.at("right_front_pocket"))[:streams]
    return Take("sp-sw-har", "s01", places, values, np.full(streams, gyr), ((0, 250, label),))


def _sampler(takes, config=PLAIN) -> Sampler:
    labels = {"sp-sw-har": {label for take in takes for _, _, label in take.spans}}
    return Sampler(takes, build_table(labels), 25.0, config)


def test_same_seed_same_batch():
    sampler = _sampler([_take(), _take("seated")], AugmentConfig())
    first, second = (sampler.batch(16, np.random.default_rng(5)) for _ in range(2))
    for name in ("motion", "present", "has_gyr", "place", "concept"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    other = sampler.batch(16, np.random.default_rng(6))
    assert other.motion.shape != first.motion.shape or not np.array_equal(other.motion, first.motion)


def test_shapes_and_finite():
    batch = _sampler([_take(), _take("seated", streams=1)], AugmentConfig()).batch(64, np.random.default_rng(0))
    assert batch.motion.shape[0] == 64 and batch.motion.shape[3] == CHANNELS
    assert np.isfinite(batch.motion).all()
    assert (batch.present.sum(axis=1) >= 1).all()
    assert (batch.motion[batch.present == 0] == 0).all()


@pytest.mark.parametrize(("act", "inside"), [((100, 120), True), ((40, 160), False)])
def test_windows_are_cut_about_acts(act, inside):
    """Of 50 samples: a shorter act lies in every window, a longer one holds every window."""
    marked = _take()
    marked.values[..., 0] = 0.0
    marked.values[:, act[0] : act[1], 0] = 1.0
    rng = np.random.default_rng(0)
    told = replace(marked, acts=(act,))
    shares = [np.mean(_cut(told, told.spans[0], 50, 1.0, rng)[..., 0] > 0.5) * 50 for _ in range(40)]
    assert np.allclose(shares, act[1] - act[0] if inside else 50)
    free = [np.mean(_cut(marked, marked.spans[0], 50, 1.0, rng)[..., 0] > 0.5) * 50 for _ in range(40)]
    assert min(free) == 0.0


def test_labels_are_drawn_evenly():
    takes = [_take("walking")] * 9 + [_take("seated")]
    sampler = _sampler(takes)
    concepts = sampler.batch(400, np.random.default_rng(0)).concept
    seated = (concepts == sampler.table.index("sitting")).mean()
    assert 0.4 < seated < 0.6


def test_a_turn_to_the_left_is_one_and_its_mirror_image_is_not():
    sampler = _sampler([_take(yaw=1.0)])
    assert set(sampler.batch(8, np.random.default_rng(0)).concept) == {sampler.table.index("walking_turn_left")}
    mirrored = _sampler([_take(yaw=1.0)], AugmentConfig(**{**PLAIN.__dict__, "mirror": 1.0}))
    assert set(mirrored.batch(8, np.random.default_rng(0)).concept) == {mirrored.table.index("walking_turn_right")}


def test_without_a_gyroscope_no_turn_is_claimed():
    sampler = _sampler([_take(gyr=False)])
    assert set(sampler.batch(8, np.random.default_rng(0)).concept) == {sampler.table.index("walking")}


def test_mirror_keeps_the_physics():
    """Gravity still turns as the gyroscope says: d(acc)/dt = -gyr x acc holds in the mirror."""
    rng = np.random.default_rng(0)
    acc, gyr = rng.normal(size=3), rng.normal(size=3)
    rate = -np.cross(gyr, acc)
    both = _mirror(np.concatenate([acc, gyr]))
    assert np.allclose(-np.cross(both[3:], both[:3]), _mirror(np.concatenate([rate, gyr]))[:3])
    assert np.allclose(_mirror(_mirror(np.arange(6.0))), np.arange(6.0))


def test_heading_turns_keep_gravity_yaw_and_norms():
    rng = np.random.default_rng(1)
    values = rng.normal([0, 0, 9.8, 0, 0, 0], 1.0, (3, 2, 50, 6))
    turned = values.copy()
    _turn_heading(turned, rng)
    assert np.allclose(turned[..., :3].mean(axis=2), values[..., :3].mean(axis=2))
    assert np.allclose(_mean_yaw(turned), _mean_yaw(values))
    for columns in (slice(0, 3), slice(3, 6)):
        assert np.allclose(np.linalg.norm(turned[..., columns], axis=-1), np.linalg.norm(values[..., columns], axis=-1))
    assert not np.allclose(turned, values)


def test_labels_left_out_are_never_drawn():
    takes = [_take("walking"), _take("seated")]
    table = build_table({"sp-sw-har": {"walking", "seated"}})
    sampler = Sampler(takes, table, 25.0, PLAIN, excluded=[("sp-sw-har", "seated")])
    assert table.index("sitting") not in sampler.batch(64, np.random.default_rng(0)).concept


def test_takes_are_what_all_streams_cover():
    from anywear.recording import Recording, Span
    from anywear.signal import build_stream

    time = np.arange(1000) / 50.0
    acc = np.tile([0.0, 0.0, 9.81], (1000, 1))
    gap = (time < 8) | (time > 10)
    recording = Recording(
        (build_stream("a", time, acc), build_stream("b", time[gap], acc[gap])), labels=(Span(0, 20, "walking"),)
    )
    takes = takes_of(recording, "sp-sw-har", 25.0)
    assert [take.values.shape[1] for take in takes] == pytest.approx([200, 250], abs=2)
    assert all(take.spans[0][2] == "walking" and not take.has_gyr.any() for take in takes)


def test_pairs_share_stretch_words_and_tempo_but_not_streams():
    takes = [_take(), _take("seated")]
    config = AugmentConfig(**{**PLAIN.__dict__, "paired": 1.0, "stream_counts": (1,)})
    batch = _sampler(takes, config).batch(40, np.random.default_rng(0))
    assert batch.paired
    for name in ("concept", "dataset", "sentence"):
        assert np.array_equal(getattr(batch, name)[0::2], getattr(batch, name)[1::2])
    places = batch.place[:, 0, :3]
    assert (np.abs(places[0::2] - places[1::2]).max(axis=1) > 0.1).all()  # one at the wrist, one in the pocket
    # The streams of a take are equal here, and nothing disturbs them: only the heading, drawn for each, differs.
    assert np.allclose(batch.motion[0::2, ..., 6:], batch.motion[1::2, ..., 6:], atol=1e-5)


def test_one_stream_is_paired_with_itself():
    config = AugmentConfig(**{**PLAIN.__dict__, "paired": 1.0})
    batch = _sampler([_take(streams=1)], config).batch(6, np.random.default_rng(0))
    assert (batch.present.sum(axis=1) == 1).all() and np.array_equal(batch.place[0::2], batch.place[1::2])


def test_what_is_said_turns_round_in_a_mirror():
    take = replace(_take(), sentences=("a person raises the left arm",))
    plain = _sampler([take])
    mirrored = _sampler([take], AugmentConfig(**{**PLAIN.__dict__, "mirror": 1.0}))
    said = [own.sentences[own.batch(4, np.random.default_rng(0)).sentence[0]] for own in (plain, mirrored)]
    assert said == ["a person raises the left arm", "a person raises the right arm"]
    assert (_sampler([_take()]).batch(4, np.random.default_rng(0)).sentence == -1).all()


def test_windows_lose_every_gyroscope_or_some_streams_lose_theirs():
    few = AugmentConfig(**{**PLAIN.__dict__, "no_gyr_window": 0.5})
    by_window = _sampler([_take()], few).batch(400, np.random.default_rng(0))
    assert np.array_equal(by_window.has_gyr[:, 0], by_window.has_gyr[:, 1])
    assert 0.4 < by_window.has_gyr[:, 0].mean() < 0.6
    assert not by_window.motion[by_window.has_gyr == 0.0][..., 3:6].any()
    each = AugmentConfig(**{**PLAIN.__dict__, "no_gyr": 0.5})
    by_stream = _sampler([_take()], each).batch(400, np.random.default_rng(0)).has_gyr
    assert 0.4 < (by_stream[:, 0] != by_stream[:, 1]).mean() < 0.6


@pytest.mark.parametrize("nucleus", [0.0, 1.0])
def test_one_stretch_is_hidden_the_liveliest_if_so_wished(nucleus):
    take = _take()
    take.values[:, :, :2] = 0.0
    take.values[:, :200, 2] = 9.81  # only the last two seconds move
    take.values[:, :200, 3:] = 0.0
    wished = {"hidden": 1.0, "hidden_share": 0.3, "nucleus": nucleus, "window_s": (10.0,)}
    batch = _sampler([take], AugmentConfig(**{**PLAIN.__dict__, **wished})).batch(40, np.random.default_rng(0))
    assert batch.hidden.shape == (40, 2, 25)
    assert np.array_equal(batch.hidden[:, 0], batch.hidden[:, 1])
    count = batch.hidden[:, 0].sum(axis=1)
    assert (count >= 1).all() and (count <= 8).all()
    assert (np.abs(np.diff(batch.hidden[:, 0], axis=1)).sum(axis=1) <= 2).all()  # in one piece
    lively = (batch.hidden[:, 0, 20:].sum(axis=1) > 0).mean()
    assert lively == 1.0 if nucleus else lively < 0.7


def test_of_a_pair_only_the_first_has_gaps():
    wished = {"paired": 1.0, "hidden": 1.0}
    batch = _sampler([_take()], AugmentConfig(**{**PLAIN.__dict__, **wished})).batch(8, np.random.default_rng(0))
    assert (batch.hidden[0::2].max(axis=(1, 2)) == 1).all() and (batch.hidden[1::2] == 0).all()


def test_a_slower_clock_loses_what_it_cannot_hold_and_keeps_the_rest():
    time = np.arange(125) / 25.0
    for slow_hz, phase in ((12.5, 0.3), (10.0, 0.9), (17.3, 0.0)):
        matrix = _slowed(125, 25.0, slow_hz, phase)
        assert matrix.shape == (125, 125) and np.allclose(matrix.sum(axis=1), 1.0)
        slow_wave, fast_wave = np.sin(2 * np.pi * 1.0 * time), np.sin(2 * np.pi * 11.0 * time)
        inner = slice(12, -12)  # at its ends a window has no neighbours
        assert np.abs(matrix @ slow_wave - slow_wave)[inner].max() < 0.08
        # The fast wave comes back, if at all, as a slower one that was not there.
        assert abs(np.mean((matrix @ fast_wave * fast_wave)[inner])) < 0.1 * np.mean(fast_wave**2)
    # What runtime resampling makes of the same samples is the same.
    at = np.arange(0, 124.01, 2.0)
    [piece] = Resampler(12.5, 25.0).batch(at / 25.0, np.sin(2 * np.pi * time)[at.astype(int), None])
    assert np.allclose(_slowed(125, 25.0, 12.5, 0.0) @ np.sin(2 * np.pi * time), piece.values[:125, 0], atol=1e-9)


def test_the_clock_of_a_slow_stream_is_told():
    config = replace(PLAIN, slow=0.5, slow_hz=(12.5, 12.5))
    batch = _sampler([_take()], config).batch(64, np.random.default_rng(0))
    told = batch.place[..., -1]
    assert set(np.unique(told)) == {-1.0, 0.0} and 0.3 < (told < 0).mean() < 0.7
    assert (_sampler([_take()]).batch(8, np.random.default_rng(0)).place[..., -1] == 0).all()


def test_favoured_labels_get_their_share():
    takes = [_take(label) for label in ("walking", "seated", "turning", "standing up", "sitting down")]
    table = build_table({"sp-sw-har": {take.spans[0][2] for take in takes}})
    favoured = {"sp-sw-har": (frozenset({"seated", "never recorded"}), 0.5)}
    concepts = Sampler(takes, table, 25.0, PLAIN, favoured=favoured).batch(600, np.random.default_rng(0)).concept
    # Half of the draws, and a fifth of the other half.
    assert 0.54 < (concepts == table.index("sitting")).mean() < 0.66
    assert len(set(concepts)) == 5


class _Made:
    """Makes takes that can be told: twice as strong, or too short."""

    dataset, share = "sp-sw-har", 0.5

    def __init__(self, samples: int = 250) -> None:
        self.samples, self.asked = samples, []

    def take(self, label, rng):
        self.asked.append(label)
        take = _take(label, streams=1)
        values = take.values[:, : self.samples] * 2.0
        return replace(take, values=values, spans=((0, self.samples, label),), sentences=("nobody knows this",))


@pytest.mark.parametrize("samples", [250, 30])
def test_takes_made_on_the_spot_stand_in_where_they_are_long_enough(samples):
    made = _Made(samples)
    table = build_table({"sp-sw-har": {"walking", "seated"}})
    takes = [_take(streams=1), _take("seated", streams=1)]
    sampler = Sampler(takes, table, 25.0, replace(PLAIN, stream_counts=(1,)), fresh=made)
    batch = sampler.batch(200, np.random.default_rng(0))
    strong = batch.motion[:, 0, :, 6].mean(axis=1) > np.arcsinh(1.5)  # |acc| - 1 g
    assert 60 < len(made.asked) < 140 and set(made.asked) == {"walking", "seated"}
    assert strong.sum() == (len(made.asked) if samples == 250 else 0)
    assert (batch.sentence == -1).all()
