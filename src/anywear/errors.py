"""The one error family: what went wrong, where, what was expected, what was found, and one remedy."""

from __future__ import annotations

LISTED = 80  # names that an error lists at most; the nearest are in its remedy


class AnywearError(Exception):
    """An error a person can act on.

    Every face of the project turns it into a short message and, on the command line, exit code 2.

    Args:
        what: one sentence that says what is wrong.
        where: file, sensor, row or field it is wrong in.
        expected: what would have been right.
        got: what was found instead.
        remedy: the one thing to try next.

    Example:
        >>> print(AnywearError("The file has no time stamps", where="walk.csv", remedy="Give the rate: --rate 50"))
        The file has no time stamps
          where: walk.csv
          remedy: Give the rate: --rate 50
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [self.what]
        for name in ("where", "expected", "got", "remedy"):
            value = getattr(self, name)
            if value is not None:
                lines.append(f"  {name}: {value}")
        return "\n".join(lines)

    def __reduce__(self):
        # Keyword-only fields are lost by the default, which would break errors that cross worker processes.
        fields = (self.what, self.where, self.expected, self.got, self.remedy)
        return (_rebuild, (type(self), *fields))


class FormatError(AnywearError):
    """A file that is not what it should be: damaged, of another format, or without motion data."""


class UnitError(AnywearError):
    """Values that cannot be true in the unit they are in, or whose unit cannot be told."""


class PlacementError(AnywearError):
    """A place on the body that does not exist, or a mount that contradicts itself."""


class UsageError(AnywearError):
    """A request that cannot be met: an unknown name, an empty label list, an option out of range."""


class ArtefactError(AnywearError):
    """A model file that is missing, damaged or made for another version."""


def unknown_name(kind: str, name: str, known: object, *, error: type[AnywearError] = UsageError) -> AnywearError:
    """The error of every registry: says which names there are, the nearest first."""
    import difflib

    names = sorted(str(k) for k in known)  # type: ignore[attr-defined]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    listed = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
    remedy = f"Did you mean {', '.join(near)}?" if near else f"Choose one of: {listed}"
    return error(f"Unknown {kind} {name!r}", expected=listed, got=repr(name), remedy=remedy)


def _rebuild(kind: type[AnywearError], what, where, expected, got, remedy) -> AnywearError:
    return kind(what, where=where, expected=expected, got=got, remedy=remedy)
