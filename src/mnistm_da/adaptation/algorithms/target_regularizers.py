"""One more term beside the source's cross-entropy, and no second network: AFN, MCC, BNM."""

from typing import Any

from pydantic import Field
from pytorch_adapt.hooks import AFNHook, BNMHook, ClassifierHook, MCCHook
from pytorch_adapt.hooks.base import BaseHook
from pytorch_adapt.layers import AdaptiveFeatureNorm, MCCLoss

from ..hooked import AdaptationParams, Hooked


class _Regularized(Hooked):
    term: str

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hook = ClassifierHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier)],
            weighter=self.weigh(self.term),
            post=[self._term_hook()],
        )

    def _term_hook(self) -> BaseHook:
        raise NotImplementedError


class AFNParams(AdaptationParams):
    """AFN's parameters.

    Attributes:
        weight: of the norm term, the paper's λ.
        step_size: by how much each step asks the norms to grow, the paper's Δr.
    """

    weight: float = Field(default=0.05, ge=0)
    step_size: float = Field(default=1.0, gt=0)


class AFN(_Regularized):
    """Stepwise adaptive feature norm: features of both domains grow alike (Xu et al., ICCV 2019, arXiv 1811.07456)."""

    Params = AFNParams
    params: AFNParams
    term = "afn_loss"

    def _term_hook(self) -> BaseHook:
        return AFNHook(loss_fn=AdaptiveFeatureNorm(self.params.step_size))


class MCCParams(AdaptationParams):
    """MCC's parameters.

    Attributes:
        temperature: softens the predictions, the paper's T.
    """

    temperature: float = Field(default=2.5, gt=0)


class MCC(_Regularized):
    """Minimum class confusion of the target predictions of a batch (Jin et al., ECCV 2020, arXiv 1912.03699)."""

    Params = MCCParams
    params: MCCParams
    term = "mcc_loss"

    def _term_hook(self) -> BaseHook:
        return MCCHook(loss_fn=MCCLoss(T=self.params.temperature))


class BNM(_Regularized):
    """Batch nuclear-norm maximisation of the target predictions (Cui et al., CVPR 2020, arXiv 2003.12237)."""

    term = "bnm_loss"

    def _term_hook(self) -> BaseHook:
        return BNMHook()
