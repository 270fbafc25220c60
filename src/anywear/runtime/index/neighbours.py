"""Approximate search beyond a million windows: a graph of neighbours (HNSW), by the library usearch.

Source: Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World
graphs", IEEE TPAMI 2020. The graph covers the segments it was built from; segments that came later are searched exactly, and
rows that left are passed over, so that an approximate index is never out of date, only slower until it is built again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..._files import write_whole
from ..._typing import Array, Float, Int
from ...errors import FormatError, UsageError
from .scan import Scan, best_first, scan_part

GRAPH = "neighbours.usearch"
CONNECTIVITY = 32  # neighbours per window
EFFORT_ADD = 128  # candidates looked at to place a window
EFFORT_SEARCH = 256  # and to answer a question, at least
# For each of these one candidate more: sentences are far from all windows, where the graph leads less well.
WINDOWS_PER_EFFORT = 400
# Windows that are much alike make islands, to which no way leads from a sentence: every so many-th window is compared with it
# exactly, and the graph asked for the neighbours of the best of these as well.
EVERY = 64
GUIDES = 12
EFFORT_GUIDE = 64  # candidates looked at for the neighbours of a window, at least: from there the graph leads well
SPARE = 32  # more candidates than asked for
STEP = 20_000  # windows between two reports of progress


def build(
    folder: Path, scan: Scan, *, threads: int = 1, report: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Make the graph of an index, or add to it what came since it was made.

    Args:
        folder: of the index; only its one writer may build.
        scan: the state to cover.
        threads: to use.
        report: takes how many windows are in, and how many there are.

    Returns:
        Windows added.

    Raises:
        UsageError: usearch is not installed.
    """
    graph, covered = _opened(folder, scan, whole=True)
    if graph is None or not set(covered) <= {part.number for part in scan.parts}:
        graph, covered = _empty(scan.dimensions), ()
    new = [part for part in scan.parts if part.number not in covered]
    total, done = sum(len(part.vectors) for part in new), 0
    for part in new:
        for start in range(0, len(part.vectors), STEP):
            vectors = part.vectors[start : start + STEP]
            keys = _key(part.number, np.arange(start, start + len(vectors)))
            graph.add(keys, vectors, threads=threads)
            done += len(vectors)
            report(done, total)
    if total or set(covered) != {part.number for part in scan.parts}:
        write_whole(folder / GRAPH, lambda partial: graph.save(str(partial)))
        _note(folder, scan)
    return total


def is_built(folder: Path) -> bool:
    """Whether there is a graph."""
    return (folder / GRAPH).is_file() and _facts(folder).is_file()


class Neighbours:
    """The graph of an index, mapped and not read.

    Raises:
        UsageError: none was built, or usearch is not installed. FormatError: it is damaged.
    """

    def __init__(self, folder: Path, scan: Scan) -> None:
        graph, covered = _opened(folder, scan, whole=False)
        if graph is None:
            raise UsageError(
                "This index has no approximate one beside it", where=str(folder),
                remedy="Build it: anywear index DIR -o INDEX --approximate, or search without --approximate",
            )  # fmt: skip
        self._graph, self._scan = graph, scan
        self._offset = {part.number: part.offset for part in scan.parts}
        self._later = [part for part in scan.parts if part.number not in covered]
        covered_rows = [part.offset + np.arange(len(part.vectors)) for part in scan.parts if part.number in covered]
        alive = sum(int(scan.alive(rows).sum()) for rows in covered_rows)
        self._spread = len(graph) / max(1, alive)
        sampled = [rows[::EVERY] for rows in covered_rows]
        self._sampled = np.concatenate(sampled) if sampled else np.zeros(0, dtype=np.int64)
        self._sample = scan.vectors(self._sampled)

    def best(self, vector: Float[Array, " features"], count: int) -> Int[Array, " best"]:
        """Rows near the question, the best first; what the graph does not cover is searched exactly."""
        # Rows that left are still in the graph and take up places of its answer.
        wanted = min(len(self._graph), math.ceil(count * self._spread) + SPARE)
        self._graph.expansion_search = max(EFFORT_SEARCH, wanted, len(self._graph) // WINDOWS_PER_EFFORT)
        keys = [self._keys(vector, wanted)]
        self._graph.expansion_search = max(EFFORT_GUIDE, wanted)
        keys += [self._keys(self._sample[guide], wanted) for guide in best_first(self._sample @ vector, GUIDES)]
        rows = self._rows(np.unique(np.concatenate(keys)))
        rows = rows[self._scan.alive(rows)]
        all_rows, all_scores = [rows], [self._scan.vectors(rows) @ vector]
        for part in self._later:
            own = np.empty(len(part.vectors), dtype=np.float32)
            scan_part(part, vector, own)
            rows = np.arange(part.offset, part.offset + len(own))
            own[~self._scan.alive(rows)] = -np.inf
            near = best_first(own, count)
            all_rows.append(rows[near])
            all_scores.append(own[near])
        rows, scores = np.concatenate(all_rows), np.concatenate(all_scores)
        return rows[np.lexsort((rows, -scores))][:count]

    def _keys(self, vector: Float[Array, " features"], wanted: int) -> Array:
        return np.asarray(self._graph.search(vector, wanted).keys, dtype=np.uint64)

    def _rows(self, keys: Array) -> Int[Array, " rows"]:
        """Rows of the index, without those of segments that are gone."""
        segments, inside = (keys >> np.uint64(32)).astype(np.int64), (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
        offsets = np.array([self._offset.get(int(number), -1) for number in segments], dtype=np.int64)
        return (offsets + inside)[offsets >= 0]


def _key(segment: int, rows: Array) -> Array:
    return (np.uint64(segment) << np.uint64(32)) + rows.astype(np.uint64)


def _library():
    try:
        from usearch.index import Index
    except ImportError as error:
        raise UsageError(
            "The approximate index needs usearch",
            remedy='pip install "anywear[index]", or search without --approximate',
        ) from error
    return Index


def _empty(dimensions: int):
    return _library()(
        ndim=dimensions, metric="ip", dtype="f16", connectivity=CONNECTIVITY, expansion_add=EFFORT_ADD,
        expansion_search=EFFORT_SEARCH,
    )  # fmt: skip


def _facts(folder: Path) -> Path:
    return folder / f"{GRAPH}.json"


def _note(folder: Path, scan: Scan) -> None:
    """Which segments the graph of this size covers. Written after it: a graph with other facts is taken for none."""
    facts = {"bytes": (folder / GRAPH).stat().st_size, "segments": [part.number for part in scan.parts]}
    write_whole(_facts(folder), lambda partial: partial.write_text(json.dumps(facts) + "\n", encoding="utf-8"))


def _opened(folder: Path, scan: Scan, *, whole: bool):
    """The graph and the segments it covers; none where there is none, or one that was left half way."""
    library = _library()
    if not is_built(folder):
        return None, ()
    try:
        facts = json.loads(_facts(folder).read_text(encoding="utf-8"))
        covered = tuple(int(number) for number in facts["segments"])
        if facts["bytes"] != (folder / GRAPH).stat().st_size:
            return None, ()
        graph = library.restore(str(folder / GRAPH), view=not whole)
    except Exception as error:  # usearch raises several types
        raise _damaged(folder, str(error)) from error
    if graph is None or graph.ndim != scan.dimensions:
        raise _damaged(folder, "no graph of this index")
    return graph, covered


def _damaged(folder: Path, got: str) -> FormatError:
    return FormatError(
        "The approximate index is damaged", where=str(folder / GRAPH), got=got,
        remedy=f"Delete this file and build it again with anywear index DIR -o {folder.name} --approximate",
    )  # fmt: skip
