"""The domain gap: simulated recordings of an activity against real ones at the same place, with and without wear.

Real: the ``train`` sets dsads, sp-sw-har and utd-mhad; evaluation sets are not touched. Simulated: motion capture of the like
activity by other people elsewhere; sitting and stairs, of which there is no free motion capture, come from the
generator. Every row is one activity at one place of one set, at that set's rate, in windows of `WINDOW_S`. Three
simulations are compared:

- ``ideal``: a perfect sensor welded to the skin;
- ``part``: the errors of a real part, welded;
- ``worn``: the whole device profile, put on anew `WEARINGS` times per clip.

``real`` beside them is one half of the real subjects against the other: what a difference of people alone makes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .._typing import Array
from ..datasets import dataset
from ..errors import AnywearError
from ..motion import MotionClip, read_motion
from ..recording import Recording
from ..simulate.devices import RIGID, Device, device
from ..simulate.simulator import Simulator
from ..simulate.wear import put_on, worn_signals
from .simulation_features import Distance, Ranges, Windows, distance, halves, ranges, spectra

WINDOW_S = 1.28  # most clips of running last little longer
EDGE_S = 0.1  # of a clip's ends left out, where the low-pass has one side only
WEARINGS = 3
MOST_CLIPS = 16  # per activity and source folder, evenly spread
MOST_WINDOWS = 60  # per real subject
VARIANTS = ("ideal", "part", "worn")
GENERATED = 12  # clips per program
GENERATED_S = 8.0

# Activity: folders and patterns of clips, by source; and programs of the generator.
CLIPS: dict[str, tuple[tuple[str, str], ...]] = {
    "walking": (
        ("cmu-actions", "**/walking/*.txt"),
        ("cmu-actions", "**/walking_extra/*.txt"),
        ("cmu-iclone", "**/002_0[12].bvh"),
        ("cmu-iclone", "**/00[56]_01.bvh"),
        ("cmu-iclone", "**/007_0[1-8].bvh"),
    ),
    "running": (
        ("cmu-actions", "**/running/*.txt"),
        ("cmu-iclone", "**/002_03.bvh"),
        ("hdm05", "**/*_jogLeftCircle4StepsRstart_*.amc"),
    ),
    "jumping": (("cmu-actions", "**/jumping/*.txt"), ("hdm05", "**/*_hopBothLegs1hops_*.amc")),
    "standing": (("reactidle", "**/*.bvh"),),
}
PROGRAMS = {"sitting": ("sitting",), "stairs up": ("ascending stairs",), "stairs down": ("descending stairs",)}


@dataclass(frozen=True)
class Row:
    """An activity at a place: the set's words and stream for it, and the device that stands for its unit."""

    activity: str
    data: str
    words: tuple[str, ...]
    stream: str
    site: str
    device: str

    @property
    def name(self) -> str:
        return f"{self.activity}, {self.site.replace('_', ' ')} ({self.data})"


# Units on the thigh were strapped; the strap's profile is that of the chest.
_DSADS = (("torso", "chest", "chest_strap"), ("right_arm", "right_wrist", "watch"),
          ("right_leg", "right_outer_thigh", "chest_strap"))  # fmt: skip
_DSADS_WORDS = {
    "walking": ("walking in a parking lot", "walking on a treadmill flat"),
    "running": ("running on a treadmill",),
    "jumping": ("jumping",),
    "standing": ("standing",),
    "sitting": ("sitting",),
    "stairs up": ("ascending stairs",),
    "stairs down": ("descending stairs",),
}
_PHONE = ("phone", "left_front_pocket", "phone_in_front_pocket")
_WATCH = ("watch", "left_wrist", "watch")
ROWS: tuple[Row, ...] = (
    *(Row(activity, "dsads", words, *unit) for activity, words in _DSADS_WORDS.items() for unit in _DSADS),
    *(Row("walking", "sp-sw-har", ("walking",), *unit) for unit in (_PHONE, _WATCH)),
    *(Row("sitting", "sp-sw-har", ("seated",), *unit) for unit in (_PHONE, _WATCH)),
    Row("walking", "utd-mhad", ("walk",), "unit", "right_thigh", "chest_strap"),
    Row("running", "utd-mhad", ("jog",), "unit", "right_thigh", "chest_strap"),
)


@dataclass(frozen=True, eq=False)
class GapRow:
    """One row: what real and simulated windows span, how far they are apart, and their spectra.

    Attributes:
        row: which.
        windows, groups: of real and every variant: how many windows, of how many subjects or clips.
        ranges: by ``real`` and variant.
        distances: by ``real`` (its halves against each other) and variant.
        spectra: by ``real`` and variant: frequencies, power of |acc| and |gyr|.
    """

    row: Row
    windows: dict[str, int]
    groups: dict[str, int]
    ranges: dict[str, Ranges]
    distances: dict[str, Distance]
    spectra: dict[str, tuple[Array, Array, Array]]


@dataclass(frozen=True)
class GapResult:
    """All rows that had real and simulated windows, why others had not, and clips that could not be used."""

    rows: tuple[GapRow, ...]
    missing: tuple[str, ...]
    failed: tuple[str, ...]

    def mean(self, variant: str, generated: bool) -> Distance | None:
        """Mean over the rows whose motion was captured, or generated; None without such a row."""
        chosen = [r for r in self.rows if variant in r.distances and (r.row.activity in PROGRAMS) == generated]
        if not chosen:
            return None
        values = np.array([[*vars(r.distances[variant]).values()] for r in chosen])
        known = np.isfinite(values)
        sums = np.where(known, values, 0.0).sum(axis=0)
        return Distance(*(float(s / n) if n else float("nan") for s, n in zip(sums, known.sum(axis=0), strict=True)))


def compare_gap(
    data: Path,
    seed: int = 0,
    rows: Sequence[Row] = ROWS,
    most_clips: int = MOST_CLIPS,
    most_subjects: int | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> GapResult:
    """Simulate every row and compare.

    Args:
        data: folder with the unpacked motion sets, and the recordings' sets unpacked or as archives.
        seed: of what the devices draw.
        rows: which comparisons.
        most_clips: per activity and pattern, evenly spread.
        most_subjects: of every real set; all when None.
        progress: told every step.
    """
    real = _real_windows(data, rows, most_subjects, progress)
    clips: dict[str, list[tuple[str, Simulator]]] = {}
    failed: list[str] = []
    done, missing = [], []
    for row in rows:
        if row not in real:
            missing.append(f"{row.name}: no real recording")
            continue
        if row.activity not in clips:
            progress(f"gap: motion of {row.activity}")
            clips[row.activity] = list(_simulators(data, row.activity, most_clips, failed))
        theirs = real[row]
        made = {v: simulate_windows(row, v, clips[row.activity], theirs.rate_hz, seed) for v in VARIANTS}
        if any(windows is None for windows in made.values()):
            missing.append(f"{row.name}: no motion")
            continue
        progress(f"gap: {row.name}")
        done.append(_compare(row, theirs, {name: w for name, w in made.items() if w is not None}))
    return GapResult(tuple(done), tuple(missing), tuple(failed))


def simulate_windows(
    row: Row, variant: str, clips: Sequence[tuple[str, Simulator]], rate_hz: float, seed: int
) -> Windows | None:
    """Windows of all clips at one place; None where there are none."""
    kind = variant_device(row.device, variant)
    acc, gyr, group = [], [], []
    for name, simulator in clips:
        for wearing in range(1 if variant == "ideal" else WEARINGS):
            rng = np.random.default_rng([seed, zlib.crc32(f"{row.name}/{name}/{wearing}".encode())])
            length_s = simulator.duration_s - 2 * EDGE_S
            if length_s <= WINDOW_S:
                continue
            time_s = EDGE_S + np.arange(int(length_s * rate_hz)) / rate_hz
            for a, g in _cut(*_sample(simulator, row.site, kind, time_s, rate_hz, rng), rate_hz):
                acc.append(a)
                gyr.append(g)
                group.append(name)
    return Windows(np.stack(acc), np.stack(gyr), tuple(group), rate_hz) if acc else None


def variant_device(name: str, variant: str) -> Device:
    """The device of a variant: a perfect sensor, the profile's part welded on, or the profile as it is."""
    if variant == "ideal":
        return device("ideal")
    return device(name) if variant == "worn" else replace(device(name), wear=RIGID)


def _sample(
    simulator: Simulator, site: str, kind: Device, time_s: Array, rate_hz: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Specific force and angular rate (T, 3) of one wearing; the set's own even clock, since windows are short."""
    wearing, sensing = rng.spawn(2)
    worn = put_on(simulator.points([site]), kind.wear, [wearing], simulator.motion.body)
    acc, gyr = worn_signals(simulator.bones, simulator.motion, worn, kind.wear, time_s, rate_hz, [wearing])
    acc, gyr, _ = kind.sensor.apply(acc, gyr, rate_hz, sensing)
    assert gyr is not None
    return acc[0], gyr[0]


def _compare(row: Row, real: Windows, made: dict[str, Windows]) -> GapRow:
    every = {"real": real, **made}
    distances = {name: distance(real, windows) for name, windows in made.items()}
    split = halves(real)
    if split is not None:
        distances = {"real": distance(*split), **distances}
    return GapRow(
        row,
        {name: len(windows) for name, windows in every.items()},
        {name: len(set(windows.group)) for name, windows in every.items()},
        {name: ranges(windows) for name, windows in every.items()},
        distances,
        {name: spectra(windows) for name, windows in every.items()},
    )


def _real_windows(
    data: Path, rows: Sequence[Row], most_subjects: int | None, progress: Callable[[str], None]
) -> dict[Row, Windows]:
    found: dict[Row, list[tuple[Array, Array, str]]] = {}
    rates: dict[str, float] = {}
    for name in dict.fromkeys(row.data for row in rows):
        progress(f"gap: reading {name}")
        own = [row for row in rows if row.data == name]
        for recording in _recordings(data, name, most_subjects):
            for row in own:
                for span in recording.labels:
                    if span.label not in row.words or row.stream not in [s.name for s in recording.streams]:
                        continue
                    stream = recording.stream(row.stream)
                    rates.setdefault(row.stream + name, stream.effective_rate_hz)
                    inside = (stream.time_s >= span.start_s) & (stream.time_s < span.end_s)
                    assert stream.gyr_radps is not None
                    cut = _cut(stream.acc_mps2[inside], stream.gyr_radps[inside], rates[row.stream + name])
                    subject = recording.metadata["subject"]
                    found.setdefault(row, []).extend((a, g, subject) for a, g in cut)
    return {row: _thinned(windows, rates[row.stream + row.data]) for row, windows in found.items() if windows}


def _recordings(data: Path, name: str, most_subjects: int | None) -> Iterator[Recording]:
    chosen = dataset(name)
    source = chosen.find(data)
    subjects = None
    if most_subjects is not None:
        keys = [chosen.parse(file) for file in source.names()]
        subjects = sorted({key.subject for key in keys if key is not None and key.subject is not None})[:most_subjects]
    return chosen.recordings(source, subjects=subjects)


def _thinned(windows: list[tuple[Array, Array, str]], rate_hz: float) -> Windows:
    """At most `MOST_WINDOWS` of each subject, evenly spread."""
    kept: list[int] = []
    for subject in dict.fromkeys(w[2] for w in windows):
        own = [i for i, w in enumerate(windows) if w[2] == subject]
        kept += [own[i] for i in np.unique(np.linspace(0, len(own) - 1, min(MOST_WINDOWS, len(own))).astype(int))]
    chosen = [windows[i] for i in kept]
    return Windows(
        np.stack([w[0] for w in chosen]), np.stack([w[1] for w in chosen]), tuple(w[2] for w in chosen), rate_hz
    )


def _cut(acc: Array, gyr: Array, rate_hz: float) -> Iterator[tuple[Array, Array]]:
    length = round(WINDOW_S * rate_hz)
    for start in range(0, len(acc) - length + 1, length):
        yield acc[start : start + length], gyr[start : start + length]


def _simulators(data: Path, activity: str, most: int, failed: list[str]) -> Iterator[tuple[str, Simulator]]:
    for name, clip in _clips(data, activity, most, failed):
        try:
            yield name, Simulator(clip)
        except AnywearError as error:
            failed.append(f"{name}: {error}")


def _clips(data: Path, activity: str, most: int, failed: list[str]) -> Iterator[tuple[str, MotionClip]]:
    for folder, pattern in CLIPS.get(activity, ()):
        paths = sorted((data / folder).glob(pattern))
        for index in np.unique(np.linspace(0, len(paths) - 1, min(most, len(paths))).astype(int)):
            path = paths[int(index)]
            try:
                yield path.relative_to(data).as_posix(), read_motion(path)
            except AnywearError as error:
                failed.append(f"{path.name}: {error}")
    for label in PROGRAMS.get(activity, ()):
        for number in range(min(most, GENERATED)):
            clip = _generated(label, number)
            if clip is not None:
                yield f"generated {label} {number}", clip


def _generated(label: str, seed: int) -> MotionClip | None:
    from ..motion.generate import generate

    try:
        return generate(label, seed=seed, seconds=GENERATED_S).clip
    except AnywearError:
        return None
