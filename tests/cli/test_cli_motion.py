import json

import pytest

from anywear.cli import main
from anywear.motion import read_motion
from anywear.motion.generate import PROGRAMS, Choice
from anywear.runtime.model import WEIGHTS_DIR
from anywear.runtime.programs import FAR, programs_for
from anywear.runtime.text import TextTower


@pytest.fixture(scope="module")
def tower() -> TextTower:
    return TextTower(WEIGHTS_DIR)


def test_every_activity_is_listed_with_a_sentence(capsys):
    assert main(["motion", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name, program in PROGRAMS.items():
        [line] = [own for own in lines if own.split()[0] == name]
        assert f"{program.label}: " in line and len(line.split(": ", 1)[1]) > 5


def test_parameters_are_listed_with_their_ranges(capsys):
    assert main(["motion", "list", "--parameters"]) == 0
    out = capsys.readouterr().out
    assert "speed_mps: " in out and "m/s" in out
    some = next(kind for own in PROGRAMS.values() for kind in own.parameters.values() if isinstance(kind, Choice))
    assert ", ".join(some.options) in out


def test_words_become_clips_that_can_be_read_and_are_described(tmp_path, capsys):
    out = tmp_path / "clips"
    assert (
        main(["motion", "generate", "climbing stairs", "-n", "2", "--seed", "1", "-o", str(out), "--seconds", "3"]) == 0
    )
    told = capsys.readouterr()
    assert "stairs_up" in told.err
    facts = [json.loads(line) for line in (out / "clips.jsonl").read_text().splitlines()]
    assert [own["seed"] for own in facts] == [1, 2] and all(own["activity"] == "stairs_up" for own in facts)
    for own in facts:
        clip = read_motion(out / own["file"])
        assert clip.rate_hz == pytest.approx(60.0) and clip.duration_s == pytest.approx(own["seconds"], abs=0.05)
        rise = clip.root_position_m[-1, 2] - clip.root_position_m[0, 2]
        assert rise > 0.3 * own["parameters"]["cadence"] * own["parameters"]["riser_m"] * 3.0
        assert any("stairs" in caption for caption in own["captions"])


def test_what_is_set_is_kept(tmp_path):
    out = tmp_path / "clips"
    assert main(["motion", "generate", "walking", "-o", str(out), "--set", "speed_mps=1.5", "--seconds", "4"]) == 0
    clip = read_motion(next(out.glob("*.bvh")))
    way = clip.root_position_m[-1, :2] - clip.root_position_m[0, :2]
    assert (way**2).sum() ** 0.5 / clip.duration_s == pytest.approx(1.5, rel=0.15)


def test_slowly_and_quickly_are_done(tmp_path):
    speeds = {}
    for words in ("walking slowly", "walking", "walking quickly"):
        assert main(["motion", "generate", words, "-o", str(tmp_path), "--seconds", "4"]) == 0
        facts = json.loads((tmp_path / "clips.jsonl").read_text().splitlines()[-1])
        assert facts["activity"] == "walking_forward" and facts["acts_s"] == []
        speeds[words] = facts["parameters"]["speed_mps"]
    usual = PROGRAMS["walking_forward"].parameters["speed_mps"]
    third = (usual.high - usual.low) / 3.0
    assert usual.low <= speeds["walking slowly"] <= usual.low + third
    assert usual.high - third <= speeds["walking quickly"] <= usual.high
    assert len(list(tmp_path.glob("*.bvh"))) == 3  # none is written over another
    assert main(["motion", "generate", "quickly walking", "-o", str(tmp_path), "--set", "speed_mps=1.0"]) == 0
    assert json.loads((tmp_path / "clips.jsonl").read_text().splitlines()[-1])["parameters"]["speed_mps"] == 1.0
    assert main(["motion", "generate", "slowly standing up", "-o", str(tmp_path)]) == 0
    facts = json.loads((tmp_path / "clips.jsonl").read_text().splitlines()[-1])
    assert facts["parameters"]["rise_s"] > 1.8
    [[begin, end], *_] = facts["acts_s"]
    assert end - begin == pytest.approx(facts["parameters"]["rise_s"], abs=0.01)


@pytest.mark.parametrize(
    ("words", "program"),
    [
        ("going up the stairs", "stairs_up"),
        ("a person goes for a jog", "jogging"),
        ("sitting down on a chair", "sitting_down"),
        ("walking upstairs", "stairs_up"),
        ("walking downstairs", "stairs_down"),
        ("lying on the back", "lying_on_back"),
        ("rowing", "rowing_machine"),
    ],
)
def test_words_find_their_program(tower, words, program):
    best = programs_for(words, tower)[0]
    assert best.program == program and best.similarity >= FAR


def test_words_of_no_motion_find_none(tower):
    for words in ("quantum physics", "the price of coffee beans", "tax return"):
        assert programs_for(words, tower)[0].similarity < FAR


def test_a_name_is_surer_than_its_neighbours(tower):
    for name, program in list(PROGRAMS.items())[::7]:
        assert programs_for(name, tower)[0].program == name
        assert programs_for(program.label, tower)[0].similarity == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generate", "quantum physics", "-o", "{tmp}/c"], "Nothing that can be generated"),
        (["generate", "walking", "-o", "{tmp}/c", "-n", "0"], "number of clips"),
        (["generate", "walking", "-o", "{tmp}/c", "--seed", "-1"], "not negative"),
        (["generate", "walking", "-o", "{tmp}/c", "--set", "speed_mps=9"], "No body moves like that"),
        (["generate", "walking", "-o", "{tmp}/c", "--set", "sped=1"], "Unknown parameter"),
        (["generate", "walking", "-o", "{tmp}/c", "--set", "speed"], "not understood"),
        (["generate", "walking", "-o", "{tmp}/c", "--set", "person=left"], "Unknown parameter"),
        (["generate", "walking", "-o", "{tmp}/c", "--set", "seed=2"], "Unknown parameter"),
        (["generate", "walking", "-o", "{tmp}/c", "--seconds", "-3"], "No body moves like that"),
        (["generate", " ", "-o", "{tmp}/c"], "No words"),
        (["view", "{tmp}/none.bvh", "-o", "{tmp}/a.png"], "no such file"),
        (["view", "{tmp}/none.bvh", "-o", "{tmp}/a.gif"], "view's kind"),
    ],
)
def test_bad_requests_end_in_one_clear_error(tmp_path, capsys, arguments, words):
    assert main(["motion", *(argument.format(tmp=tmp_path) for argument in arguments)]) == 2
    error = capsys.readouterr().err
    assert "error: " in error and words in error and "Traceback" not in error
    assert not list(tmp_path.iterdir())


def test_a_generated_clip_can_be_looked_at(tmp_path):
    assert main(["motion", "generate", "waving", "-o", str(tmp_path), "--seconds", "3"]) == 0
    page = tmp_path / "wave.html"
    assert main(["motion", "view", str(next(tmp_path.glob("*.bvh"))), "-o", str(page), "--at", "right_wrist"]) == 0
    assert "right_wrist" in page.read_text()
