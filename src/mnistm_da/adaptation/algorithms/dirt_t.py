"""DIRT-T: decision-boundary iterative refinement training with a teacher (ICLR 2018, arXiv 1802.08735)."""

from copy import deepcopy
from typing import Annotated, Any

import torch
from pydantic import Field
from pytorch_adapt.layers import EntropyLoss
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch, Splits
from mnistm_da.adaptation.algorithms.vada import VADA, ClusterParams, VADAParams
from mnistm_da.adaptation.losses.virtual_adversarial import virtual_adversarial_loss
from mnistm_da.adaptation.networks.averages import moving_average
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import TrainingParams
from mnistm_da.searched import Searched


class RefinementParams(ClusterParams):
    """Parameters of the refinement.

    Attributes:
        teacher_weight: of the divergence from the teacher, the paper's β; as large as ``target_weight``, as there.
        teacher_momentum: of the moving average that the teacher is taken from, before every epoch.
    """

    teacher_weight: Annotated[float, Searched(0.01, 1, log=True)] = Field(default=0.1, ge=0)
    teacher_momentum: float = Field(default=0.998, ge=0, lt=1)


class DIRTTRefinement(Algorithm):
    """DIRT-T's refinement alone, of a trained model: its boundary is moved out of dense regions of the target.

    Each step stays near a teacher, an average of earlier students: the natural gradient of the paper, approximated.
    The source is not looked at.

    When to use:
        Where a trained model is right on most of the target, and its boundary may still cross dense regions.
    """

    needs_exact_networks = True
    Params = RefinementParams
    params: RefinementParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.student = nn.Sequential(self.feature_extractor, self.classifier)

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.refinement = self.optimizer(self.student)
        self.entropy = EntropyLoss()
        self.average = moving_average(self.student, self.params.teacher_momentum)
        self.teacher = deepcopy(self.student).eval()
        self.memory["average"], self.memory["teacher"] = self.average, self.teacher

    def start_epoch(self, splits: Splits, progress: float) -> None:
        """Take the teacher anew from the average of the students."""
        if not self.average.n_averaged:
            self.average.update_parameters(self.student)  # the first one is a copy
        self.teacher.load_state_dict(self.average.module.state_dict())

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step of the refinement; see `Algorithm.step`."""
        images = batch.target_images
        assert images is not None
        with torch.no_grad():
            taught = self.teacher(images).softmax(dim=1)
        logits = self.student(images)
        terms = {
            "teacher": F.kl_div(logits.log_softmax(dim=1), taught, reduction="batchmean"),
            "entropy": self.entropy(logits),
            "target_vat": virtual_adversarial_loss(self.student, images, self.params.radius),
        }
        target = self.params.target_weight * (terms["entropy"] + terms["target_vat"])
        descend(self.refinement, self.params.teacher_weight * terms["teacher"] + target)
        self.average.update_parameters(self.student)
        return {f"refinement_{name}": term.detach() for name, term in terms.items()}


class DIRTTParams(VADAParams, RefinementParams):
    """DIRT-T's parameters: VADA's, and those of the refinement.

    Attributes:
        vada_share: share of the training that is VADA; the epochs that begin later refine on the target alone.
    """

    vada_share: float = Field(default=0.6, gt=0, lt=1)


class DIRTT(DIRTTRefinement, VADA):
    """VADA first; then the source is left, and the boundary is moved out of dense regions of the target.

    Each step stays near a teacher, an average of earlier students: the natural gradient of the paper, approximated.

    When to use:
        After `vada`, whose training it contains: where accuracy on the target is all that counts. The source is
        left in the end.
    """

    Params = DIRTTParams
    params: DIRTTParams
    is_refining = False

    def later_phase(self) -> tuple[str, float]:
        return "its refinement on the target", self.params.vada_share

    def start_epoch(self, splits: Splits, progress: float) -> None:
        """Begin the refinement once VADA is over."""
        self.is_refining = progress >= self.params.vada_share
        if self.is_refining:
            super().start_epoch(splits, progress)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step of VADA or of the refinement; see `Algorithm.step`."""
        phase = DIRTTRefinement if self.is_refining else VADA
        return phase.step(self, batch, progress)
