"""The corpus: words joined at the right time, wrong clips named and left out, files checked, built again without loss."""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace

import numpy as np
import pytest

from anywear.corpus import Caption, Corpus, CorpusEntry, build_corpus, check_clip, open_corpus, write_archive
from anywear.corpus.join import CmuTexts, caption_lines, dropped_frames, read_cmu_texts
from anywear.corpus.mocap import ARCHIVES, exercise_spans
from anywear.corpus.statistics import draw_statistics, statistics_of, statistics_text
from anywear.corpus.words import ACTIONS, DEEPMIMIC, EXERCISES, HDM05, IDLE, cmu_label
from anywear.errors import FormatError, UsageError
from anywear.motion import MotionClip, Skeleton, read_motion
from anywear.recording import Note, Span

SKELETON = Skeleton(("hips", "chest"), (-1, 0), np.array([[0, 0, 0], [0, 0, 0.4]]))


def clip(name: str = "a", frames: int = 120, rate_hz: float = 60.0, notes: tuple[Note, ...] = ()) -> MotionClip:
    quat = np.tile([0.0, 0.0, 0.0, 1.0], (frames, 2, 1))
    root = np.column_stack([np.linspace(0, 1, frames), np.zeros(frames), np.ones(frames)])
    return MotionClip(name, rate_hz, SKELETON, root, quat, notes=notes)


def entry(name: str = "a", **fields) -> CorpusEntry:
    usual = {
        "key": f"own/{name}", "archive": "own", "label": "walking", "subject": "s1", "split": "train",
        "duration_s": 119 / 60, "rate_hz": 60.0, "frames": 120, "licence": "CC0",
        "captions": (Caption("a person walks", 0.0, 119 / 60, "test"),),
    }  # fmt: skip
    return CorpusEntry(**{**usual, **fields})


@pytest.fixture
def corpus(tmp_path) -> Corpus:
    entries = [
        entry("a"), entry("b", label="running", split="val", subject="s2"),
        entry("c", label="exercising", spans=(Span(0.0, 1.0, "squats"), Span(1.0, 1.9, "running"))),
    ]  # fmt: skip
    clips = [clip(own.key.partition("/")[2]) for own in entries]
    write_archive(tmp_path / "corpus", "own", clips, entries, licence="CC0", thanks="us", left_out=[("d", "jump: far")])
    return open_corpus(tmp_path / "corpus")


def test_what_is_written_is_read(corpus):
    assert [own.key for _, own in corpus] == ["own/a", "own/b", "own/c"]
    assert all(len(motion) == 120 for motion, _ in corpus)
    assert corpus.captions_of("own/a") == ("a person walks",)
    assert corpus.left_out() == (("own/d", "jump: far"),)
    assert corpus.licences() == {"own": ("CC0", "us")}
    assert corpus.labels() == ("exercising", "running", "squats", "walking")
    assert corpus.entry(2).spans[1] == Span(1.0, 1.9, "running")


def test_choices(corpus):
    assert [own.key for own in corpus.filter(split="train").entries] == ["own/a", "own/c"]
    assert [own.key for own in corpus.filter(label="running").entries] == ["own/b", "own/c"]
    assert len(corpus.filter(split="test")) == 0
    assert len(corpus.filter(split="val", label="running", archive="own", subject="s2")) == 1
    for wrong in ({"split": "dev"}, {"label": "runing"}, {"archive": "cmu"}, {"subject": "s9"}):
        with pytest.raises(UsageError, match=r"Unknown|unknown"):
            corpus.filter(**wrong)
    with pytest.raises(UsageError):
        corpus.clip("own/z")
    with pytest.raises(UsageError):
        corpus.clip(3)


def test_it_goes_to_worker_processes(corpus):
    corpus.clip(0)
    assert pickle.loads(pickle.dumps(corpus)).clip("own/b").name == "b"


def test_entries_survive_json():
    own = entry(spans=(Span(0.0, 1.0, "squats"),))
    assert CorpusEntry.from_json(json.loads(json.dumps(own.to_json()))) == replace(
        own, duration_s=1.9833, captions=(Caption("a person walks", 0.0, 1.9833, "test"),)
    )
    for broken in ({}, {**own.to_json(), "split": "dev"}, {**own.to_json(), "captions": [["x"]]}):
        with pytest.raises(FormatError):
            CorpusEntry.from_json(broken)


def test_a_changed_file_is_refused_and_the_others_stay(corpus):
    write_archive(corpus.root, "two", [clip("x")], [entry("x", key="two/x", archive="two")], licence="MIT", thanks="")
    path = corpus.root / "own.motion.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    again = open_corpus(corpus.root)
    assert again.clip("two/x").name == "x"
    with pytest.raises(FormatError, match="checksum"):
        again.clip("own/a")
    with pytest.raises(FormatError, match="checksum"):
        again.verify()
    path.unlink()
    with pytest.raises(FormatError, match="missing"):
        open_corpus(corpus.root).clip("own/a")


def test_damaged_manifests(tmp_path, corpus):
    with pytest.raises(FormatError, match="no corpus"):
        open_corpus(tmp_path)
    path = corpus.root / "manifest.json"
    good = json.loads(path.read_text())
    outside = json.loads(json.dumps(good))
    outside["archives"]["own"]["file"] = "../own.motion.parquet"
    for text in ("{", "[]", json.dumps({"anywear_corpus": 1, "archives": {"own": {}}}), json.dumps(outside)):
        path.write_text(text)
        with pytest.raises(FormatError, match="damaged"):
            open_corpus(corpus.root)
    path.write_text(json.dumps({**good, "anywear_corpus": 2}))
    with pytest.raises(FormatError, match="newer"):
        open_corpus(corpus.root)


def test_clips_and_entries_have_to_fit(tmp_path):
    with pytest.raises(UsageError, match="fit"):
        write_archive(tmp_path, "own", [clip("a")], [entry("b")], licence="", thanks="")


def test_statistics_count_what_is_there(corpus):
    figures = statistics_of(corpus.entries, ["own/d"])
    assert figures["total"]["clips"] == 3 and figures["total"]["left_out"] == 1
    assert figures["total"]["captions"] == 3 and figures["total"]["distinct_captions"] == 1
    assert figures["total"]["words"] == 9 and figures["total"]["subjects"] == 2
    assert figures["total"]["hours"] == pytest.approx(3 * 119 / 60 / 3600, abs=1e-5)
    hours = figures["hours_per_label"]  # the clip with stretches counts by its stretches
    assert set(hours) == {"walking", "running", "squats"}
    assert hours["running"] == pytest.approx((119 / 60 + 0.9) / 3600, abs=1e-5)
    assert figures["splits"]["val"]["clips"] == 1
    assert statistics_text(figures).splitlines()[-1].split()[:3] == ["all", "0.002", "3"]


def test_a_picture_of_them(corpus, tmp_path):
    draw_statistics(corpus.statistics(), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(UsageError, match="picture"):
        draw_statistics(corpus.statistics(), tmp_path / "a.txt")


# Words


def test_caption_lines():
    lines = "a man walks.#a/DET man/NOUN walk/VERB#0.0#0.0\nhe  waves#x/y#1.0#4.0\n\nnan#x/y#nan#nan\n"
    assert caption_lines(lines, "x.txt") == [("a man walks.", 0.0, 0.0), ("he waves", 1.0, 4.0), ("nan", 0.0, 0.0)]
    for wrong in ("no marks", "a#b#c#d", "a#1#2", "a#b#-1#2"):
        with pytest.raises(FormatError, match="line 1"):
            caption_lines(wrong, "x.txt")


def texts_of(tmp_path) -> CmuTexts:
    (tmp_path / "hml/texts").mkdir(parents=True)
    (tmp_path / "hml/index.csv").write_text(
        "source_path,start_frame,end_frame,new_name\n"
        "./pose_data/CMU/01/01_01_poses.npy,20,40,000001.npy\n"
        "./pose_data/CMU/01/01_01_poses.npy,0,-1,M000001.npy\n"
        "./pose_data/KIT/01/01_01_poses.npy,0,-1,000002.npy\n"
        "./pose_data/CMU/88/88_06_poses.npy,0,-1,000003.npy\n"
    )
    for name, text in (("000001", "he hops"), ("M000001", "mirrored"), ("000002", "kit"), ("000003", "kicks")):
        (tmp_path / f"hml/texts/{name}.txt").write_text(f"{text}#x/y#0.0#0.0\n{text} late#x/y#0.2#0.8\n")
    kit = {
        "1": {"path": "CMU/01/01_01_poses", "duration": 2.0,
              "annotations": [{"text": "A person hops.", "start": 0.0, "end": 2.0}]},
        "2": {"path": "KIT/4/x_poses", "duration": 2.0, "annotations": [{"text": "no", "start": 0.0, "end": 2.0}]},
    }  # fmt: skip
    (tmp_path / "annotations.json").write_text(json.dumps(kit))
    (tmp_path / "CMU data.csv").write_text(
        '"Subject","Trial #","Motion Description","framerate","Frames 60fps"\n1,1,"playground - hop",120,121\n'
    )
    return read_cmu_texts(humanml3d=tmp_path / "hml", kitml=tmp_path, index=tmp_path / "CMU data.csv")


def test_captions_join_by_trial_and_time(tmp_path):
    texts = texts_of(tmp_path)
    captions = texts.captions("01_01", clip())
    end = 119 / 60
    assert captions == (
        Caption("he hops", 1.0, end, "humanml3d"),  # 2.0 s is past the last frame
        Caption("he hops late", 1.2, 1.8, "humanml3d"),
        Caption("A person hops.", 0.0, end, "kit-ml"),
        Caption("playground - hop", 0.0, end, "cmu-index"),
    )
    assert texts.frames60 == {"01_01": 121}
    assert texts.captions("88_06", clip()) == ()  # cut elsewhere
    assert texts.captions("02_01", clip()) == ()


def test_frames_left_out_at_the_start_move_the_captions(tmp_path):
    note = Note("repaired", "the first 6 frames stood apart from the motion (...) and were left out: time 0 is frame 6")
    own = clip(frames=114, notes=(note,))
    assert dropped_frames(own) == 6
    first = texts_of(tmp_path).captions("01_01", own)[1]
    assert (first.start_s, first.end_s) == pytest.approx((1.1, 1.7))


def test_captions_about_parts_that_are_missing_are_left_out(tmp_path):
    texts = texts_of(tmp_path)
    assert [c.text for c in texts.captions("01_01", clip(frames=84))] == ["A person hops.", "playground - hop"]


def test_damaged_text_tables(tmp_path):
    texts_of(tmp_path)
    (tmp_path / "annotations.json").write_text('{"1": {"path": "CMU/01/01_01_poses"}}')
    with pytest.raises(FormatError, match="KIT-ML"):
        read_cmu_texts(humanml3d=None, kitml=tmp_path, index=None)
    (tmp_path / "hml/index.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="columns"):
        read_cmu_texts(humanml3d=tmp_path / "hml", kitml=None, index=None)


def test_every_class_has_a_label_and_sentences():
    tables = [HDM05, DEEPMIMIC, ACTIONS, IDLE]
    for words in [own for table in tables for own in table.values()] + list(EXERCISES):
        assert words.label and words.label == words.label.lower()
        assert 2 <= len(set(words.sentences)) == len(words.sentences) <= 4
        assert all(text[0].isupper() and text.endswith(".") for text in words.sentences)


@pytest.mark.parametrize(
    ("description", "label"),
    [("run/jog, sudden stop", "running"), ("walk on uneven terrain", "walking on uneven ground"), ("slow walk", "walking"),
     ("dance - cartwheel-like start, pirouettes, jete", "dancing"), ("Run Duck Underneath", "ducking while running"),
     ("playground - grip bar, swing body", "swinging from a bar"), ("Get Up Face Down", "getting up from the floor"),
     ("run, leap", "jumping"), ("something else", "")],
)  # fmt: skip
def test_labels_of_cmus_descriptions(description, label):
    assert cmu_label(description) == label


def test_exercise_labels_become_stretches(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("1 1 1 12 12 1")
    assert exercise_spans(path) == (
        Span(0.0, 0.3, "jumping jacks"), Span(0.3, 0.5, "touching the toes"), Span(0.5, 0.6, "jumping jacks")
    )  # fmt: skip
    for wrong in ("0 1", "13", "x"):
        path.write_text(wrong)
        with pytest.raises(FormatError, match="exercises"):
            exercise_spans(path)


# Building


def test_checks_name_what_is_wrong():
    assert check_clip(clip()) == ""
    assert check_clip(clip(), frames60=120) == ""
    assert check_clip(clip(), frames60=240).startswith("rate: lasts 2.00 s")
    assert check_clip(clip(frames=20)).startswith("length")
    jump = clip()
    root = jump.root_position_m.copy()
    root[60:] += 5.0
    assert check_clip(replace(jump, root_position_m=root)).startswith("jump")


@pytest.fixture
def mocap(tmp_path, dataset_root):
    """A folder with a few real files of three archives, one of them damaged."""
    data = tmp_path / "data"
    for archive, inside in (
        ("cmu-iclone", ("All_BVH/subjects/002/002_01.bvh", "All_BVH/subjects/005/005_17.bvh", "CMU data.csv")),
        ("cmu-deepmimic", ("data/vae/txt/cmu01-09/02/02_01.txt", "data/motions/beyond/VC5_Run_jumpToBox_01.txt",
                           "data/vae/txt/extra/humanoid3d_crawl.txt")),
        ("reactidle", ("genuine/003_genuine.bvh", "acted/008_acted.bvh")),
    ):  # fmt: skip
        for name in inside:
            target = data / archive / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(dataset_root(archive) / name, target)
    cut = data / "reactidle/acted/008_acted.bvh"
    cut.write_bytes(cut.read_bytes()[:200_000])
    texts = data / "humanml3d-texts"
    texts.mkdir()
    shutil.copyfile(dataset_root("humanml3d-texts") / "index.csv", texts / "index.csv")
    own = next(dataset_root("humanml3d-texts").rglob("texts/012181.txt"))
    (texts / "texts").mkdir()
    shutil.copyfile(own, texts / "texts/012181.txt")
    return data


def test_build_from_real_files(mocap, tmp_path):
    told: list[int] = []
    steps: list[int] = []
    corpus = build_corpus(mocap, tmp_path / "out", on_plan=told.append, on_clip=lambda: steps.append(1))
    assert told == [7] and len(steps) == 7
    assert {own.key for own in corpus.entries} == {
        "cmu-iclone/002_01", "cmu-deepmimic/02_01", "cmu-deepmimic/humanoid3d_crawl", "reactidle/003_genuine"
    }  # fmt: skip
    reasons = dict(corpus.left_out())
    assert reasons["cmu-iclone/005_17"].startswith("garbage rotations")
    assert "licence" in reasons["cmu-deepmimic/VC5_Run_jumpToBox_01"]
    assert reasons["reactidle/008_acted"].startswith("unreadable")
    walk = corpus.entry("cmu-iclone/002_01")
    assert walk.label == "walking" and walk.subject == "cmu-02" and walk.split == "train"
    assert {own.source for own in walk.captions} == {"humanml3d", "cmu-index"} and len(walk.captions) == 4
    # Both copies of the trial carry the same sentences, and last as long.
    copy = corpus.entry("cmu-deepmimic/02_01")
    assert corpus.captions_of(copy) == corpus.captions_of(walk)
    assert copy.duration_s == pytest.approx(walk.duration_s, abs=0.05)
    original = read_motion(mocap / "cmu-iclone/All_BVH/subjects/002/002_01.bvh")
    assert np.abs(corpus.clip(walk).joint_positions_m() - original.joint_positions_m()).max() < 5e-5
    assert corpus.clip(walk).licence.startswith("CMU")


def test_building_again_keeps_what_is_sound(mocap, tmp_path):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    build_corpus(mocap, out)
    files = {path.name: path.read_bytes() for path in out.iterdir()}
    stamps = {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    damaged = out / "reactidle.motion.parquet"
    damaged.write_bytes(b"PAR1")
    build_corpus(mocap, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == files
    kept = [name for name in stamps if (out / name).stat().st_mtime_ns == stamps[name]]
    assert sorted(kept) == ["cmu-deepmimic.motion.parquet", "cmu-iclone.motion.parquet"]
    build_corpus(mocap, fresh)
    assert {path.name: path.read_bytes() for path in fresh.iterdir()} == files


def test_a_changed_source_is_built_anew(mocap, tmp_path):
    build_corpus(mocap, tmp_path / "out", archives=["cmu-deepmimic"])
    (mocap / "cmu-deepmimic/data/vae/txt/extra/humanoid3d_crawl.txt").unlink()
    corpus = build_corpus(mocap, tmp_path / "out", archives=["cmu-deepmimic"])
    assert [own.key for own in corpus.entries] == ["cmu-deepmimic/02_01"]


def test_nothing_to_build(tmp_path):
    with pytest.raises(FormatError, match="no motion capture"):
        build_corpus(tmp_path, tmp_path / "out")
    with pytest.raises(FormatError, match="no such folder"):
        build_corpus(tmp_path / "none", tmp_path / "out")
    with pytest.raises(UsageError, match="archive"):
        build_corpus(tmp_path, tmp_path / "out", archives=["hdm5"])


def test_all_files_of_the_archives_are_planned_and_no_subject_is_in_two_splits(dataset_root):
    counts = {"cmu-iclone": 61, "cmu-deepmimic": 99, "cmu-dance-martial": 13, "cmu-actions": 49, "cmu-mocap6": 5,
              "hdm05": 287, "reactidle": 7}  # fmt: skip
    splits: dict[str, set[str]] = {}
    for archive in ARCHIVES:
        planned = archive.plan(dataset_root(archive.name))
        assert len(planned) == counts[archive.name]
        assert len({own.name for own in planned}) == len(planned)
        assert sum(bool(own.refused) for own in planned) == (5 if archive.name == "cmu-deepmimic" else 0)
        for own in planned:
            splits.setdefault(own.subject, set()).add(own.split)
            assert own.licence
    assert all(len(own) == 1 for own in splits.values())
    assert {own for each in splits.values() for own in each} == {"train", "val", "test"}
