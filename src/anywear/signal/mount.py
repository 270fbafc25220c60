"""How a sensor is turned on its place, found from the recording itself: from the walking in it, or a moment of standing.

No label and no model is asked. Walking gives the vertical (mean specific force over steps) and forward (see
`anywear.signal.gait`); where it does not, the mount stays unknown and the answer says why. A sensor that is put on anew half
way has several mounts, each with the times it holds for.

Somebody who walks backward or sideways for most of the recording is told a wrong forward: nothing in the signal of one sensor
says otherwise.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import UsageError
from ..placement import UNKNOWN_MOUNT, Mount, Placement
from ..recording import STANDARD_GRAVITY_MPS2, Note, Recording, Stream
from .gravity import up_direction
from .mount_evidence import Evidence, add_windows, no_evidence
from .mount_solve import mounted_upright, solve, worn_alike
from .resample import Resampler
from .walking import LEAST_RATE_HZ, WALK_RATE_HZ, WINDOW_S, Walk, place_kind

STILL_G = 0.06  # standard deviation of acceleration, all axes together, up to which somebody stands
STILL_RADPS = 0.5  # root mean square of the angular rate, likewise
UPRIGHT_S = 2.0  # looked at about a named moment
DRIFT_TOLD_DEG = 12.0  # of which the user hears
SWAY_DEG = 4.0  # how far a person who stands is from upright, about


@dataclass(frozen=True)
class Stretch:
    """Seconds of one of the streams that were looked at, on its clock."""

    stream: int
    start_s: float
    stop_s: float


@dataclass(frozen=True)
class FoundMount:
    """A mount and the stretches it holds for.

    Attributes:
        mount: what was found; unknown where it is declined.
        stretches: when it was worn so; those of all pieces together cover the streams.
        walking_s: how much walking it rests on.
        up_error_deg, forward_error_deg: how far off the axis is expected to be; two thirds are nearer. None for what was
            not found.
        drift_deg: how far up moved from the first to the last third of the walking; None with too little of it, and on
            arms, which move as they like.
        reason: in words, what it rests on, and what was declined and why.
    """

    mount: Mount
    stretches: tuple[Stretch, ...]
    walking_s: float
    up_error_deg: float | None
    forward_error_deg: float | None
    drift_deg: float | None
    reason: str


@dataclass(frozen=True)
class MountEstimate:
    """What was found of one sensor.

    Attributes:
        placement: where it is worn, without the mount.
        pieces: one for each time it was put on, in order; at least one.
        walks: stretches of walking that were looked at, each with the number of its stream.

    Example:
        >>> still = Stream("chest", np.arange(500) / 50, np.tile([0.0, 0.0, 9.81], (500, 1)))
        >>> calibrate_mount(still).pieces[0].reason
        'no walking was found'
    """

    placement: Placement
    pieces: tuple[FoundMount, ...]
    walks: tuple[tuple[int, Walk], ...]

    @property
    def main(self) -> FoundMount:
        """The piece that rests on most walking."""
        return max(self.pieces, key=lambda piece: piece.walking_s)

    @property
    def mount(self) -> Mount:
        """Of the main piece."""
        return self.main.mount

    @property
    def remounted_s(self) -> tuple[tuple[int, float], ...]:
        """Stream and second at which each piece but the first begins."""
        return tuple((piece.stretches[0].stream, piece.stretches[0].start_s) for piece in self.pieces[1:])

    def mount_at(self, time_s: float, stream: int = 0) -> Mount:
        """The mount at one moment; unknown outside of what was looked at."""
        for piece in self.pieces:
            if any(s.stream == stream and s.start_s <= time_s <= s.stop_s for s in piece.stretches):
                return piece.mount
        return UNKNOWN_MOUNT

    def notes(self) -> tuple[Note, ...]:
        """What a user has to know of it, for provenance."""
        if len(self.pieces) == 1:
            return (Note("detected", f"mount found by itself: {_told(self.pieces[0])}"),)
        parts = [Note("detected", f"put on {len(self.pieces)} times, so that there are as many mounts")]
        for number, piece in enumerate(self.pieces):
            first = piece.stretches[0]
            since = f"stream {first.stream}, " if len({s.stream for p in self.pieces for s in p.stretches}) > 1 else ""
            parts.append(Note("detected", f"mount {number + 1}, from {since}{first.start_s:.1f} s on: {_told(piece)}"))
        return tuple(parts)


def calibrate_mount(streams: Stream | Sequence[Stream], placement: Placement | None = None) -> MountEstimate:
    """The mounts of a sensor, from the walking in one or more streams of it.

    Args:
        streams: of one sensor at one place, in order of time; several where a wearing was recorded in parts. A gyroscope is
            of use on legs, and not needed.
        placement: where it is worn, in place of what the first stream says; its mount is not read. Where the place is
            unknown, and on arms, only up is found.

    Raises:
        UsageError: no stream, or streams at different places.
    """
    several = [streams] if isinstance(streams, Stream) else list(streams)
    if not several:
        raise UsageError("A mount cannot be found without a stream", remedy="Give at least one stream")
    where = several[0].placement if placement is None else placement
    if placement is None and len({_point(stream.placement) for stream in several}) > 1:
        raise UsageError(
            "The streams of one mount are at one place",
            got=", ".join(sorted({stream.placement.name for stream in several})),
            remedy="Find the mount of each place on its own",
        )
    evidence, slow = no_evidence(), []
    kind = place_kind(where)
    for number, stream in enumerate(several):
        if stream.effective_rate_hz < LEAST_RATE_HZ:
            slow.append(stream)
            continue
        values = stream.acc_mps2 if stream.gyr_radps is None else np.hstack([stream.acc_mps2, stream.gyr_radps])
        for piece in Resampler(stream.effective_rate_hz, WALK_RATE_HZ).batch(stream.time_s, values):
            evidence = add_windows(evidence, piece, kind, number)
    extents = tuple((float(stream.time_s[0]), float(stream.time_s[-1])) for stream in several)
    why = None
    if len(slow) == len(several):
        why = f"{slow[0].effective_rate_hz:.1f} Hz is too slow to find walking; {LEAST_RATE_HZ:g} Hz are needed"
    return estimate_mount(evidence, where, extents, why)


def estimate_mount(
    evidence: Evidence, placement: Placement, extents: Sequence[tuple[float, float]], why_none: str | None = None
) -> MountEstimate:
    """The mounts that windows of walking tell; `calibrate_mount` and `MountFinder` gather them.

    Args:
        evidence: windows in order.
        placement: where the sensor is worn.
        extents: first and last second of every stream.
        why_none: what to say where there is no window, if more is known than that.
    """
    bare = replace(placement, mount=UNKNOWN_MOUNT)
    groups = worn_alike(evidence, placement.segment)
    if not groups:
        everything = tuple(Stretch(number, *extent) for number, extent in enumerate(extents))
        none = solve(evidence, placement.segment)
        piece = FoundMount(none.mount, everything, 0.0, None, None, None, why_none or none.reason)
        return MountEstimate(bare, (piece,), ())
    pieces = []
    for rows, stretches in zip(groups, _stretches(evidence, groups, extents), strict=True):
        own = evidence[rows]
        found = solve(own, placement.segment)
        pieces.append(
            FoundMount(
                found.mount, stretches, own.walking_s, found.up_error_deg, found.forward_error_deg, found.drift_deg,
                found.reason,
            )
        )  # fmt: skip
    return MountEstimate(bare, tuple(pieces), evidence.walks())


def mount_upright(
    stream: Stream, at_s: float, estimate: MountEstimate | None = None, *, span_s: float = UPRIGHT_S
) -> MountEstimate:
    """The mount by a moment at which the user stands upright, arms hanging: up from there, forward from walking if known.

    Args:
        stream: of the sensor.
        at_s: that moment, on the clock of the recording.
        estimate: of `calibrate_mount` on this stream; found here by default. Only the piece that holds the moment changes.
        span_s: seconds about the moment that are looked at.

    Raises:
        UsageError: the moment is not in the stream, or nobody stands still then.
    """
    inside = np.abs(stream.time_s - at_s) <= 0.5 * span_s
    if not (np.isfinite(at_s) and inside.sum() >= 2):
        raise UsageError(
            "The moment of standing is not in the stream",
            where=stream.name,
            expected=f"{stream.time_s[0]:.1f} to {stream.time_s[-1]:.1f} s, without a gap there",
            got=f"{at_s:g} s",
            remedy="Name a moment of quiet standing, such as --upright 0:05",
        )
    acc = np.asarray(stream.acc_mps2[inside], dtype=np.float64)
    shaken_g = float(np.sqrt(acc.var(axis=0).sum()) / STANDARD_GRAVITY_MPS2)
    turned = 0.0 if stream.gyr_radps is None else float(np.sqrt((stream.gyr_radps[inside] ** 2).sum(axis=1).mean()))
    if shaken_g > STILL_G or turned > STILL_RADPS:
        raise UsageError(
            "Nobody stands still at the named moment",
            where=f"{stream.name}, {at_s:g} s",
            expected=f"accelerations of up to {STILL_G:g} g and turns of up to {STILL_RADPS:g} rad/s about rest",
            got=f"{shaken_g:.2f} g and {turned:.2f} rad/s",
            remedy="Name another moment, or leave --upright out",
        )
    estimate = estimate or calibrate_mount(stream)
    up = up_direction(acc)
    pieces = []
    for piece in estimate.pieces:
        if any(s.stream == 0 and s.start_s <= at_s <= s.stop_s for s in piece.stretches):
            told = f"standing upright at {at_s:g} s, as the user says"
            mount = mounted_upright(up, piece.mount, f"up from {told}")
            if mount.knowledge == "full":
                told += f"; forward from {piece.walking_s:.0f} s of walking within {piece.forward_error_deg:.0f} deg"
            piece = replace(piece, mount=mount, up_error_deg=SWAY_DEG, reason=told)
        pieces.append(piece)
    return replace(estimate, pieces=tuple(pieces))


def calibrate_recordings(recordings: Recording | Sequence[Recording]) -> dict[str, MountEstimate]:
    """The mounts of all sensors of one or more recordings of one wearing, by stream name, in order of appearance."""
    several = [recordings] if isinstance(recordings, Recording) else list(recordings)
    own: dict[str, list[Stream]] = {}
    for recording in several:
        for stream in recording.streams:
            own.setdefault(stream.name, []).append(stream)
    return {name: calibrate_mount(streams, streams[0].placement) for name, streams in own.items()}


def with_mounts(recording: Recording, estimates: Mapping[str, MountEstimate], number: int = 0) -> Recording:
    """The recording with the mounts that were found, and notes of them.

    A stream that was put on several times becomes as many streams, named ``NAME``, ``NAME (2)``, ...

    Args:
        recording: one of those that were looked at.
        estimates: by stream name; a stream without one stays as it is.
        number: which of the recordings it was.
    """
    streams: list[Stream] = []
    for stream in recording.streams:
        estimate = estimates.get(stream.name)
        if estimate is None:
            streams.append(stream)
            continue
        worn = [(p, s) for p in estimate.pieces for s in p.stretches if s.stream == number]
        for part, (piece, stretch) in enumerate(sorted(worn, key=lambda pair: pair[1].start_s)):
            name = stream.name if part == 0 else f"{stream.name} ({part + 1})"
            own = _part(stream, name, stretch, last=part == len(worn) - 1)
            if own is not None:
                note = Note("detected", f"mount found by itself: {_told(piece)}")
                where = replace(stream.placement, mount=piece.mount)
                streams.append(replace(own, placement=where, notes=(*own.notes, note)))
    return recording.with_streams(streams)


def _part(stream: Stream, name: str, stretch: Stretch, *, last: bool) -> Stream | None:
    """The samples of a stretch; a sample at its end belongs to the next one. None where there are too few."""
    inside = (stream.time_s >= stretch.start_s) & ((stream.time_s < stretch.stop_s) | last)
    if inside.all():
        return stream
    if inside.sum() < 2:
        return None
    gyr = None if stream.gyr_radps is None else stream.gyr_radps[inside]
    return replace(stream, name=name, time_s=stream.time_s[inside], acc_mps2=stream.acc_mps2[inside], gyr_radps=gyr)


def _stretches(
    evidence: Evidence, groups: Sequence, extents: Sequence[tuple[float, float]]
) -> list[tuple[Stretch, ...]]:
    """What each group holds for: up to half way to the next one, or to the end of its stream where the next is in another."""
    bounds: list[tuple[int, float]] = [(0, extents[0][0])]
    for before, after in itertools.pairwise(groups):
        last, first = int(before[-1]), int(after[0])
        stream = int(evidence.stream[first])
        if stream == int(evidence.stream[last]):
            bounds.append((stream, 0.5 * float(evidence.start_s[last] + evidence.start_s[first] + WINDOW_S)))
        else:
            bounds.append((stream, extents[stream][0]))
    ends = [*bounds[1:], (len(extents) - 1, extents[-1][1])]
    out = []
    for (stream, start_s), (to_stream, stop_s) in zip(bounds, ends, strict=True):
        own = []
        for number in range(stream, to_stream + 1):
            begin = start_s if number == stream else extents[number][0]
            end = stop_s if number == to_stream else extents[number][1]
            if end > begin:
                own.append(Stretch(number, begin, end))
        out.append(tuple(own))
    return out


def _told(piece: FoundMount) -> str:
    drift = f"; up drifts by {piece.drift_deg:.0f} deg" if (piece.drift_deg or 0.0) > DRIFT_TOLD_DEG else ""
    return ("unknown: " if piece.mount.knowledge == "nothing" else "") + piece.reason + drift


def _point(placement: Placement) -> tuple:
    return placement.segment, placement.along, placement.around_deg
