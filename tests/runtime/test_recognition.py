"""What answers go by: words, motion imagined on the same sensors, or both; mounts found or told; and that it is all said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from scipy.special import logsumexp

from anywear import Placement, Recording
from anywear.errors import UsageError
from anywear.placement import Mount
from anywear.runtime import Model, recognition
from anywear.runtime import imagine as imagining
from anywear.runtime.background import held_against
from anywear.runtime.imagine import ImagineConfig, Setup
from anywear.runtime.labels import LabelSet
from anywear.runtime.programs import ProgramMatch, ProgramMix
from anywear.runtime.recognition import BY, Basis, Imagined, Question, Recognizer, told_mounts
from anywear.runtime.together import Together
from anywear.signal import build_stream
from anywear.signal.mount import FoundMount, MountEstimate, Stretch, calibrate_recordings
from model_doubles import recorded, write_small_model

LABELS = ("walking", "standing", "lying on back", "thinking")
DONE = ("walking", "standing", "lying on back")
BASES = [Basis(by, hubs) for by in BY for hubs in (False, True)]
FEW = ImagineConfig(clips=1, seconds=6.0)


@pytest.fixture(scope="module")
def model(small_model_dir) -> Model:
    return Model(small_model_dir)


@pytest.fixture(scope="module")
def recognizers(model) -> dict[Basis, Recognizer]:
    """One for each basis, with one imagination of few motions."""
    found = {basis: Recognizer(model, basis, FEW) for basis in BASES}
    for other in found.values():
        other.imagination = found[Basis()].imagination
    return found


@pytest.fixture(scope="module")
def walk() -> Recording:
    return recorded("walking_forward", 5)


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """Every motion that is really made."""
    calls: list[str] = []
    move = imagining.move

    def counted(program, *rest):
        calls.append(program)
        return move(program, *rest)

    monkeypatch.setattr(imagining, "move", counted)
    return calls


def _asked(model, recording, **options):
    found, _ = model.windows_of(recording, **options)
    return found, [stream.placement for stream in recording.streams]


def _untold(recording: Recording) -> Recording:
    return told_mounts(recording, "unknown")[0]


# --- a question


def _question(basis, texts, background, imagined=()) -> Question:
    labels = LabelSet.of([f"label {number}" for number in range(len(texts))])
    return Question(labels, texts, basis, background, np.eye(texts.shape[1], dtype=np.float32), imagined)


def _sure(sure: float, used: tuple[str, ...], means) -> tuple:
    mix = ProgramMix(
        tuple(ProgramMatch(name, name, 0.9) for name in used), (1.0 / max(1, len(used)),) * len(used), sure
    )
    return (
        Imagined("label", mix, mix.matches, (1,) * len(used)),
        np.full(len(used), 1.0 / max(1, len(used))),
        np.array(means),
    )


def test_a_text_that_is_near_everything_no_longer_takes_everything():
    rng = np.random.default_rng(0)
    texts, usual = np.eye(3), np.array([0.5, 0.0, 0.0])  # so scores are coordinates, and the first label is a hub
    background = usual + 0.1 * rng.normal(size=(400, 3))
    windows = usual + 0.1 * rng.normal(size=(100, 3))
    windows[np.arange(100), np.repeat([1, 2], 50)] += 0.4
    kept = _question(Basis("text", False), texts, background).scores(windows)
    off = _question(Basis("text", True), texts, background).scores(windows)
    assert (kept.argmax(axis=1) == 0).mean() > 0.6
    assert (off.argmax(axis=1) == np.repeat([1, 2], 50)).mean() > 0.75


def test_both_is_the_mean_of_both_as_far_as_a_program_is_sure():
    rng = np.random.default_rng(0)
    texts, background, windows = rng.normal(size=(3, 6)), rng.normal(size=(80, 6)), rng.normal(size=(20, 6))
    imagined = [
        _sure(1.0, ("a",), rng.normal(size=(1, 6))),
        _sure(0.6, ("b", "c"), rng.normal(size=(2, 6))),
        _sure(0.9, (), []),  # one that could not be made
    ]
    text, simulation, both = (
        _question(Basis(by, True, 0.5), texts, background, imagined if by != "text" else ()).scores(windows)
        for by in BY
    )
    assert np.array_equal(text[:, 2], simulation[:, 2]) and np.array_equal(text[:, 2], both[:, 2])
    assert not np.allclose(text[:, :2], simulation[:, :2])

    # What was imagined is told apart by simulation, but all of it together is as likely as the words say.
    for own in (simulation, both):
        assert np.allclose(logsumexp(own[:, :2], axis=1), logsumexp(text[:, :2], axis=1))
    assert not np.allclose(both[:, 0] - both[:, 1], text[:, 0] - text[:, 1])


def test_where_all_labels_are_imagined_both_is_their_mean():
    rng = np.random.default_rng(0)
    texts, background, windows = rng.normal(size=(2, 6)), rng.normal(size=(80, 6)), rng.normal(size=(20, 6))
    imagined = [_sure(1.0, ("a",), rng.normal(size=(1, 6))), _sure(0.6, ("b", "c"), rng.normal(size=(2, 6)))]
    text, simulation, both = (
        _question(Basis(by, True, 0.5), texts, background, imagined if by != "text" else ()).scores(windows)
        for by in BY
    )
    assert np.allclose(both[:, 0], 0.5 * text[:, 0] + 0.5 * simulation[:, 0])
    assert np.allclose(both[:, 1], 0.7 * text[:, 1] + 0.3 * simulation[:, 1])


def test_a_question_can_be_put_otherwise_without_imagining_again():
    rng = np.random.default_rng(0)
    texts, background, windows = rng.normal(size=(2, 6)), rng.normal(size=(80, 6)), rng.normal(size=(20, 6))
    labels = LabelSet.of(["label", "other"])
    imagined = [_sure(1.0, ("a",), rng.normal(size=(1, 6))), _sure(0.6, ("b", "c"), rng.normal(size=(2, 6)))]
    imagined[1] = (replace(imagined[1][0], label="other"), *imagined[1][1:])

    def asked(basis, made):
        return Question(labels, texts, basis, background, np.eye(6, dtype=np.float32), made)

    question, light = asked(Basis(), imagined), Basis(weight=0.1)
    assert np.array_equal(question.with_basis(light).scores(windows), asked(light, imagined).scores(windows))
    none = question.by_words({"label", "other"})
    assert np.allclose(none.scores(windows), asked(Basis("text"), ()).scores(windows))
    assert [bool(own.used) for own in question.by_words({"other"}).imagined] == [True, False]
    assert np.array_equal(question.by_words(()).scores(windows), question.scores(windows))


def test_simulation_is_a_density_of_the_imagined_windows():
    """Naive form: a mixture of normal densities about the programs' means, all of one spread."""
    rng = np.random.default_rng(1)
    background, windows, means = rng.normal(size=(60, 4)), rng.normal(size=(9, 4)), rng.normal(size=(2, 4))
    spread = np.diag([0.5, 1.0, 2.0, 4.0])
    precision = np.linalg.inv(spread)
    mix = ProgramMix((ProgramMatch("a", "a", 1.0), ProgramMatch("b", "b", 0.9)), (0.8, 0.2), 1.0)
    one = (Imagined("one", mix, mix.matches, (1, 1)), np.array([0.8, 0.2]), means)
    other = (Imagined("other", mix, mix.matches[:1], (1,)), np.array([1.0]), means[:1] - 0.5)
    labels = LabelSet.of(["one", "other"])
    question = Question(labels, rng.normal(size=(2, 4)), Basis("simulation"), background, precision, [one, other])

    def naive(rows):
        def density(mean):
            return np.exp(-0.5 * np.einsum("nd,de,ne->n", rows - mean, precision, rows - mean))

        columns = [sum(share * density(mean) for share, mean in zip(*own, strict=True)) for _, *own in (one, other)]
        return np.log(np.stack(columns, axis=1) / density(np.zeros(4))[:, None])

    usual = naive(background)
    mean = 0.5 * usual.mean(axis=0) + 0.5 * usual.mean()
    assert np.allclose(question.scores(windows), (naive(windows) - mean) / usual.std(axis=0).mean())


def test_no_windows_no_scores():
    question = _question(Basis(), np.eye(3), np.eye(3))
    assert question.scores(np.zeros((0, 3))).shape == (0, 3)


def test_ones_own_windows_may_say_what_is_usual():
    rng = np.random.default_rng(0)
    texts, windows = rng.normal(size=(3, 6)), rng.normal(size=(40, 6)) + 1.0
    question = _question(Basis("text", own=True), texts, rng.normal(size=(80, 6)))
    own = question.scores(windows, windows)
    assert np.allclose(own, held_against(lambda rows: rows @ texts.T, windows, windows))
    few = question.scores(windows[:29], windows[:29])  # too few to say
    assert np.array_equal(few, question.scores(windows[:29]))
    assert not np.allclose(few, own[:29])


@pytest.mark.parametrize(
    ("options", "says"),
    [({"by": "words"}, "simulation"), ({"weight": 1.5}, "weight"), ({"weight": -0.1}, "weight"),
     ({"own": True, "hubs": False}, "hubs")],
)  # fmt: skip
def test_a_basis_that_cannot_be(options, says):
    with pytest.raises(UsageError, match=says):
        Basis(**options)


# --- a recognizer


def test_by_text_with_hubs_kept_answers_are_plain_cosines(model, recognizers, walk):
    asked = _asked(model, walk)
    plain = recognizers[Basis("text", False)]
    assert np.array_equal(plain.scores(*asked, LABELS), model.similarities(*asked, LABELS))
    assert np.allclose(plain.score_windows(*asked, LABELS), model.score_windows(*asked, LABELS))
    assert plain.question(LABELS, Setup.of(asked[0][0], asked[1])).imagined == ()


@pytest.mark.parametrize("basis", BASES, ids=lambda basis: basis.name)
def test_probabilities_add_up_to_one(model, recognizers, walk, basis):
    found, placements = _asked(model, walk)
    shares = recognizers[basis].score_windows(found, placements, LABELS)
    assert shares.shape == (len(found), 4) and np.allclose(shares.sum(axis=1), 1.0) and (shares >= 0.0).all()
    assert len(recognizers[basis].score_windows([], placements, LABELS)) == 0


@pytest.mark.parametrize("by", ["simulation", "both"])
def test_what_was_imagined_is_recognised(recognizers, by):
    for program, label in (
        ("walking_forward", "walking"),
        ("standing", "standing"),
        ("lying_on_back", "lying on back"),
    ):
        timeline = recognizers[Basis(by)].recognize(
            recorded(program, 5), DONE, threshold=-9.0, hop_s=2.0, mount="documented"
        )
        assert set(timeline.window_labels) == {label}


def test_a_label_that_nobody_can_do_is_judged_by_its_words_and_that_is_said(model, recognizers, walk):
    found, placements = _asked(model, walk)
    text, simulation, both = (recognizers[Basis(by)].scores(found, placements, LABELS) for by in BY)
    assert np.allclose(text[:, 3], simulation[:, 3]) and np.allclose(text[:, 3], both[:, 3])
    assert not np.allclose(text[:, :3], simulation[:, :3])
    timeline = recognizers[Basis()].recognize(walk, LABELS)
    assert any("thinking: judged by the words alone" in note for note in timeline.notes)
    assert timeline.used["imagined"]["thinking"] == []
    question = recognizers[Basis()].question(LABELS, Setup.of(found[0], placements))
    assert [bool(own.used) for own in question.imagined] == [True, True, True, False]
    assert "by its words alone" in str(question.imagined[3]) and "imagined as standing" in str(question.imagined[1])


def test_a_question_asked_twice_costs_nothing(model, walk, made, monkeypatch):
    recognizer = Recognizer(model, Basis(), FEW)
    found, placements = _asked(model, walk, window_s=4.0)
    setup = Setup.of(found[0], placements)
    first = recognizer.question(list(DONE), setup)
    assert sorted(made) == ["lying_on_back", "standing", "walking_forward"]
    monkeypatch.setattr(recognition, "mix_programs", lambda *_: pytest.fail("asked again"))
    assert recognizer.question(LabelSet.of(DONE), setup) is first and len(made) == 3
    # A question of other labels makes what is new alone, and a basis that shares the imagination nothing.
    monkeypatch.undo()
    made.clear()
    other = Recognizer(model, Basis("simulation"), FEW)
    other.imagination = recognizer.imagination
    other.question(DONE, setup)
    assert made == []


def test_recognizers_of_a_model_are_kept_and_share_what_was_imagined(model):
    assert model.recognizer() is model.recognizer("both", True) and model.recognizer().basis == Basis()
    assert model.recognizer("text").basis.is_plain
    assert model.recognizer("simulation", False) is not model.recognizer()
    assert model.recognizer("simulation", False).imagination is model.recognizer().imagination


def test_questions_are_forgotten_in_turn(model, walk, monkeypatch):
    monkeypatch.setattr(recognition, "QUESTIONS", 2)
    recognizer = Recognizer(model, Basis("text"))
    setup = Setup.of(*(lambda asked: (asked[0][0], asked[1]))(_asked(model, walk)))
    a, b = (recognizer.question(own, setup) for own in (["a", "b"], ["c", "d"]))
    assert recognizer.question(["a", "b"], setup) is a
    recognizer.question(["e", "f"], setup)
    assert recognizer.question(["a", "b"], setup) is a and recognizer.question(["c", "d"], setup) is not b


def test_very_many_labels_are_judged_by_their_words(model, recognizers, walk, made, monkeypatch):
    monkeypatch.setattr(recognition, "MOST_IMAGINED", 2)
    recognizer = Recognizer(model, Basis(), FEW)
    timeline = recognizer.recognize(walk, DONE)
    assert made == [] and any("more than 2 labels" in note for note in timeline.notes)
    asked = _asked(model, walk)
    assert np.allclose(recognizer.scores(*asked, DONE), recognizers[Basis("text")].scores(*asked, DONE))


def test_turning_the_sensor_changes_no_question_and_no_answer(model, recognizers, walk, made):
    turn = Rotation.from_rotvec([0.9, -1.7, 0.6])
    [stream] = walk.streams
    mount = Mount(quat_segment_from_sensor=tuple(
        (Rotation.from_quat(stream.placement.mount.quat_segment_from_sensor) * turn.inv()).as_quat()
    ))  # fmt: skip
    turned = Recording((build_stream("waist", stream.time_s, turn.apply(stream.acc_mps2), turn.apply(stream.gyr_radps),
                                     placement=replace(stream.placement, mount=mount)),))  # fmt: skip
    one, other = (_asked(model, own) for own in (walk, turned))
    recognizer = recognizers[Basis()]
    setups = [Setup.of(found[0], placements) for found, placements in (one, other)]
    assert setups[0] == setups[1]
    assert recognizer.question(DONE, setups[0]) is recognizer.question(DONE, setups[1])
    scores = [recognizer.scores(*own, DONE) for own in (one, other)]
    assert np.array_equal(scores[0].argmax(axis=1), scores[1].argmax(axis=1))
    assert np.abs(scores[0] - scores[1]).max() < 0.25  # what is left of heading is arbitrary


def test_windows_of_several_setups_are_each_asked_their_own_question(model, recognizers):
    both = recorded("walking_forward", 6, ("waist", "left_wrist"))
    found, placements = _asked(model, both)
    alone = [
        replace(own, streams=own.streams[:1], acc_mps2=own.acc_mps2[:1], gyr_radps=(None,), rates_hz=own.rates_hz[:1])
        for own in found
    ]
    mixed = [own for pair in zip(found, alone, strict=True) for own in pair]
    recognizer = recognizers[Basis()]
    scores = recognizer.scores(mixed, placements, DONE)
    assert np.allclose(scores[::2], recognizer.scores(found, placements, DONE), atol=1e-4)
    assert np.allclose(scores[1::2], recognizer.scores(alone, placements, DONE), atol=1e-4)


# --- models that can do less


def test_an_older_model_answers_by_plain_text(tmp_path, walk):
    older = Model(write_small_model(tmp_path / "older", with_background=False))
    assert older.background is None and older.recognizer().basis.is_plain
    timeline = older.recognize(walk, LABELS, threshold=-1.0, mount="documented")
    cosines = older.similarities(*_asked(older, walk), LABELS)
    assert np.allclose(timeline.window_fit, cosines.max(axis=1)) and timeline.used["by"] == "text"
    refused: list[dict[str, Any]] = [
        {"by": "simulation"}, {"by": "both", "hubs": False}, {"hubs": True}, {"own": True, "hubs": True},
    ]  # fmt: skip
    for options in refused:
        with pytest.raises(UsageError, match="no background"):
            older.recognize(walk, LABELS, **options)


def test_a_way_that_was_not_calibrated_is_an_error(small_model_dir, walk):
    model = Model(small_model_dir)
    model.config = replace(model.config, scoring={})
    with pytest.raises(UsageError, match="not calibrated"):
        model.recognize(walk, LABELS)
    assert model.recognize(walk, LABELS, by="text", hubs=False).used["by"] == "text"


@pytest.mark.parametrize(("threshold", "known"), [(-9.0, True), (99.0, False)])
def test_the_threshold_is_in_the_unit_of_the_answer(recognizers, walk, threshold, known):
    timeline = recognizers[Basis()].recognize(walk, DONE, threshold=threshold)
    assert all(segment.is_known == known for segment in timeline.segments) and timeline.threshold == threshold
    with pytest.raises(UsageError, match="threshold"):
        recognizers[Basis()].recognize(walk, DONE, threshold=float("nan"))
    with pytest.raises(UsageError, match="threshold"):
        recognizers[Basis("text", False)].recognize(walk, DONE, threshold=99.0)


# --- mounts


def test_mounts_are_told_as_wished(walk):
    [stream] = walk.streams
    assert stream.placement.mount.knowledge == "full"
    bare, used = told_mounts(walk, "unknown")
    assert bare.streams[0].placement.mount.knowledge == "nothing" and used["waist"]["known"] == "nothing"
    kept, used = told_mounts(walk, "documented")
    assert kept.streams[0].placement == stream.placement and used["waist"]["source"] == stream.placement.mount.source
    # What the recording says of its mount stands; only what it does not say is looked for.
    assert told_mounts(walk, "auto")[0].streams[0].placement == stream.placement
    found, used = told_mounts(_untold(walk), "auto")
    assert found.streams[0].placement.mount.knowledge == "full"
    assert used["waist"]["source"] == "found by itself" and "of walking" in str(used["waist"]["reason"])
    assert 0.0 < float(str(used["waist"]["up_error_deg"])) < 30.0


def test_without_walking_the_mount_stays_unknown_and_that_is_said():
    _, used = told_mounts(_untold(recorded("standing", 5)), "auto")
    assert used["waist"]["known"] == "nothing" and used["waist"]["reason"] == "no walking was found"


def test_estimates_are_told_by_name(walk):
    bare = _untold(walk)
    estimates = calibrate_recordings(bare)
    told, used = told_mounts(bare, {**estimates, "another": estimates["waist"]})
    assert told.streams[0].placement.mount == estimates["waist"].mount
    assert used["waist"]["reason"] == estimates["waist"].main.reason
    with pytest.raises(UsageError, match="other streams") as caught:
        told_mounts(bare, {"watch": estimates["waist"]})
    assert caught.value.expected == "waist" and caught.value.got == "watch"
    with pytest.raises(UsageError, match="way to know the mount"):
        told_mounts(bare, "guess")


def test_a_sensor_put_on_anew_is_told_by_its_pieces(walk):
    """Each of the streams it becomes says on what its own mount rests."""
    stream = _untold(walk).streams[0]
    middle_s = 0.5 * float(stream.time_s[0] + stream.time_s[-1])
    pieces = tuple(
        FoundMount(Mount(up_axis=up, source="test"), (Stretch(0, start_s, stop_s),), 5.0, 9.0, None, None, reason)
        for up, start_s, stop_s, reason in (
            ((1.0, 0.0, 0.0), float(stream.time_s[0]), middle_s, "first"),
            ((0.0, 1.0, 0.0), middle_s, float(stream.time_s[-1]), "second"),
        )
    )
    estimate = MountEstimate(stream.placement, pieces, ())
    told, used = told_mounts(Recording((stream,)), {stream.name: estimate})
    assert [own.name for own in told.streams] == [stream.name, f"{stream.name} (2)"] == list(used)
    assert [own["reason"] for own in used.values()] == ["first", "second"]
    assert [own.placement.mount for own in told.streams] == [piece.mount for piece in pieces]


@pytest.mark.parametrize("mount", ["unknown", "auto", "mapping"])
def test_an_answer_says_what_it_went_by(recognizers, walk, mount):
    bare = _untold(walk)
    how = calibrate_recordings(bare) if mount == "mapping" else mount
    timeline = recognizers[Basis()].recognize(bare, LABELS, hop_s=2.0, mount=how)
    told = json.loads(json.dumps(timeline.to_dict()))["used"]
    assert (told["by"], told["hubs"], told["own"]) == ("both", True, False)
    assert told["mounts"]["waist"]["known"] == ("nothing" if mount == "unknown" else "full")
    assert told["imagined"] == {
        "walking": ["walking_forward"], "standing": ["standing"], "lying on back": ["lying_on_back"], "thinking": [],
    }  # fmt: skip


def test_a_place_nobody_knows_is_no_obstacle(recognizers, walk):
    [stream] = walk.streams
    nowhere = Recording((replace(stream, placement=Placement.unknown()),))
    timeline = recognizers[Basis()].recognize(nowhere, DONE, threshold=-9.0, hop_s=2.0, mount="unknown")
    assert set(timeline.window_labels) == {"walking"}
    assert any("placement unknown" in note for note in timeline.notes)


# --- what the language model says


def test_words_go_by_both_and_motion_by_the_encoder_alone():
    """The shipped model: what a question makes of (N, 2 D) vectors is what is worked out of either half."""
    model, recording = Model(), recorded("walking_forward", 5)
    recognizer = Recognizer(model, Basis(language=True), FEW)
    found, _ = model.windows_of(recording, 5.0, 2.5)
    placements = [stream.placement for stream in recording.streams]
    vectors = recognizer.encode_windows(found, placements)
    alone, both = Together(model).encode_each(found, placements)
    assert np.array_equal(vectors, np.concatenate([alone, both], axis=1))
    setup = Setup.of(found[0], placements)
    question = recognizer.question(DONE, setup)
    texts = model.encode_labels(DONE)
    assert model.background is not None
    near = model.background.near(setup.placements)
    assert near.shape[1] == vectors.shape[1] == 2 * texts.shape[1]

    def words(**how) -> Question:
        return Question(LabelSet.of(DONE), texts, Basis("text", **how), near)

    by_words = words(language=True).scores(vectors)
    assert np.allclose(by_words, held_against(lambda rows: rows @ texts.T, both, near[:, 384:]), atol=1e-5)
    without = words().scores(vectors)
    assert np.allclose(without, held_against(lambda rows: rows @ texts.T, alone, near[:, :384]), atol=1e-5)
    seen = {told: question.with_basis(Basis("simulation", language=told)).scores(vectors) for told in (True, False)}
    assert np.array_equal(seen[True], seen[False])
    weights = np.array([own.mix.sure for own in question.imagined]) * question.basis.weight
    mixed = by_words + weights * (seen[True] - by_words)
    assert np.allclose(question.scores(vectors), mixed, atol=1e-5)
    plain = words(hubs=False, language=True).scores(vectors)
    assert np.allclose(plain, both @ texts.T, atol=1e-6)


def test_it_can_be_left_out():
    model, recording = Model(), recorded("walking_forward", 5)
    told = model.recognize(recording, DONE, by="text")
    without = model.recognize(recording, DONE, by="text", language=False)
    assert told.used["language"] and not without.used["language"]
    assert not np.allclose(told.window_scores, without.window_scores)
