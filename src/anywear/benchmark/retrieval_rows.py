"""Retrieval with and without the language stage: the encoder, the language model that reads its tokens, and both.

All rows are asked on the same simulated recordings, windows and sentences. ``both`` is the mean of the two unit vectors of a
window, brought to unit length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .._typing import Array
from ..errors import UsageError, unknown_name
from ..recording import Recording
from ..runtime import Embeddings, Model
from ..runtime.language import Language
from ..runtime.language.artefact import ABOUT
from ..runtime.together import Embedder, Together
from .retrieval import RetrievalConfig, RetrievalReport, figures_table, retrieval_json, run_together

ROWS = ("encoder", "language", "both")
"""Whose vectors are compared with sentences, as ``--rows`` names them."""
ENCODER, LANGUAGE, BOTH = ROWS
TITLES = {ENCODER: "the encoder alone", LANGUAGE: "the language model", BOTH: "both, mean of their vectors"}


class LanguageEmbedder:
    """Windows of a model as vectors of its language model.

    Args:
        model: cuts the windows and encodes sentences.
        language: reads the windows.
    """

    def __init__(self, model: Model, language: Language) -> None:
        self.model, self.language = model, language
        self.config = model.config
        self.sha256 = f"{model.sha256}, language {language.about.sha256}"

    def embed(self, recording: Recording, *, window_s: float | None = None, hop_s: float | None = None) -> Embeddings:
        """Every window of a recording as a unit vector, as `anywear.runtime.Model.embed` cuts them."""
        found, _ = self.model.windows_of(recording, window_s, hop_s)
        vectors = self.language.embed(found, [stream.placement for stream in recording.streams])
        return Embeddings(self.model.spans_s(found), vectors)

    def encode_texts(self, texts: Sequence[str]) -> Array:
        """Sentences as unit vectors."""
        return self.model.encode_texts(texts)


@dataclass(frozen=True)
class RowsReport:
    """Every row, on the same motions.

    Attributes:
        rows: by name, in the order asked for.
        model_hash: of the model.
        language_hash: of its language model; None where no row has one.
    """

    rows: dict[str, RetrievalReport]
    model_hash: str
    language_hash: str | None

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        any_row = replace(next(iter(self.rows.values())), model_hash=self.model_hash)
        return f"{any_row.signature} | language {self.language_hash or 'none'} | rows {','.join(self.rows)}"


def row_embedders(model: Model, rows: Sequence[str]) -> dict[str, Embedder]:
    """What gives the vectors of each row, by its name; rows named twice come once.

    Args:
        model: the model; its language model lies in the same folder.
        rows: of `ROWS`.

    Raises:
        UsageError: no row, an unknown one, or one that needs a language model where there is none. ArtefactError: the
        language model is damaged.
    """
    for row in rows:
        if row not in ROWS:
            raise unknown_name("row of the benchmark", row, ROWS)
    if not rows:
        raise UsageError("Nobody was asked to answer", where="--rows", expected=", ".join(ROWS))
    asked = [row for row in dict.fromkeys(rows) if row != ENCODER]
    if not asked:
        return {ENCODER: model}
    if not (model.folder / ABOUT).is_file():
        raise UsageError(
            f"The row {asked[0]} needs a language model", where=str(model.folder), expected=f"a folder with {ABOUT}",
            remedy="Train one: python -m anywear.train.language_run; or ask without it: --rows encoder",
        )  # fmt: skip
    language = Language(model.folder, threads=model.threads)
    language.verify()  # a damaged one would otherwise look like motions that cannot be embedded
    made: dict[str, Embedder] = {
        ENCODER: model, LANGUAGE: LanguageEmbedder(model, language), BOTH: Together(model, language),
    }  # fmt: skip
    return {row: made[row] for row in dict.fromkeys(rows)}


def run_rows(
    model: Model,
    data_dir: Path | str,
    rows: Sequence[str] = ROWS,
    config: RetrievalConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> RowsReport:
    """`run_retrieval` by several rows at once. Arguments and errors as there and in `row_embedders`."""
    made = row_embedders(model, rows)
    found = run_together(list(made.values()), data_dir, config, report)
    language = next((own.language.about.sha256 for own in made.values() if isinstance(own, LanguageEmbedder)), None)
    return RowsReport(dict(zip(made, found, strict=True)), model.sha256, language)


def rows_json(report: RowsReport) -> dict:
    """The report as plain types: ``rows``, each as `retrieval_json` has it, ``signature``, ``model``, ``language``."""
    return {
        "rows": {row: retrieval_json(own) for row, own in report.rows.items()},
        "signature": report.signature,
        "model": report.model_hash,
        "language": report.language_hash,
    }


def rows_table(report: RowsReport) -> str:
    """The report as text: a block for every row, then the line that states the protocol."""
    blocks = [f"{row}: {TITLES[row]}\n{figures_table(own)}" for row, own in report.rows.items()]
    return "\n\n".join([*blocks, report.signature])
