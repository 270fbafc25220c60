"""anywear's own format: a Parquet file that holds a Recording and loses nothing.

Layout, version 1. The table has one row for each sample, the streams one after the other in their order, with columns

    stream    int16    index of the stream
    time_s    float64  seconds on the recording's clock
    acc_x_mps2, acc_y_mps2, acc_z_mps2    float32  specific force, gravity included, sensor frame
    gyr_x_radps, gyr_y_radps, gyr_z_radps float32  angular rate, sensor frame; null where a stream has no gyroscope

All else is JSON under the key ``anywear`` of the file's key-value metadata: ``version``, ``source``, ``reader``,
``device``, ``start_unix_s``, ``labels`` [[start_s, end_s, label]], ``notes`` [[kind, text]], ``metadata``, and ``streams``,
each with ``name``, ``samples``, ``has_gyr``, ``nominal_rate_hz``, ``placement`` (``segment``, ``along``, ``around_deg``,
``site``, ``mount``) and ``notes``. A reader refuses versions above its own; fields it does not know make a new version.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import AnywearError, FormatError, UsageError
from ..placement import Mount, Placement
from ..recording import Note, Recording, Span, Stream
from ._tables import MAX_BYTES, OWN_KEY, open_parquet, too_large
from .registry import ReadOptions, reader

VERSION = 1
SUFFIX = ".parquet"
GROUP_ROWS = 1 << 20

_COLUMNS = ("acc_x_mps2", "acc_y_mps2", "acc_z_mps2", "gyr_x_radps", "gyr_y_radps", "gyr_z_radps")
_SCHEMA = pa.schema(
    [("stream", pa.int16()), ("time_s", pa.float64()), *((name, pa.float32()) for name in _COLUMNS)],
)
_BYTES_PER_ROW = 34


def sniff_native(path: Path) -> bool:
    """Whether a path is a Parquet file written by anywear."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            if file.read(4) != b"PAR1":
                return False
        return OWN_KEY in (open_parquet(path, str(path)).metadata.metadata or {})
    except (AnywearError, OSError):
        return False


@reader("anywear", "anywear's own Parquet format: everything in a Recording, without loss", sniff_native)
def read_native(path: Path, options: ReadOptions) -> Recording:
    """Read what `write` wrote.

    Raises:
        FormatError: damaged, not by anywear, or by a newer version of it.
    """
    where = str(path)
    if not path.is_file():
        raise FormatError("A folder was given where a file is wanted", where=where, remedy="Name one file")
    file = open_parquet(path, where)
    facts = _facts(file, where)
    try:
        if file.metadata.num_rows * _BYTES_PER_ROW > MAX_BYTES:
            raise too_large(where, file.metadata.num_rows * _BYTES_PER_ROW)
        table = file.read().cast(_SCHEMA)
        streams = _streams(table, facts["streams"])
        return Recording(
            tuple(streams),
            source=str(facts["source"]),
            reader=str(facts["reader"]),
            device=_optional(str, facts["device"]),
            start_unix_s=_optional(float, facts["start_unix_s"]),
            labels=tuple(Span(float(start_s), float(end_s), str(label)) for start_s, end_s, label in facts["labels"]),
            notes=(*_notes_from(facts["notes"]), *_notes_on_options(options)),
            metadata={str(key): str(value) for key, value in facts["metadata"].items()},
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OSError, MemoryError, OverflowError) as error:
        # pyarrow's errors are ValueErrors, KeyErrors and OSErrors too.
        raise _damaged(
            where, f"{type(error).__name__}: {str(error).splitlines()[0][:100] if str(error) else ''}"
        ) from None


def write(recording: Recording, path: str | Path) -> Path:
    """Write a recording in anywear's own format.

    The file appears under its name only when it is complete; an existing one is replaced.

    Args:
        recording: any.
        path: must end in ``.parquet``; ``walk.anywear.parquet`` says best what it is.

    Returns:
        The path.

    Raises:
        UsageError: another ending, a folder, or a place that cannot be written to.

    Example:
        >>> anywear.write(recording, "walk.anywear.parquet")  # doctest: +SKIP
    """
    path = Path(path)
    if path.suffix.lower() != SUFFIX or path.is_dir():
        raise UsageError(
            "A recording is written to a Parquet file",
            where=str(path),
            expected="a file name that ends in .parquet",
            got="a folder" if path.is_dir() else repr(path.name),
            remedy=f"Write to {path.stem or 'walk'}.anywear.parquet",
        )
    schema = _SCHEMA.with_metadata({OWN_KEY: json.dumps(_describe(recording), allow_nan=True).encode()})
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent or Path())
        with (
            os.fdopen(handle, "wb") as out,
            pq.ParquetWriter(out, schema, compression="zstd", write_page_checksum=True) as writer,
        ):
            for index, stream in enumerate(recording.streams):
                for start in range(0, len(stream), GROUP_ROWS):
                    writer.write_table(_rows(index, stream, slice(start, start + GROUP_ROWS), schema))
        # mkstemp makes files private; a recording is as readable as any file the user makes.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise UsageError(
            "The recording cannot be written",
            where=str(path),
            got=error.strerror or str(error),
            remedy="Choose another place, or make the folder first",
        ) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return path


def _describe(recording: Recording) -> dict[str, Any]:
    return {
        "version": VERSION,
        "source": recording.source,
        "reader": recording.reader,
        "device": recording.device,
        "start_unix_s": recording.start_unix_s,
        "labels": [[span.start_s, span.end_s, span.label] for span in recording.labels],
        "notes": [[note.kind, note.text] for note in recording.notes],
        "metadata": dict(recording.metadata),
        "streams": [
            {
                "name": stream.name,
                "samples": len(stream),
                "has_gyr": stream.gyr_radps is not None,
                "nominal_rate_hz": stream.nominal_rate_hz,
                "placement": _describe_placement(stream.placement),
                "notes": [[note.kind, note.text] for note in stream.notes],
            }
            for stream in recording.streams
        ],
    }


def _describe_placement(placement: Placement) -> dict[str, Any]:
    mount = placement.mount
    return {
        "segment": placement.segment,
        "along": placement.along,
        "around_deg": placement.around_deg,
        "site": placement.site,
        "mount": {
            "outward_axis": mount.outward_axis,
            "up_axis": mount.up_axis,
            "quat_segment_from_sensor": mount.quat_segment_from_sensor,
            "source": mount.source,
        },
    }


def _rows(index: int, stream: Stream, part: slice, schema: pa.Schema) -> pa.Table:
    time_s = stream.time_s[part]
    columns = [pa.array(np.full(len(time_s), index, dtype=np.int16)), pa.array(time_s)]
    columns += [pa.array(stream.acc_mps2[part, axis]) for axis in range(3)]
    if stream.gyr_radps is None:
        columns += [pa.nulls(len(time_s), pa.float32()) for _ in range(3)]
    else:
        columns += [pa.array(stream.gyr_radps[part, axis]) for axis in range(3)]
    return pa.Table.from_arrays(columns, schema=schema)


def _facts(file: pq.ParquetFile, where: str) -> dict[str, Any]:
    text = (file.metadata.metadata or {}).get(OWN_KEY)
    if text is None:
        raise FormatError(
            "This Parquet file was not written by anywear",
            where=where,
            expected="the key 'anywear' in the file's metadata",
            got=f"columns {', '.join(file.schema_arrow.names[:12])}",
            remedy="Read it as a table: --format csv",
        )
    try:
        facts = json.loads(text)
        version = facts["version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(where, str(error)[:100]) from None
    if not isinstance(version, int) or version > VERSION or version < 1:
        raise FormatError(
            "The file was written by another version of anywear",
            where=where,
            expected=f"layout version 1 to {VERSION}",
            got=f"layout version {version!r}",
            remedy="Update anywear: pip install -U anywear",
        )
    return facts


def _streams(table: pa.Table, described: list[dict[str, Any]]) -> list[Stream]:
    if sum(entry["samples"] for entry in described) != table.num_rows:
        raise ValueError(f"{table.num_rows} rows for {[entry['samples'] for entry in described]} samples")
    streams, start = [], 0
    for index, entry in enumerate(described):
        part = table.slice(start, entry["samples"])
        start += entry["samples"]
        if not (part.column("stream").to_numpy() == index).all():
            raise ValueError(f"rows of stream {entry['name']!r} are out of place")
        time_s = part.column("time_s").to_numpy().copy()
        time_s.setflags(write=False)
        streams.append(
            Stream(
                str(entry["name"]),
                time_s,
                _triple(part, _COLUMNS[:3]),
                _triple(part, _COLUMNS[3:]) if entry["has_gyr"] else None,
                _placement_from(entry["placement"]),
                _optional(float, entry["nominal_rate_hz"]),
                _notes_from(entry["notes"]),
            )
        )
    return streams


def _triple(part: pa.Table, names: tuple[str, ...]) -> np.ndarray:
    out = np.stack([part.column(name).to_numpy() for name in names], axis=1)
    out.setflags(write=False)
    return out


def _placement_from(facts: dict[str, Any]) -> Placement:
    told = facts["mount"]
    axes = [told[name] for name in ("outward_axis", "up_axis", "quat_segment_from_sensor")]
    mount = Mount(*(None if axis is None else tuple(axis) for axis in axes), source=str(told["source"]))
    return Placement(facts["segment"], facts["along"], facts["around_deg"], mount, facts["site"])


def _notes_from(pairs: list[list[str]]) -> tuple[Note, ...]:
    return tuple(Note(str(kind), str(text)) for kind, text in pairs)


def _optional(kind, value):
    return None if value is None else kind(value)


def _notes_on_options(options: ReadOptions) -> list[Note]:
    said = {"--units": options.units, "--rate": options.rate_hz, "--columns": options.columns}
    given = [name for name, value in said.items() if value is not None]
    return [Note("detected", f"{name} was not used: it is settled in anywear's own format") for name in given]


def _damaged(where: str, got: str) -> FormatError:
    return FormatError(
        "The recording is damaged",
        where=where,
        expected=f"anywear's own Parquet format, layout version {VERSION}",
        got=got,
        remedy="Copy it again from its source",
    )
