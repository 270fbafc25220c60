"""Where a sensor is worn: a point on the body's surface, and what is known of how it is turned there.

The sensor frame is x right, y up, z out of the face. Segment frames are those of `anywear.bodygraph`: in the neutral
standing pose x is forward, y the wearer's left, z up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ._typing import Array
from .bodygraph import mirrored, segment
from .errors import PlacementError, unknown_name

Vector = tuple[float, float, float]


READ_OFF = "read off labelled recordings"


@dataclass(frozen=True)
class Mount:
    """What is known of the turn of a sensor on its place. All fields None: nothing is known.

    Attributes:
        outward_axis: unit vector in the sensor frame that points away from the body.
        up_axis: unit vector in the sensor frame that points up while the wearer stands upright, arms hanging.
        quat_segment_from_sensor: full turn, xyzw, sensor to segment frame; implies the other two.
        source: who says so: a document, the user, a calibration, or `READ_OFF` and what was looked at.

    Example:
        >>> Mount(outward_axis=(0, 0, 1), source="Wear OS: z leaves the glass").knowledge
        'outward'
    """

    outward_axis: Vector | None = None
    up_axis: Vector | None = None
    quat_segment_from_sensor: tuple[float, float, float, float] | None = None
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("outward_axis", "up_axis", "quat_segment_from_sensor"):
            value = getattr(self, name)
            if value is None:
                continue
            width = 4 if name.startswith("quat") else 3
            vector = np.asarray(value, dtype=float)
            if vector.shape != (width,) or not np.all(np.isfinite(vector)) or abs(np.linalg.norm(vector) - 1) > 1e-3:
                raise PlacementError(
                    f"A mount's {name} has to be a unit vector",
                    expected=f"{width} finite numbers of norm 1",
                    got=repr(value),
                    remedy="Divide the vector by its norm",
                )
            object.__setattr__(self, name, tuple(float(v) for v in vector))

    @property
    def read_off(self) -> bool:
        """Whether labelled recordings told it: whoever scores with it no longer asks without labels."""
        return self.source.startswith(READ_OFF)

    @property
    def knowledge(self) -> str:
        """One of ``nothing``, ``outward``, ``up``, ``full``."""
        if self.quat_segment_from_sensor is not None or (self.outward_axis and self.up_axis):
            return "full"
        if self.outward_axis is not None:
            return "outward"
        return "up" if self.up_axis is not None else "nothing"


UNKNOWN_MOUNT = Mount()


@dataclass(frozen=True)
class Placement:
    """A point on the body's surface and the mount there.

    Attributes:
        segment: name of a body segment; None when the place is unknown, which is legal.
        along: 0 at the segment's proximal end, 1 at its distal end.
        around_deg: degrees about the segment's axis from the front (from above, for feet and shoulders) to the wearer's
            left; see `anywear.bodygraph.Segment.quarter` for the shoulders.
        mount: what is known of the sensor's turn.
        site: the common name it came from, such as ``left_wrist``, or None.

    Example:
        >>> Placement.at("left wrist").segment
        'left_forearm'
        >>> Placement.unknown().is_known
        False
    """

    segment: str | None = None
    along: float = 0.5
    around_deg: float = 0.0
    mount: Mount = UNKNOWN_MOUNT
    site: str | None = None

    def __post_init__(self) -> None:
        if self.segment is not None:
            segment(self.segment)
        if not (0.0 <= self.along <= 1.0 and np.isfinite(self.around_deg)):
            raise PlacementError(
                "The point is not on the body",
                where=self.segment,
                expected="0 <= along <= 1 and a finite around_deg",
                got=f"along={self.along}, around_deg={self.around_deg}",
                remedy="Use a named site, such as left_wrist",
            )

    @classmethod
    def at(cls, site: str, mount: Mount = UNKNOWN_MOUNT) -> Placement:
        """The placement of a named site; spaces, dashes and capitals do not matter.

        Raises:
            PlacementError: no such site; the message lists the near ones.
        """
        key = site.strip().lower().replace("-", "_").replace(" ", "_")
        if key in ("unknown", ""):
            return replace(cls(), mount=mount)
        key = SITE_ALIASES.get(key, key)
        if key not in SITES:
            raise unknown_name("placement", site, [*SITES, "unknown"], error=PlacementError)
        where = SITES[key]
        return cls(where.segment, where.along, where.around_deg, mount, key)

    @classmethod
    def unknown(cls) -> Placement:
        """Worn somewhere; nobody says where."""
        return cls()

    @property
    def is_known(self) -> bool:
        return self.segment is not None

    @property
    def name(self) -> str:
        """The site's name, else the segment's, else ``unknown``."""
        return self.site or self.segment or "unknown"

    def mirrored(self) -> Placement:
        """The same place on the other side of the body; what is known of the mount does not carry over."""
        if self.segment is None:
            return self
        site = mirrored_site(self.site) if self.site else None
        return Placement(mirrored(self.segment), self.along, (-self.around_deg) % 360.0, UNKNOWN_MOUNT, site)

    def rest_point(self) -> tuple[Array, Array]:
        """Surface point (3,) in fractions of height and outward normal (3,), body frame, neutral pose.

        Raises:
            PlacementError: the place is unknown.
        """
        if self.segment is None:
            raise PlacementError("An unknown placement has no point on the body", remedy="Name a site")
        return segment(self.segment).surface_point(self.along, self.around_deg)


@dataclass(frozen=True)
class Site:
    """A common name for a point on the body's surface."""

    segment: str
    along: float
    around_deg: float
    about: str


def _middle_sites() -> dict[str, Site]:
    return {
        "forehead": Site("head", 0.75, 0, "front of the head, a headband or headset"),
        "head_top": Site("head", 1.0, 180, "top of the head, a helmet"),
        "glasses": Site("head", 0.5, 0, "between the eyes, smart glasses"),
        "neck": Site("neck", 0.5, 180, "nape of the neck"),
        "chest": Site("chest", 0.35, 0, "breastbone, a chest strap"),
        "upper_back": Site("chest", 0.4, 180, "between the shoulder blades"),
        "waist": Site("pelvis", 0.8, 0, "belt buckle"),
        "lower_back": Site("abdomen", 0.1, 180, "small of the back, over L5"),
        "abdomen": Site("abdomen", 0.5, 0, "belly, over the navel"),
        "necklace": Site("chest", 0.1, 0, "pendant on the breastbone"),
    }


def _sided_sites(side: str) -> dict[str, Site]:
    # Azimuths run from the front to the wearer's left, so the two sides mirror each other.
    out = 90.0 if side == "left" else 270.0
    inner = 270.0 if side == "left" else 90.0
    front_out = 30.0 if side == "left" else 330.0
    back_out = 150.0 if side == "left" else 210.0
    return {
        f"{side}_ear": Site("head", 0.4, out, "earbud or hearing aid"),
        f"{side}_shoulder": Site(f"{side}_shoulder", 0.8, 0, "top of the shoulder"),
        f"{side}_upper_arm": Site(f"{side}_upper_arm", 0.5, out, "armband"),
        f"{side}_elbow": Site(f"{side}_forearm", 0.05, out, "outside of the elbow"),
        f"{side}_forearm": Site(f"{side}_forearm", 0.5, out, "middle of the forearm"),
        f"{side}_wrist": Site(f"{side}_forearm", 0.92, out, "back of the wrist, a watch"),
        f"{side}_inner_wrist": Site(f"{side}_forearm", 0.92, inner, "palm side of the wrist"),
        f"{side}_hand": Site(f"{side}_hand", 0.5, out, "back of the hand"),
        f"{side}_palm": Site(f"{side}_hand", 0.6, inner, "a phone or controller held in the hand"),
        f"{side}_ring": Site(f"{side}_fingers", 0.2, out, "ring"),
        f"{side}_index_finger": Site(f"{side}_fingers", 0.6, 0, "index finger"),
        f"{side}_front_pocket": Site(f"{side}_thigh", 0.15, front_out, "phone in the front trouser pocket"),
        f"{side}_back_pocket": Site("pelvis", 0.1, back_out, "phone in the back trouser pocket"),
        f"{side}_shirt_pocket": Site("chest", 0.3, front_out, "phone in the breast pocket"),
        f"{side}_hip": Site("pelvis", 0.6, out, "belt, at the side"),
        f"{side}_front_hip": Site("pelvis", 0.6, front_out, "belt, at the front and side"),
        f"{side}_thigh": Site(f"{side}_thigh", 0.5, 0, "front of the thigh"),
        f"{side}_outer_thigh": Site(f"{side}_thigh", 0.85, out, "outside of the thigh, above the knee"),
        f"{side}_knee": Site(f"{side}_shank", 0.05, 0, "below the knee cap"),
        f"{side}_shank": Site(f"{side}_shank", 0.4, 0, "shin"),
        f"{side}_calf": Site(f"{side}_shank", 0.3, 180, "calf"),
        f"{side}_ankle": Site(f"{side}_shank", 0.95, out, "outside of the ankle"),
        f"{side}_foot": Site(f"{side}_foot", 0.5, 0, "instep, on the laces"),
        f"{side}_heel": Site(f"{side}_foot", 0.0, 0, "heel counter of the shoe"),
        f"{side}_toes": Site(f"{side}_toes", 0.5, 0, "on the toes"),
    }


SITES: dict[str, Site] = {**_middle_sites(), **_sided_sites("left"), **_sided_sites("right")}
"""Every named site. Shown by ``anywear info --sites``; a test keeps the documentation equal to this table."""

SITE_ALIASES: dict[str, str] = {
    "sternum": "chest",
    "torso": "chest",
    "belt": "waist",
    "head": "forehead",
    "nose": "glasses",
    **{
        f"{side}_{alias}": f"{side}_{site}"
        for side in ("left", "right")
        for alias, site in (
            ("pocket", "front_pocket"),
            ("trouser_pocket", "front_pocket"),
            ("arm", "upper_arm"),
            ("leg", "thigh"),
            ("shin", "shank"),
            ("shoe", "foot"),
            ("earbud", "ear"),
            ("watch", "wrist"),
        )
    },
}
"""Other words for sites."""


def mirrored_site(name: str) -> str:
    """The site of the other side; one of the middle is its own mirror image."""
    for own, other in (("left_", "right_"), ("right_", "left_")):
        if name.startswith(own):
            return other + name[len(own) :]
    return name
