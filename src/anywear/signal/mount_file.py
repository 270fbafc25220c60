"""Mounts in a file: what `anywear mount -o` writes and ``recognize --mount FILE`` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .._files import write_whole
from ..errors import AnywearError, FormatError
from ..placement import UNKNOWN_MOUNT, Mount, Placement
from .mount import FoundMount, MountEstimate, Stretch
from .walking import Walk

FORMAT = "anywear mounts 1"
FIELDS = ("outward_axis", "up_axis", "quat_segment_from_sensor")


def save_mounts(estimates: Mapping[str, MountEstimate], path: str | Path) -> None:
    """Write what was found, by stream name.

    Raises:
        UsageError: the file cannot be written.
    """
    text = json.dumps(mounts_json(estimates), indent=2) + "\n"
    write_whole(Path(path), lambda partial: partial.write_text(text, encoding="utf-8"))


def mounts_json(estimates: Mapping[str, MountEstimate]) -> dict[str, Any]:
    """What was found as plain types."""
    return {"format": FORMAT, "streams": {name: _estimate_json(own) for name, own in estimates.items()}}


def load_mounts(path: str | Path) -> dict[str, MountEstimate]:
    """Read what `save_mounts` wrote; a file by hand needs ``placement`` and ``pieces`` with ``mount`` and ``stretches`` only.

    Raises:
        FormatError: the file is missing, damaged or of another kind.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError("The file of mounts cannot be read", where=str(path), got=str(error.strerror)) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise FormatError("The file of mounts is not JSON", where=str(path), got=str(error)) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT or not isinstance(content.get("streams"), dict):
        raise FormatError(
            "The file holds no mounts", where=str(path), expected=f'an object with "format": "{FORMAT}" and "streams"',
            remedy="Write it with anywear mount FILE -o mounts.json",
        )  # fmt: skip
    found = {}
    for name, own in content["streams"].items():
        try:
            found[name] = _estimate(own)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, AnywearError) as error:
            raise FormatError(
                "The mount of a stream cannot be read", where=f"{path}, {name}", got=f"{type(error).__name__}: {error}"
            ) from error
    return found


def _estimate_json(estimate: MountEstimate) -> dict[str, Any]:
    where = estimate.placement
    return {
        "placement": {
            "segment": where.segment,
            "along": where.along,
            "around_deg": where.around_deg,
            "site": where.site,
        },
        "pieces": [
            {
                "mount": {
                    **{name: _listed(getattr(piece.mount, name)) for name in FIELDS},
                    "source": piece.mount.source,
                },
                "knowledge": piece.mount.knowledge,
                "stretches": [[s.stream, s.start_s, s.stop_s] for s in piece.stretches],
                "walking_s": piece.walking_s,
                "up_error_deg": piece.up_error_deg,
                "forward_error_deg": piece.forward_error_deg,
                "drift_deg": piece.drift_deg,
                "reason": piece.reason,
            }
            for piece in estimate.pieces
        ],
        "walks": [[stream, w.start_s, w.stop_s, w.steps_hz, w.confidence] for stream, w in estimate.walks],
    }


def _estimate(own: dict[str, Any]) -> MountEstimate:
    where = own["placement"]
    pieces = tuple(
        FoundMount(
            _mount(piece["mount"]),
            tuple(Stretch(int(s[0]), float(s[1]), float(s[2])) for s in piece["stretches"]),
            float(piece.get("walking_s", 0.0)),
            _number(piece.get("up_error_deg")),
            _number(piece.get("forward_error_deg")),
            _number(piece.get("drift_deg")),
            str(piece.get("reason", "given in a file")),
        )
        for piece in own["pieces"]
    )
    if not pieces or any(not piece.stretches for piece in pieces):
        raise ValueError("a stream needs at least one piece, and a piece at least one stretch")
    walks = tuple((int(w[0]), Walk(*(float(v) for v in w[1:5]))) for w in own.get("walks", ()))
    return MountEstimate(
        Placement(
            where["segment"], float(where["along"]), float(where["around_deg"]), UNKNOWN_MOUNT, where.get("site")
        ),
        pieces,
        walks,
    )


def _mount(own: dict[str, Any]) -> Mount:
    fields = {name: tuple(own[name]) for name in FIELDS if own.get(name) is not None}
    return Mount(**fields, source=str(own.get("source", "")))


def _listed(values: Sequence[float] | None) -> list[float] | None:
    return None if values is None else list(values)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
