"""Networks that make images, or judge them: for the reconstruction-based algorithms.

Shape legend: N images in a batch, C × S × S pixels, values 0–1.
"""

import torch
from torch import Tensor, nn

from mnistm_da.domains.format import Format


class Translator(nn.Module):
    """Images of one domain to images of the other, ``(N, C, S, S)`` 0–1 to the same.

    A U-Net of two scales: what stays, the shape of the digit, can pass at full resolution.

    Args:
        format: of the images.
        noise: random numbers an image is made from besides the input image; 0 for none.
        width: channels at full resolution.
    """

    def __init__(self, format: Format, *, noise: int = 0, width: int = 24) -> None:
        super().__init__()
        self.noise, self.side = noise, format.side
        self.style = nn.Linear(noise, self.side**2) if noise else None
        channels = format.channels + 1 if noise else format.channels
        self.fine = nn.Sequential(nn.Conv2d(channels, width, 3, padding=1), nn.LeakyReLU(0.2))
        self.coarse = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2),
            _Residual(2 * width),
            _Residual(2 * width),
            nn.Upsample(size=self.side),
            nn.Conv2d(2 * width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.LeakyReLU(0.2),
        )
        self.out = nn.Sequential(nn.Conv2d(2 * width, format.channels, 3, padding=1), nn.Sigmoid())

    def forward(self, images: Tensor) -> Tensor:
        """Translate; with noise, differently each time."""
        if self.style is not None:
            noise = torch.randn(len(images), self.noise, device=images.device)
            images = torch.cat([images, self.style(noise).view(-1, 1, self.side, self.side)], dim=1)
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
    """Images ``(N, C, S, S)`` to one logit an image ``(N,)``: the log-odds that it is a real one."""

    def __init__(self, format: Format, *, width: int = 32) -> None:
        side = (format.side // 4 + 1) // 2  # behind all three convolutions; of 28: 14, 7, 4
        super().__init__(
            nn.Conv2d(format.channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Dropout2d(0.1),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2),
            nn.Dropout2d(0.1),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1),
            nn.BatchNorm2d(4 * width),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(4 * width * side**2, 1),
            nn.Flatten(0),
        )
