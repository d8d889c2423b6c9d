"""ADDA: a target encoder learns to imitate the source's (Tzeng et al., CVPR 2017, arXiv 1702.05464)."""

from copy import deepcopy
from typing import Annotated, Any

import torch
from pydantic import Field
from pytorch_adapt.hooks import ADDAHook
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.hooked import PlainHooked
from mnistm_da.adaptation.losses.adversarial import MOMENTUM
from mnistm_da.adaptation.losses.weighting import WeightedSum
from mnistm_da.adaptation.networks.discriminators import DomainDiscriminator
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class ADDAParams(AlgorithmParams):
    """ADDA's parameters.

    Attributes:
        pretraining: share of the training that is spent on the source alone (0–1).
        learning_rate_factor: of the target encoder's and discriminator's rates; the paper's 2e-4 after 1e-3.
        least_accuracy: the encoder learns only from a discriminator that is right at least this often (0–1).
    """

    pretraining: Annotated[float, Searched(0.1, 0.7)] = Field(default=0.3, gt=0, lt=1)
    learning_rate_factor: Annotated[float, Searched(0.02, 2, log=True)] = Field(default=0.2, gt=0)
    least_accuracy: float = Field(default=0.6, ge=0, lt=1)


class ADDA(PlainHooked):
    """First a source encoder and classifier; then a copy of the encoder learns to fool the discriminator on the target.

    The trained feature extractor is the target's; source images go through it too when they are evaluated.

    When to use:
        Where the target needs its own feature extractor. The source is learned first and then left, so nothing holds
        the target's classes in place.
    """

    Params = ADDAParams
    params: ADDAParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.discriminator = DomainDiscriminator(self.architecture.features)
        self.source_extractor = deepcopy(self.feature_extractor)
        self.networks["discriminator"] = self.discriminator
        self.networks["source_extractor"] = self.source_extractor

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.pretrainer = self.optimizer(self.source_extractor, self.classifier)
        self.hook = ADDAHook(
            threshold=self.params.least_accuracy,
            d_opts=[self._slower(self.discriminator)],
            g_opts=[self._slower(self.feature_extractor)],
            d_weighter=WeightedSum(),
            g_weighter=WeightedSum(),
        )

    def _slower(self, module: Any) -> Any:
        return self.optimizer(module, momentum=MOMENTUM, factor=self.params.learning_rate_factor)

    def context(self, batch: Batch) -> dict[str, Any]:
        with torch.no_grad():
            # With dropout: the hook would leave it out for the source alone, which gives the domains away.
            source = self.source_extractor.train()(batch.source_images)
        return super().context(batch) | {
            "src_imgs_features_detached": source,
            "G": self.source_extractor,
            "T": self.feature_extractor,
            "D": self.discriminator,
        }

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step of the pre-training or of the adaptation; see `Algorithm.step`."""
        if progress < self.params.pretraining:
            loss = F.cross_entropy(self.classifier(self.source_extractor(batch.source_images)), batch.source_labels)
            descend(self.pretrainer, loss)
            # The target encoder is evaluated; it begins with the source encoder's weights.
            self.feature_extractor.load_state_dict(self.source_extractor.state_dict())
            return {"classification": loss.detach()}
        return super().step(batch, progress)
