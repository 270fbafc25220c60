"""Sensors one can buy, in the figures of their data sheets.

How a figure becomes a parameter:

- A typical offset or sensitivity error (plus or minus) is one standard deviation from device to device.
- One that the sheet calls a tolerance, or gives as minimum and maximum, is three.
- Noise densities are one-sided: the sheets' own rms columns are density * sqrt(bandwidth).
- Cross-axis sensitivity is the standard deviation of each off-diagonal entry.
- What a sheet does not say is off, and listed in ``not_given``. Bias instability and rate random walk are in none of them.

Sources: the tables of the sheets for ICM-42688-P and MPU-6050; for BMI270 and LSM6DSO public extracts of their tables.
Where an extract does not carry a row, the effect is off and listed as ``not confirmed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..errors import UsageError, unknown_name
from .clock import PERFECT, DeviceClock
from .sensor import SensorModel
from .triad import DPS_RADPS, MG_MPS2, TriadErrors


@dataclass(frozen=True)
class RestNoise:
    """Noise at rest as a data sheet gives it, to check the model against: rms of one axis at an output rate."""

    rate_hz: float
    acc_mps2: float | None = None
    gyr_radps: float | None = None


@dataclass(frozen=True)
class Part:
    """A sensor one can buy.

    Attributes:
        name: what it is called here.
        about: one line.
        model: its errors.
        clock: its clock, as far as the sheet tells.
        sheet: data sheet with number and revision.
        cited: figure by figure, what the sheet says and where.
        not_given: effects that are off because the sheet is silent.
        ranges_g, ranges_dps: selectable ranges, each with the size of one step in mg and mdps.
        rest_noise: rms figures of the sheet.
    """

    name: str
    about: str
    model: SensorModel
    sheet: str
    cited: Mapping[str, str]
    not_given: tuple[str, ...]
    ranges_g: Mapping[float, float]
    ranges_dps: Mapping[float, float]
    clock: DeviceClock = PERFECT
    rest_noise: tuple[RestNoise, ...] = ()
    noise_ug_by_range_g: Mapping[float, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("cited", "ranges_g", "ranges_dps", "noise_ug_by_range_g"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def with_ranges(self, acc_g: float | None = None, gyr_dps: float | None = None) -> Part:
        """The same part set to other ranges, with the steps that go with them.

        Raises:
            UsageError: a range the part does not have.
        """
        acc, gyr = self.model.acc, self.model.gyr
        if acc_g is not None:
            step_mg = _choose(self, self.ranges_g, acc_g, "g")
            acc = replace(acc, range_si=1e3 * MG_MPS2 * acc_g, resolution_si=MG_MPS2 * step_mg)
            if acc_g in self.noise_ug_by_range_g:
                acc = replace(acc, noise_density_si_per_sqrt_hz=1e-3 * MG_MPS2 * self.noise_ug_by_range_g[acc_g])
        if gyr_dps is not None:
            step_mdps = _choose(self, self.ranges_dps, gyr_dps, "deg/s")
            gyr = replace(gyr, range_si=DPS_RADPS * gyr_dps, resolution_si=1e-3 * DPS_RADPS * step_mdps)
        return replace(self, model=replace(self.model, acc=acc, gyr=gyr))


def part(name: str) -> Part:
    """The part of this name; capitals and dashes do not matter.

    Raises:
        UsageError: no such part; the message lists those there are.

    Example:
        >>> part("BMI270").with_ranges(acc_g=4).model.acc.range_si
        39.2266
    """
    key = name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    by_key = {known.replace("-", "").replace("_", ""): known for known in PARTS}
    if key not in by_key:
        raise unknown_name("sensor part", name, PARTS)
    return PARTS[by_key[key]]


def _choose(part: Part, ranges: Mapping[float, float], wanted: float, unit: str) -> float:
    if wanted not in ranges:
        raise UsageError(
            f"The {part.name} has no such range",
            expected=", ".join(f"{known:g}" for known in ranges) + f" {unit}",
            got=f"{wanted:g} {unit}",
        )
    return ranges[wanted]


def _steps(ranges: tuple[float, ...]) -> dict[float, float]:
    """Sixteen bits over plus and minus the range, in thousandths of its unit."""
    return {full: 1e3 * full / 32768 for full in ranges}


SIXTEEN_BIT_G = _steps((2.0, 4.0, 8.0, 16.0))
SIXTEEN_BIT_DPS = _steps((125.0, 250.0, 500.0, 1000.0, 2000.0))
ALLAN = ("bias instability", "rate random walk")

BMI270 = Part(
    name="bmi270",
    about="Bosch Sensortec, wearables; 8 g and 2000 deg/s as after reset, gyroscope in performance mode",
    sheet="Bosch Sensortec BMI270 data sheet, BST-BMI270-DS000-08, revision 1.6",
    model=SensorModel(
        name="bmi270",
        acc=TriadErrors.accelerometer(
            range_g=8.0,
            resolution_mg=SIXTEEN_BIT_G[8.0],
            bandwidth_per_rate=0.44,
            scale_error_std=0.004,
            misalignment_std_rad=0.01,
            turn_on_bias_std_mg=20.0,
            bias_drift_std_mg_per_k=0.25,
            scale_drift_std_per_k=0.00004,
            noise_ug_per_sqrt_hz=160.0,
        ),
        gyr=TriadErrors.gyroscope(
            range_dps=2000.0,
            resolution_mdps=SIXTEEN_BIT_DPS[2000.0],
            bandwidth_per_rate=0.39,
            scale_error_std=0.02,
            misalignment_std_rad=0.002,
            turn_on_bias_std_dps=0.5,
            bias_drift_std_dps_per_k=0.015,
            scale_drift_std_per_k=0.0002,
            noise_mdps_per_sqrt_hz=7.0,
        ),
    ),
    clock=DeviceClock(rate_error_std_ppm=17_000.0),
    cited={
        "acc range, resolution": "16 bit, 4096 LSB/g at 8 g (accelerometer table)",
        "acc bandwidth": "44 Hz at 100 Hz, 22 at 50, 89 at 200 (table of the filter in normal mode)",
        "acc sensitivity error": "0.4 %, drift 0.004 %/K (accelerometer table)",
        "acc cross-axis": "1 % (accelerometer table)",
        "acc zero-g offset": "20 mg, drift 0.25 mg/K (accelerometer table)",
        "acc noise": "160 ug/sqrt(Hz); 1.06 mg rms at 100 Hz, 1.51 at 200 (accelerometer and filter tables)",
        "gyr range, resolution": "16 bit, 16.384 LSB/(deg/s) at 2000 deg/s (gyroscope table)",
        "gyr bandwidth": "39 Hz at 100 Hz, 20 at 50, 77 at 200 (table of the filter in normal mode)",
        "gyr sensitivity error": "2 % without retrimming, drift 0.02 %/K (gyroscope table)",
        "gyr cross-axis": "0.2 % (gyroscope table)",
        "gyr zero-rate offset": "0.5 deg/s, drift 0.015 (deg/s)/K (gyroscope table)",
        "gyr noise": "7 mdps/sqrt(Hz) in performance mode; 43.4 mdps rms at 100 Hz (gyroscope and filter tables)",
        "clock": "output data rate accurate to 1.7 % (gyroscope table)",
    },
    not_given=ALLAN,
    ranges_g=SIXTEEN_BIT_G,
    ranges_dps=SIXTEEN_BIT_DPS,
    rest_noise=(
        RestNoise(50.0, 0.75 * MG_MPS2, 30.7e-3 * DPS_RADPS),
        RestNoise(100.0, 1.06 * MG_MPS2, 43.4e-3 * DPS_RADPS),
        RestNoise(200.0, 1.51 * MG_MPS2, 61.4e-3 * DPS_RADPS),
    ),
)

LSM6DSO = Part(
    name="lsm6dso",
    about="STMicroelectronics, phones and watches; 8 g and 2000 deg/s, high-performance mode",
    sheet="STMicroelectronics LSM6DSO data sheet, DS12140, revision 3",
    model=SensorModel(
        name="lsm6dso",
        acc=TriadErrors.accelerometer(
            range_g=8.0,
            resolution_mg=0.244,
            bandwidth_per_rate=0.5,
            scale_error_std=0.01,
            turn_on_bias_std_mg=20.0,
            noise_ug_per_sqrt_hz=80.0,
        ),
        gyr=TriadErrors.gyroscope(
            range_dps=2000.0,
            resolution_mdps=70.0,
            scale_error_std=0.01,
            turn_on_bias_std_dps=1.0,
            bias_drift_std_dps_per_k=0.010,
            noise_mdps_per_sqrt_hz=3.8,
        ),
    ),
    cited={
        "acc resolution": "0.061, 0.122, 0.244, 0.488 mg/LSB at 2, 4, 8, 16 g (Table 2, LA_So)",
        "acc bandwidth": "half the output data rate in high-performance mode (Figure 17 and Table 65)",
        "acc sensitivity error": "1 % (Table 2)",
        "acc zero-g offset": "20 mg (Table 2, LA_TyOff)",
        "acc noise": "70, 75, 80, 110 ug/sqrt(Hz) at 2, 4, 8, 16 g, whatever the rate (Table 2, An)",
        "gyr resolution": "4.375, 8.75, 17.5, 35, 70 mdps/LSB at 125 to 2000 deg/s (Table 2, G_So)",
        "gyr sensitivity error": "1 % (Table 2, G_So%)",
        "gyr zero-rate offset": "1 deg/s, drift 0.010 (deg/s)/K (Table 2, G_TyOff, G_OffDr)",
        "gyr noise": "3.8 mdps/sqrt(Hz), whatever rate and range (Table 2, Rn)",
    },
    not_given=(
        *ALLAN,
        "cross-axis sensitivity",
        "rms noise in high-performance mode",
        "accuracy of the output data rate",
        "temperature drift of the accelerometer and of the sensitivities: not confirmed",
    ),
    ranges_g={2.0: 0.061, 4.0: 0.122, 8.0: 0.244, 16.0: 0.488},
    ranges_dps={125.0: 4.375, 250.0: 8.75, 500.0: 17.5, 1000.0: 35.0, 2000.0: 70.0},
    noise_ug_by_range_g={2.0: 70.0, 4.0: 75.0, 8.0: 80.0, 16.0: 110.0},
)

ICM42688P = Part(
    name="icm-42688-p",
    about="TDK InvenSense, low noise; 16 g and 2000 deg/s as after reset, 100 Hz bandwidth",
    sheet="TDK InvenSense ICM-42688-P data sheet, DS-000347, revision 1.6",
    model=SensorModel(
        name="icm-42688-p",
        acc=TriadErrors.accelerometer(
            range_g=16.0,
            resolution_mg=SIXTEEN_BIT_G[16.0],
            bandwidth_hz=100.0,
            scale_error_std=0.005 / 3,
            misalignment_std_rad=0.01,
            turn_on_bias_std_mg=20.0 / 3,
            bias_drift_std_mg_per_k=0.15,
            scale_drift_std_per_k=0.00005,
            noise_ug_per_sqrt_hz=(65.0, 65.0, 70.0),
        ),
        gyr=TriadErrors.gyroscope(
            range_dps=2000.0,
            resolution_mdps=SIXTEEN_BIT_DPS[2000.0],
            bandwidth_hz=100.0,
            scale_error_std=0.005 / 3,
            misalignment_std_rad=0.0125,
            turn_on_bias_std_dps=0.5 / 3,
            bias_drift_std_dps_per_k=0.005,
            scale_drift_std_per_k=0.00005,
            noise_mdps_per_sqrt_hz=2.8,
        ),
    ),
    clock=DeviceClock(rate_error_std_ppm=5_000.0),
    cited={
        "acc resolution": "16 bit, 2048 LSB/g at 16 g (Table 2)",
        "acc bandwidth": "the 100 Hz at which the sheet states rms noise; selectable (Table 2)",
        "acc sensitivity error": "initial tolerance 0.5 %, drift 0.005 %/K (Table 2)",
        "acc cross-axis": "1 % on the board (Table 2)",
        "acc zero-g offset": "initial tolerance 20 mg on the board, drift 0.15 mg/K (Table 2)",
        "acc noise": "65 (x, y) and 70 (z) ug/sqrt(Hz); 0.65 and 0.70 mg rms in 100 Hz (Table 2)",
        "gyr resolution": "16 bit, 16.4 LSB/(deg/s) at 2000 deg/s (Table 1)",
        "gyr bandwidth": "the 100 Hz at which the sheet states rms noise; selectable (Table 1)",
        "gyr sensitivity error": "initial tolerance 0.5 %, drift 0.005 %/K (Table 1)",
        "gyr cross-axis": "1.25 % on the board (Table 1)",
        "gyr zero-rate offset": "initial tolerance 0.5 deg/s, drift 0.005 (deg/s)/K (Table 1)",
        "gyr noise": "2.8 mdps/sqrt(Hz); 28 mdps rms in 100 Hz (Table 1)",
        "clock": "initial tolerance -1.5 to +1.5 % with the gyroscope active (Table 4)",
    },
    not_given=ALLAN,
    ranges_g=SIXTEEN_BIT_G,
    ranges_dps=SIXTEEN_BIT_DPS,
    rest_noise=(RestNoise(500.0, 0.67 * MG_MPS2, 28e-3 * DPS_RADPS),),
)

MPU6050 = Part(
    name="mpu-6050",
    about="InvenSense, hobby boards and older research devices; 2 g and 250 deg/s as after reset, 100 Hz bandwidth",
    sheet="InvenSense MPU-6000/MPU-6050 product specification, PS-MPU-6000A-00, revision 3.4",
    model=SensorModel(
        name="mpu-6050",
        acc=TriadErrors.accelerometer(
            range_g=2.0,
            resolution_mg=SIXTEEN_BIT_G[2.0],
            bandwidth_hz=100.0,
            scale_error_std=0.03 / 3,
            misalignment_std_rad=0.02,
            turn_on_bias_std_mg=(50.0 / 3, 50.0 / 3, 80.0 / 3),
            bias_drift_std_mg_per_k=(35.0 / 45, 35.0 / 45, 60.0 / 45),
            scale_drift_std_per_k=0.0002,
            noise_ug_per_sqrt_hz=400.0,
        ),
        gyr=TriadErrors.gyroscope(
            range_dps=250.0,
            resolution_mdps=SIXTEEN_BIT_DPS[250.0],
            bandwidth_hz=100.0,
            scale_error_std=0.03 / 3,
            misalignment_std_rad=0.02,
            turn_on_bias_std_dps=20.0 / 3,
            bias_drift_std_dps_per_k=20.0 / 65,
            scale_drift_std_per_k=0.02 / 65,
            noise_mdps_per_sqrt_hz=5.0,
        ),
    ),
    cited={
        "acc resolution": "16 bit, 16384 LSB/g at 2 g (section 6.2)",
        "acc bandwidth": "selectable 5 to 260 Hz (section 6.2); taken like the gyroscope's",
        "acc sensitivity error": "initial calibration tolerance 3 %, drift 0.02 %/K (section 6.2)",
        "acc cross-axis": "2 % (section 6.2)",
        "acc zero-g offset": "initial calibration tolerance 50 (x, y) and 80 (z) mg; 35 and 60 mg over 45 K (section 6.2)",
        "acc noise": "400 ug/sqrt(Hz) at 10 Hz (section 6.2)",
        "gyr resolution": "16 bit, 131 LSB/(deg/s) at 250 deg/s (section 6.1)",
        "gyr bandwidth": "the 100 Hz at which the sheet states rms noise (section 6.1)",
        "gyr sensitivity error": "-3 to +3 %; 2 % over 65 K (section 6.1)",
        "gyr cross-axis": "2 % (section 6.1)",
        "gyr zero-rate offset": "initial tolerance 20 deg/s; 20 deg/s over 65 K (section 6.1)",
        "gyr noise": "5 mdps/sqrt(Hz) at 10 Hz; 50 mdps rms in 100 Hz (section 6.1)",
    },
    not_given=(*ALLAN, "rms noise of the accelerometer", "clock tolerance: not confirmed"),
    ranges_g=SIXTEEN_BIT_G,
    ranges_dps={full: step for full, step in SIXTEEN_BIT_DPS.items() if full >= 250.0},
    rest_noise=(RestNoise(1000.0, None, 50e-3 * DPS_RADPS),),
)

PHONE = Part(
    name="phone",
    about="generic: the worst a phone may be and still call its sensors high fidelity on Android",
    sheet="Android Compatibility Definition, section 7.3.9 High Fidelity Sensors; Allan figures of one consumer tracker",
    model=SensorModel(
        name="phone",
        acc=TriadErrors.accelerometer(
            range_g=8.0,
            resolution_mg=1e3 / 1024,
            misalignment_std_rad=0.025 / 3,
            turn_on_bias_std_mg=20.0,
            bias_drift_std_mg_per_k=1.0 / 3,
            scale_drift_std_per_k=0.0001,
            noise_ug_per_sqrt_hz=400.0,
            bias_instability_mg=0.074,
            random_walk_mg_per_sqrt_s=0.0136,
        ),
        gyr=TriadErrors.gyroscope(
            range_dps=1000.0,
            resolution_mdps=1e3 / 16,
            misalignment_std_rad=0.04 / 3,
            turn_on_bias_std_dps=0.002 / DPS_RADPS / 3,
            bias_drift_std_dps_per_k=0.05 / 3,
            scale_drift_std_per_k=0.0002 / 3,
            noise_mdps_per_sqrt_hz=14.0,
            bias_instability_dps=0.0019,
            random_walk_dps_per_sqrt_s=0.0004,
        ),
    ),
    cited={
        "acc range, resolution": "at least 8 g, at least 1024 LSB/g (C-2-1)",
        "acc cross-axis": "below 2.5 % (C-2-1), taken as three standard deviations",
        "acc zero-g offset": "typical: 20 mg, as BMI270 and LSM6DSO, which phones use",
        "acc drift": "1 mg/K, sensitivity 0.03 %/K at most (C-2-1), taken as three standard deviations",
        "acc noise": "not above 400 ug/sqrt(Hz) (C-2-1)",
        "gyr range, resolution": "at least 1000 deg/s, at least 16 LSB/(deg/s) (C-2-3)",
        "gyr cross-axis": "below 4 % (C-2-3), taken as three standard deviations",
        "gyr zero-rate offset": "calibrated to 0.002 rad/s at rest (C-2-3), taken as three standard deviations",
        "gyr drift": "0.05 (deg/s)/K, sensitivity 0.02 %/K at most (C-2-3), taken as three standard deviations",
        "gyr noise": "not above 14 mdps/sqrt(Hz) (C-2-3)",
        "bias instability, rate random walk": "typical: means over the axes of a Tundra tracker, measured; "
        "libsurvive wiki, IMU Variance measurements (2022)",
    },
    not_given=("bandwidth", "constant sensitivity error", "clock"),
    ranges_g={8.0: 1e3 / 1024},
    ranges_dps={1000.0: 1e3 / 16},
)

PARTS: dict[str, Part] = {known.name: known for known in (BMI270, LSM6DSO, ICM42688P, MPU6050, PHONE)}
"""Every known part, by name."""
