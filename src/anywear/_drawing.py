"""What pictures share: colours, lines with no more points than a picture has columns, and small files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np

from ._typing import Array

# Okabe & Ito 2008: colours that colour-blind readers tell apart.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
AXIS_COLOURS = ("#BB5566", "#117733", "#004488")  # x, y, z
MAX_POINTS = 2400  # points drawn per line: more than a picture has columns
COLOURS = 256  # of a stored picture, the most a palette can have: the file has a third of the bytes


def thin(time_s: Array, values: Array, points: int = MAX_POINTS) -> tuple[Array, Array]:
    """A line with few points and the same outline: least and largest value of every stretch, in their order in time."""
    if len(values) <= points:
        return time_s, values
    size = int(np.ceil(2 * len(values) / points))
    count = len(values) // size
    blocks = values[: count * size].reshape(count, size)
    ends = np.sort(np.stack([blocks.argmin(axis=1), blocks.argmax(axis=1)], axis=1), axis=1)
    index = (ends + size * np.arange(count)[:, None]).ravel()
    index = np.r_[index, np.arange(count * size, len(values))]
    return time_s[index], values[index]


def save_picture(figure, path: str | Path, *, dpi: int = 110, colours: int = COLOURS) -> Path:
    """Write a matplotlib figure; a PNG gets a palette, and the same figure the same bytes.

    Args:
        figure: a ``matplotlib.figure.Figure``.
        path: its suffix says the format.
        dpi: dots per inch.
        colours: of a PNG.

    Raises:
        OSError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        figure.savefig(path, dpi=dpi)
        return path
    from PIL import Image  # matplotlib brings it

    whole = BytesIO()
    figure.savefig(whole, format="png", dpi=dpi)
    with Image.open(whole) as picture:
        full = picture.convert("RGB")
    # Colours that mean something stay what they are, however few points have them.
    kept = bytes.fromhex("".join(colour.lstrip("#") for colour in ("#FFFFFF", "#000000", *PALETTE, *AXIS_COLOURS)))
    shades = full.quantize(colours - len(kept) // 3).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*kept, *shades])
    full.quantize(palette=palette, dither=Image.Dither.NONE).save(path, format="PNG", optimize=True)
    return path
