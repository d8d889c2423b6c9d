"""Matching with kernels: DAN (Long et al., ICML 2015, arXiv 1502.02791) and JAN (ICML 2017, arXiv 1605.06636)."""

from typing import Annotated

import torch
from pydantic import Field
from pytorch_adapt.hooks import AlignerPlusCHook, JointAlignerHook
from pytorch_adapt.layers import MMDLoss
from pytorch_adapt.layers.utils import get_kernel_scales, get_mmd_quadratic
from torch import Tensor

from mnistm_da.adaptation.hooked import AdaptationParams, Hooked
from mnistm_da.parameters import TrainingParams
from mnistm_da.searched import Searched


class MMDParams(AdaptationParams):
    """Parameters of DAN and JAN.

    Attributes:
        weight: of the discrepancies; of 1, 3, 10 and 30, the one with the highest IM on target validation after two
            epochs.
        kernels: Gaussian kernels, whose bandwidths are powers of two around the median squared distance.
    """

    weight: Annotated[float, Searched(0.1, 100, log=True)] = Field(default=10.0, ge=0)
    kernels: Annotated[int, Searched(1, 9)] = Field(default=5, ge=1)


class JointMMDParams(MMDParams):
    """JAN's parameters.

    Attributes:
        weight: of the discrepancy; the authors' kernel is the sum of five Gaussians where ours is their mean.
    """

    weight: Annotated[float, Searched(0.05, 50, log=True)] = Field(default=5.0, ge=0)


class MMD(Hooked):
    """DAN: multi-kernel maximum mean discrepancy between the domains' features, and between their predictions.

    pytorch-adapt's quadratic estimator, unbiased within each domain; ``Σ_k exp(−d²·2^k/median)/K`` with the median of
    the source's squared distances.

    When to use:
        Where one more loss term is wanted, without a network that is trained against another. The weight of the
        term matters: choose it with a label-free validator.
    """

    Params = MMDParams
    params: MMDParams
    terms: tuple[str, ...] = ("features_confusion_loss", "logits_confusion_loss")

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = AlignerPlusCHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier)],
            weighter=self.weigh(*self.terms),
            loss_fn=MultiKernelMMD(self.params.kernels),
            aligner_hook=self._aligner(),
        )

    def _aligner(self) -> JointAlignerHook | None:
        return None  # pytorch-adapt's own: features and predictions, each on their own


class JointMMD(MMD):
    """JAN: the same of the joint distribution of last hidden layer and predictions (product of the kernels).

    When to use:
        As `mmd`, where classes move in different ways from one domain to the other: features and predictions
        are compared together.
    """

    Params = JointMMDParams
    aligns_bottleneck = True
    terms = ("joint_confusion_loss",)

    def _aligner(self) -> JointAlignerHook:
        return JointAlignerHook(loss_fn=MultiKernelMMD(self.params.kernels))


NARROWEST = 1e-3
"""A bandwidth as a share of the mean squared distance, at least."""


class MultiKernelMMD(MMDLoss):
    """pytorch-adapt's MMD² of several Gaussians, whose bandwidth stays above zero.

    The median of the source's squared distances is zero where most of it has the same predictions, as with two classes
    or one that is frequent. Then the mean decides.

    Args:
        kernels: how many Gaussians.
    """

    def __init__(self, kernels: int) -> None:
        half = (kernels - 1) / 2
        super().__init__(mmd_type="quadratic")
        self.kernel_scales: Tensor = get_kernel_scales(low=-half, high=half, num_kernels=kernels)

    def forward(self, source: Tensor | list[Tensor], target: Tensor | list[Tensor]) -> Tensor:
        """Give MMD² of two domains' features ``(N, D)``, or of lists of several layers' that of their products."""
        if isinstance(source, Tensor) and isinstance(target, Tensor):
            return get_mmd_quadratic(*self._distances(source, target))
        each = [self._distances(*of_layer) for of_layer in zip(source, target, strict=True)]
        return get_mmd_quadratic(*map(list, zip(*each, strict=True)))

    def _distances(self, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Give the squared distances within the source, within the target and across, and the kernels' exponents."""
        within = self.dist_func(source, source)
        with torch.no_grad():
            bandwidth = torch.maximum(within.median(), NARROWEST * within.mean()).clamp(min=1e-12)
            self.kernel_scales = self.kernel_scales.to(within)  # moved once
            scale = -1.0 / bandwidth * self.kernel_scales
        return within, self.dist_func(target, target), self.dist_func(source, target), scale
