"""Networks that make images, or judge them: for the reconstruction-based algorithms.

Shape legend: N images in a batch, 3 × 28 × 28 pixels, values 0–1.
"""

import torch
from torch import Tensor, nn


class Decoder(nn.Sequential):
    """Features ``(N, 800)`` back to images ``(N, 3, 28, 28)``: the feature extractor's mirror image."""

    def __init__(self) -> None:
        super().__init__(
            nn.Unflatten(1, (50, 4, 4)),
            nn.Upsample(size=8),
            nn.ConvTranspose2d(50, 64, kernel_size=5),  # (N, 64, 12, 12)
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Upsample(size=24),
            nn.ConvTranspose2d(64, 3, kernel_size=5),  # (N, 3, 28, 28)
            nn.Sigmoid(),
        )


class Translator(nn.Module):
    """Images of one domain to images of the other, ``(N, 3, 28, 28)`` 0–1 to the same.

    A U-Net of two scales: what stays, the shape of the digit, can pass at full resolution.

    Args:
        noise: random numbers an image is made from besides the input image; 0 for none.
        width: channels at full resolution.
    """

    def __init__(self, *, noise: int = 0, width: int = 24) -> None:
        super().__init__()
        self.noise = noise
        self.style = nn.Linear(noise, 28 * 28) if noise else None
        self.fine = nn.Sequential(nn.Conv2d(4 if noise else 3, width, 3, padding=1), nn.LeakyReLU(0.2))
        self.coarse = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2),
            _Residual(2 * width),
            _Residual(2 * width),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(2 * width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.LeakyReLU(0.2),
        )
        self.out = nn.Sequential(nn.Conv2d(2 * width, 3, 3, padding=1), nn.Sigmoid())

    def forward(self, images: Tensor) -> Tensor:
        """Translate; with noise, differently each time."""
        if self.style is not None:
            noise = torch.randn(len(images), self.noise, device=images.device)
            images = torch.cat([images, self.style(noise).view(-1, 1, 28, 28)], dim=1)
        fine = self.fine(images)
        return self.out(torch.cat([fine, self.coarse(fine)], dim=1))


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.LeakyReLU(0.2),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


class ImageDiscriminator(nn.Sequential):
    """Images ``(N, 3, 28, 28)`` to one logit an image ``(N,)``: the log-odds that it is a real one."""

    def __init__(self, *, width: int = 32) -> None:
        super().__init__(
            nn.Conv2d(3, width, 4, stride=2, padding=1),  # (N, 32, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Dropout2d(0.1),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),  # (N, 64, 7, 7)
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2),
            nn.Dropout2d(0.1),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1),  # (N, 128, 4, 4)
            nn.BatchNorm2d(4 * width),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(4 * width * 16, 1),
            nn.Flatten(0),
        )
