"""index, search and describe as a user meets them: answers, exit codes, nothing made after an error."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import anywear
from anywear.cli import main
from anywear.errors import UsageError
from anywear.runtime.together import Together

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "examples" / "phone-and-watch.anywear.parquet"
DIGIT = ROOT / "examples" / "air-digit.csv"
CANDIDATES = ["a person is walking", "a person sits still", "someone swims"]


def _call(capsys, *arguments) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    return (code, *capsys.readouterr())


def test_index_and_search_a_folder_with_a_damaged_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "recordings"
    folder.mkdir()
    for file in (CLIP, DIGIT):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "broken.csv").write_text("time,acc_x,acc_y,acc_z\nzero,one,two,three\n" * 5)
    code, out, err = _call(capsys, "index", "recordings", "-o", "my.index")
    assert code == 1 and "2 added" in out and "broken.csv" in err and "1 of 3 files failed" in err
    code, out, err = _call(
        capsys, "search", "my.index", "a person is walking", "--json", "hits.json", "--plot", "p.png"
    )
    assert code == 0 and out.splitlines()[0].endswith(f"recordings/{CLIP.name}")
    told = json.loads((tmp_path / "hits.json").read_text())
    assert told["model"] == anywear.load().sha256 and told["hits"][0]["file"] == str(folder / CLIP.name)
    assert (tmp_path / "p.png").stat().st_size > 10_000
    (folder / CLIP.name).unlink()
    code, _, err = _call(capsys, "search", "my.index", "a person is walking", "--plot", "q.png")
    assert code == 0 and "not in the picture" in err and (tmp_path / "q.png").exists()
    code, out, _ = _call(capsys, "index", "recordings", "-o", "my.index", "--prune", "--quiet")
    assert code == 1 and "1 removed" in out and "1 recording(s)" in out
    manifest = tmp_path / "my.index" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "model": "0123456789ab"}))
    for command in (("search", "my.index", "walking"), ("index", "recordings", "-o", "my.index")):
        code, out, err = _call(capsys, *command)
        assert code == 2 and not out and "Another model" in err and "Rebuild" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("index", "nowhere", "-o", "i"), ("index", CLIP, "-o", "i", "--window", "99"), ("search", "i", "walking"),
        ("search", "i", "walking", "--plot", "p.gif"), ("describe", CLIP, "--candidates", "none.txt"),
        ("index", CLIP, "-o", "i", "--format", "what"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_2_and_makes_nothing(tmp_path, capsys, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    code, out, err = _call(capsys, *arguments)
    assert code == 2 and not out and err.startswith("error: ") and not list(tmp_path.iterdir())


def test_describe_says_what_fits(tmp_path, capsys):
    (tmp_path / "texts.txt").write_text("# mine\n\n" + "\n".join([*CANDIDATES, CANDIDATES[0]]) + "\n")
    arguments = ("describe", CLIP, "--candidates", tmp_path / "texts.txt", "-k", "2", "--every", "4")
    code, out, _ = _call(capsys, *arguments, "--json")
    told = json.loads(out)
    assert code == 0 and told["whole"]["sentences"][0] == {**told["whole"]["sentences"][0], "text": CANDIDATES[0]}
    assert [len(span["sentences"]) for span in (told["whole"], *told["spans"])] == [2] * (1 + len(told["spans"]))
    assert "as a whole" in _call(capsys, *arguments)[1]


@pytest.mark.parametrize("language", [None, False])
def test_the_fit_is_the_mean_cosine_over_the_windows_of_a_stretch(language):
    model, recording = anywear.load(), anywear.read(CLIP)
    told = anywear.describe(recording, CANDIDATES, k=3, every_s=4.0, model=model, language=language)
    texts, alone = model.encode_texts(CANDIDATES), model.embed(recording)
    made = alone if language is False else Together(model).embed(recording)
    cosines, own = made.vectors @ texts.T, alone.vectors @ texts.T
    assert told.whole is not None
    assert {own.text: own.fit for own in told.whole.sentences} == pytest.approx(
        dict(zip(CANDIDATES, cosines.mean(axis=0).tolist(), strict=True)), abs=1e-5
    )
    middles = made.spans_s.mean(axis=1) - made.spans_s[0, 0]
    for cell, span in zip(np.unique(middles // 4.0), told.spans, strict=True):
        mean = cosines[middles // 4.0 == cell].mean(axis=0)
        best = span.sentences[0]
        assert best.text == CANDIDATES[int(mean.argmax())] and best.fit == pytest.approx(mean.max(), abs=1e-5)
        encoders = own[middles // 4.0 == cell].mean(axis=0)[CANDIDATES.index(best.text)]
        assert best.fits == (encoders >= model.config.threshold) and span.start_s < span.end_s
    for wrong in ({"k": 0}, {"every_s": 0.1}):
        with pytest.raises(UsageError):
            anywear.describe(recording, CANDIDATES, model=model, **wrong)
    for none in ([], ["  "], ["?"], ["a" * 600]):
        with pytest.raises(UsageError):
            anywear.describe(recording, none, model=model)
