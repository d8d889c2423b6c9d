"""PixelDA: source images in the target's style (Bousmalis et al., CVPR 2017, arXiv 1612.05424)."""

from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from ..algorithm import Algorithm, Batch
from ..hooked import AdaptationParams
from ..image_networks import ImageDiscriminator, Translator


class PixelDAParams(AdaptationParams):
    """PixelDA's parameters.

    Attributes:
        weight: of the adversarial loss of the translator.
        task_weight: of the classification loss of translated images in the translator's step, which keeps the digit.
        noise: random numbers a style is made from.
        width: channels of the translator at full resolution.
    """

    weight: float = Field(default=1.0, ge=0)
    task_weight: float = Field(default=1.0, ge=0)
    noise: int = Field(default=10, ge=1)
    width: int = Field(default=24, ge=1)


class PixelDA(Algorithm):
    """A translator gives source images the look of the target; the classifier learns from both kinds."""

    Params = PixelDAParams
    params: PixelDAParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.to_target = Translator(noise=self.params.noise, width=self.params.width)
        self.discriminator = ImageDiscriminator()
        self.networks["to_target"] = self.to_target
        self.networks["discriminator"] = self.discriminator
        self.updates = self.optimizer(self.feature_extractor, self.classifier)
        self.translator_updates = self.optimizer(self.to_target)
        self.discriminator_updates = self.optimizer(self.discriminator)

    def translate(self, images: Tensor) -> Tensor:
        """Give source images the look of the target."""
        return self.to_target(images)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do a step of the discriminator, of the translator, and of the classifier; see `Algorithm.step`."""
        assert batch.target_images is not None
        made = self.translate(batch.source_images)
        judged = judge(self.discriminator, self.discriminator_updates, batch.target_images, made.detach())
        fooled = realistic(self.discriminator, made)
        kept = F.cross_entropy(self.logits(made), batch.source_labels)
        self.translator_updates.zero_grad()
        (self.params.weight * fooled + self.params.task_weight * kept).backward()
        self.translator_updates.step()
        plain = F.cross_entropy(self.logits(batch.source_images), batch.source_labels)
        styled = F.cross_entropy(self.logits(made.detach()), batch.source_labels)
        self.updates.zero_grad()
        (plain + styled).backward()
        self.updates.step()
        return {
            "classification": plain.detach(),
            "translated_classification": styled.detach(),
            "translator": fooled.detach(),
            "discriminator": judged,
        }


def judge(discriminator: nn.Module, updates: torch.optim.Optimizer, real: Tensor, made: Tensor) -> Tensor:
    """Do one step of a discriminator on real and on made images ``(N, 3, 28, 28)``; give its detached loss."""
    on_real, on_made = discriminator(real), discriminator(made)
    loss = F.binary_cross_entropy_with_logits(on_real, torch.full_like(on_real, 0.9))  # one-sided smoothing
    loss = (loss + F.binary_cross_entropy_with_logits(on_made, torch.zeros_like(on_made))) / 2
    updates.zero_grad()
    loss.backward()
    updates.step()
    return loss.detach()


def realistic(discriminator: nn.Module, made: Tensor) -> Tensor:
    """Non-saturating loss of a translator: how far its images are from being taken for real ones."""
    logits = discriminator(made)
    return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
