"""How much an answer depends on the setup: which sensor, in which turn, how fast, with what told: ``anywear-setup v1``.

Windows, label words and groups are those of ``anywear-har v1``. Every window is asked as recorded with all its sensors, then
by each sensor alone and under each disturbance (`anywear.benchmark.setup_disturbances`). It stays the same stretch of time,
so answers can be laid side by side. Places are compared over the windows that all of them cover.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..datasets import Dataset, DatasetInfo, Source
from ..errors import UsageError, unknown_name
from ..recording import Recording
from ..signal import Window, WindowConfig, cut_window, grid_pieces
from ..signal.labelled import LabelledWindow
from .har import (
    HarConfig,
    asked_windows,
    headline_groups,
    no_windows,
    score_sets,
    scoring_of,
    signature_line,
    trained_on,
)
from .registry import benchmark
from .setup_answers import Collector, Setup
from .setup_disturbances import (
    GYRO,
    MOUNT_UNTOLD,
    RATE,
    RATES_HZ,
    TOLD,
    TURN,
    TURNED,
    Disturbance,
    disturbances,
    is_faster,
    is_same_rate,
)
from .setup_results import PLACEMENTS, WHOLE, SetupResult, alone, compare_places, row_of
from .tally import WindowScorer

PROTOCOL = "anywear-setup v1, windows and words of anywear-har v1"
CONDITIONS = (PLACEMENTS, TURN, RATE, GYRO, TOLD)
SLOWEST_HZ, FASTEST_HZ = 5.0, 1000.0  # of clocks
BLOCK = 256  # windows scored at once; every setup has a block waiting
TOLD_EVERY_S = 10.0  # between two lines of progress


@dataclass(frozen=True)
class SetupConfig:
    """What is varied.

    Attributes:
        base: how the question is put before anything is changed; its placements are those compared.
        conditions: parts of `CONDITIONS`.
        rates_hz: clocks of the part ``rate``.
        seed: of the random turns.
    """

    base: HarConfig = field(default_factory=HarConfig)
    conditions: tuple[str, ...] = CONDITIONS
    rates_hz: tuple[float, ...] = RATES_HZ
    seed: int = 0

    def __post_init__(self) -> None:
        for name in self.conditions:
            if name not in CONDITIONS:
                raise unknown_name("condition", name, CONDITIONS)
        if not self.conditions:
            raise UsageError("No condition was named", where="--conditions", expected=", ".join(CONDITIONS))
        if self.seed < 0:
            raise UsageError("A seed is not negative", where="--seed", got=str(self.seed))
        # A slower clock would reach across the gaps it has to leave.
        if not all(SLOWEST_HZ <= rate_hz <= FASTEST_HZ for rate_hz in self.rates_hz):
            raise UsageError(
                "A clock is out of range", expected=f"{SLOWEST_HZ:g} to {FASTEST_HZ:g} Hz", got=str(self.rates_hz)
            )


@dataclass(frozen=True, eq=False)
class SetupReport:
    """Every set, and how it was done."""

    results: tuple[SetupResult, ...]
    config: SetupConfig
    windows: WindowConfig
    model_hash: str
    trained_on: tuple[str, ...] = ()
    scoring: str = "text"

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        c = self.config
        varied = [PLACEMENTS] if PLACEMENTS in c.conditions else []
        varied += [f"turn seed {c.seed}"] if TURN in c.conditions else []
        varied += [f"rate {','.join(f'{r:g}' for r in c.rates_hz)} Hz"] if RATE in c.conditions else []
        varied += [part for part in (GYRO, TOLD) if part in c.conditions]
        further = f"varied: {'; '.join(varied)}"
        return signature_line(
            PROTOCOL, self.results, c.base, self.windows, self.model_hash, self.trained_on, further, self.scoring
        )


@benchmark("setup", "how much an answer depends on sensor place, turn, rate and what is told")
def run_setup(
    model: WindowScorer,
    data_dir: Path | str,
    sets: Sequence[str],
    config: SetupConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> SetupReport:
    """Ask a model about several data sets in many setups.

    Args:
        model: any that scores windows; late fusion needs scores that are probabilities.
        data_dir: folder with the sets' archives or unpacked folders.
        sets: their names.
        config: what is varied.
        report: takes progress lines.

    Raises:
        UsageError: no set, an unknown one, or one without the placements asked for. FormatError: data missing or damaged.
        AnywearError: scores that are not finite.
    """
    config = config or SetupConfig()
    results = score_sets(
        data_dir, sets, lambda dataset, source: score_setup(model, dataset, source, config, report), report
    )
    return SetupReport(
        results, config, config.base.windows_for(model), model.sha256, trained_on(model), scoring_of(model)
    )


def score_setup(
    model: WindowScorer,
    dataset: Dataset,
    source: Source | Path | str,
    config: SetupConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> SetupResult:
    """Ask a model about one data set in many setups, in one pass over its recordings; errors as in `run_setup`."""
    config = config or SetupConfig()
    asking = _Pass(model, dataset.info, config)
    told_at = time.monotonic()
    for number, chosen in enumerate(config.base.told(dataset.recordings(source))):
        asking.take(number, chosen)
        if time.monotonic() - told_at > TOLD_EVERY_S:
            told_at = time.monotonic()
            report(f"{dataset.info.name}: {asking.read} recordings")
    return asking.result(dataset.info.name in trained_on(model))


Found = list[tuple[str, int, LabelledWindow]]
"""Windows of a recording: group, number in it, and the window as recorded."""


class _Pass:
    """One pass over a data set: has every window asked in every setup, and notes what was found on the way."""

    def __init__(self, model: WindowScorer, info: DatasetInfo, config: SetupConfig) -> None:
        self._info, self._config = info, config
        self._windows = config.base.windows_for(model)
        self._asked = headline_groups(info)
        self._collector = Collector(model, self._asked, WHOLE, BLOCK)
        self._changes = disturbances(config.conditions, config.rates_hz, config.seed)
        self._sites: dict[str, dict[str, None]] = {}  # by stream name
        self._rates_hz: list[float] = []
        self._changed: set[Setup] = set()  # disturbances that changed any recording
        self.read = 0

    def take(self, number: int, chosen: Recording) -> None:
        """Ask about a recording, as the model may know it."""
        self.read += 1
        cut = asked_windows(chosen, self._info, self._asked, self._windows)
        found = [(group, self._collector.add(group, item), item) for group, item in cut]
        if not found:
            return
        for stream in chosen.streams:
            worn = stream.placement  # which may be kept from the model
            self._sites.setdefault(stream.name, {})[worn.name if worn.is_known else stream.name] = None
            self._rates_hz.append(stream.effective_rate_hz)
        if PLACEMENTS in self._config.conditions:
            self._ask_alone(chosen, found)
        for change in self._changes:
            self._ask_changed(change.setup, chosen, change.apply(chosen, number), found)

    def result(self, seen: bool) -> SetupResult:
        """Everything asked, scored."""
        answers = self._collector.answers()
        if not answers.groups:
            raise no_windows(self._info, self._config.base)
        whole = row_of(answers, WHOLE)
        places, remarks = None, []
        if PLACEMENTS in self._config.conditions:
            sites = {name: tuple(own) for name, own in self._sites.items() if alone(name) in answers.setups}
            if len(sites) > 1:
                places = compare_places(answers, sites)
                remarks += [places.remark] if places.remark else []
            else:
                remarks.append(f"one stream ({', '.join(sites)}): comparing placements needs several")
        rates_hz = min(self._rates_hz), max(self._rates_hz)
        rows = [
            replace(row_of(answers, change.setup), remark=self._remark(change, rates_hz)) for change in self._changes
        ]
        both = {TURNED, MOUNT_UNTOLD} <= {change.setup for change in self._changes}
        turn_alone = answers.agreement(TURNED, MOUNT_UNTOLD) if both else None
        return SetupResult(
            self._info.name, whole, places, tuple(rows), turn_alone, rates_hz, seen, self.read, tuple(remarks)
        )

    def _ask_alone(self, recording: Recording, found: Found) -> None:
        for group, number, item in found:
            for stream in item.window.streams:
                setup = alone(recording.streams[stream].name)
                if len(item.window.streams) == 1:
                    self._collector.same(setup, group, number)
                else:
                    own = replace(item, window=_seen_by(item.window, (stream,)))
                    self._collector.see(setup, group, number, own)

    def _ask_changed(self, setup: Setup, recording: Recording, changed: Recording, found: Found) -> None:
        if changed is recording:
            for group, number, _ in found:
                self._collector.same(setup, group, number)
            return
        self._changed.add(setup)
        pieces = grid_pieces(changed, self._windows.rate_hz)
        placements = tuple(stream.placement for stream in changed.streams)
        for group, number, item in found:
            window = cut_window(pieces, item.window.start, len(item.window.acc_mps2[0]))
            window = _seen_by(window, item.window.streams)
            if window.streams == item.window.streams:
                self._collector.see(setup, group, number, replace(item, window=window, placements=placements))

    def _remark(self, change: Disturbance, rates_hz: tuple[float, float]) -> str:
        if change.setup not in self._changed:
            return "as recorded" if change.rate_hz else "nothing to change"
        if change.rate_hz and is_faster(change.rate_hz, rates_hz[0]):
            some = "interpolated" if is_faster(change.rate_hz, rates_hz[1]) else "partly interpolated"
            return f"{some}, recorded at {rates_text(rates_hz)}"
        return ""


def _seen_by(window: Window, streams: Sequence[int]) -> Window:
    """A window as only these of its streams saw it."""
    at = [place for place, stream in enumerate(window.streams) if stream in streams]
    return Window(
        window.start,
        tuple(window.streams[i] for i in at),
        tuple(window.acc_mps2[i] for i in at),
        tuple(window.gyr_radps[i] for i in at),
        tuple(window.rates_hz[i] for i in at),
    )


def rates_text(rates_hz: tuple[float, float]) -> str:
    """Slowest and fastest rate; one of them when they count as the same.

    Example:
        >>> rates_text((102.4, 104.3))
        '102-104 Hz'
    """
    slowest_hz, fastest_hz = rates_hz
    same = is_same_rate(slowest_hz, fastest_hz)
    return f"{slowest_hz:.3g} Hz" if same else f"{slowest_hz:.3g}-{fastest_hz:.3g} Hz"
