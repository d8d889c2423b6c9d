"""AdaBN: batch norm with the target's own statistics (Li et al., ICLR 2017 workshop, arXiv 1603.04779)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from mnistm_da.adaptation.algorithm import Algorithm, Splits
from mnistm_da.adaptation.algorithms.bounds import SourceOnly
from mnistm_da.adaptation.networks.forward import as_input, chunks


class TargetStatistics(Algorithm):
    """In every model that is kept, batch norm has mean and variance of the target training images.

    Such a model is the target's: source images are normalised with the target's statistics too. Training goes on
    with its own.
    """

    @contextmanager
    def at_checkpoint(self, splits: Splits) -> Iterator[None]:
        """Have the statistics of the whole target training split, unweighted."""
        trained = {name: buffer.clone() for name, buffer in self.networks.named_buffers()}
        self._take_statistics(splits.target_images)
        yield
        for name, buffer in self.networks.named_buffers():
            buffer.copy_(trained[name])

    @torch.no_grad()
    def _take_statistics(self, images: torch.Tensor) -> None:
        self.networks.eval()  # no dropout
        norms = [m for m in self.networks.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        momentum = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the plain mean of the batches
            norm.train()
        for chunk in chunks(images):
            self.classify(self.features(as_input(chunk, self.format.channels)))  # of one view
        for norm, before in zip(norms, momentum, strict=True):
            norm.momentum = before
        self.networks.train()


class AdaBN(TargetStatistics, SourceOnly):
    """Train on the source, and keep models with the target's statistics.

    When to use:
        Where time is short: it costs one pass over the target for each model that is kept. It needs batch norm,
        and corrects means and variances alone.
    """
