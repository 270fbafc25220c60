"""The encoders there are, by the word that a run's ``[encoder] kind`` says."""

from __future__ import annotations

from typing import Any

from .._config import from_table
from ..errors import UsageError, unknown_name
from .encoder import EncoderConfig, MotionEncoder
from .stgcn import StgcnConfig, StgcnEncoder

AnyEncoderConfig = EncoderConfig | StgcnConfig
AnyEncoder = MotionEncoder | StgcnEncoder

DEFAULT = "graph"

ENCODERS: dict[str, tuple[type[AnyEncoderConfig], type[AnyEncoder]]] = {
    DEFAULT: (EncoderConfig, MotionEncoder),
    "stgcn": (StgcnConfig, StgcnEncoder),
}
"""Kind to configuration and module."""


def encoder_config(values: dict[str, Any], where: str = "[encoder]") -> AnyEncoderConfig:
    """The configuration that a table of a run's file says.

    Args:
        values: the table; ``kind`` chooses the encoder, the graph encoder by default.
        where: the file and table, for errors.

    Raises:
        UsageError: a kind or field that does not exist, or a size that cannot be.

    Example:
        >>> encoder_config({"kind": "stgcn", "width": 32}).width
        32
    """
    values = dict(values)
    name = values.pop("kind", DEFAULT)
    if name not in ENCODERS:
        raise unknown_name("kind of encoder", str(name), ENCODERS)
    kind = ENCODERS[name][0]
    try:
        return from_table(kind, values, where)
    except UsageError as error:
        if error.where == where:
            raise
        # What a size breaks is known to the configuration, the table it stands in only here.
        raise UsageError(
            error.what, where=f"{where} {error.where}", expected=error.expected, got=error.got, remedy=error.remedy
        ) from error


def build_encoder(config: AnyEncoderConfig) -> AnyEncoder:
    """The module of a configuration, with fresh weights."""
    for known, module in ENCODERS.values():
        if isinstance(config, known):
            return module(config)  # type: ignore[arg-type]
    raise UsageError("This configures no encoder", got=type(config).__name__)
