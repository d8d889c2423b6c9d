"""BNM: batch nuclear-norm maximisation (Cui et al., CVPR 2020, arXiv 2003.12237)."""

from pytorch_adapt.hooks import BNMHook
from pytorch_adapt.hooks.base import BaseHook

from mnistm_da.adaptation.hooked import Regularized


class BNM(Regularized):
    """Certain and diverse target predictions: a large nuclear norm of the batch's predictions.

    When to use:
        As `mcc`, where predictions also tend to collapse on few classes. A batch should hold most of the
        classes.
    """

    term = "bnm_loss"

    def term_hook(self) -> BaseHook:
        return BNMHook()
