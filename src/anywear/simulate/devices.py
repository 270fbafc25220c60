"""Wearables as one meets them: a sensor part, its clock, its rate, where it sits and how it is worn.

A profile is typical, not a product. Its figures and where they come from are in ``docs/wear.md``; a test keeps that table
equal to this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import UsageError, unknown_name
from ..placement import Placement
from .clock import PERFECT, DeviceClock
from .loose import Swing
from .parts import PARTS, part
from .sensor import SensorModel
from .strikes import Shock
from .tissue import Wobble
from .wear import Wear

RIGID = Wear()
SPREAD = (
    "spreads of spin, tilt and place, clock: estimates; that wearings differ: Min, Mathur, Montanari, Kawsar, "
    "An early characterisation of wearing variability on motion signals for wearables (ISWC 2019)"
)


@dataclass(frozen=True)
class Device:
    """A device that is worn.

    Attributes:
        name: what it is called here.
        about: one line.
        site: named site where it sits unless told otherwise.
        sensor: errors of its sensors.
        clock: how it keeps time.
        rate_hz: sampling rate unless told otherwise.
        wear: how it is worn.
        sources: where the figures come from; what is an estimate says so.

    Raises:
        UsageError: an impossible rate.
        PlacementError: no such site.
    """

    name: str
    about: str
    site: str
    sensor: SensorModel = field(default_factory=SensorModel)
    clock: DeviceClock = PERFECT
    rate_hz: float = 100.0
    wear: Wear = RIGID
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.rate_hz < 1e5:
            raise UsageError("The sampling rate is impossible", where=self.name, got=f"{self.rate_hz:g} Hz")
        Placement.at(self.site)


WATCH = Device(
    name="watch",
    about="wristwatch with a strap, worn on the back of the wrist",
    site="left_wrist",
    sensor=part("lsm6dso").with_ranges(acc_g=8, gyr_dps=2000).model,
    clock=DeviceClock(rate_error_std_ppm=5000.0, stamp_jitter_std_s=0.0005),
    rate_hz=50.0,
    # The face's x, from 9 to 3 o'clock, points to the hand on the left wrist and to the elbow on the right one.
    wear=Wear(spin_deg=-90.0, spin_std_deg=8.0, tilt_std_deg=5.0, slide_along_std_m=0.008, slide_around_std_m=0.005,
              lift_m=0.008, knowledge="outward", wobble=Wobble(mass_kg=0.045), shock=Shock(),
              swing=Swing((14.0, 9.0, 14.0), damping=0.4, lever_m=(0.0, 0.0, 0.006), gyration_m=0.02,
                          room_deg=(3.0, 8.0, 3.0))),
    sources=("x right, y up, z out of the glass: Android developers, Sensors Overview, sensor coordinate system",
             "mass of watch and strap: estimate", "play of the strap: estimate", SPREAD),
)  # fmt: skip

PHONE_IN_FRONT_POCKET = Device(
    name="phone_in_front_pocket",
    about="smartphone in the front trouser pocket, any way round",
    site="left_front_pocket",
    sensor=part("bmi270").with_ranges(acc_g=8, gyr_dps=2000).model,
    clock=DeviceClock(rate_error_std_ppm=5000.0, stamp_jitter_std_s=0.001),
    rate_hz=100.0,
    wear=Wear(spin_choices_deg=(0.0, 180.0), spin_std_deg=15.0, inward_probability=0.5, tilt_std_deg=8.0,
              slide_along_std_m=0.015, slide_around_std_m=0.015, lift_m=0.006, knowledge="nothing",
              wobble=Wobble(mass_kg=0.19), shock=Shock(),
              swing=Swing((8.0, 8.0, 8.0), damping=0.4, lever_m=(0.0, 0.0, 0.006), gyration_m=0.045,
                          room_deg=(5.0, 6.0, 5.0))),
    sources=("radius of gyration of a plate 0.15 m long: 0.15 / sqrt(12)", "mass 190 g, play in the pocket: estimates",
             "either way round, screen in or out: the four ways of SP-SW-HAR", SPREAD),
)  # fmt: skip

CHEST_STRAP = Device(
    name="chest_strap",
    about="heart-rate strap around the chest, sensor on the breastbone",
    site="chest",
    sensor=part("lsm6dso").with_ranges(acc_g=8, gyr_dps=2000).model,
    clock=DeviceClock(rate_error_std_ppm=5000.0, stamps="device"),
    rate_hz=52.0,
    wear=Wear(spin_std_deg=4.0, tilt_std_deg=5.0, slide_along_std_m=0.01, slide_around_std_m=0.005, lift_m=0.006,
              wobble=Wobble(mass_kg=0.02), shock=Shock()),
    sources=("52 Hz: one of the rates of the Movesense sensor, product documentation", "mass 20 g: estimate", SPREAD),
)  # fmt: skip

EARBUD = Device(
    name="earbud",
    about="earbud or hearing aid, seated in the ear",
    site="left_ear",
    sensor=part("bmi270").with_ranges(acc_g=8, gyr_dps=2000).model,
    clock=DeviceClock(rate_error_std_ppm=5000.0, stamps="device"),
    rate_hz=50.0,
    wear=Wear(spin_std_deg=15.0, tilt_std_deg=8.0, lift_m=0.005, knowledge="outward",
              wobble=Wobble(mass_kg=0.006, share=0.3), shock=Shock()),
    sources=("mass 6 g, rests on cartilage: estimates", SPREAD),
)  # fmt: skip

RING = Device(
    name="ring",
    about="smart ring, turns about the finger",
    site="right_ring",
    sensor=part("bmi270").with_ranges(acc_g=8, gyr_dps=2000).model,
    clock=DeviceClock(rate_error_std_ppm=5000.0, stamps="device"),
    rate_hz=50.0,
    wear=Wear(tilt_std_deg=5.0, slide_around_std_m=0.004, lift_m=0.002, knowledge="nothing",
              wobble=Wobble(mass_kg=0.003, share=0.3), shock=Shock(),
              swing=Swing((20.0, 10.0, 20.0), damping=0.5, lever_m=(0.0, 0.0, 0.001), gyration_m=0.009,
                          room_deg=(3.0, 12.0, 3.0))),
    sources=("mass 3 g, radius of gyration of a ring of 9 mm, play about the finger: estimates",
             "centre of mass 1 mm off the finger's axis: estimate", SPREAD),
)  # fmt: skip

FOOT_POD = Device(
    name="foot_pod",
    about="running sensor clipped to the laces",
    site="right_foot",
    sensor=part("icm-42688-p").with_ranges(acc_g=16, gyr_dps=2000).model,
    clock=DeviceClock(rate_error_std_ppm=3000.0, stamps="device"),
    rate_hz=200.0,
    wear=Wear(spin_std_deg=8.0, tilt_std_deg=5.0, slide_along_std_m=0.008, slide_around_std_m=0.004, lift_m=0.012,
              shock=Shock()),
    sources=("held by the laces, no tissue between shoe and sensor: estimate", SPREAD),
)  # fmt: skip

GLASSES = Device(
    name="glasses",
    about="smart glasses, sensor at the bridge of the nose",
    site="glasses",
    sensor=part("bmi270").with_ranges(acc_g=8, gyr_dps=2000).model,
    clock=DeviceClock(rate_error_std_ppm=5000.0, stamps="device"),
    rate_hz=100.0,
    wear=Wear(tilt_std_deg=4.0, lift_m=0.01, shock=Shock(),
              swing=Swing((12.0, 15.0, 15.0), damping=0.4, lever_m=(0.0, 0.0, 0.03), gyration_m=0.07,
                          room_deg=(3.0, 2.0, 2.0))),
    sources=("slips on the nose about the ears: estimates", SPREAD),
)  # fmt: skip

DEVICES: dict[str, Device] = {
    known.name: known for known in (WATCH, PHONE_IN_FRONT_POCKET, CHEST_STRAP, EARBUD, RING, FOOT_POD, GLASSES)
}
"""Every profile, by name."""

IDEAL = Device("ideal", "no errors, welded to the skin", "left_wrist")


def device(name: str) -> Device:
    """The profile, or the bare part worn rigidly, of this name; capitals, blanks, dashes and underscores do not matter.

    Raises:
        UsageError: no such device; the message lists those there are.

    Example:
        >>> device("Foot-Pod").site
        'right_foot'
        >>> device("bmi270").wear == Wear()
        True
    """
    known = {_key(own): own for own in (*DEVICES, *PARTS, "ideal")}
    key = _key(name)
    if key not in known:
        raise unknown_name("device", name, known.values())
    own = known[key]
    if own == "ideal":
        return IDEAL
    if own in DEVICES:
        return DEVICES[own]
    bare = part(own)
    return Device(own, f"bare part: {bare.about}", IDEAL.site, bare.model, bare.clock, 100.0, RIGID, (bare.sheet,))


def _key(name: str) -> str:
    return "".join(c for c in name.lower() if c not in " -_")
