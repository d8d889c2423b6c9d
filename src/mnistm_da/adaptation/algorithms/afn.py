"""AFN: adaptive feature norm (Xu et al., ICCV 2019, arXiv 1811.07456)."""

from typing import Annotated

from pydantic import Field
from pytorch_adapt.hooks import AFNHook
from pytorch_adapt.hooks.base import BaseHook
from pytorch_adapt.layers import AdaptiveFeatureNorm

from mnistm_da.adaptation.hooked import AdaptationParams, Regularized
from mnistm_da.searched import Searched


class AFNParams(AdaptationParams):
    """AFN's parameters.

    Attributes:
        weight: of the norm term, the paper's λ.
        step_size: by how much each step asks the norms to grow, the paper's Δr.
    """

    weight: Annotated[float, Searched(0.005, 5, log=True)] = Field(default=0.05, ge=0)
    step_size: Annotated[float, Searched(0.1, 10, log=True)] = Field(default=1.0, gt=0)


class AFN(Regularized):
    """Stepwise adaptive feature norm: the last hidden layers of both domains grow alike.

    When to use:
        Where target features are shorter than source features. It does not compare the domains' distributions,
        so their classes may have different shares.
    """

    Params = AFNParams
    params: AFNParams
    term = "afn_loss"
    aligns_bottleneck = True  # behind the features is a batch norm, which makes their length mean nothing

    def term_hook(self) -> BaseHook:
        return AFNHook(loss_fn=AdaptiveFeatureNorm(self.params.step_size))
