"""Arrays out of pickled files, without running what a pickle may ask for.

A pickle names functions and classes to call. Here the few names that arrays are stored under lead to stand-ins of this
module, which keep what they are given; every other name is refused. So nothing of NumPy, SciPy or chumpy is made by the
file, and nothing else is called.
"""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np

from .._typing import Array
from ..errors import FormatError

_NUMBER = re.compile(r"[fiub][1248]")


def load_stored(file: Any, where: str) -> Any:
    """What a pickle holds; arrays come as stand-ins that `array_of` understands.

    Args:
        file: open for reading bytes.
        where: for messages.

    Raises:
        FormatError: damaged, or it asks for anything but arrays.
    """
    try:
        return _Unpickler(file, encoding="latin1").load()
    except FormatError as error:
        error.where = error.where or where
        raise
    except Exception as error:  # damaged pickles raise nearly everything
        raise FormatError("The pickle is damaged", where=where, got=f"{type(error).__name__}: {error}"[:100]) from None


def array_of(value: Any, name: str) -> Array:
    """The array that a value of `load_stored` stands for; sparse matrices become full ones.

    Raises:
        FormatError: it stands for none.
    """
    for _ in range(8):  # an array of one object that is an array
        if isinstance(value, _Chumpy):
            inner = getattr(value, "x", None)
            if inner is None:
                raise FormatError(
                    f"{name!r} is a chumpy expression, not stored values", got="no 'x' in it",
                    remedy="Use the model's .npz, or write the values out where chumpy is installed",
                )  # fmt: skip
            value = inner
        elif isinstance(value, _Stored):
            value = value.values()
            if not isinstance(value, list):
                break
            value = value[0] if len(value) == 1 else None
        else:
            break
    if isinstance(value, bool | int | float | list | tuple | np.ndarray):
        try:
            array = np.asarray(value)
        except ValueError:
            array = np.empty(0, dtype=object)
        if array.dtype.kind in "fiub":
            return array
    raise FormatError(f"{name!r} holds no array", got=type(value).__name__.strip("_"))


class _Sealed(type):
    """A class that the file cannot change."""

    def __setattr__(cls, name: str, value: object) -> None:
        raise FormatError("The pickle tries to change a class")


class _Stored(metaclass=_Sealed):
    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def values(self) -> Any:
        raise FormatError("The pickle holds a value without content")


class _Type(_Stored):
    """numpy.dtype: a code of kind and size, and the order of bytes."""

    order = "<"

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">", "|", "="):
            self.order = state[1]

    @property
    def code(self) -> str:
        return str(self.arguments[0]) if self.arguments else ""

    def dtype(self) -> np.dtype:
        if not _NUMBER.fullmatch(self.code):
            raise FormatError("The pickle holds an array that is not of numbers", got=self.code[:20])
        return np.dtype(self.order + self.code)


class _Array(_Stored):
    """numpy.ndarray: shape, type, order and bytes, or a list of objects."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def values(self) -> Any:
        if not isinstance(self.state, tuple) or len(self.state) not in (4, 5):
            raise FormatError("The pickle holds an array without content")
        shape, kind, fortran, raw = self.state[-4:]
        if isinstance(raw, list):
            return raw
        return _whole(raw, kind, shape, "F" if fortran else "C")


class _Rebuilt(metaclass=_Sealed):
    """numpy's _reconstruct: an array that is filled afterwards."""

    def __new__(cls, *_: Any) -> Any:
        return _Array()


class _Buffer(metaclass=_Sealed):
    """numpy's _frombuffer; arrays that are neither C nor F say in which order their axes lie."""

    def __new__(cls, raw: Any, kind: Any, shape: Any, order: Any = "C", axes: Any = None) -> Any:
        array = _whole(raw, kind, shape, order)
        return array if axes is None else array.transpose([int(axis) for axis in axes])


class _Scalar(metaclass=_Sealed):
    """numpy's scalar."""

    def __new__(cls, kind: Any, raw: Any = b"") -> Any:
        return _whole(raw, kind, (), "C")


class _Latin(metaclass=_Sealed):
    """codecs.encode, by which bytes are written in old protocols."""

    def __new__(cls, text: Any, encoding: Any = "latin1") -> Any:
        return text.encode("latin1") if isinstance(text, str) else b""


class _Object(metaclass=_Sealed):
    """copyreg's _reconstructor: an object of a class that is filled afterwards."""

    def __new__(cls, kind: Any = None, *_: Any) -> Any:
        return kind() if isinstance(kind, _Sealed) else None


class _Mapping(metaclass=_Sealed):
    """collections.OrderedDict."""

    def __new__(cls, pairs: Any = ()) -> Any:
        return dict(pairs)


class _Chumpy(_Stored):
    """Any class of chumpy; plain values are in ``x``."""


class _Sparse(_Stored):
    """scipy.sparse in compressed rows or columns."""

    by_column = True

    def values(self) -> Array:
        own = vars(self)
        data, indices, starts = (array_of(own.get(name), name) for name in ("data", "indices", "indptr"))
        shape = own.get("_shape", own.get("shape"))
        return dense(data, indices, starts, shape, by_column=type(self).by_column)


class _SparseRows(_Sparse):
    by_column = False


def dense(data: Array, indices: Array, starts: Array, shape: Any, *, by_column: bool) -> Array:
    """A compressed sparse matrix in full.

    Raises:
        FormatError: indices that lie outside.
    """
    try:
        rows, columns = (int(size) for size in shape)
        lines, across = (columns, rows) if by_column else (rows, columns)
        counts = np.diff(starts.astype(np.int64))
        sound = (
            len(starts) == lines + 1 and starts[0] == 0 and (counts >= 0).all() and starts[-1] == len(data)
            and len(indices) == len(data) and (not len(indices) or 0 <= indices.min() <= indices.max() < across)
            and rows * columns <= 50_000_000
        )  # fmt: skip
    except (TypeError, ValueError, IndexError):
        sound = False
    if not sound:
        raise FormatError("A sparse matrix contradicts itself", got=f"shape {shape}, {len(data)} values"[:80])
    out = np.zeros((lines, across))
    np.add.at(out, (np.repeat(np.arange(lines), counts), indices.astype(np.int64)), data)
    return out.T.copy() if by_column else out


def _whole(raw: Any, kind: Any, shape: Any, order: Any) -> Array:
    if isinstance(raw, str):
        raw = raw.encode("latin1")  # strings of Python 2
    if not isinstance(kind, _Type) or not isinstance(raw, bytes | bytearray) or not isinstance(shape, tuple):
        raise FormatError("The pickle holds a damaged array")
    try:
        array = np.frombuffer(bytes(raw), kind.dtype()).reshape(shape, order="F" if order == "F" else "C")
    except (ValueError, TypeError) as error:
        raise FormatError("The pickle holds a damaged array", got=str(error)[:80]) from None
    return array.astype(array.dtype.newbyteorder("="))


_NAMES: dict[tuple[str, str], type] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _Latin,
    ("copy_reg", "_reconstructor"): _Object,
    ("copyreg", "_reconstructor"): _Object,
    ("__builtin__", "object"): _Stored,
    ("builtins", "object"): _Stored,
    ("collections", "OrderedDict"): _Mapping,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _Rebuilt for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _Scalar for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _Buffer for core in ("core", "_core")},
    **{(f"scipy.sparse.{old}csc", "csc_matrix"): _Sparse for old in ("", "_")},
    **{(f"scipy.sparse.{old}csr", "csr_matrix"): _SparseRows for old in ("", "_")},
    **{(f"scipy.sparse.{old}csc", "csc_array"): _Sparse for old in ("", "_")},
    **{(f"scipy.sparse.{old}csr", "csr_array"): _SparseRows for old in ("", "_")},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name.partition(".")[0] == "chumpy":
            return _Chumpy
        known = _NAMES.get((module_name, global_name))
        if known is None:
            raise FormatError(
                "The pickle asks for something that is no array, so it was not read",
                expected="arrays of NumPy, SciPy or chumpy",
                got=f"{module_name}.{global_name}"[:80],
                remedy="Use the model's .npz, from a source you trust",
            )
        return known

    def persistent_load(self, pid: Any, /) -> Any:
        raise FormatError("The pickle refers to something outside the file", got=str(pid)[:40])
