"""The index: what was put in is found, exactly; nothing is lost by a kill; what does not belong is refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import anywear
from anywear.errors import FormatError, UsageError
from anywear.placement import Placement
from anywear.recording import Recording
from anywear.runtime import Model, MotionIndex
from anywear.runtime.index.hits import FileScores, merge_hits
from anywear.runtime.index.manifest import IndexedFile, Manifest
from anywear.runtime.index.scan import Scan, best_first
from anywear.runtime.index.store import MERGE_AT, IndexStore
from anywear.runtime.together import Together
from anywear.signal import build_stream
from model_doubles import write_small_model

ROOT = Path(__file__).resolve().parents[2]
FEATURES = 16


@pytest.fixture(scope="module")
def model():
    return anywear.load()


def _write(path: Path, seed: int = 0, seconds: float = 12.0) -> None:
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * 50)) / 50
    acc = np.array([0.0, 0.0, 9.81]) + rng.normal(0, 0.5 + seed % 3, (len(time_s), 3))
    stream = build_stream("watch", time_s, acc, rng.normal(0, 1, acc.shape), placement=Placement.at("left_wrist"))
    path.parent.mkdir(parents=True, exist_ok=True)
    anywear.write(Recording((stream,)), path)


@pytest.fixture
def folder(tmp_path) -> Path:
    for number in range(4):
        _write(tmp_path / "data" / f"{number}.anywear.parquet", number)
    return tmp_path / "data"


def _store(path: Path, features: int = FEATURES) -> IndexStore:
    return IndexStore.create(path, Manifest("0" * 12, "test", features, 5.0, 1.0))


def _unit(rng: np.random.Generator, rows: int, features: int = FEATURES) -> np.ndarray:
    vectors = rng.normal(size=(rows, features)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _spans(rows: int) -> np.ndarray:
    return np.stack([np.arange(rows), np.arange(rows) + 5.0], axis=1).astype(np.float64)


def _entry(path: str) -> IndexedFile:
    return IndexedFile(path, 1, 2, "ab", {}, -1, 0, 0)


def _fill(store: IndexStore, rng, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    made = {path: _unit(rng, rows) for path, rows in sizes.items()}
    with store.writing():
        store.commit([(_entry(path), vectors, _spans(len(vectors))) for path, vectors in made.items()])
    return made


# --- the store


def test_rows_come_back_as_they_went_in(tmp_path):
    rng = np.random.default_rng(0)
    store = _store(tmp_path / "i")
    made = _fill(store, rng, {"a": 3, "none": 0, "b": 5}) | _fill(store, rng, {"c": 2})
    store = IndexStore(tmp_path / "i")
    assert {path: own.windows for path, own in store.manifest.files.items()} == {"a": 3, "none": 0, "b": 5, "c": 2}
    for path, vectors in made.items():
        own = store.manifest.files[path]
        if own.windows:
            got, spans_s = (part[own.first : own.first + own.windows] for part in store.segment(own.segment))
            assert np.array_equal(got, vectors) and np.array_equal(spans_s, _spans(own.windows))


def test_scores_are_those_of_one_plain_product(tmp_path, monkeypatch):
    """Blocks, segments, dropped and replaced files: the same as a product over what is left, in any order."""
    monkeypatch.setattr("anywear.runtime.index.scan.BLOCK", 7)
    rng = np.random.default_rng(1)
    store = _store(tmp_path / "i")
    made = _fill(store, rng, {f"f{n}": int(rng.integers(1, 30)) for n in range(12)})
    made |= _fill(store, rng, {"f3": 9, "g": 40})
    with store.writing():
        store.commit([], dropped=["f5"])
    made.pop("f5")
    scan, question = Scan(store), _unit(rng, 1)[0]
    scores = scan.scores(question)
    wanted = {(path, n): float(v @ question) for path, vectors in made.items() for n, v in enumerate(vectors)}
    assert scan.windows == len(wanted) < scan.rows
    order = best_first(scores, 10_000)
    assert len(order) == len(wanted)
    found = []
    for row in order:
        own = scan.files(question)(int(row))
        found.append((own.path, int(row) - own.first))
        assert own.scores[int(row) - own.first] == pytest.approx(scores[row], abs=1e-6)
        assert wanted[found[-1]] == pytest.approx(scores[row], abs=1e-6)
    assert set(found) == set(wanted)
    assert all(scores[a] >= scores[b] for a, b in pairwise(order))


def test_best_first_keeps_the_order_of_rows_in_ties():
    scores = np.array([0.5, 0.9, 0.5, -np.inf, 0.9, 0.5], dtype=np.float32)
    assert best_first(scores, 4).tolist() == [1, 4, 0, 2]
    assert best_first(scores, 99).tolist() == [1, 4, 0, 2, 5]
    assert best_first(scores[:0], 3).tolist() == []


def test_small_segments_are_merged_and_lose_nothing(tmp_path):
    rng = np.random.default_rng(2)
    store = _store(tmp_path / "i")
    made: dict[str, np.ndarray] = {}
    for n in range(MERGE_AT):
        made |= _fill(store, rng, {f"f{n}": 3, "same": 2})
    question = _unit(rng, 1)[0]
    before = np.sort(Scan(store).scores(question))
    with store.writing():
        store.tidy()
    after = Scan(IndexStore(tmp_path / "i"))
    assert len(store.manifest.segments) == 1 and after.windows == after.rows == 3 * MERGE_AT + 2
    assert np.allclose(np.sort(after.scores(question)), before[np.isfinite(before)])
    assert len(list((tmp_path / "i" / "segments").iterdir())) == 2
    for path, vectors in made.items():
        own = store.manifest.files[path]
        assert np.array_equal(store.segment(own.segment)[0][own.first : own.first + own.windows], vectors)


def test_one_writer_at_a_time(tmp_path):
    store, other = _store(tmp_path / "i"), IndexStore(tmp_path / "i")
    with store.writing(), pytest.raises(UsageError, match="Another process is writing"), other.writing():
        pass
    with other.writing():  # and the lock is let go
        pass


def test_what_a_killed_writer_left_is_swept_up(tmp_path):
    store = _store(tmp_path / "i")
    _fill(store, np.random.default_rng(0), {"a": 3})
    for name in ("000001.vectors.npy", ".000002.vectors.partial.npy"):
        (tmp_path / "i" / "segments" / name).write_bytes(b"half")
    with store.writing():
        pass
    assert {p.name for p in (tmp_path / "i" / "segments").iterdir()} == {"000000.vectors.npy", "000000.spans.npy"}


@pytest.mark.parametrize("damage", ["cut vectors", "no spans", "bad manifest", "rows outside", "newer"])
def test_a_damaged_index_says_what_to_do(tmp_path, damage):
    path = tmp_path / "i"
    _fill(_store(path), np.random.default_rng(0), {"a": 300})
    if damage == "cut vectors":
        file = path / "segments" / "000000.vectors.npy"
        file.write_bytes(file.read_bytes()[:-8])
    elif damage == "no spans":
        (path / "segments" / "000000.spans.npy").unlink()
    elif damage == "bad manifest":
        (path / "manifest.json").write_text('{"anywear_index": 1')
    else:
        facts = json.loads((path / "manifest.json").read_text())
        facts["anywear_index" if damage == "newer" else "files"] = (
            2 if damage == "newer" else [{**facts["files"][0], "first": 7}]
        )
        (path / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(anywear.AnywearError) as caught:
        Scan(IndexStore(path))
    assert caught.value.remedy and ("newer" in str(caught.value) or isinstance(caught.value, FormatError))


# --- hits


def _file(scores, hop: float = 1.0, path: str = "a", first: int = 0) -> FileScores:
    starts = np.arange(len(scores)) * hop
    return FileScores(path, first, np.stack([starts, starts + 5.0], axis=1), np.array(scores, dtype=np.float32))


def _hits(own: FileScores, count: int = 10, usual: float = 0.0):
    return merge_hits((np.argsort(-own.scores, kind="stable") + own.first).tolist(), lambda row: own, usual, count)


def test_neighbours_above_half_height_are_one_hit():
    (hit,) = _hits(_file([0.0, 0.5, 0.8, 0.7, 0.3]), count=1)
    assert (hit.start_s, hit.end_s, hit.windows, hit.best_s) == (1.0, 8.0, 3, (2.0, 7.0))
    assert hit.score == pytest.approx(0.8)


def test_hits_of_one_file_do_not_overlap():
    rng = np.random.default_rng(3)
    for _ in range(20):
        hits = _hits(_file(rng.normal(size=60)))
        assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
        spans = sorted((h.start_s, h.end_s) for h in hits)
        assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(spans)) and len(hits) > 3


def test_a_gap_ends_a_hit():
    own = _file([0.9, 0.9, 0.9])
    own.spans_s[2] += 20.0
    assert [(h.start_s, h.end_s) for h in _hits(own)] == [(0.0, 6.0), (22.0, 27.0)]


def test_a_long_stretch_is_one_hit_however_many_windows():
    (hit,) = _hits(_file([0.5] * 1000), count=5)
    assert hit.windows == 1000 and hit.end_s == 1004.0


# --- recordings


@pytest.mark.parametrize("language", [None, False])
def test_what_is_indexed_is_found(tmp_path, folder, model, language):
    index = anywear.index(folder, tmp_path / "my.index", language=language)
    assert isinstance(index, MotionIndex) and len(index.files) == 4
    again = MotionIndex(tmp_path / "my.index", model)
    assert again.language == (language is None)
    whose = Together(model) if again.language else model
    for path in sorted(folder.iterdir()):
        made = whose.embed(anywear.read(path))
        (hit,) = again.search_vector(made.vectors[3], 1)
        assert hit.file == str(path) and hit.score == pytest.approx(1.0, abs=1e-5)
        assert hit.start_s <= made.spans_s[3, 0] and hit.end_s >= made.spans_s[3, 1]
        assert hit.best_s == pytest.approx(tuple(made.spans_s[3]))
    hits = again.search("a person is shaking the hand", k=4)
    vectors = {str(p): whose.embed(anywear.read(p)).vectors for p in folder.iterdir()}
    asked = model.encode_texts(["a person is shaking the hand"])[0]
    best = max(vectors, key=lambda p: float((vectors[p] @ asked).max()))
    assert hits[0].file == best and hits[0].score == pytest.approx(float((vectors[best] @ asked).max()), abs=1e-5)
    with pytest.raises(UsageError, match="no words"):
        again.search(" ?! ")
    with pytest.raises(UsageError, match="number of hits"):
        again.search("walking", k=0)


def test_only_what_changed_is_read_again(tmp_path, folder, model, monkeypatch):
    read = []
    original = Together.embed
    monkeypatch.setattr(Together, "embed", lambda self, r, **k: read.append(r.source) or original(self, r, **k))
    index = MotionIndex.create(tmp_path / "i", model)
    index.update(folder)
    assert len(read) == 4
    read.clear()
    assert len(index.update(folder).unchanged) == 4 and not read
    os.utime(folder / "0.anywear.parquet", ns=(1, 1))  # touched, the same content
    assert len(index.update(folder).unchanged) == 4 and not read
    _write(folder / "1.anywear.parquet", 7)
    _write(folder / "new" / "5.anywear.parquet", 5)
    (folder / "2.anywear.parquet").unlink()
    told = index.update(folder)
    assert (len(told.added), len(told.changed), len(told.unchanged), len(told.removed)) == (1, 1, 2, 0)
    assert len(read) == 2 and len(index.files) == 5
    told = index.update(folder, prune=True)
    assert [Path(p).name for p in told.removed] == ["2.anywear.parquet"] and len(index.files) == 4
    read.clear()
    assert len(index.update(folder, placement="right_wrist").changed) == 4 and len(read) == 4
    made = index.embedder.embed(anywear.read(folder / "1.anywear.parquet", placement="right_wrist"))
    assert index.search_vector(made.vectors[0], 1)[0].score == pytest.approx(1.0, abs=1e-5)


def test_prune_leaves_other_folders_alone(tmp_path, folder, model):
    _write(tmp_path / "data2" / "x.anywear.parquet", 9)
    index = MotionIndex.create(tmp_path / "i", model)
    index.update(folder)
    index.update(tmp_path / "data2", prune=True)
    assert len(index.files) == 5
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(FormatError, match="no recordings"):
        index.update(folder)
    index.update(folder, prune=True)
    assert [Path(own.path).name for own in index.files] == ["x.anywear.parquet"]


def test_a_damaged_file_costs_nothing_else(tmp_path, folder, model):
    index = MotionIndex.create(tmp_path / "i", model)
    index.update(folder)
    (folder / "1.anywear.parquet").write_bytes(b"PAR1 no more")
    (folder / "bad.csv").write_text("time,acc_x,acc_y,acc_z\nzero,one,two,three\n" * 5)
    _write(folder / "short.anywear.parquet", 3, seconds=0.5)
    told = index.update(folder)
    assert sorted(path.name for path, _ in told.failures) == ["1.anywear.parquet", "bad.csv"]
    assert [Path(p).name for p in told.removed] == ["1.anywear.parquet"] and len(told.unchanged) == 3
    assert [Path(p).name for p in told.empty] == ["short.anywear.parquet"]
    assert len(index.update(folder).unchanged) == 4


def test_an_index_inside_the_folder_is_not_indexed(tmp_path, folder, model):
    index = MotionIndex.create(folder / "my.index", model)
    index.update(folder)
    told = index.update(folder)
    assert len(told.unchanged) == 4 and not told.added and not told.failures


def test_an_index_of_another_model_is_refused(tmp_path, folder, model):
    path = tmp_path / "i"
    MotionIndex.create(path, model).update(folder)
    facts = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**facts, "model": "0123456789ab"}))
    for attempt in (MotionIndex, MotionIndex.create):
        with pytest.raises(UsageError, match="Another model") as caught:
            attempt(path, model)
        assert "Rebuild" in str(caught.value) and "0123456789ab" in str(caught.value)


def test_an_index_that_does_not_say_whose_vectors_are_the_encoders(tmp_path, folder, model):
    MotionIndex.create(tmp_path / "i", model, language=False).update(folder)
    facts = json.loads((tmp_path / "i" / "manifest.json").read_text())
    assert facts.pop("language") is False
    (tmp_path / "i" / "manifest.json").write_text(json.dumps(facts))
    index = MotionIndex.create(tmp_path / "i")
    assert not index.language and len(index.search("walking", k=2)) == 2


def test_without_a_language_model_the_encoder_speaks(tmp_path, folder):
    bare = Model(write_small_model(tmp_path / "model"))
    assert not MotionIndex.create(tmp_path / "i", bare).language
    with pytest.raises(UsageError, match="no language model"):
        MotionIndex.create(tmp_path / "j", bare, language=True)
    assert not (tmp_path / "j").exists()


def test_what_cannot_be(tmp_path, folder, model):
    with pytest.raises(UsageError, match="no index"):
        MotionIndex(tmp_path / "none", model)
    with pytest.raises(UsageError, match="no index and not empty"):
        MotionIndex.create(folder, model)
    with pytest.raises(UsageError, match="a folder"):
        MotionIndex.create(folder / "0.anywear.parquet", model)
    with pytest.raises(UsageError, match="window"):
        MotionIndex.create(tmp_path / "i", model, window_s=0.1)
    assert not (tmp_path / "i").exists()
    MotionIndex.create(tmp_path / "i", model, window_s=2.0)
    with pytest.raises(UsageError, match="another window"):
        MotionIndex.create(tmp_path / "i", model, window_s=5.0)
    with pytest.raises(UsageError, match="made with the language model"):
        MotionIndex.create(tmp_path / "i", model, language=False)
    with pytest.raises(FormatError, match="no such folder"):
        anywear.index(tmp_path / "nowhere", tmp_path / "j")
    assert not (tmp_path / "j").exists()


def test_empty_index_finds_nothing(tmp_path, model):
    assert MotionIndex.create(tmp_path / "i", model).search("walking") == ()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("when", ["at a file", "while a manifest is written", "interrupted"])
def test_a_killed_update_loses_only_what_it_was_at(tmp_path, folder, model, when):
    """A real process, stopped at its third recording; each commit is at once here instead of every few seconds."""
    code = f"""
import os, signal, sys, time
from pathlib import Path
import anywear.runtime.index.motion_index as module
from anywear.runtime.index import store
module.COMMIT_S = {1e9 if when == "interrupted" else 0.0}
module.COMMIT_SHARE = 1e9
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
taken, take, flushed = [], module._Update.take, store._flushed
def counted(self, path):
    taken.append(path)
    if len(taken) == 3 and {when != "while a manifest is written"}:
        print("there", flush=True)
        time.sleep(60)
    take(self, path)
def slow(path, content):
    if len(taken) == 3 and isinstance(content, bytes) and {when.startswith("while")}:
        path.write_bytes(content[: len(content) // 2])
        print("there", flush=True)
        time.sleep(60)
    flushed(path, content)
module._Update.take, store._flushed = counted, slow
module.MotionIndex.create({str(tmp_path / "i")!r}).update({str(folder)!r})
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == b"there\n"
        with pytest.raises(UsageError, match="Another process") as caught:
            MotionIndex(tmp_path / "i", model).update(folder)
        assert str(process.pid) in str(caught.value)
        process.send_signal(signal.SIGINT if when == "interrupted" else signal.SIGKILL)
    finally:
        process.wait(30)
        process.stdout.close()
    index = MotionIndex(tmp_path / "i", model)
    assert sorted(Path(own.path).name[0] for own in index.files) == ["0", "1"]
    assert len(index.search("walking", k=2)) == 2
    told = index.update(folder)
    assert (len(told.unchanged), len(told.added)) == (2, 2)
    whole = MotionIndex.create(tmp_path / "other", model)
    whole.update(folder)
    assert index.search("walking", k=10) == whole.search("walking", k=10)


def test_a_reader_lives_through_a_merge(tmp_path, folder, model):
    index = MotionIndex.create(tmp_path / "i", model)
    index.update(folder)
    reader, late = MotionIndex(tmp_path / "i", model), MotionIndex(tmp_path / "i", model)
    wanted = reader.search("walking", k=4)
    for number in range(MERGE_AT):
        _write(folder / f"more{number}.anywear.parquet", 20 + number)
        index.update(folder)
    assert reader.search("walking", k=4) == wanted
    assert late.search("walking", k=20) == index.search("walking", k=20)


# --- approximate


def test_approximate_search_finds_nearly_all(tmp_path):
    pytest.importorskip("usearch", reason="needs the index extra")
    from anywear.runtime.index import neighbours

    rng = np.random.default_rng(5)
    store = _store(tmp_path / "i", 64)
    centres = _unit(rng, 40, 64)

    def grown(names: list[str]) -> None:
        with store.writing():
            for name in names:
                rows = centres[rng.integers(40, size=500)] + 0.1 * rng.normal(size=(500, 64)).astype(np.float32)
                rows /= np.linalg.norm(rows, axis=1, keepdims=True)
                store.commit([(_entry(name), rows.astype(np.float32), _spans(500))])

    def recall() -> float:
        scan = Scan(store)
        near = neighbours.Neighbours(store.path, scan)
        shares = []
        for question in _unit(np.random.default_rng(6), 50, 64):
            exact = set(best_first(scan.scores(question), 10).tolist())
            shares.append(len(exact & set(near.best(question, 10).tolist())) / 10)
        return float(np.mean(shares))

    grown(["a", "b", "c", "d"])
    with pytest.raises(UsageError, match="no approximate"):
        neighbours.Neighbours(store.path, Scan(store))
    assert neighbours.build(store.path, Scan(store)) == 2000
    assert recall() > 0.95
    grown(["e", "b"])  # one more, one replaced: searched exactly, and never what left
    assert recall() > 0.95
    assert neighbours.build(store.path, Scan(store)) == 1000 and recall() > 0.95
    assert neighbours.build(store.path, Scan(store)) == 0
    with store.writing():
        store.commit([], dropped=["a", "c"])
        store.tidy()
    assert recall() > 0.95
    assert neighbours.build(store.path, Scan(store)) == 1500 and recall() > 0.95
    (store.path / neighbours.GRAPH).write_bytes(b"x" * (store.path / neighbours.GRAPH).stat().st_size)
    with pytest.raises(FormatError, match="damaged"):
        neighbours.Neighbours(store.path, Scan(store))


def test_islands_of_windows_much_alike_are_found_from_far_away(tmp_path, monkeypatch):
    """Sentences are near no window: the way through the graph alone misses whole islands."""
    pytest.importorskip("usearch", reason="needs the index extra")
    from anywear.runtime.index import neighbours

    rng = np.random.default_rng(7)
    store, apart = _store(tmp_path / "i", 64), np.tile([1.0] + [0.0] * 63, (1, 1))
    centres = 3.0 * apart + _unit(rng, 60, 64)
    with store.writing():
        for number in range(60):
            rows = centres[number] + 0.02 * rng.normal(size=(200, 64))
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            store.commit([(_entry(str(number)), rows.astype(np.float32), _spans(200))])
    scan = Scan(store)
    neighbours.build(store.path, scan)
    near = neighbours.Neighbours(store.path, scan)
    questions = _unit(np.random.default_rng(8), 40, 64)

    def shares() -> np.ndarray:
        """Of the ten best of every question."""
        exact = [set(best_first(scan.scores(own), 10).tolist()) for own in questions]
        return np.array(
            [len(right & set(near.best(own, 10).tolist())) / 10 for own, right in zip(questions, exact, strict=True)]
        )

    led = shares()
    monkeypatch.setattr(neighbours, "GUIDES", 0)
    alone = shares()
    assert led.mean() > alone.mean() + 0.1 and (led == 0).sum() < (alone == 0).sum() / 3


def test_approximate_hits_are_the_exact_ones_here(tmp_path, folder, model):
    pytest.importorskip("usearch", reason="needs the index extra")
    index = MotionIndex.create(tmp_path / "i", model)
    index.update(folder)
    index.build_approximate()
    assert index.search("walking", k=3, approximate=True) == index.search("walking", k=3)
    _write(folder / "5.anywear.parquet", 5)
    index.update(folder)
    assert index.search("walking", k=5, approximate=True) == index.search("walking", k=5)


def test_without_usearch_the_error_says_what_to_install(tmp_path, folder, model, monkeypatch):
    index = MotionIndex.create(tmp_path / "i", model)
    index.update(folder)
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(UsageError, match="usearch") as caught:
        index.build_approximate()
    assert "anywear[index]" in str(caught.value)


def test_searching_takes_no_longer_than_it_should(tmp_path):
    rng = np.random.default_rng(0)
    store = _store(tmp_path / "i", 384)
    _fill_big = _unit(rng, 20_000, 384)
    with store.writing():
        store.commit([(_entry("a"), _fill_big, _spans(20_000))])
    scan, began = Scan(store), time.perf_counter()
    best_first(scan.scores(_fill_big[0]), 10)
    assert time.perf_counter() - began < 2.0  # some 6 ms where nothing else runs
