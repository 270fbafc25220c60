"""The pose decoder: latents of a whole body to the numbers of its postures, and from numbers to joints, for the loss."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..body import BONE_INDEX, BONE_NAMES, BONE_PARENTS, ShapedBody
from ..errors import UsageError
from ..runtime.pose import BONES, TURNS, WIDTH
from .tokenizer import TokenizerConfig, TokenizerLayer


@dataclass(frozen=True)
class PoseConfig:
    """Dimensions of a `PoseNet`; saved inside the artefact.

    Attributes:
        width: features between latents and poses.
        depth: layers.
        kernel: latents that a layer's convolution over time sees, odd.
        frames: poses per latent.
    """

    width: int = 128
    depth: int = 3
    kernel: int = 3
    frames: int = 4

    def __post_init__(self) -> None:
        if not isinstance(self.frames, int) or self.frames < 1:
            raise UsageError("A latent needs at least one pose", where="frames", got=repr(self.frames))
        self.layers()

    def layers(self) -> TokenizerConfig:
        """What its layers are built by: those of the tokenizer."""
        return TokenizerConfig(width=self.width, depth=self.depth, kernel=self.kernel)

    def to_dict(self) -> dict:
        return asdict(self)


class PoseNet(nn.Module):
    """Latents to the numbers of `anywear.runtime.pose`.

    Args:
        config: dimensions.
        latent_width: features of the latents, D.
    """

    def __init__(self, config: PoseConfig, latent_width: int) -> None:
        super().__init__()
        self.config = config
        self.mean: Tensor
        self.spread: Tensor
        self.usual: Tensor
        self.register_buffer("mean", torch.zeros(latent_width))
        self.register_buffer("spread", torch.ones(latent_width))
        self.register_buffer("usual", torch.zeros(WIDTH))
        self.net = nn.Sequential(
            nn.Linear(latent_width, config.width), *(TokenizerLayer(config.layers()) for _ in range(config.depth)),
            nn.LayerNorm(config.width), nn.Linear(config.width, config.frames * WIDTH),
        )  # fmt: skip

    def fit_scale(self, latents: Tensor, poses: Tensor) -> None:
        """Take mean and spread of (..., D) latents, and the mean of (..., 130) poses, which is what is said at first."""
        rows = latents.flatten(0, -2)
        self.mean.copy_(rows.mean(dim=0))
        self.spread.copy_(rows.std(dim=0, unbiased=False).clamp(min=1e-3))
        self.usual.copy_(poses.flatten(0, -2).mean(dim=0))
        with torch.no_grad():
            last: nn.Linear = self.net[-1]  # type: ignore[assignment]
            last.weight.mul_(0.1)
            last.bias.zero_()

    def forward(self, latents: Tensor) -> Tensor:
        """(B, T' x frames, 130) numbers of poses from (B, T', D) latents."""
        found = self.net((latents - self.mean) / self.spread)
        return self.usual + found.unflatten(2, (self.config.frames, -1)).flatten(1, 2)


class Figure(nn.Module):
    """A body's bones, which give the joints of a pose.

    Args:
        body: whose.
    """

    def __init__(self, body: ShapedBody) -> None:
        super().__init__()
        self.offsets: Tensor
        self.register_buffer("offsets", torch.from_numpy(body.offsets_m.astype("float32")), persistent=False)

    def turns(self, poses: Tensor) -> Tensor:
        """(..., 21, 3, 3) matrices of the bones whose turn is told, each against the one it hangs from."""
        columns = poses[..., :TURNS].unflatten(-1, (len(BONES), 2, 3))
        first = F.normalize(columns[..., 0, :], dim=-1)
        second = columns[..., 1, :]
        second = F.normalize(second - (first * second).sum(dim=-1, keepdim=True) * first, dim=-1)
        return torch.stack([first, second, torch.linalg.cross(first, second)], dim=-1)

    def joints(self, poses: Tensor) -> Tensor:
        """(..., 31, 3) places of the joints from the root's, metres, the heading along x."""
        local = self.turns(poses)
        world: list[Tensor] = []
        places: list[Tensor] = []
        for bone, parent in enumerate(BONE_PARENTS):
            name = BONE_NAMES[bone]
            if parent < 0:
                world.append(local[..., 0, :, :])
                places.append(torch.zeros_like(local[..., 0, :, 0]))
                continue
            above = world[parent]
            world.append(above @ local[..., BONES.index(name), :, :] if name in BONES else above)
            places.append(places[parent] + (above @ self.offsets[BONE_INDEX[name]]))
        return torch.stack(places, dim=-2)
