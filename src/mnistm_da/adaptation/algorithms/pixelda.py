"""PixelDA: source images in the target's style (Bousmalis et al., CVPR 2017, arXiv 1612.05424)."""

from typing import Annotated, Any

from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.losses.adversarial import MOMENTUM, discrimination, realistic
from mnistm_da.adaptation.networks.translators import ImageDiscriminator, Translator
from mnistm_da.adaptation.optimization.descent import descend, frozen
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class PixelDAParams(AlgorithmParams):
    """PixelDA's parameters.

    Attributes:
        weight: of the adversarial loss of the translator.
        task_weight: of the classification loss of translated images in the translator's step, which keeps the digit.
        noise: random numbers a style is made from.
        width: channels of the translator at full resolution.
    """

    weight: Annotated[float, Searched(0.1, 10, log=True)] = Field(default=1.0, ge=0)
    task_weight: Annotated[float, Searched(0.1, 10, log=True)] = Field(default=1.0, ge=0)
    noise: int = Field(default=10, ge=1)
    width: int = Field(default=24, ge=1)


class PixelDA(Algorithm):
    """A translator gives source images the look of the target; the classifier learns from both kinds.

    When to use:
        Where the domains differ in texture, colour and background and not in shape, and you want to see the
        translated images.
    """

    Params = PixelDAParams
    params: PixelDAParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.to_target = Translator(self.format, noise=self.params.noise, width=self.params.width)
        self.discriminator = ImageDiscriminator(self.format)
        self.networks["to_target"] = self.to_target
        self.networks["discriminator"] = self.discriminator

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)
        self.translator_updates = self.optimizer(self.to_target, momentum=MOMENTUM)
        self.discriminator_updates = self.optimizer(self.discriminator, momentum=MOMENTUM)

    def translate(self, images: Tensor) -> Tensor:
        """Give source images the look of the target."""
        return self.to_target(images)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do a step of the discriminator, of the translator, and of the classifier; see `Algorithm.step`."""
        assert batch.target_images is not None
        made = self.translate(batch.source_images)
        judged = descend(self.discriminator_updates, discrimination(self.discriminator, batch.target_images, made))
        with frozen(self.discriminator, self.feature_extractor, self.classifier):
            fooled = realistic(self.discriminator, made)
            kept = F.cross_entropy(self.logits(made), batch.source_labels)
        descend(self.translator_updates, self.params.weight * fooled + self.params.task_weight * kept)
        plain = F.cross_entropy(self.logits(batch.source_images), batch.source_labels)
        styled = F.cross_entropy(self.logits(made.detach()), batch.source_labels)
        descend(self.updates, plain + styled)
        return {
            "classification": plain.detach(),
            "translated_classification": styled.detach(),
            "translator": fooled.detach(),
            "discriminator": judged,
        }
