"""The encoders there are, by the word that a run's ``[encoder] kind`` says."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

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
    known = {f.name for f in fields(kind) if f.init}
    for field in values:
        if field not in known:
            raise UsageError(
                "A configuration field does not exist", where=where, expected=", ".join(sorted(known)), got=field
            )
    try:
        return kind(**values)
    except UsageError as error:
        raise UsageError(
            error.what, where=f"{where} {error.where}", expected=error.expected, got=error.got, remedy=error.remedy
        ) from error
    except TypeError as error:
        raise UsageError("The configuration cannot be", where=where, got=str(error)) from error


def build_encoder(config: AnyEncoderConfig) -> AnyEncoder:
    """The module of a configuration, with fresh weights."""
    for known, module in ENCODERS.values():
        if isinstance(config, known):
            return module(config)  # type: ignore[arg-type]
    raise UsageError("This configures no encoder", got=type(config).__name__)
