"""RTN: residual transfer networks (Long et al., NeurIPS 2016, arXiv 1602.04433)."""

from typing import Annotated, Any

from pydantic import Field
from pytorch_adapt.hooks import RTNHook
from pytorch_adapt.layers import PlusResidual, RandomizedDotProduct
from torch import nn

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.mmd import MultiKernelMMD
from mnistm_da.adaptation.hooked import AdaptationParams, Hooked
from mnistm_da.parameters import TrainingParams
from mnistm_da.searched import Searched


class RTNParams(AdaptationParams):
    """RTN's parameters.

    Attributes:
        weight: of the discrepancy; the authors' kernel is the sum of five Gaussians where ours is their mean.
        entropy_weight: of the target predictions' entropy.
    """

    weight: Annotated[float, Searched(0.05, 500, log=True)] = Field(default=5.0, ge=0)
    entropy_weight: float = Field(default=0.1, ge=0)


class RTN(Hooked):
    """The source classifier is the target's plus a small residual; MMD aligns last hidden layer × predictions.

    Low entropy is asked of the target predictions. The prediction is the target classifier's.

    When to use:
        Where the target may need a slightly different classifier on the same features.
    """

    Params = RTNParams
    params: RTNParams
    aligns_bottleneck = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        classes = self.classes
        residual = nn.Sequential(nn.Linear(classes, classes), nn.ReLU(), nn.Linear(classes, classes))
        self.networks["residual"] = PlusResidual(residual)
        self.networks["combiner"] = RandomizedDotProduct([self.classifier.bottleneck, classes], 512)

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = RTNHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier, self.networks["residual"])],
            weighter=self.weigh("features_confusion_loss", entropy_loss=self.params.entropy_weight),
            aligner_loss_fn=MultiKernelMMD(5),
        )

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {
            "residual_model": self.networks["residual"],
            "feature_combiner": self.networks["combiner"],
        }
