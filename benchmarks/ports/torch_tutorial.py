"""The DCGAN of PyTorch's tutorial on faces: its two networks and its loop.

Real and false pictures pass the discriminator one after the other, because of its batch normalisation;
their gradients add up, and its optimizer makes a step. Then it judges the same fakes again, for the
generator. Pictures come as they do for its rivals; the tutorial's own loader would only slow it down.
"""

import numpy as np
import torch
from torch import nn

NOISE = 100


def generator(width: int = 64) -> nn.Sequential:
    """Noise (b, 100, 1, 1) in, pictures (b, 3, 64, 64) in -1..1 out."""
    parts, channels = [], NOISE
    for filters, stride, padding in ((8 * width, 1, 0), (4 * width, 2, 1), (2 * width, 2, 1), (width, 2, 1)):
        parts += [nn.ConvTranspose2d(channels, filters, 4, stride, padding, bias=False)]
        parts += [nn.BatchNorm2d(filters), nn.ReLU(True)]
        channels = filters
    return nn.Sequential(*parts, nn.ConvTranspose2d(channels, 3, 4, 2, 1, bias=False), nn.Tanh())


def discriminator(width: int = 64) -> nn.Sequential:
    """Pictures in, the probability that they are real out, (b, 1, 1, 1)."""
    parts, channels = [], 3
    for filters in (width, 2 * width, 4 * width, 8 * width):
        parts += [nn.Conv2d(channels, filters, 4, 2, 1, bias=False)]
        parts += [nn.BatchNorm2d(filters)] if filters > width else []
        parts += [nn.LeakyReLU(0.2, inplace=True)]
        channels = filters
    return nn.Sequential(*parts, nn.Conv2d(channels, 1, 4, 1, 0, bias=False), nn.Sigmoid())


def _started(part: nn.Module) -> None:
    """Weights as the DCGAN paper begins with them."""
    if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(part.weight, 0.0, 0.02)
    elif isinstance(part, nn.BatchNorm2d):
        nn.init.normal_(part.weight, 1.0, 0.02)
        nn.init.zeros_(part.bias)


class TorchTutorial:
    """Both players and their step.

    Args:
        width: 64 in the tutorial.
        channels_last: lay pictures out as (height, width, channels), which the tutorial does not.
    """

    def __init__(self, width: int = 64, channels_last: bool = False):
        torch.manual_seed(999)
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        players = (generator(width), discriminator(width))
        self.generator, self.discriminator = (
            p.apply(_started).to(memory_format=self.layout) for p in players
        )
        self.loss = nn.BCELoss()
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), lr=2e-4, betas=(0.5, 0.999))

    def step(self, images: np.ndarray, noise: np.ndarray | None = None) -> tuple[float, float]:
        """One step on pictures, uint8 (b, 64, 64, 3): the losses of discriminator and generator.

        Args:
            images: real ones.
            noise: (b, 100) instead of the step's own.
        """
        real = torch.from_numpy(images).permute(0, 3, 1, 2).float().div(127.5).sub(1)
        real = real.contiguous(memory_format=self.layout)
        noise = torch.randn(len(images), NOISE) if noise is None else torch.from_numpy(noise)
        fake = self.generator(noise[:, :, None, None])
        d_loss = self.learn_to_tell(real, fake.detach())
        self.generator.zero_grad()
        g_loss = self._misjudged(fake, 1.0)
        g_loss.backward()
        self.g_optimizer.step()
        return d_loss, g_loss.item()

    def learn_to_tell(self, real: torch.Tensor, fake: torch.Tensor) -> float:
        """The discriminator's part."""
        self.discriminator.zero_grad()
        parts = [self._misjudged(real, 1.0), self._misjudged(fake, 0.0)]
        for part in parts:
            part.backward()
        self.d_optimizer.step()
        return sum(part.item() for part in parts)

    def _misjudged(self, images: torch.Tensor, truth: float) -> torch.Tensor:
        said = self.discriminator(images).view(-1)
        return self.loss(said, torch.full_like(said, truth))
