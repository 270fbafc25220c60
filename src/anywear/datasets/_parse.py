"""Reading the two kinds of file the sets use, tables of numbers and MATLAB files, with errors a person can act on."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from .._typing import Array
from ..errors import FormatError
from ..io.registry import ReadOptions
from ..placement import Placement
from ..recording import Note, Recording, Span, Stream
from ..signal import build_stream, resolve_units
from .base import DatasetInfo, File


def number_table(data: bytes, columns: int, where: str) -> Array:
    """Rows of comma-separated numbers, shape (rows, columns); empty lines do not count.

    Raises:
        FormatError: not text, a cell that is no number, rows of unequal length, another number of columns, no row.
    """
    expected = f"rows of {columns} numbers separated by commas"
    try:
        lines = [line for line in data.decode("ascii").splitlines() if line.strip()]
        table = np.loadtxt(lines, delimiter=",", ndmin=2) if lines else np.empty((0, columns))
    except ValueError as error:
        raise FormatError(
            "The file is no table of numbers", where=where, expected=expected, got=str(error).split(";")[0]
        ) from error
    if table.shape[1] != columns or len(table) < 2:
        raise FormatError(
            "The table has another shape",
            where=where,
            expected=f"two or more {expected}",
            got=f"{table.shape[0]} rows of {table.shape[1]}",
            remedy="Check that the file was copied completely, and that --format names the right data set",
        )
    return table


def matlab_array(data: bytes, variable: str, columns: int, where: str) -> Array:
    """A variable of a MATLAB file as (rows, columns) of floats.

    Raises:
        FormatError: no MATLAB file, damaged, without the variable, or of another shape.
    """
    values = matlab_variables(data, where).get(variable)
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise FormatError(
            f"The MATLAB file has no numbers called {variable}",
            where=where,
            remedy="Check that --format names the right data set",
        )
    if values.ndim != 2 or values.shape[1] != columns or len(values) < 2:
        raise FormatError(
            f"{variable} has another shape",
            where=where,
            expected=f"two or more rows of {columns}",
            got=f"shape {values.shape}",
        )
    return values.astype(np.float64)


def matlab_variables(data: bytes, where: str) -> dict[str, object]:
    """Every variable of a MATLAB file.

    Raises:
        FormatError: no MATLAB file, or damaged.
    """
    import scipy.io

    try:
        return scipy.io.loadmat(io.BytesIO(data))
    except Exception as error:  # scipy lets a dozen kinds of error out of damaged files
        raise FormatError(
            "The file is no MATLAB file that can be read",
            where=where,
            expected="a MATLAB 5 file",
            got=f"{len(data)} bytes, {type(error).__name__}: {error}",
        ) from error


def even_stamps(count: int, rate_hz: float) -> Array:
    """Time in seconds of samples that carry no stamps: an even clock from zero."""
    return np.arange(count) / rate_hz


def stream(
    name: str,
    time_s: Array,
    acc: Array,
    gyr: Array | None,
    placement: Placement,
    options: ReadOptions,
    *,
    rate_hz: float,
    acc_unit: str,
    gyr_unit: str | None,
    where: str,
    notes: Sequence[Note] = (),
) -> Stream:
    """A stream from columns in declared units; the declaration is checked against the values."""
    acc_mps2, gyr_radps, unit_notes = resolve_units(
        acc, gyr, acc_unit=acc_unit, gyr_unit=gyr_unit, override=options.units, where=f"{where}, {name}"
    )
    return build_stream(
        name, time_s, acc_mps2, gyr_radps, placement=placement, nominal_rate_hz=rate_hz, notes=(*notes, *unit_notes)
    )


def whole(made: Stream, word: str | None) -> tuple[Span, ...]:
    """One label from the first sample of a stream to its last; none without a word."""
    return () if word is None else (Span(float(made.time_s[0]), float(made.time_s[-1]), word),)


def matlab_trial(
    info: DatasetInfo,
    file: File,
    options: ReadOptions,
    variable: str,
    name: str,
    placement: Placement,
    device: str | None = None,
) -> Recording:
    """One trial of a set that keeps one unit per MATLAB file: acceleration in g, angular rate in deg/s, no time stamps."""
    rate_hz = options.rate_hz or info.rate_hz
    values = matlab_array(file.data, variable, 6, file.name)
    unit = stream(
        name,
        even_stamps(len(values), rate_hz),
        values[:, :3],
        values[:, 3:],
        placement,
        options,
        rate_hz=rate_hz,
        acc_unit="g",
        gyr_unit="deg/s",
        where=file.name,
        notes=(Note("assumed", f"no time stamps: an even clock of {rate_hz:g} Hz"),),
    )
    word = None if file.key.activity is None else info.label_words[int(file.key.activity[1:]) - 1]
    return Recording(
        (unit,),
        source=file.name,
        reader=info.name,
        device=device,
        labels=whole(unit, word),
        metadata=file.key.metadata() | {"position": placement.name},
    )
