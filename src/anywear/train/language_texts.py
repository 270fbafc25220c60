"""Texts for the language model: captions of human motion that others wrote, sentences of the generator, and pieces of both.

HumanML3D describes motions of which this corpus has some. Captions of everybody whose motion is kept for validation and test
are left out, those of mirrored motions as well.
"""

from __future__ import annotations

import csv
import io
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from ..corpus import Corpus
from ..corpus.join import caption_lines
from ..errors import AnywearError, UsageError
from ..runtime.language.pieces import Pieces, plain

ARCHIVE = "humanml3d-texts"
LONGEST = 200  # characters; longer captions are few, and tell stories


def humanml3d_captions(data_dir: Path, left_out: Iterable[str] = ()) -> list[str]:
    """Captions of HumanML3D (MIT), plain, each once, in order; those of mirrored motions as well.

    Args:
        data_dir: folder with the archive ``humanml3d-texts``, packed or unpacked.
        left_out: CMU subjects, such as ``43``, whose captions are not read.

    Raises:
        UsageError: the archive is not there.
    """
    files = dict(_files(data_dir))
    index = files.pop("index.csv", "")
    hidden = {str(int(subject)) for subject in left_out}
    trials = {row["new_name"].removesuffix(".npy"): row["source_path"] for row in csv.DictReader(io.StringIO(index))}
    texts: dict[str, None] = {}
    for name in sorted(files):
        source = trials.get(name.removesuffix(".txt").removeprefix("M"), "")
        found = re.match(r".*/CMU/(\d+)/", source)
        if found and str(int(found[1])) in hidden:
            continue
        try:
            captions = [text for text, _, _ in caption_lines(files[name], name)]
        except AnywearError:
            continue
        texts.update(dict.fromkeys(plain(text) for text in captions if 3 < len(text) < LONGEST))
    return list(texts)


def kept_subjects(corpus: Corpus, splits: tuple[str, ...] = ("val", "test")) -> tuple[str, ...]:
    """CMU's numbers of those whose motion is in these splits."""
    found = (
        re.fullmatch(r"(?:cmu[-/: ]?)?0*(\d+)", own.subject.lower()) for own in corpus.entries if own.split in splits
    )
    return tuple(sorted({own[1] for own in found if own}, key=int))


def learn_pieces(texts: Iterable[str], count: int) -> Pieces:
    """Byte-pair pieces of texts (Sennrich et al., ACL 2016); any text can be written in them.

    Args:
        texts: what they are learned from.
        count: pieces, at least 256.
    """
    if count < 256:
        raise UsageError("A piece for every byte is needed", where="pieces", expected="256 or more", got=str(count))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)  # type: ignore[assignment]
    tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    trainer = trainers.BpeTrainer(
        vocab_size=count, min_frequency=2, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )  # type: ignore[call-arg]
    tokenizer.train_from_iterator((plain(text) for text in texts), trainer)
    return Pieces(tokenizer)


def _files(data_dir: Path) -> Iterator[tuple[str, str]]:
    """Name and content of the index and of every file of captions."""
    folder, archive = data_dir / ARCHIVE, data_dir / f"{ARCHIVE}.tar.xz"
    if folder.is_dir():
        for path in sorted(folder.rglob("*.*")):
            if path.name == "index.csv" or (path.suffix == ".txt" and path.parent.name == "texts"):
                yield path.name, path.read_text(encoding="utf-8", errors="replace")
    elif archive.is_file():
        with tarfile.open(archive) as tar:
            for member in tar:
                path = Path(member.name)
                if path.name == "index.csv" or (path.suffix == ".txt" and path.parent.name == "texts"):
                    content = tar.extractfile(member)
                    if content is not None:
                        yield path.name, content.read().decode("utf-8", "replace")
    else:
        raise UsageError(
            "The captions are not there", where=str(data_dir), expected=f"{archive.name}, or a folder {ARCHIVE}",
            remedy="See docs/language.md for where they are from",
        )  # fmt: skip


def generated_sentences(said: Mapping[str, Iterable[str]]) -> list[str]:
    """Sentences by whatever they belong to, plain, each once, in order."""
    return list(dict.fromkeys(plain(text) for key in sorted(said) for text in said[key]))
