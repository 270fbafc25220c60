"""What a platform's documents fix of a mount: the axes of named devices, and where they point when worn as meant.

All four platforms fix the axes to the device: x right and y up on the face as it is read, z out of it. A place on the body
fixes the turn of the device only where it is worn one way round: a watch. It is read with the forearm across the body, so
that on the left arm x points to the hand and on the right arm to the elbow. Pockets, belts and armbands take a phone in any
turn; there nothing is said.

- Android, Wear OS: android.hardware.SensorEvent, definition of the coordinate system. Wear OS apps are drawn upright for the
  reader, whichever side the buttons are on, but the axes stay with the device.
- iOS, watchOS: Apple, Core Motion, "Identifying the coordinate axes of the device".
- watchOS: WKInterfaceDevice.wristLocation and crownOrientation tell wrist and side of the crown, as the user sees them.
  Worn with the crown on the left, the device and its axes are turned half round. That the axes do not follow the setting is
  an assumption; Apple's document does not say.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UsageError, unknown_name
from ..placement import UNKNOWN_MOUNT, Mount, Placement

CROWN_SIDES = ("right", "left")
WRISTS = ("wrist", "inner_wrist", "forearm")


@dataclass(frozen=True)
class Platform:
    """One platform: what it is called here, the document that fixes its axes, and whether it is worn as a watch."""

    name: str
    document: str
    watch: bool


PLATFORMS: dict[str, Platform] = {
    own.name: own
    for own in (
        Platform("android", "android.hardware.SensorEvent: x right, y up, z out of the screen", watch=False),
        Platform("wear-os", "android.hardware.SensorEvent: x right, y up, z out of the screen", watch=True),
        Platform("ios", "Apple, Core Motion: x right, y up, z out of the screen", watch=False),
        Platform("watchos", "Apple, Core Motion: x right, y up, z out of the display", watch=True),
    )
}


def convention_mount(platform: str, placement: Placement, crown: str = "right") -> Mount:
    """The mount that the platform's documents fix there; unknown where they fix none.

    Args:
        platform: one of `PLATFORMS`.
        placement: where the device is worn.
        crown: side of the crown, or of the buttons, as the wearer reads the display.

    Raises:
        UsageError: an unknown platform or side.

    Example:
        >>> convention_mount("watchos", Placement.at("left_wrist")).up_axis
        (-1.0, 0.0, 0.0)
        >>> convention_mount("android", Placement.at("left_front_pocket")).knowledge
        'nothing'
    """
    if platform not in PLATFORMS:
        raise unknown_name("platform", platform, PLATFORMS)
    if crown not in CROWN_SIDES:
        raise UsageError("A crown is on one side", where="crown", expected=" or ".join(CROWN_SIDES), got=repr(crown))
    side, _, site = (placement.site or "").partition("_")
    own = PLATFORMS[platform]
    if not own.watch or side not in ("left", "right") or site not in WRISTS:
        return UNKNOWN_MOUNT
    # Hanging, the hand is below the elbow.
    up = (1.0 if side == "right" else -1.0) * (1.0 if crown == "right" else -1.0)
    return Mount(
        outward_axis=(0.0, 0.0, 1.0),
        up_axis=(up, 0.0, 0.0),
        source=f"convention of {platform} ({own.document}), {side} arm, crown {crown}",
    )
