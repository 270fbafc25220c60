"""Words as pieces: text to ids and back, with marks that no text can contain."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tokenizers import Tokenizer

from ...errors import ArtefactError, UsageError

MARKS = ("<end>", "<motion>", "</motion>", "<caption>", "<choose>", "<ask>", "<answer>")
"""What stands between words and motion, behind the pieces in the table; not part of the tokenizer, so no text becomes one."""

MOST_PIECES = 96  # of one text; longer ones are no captions, labels or questions


def plain(text: str) -> str:
    """As the model reads it: lower case, single spaces, no full stop at the end."""
    return re.sub(r"\s+", " ", text.lower()).strip().rstrip(" .")


class Pieces:
    """Byte-pair pieces.

    Args:
        source: the file of the pieces, or a tokenizer in memory.

    Raises:
        ArtefactError: the file is missing or damaged.
    """

    def __init__(self, source: Path | Tokenizer) -> None:
        if isinstance(source, Path):
            try:
                self._tokenizer = Tokenizer.from_file(str(source))
            except Exception as error:  # tokenizers raises the base class alone
                raise ArtefactError(
                    "The language model's pieces cannot be read", where=str(source), got=str(error).splitlines()[0],
                    remedy="Install the package again",
                ) from error  # fmt: skip
        else:
            self._tokenizer = source
        self.count = self._tokenizer.get_vocab_size()
        self.end, self.motion, self.motion_end, self.caption, self.choose, self.ask, self.answer = range(
            self.count, self.count + len(MARKS)
        )

    def __len__(self) -> int:
        """Rows of the table: pieces and marks."""
        return self.count + len(MARKS)

    def encode(self, text: str) -> list[int]:
        """Ids of a text.

        Raises:
            UsageError: no words, or too many.
        """
        ids = self._tokenizer.encode(plain(text)).ids
        if not 1 <= len(ids) <= MOST_PIECES:
            raise UsageError(
                "The text is empty or too long for the language model", where=repr(text[:60]),
                expected=f"1 to {MOST_PIECES} pieces", got=str(len(ids)),
            )  # fmt: skip
        return ids

    def decode(self, ids: list[int]) -> str:
        """The text of pieces; marks are passed over."""
        return self._tokenizer.decode([own for own in ids if own < self.count])

    def strings(self) -> dict[str, int]:
        """Every piece as the text it adds, such as `` hand`` or ``s``, with its id; pieces that are no text are left out."""
        found = {}
        for piece, number in self._tokenizer.get_vocab().items():
            if re.fullmatch(r"\u0120?[ -~]+", piece):  # the space is written as a letter
                found[piece.replace("\u0120", " ")] = number
        return found

    def digest(self) -> str:
        """Short hash of the pieces."""
        return hashlib.sha256(self._tokenizer.to_str().encode()).hexdigest()[:12]

    def save(self, path: Path) -> None:
        """Write the pieces, without what makes the file longer than it has to be."""
        path.write_text(self._tokenizer.to_str(pretty=False), encoding="utf-8")
