"""The generator held against real recordings: every activity of the ``train`` sets, at every place they were worn.

Generated people perform each activity; `anywear.simulate` puts the unit's profile on them, the same way for all
activities of a person, and samples it at the set's rate. Windows of `MEASURES` and angles of gravity between activities
are compared. Beside every distance stands the *floor*: one half of the real subjects against the other.

Steady activities are cut into windows of up to `WINDOW_S`. Actions that happen once (gestures, sports, sitting down) are
compared in their busiest stretch, the one with most turning, once per trial or clip; it is as long as the shortest tenth of
the real ones, so that nobody's waiting is compared. Evaluation sets are not touched.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .._typing import Array
from ..datasets import dataset
from ..errors import AnywearError, UsageError
from ..motion.generate import PROGRAMS, Choice, Person, find_program, generate
from ..recording import Recording
from ..simulate.devices import device
from ..simulate.simulator import Simulator
from ..simulate.wear import put_on, worn_signals
from .simulation_features import Windows, halves, spectra
from .simulation_generator_transfer import Transfer, transfers
from .simulation_measures import (
    TILT,
    Shown,
    Spread,
    measured_distances,
    relative_tilts_deg,
    shown,
    spectral_distance_db,
    spread_of,
    tilt_distance,
)

WINDOW_S = 5.0
PEOPLE = 12
EDGE_S = 0.25  # of a clip's ends left out of steady windows
MOST_WINDOWS = 30  # per real subject


@dataclass(frozen=True)
class Unit:
    """A stream of a set, where it was worn, and the device that stands for it."""

    stream: str
    site: str
    device: str


@dataclass(frozen=True)
class Matched:
    """An activity of a set: its label word, the programs that make it, and how it is compared.

    Attributes:
        data: the set.
        label: its word for the activity.
        programs: names or labels of programs, taken in turn; those there are.
        units: where it was worn.
        once: compared in the busiest stretch of each trial.
        reference: label against which gravity's turn is measured; empty for none.
    """

    data: str
    label: str
    programs: tuple[str, ...]
    units: tuple[Unit, ...]
    once: bool = False
    reference: str = ""


# Units on torso and thigh were strapped; the strap's profile is that of the chest.
_DSADS = (
    Unit("torso", "chest", "chest_strap"), Unit("right_arm", "right_wrist", "watch"), Unit("left_arm", "left_wrist", "watch"),
    Unit("right_leg", "right_outer_thigh", "chest_strap"), Unit("left_leg", "left_outer_thigh", "chest_strap"),
)  # fmt: skip
_SP_SW = (Unit("phone", "left_front_pocket", "phone_in_front_pocket"), Unit("watch", "left_wrist", "watch"))
_UTD = {
    "right_wrist": (Unit("unit", "right_wrist", "watch"),),
    "right_thigh": (Unit("unit", "right_thigh", "chest_strap"),),
}
_REFERENCE = {"dsads": "standing", "sp-sw-har": "walking", "right_thigh": "walk", "right_wrist": ""}
_STEADY = ("seated", "walking", "walk", "jog", "arm curl")  # of the sets with trials; others there happen once
OTHER_WORDS: dict[str, tuple[str, ...]] = {
    "playing basketball": ("playing basketball", "dribbling a basketball", "dribbling", "basketball shoot"),
    "turning": ("turning_while_walking", "turning_on_spot_left", "turning_on_spot_right"),
    "wave": ("waving",), "clap": ("clapping",), "throw": ("throw", "throwing"), "knock": ("knocking",),
    "jog": ("running in place",), "walk": ("walking in place",), "walking": ("walking_forward",), "seated": ("sitting",),
    "jumping": ("jumping",), "lunge": ("lunges",), "squat": ("squats",), "arm curl": ("arm_curls", "one_arm_curls"),
}  # fmt: skip
"""Programs for label words that name none, or more than one; any other word is looked up as it is. Who jogs and walks in
utd-mhad does so on the spot (Chen, Jafari & Kehtarnavaz, ICIP 2015)."""
_RIGHT_HANDED = ("utd-mhad",)  # the wrist that acts wears the unit; actions were told to be done standing
_AS_TOLD = {"hand": "dominant", "posture": "standing"}
_SIDES = {"lunge": "left"}  # forward lunge, left foot forward, in the words of the set's authors


def _all_matched() -> tuple[Matched, ...]:
    out = []
    for data, units in (("dsads", _DSADS), ("sp-sw-har", _SP_SW)):
        for word in dataset(data).info.label_words:
            once = data != "dsads" and word not in _STEADY
            out.append(Matched(data, word, OTHER_WORDS.get(word, (word,)), units, once, _REFERENCE[data]))
    for group, words in (dataset("utd-mhad").info.label_groups or {}).items():
        for word in words:
            programs = OTHER_WORDS.get(word, (word,))
            out.append(Matched("utd-mhad", word, programs, _UTD[group], word not in _STEADY, _REFERENCE[group]))
    return tuple(out)


MATCHED = _all_matched()


@dataclass(frozen=True, eq=False)
class GeneratorRow:
    """One activity at one place.

    Attributes:
        data, label, site, device: which.
        programs: names of the programs that made it.
        windows, groups: real and generated: how many windows, of how many wearers.
        real, generated: what they span.
        real_tilt_deg, generated_tilt_deg: angle of gravity to the reference activity; None where there is none.
        distances, floor: by measure (and ``tilt``), in standard deviations of the real windows; the floor is between
            halves of the subjects.
        spectrum_db, spectrum_floor_db: difference of the spectra of |acc| and |gyr|; between halves of the subjects.
        spectra: ``real`` and ``generated``: frequencies, power of |acc| and |gyr|.
    """

    data: str
    label: str
    site: str
    device: str
    programs: tuple[str, ...]
    windows: tuple[int, int]
    groups: tuple[int, int]
    real: Shown
    generated: Shown
    real_tilt_deg: Spread | None
    generated_tilt_deg: Spread | None
    distances: dict[str, float]
    floor: dict[str, float]
    spectrum_db: tuple[float, float]
    spectrum_floor_db: tuple[float, float] | None
    spectra: dict[str, tuple[Array, Array, Array]]

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.label}, {self.site.replace('_', ' ')} ({self.data})"

    @property
    def far(self) -> float:
        """Mean of the distances that are known."""
        return _mean(self.distances)

    @property
    def near(self) -> float:
        """The same between halves of the real subjects, over the same measures."""
        return _mean({name: self.floor.get(name, float("nan")) for name, v in self.distances.items() if np.isfinite(v)})


@dataclass(frozen=True)
class GeneratorResult:
    """Rows, the farthest first; what had no program or no recording; clips that failed; what a classifier makes of it."""

    rows: tuple[GeneratorRow, ...]
    missing: tuple[str, ...]
    failed: tuple[str, ...]
    transfers: tuple[Transfer, ...] = ()

    def activities(self) -> list[tuple[str, str, float, float]]:
        """Set, label, mean distance and mean floor over the places, the farthest first."""
        keys = list(dict.fromkeys((row.data, row.label) for row in self.rows))
        own = {key: [row for row in self.rows if (row.data, row.label) == key] for key in keys}
        found = [
            (*key, float(np.mean([r.far for r in rows])), float(np.nanmean([r.near for r in rows])))
            for key, rows in own.items()
        ]
        return sorted(found, key=lambda item: -item[2])


def compare_generator(
    data: Path,
    seed: int = 0,
    matched: Sequence[Matched] = MATCHED,
    people: int = PEOPLE,
    most_subjects: int | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> GeneratorResult:
    """Generate, wear and compare every activity.

    Args:
        data: folder with the recordings' sets, unpacked or as archives.
        seed: of people, clips and devices.
        matched: which activities; the references of others among them are made as well.
        people: generated for each activity.
        most_subjects: of every real set; all when None.
        progress: told every step.
    """
    real, rates = _real_spans(data, matched, most_subjects, progress)
    made: dict[tuple[str, str, str], tuple[Windows, Windows]] = {}
    missing: list[str] = []
    failed: list[str] = []
    for one in matched:
        programs = resolved(one)
        if not programs:
            missing.append(f"{one.data}, {one.label}: no program")
            continue
        progress(f"generator: {one.data}, {one.label}")
        theirs = {
            unit: real[one.data, one.label, unit.stream]
            for unit in one.units
            if (one.data, one.label, unit.stream) in real
        }
        if not theirs:
            missing.append(f"{one.data}, {one.label}: no real recording")
            continue
        cut = {unit: _real_windows(spans, rates[one.data, unit.stream], one.once) for unit, spans in theirs.items()}
        lengths = {unit: windows.acc_mps2.shape[1] / windows.rate_hz for unit, windows in cut.items()}
        ours = generated_windows(one, programs, lengths, {u: w.rate_hz for u, w in cut.items()}, people, seed, failed)
        for unit, windows in cut.items():
            if unit in ours:
                made[one.data, one.label, unit.site] = (windows, ours[unit])
            else:
                missing.append(f"{one.data}, {one.label}, {unit.site}: no clip")
    rows = [_row(one, unit, made) for one in matched for unit in one.units if (one.data, one.label, unit.site) in made]
    return GeneratorResult(
        tuple(sorted(rows, key=lambda row: -row.far)), tuple(missing), tuple(failed), transfers(made)
    )


def resolved(one: Matched) -> tuple[str, ...]:
    """Names of the programs of an activity that there are."""
    found = []
    for word in one.programs:
        try:
            found.append(find_program(word).name)
        except UsageError:
            continue
    return tuple(dict.fromkeys(found))


def generated_windows(
    one: Matched, programs: Sequence[str], length_s: dict[Unit, float], rate_hz: dict[Unit, float], people: int, seed: int,
    failed: list[str],
) -> dict[Unit, Windows]:  # fmt: skip
    """Windows of one activity by unit; person number k is the same in every activity, and wears the unit the same way."""
    found: dict[Unit, list[tuple[Array, Array, str]]] = {unit: [] for unit in length_s}
    for number in range(people):
        person = Person.draw(np.random.default_rng([seed, number]))
        name = programs[number % len(programs)]
        told: dict[str, str] = {}
        if one.data in _RIGHT_HANDED:
            person, told = replace(person, hand="right"), _told(name, one.label)
        longest_s = max(length_s.values())
        seconds = max(longest_s + 2.0, 5.0) if one.once else 2.0 * longest_s + 2.0 * EDGE_S + 0.1
        clip_seed = zlib.crc32(f"{seed}/{one.data}/{one.label}/{number}".encode())
        try:
            clip = generate(name, clip_seed, seconds=seconds, person=person, **told).clip
            simulator = Simulator(clip, lowpass_hz=None)  # generated motion has no noise to remove
        except AnywearError as error:
            failed.append(f"{name} {clip_seed}: {error}")
            continue
        for unit in length_s:
            wearing = zlib.crc32(f"{one.data}/{unit.stream}".encode())
            signals = _sample(simulator, unit, rate_hz[unit], [seed, number, wearing], clip_seed)
            length = round(length_s[unit] * rate_hz[unit])
            cut = _busiest(*signals, length) if one.once else _cut(*signals, length)
            found[unit] += [(a, g, str(number)) for a, g in cut]
    return {unit: _windows(own, rate_hz[unit]) for unit, own in found.items() if own}


def _told(name: str, label: str) -> dict[str, str]:
    """The choices that the instructions of a set fix."""
    own = PROGRAMS[name].parameters
    wanted = _AS_TOLD | ({"side": _SIDES[label]} if label in _SIDES else {})
    kinds = {key: own.get(key) for key in wanted}
    return {key: wanted[key] for key, kind in kinds.items() if isinstance(kind, Choice) and wanted[key] in kind.options}


def _sample(
    simulator: Simulator, unit: Unit, rate_hz: float, wearing: list[int], clip_seed: int
) -> tuple[Array, Array]:
    """Specific force and angular rate (T, 3); a wearer's turn and place are the same in all clips."""
    kind = device(unit.device)
    worn = put_on(simulator.points([unit.site]), kind.wear, [np.random.default_rng(wearing)], simulator.motion.body)
    time_s = EDGE_S + np.arange(int((simulator.duration_s - 2 * EDGE_S) * rate_hz)) / rate_hz
    moving, sensing = np.random.default_rng([*wearing, clip_seed]).spawn(2)
    acc, gyr = worn_signals(simulator.bones, simulator.motion, worn, kind.wear, time_s, rate_hz, [moving])
    acc, gyr, _ = kind.sensor.apply(acc, gyr, rate_hz, sensing)
    assert gyr is not None
    return acc[0], gyr[0]


def _row(one: Matched, unit: Unit, made: dict[tuple[str, str, str], tuple[Windows, Windows]]) -> GeneratorRow:
    real, ours = made[one.data, one.label, unit.site]
    split = halves(real)
    distances = measured_distances(real, ours)
    floor = measured_distances(*split) if split else {}
    against = made.get((one.data, one.reference, unit.site)) if one.reference != one.label else None
    tilts = None
    if against is not None:
        tilts = relative_tilts_deg(real, against[0]), relative_tilts_deg(ours, against[1])
        distances[TILT] = tilt_distance(*tilts)
        names = sorted(tilts[0])
        sides = [{n: tilts[0][n] for n in names[first::2]} for first in (0, 1)]
        floor[TILT] = tilt_distance(*sides)
    return GeneratorRow(
        one.data, one.label, unit.site, unit.device, resolved(one),
        (len(real), len(ours)), (len(set(real.group)), len(set(ours.group))),
        shown(real), shown(ours),
        spread_of(tilts[0]) if tilts else None, spread_of(tilts[1]) if tilts else None,
        distances, floor, spectral_distance_db(real, ours), spectral_distance_db(*split) if split else None,
        {"real": spectra(real), "generated": spectra(ours)},
    )  # fmt: skip


def _real_spans(
    data: Path, matched: Sequence[Matched], most_subjects: int | None, progress: Callable[[str], None]
) -> tuple[dict[tuple[str, str, str], list[tuple[Array, Array, str]]], dict[tuple[str, str], float]]:
    """Signals of every labelled span with its wearer, by set, label and stream; and the rates."""
    spans: dict[tuple[str, str, str], list[tuple[Array, Array, str]]] = {}
    rates: dict[tuple[str, str], float] = {}
    for name in dict.fromkeys(one.data for one in matched):
        progress(f"generator: reading {name}")
        words = {one.label: {unit.stream: unit for unit in one.units} for one in matched if one.data == name}
        for recording in recordings_of(data, name, most_subjects):
            for stream in recording.streams:
                rates.setdefault((name, stream.name), stream.effective_rate_hz)
                assert stream.gyr_radps is not None
                for span in recording.labels:
                    if stream.name in words.get(span.label, {}):
                        inside = (stream.time_s >= span.start_s) & (stream.time_s < span.end_s)
                        one = (stream.acc_mps2[inside], stream.gyr_radps[inside], recording.metadata["subject"])
                        spans.setdefault((name, span.label, stream.name), []).append(one)
    return spans, rates


def recordings_of(data: Path, name: str, most_subjects: int | None) -> Iterator[Recording]:
    """Recordings of a set, of its first subjects only where so many are named."""
    chosen = dataset(name)
    source = chosen.find(data)
    subjects = None
    if most_subjects is not None:
        keys = [chosen.parse(file) for file in source.names()]
        subjects = sorted({key.subject for key in keys if key is not None and key.subject is not None})[:most_subjects]
    return chosen.recordings(source, subjects=subjects)


def _real_windows(spans: list[tuple[Array, Array, str]], rate_hz: float, once: bool) -> Windows:
    lengths = [len(acc) for acc, _, _ in spans]
    length = min(round(WINDOW_S * rate_hz), int(np.percentile(lengths, 10)))
    found = [
        (a, g, subject)
        for acc, gyr, subject in spans
        for a, g in (_busiest(acc, gyr, length) if once else _cut(acc, gyr, length))
    ]
    kept: list[tuple[Array, Array, str]] = []
    for subject in dict.fromkeys(item[2] for item in found):
        own = [item for item in found if item[2] == subject]
        kept += [own[i] for i in np.unique(np.linspace(0, len(own) - 1, min(MOST_WINDOWS, len(own))).astype(int))]
    return _windows(kept, rate_hz)


def _windows(items: list[tuple[Array, Array, str]], rate_hz: float) -> Windows:
    return Windows(
        np.stack([i[0] for i in items]), np.stack([i[1] for i in items]), tuple(i[2] for i in items), rate_hz
    )


def _cut(acc: Array, gyr: Array, length: int) -> Iterator[tuple[Array, Array]]:
    for start in range(0, len(acc) - length + 1, length):
        yield acc[start : start + length], gyr[start : start + length]


def _busiest(acc: Array, gyr: Array, length: int) -> Iterator[tuple[Array, Array]]:
    """The stretch with most turning; nothing where there is too little."""
    if len(acc) >= length:
        total = np.concatenate([[0.0], np.cumsum((gyr.astype(np.float64) ** 2).sum(axis=1))])
        start = int(np.argmax(total[length:] - total[:-length]))
        yield acc[start : start + length], gyr[start : start + length]


def _mean(values: dict[str, float]) -> float:
    known = [v for v in values.values() if np.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")
