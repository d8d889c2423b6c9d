"""Translation: target images are turned into source images and classified there.

Two translators and two discriminators after CycleGAN (Zhu et al., ICCV 2017, arXiv 1703.10593); the cycle starts at
the source, where the labels are.
"""

from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.losses.adversarial import MOMENTUM, discrimination, realistic
from mnistm_da.adaptation.networks.translators import ImageDiscriminator, Translator
from mnistm_da.adaptation.optimization.descent import descend, frozen
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class TranslationParams(AlgorithmParams):
    """Parameters of the translation.

    Attributes:
        weight: of the adversarial losses of the translators.
        cycle_weight: of the mean absolute error, pixel values 0–1, of source images translated there and back, and of
            source images translated to what they are already.
        task_weight: of the classification loss of images translated there and back.
        noise: random numbers a target style is made from.
        width: channels of the translators at full resolution.
    """

    weight: Annotated[float, Searched(0.1, 10, log=True)] = Field(default=1.0, ge=0)
    cycle_weight: Annotated[float, Searched(1, 100, log=True)] = Field(default=10.0, ge=0)
    task_weight: Annotated[float, Searched(0.1, 10, log=True)] = Field(default=1.0, ge=0)
    noise: int = Field(default=10, ge=1)
    width: int = Field(default=16, ge=1)


class Translation(Algorithm):
    """A classifier of source images, and a translator that makes source images of target images for it.

    A second translator makes target images of source images, with noise, since there are many ways to do that. The
    source image and the digit of such a target image are known, so the way back can be learned from it.

    When to use:
        Where the domains differ in look and not in shape, and you want to see the change. Its networks
        are large, so it takes long.
    """

    Params = TranslationParams
    params: TranslationParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        width = self.params.width
        self.to_source = Translator(self.format, width=width)
        self.to_target = Translator(self.format, noise=self.params.noise, width=width)
        self.source_judge, self.target_judge = ImageDiscriminator(self.format), ImageDiscriminator(self.format)
        self.networks["to_source"], self.networks["to_target"] = self.to_source, self.to_target
        self.networks["source_judge"], self.networks["target_judge"] = self.source_judge, self.target_judge

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)
        self.translator_updates = self.optimizer(self.to_source, self.to_target, momentum=MOMENTUM)
        self.source_judge_updates = self.optimizer(self.source_judge, momentum=MOMENTUM)
        self.target_judge_updates = self.optimizer(self.target_judge, momentum=MOMENTUM)

    def translate(self, images: Tensor) -> Tensor:
        """Turn images into source images; a source image stays as it is."""
        return self.to_source(images)

    def features(self, images: Tensor) -> Tensor:
        return self.feature_extractor(self.translate(images))

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do a step of the discriminators, of the translators, and of the classifier; see `Algorithm.step`."""
        assert batch.target_images is not None
        source, target, labels = batch.source_images, batch.target_images, batch.source_labels
        in_target, in_source = self.to_target(source), self.to_source(target)
        judged = descend(self.source_judge_updates, discrimination(self.source_judge, source, in_source))
        judged = judged + descend(self.target_judge_updates, discrimination(self.target_judge, target, in_target))
        back = self.to_source(in_target)
        with frozen(self.source_judge, self.target_judge, self.feature_extractor, self.classifier):
            terms = {
                "translators": realistic(self.source_judge, in_source) + realistic(self.target_judge, in_target),
                "cycle": F.l1_loss(back, source) + F.l1_loss(self.to_source(source), source),
                "translated_classification": F.cross_entropy(self.classifier(self.feature_extractor(back)), labels),
            }
        descend(
            self.translator_updates,
            self.params.weight * terms["translators"]
            + self.params.cycle_weight * terms["cycle"]
            + self.params.task_weight * terms["translated_classification"],
        )
        images = torch.cat([source, back.detach()])
        classification = F.cross_entropy(self.classifier(self.feature_extractor(images)), labels.repeat(2))
        terms["classification"] = descend(self.updates, classification)
        return {name: term.detach() for name, term in terms.items()} | {"discriminators": judged}
