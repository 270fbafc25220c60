"""Who moves: size, side of the dominant hand, habits. Drawn once for a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HEIGHT_MEAN_M, HEIGHT_STD_M = 1.71, 0.09  # adults, both sexes
RIGHT_HANDED = 0.89  # share; Papadatou-Pastou et al., Psychological Bulletin 146 (2020)


@dataclass(frozen=True)
class Person:
    """Habits that last for a clip.

    Attributes:
        height_m: stature.
        hand: ``left`` or ``right``, the dominant one.
        tempo: factor on natural speeds.
        vigour: factor on amplitudes.
        stoop_deg: forward lean of the trunk in rest.
        toe_out_deg: of each foot.
        arm_spread_deg: how far the hanging arms stand off.
        elbow_rest_deg: flexion of the hanging elbow.
        restlessness: factor on sway and fidgeting.
    """

    height_m: float = 1.72
    hand: str = "right"
    tempo: float = 1.0
    vigour: float = 1.0
    stoop_deg: float = 2.0
    toe_out_deg: float = 7.0
    arm_spread_deg: float = 7.0
    elbow_rest_deg: float = 12.0
    restlessness: float = 1.0

    @property
    def other_hand(self) -> str:
        """The hand that is not dominant."""
        return "left" if self.hand == "right" else "right"

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Person:
        """Somebody."""
        return cls(
            height_m=float(np.clip(rng.normal(HEIGHT_MEAN_M, HEIGHT_STD_M), 1.45, 2.05)),
            hand="right" if rng.random() < RIGHT_HANDED else "left",
            tempo=float(np.exp(rng.normal(0.0, 0.10))),
            vigour=float(np.exp(rng.normal(0.0, 0.15))),
            stoop_deg=float(rng.normal(3.0, 4.0)),
            toe_out_deg=float(np.clip(rng.normal(7.0, 4.0), -3.0, 18.0)),
            arm_spread_deg=float(np.clip(rng.normal(8.0, 3.0), 3.0, 18.0)),
            elbow_rest_deg=float(np.clip(rng.normal(15.0, 6.0), 3.0, 35.0)),
            restlessness=float(np.exp(rng.normal(0.0, 0.4))),
        )
