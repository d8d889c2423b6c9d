"""MCC: minimum class confusion (Jin et al., ECCV 2020, arXiv 1912.03699)."""

from typing import Annotated

from pydantic import Field
from pytorch_adapt.hooks import MCCHook
from pytorch_adapt.hooks.base import BaseHook
from pytorch_adapt.layers import MCCLoss

from mnistm_da.adaptation.hooked import AdaptationParams, Regularized
from mnistm_da.searched import Searched


class MCCParams(AdaptationParams):
    """MCC's parameters.

    Attributes:
        temperature: softens the predictions, the paper's T.
    """

    temperature: Annotated[float, Searched(0.5, 10, log=True)] = Field(default=2.5, gt=0)


class MCC(Regularized):
    """Few confusions between classes in the target predictions of a batch.

    When to use:
        Where one cheap term is wanted and predictions on the target are often right from the beginning.
    """

    Params = MCCParams
    params: MCCParams
    term = "mcc_loss"

    def term_hook(self) -> BaseHook:
        return MCCHook(loss_fn=MCCLoss(T=self.params.temperature))
