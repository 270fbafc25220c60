"""Which programs of the generator do what words say, and how sure that is."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from zipfile import BadZipFile

import numpy as np

from .._files import write_whole
from .._typing import Array
from ..errors import ArtefactError, UsageError
from ..motion.generate import PROGRAMS, find_program
from .contrary import says_contrary
from .phrases import agreed, bare, doing, done, parts, shortened
from .text import TextTower

FILE = "programs.npz"
FAR = 0.5  # cosine below which a match is no match: unrelated words reach 0.44
SAME = 0.999  # cosine of words with themselves

# Fitted by benchmarks/matching.py: every wording of every program in turn has to find its program by the others' words, or,
# with that program taken away, to find none.
TEMPERATURE = 0.063
NO_PROGRAM = 0.826  # cosine at which "none of these" is as likely as one program
CONTRARY = 0.3  # taken off the cosine of words that say the contrary: up for down, left for right
SHORTENED = 0.84  # taken for the cosine of words that are a program's own but for what follows or goes before them
LEAST_SHARE = 0.05  # of a mixture; programs less likely are left out
MOST = 5  # programs that share a label, where it is not their own word
MOST_JOINED = 12  # programs that share a label of several parts

_LYING = ("lying_on_back", "lying_on_left_side", "lying_on_right_side", "lying_on_front")
WIDER: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("lying", "lie", "laying"), _LYING),
    (("lying down", "lie down"), (*_LYING, "lying_down")),
    (("cycling", "biking"), ("cycling_road", "cycling_exercise_bike")),
    (("stairs", "walking on stairs"), ("stairs_up", "stairs_down")),
    (("elevator", "riding an elevator"), ("elevator_up", "elevator_down", "standing_in_elevator")),
    (("turning", "turning around"), ("turning_on_spot_left", "turning_on_spot_right", "turning_while_walking")),
    (
        ("falling", "falling down", "fall"),
        ("falling_forward", "falling_backward", "falling_left", "falling_right", "tripping", "slipping", "fainting"),
    ),
    (("eating",), ("eating", "eating_sandwich", "eating_chips")),
    (("cleaning", "house cleaning", "housework"), ("vacuuming", "mopping", "sweeping", "wiping_table")),
    (
        ("lifting weights", "weight lifting", "weightlifting"),
        ("arm_curls", "shoulder_press", "bench_presses", "deadlifts"),
    ),
    (("playing music", "playing an instrument"), ("playing_guitar", "playing_piano", "drumming")),
    (("sedentary", "being sedentary"), ("sitting", "typing", "reading", "watching_tv")),
    (("in a vehicle", "transport", "bus", "on a bus", "train", "on a train", "subway", "tram"), ("driving", "sitting")),
    (("still", "stationary", "idle", "not moving", "at rest", "resting"), ("standing", "sitting", "lying_on_back")),
)
"""Words that leave open which of several programs is meant: then all are."""


@dataclass(frozen=True)
class ProgramMatch:
    """A program and how near its words are.

    Attributes:
        program: its name.
        said: its own words that are nearest.
        similarity: cosine of sentence embeddings, -1 to 1; 1 where the words are the program's own.
        tempo: -1 where it is to be done slowly, 1 quickly.
    """

    program: str
    said: str
    similarity: float
    tempo: int = 0

    def __str__(self) -> str:
        return self.program + {-1: ", slowly", 0: "", 1: ", quickly"}[self.tempo]


@dataclass(frozen=True)
class ProgramMix:
    """What a label may mean.

    Attributes:
        matches: programs, the likeliest first; empty when none is likely.
        shares: how likely each is, given that one of them is meant; they add up to 1.
        sure: how likely it is that one of them is meant at all.
    """

    matches: tuple[ProgramMatch, ...]
    shares: tuple[float, ...]
    sure: float

    @property
    def declined(self) -> bool:
        """Whether it is likelier that no program does what was said: a wrong one is worse than none."""
        return self.sure < 0.5 or not self.matches


def mix_programs(texts: Sequence[str], tower: TextTower) -> ProgramMix:
    """The programs that a label may mean, each with a calibrated share.

    Args:
        texts: the label's name and descriptions; what is nearest to any of them counts.
        tower: sentence encoder.

    Raises:
        UsageError: no words at all.
    """
    said = [text for text in map(done, texts) if text]
    texts = list(dict.fromkeys([*said, *(text.replace("-", " ") for text in said)]))
    if not texts:
        raise UsageError("No words were given", remedy="Say what is to be done, such as climbing stairs")
    mix = _mix(texts, tower)
    if mix.sure < 1.0 and (doings := [own for text in said if (own := doing(text, _doings()))]):
        mix = max(mix, _mix(doings, tower), key=lambda one: one.sure)
    for text in texts:
        if mix.sure < 1.0 and len(own := parts(text)) > 1:
            mix = max(mix, _joined([_mix([part], tower) for part in own]), key=lambda one: one.sure)
    return mix


@cache
def _doings() -> frozenset[str]:
    """Words for doing something that wordings begin with."""
    return frozenset(first for text, _ in own_words() if (first := text.split()[0]).endswith("ing"))


def _mix(texts: Sequence[str], tower: TextTower) -> ProgramMix:
    """Of one activity, without regard to parts."""
    told = [bare(text) for text in texts]
    asked = list(dict.fromkeys([*texts, *(text for text, _ in told)]))
    names, owners, vectors = wordings(tower)
    cosines = np.asarray(tower.encode(asked)) @ vectors.T
    against = np.array([[_says_contrary(text, *own) for own in zip(names, owners, strict=True)] for text in asked])
    nearness = cosines - CONTRARY * against
    tempo = agreed(tempo for _, tempo in told)
    # A program's own words say how fast it is.
    whole = nearness[: len(texts)]
    if whole.max() >= SAME:
        nearness, tempo = whole[whole.max(axis=1) >= SAME], 0
    nearest = nearness.max(axis=0)
    mix = _weighed(nearest, names, owners, tempo)
    if mix.declined:
        known = frozenset(names)
        cut = {shorter for text in asked if (shorter := shortened(text, known))}
        nearest = np.where([name in cut for name in names], np.maximum(nearest, SHORTENED), nearest)
        mix = _weighed(nearest, names, owners, tempo) if cut else mix
    return mix


def _weighed(nearest: Array, names: list[str], owners: list[str], tempo: int) -> ProgramMix:
    """How likely each program is, by how near words are to each of all wordings."""
    best: dict[str, ProgramMatch] = {}
    for row in np.argsort(-nearest, kind="stable"):
        best.setdefault(owners[row], ProgramMatch(owners[row], names[row], float(nearest[row]), tempo))
    found = list(best.values())
    if found[0].similarity >= SAME:
        same = tuple(match for match in found if match.similarity >= SAME)
        return ProgramMix(same, (1.0 / len(same),) * len(same), 1.0)
    weights = np.exp((np.array([match.similarity for match in found]) - NO_PROGRAM) / TEMPERATURE)
    likely = weights / (1.0 + weights.sum())
    kept = likely >= LEAST_SHARE * likely.max()
    kept[MOST:] = False
    shares = likely[kept] / likely[kept].sum()
    matches = tuple(match for match, keep in zip(found, kept, strict=True) if keep)
    return ProgramMix(matches, tuple(float(share) for share in shares), float(likely.sum()))


def _joined(mixes: Sequence[ProgramMix]) -> ProgramMix:
    """Of what is done one after another: a window may hold any part. A part that no program does leaves that much unsure."""
    known = [mix for mix in mixes if not mix.declined]
    shares: dict[ProgramMatch, float] = {}
    for mix in known:
        for match, share in zip(mix.matches, mix.shares, strict=True):
            shares[match] = shares.get(match, 0.0) + share * mix.sure
    best = sorted(shares, key=lambda match: -shares[match])[:MOST_JOINED]
    total = sum(shares[match] for match in best)
    sure = sum(mix.sure for mix in known) / len(mixes)
    return ProgramMix(tuple(best), tuple(shares[match] / total for match in best), sure)


def programs_for(text: str, tower: TextTower, count: int = 5) -> tuple[ProgramMatch, ...]:
    """The programs nearest to some words, the nearest first.

    Args:
        text: such as "climbing stairs"; the name, label or another name of a program is found at once.
        tower: sentence encoder.
        count: how many.

    Raises:
        UsageError: no words at all.

    Example:
        >>> programs_for("going for a jog", TextTower(WEIGHTS_DIR))[0].program  # doctest: +SKIP
        'jogging'
    """
    if not text.strip():
        raise UsageError("No words were given", remedy="Say what is to be done, such as climbing stairs")
    names, owners, vectors = wordings(tower)
    # How fast something is done is heard, unless the words with it are a program's own.
    own, tempo = _called_so(text), 0
    if own is None:
        text, tempo = bare(done(text))
        own = _called_so(text)
    cosines = vectors @ np.asarray(tower.encode([text.strip().lower()]))[0]
    best: dict[str, ProgramMatch] = {}
    for row in np.argsort(-cosines, kind="stable"):
        best.setdefault(owners[row], ProgramMatch(owners[row], names[row], float(cosines[row]), tempo))
    found = sorted(best.values(), key=lambda match: (match.program != own, -match.similarity))
    if own is not None:
        found[0] = ProgramMatch(own, text.strip().lower(), 1.0, tempo)
    return tuple(found[:count])


def _called_so(text: str) -> str | None:
    """The program whose name, label or other name this is."""
    try:
        return find_program(text).name
    except UsageError:
        return None


def _says_contrary(text: str, wording: str, owner: str) -> bool:
    """Whether words say the contrary of a wording, or of all that its program is called: "climbing stairs" by itself does not
    tell up from down, the program's other names do."""
    return says_contrary(text, wording) or says_contrary(text, _called(owner))


@cache
def _called(owner: str) -> str:
    return " ".join((PROGRAMS[owner].label, *PROGRAMS[owner].also))


def own_words() -> list[tuple[str, str]]:
    """Every wording of every program, and whose it is; those that several are called by come once for each."""
    called = [(text, name) for name, own in PROGRAMS.items() for text in (own.label, *own.also)]
    return list(dict.fromkeys([*called, *((text, name) for texts, names in WIDER for text in texts for name in names)]))


@lru_cache(maxsize=2)
def wordings(tower: TextTower) -> tuple[list[str], list[str], Array]:
    """Every wording of every program, whose it is, and its vector."""
    pairs = own_words()
    texts, owners = [text for text, _ in pairs], [name for _, name in pairs]
    stored = tower.folder / FILE
    if stored.exists():
        try:
            with np.load(stored) as file:
                if file["texts"].tolist() == texts and str(file["tower"]) == _identity(tower):
                    return texts, owners, file["vectors"].astype(np.float32)
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise ArtefactError(
                "A model file is damaged", where=str(stored), got=str(error), remedy="Install the package again"
            ) from error
    encode: Callable[[Sequence[str]], Array] = tower.encode
    return texts, owners, np.asarray(encode(texts))


def store_wordings(tower: TextTower) -> None:
    """Keep the vectors of all wordings beside a text tower: making them takes longer than most questions."""
    (tower.folder / FILE).unlink(missing_ok=True)
    wordings.cache_clear()
    texts, _, vectors = wordings(tower)
    keep = {"texts": np.array(texts), "tower": np.array(_identity(tower)), "vectors": vectors.astype(np.float16)}
    write_whole(tower.folder / FILE, lambda partial: np.savez_compressed(partial, **keep))
    wordings.cache_clear()


def _identity(tower: TextTower) -> str:
    return f"{zlib.crc32((tower.folder / 'text.onnx').read_bytes()):08x}"


if __name__ == "__main__":
    from .model import WEIGHTS_DIR

    store_wordings(TextTower(WEIGHTS_DIR))
