"""Self-training: a teacher, the moving average of the student, labels the target.

After Tarvainen and Valpola, NeurIPS 2017 (arXiv 1703.01780), and French et al., ICLR 2018 (arXiv 1706.05208).
"""

from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..algorithm import Algorithm, Batch, descend
from ..hooked import AdaptationParams
from ..losses.class_balance import class_balance
from ..weighting import ramp


class SelfTrainingParams(AdaptationParams):
    """Parameters of self-training.

    Attributes:
        weight: of the pseudo-label term.
        balance: weight of the class balance beside it, 0 to leave it out.
        confidence: a pseudo-label counts where the teacher is at least so sure (0–1), and by how sure it is.
        momentum: of the teacher's moving average.
    """

    balance: float = Field(default=0.1, ge=0)
    confidence: float = Field(default=0.9, ge=0, le=1)
    momentum: float = Field(default=0.99, ge=0, lt=1)


class SelfTraining(Algorithm):
    """Cross-entropy on the source, and on the target with the teacher's labels weighted by its confidence.

    The student's target predictions are kept in balance as far as pseudo-labels count, or a teacher confirms its own
    mistakes until few classes are left. The saved model is the student.
    """

    Params = SelfTrainingParams
    params: SelfTrainingParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)
        self.student = nn.Sequential(self.feature_extractor, self.classifier)
        self.teacher = moving_average(self.student, self.params.momentum)
        self.memory["teacher"] = self.teacher

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step of the student and let the teacher follow; see `Algorithm.step`."""
        assert batch.target_images is not None
        with torch.no_grad():
            sure, labels = self.teacher(batch.target_images).softmax(dim=1).max(dim=1)
        counts = sure * (sure >= self.params.confidence)
        classification = F.cross_entropy(self.student(batch.source_images), batch.source_labels)
        logits = self.student(batch.target_images)
        pseudo_label = (counts * F.cross_entropy(logits, labels, reduction="none")).mean()
        confident_share = (counts > 0).float().mean()
        balance = confident_share * class_balance(logits)
        strength = self.params.weight * ramp(progress, self.params.ramp_speed)
        descend(self.updates, classification + strength * (pseudo_label + self.params.balance * balance))
        self.teacher.update_parameters(self.student)
        return {
            "classification": classification.detach(),
            "pseudo_label": pseudo_label.detach(),
            "class_balance": balance.detach(),
            "confident_share": confident_share,
        }


def moving_average(model: nn.Module, momentum: float) -> AveragedModel:
    """Make the exponential moving average of a model's weights and batch-norm statistics, in evaluation mode."""
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(momentum), use_buffers=True)
    return average.eval()
