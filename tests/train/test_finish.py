"""What finishes a model: a background of its training windows, and a calibration of every basis."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra")

from anywear import Placement
from anywear.errors import UsageError
from anywear.runtime import Model
from anywear.runtime.background import FILE, Background
from anywear.runtime.imagine import Imagination, ImagineConfig
from anywear.runtime.model import WEIGHTS_DIR
from anywear.runtime.recognition import BY, Basis, Recognizer
from anywear.train import background
from anywear.train.background import finish, fit_background
from anywear.train.concepts import build_table
from anywear.train.corpus import Take
from anywear.train.export import COMPANIONS, hashes
from anywear.train.synthetic import EVERYDAY
from anywear.train.vocabulary import SIMULATED
from model_doubles import OWN_FILES

LABELS = ("sitting", "lying on back", "running on a treadmill", "jumping")
RATE_HZ = 25.0


def _take(label: str, seed: int, seconds: float = 12.0, dataset: str = "dsads") -> Take:
    """Two sensors that shake differently for every label; the one at the ankle has no gyroscope."""
    rng = np.random.default_rng([seed, LABELS.index(label)])
    count = round(seconds * RATE_HZ)
    time_s = np.arange(count) / RATE_HZ
    values = 0.1 * rng.normal(size=(2, count, 6))
    up = np.eye(3)[LABELS.index(label) % 3]
    values[..., :3] += 9.81 * up
    values[:, :, :3] += LABELS.index(label) * np.sin(2 * np.pi * 2.0 * time_s)[:, None] * up
    values[1, :, 3:] = 0.0
    places = (Placement.at("chest"), Placement.at("right_ankle") if dataset == "dsads" else Placement.unknown())
    return Take(dataset, f"p{seed}", places, values.astype(np.float32), np.array([True, False]), ((0, count, label),))


@pytest.fixture(scope="module")
def takes() -> list[Take]:
    return [_take(label, seed) for seed in range(2) for label in LABELS]


@pytest.fixture
def folder(tmp_path):
    """An artefact as a training leaves it: nothing to hold scores against, nothing calibrated but plain text."""
    for name in OWN_FILES:
        shutil.copyfile(WEIGHTS_DIR / name, tmp_path / name)
    replace(Model().config, scoring={}, files={}).save(tmp_path / "model.json")
    return tmp_path


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(background, "PER_MOTION", 4)
    monkeypatch.setattr(background, "PER_LABEL", 3)
    monkeypatch.setattr(
        Model, "imagination",
        property(lambda own: own.__dict__.setdefault("_few", Imagination(own, RATE_HZ, ImagineConfig(1, 3.0)))),
    )  # fmt: skip


def test_all_labels_have_as_many_windows(folder, takes, few, monkeypatch):
    kinds: list[str] = []
    fit = Background.fit.__func__
    monkeypatch.setattr(
        Background, "fit", classmethod(lambda cls, v, p, m, *r: kinds.extend(m) or fit(cls, v, p, m, *r))
    )
    made = fit_background(Model(folder), [*takes, *takes[:1] * 20], np.random.default_rng(0))
    assert {kind: kinds.count(kind) for kind in kinds} == {f"dsads/{label}": 4 for label in LABELS}
    assert kinds != sorted(kinds)  # those that are kept are of all kinds
    assert np.allclose(np.linalg.norm(made.vectors, axis=1), 1.0, atol=1e-4) and made.within.shape == (384, 384)


def test_places_are_those_of_the_sensors(folder, takes, few):
    known = fit_background(Model(folder), takes, np.random.default_rng(0)).points
    chest, ankle = (Placement.at(site).rest_point()[0] for site in ("chest", "right_ankle"))
    for point in known:
        assert any(np.allclose(point, own, atol=1e-5) for own in (chest, ankle, 0.5 * (chest + ankle)))
    unknown = [replace(take, placements=(Placement.unknown(),) * 2) for take in takes]
    assert np.isinf(fit_background(Model(folder), unknown, np.random.default_rng(0)).points).all()


def test_the_same_seed_gives_the_same_background(folder, takes, few):
    one, same, other = (fit_background(Model(folder), takes, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert one.vectors.tobytes() == same.vectors.tobytes() and one.within.tobytes() == same.within.tobytes()
    assert one.vectors.tobytes() != other.vectors.tobytes()


def test_windows_stay_in_their_takes(folder, few):
    """Takes shorter than a window, and labels shorter than one, are read as far as they go."""
    short = _take("jumping", 0, seconds=1.2)
    spans = ((0, 30, "sitting"), (290, 300, "lying on back"))
    late = replace(_take("sitting", 0), spans=spans)
    made = fit_background(Model(folder), [short, late], np.random.default_rng(0))
    assert len(made.vectors) == 12 and np.isfinite(made.vectors).all()


def test_a_finished_model_answers_by_everything(folder, takes, few):
    table, lines = build_table({"dsads": set(LABELS)}), []
    config = finish(folder, takes[:4], takes[4:], table, lines.append)
    wanted = {Basis(by, hubs).name for by in BY for hubs in (False, True)} - {"text"}
    assert set(config.scoring) == wanted and len(lines) == len(wanted)
    for own in config.scoring.values():
        assert own["scale"] > 0.0 and np.isfinite(own["threshold"]) and 0.0 <= own["expected_error"] <= 1.0
    assert set(config.files) == {*OWN_FILES, FILE}
    model = Model(folder, verify=True)
    assert model.config == config and model.recognizer().basis == Basis()
    assert model.config.calibrated("both hubs") == (
        config.scoring["both hubs"]["scale"], config.scoring["both hubs"]["threshold"],
    )  # fmt: skip
    (folder / FILE).write_bytes(b"other")
    with pytest.raises(Exception, match="damaged"):
        model.verify()


@pytest.fixture
def spoken(folder):
    """The same, with motion tokens and a language model."""
    for name in COMPANIONS:
        shutil.copyfile(WEIGHTS_DIR / name, folder / name)
    replace(Model().config, scoring={}, files=hashes(folder)).save(folder / "model.json")
    return folder


def test_where_there_is_a_language_model_it_has_a_say(spoken, takes, few):
    """The background is seen with it as well, row by row; every basis that asks words is calibrated with it and without."""
    table, model = build_table({"dsads": set(LABELS)}), Model(spoken)
    assert model.together is None and not model.recognizer("text").basis.language  # until the background knows it
    with pytest.raises(UsageError, match="No language model has a say"):
        model.recognizer("text", language=True)
    config = finish(spoken, takes[:4], takes[4:], table, lambda line: None)
    wanted = {Basis(by, hubs, language=told).name for by in BY for hubs in (False, True) for told in (False, True)}
    assert set(config.scoring) == wanted - {"text"} and "both hubs language" in wanted
    model = Model(spoken, verify=True)
    assert model.background is not None and model.background.told is not None
    assert model.background.told.shape == model.background.vectors.shape
    near = ((model.background.told - model.background.vectors) ** 2).sum(axis=1)
    assert near.max() < 2.0 < ((model.background.told + model.background.vectors) ** 2).sum(axis=1).min()
    assert model.recognizer().basis == Basis(language=True) and model.recognizer(language=False).basis == Basis()


def test_another_language_model_has_none(spoken, takes, few):
    finish(spoken, takes[:4], takes[4:], build_table({"dsads": set(LABELS)}), lambda line: None)
    assert Model(spoken).together is not None
    about = json.loads((spoken / "language.json").read_text())
    about["files"]["language.onnx"] = "0" * 64
    (spoken / "language.json").write_text(json.dumps(about))
    assert Model(spoken).together is None and Model(spoken).recognizer().basis == Basis()


def test_nobody_held_out_is_no_obstacle(folder, takes, few, monkeypatch):
    asked = []
    monkeypatch.setattr(
        background, "_calibrate", lambda model, bases, own, table: asked.append(own) or dict.fromkeys(bases, _Found())
    )
    finish(folder, takes, [], build_table({"dsads": set(LABELS)}), lambda line: None)
    assert len(asked) == 1 and asked[0] == takes


def test_generated_takes_are_asked_of_few_setups(folder, takes, few, monkeypatch):
    """Each take of the generator is worn elsewhere: all labels would have to be imagined for each."""
    everyday = sorted(EVERYDAY)[:2]
    sites = ("chest", "waist", "left_wrist", "right_wrist", "left_ankle", "right_ankle")
    made = [
        replace(
            _take("sitting", number), dataset=SIMULATED, spans=((0, 300, program),),
            placements=(Placement.at(site), Placement.unknown()),
        )
        for program in everyday for number, site in enumerate(sites)
    ]  # fmt: skip
    setups = set()
    scores = Recognizer.scores
    monkeypatch.setattr(
        Recognizer, "scores", lambda own, found, told, labels: setups.add(told) or scores(own, found, told, labels)
    )
    monkeypatch.setattr(background, "PER_LABEL", 8)
    finish(folder, takes, made, build_table({SIMULATED: set(everyday)}), lambda line: None)
    several = {told[0].site for told in setups if len(told) == 2}
    assert 1 < len(several) <= len(everyday) * background.GENERATED < len(sites)


def _Found():
    from anywear.train.calibrate import Calibration

    return Calibration(1.0, 0.0, 0.95, 0.5, 0.1)
