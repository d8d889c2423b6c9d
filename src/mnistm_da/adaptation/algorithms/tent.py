"""Tent: test-time adaptation by entropy minimisation (Wang et al., ICLR 2021, arXiv 2006.10726)."""

from pydantic import Field
from pytorch_adapt.layers import EntropyLoss
from torch import Tensor, nn

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.adabn import TargetStatistics
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.domains.format import Format
from mnistm_da.errors import UserError
from mnistm_da.parameters import AlgorithmParams, NetworkParams, TrainingParams


class TentParams(AlgorithmParams):
    """Tent's parameters.

    Attributes:
        epochs_factor: by default so small that there is one pass over the target: each image is seen once, as when it
            comes to a model in use.
    """

    epochs_factor: float | None = Field(default=0.001, gt=0, le=1000)


class Tent(TargetStatistics):
    """Entropy of the target predictions is made small by scale and shift of batch norm alone; the source is not read.

    It starts from a trained model. Each step normalises with the statistics of its batch of target images. As in
    `adabn`, the model that is kept has those of the whole target training split. The networks are without dropout:
    the predictions whose entropy counts are those of a model in use.

    When to use:
        Where the source images may not be read any more, and time is short: scale and shift of batch norm are
        all that changes.
    """

    Params = TentParams
    params: TentParams

    def __init__(self, params: TentParams, network: NetworkParams, format: Format) -> None:
        super().__init__(params, network.model_copy(update={"dropout": 0.0}), format)
        self.entropy = EntropyLoss()

    def prepare(self, training: TrainingParams) -> None:
        """Freeze all weights but the scale and shift of every batch norm.

        Raises:
            UserError: there is no batch norm.
        """
        super().prepare(training)
        self.networks.requires_grad_(False)
        norms = [m for m in self.networks.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.affine]
        if not norms:
            raise UserError(
                f"tent trains the scale and shift of batch norm, and the network '{type(self.architecture).__name__}' "
                "has none: choose another, such as network.architecture=ganin"
            )
        self.updates = self.optimizer(*(norm.requires_grad_(True) for norm in norms))

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on the entropy of a batch of target images; see `Algorithm.step`."""
        assert batch.target_images is not None
        return {"entropy": descend(self.updates, self.entropy(self.logits(batch.target_images)))}
