"""Deep CORAL: correlation alignment (Sun and Saenko, ECCV 2016 workshops, arXiv 1607.01719)."""

from pytorch_adapt.hooks import AlignerPlusCHook
from pytorch_adapt.layers import CORALLoss

from mnistm_da.adaptation.hooked import Hooked
from mnistm_da.parameters import TrainingParams


class CORAL(Hooked):
    """Equal covariances of the domains' features, and of their logits: ``‖C_S − C_T‖²_F / (4d²)``.

    The paper aligns the last layer; the features' term is smaller by their number d, 800 of the network `ganin`.

    When to use:
        As the simplest distance: it has no kernels, and one weight. It compares covariances, and misses every
        other difference.
    """

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = AlignerPlusCHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier)],
            weighter=self.weigh("features_confusion_loss", "logits_confusion_loss"),
            loss_fn=CORALLoss(),
            softmax=False,  # of logits, not of probabilities
        )
