"""What a column's name says: kind of sensor, axis, unit, which sensor, which version of it.

The tables below are the documented vocabulary. Names are compared as words: split at everything that is not a letter or
digit, at capitals inside a word, and between letters and digits, then in small letters (`AccX(mg)` is acc, x, unit mg).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..signal.units import parse_unit

AXES = ("x", "y", "z")

ACCELERATION_WORDS = (
    "acc",
    "accel",
    "accl",
    "accelero",
    "accelerometer",
    "acceleration",
    "accelerations",
    "gforce",
    "gf",
)
GYROSCOPE_WORDS = (
    "gyr",
    "gyro",
    "gyros",
    "gyroscope",
    "omega",
    "angvel",
    "angularvelocity",
    "rotationrate",
    "rotation",
)
ANGULAR_WORDS = ("velocity", "rate", "speed")  # after "angular" or "rotation"
GRAVITY_WORDS = ("gravity", "grav")
LINEAR_PREFIXES = ("linear", "lin", "user", "body", "dynamic")  # before a word for acceleration
LINEAR_WORDS = ("linacc", "linaccel", "linearacceleration", "useracceleration", "lacc")
MAGNETOMETER_WORDS = ("mag", "magn", "magnet", "magnetic", "magnetometer", "compass")
OTHER_WORDS = (
    "quaternion", "quat", "q", "orientation", "attitude", "euler", "roll", "pitch", "yaw", "heading",
    "position", "pos", "velocity", "location", "jerk", "temperature", "pressure", "light",
    "mean", "std", "max", "min", "var", "fft", "energy", "bias", "offset", "accuracy", "magnitude", "norm", "vector",
    "world", "global", "earth", "nav",
)  # fmt: skip
SHORT_KINDS = {"a": "acc", "g": "gyr?", "w": "gyr", "m": "mag"}
"""Single letters before an axis. ``g`` may be a gyroscope or gravity: values decide."""

VERSION_RANKS = {
    "total": -1, "cal": 1, "calibrated": 1, "corrected": 1, "ln": 2, "raw": 3, "wr": 4,
    "filtered": 5, "filt": 5, "smooth": 5, "smoothed": 5, "lowpass": 5, "lp": 5, "highpass": 6, "hp": 6,
    "uncal": 7, "uncalibrated": 7,
}  # fmt: skip
"""Words that tell versions of one sensor apart; the lowest rank is taken, an unmarked column has rank 0."""

TIME_WORDS = (
    "time",
    "timestamp",
    "timestamps",
    "ts",
    "t",
    "datetime",
    "epoch",
    "unix",
    "utc",
    "clock",
    "elapsed",
    "date",
)
TIME_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("us", "µs", "μs", "usec", "micros", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("ns", "nsec", "nanos", "nanosecond", "nanoseconds"), "ns"),
}
TIME_FILLERS = ("since", "start", "begin", "from", "of", "the", "in", "sample", "sensor", "local", "system", "device",
                "logging", "iso", "relative", "absolute", "packet", "node", "boot", "event", "stamp", "cal")  # fmt: skip
COUNTER_WORDS = (
    "index",
    "idx",
    "sample",
    "samples",
    "counter",
    "count",
    "n",
    "no",
    "row",
    "frame",
    "seq",
    "sequence",
    "packet",
)
LABEL_WORDS = ("label", "labels", "activity", "activities", "gesture", "class", "annotation", "target", "groundtruth")
FILLERS = (
    "axis",
    "sensor",
    "data",
    "value",
    "values",
    "signal",
    "reading",
    "measurement",
    "motion",
    "component",
    "along",
    "in",
)

_UNIT_TAILS = {
    "g": "g", "gs": "g", "mg": "mg", "mps2": "m/s2", "ms2": "m/s2", "mss": "m/s2", "m s2": "m/s2", "m s 2": "m/s2",
    "mps 2": "m/s2", "ms 2": "m/s2", "dps": "deg/s", "deg s": "deg/s", "degs": "deg/s", "degps": "deg/s",
    "deg per s": "deg/s",
    "rad s": "rad/s", "rads": "rad/s", "radps": "rad/s", "rad per s": "rad/s", "mdps": "mdeg/s",
}  # fmt: skip
_BRACKETS = re.compile(r"\[([^\]]*)\]|\(([^)]*)\)|\{([^}]*)\}")
_KINDS = sorted(
    {*ACCELERATION_WORDS, *GYROSCOPE_WORDS, *GRAVITY_WORDS, *LINEAR_WORDS, *MAGNETOMETER_WORDS, *SHORT_KINDS}, key=len
)[::-1]
_FUSED = re.compile(rf"(?:({'|'.join(_KINDS)})([xyz])|([xyz])({'|'.join(_KINDS)}))")


@dataclass(frozen=True)
class ColumnName:
    """One column's name, understood.

    Attributes:
        name: as in the file.
        kind: ``acc``, ``gyr``, ``gyr?`` (a lone g), ``linear``, ``gravity``, ``mag``, ``other``, or None.
        axis: ``x``, ``y``, ``z`` or None.
        unit: canonical unit (``g``, ``mg``, ``m/s2``, ``rad/s``, ``deg/s``) or a unit of time, or None.
        sensor: remaining words, which tell sensors apart, such as ``("left", "wrist")``.
        version: words of VERSION_RANKS.
        is_time, is_counter, is_label: what the name may stand for besides.
        is_apple: the name is one of Apple's Core Motion, whose acceleration has the opposite sign.
    """

    name: str
    kind: str | None
    axis: str | None
    unit: str | None
    sensor: tuple[str, ...]
    version: tuple[str, ...]
    is_time: bool
    is_counter: bool
    is_label: bool
    is_apple: bool

    @property
    def rank(self) -> int:
        return max((VERSION_RANKS[word] for word in self.version), key=abs, default=0)


def parse_column_name(name: str) -> ColumnName:
    """Understand one column name.

    Example:
        >>> column = parse_column_name("left_wrist Gyro X (deg/s)")
        >>> column.kind, column.axis, column.unit, column.sensor
        ('gyr', 'x', 'deg/s', ('left', 'wrist'))
    """
    unit, bare = _take_bracket_unit(name)
    words = _words(bare)
    is_apple = _is_apple(words)
    axes = [word for word in words if word in AXES]
    axis = axes[0] if len(axes) == 1 else None
    kind, rest = _take_kind(words, axis)
    if axis:
        rest = [word for word in rest if word != axis]
        if unit is None:
            unit, rest = _take_unit_tail(rest, kind)
    if kind is None and axis and unit in ("g", "mg", "m/s2"):
        kind = "acc"
    elif kind in (None, "gyr?") and axis and unit in ("deg/s", "rad/s"):
        kind = "gyr"
    time_unit = next((TIME_UNITS[word] for word in rest if word in TIME_UNITS), None)
    stated = unit if unit in TIME_UNITS.values() else time_unit
    is_time = axis is None and kind in (None, "acc", "gyr") and _is_time(rest, stated)
    version = tuple(word for word in rest if word in VERSION_RANKS)
    timely = {*TIME_WORDS, *TIME_UNITS, *TIME_FILLERS} if is_time else set()
    sensor = tuple(word for word in rest if word not in VERSION_RANKS and word not in FILLERS and word not in timely)
    return ColumnName(
        name=name,
        kind=kind,
        axis=axis,
        unit=stated if is_time else unit,
        sensor=sensor,
        version=version,
        is_time=is_time,
        is_counter=axis is None and bool(rest) and all(word in (*COUNTER_WORDS, "number", "id") for word in rest),
        is_label=axis is None and any(word in LABEL_WORDS for word in rest),
        is_apple=is_apple,
    )


def _take_bracket_unit(name: str) -> tuple[str | None, str]:
    """Unit from brackets, and the name without it; brackets that hold something else stay words."""
    for match in reversed(list(_BRACKETS.finditer(name))):
        text = next(group for group in match.groups() if group is not None).strip()
        unit = TIME_UNITS.get(text.lower()) or (parse_unit(text) if text else None)
        if unit is not None:
            return unit, name[: match.start()] + " " + name[match.end() :]
    return None, name


def _words(bare: str) -> list[str]:
    if re.fullmatch(r"(?i)gf[xyz]", bare.strip()):
        return ["gf", bare.strip()[-1].lower()]
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", bare)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    text = re.sub(r"([A-Za-z])(\d)|(\d)([A-Za-z])", lambda m: f"{m[1] or m[3]} {m[2] or m[4]}", text)
    text = re.sub(r"\b(m ?p?s) (2)\b", r"\1\2", text)  # "mps2" was just taken apart
    words = re.findall(r"[^\W_]+", text.lower())
    split: list[str] = []
    for word in words:
        fused = _FUSED.fullmatch(word)
        split += [part for part in fused.groups() if part] if fused else [word]
    return split


def _is_apple(words: list[str]) -> bool:
    text = " ".join(words)
    return "user acceleration" in text or "accelerometer acceleration" in text


def _take_kind(words: list[str], axis: str | None) -> tuple[str | None, list[str]]:
    """Kind of sensor and the words that did not serve to tell it."""
    has = set(words)
    acceleration = has.intersection(ACCELERATION_WORDS) or ({"g", "force"} if {"g", "force"} <= has else set())
    angular = {"angular", "rotation"} & has and has & set(ANGULAR_WORDS)
    if angular:
        return "gyr", [w for w in words if w not in ("angular", "rotation", *ANGULAR_WORDS, *GYROSCOPE_WORDS)]
    if (has & {*OTHER_WORDS} and axis is not None) or (has & {*OTHER_WORDS} - {"light"} and not acceleration):
        return "other", words
    if has & {*LINEAR_WORDS} or (acceleration and has & {*LINEAR_PREFIXES}):
        return "linear", [w for w in words if w not in (*LINEAR_WORDS, *LINEAR_PREFIXES, *ACCELERATION_WORDS)]
    for kind, vocabulary in (
        ("gravity", GRAVITY_WORDS),
        ("gyr", GYROSCOPE_WORDS),
        ("acc", (*ACCELERATION_WORDS, *acceleration)),
        ("mag", MAGNETOMETER_WORDS),
    ):
        if has & {*vocabulary}:
            return kind, [w for w in words if w not in vocabulary]
    if axis is not None:
        at = words.index(axis)
        for near in (at - 1, at + 1):
            if 0 <= near < len(words) and words[near] in SHORT_KINDS:
                return SHORT_KINDS[words[near]], words[:near] + words[near + 1 :]
    return None, words


def _take_unit_tail(rest: list[str], kind: str | None) -> tuple[str | None, list[str]]:
    """Unit written as last words of the name, such as acc_x_mg."""
    for count in (3, 2, 1):
        tail = " ".join(rest[-count:])
        if len(rest) >= count and tail in _UNIT_TAILS and kind in ("acc", "gyr", "gyr?", "linear", "gravity"):
            return _UNIT_TAILS[tail], rest[:-count]
    return None, rest


def _is_time(rest: list[str], unit: str | None) -> bool:
    if {"delta", "diff", "duration", "dt", "zone", "timezone"} & set(rest):
        return False
    return unit is not None or any(word in TIME_WORDS for word in rest)
