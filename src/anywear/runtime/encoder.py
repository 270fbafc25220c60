"""The motion encoder's graph: windows of any sensors to a vector of each, and to latents of the whole body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from .._typing import Array, Float
from ..errors import ArtefactError, UsageError
from ..placement import Placement
from ..signal import (
    CHANNELS,
    MOUNT_SLICE,
    PLACE_FEATURES,
    WORN_FEATURES,
    Window,
    motion_features,
    mount_features,
    mounts_axes,
    place_features,
    rate_feature,
    up_direction,
)
from .session import open_session

BATCH = 64  # windows per call of the session: more is no faster on one thread and takes more memory
MIN_WINDOW_S = 1.0
NEAR_PLACE = 0.05  # fractions of height, about 9 cm: the same pocket or strap


class Encoder:
    """An encoder.

    Args:
        path: of its graph.
        rate_hz: of the grid that windows are on.
        patch: samples of a patch, the least it can read.
        places: points of the body that it learned from, three numbers each; see `anywear.Placement.rest_point`.
        threads: of the session.
    """

    def __init__(self, path: Path, rate_hz: float, patch: int, places: Sequence, threads: int = 1) -> None:
        self.session = open_session(path, threads)
        self._path, self._rate_hz, self._patch = path, rate_hz, patch
        self._places = np.array(places).reshape(-1, 3)
        outputs = self.session.get_outputs()
        self._width = int(outputs[0].shape[-1])
        self.gives_latents = "latents" in [own.name for own in outputs]
        self._told = self.session.get_inputs()[3].shape[-1]  # older models are told less of the place

    def knows_place(self, placement: Placement) -> bool:
        """Whether it learned from sensors worn there, or within `NEAR_PLACE` of it.

        Elsewhere its idea of the place would be a guess beyond what it has seen, and it does better not being told.
        """
        if not placement.is_known:
            return False
        point, _ = placement.rest_point()
        return bool((np.linalg.norm(self._places - point, axis=1) < NEAR_PLACE).any())

    def vectors(self, found: Sequence[Window], placements: Sequence[Placement]) -> Float[Array, "windows features"]:
        """Unit vectors (N, D); see `anywear.Model.encode_windows`."""
        out = np.zeros((len(found), self._width), dtype=np.float32)
        for part, (vectors,) in self._batches(found, placements, ["embedding"]):
            out[part] = vectors
        return out

    def read(
        self, found: Sequence[Window], placements: Sequence[Placement]
    ) -> tuple[Float[Array, "windows features"], list[Float[Array, "_ width"]]]:
        """Unit vectors (N, D), and per window (patches, D') latents; see `anywear.Model.read_windows`."""
        if not self.gives_latents:
            raise ArtefactError(
                "This model's encoder gives no latents", where=str(self._path),
                remedy="Export the model again with this version: anywear train on its finished run",
            )  # fmt: skip
        out = np.zeros((len(found), self._width), dtype=np.float32)
        latents: list[Array] = [np.zeros((0, 0), dtype=np.float32)] * len(found)
        for part, (vectors, own) in self._batches(found, placements, ["embedding", "latents"]):
            out[part] = vectors
            for number, rows in zip(part, own, strict=True):
                latents[number] = rows
        return out, latents

    def _batches(
        self, found: Sequence[Window], placements: Sequence[Placement], wanted: list[str]
    ) -> Iterator[tuple[list[int], list[Array]]]:
        """Numbers of windows that go through the graph together, and what was wanted of them."""
        if not found:
            return
        places = np.stack([place_features(p if self.knows_place(p) else Placement.unknown()) for p in placements])
        told = (places, *mounts_axes(placements))
        groups: dict[tuple[int, int], list[int]] = {}
        for number, window in enumerate(found):
            groups.setdefault((len(window.acc_mps2[0]), len(window.streams)), []).append(number)
        for (length, streams), numbers in groups.items():
            if length < self._patch:
                raise UsageError(
                    "The window is too short for the model", expected=f"at least {MIN_WINDOW_S} s",
                    got=f"{length / self._rate_hz:.2f} s", remedy="Give a longer window, such as --window 5",
                )  # fmt: skip
            for start in range(0, len(numbers), BATCH):
                part = numbers[start : start + BATCH]
                inputs = self._inputs([found[n] for n in part], told, streams, length)
                yield part, [np.asarray(own) for own in self.session.run(wanted, inputs)]

    def _inputs(
        self, found: list[Window], told: tuple[Array, Array, Array], streams: int, length: int
    ) -> dict[str, Array]:
        places, axes, known = told
        motion = np.zeros((len(found), streams, length, CHANNELS), dtype=np.float32)
        has_gyr = np.zeros((len(found), streams), dtype=np.float32)
        place = np.zeros((len(found), streams, WORN_FEATURES), dtype=np.float32)
        for slot in range(streams):
            own = np.array([w.gyr_radps[slot] is not None for w in found])
            for with_gyr in (True, False):
                rows = np.flatnonzero(own == with_gyr)
                if len(rows):
                    acc = np.stack([found[r].acc_mps2[slot] for r in rows])
                    gyr = np.stack([np.asarray(found[r].gyr_radps[slot]) for r in rows]) if with_gyr else None
                    motion[rows, slot] = motion_features(acc, gyr)
                    has_gyr[rows, slot] = float(with_gyr)
            worn = [w.streams[slot] for w in found]
            up = up_direction(np.stack([w.acc_mps2[slot] for w in found]))
            place[:, slot, :PLACE_FEATURES] = places[worn]
            place[:, slot, MOUNT_SLICE] = mount_features(up, axes[worn], known[worn])
            place[:, slot, -1] = rate_feature(np.array([w.rates_hz[slot] for w in found]), self._rate_hz)
        present = np.ones_like(has_gyr)
        return {"motion": motion, "present": present, "has_gyr": has_gyr, "place": place[..., : self._told]}
