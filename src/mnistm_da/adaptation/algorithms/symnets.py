"""SymNets: domain-symmetric networks (Zhang et al., CVPR 2019, arXiv 1904.04663)."""

from pytorch_adapt.hooks import SymNetsHook
from torch import Tensor

from mnistm_da.adaptation.hooked import Hooked, TwoClassifiers
from mnistm_da.adaptation.losses.weighting import WeightedSum
from mnistm_da.parameters import TrainingParams


class SymNets(TwoClassifiers, Hooked):
    """A source and a target classifier, whose joint output over the classes of both is also the discriminator.

    The prediction is the target classifier's.

    When to use:
        Where the alignment should go by class, without a discriminator beside the classifiers.
    """

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = SymNetsHook(
            c_opts=[self.optimizer(self.classifier, self.second)],
            g_opts=[self.optimizer(self.feature_extractor)],
            c_weighter=WeightedSum(),
            g_weighter=self.weigh(
                "symnets_entropy_loss",
                "g_symnets_target_domain_loss_0",
                "g_symnets_target_domain_loss_1",
            ),
        )

    def classify(self, features: Tensor) -> Tensor:
        return self.second(features)

    def last_hidden(self, features: Tensor) -> Tensor:
        return self.second.hidden(features)
