"""What a data set is here: what its papers and files say of it, and how its files become recordings.

A data-set module gives three things: a `DatasetInfo`, a function that reads subject, activity and trial off a file's
path, and a function that builds one recording from the files of one trial. `register` makes of them a `Dataset` and a
reader of the same name for ``--format``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ..errors import AnywearError, FormatError, UsageError, unknown_name
from ..io.registry import ReadOptions, reader
from ..recording import Recording
from .source import Source, find_source

ROLES = ("train", "eval", "test")


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a data set before a file is opened.

    Attributes:
        name: what ``--format`` and ``--sets`` take.
        title: as its authors call it.
        about: one line.
        role: ``train`` (a shipped model may learn from it), ``eval`` (never trained on), ``test`` (a fixture).
        licence: as its publishers state it.
        citation: the paper or repository to cite.
        url: where it is published.
        rate_hz: samples per second.
        placements: names of `anywear.placement.SITES`, in stream order, or ``unknown``.
        label_words: one plain phrase per class, in class order.
        mount_documented: what the set's own documents say of the sensor axes, with the source; None if they are silent.
        label_groups: classes that may be asked together, by group, where mixing them would give the class away (by
            where the sensor was worn) or mix questions (daily life, falls); None where all classes belong together.
    """

    name: str
    title: str
    about: str
    role: str
    licence: str
    citation: str
    url: str
    rate_hz: float
    placements: tuple[str, ...]
    label_words: tuple[str, ...]
    mount_documented: str | None = None
    label_groups: dict[str, tuple[str, ...]] | None = None

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"role {self.role!r} is not one of {ROLES}")
        if len(set(self.label_words)) != len(self.label_words):
            raise ValueError(f"{self.name}: two classes have the same words")
        grouped = [word for words in (self.label_groups or {}).values() for word in words]
        if self.label_groups is not None and sorted(grouped) != sorted(self.label_words):
            raise ValueError(f"{self.name}: label_groups has to hold every class once")


@dataclass(frozen=True)
class Key:
    """What a file's path says of it.

    Attributes:
        subject: who, in the set's own spelling; None where the path is silent.
        activity: class code in the set's own spelling, such as ``a10``.
        trial: repetition or execution.
        group: files of equal group form one recording.
        part: which part of that recording the file is, such as ``sp`` or a segment number.
    """

    subject: str | None = None
    activity: str | None = None
    trial: str | None = None
    group: tuple[str, ...] = ()
    part: str = ""

    def metadata(self) -> dict[str, str]:
        """The known ones of subject, activity and trial."""
        facts = {"subject": self.subject, "activity": self.activity, "trial": self.trial}
        return {name: value for name, value in facts.items() if value is not None}


@dataclass(frozen=True)
class File:
    """One file of the original layout: its name for messages, what its path says, and its bytes."""

    name: str
    key: Key
    data: bytes


@dataclass(frozen=True)
class Dataset:
    """A public data set in its original layout.

    Attributes:
        info: what is known of it.
        parse: relative path to `Key`; None for a file that holds no recording (a readme, a skeleton).
        build: the files of one recording, and the user's options, to that recording.

    Example:
        >>> from anywear.datasets import dataset
        >>> dataset("dsads").info.rate_hz
        25.0
    """

    info: DatasetInfo
    parse: Callable[[str], Key | None]
    build: Callable[[Sequence[File], ReadOptions], Recording]

    def recordings(self, root: Path | str | Source, *, subjects: Collection[str] | None = None) -> Iterator[Recording]:
        """Every recording, in the order of the file names; labels are in `Recording.labels`.

        Args:
            root: the unpacked folder, the archive, a folder that holds either under the set's name, or a `Source`.
            subjects: only these; all when None. The set's own spelling, as in ``metadata["subject"]``.

        Raises:
            FormatError: no file of the set is there, or one is damaged. UsageError: a subject that is not there.
        """
        source = root if isinstance(root, Source) else self.find(Path(root))
        names = [name for name in source.names() if self.parse(name) is not None]
        if not names:
            raise self._nothing_found(source.label)
        if subjects is not None:
            there = {key.subject for key in map(self.parse, names) if key is not None}
            for subject in subjects:
                if subject not in there:
                    raise unknown_name(f"subject of {self.info.name}", str(subject), there)
            names = [name for name in names if self._key(name).subject in subjects]
        files = (File(name, self._key(name), data) for name, data in source.read(names))
        for _, group in groupby(files, key=lambda file: file.key.group):
            yield self._build(list(group), ReadOptions())

    def read_file(self, path: Path | str, options: ReadOptions | None = None) -> Recording:
        """One file of the original layout; subject and label are read off its path where that tells them.

        Raises:
            FormatError: the file is missing, damaged, or not of this set. UsageError: an option that does not apply.
        """
        path = Path(path)
        options = options or ReadOptions()
        if options.columns is not None:
            raise UsageError(
                "The columns of a data set are fixed",
                where=f"--format {self.info.name}",
                got=f"--columns {options.columns}",
                remedy="Leave --columns out, or read the file as a table with --format table",
            )
        if path.is_dir():
            raise FormatError(
                f"A folder cannot be read as one file of {self.info.name}",
                where=str(path),
                remedy="Name one file of the original layout",
            )
        try:
            data = path.read_bytes()
        except OSError as error:
            raise FormatError("The file cannot be read", where=str(path), got=str(error.strerror)) from error
        # The folders above tell subject and activity even when the path was given relative to them.
        key = self.parse(path.absolute().as_posix()) or Key()
        return self._build([File(str(path), key, data)], options)

    def find(self, root: Path) -> Source:
        """Where the files of the set are under a folder: unpacked, or in an archive that bears the set's name.

        Raises:
            FormatError: they are not there; the message says what was looked for.
        """
        return find_source(self.info.name, root, lambda name: self.parse(name) is not None)

    def _key(self, name: str) -> Key:
        return self.parse(name) or Key()

    def _build(self, files: Sequence[File], options: ReadOptions) -> Recording:
        try:
            return self.build(files, options)
        except AnywearError as error:
            # A stream's own check knows its name but not the file it came from.
            if error.where is None or files[0].name not in error.where:
                error.where = files[0].name if error.where is None else f"{files[0].name}, {error.where}"
            raise

    def _nothing_found(self, where: str) -> FormatError:
        return FormatError(
            f"No file of {self.info.name} is there",
            where=where,
            expected=f"the original layout of {self.info.title}",
            remedy=f"Get the data set from {self.info.url}",
        )


DATASETS: dict[str, Dataset] = {}


def register(
    info: DatasetInfo,
    parse: Callable[[str], Key | None],
    build: Callable[[Sequence[File], ReadOptions], Recording],
) -> Dataset:
    """Enter a data set, and a reader of the same name that is taken by ``--format`` only."""
    if info.name in DATASETS:
        raise ValueError(f"data set {info.name!r} is registered twice")
    made = Dataset(info, parse, build)
    DATASETS[info.name] = made
    reader(info.name, f"one file of {info.title}, in its original layout", sniff=lambda path: False)(made.read_file)
    return made


def dataset(name: str) -> Dataset:
    """The data set of this name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    if name not in DATASETS:
        raise unknown_name("data set", name, DATASETS)
    return DATASETS[name]


def open_dataset(name: str, data_dir: Path | str) -> tuple[Dataset, Source]:
    """A data set and its files under a data folder.

    Args:
        name: of the data set.
        data_dir: holds ``NAME.tar.xz`` (read without unpacking) or a folder ``NAME``, or is that folder itself.

    Raises:
        UsageError: unknown name. FormatError: its files are not there.
    """
    chosen = dataset(name)
    return chosen, chosen.find(Path(data_dir))
