"""SWD: sliced Wasserstein discrepancy (Lee et al., CVPR 2019, arXiv 1903.04064)."""

from pytorch_adapt.layers import MCDLoss, SlicedWasserstein
from torch import nn

from mnistm_da.adaptation.algorithms.mcd import MCD


class SlicedWassersteinDiscrepancy(MCD):
    """MCD's three steps, in which two classifiers disagree by how far their predictions of a batch lie apart.

    The mean squared distance of the batch's sorted projections on 128 random directions, new each time: equation (7).

    When to use:
        As `mcd`, where the disagreement should be measured on whole batches, and not image by image.
    """

    def discrepancy(self) -> nn.Module:
        """Compare probabilities, ``(B, K)`` each."""
        return MCDLoss(dist_fn=SlicedWasserstein())
