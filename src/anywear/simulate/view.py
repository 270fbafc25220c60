"""A body in motion with its sensors, and what they read: as a page that moves or as a picture."""

from __future__ import annotations

import html
import json
import re
from importlib.resources import files
from pathlib import Path

from .._files import write_whole
from ..body import SurfacePoints
from ..errors import UsageError
from ..motion.body_motion import BodyMotion
from ..recording import Recording
from .view_data import view_data

SCRIPTS = ("data.js", "shaders.js", "scene.js", "plots.js", "names.js", "app.js")
SUFFIXES = (".html", ".png")


def write_view(
    path: str | Path, motion: BodyMotion, recording: Recording, points: SurfacePoints, *, title: str = ""
) -> None:
    """Write what can be looked at: a page that plays in any browser, without a network, or a picture.

    Args:
        path: ``.html`` for the page, ``.png`` for the picture, which needs the ``plot`` extra.
        motion: what moves; its first frame is 0 s on the recording's clock.
        recording: what the sensors read.
        points: where they sit on ``motion.body``, one for each stream, in the streams' order.
        title: heading; the motion's name by default.

    Raises:
        UsageError: another suffix, points that do not match the streams, matplotlib missing, or a file that cannot be
            written.
    """
    path = Path(path)
    check_view(path)
    suffix = path.suffix.lower()
    if len(points) != len(recording.streams):
        raise UsageError(
            "Points and streams do not belong together",
            where=str(path),
            expected=f"one point for each of the {len(recording.streams)} streams",
            got=f"{len(points)} points",
        )
    title = title or motion.name or "Simulated wearables"
    if suffix == ".html":
        page = view_page(motion, recording, points, title)
        write_whole(path, lambda partial: partial.write_text(page, encoding="utf-8"))
    else:
        from .view_picture import draw_view

        write_whole(path, lambda partial: draw_view(partial, motion, recording, points, title))


def check_view(path: Path) -> None:
    """Refuse a path no view can be written to, before anything is simulated.

    Raises:
        UsageError: a suffix that is neither .html nor .png.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            "The view's kind is unknown",
            where=str(path),
            expected=".html for a page that plays, .png for a picture",
            got=path.suffix or "no suffix",
            remedy=f"Name it {path.stem or 'view'}.html",
        )


def view_page(motion: BodyMotion, recording: Recording, points: SurfacePoints, title: str) -> str:
    """The page: template, style, scripts and data in one text; the same arguments give the same text."""
    folder = files("anywear.simulate") / "view_page"
    parts = {
        "TITLE": html.escape(title),
        "STYLE": (folder / "page.css").read_text(encoding="utf-8"),
        "DATA": _inert(json.dumps(view_data(motion, recording, points, title), separators=(",", ":"))),
        "SCRIPT": "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS),
    }
    template = (folder / "page.html").read_text(encoding="utf-8")
    # One pass, so that no text put in is searched for marks again.
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda mark: parts[mark[1]], template)


def _inert(text: str) -> str:
    """JSON that no HTML parser takes for markup, whatever its strings hold."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
