"""NumPy files: one array of samples (``.npy``), or several by name (``.npz``). Pickles are never loaded."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import FormatError
from ..recording import Note, Recording
from ._column_names import AXES, parse_column_name
from ._columns import listing
from ._table_recording import table_to_recording
from ._tables import MAX_BYTES, ArrayTable, too_large
from .archive import open_bundle
from .registry import ReadOptions, reader

MAGIC = b"\x93NUMPY"
WIDTHS = (3, 4, 6, 7)  # acc; time, acc; acc, gyr; time, acc, gyr
RATE_NAMES = ("rate", "rate_hz", "fs", "sr", "sampling_rate", "sample_rate", "samplerate", "freq", "frequency", "hz")
RATE_RANGE_HZ = (1.0, 10_000.0)
_NAMES = (*(f"acc_{axis}" for axis in AXES), *(f"gyr_{axis}" for axis in AXES))


def sniff_numpy(path: Path) -> bool:
    """Whether a path is a NumPy file, by suffix or by its first bytes."""
    if not path.is_file():
        return False
    if path.suffix.lower() in (".npy", ".npz"):
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


@reader("numpy", "NumPy: .npy of shape (samples, 3, 4, 6 or 7), .npz with arrays such as time, acc, gyr", sniff_numpy)
def read_numpy(path: Path, options: ReadOptions) -> Recording:
    """Read a NumPy file.

    An array of 3 columns is acceleration, of 6 acceleration and angular rate, of 4 or 7 the same with time stamps. In an
    ``.npz`` the arrays are told by their names, as columns of tables are; ``fs`` or ``rate`` may state the rate.

    Raises:
        FormatError: damaged, pickled, of another shape, without stamps and rate. UnitError: see `resolve_units`.
    """
    where = str(path)
    arrays = _load(path, where)
    notes: list[Note] = []
    rate_said_by = "the user"
    if options.rate_hz is None:
        options, rate_said_by = _stated_rate(arrays, options), "the file"
    main = _main_array(arrays, where)
    if main is not None and main.dtype.names:
        table = ArrayTable({name: main[name] for name in main.dtype.names if main[name].ndim == 1}, where)
    elif main is not None:
        extra = {name: a for name, a in arrays.items() if a is not main and a.ndim == 1}
        table = _one_array(main, extra, where, notes, bool(options.columns))
    else:
        table = _several_arrays(arrays, where, notes)
    return table_to_recording(
        table, options, source=path.name, reader_name="numpy", notes=notes, rate_said_by=rate_said_by
    )


def _load(path: Path, where: str) -> dict[str, Array]:
    """Arrays by name; of an ``.npy`` the one array under an empty name."""
    try:
        with path.open("rb") as file:
            is_single = file.read(len(MAGIC)) == MAGIC
            if is_single:
                file.seek(0)
                return {"": _read_array(file, where)}
    except OSError as error:
        raise FormatError("The file cannot be read", where=where, got=error.strerror or str(error)) from None
    if path.suffix.lower() == ".npy":
        raise FormatError(
            "This is no NumPy array",
            where=where,
            expected=f"a file that begins with {MAGIC!r}",
            got=f"{path.stat().st_size} bytes",
            remedy="Save it again with numpy.save",
        )
    with open_bundle(path) as bundle:
        names = [name for name in bundle.names if name.endswith(".npy")]
        if not names:
            raise FormatError(
                "The file holds no NumPy arrays",
                where=where,
                expected="a file saved with numpy.savez",
                got=listing(bundle.names),
                remedy="Save it again with numpy.savez(FILE, time=..., acc=..., gyr=...)",
            )
        arrays = {}
        for name in names:
            with bundle.open(name) as file:
                arrays[name.removesuffix(".npy")] = _read_array(file, bundle.where(name))
        return arrays


def _read_array(file: io.BufferedIOBase, where: str) -> Array:
    """One array, its declared size checked against the bytes there are."""
    damaged = {"where": where, "remedy": "Save it again with numpy.save or numpy.savez, as numbers"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers written by Python 2 are fine
            version = np.lib.format.read_magic(file)
            read_header = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, fortran, dtype = read_header(file)
    except FormatError:
        raise
    except Exception as error:  # whatever the parser of damaged headers comes up with
        raise FormatError("The NumPy array is damaged", got=str(error).splitlines()[0][:120], **damaged) from None
    if dtype.hasobject:
        raise FormatError("The NumPy array holds Python objects", expected="numbers", got=str(dtype), **damaged)
    if any(not 0 <= length < 1 << 48 for length in shape) or dtype.itemsize == 0:
        raise FormatError("The NumPy array is damaged", got=f"shape {shape} of {dtype}", **damaged)
    count = math.prod(shape)
    size = count * dtype.itemsize
    if size > MAX_BYTES:
        raise too_large(where, size)
    payload = file.read(size)
    if len(payload) < size:
        raise FormatError(
            "The NumPy array is cut off",
            expected=f"{size} bytes for shape {shape}",
            got=f"{len(payload)} bytes",
            **damaged,
        )
    flat = np.frombuffer(payload, dtype=dtype) if count else np.empty(0, dtype=dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def _stated_rate(arrays: dict[str, Array], options: ReadOptions) -> ReadOptions:
    """Take the rate from an array of one number called fs, rate or the like, where there are no stamps."""
    if any(parse_column_name(name).is_time for name in arrays if name):
        return options
    for name, array in arrays.items():
        if name.lower() in RATE_NAMES and array.size == 1 and array.dtype.kind in "fiu":
            rate_hz = float(array.reshape(-1)[0])
            if RATE_RANGE_HZ[0] <= rate_hz <= RATE_RANGE_HZ[1]:
                return replace(options, rate_hz=rate_hz)
    return options


def _main_array(arrays: dict[str, Array], where: str) -> Array | None:
    """The one array that holds everything, or None when arrays are told by their names."""
    named = [name for name in arrays if parse_column_name(f"{name}_x").kind in ("acc", "linear")]
    named += [name for name in arrays if parse_column_name(name).axis]
    if named:
        return None
    wide = [array for array in arrays.values() if array.ndim >= 2 or array.dtype.names]
    if len(wide) == 1 or len(arrays) == 1:
        return (wide or list(arrays.values()))[0]
    raise FormatError(
        "No array of accelerations was found",
        where=where,
        expected="arrays such as time (T,), acc (T, 3), gyr (T, 3), or one array (T, 3), (T, 6) or (T, 7)",
        got=_shapes(arrays),
        remedy="Save it again with numpy.savez(FILE, time=..., acc=..., gyr=...)",
    )


def _one_array(array: Array, extra: dict[str, Array], where: str, notes: list[Note], user_names: bool) -> ArrayTable:
    """Columns of an array of a known width, named by position."""
    if array.ndim == 2 and array.shape[1] not in WIDTHS and array.shape[0] in WIDTHS:
        notes.append(Note("detected", f"array of shape {array.shape} transposed: samples run along the second axis"))
        array = array.T
    if array.ndim != 2 or array.dtype.kind not in "fiu" or (array.shape[1] not in WIDTHS and not user_names):
        windows = "; this seems to be a stack of windows, give one recording" if array.ndim == 3 else ""
        raise FormatError(
            "The array is no recording",
            where=where,
            expected="shape (T, 3) acc, (T, 6) acc and gyr, (T, 4) or (T, 7) with time stamps first",
            got=f"shape {array.shape} of {array.dtype}{windows}",
            remedy="Save one recording, a row for each sample, or numpy.savez(FILE, time=..., acc=..., gyr=...)",
        )
    extra = {name: a for name, a in extra.items() if len(a) == len(array)}
    if user_names:
        columns = {f"c{index}": array[:, index] for index in range(array.shape[1])}
        return ArrayTable({**columns, **extra}, where)
    width = array.shape[1]
    columns: dict[str, Array] = {}
    if width in (4, 7):
        with np.errstate(invalid="ignore"):
            rising = [c for c in (0, width - 1) if len(array) > 1 and (np.diff(array[:, c]) >= 0).mean() > 0.8]
        if not rising:
            raise FormatError(
                "No column of the array rises as time stamps do",
                where=where,
                expected=f"time stamps in the first of {width} columns",
                got=f"first row {array[0].tolist() if len(array) else []}",
                remedy=f"Save {width - 1} columns and give the rate: --rate 50, or use --columns with c0 to c{width - 1}",
            )
        columns["time"] = array[:, rising[0]]
        array = np.delete(array, rising[0], axis=1)
        notes.append(Note("detected", f"column {rising[0]} of {width} rises: time stamps"))
    columns |= {_NAMES[index]: array[:, index] for index in range(array.shape[1])}
    gyr = ", then angular rate x, y, z" if array.shape[1] == 6 else ""
    notes.append(Note("assumed", f"columns of the array are acceleration x, y, z{gyr}"))
    return ArrayTable({**columns, **{name: a for name, a in extra.items() if name not in columns}}, where)


def _several_arrays(arrays: dict[str, Array], where: str, notes: list[Note]) -> ArrayTable:
    """Columns of named arrays: (T, 3) ones give x, y, z; (T,) ones are columns themselves."""
    columns: dict[str, Array] = {}
    for name, array in arrays.items():
        if array.ndim == 2 and 3 in array.shape:
            if array.shape[1] != 3:
                notes.append(Note("detected", f"array {name!r} of shape {array.shape} transposed"))
                array = array.T
            columns |= {f"{name}_{axis}": array[:, index] for index, axis in enumerate(AXES)}
        elif array.ndim == 1 or (array.ndim == 2 and 1 in array.shape):
            columns[name] = array.reshape(-1)
    samples = [
        name for name in columns if parse_column_name(name).kind in ("acc", "linear") and parse_column_name(name).axis
    ]
    if not samples:
        raise FormatError(
            "No array of accelerations was found",
            where=where,
            expected="an array acc of shape (T, 3)",
            got=_shapes(arrays),
            remedy="Save it again with numpy.savez(FILE, time=..., acc=..., gyr=...)",
        )
    rows = len(columns[samples[0]])
    other = {name: array for name, array in columns.items() if len(array) != rows}
    for name in other:
        parsed = parse_column_name(name)
        if parsed.is_time or parsed.kind in ("acc", "gyr", "linear", "gravity"):
            raise FormatError(
                "The arrays have different lengths",
                where=where,
                expected=f"{rows} rows, as {samples[0][:-2]} has",
                got=f"{name} has {len(columns[name])}",
                remedy="Save arrays that belong together, or resample one of them first",
            )
    unused = [
        name
        for name in arrays
        if name.lower() not in RATE_NAMES and (name in other or not any(c == name or c[:-2] == name for c in columns))
    ]
    if unused:
        notes.append(Note("detected", f"arrays not used: {listing(unused)}"))
    return ArrayTable({name: array for name, array in columns.items() if name not in other}, where)


def _shapes(arrays: dict[str, Array]) -> str:
    return listing(f"{name or 'array'} {array.shape}" for name, array in arrays.items())
