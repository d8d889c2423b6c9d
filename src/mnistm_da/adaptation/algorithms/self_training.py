"""Self-training: a teacher, the moving average of the student, labels the target.

After Tarvainen and Valpola, NeurIPS 2017 (arXiv 1703.01780), and French et al., ICLR 2018 (arXiv 1706.05208).
"""

from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.disturbance import disturb
from mnistm_da.adaptation.losses.class_balance import class_balance
from mnistm_da.adaptation.networks.averages import moving_average
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class SelfTrainingParams(AlgorithmParams):
    """Parameters of self-training.

    Attributes:
        weight: of the pseudo-label term.
        balance: weight of the class balance relative to it, 0 to leave it out.
        confidence: a pseudo-label counts where the teacher is at least so sure (0–1), and by how sure it is.
        momentum: of the teacher's moving average.
    """

    weight: Annotated[float, Searched(0.3, 30, log=True)] = Field(default=3.0, ge=0)
    balance: Annotated[float, Searched(0.0005, 0.5, log=True)] = Field(default=0.005, ge=0)
    confidence: Annotated[float, Searched(0.5, 0.99)] = Field(default=0.968, ge=0, le=1)
    momentum: float = Field(default=0.99, ge=0, lt=1)


class SelfTraining(Algorithm):
    """Cross-entropy on the source, and on the target the teacher's predictions, weighted by its confidence.

    Student and teacher see two perturbations of an image, each with dropout and the statistics of its batch. Their
    difference is squared, not logarithmic: a teacher that is sure and wrong does less harm. The class balance of the
    student's target predictions weighs as much as pseudo-labels count. The saved model is the student.

    When to use:
        Where most predictions on the target are right already: its mistakes are learned, too.
    """

    Params = SelfTrainingParams
    params: SelfTrainingParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.student = nn.Sequential(self.feature_extractor, self.classifier)

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)
        self.teacher = moving_average(self.student, self.params.momentum).train()
        self.memory["teacher"] = self.teacher

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step of the student and let the teacher follow; see `Algorithm.step`."""
        assert batch.target_images is not None
        with torch.no_grad():
            taught = self.teacher(disturb(batch.target_images)).softmax(dim=1)
        sure = taught.max(dim=1).values
        counts = sure * (sure >= self.params.confidence)
        classification = F.cross_entropy(self.student(disturb(batch.source_images)), batch.source_labels)
        logits = self.student(disturb(batch.target_images))
        pseudo_label = (counts * (logits.softmax(dim=1) - taught).square().mean(dim=1)).mean()
        confident_share = (counts > 0).float().mean()
        balance = confident_share * class_balance(logits)
        descend(self.updates, classification + self.params.weight * (pseudo_label + self.params.balance * balance))
        self.teacher.update_parameters(self.student)
        return {
            "classification": classification.detach(),
            "pseudo_label": pseudo_label.detach(),
            "class_balance": balance.detach(),
            "confident_share": confident_share,
        }
