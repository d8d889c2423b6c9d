"""Noisy student (Xie et al., CVPR 2020, arXiv 1911.04252): a student from scratch learns from a trained teacher."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import torch
from pydantic import Field, field_validator
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch, Splits
from mnistm_da.adaptation.algorithms.adamatch import WEAK
from mnistm_da.adaptation.augmentation import augment
from mnistm_da.adaptation.losses.alignment import ClassShares
from mnistm_da.adaptation.networks.averages import averaged, warming_average
from mnistm_da.adaptation.networks.forward import as_input, chunks
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.adaptation.optimization.muon import Muon
from mnistm_da.domains.format import Format
from mnistm_da.parameters import (
    AlgorithmParams,
    ArchitectureName,
    AugmentationParams,
    NetworkParams,
    TrainingParams,
    Views,
)
from mnistm_da.searched import Searched

MOVED = AugmentationParams(affine=0.12, shift=2.0, polarity=0.5, channel_order=1.0)
"""The noise that a student learns under. It has neither noise of pixels nor squares cut out: they are too much for a
small network (`docs/champion_settings.md`)."""


class NoisyStudentParams(AlgorithmParams):
    """Noisy student's parameters.

    Attributes:
        architecture: of the student; None: that of ``network.architecture``, which the teacher has.
        views: of an image that the student classifies after training; None: those of ``network.views``.
        first_confidence: a label of the trained teacher counts where it is at least so sure (0–1).
        taught_share: share of the training in which that teacher's labels are learned (0–1); later, those of the
            student's own moving average are.
        confidence: a label of that average counts where it is at least so sure (0–1).
        optimizer: ``adamw``, as the other algorithms have; ``muon``: Muon for the weights of all layers but the last,
            and AdamW for the rest. At a learning rate of 5e-3, it learns as much in half of the steps on the proxy
            target: `docs/champion_settings.md`.
        learning_rate_factor: of ``training.learning_rate``, for both.
        momentum: of that average, which is the model; the predicted classes' shares follow ten times as fast. Another
            average, ``average``, is refused.
        strong: the noise that half of the images of each domain are learned under.
    """

    architecture: ArchitectureName | None = None
    views: Views | None = None
    first_confidence: Annotated[float, Searched(0, 0.95)] = Field(default=0.6, ge=0, le=1)
    taught_share: Annotated[float, Searched(0, 1)] = Field(default=0.15, ge=0, le=1)
    confidence: Annotated[float, Searched(0.5, 0.99)] = Field(default=0.9, ge=0, le=1)
    optimizer: Literal["adamw", "muon"] = "adamw"
    learning_rate_factor: Annotated[float, Searched(0.3, 20, log=True)] = Field(default=1.0, gt=0)
    momentum: float = Field(default=0.998, ge=0, lt=1)
    strong: AugmentationParams = MOVED

    def adjusted(self, training: TrainingParams) -> TrainingParams:
        """Leave ``training.average`` to the teacher and the baselines."""
        return super().adjusted(training).model_copy(update={"average": 0.0})

    @field_validator("average")
    @classmethod
    def _no_other_average(cls, value: float | None) -> float | None:
        if value is not None:
            raise ValueError("the model is a moving average already: set its momentum")
        return value


class NoisyStudent(Algorithm):
    """Soft labels of the target from a trained model first, then from the student's moving average, under noise.

    The student may be larger than the teacher. Labels of the average are aligned to equal shares of the classes. The
    source is learned beside it. Of each domain, half of a batch is learned under the noise, and half almost clean. So
    the statistics of batch norm stay close to those of clean images, which the average labels. The networks are without
    dropout. The saved model is the moving average. Without a trained model, the average is the teacher from the
    beginning.

    When to use:
        After another adaptation that is right on most of the target, or to have a larger network than that one.
    """

    Params = NoisyStudentParams
    params: NoisyStudentParams

    def __init__(self, params: NoisyStudentParams, network: NetworkParams, format: Format) -> None:
        own = params.model_dump(include={"architecture", "views"}, exclude_none=True)
        super().__init__(params, network.model_copy(update={"dropout": 0.0} | own), format)
        self.student = nn.Sequential(self.feature_extractor, self.classifier)

    def take_up(self, start: Algorithm) -> None:
        """Take a teacher, and none of its weights."""
        self.start = start

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self._optimizers(self.params.learning_rate_factor)
        self.memory["teacher"] = self.teacher = warming_average(self.student, self.params.momentum)
        self.memory["shares"] = ClassShares(self.classes, max(0.0, 1 - 10 * (1 - self.params.momentum)))
        self.labels: Tensor | None = None

    def _optimizers(self, factor: float) -> list[torch.optim.Optimizer]:
        if self.params.optimizer == "adamw":
            return [self.optimizer(self.student, factor=factor)]
        last = self.classifier.last.weight
        matrices = [weight for weight in self.student.parameters() if weight.ndim > 1 and weight is not last]
        rest = self.optimizer(self.student, factor=factor, without=matrices)
        muon = Muon(matrices, factor * self.training.learning_rate, self.training.weight_decay)
        self.optimizers.append(muon)
        return [rest, muon]

    @torch.no_grad()
    def begin(self, splits: Splits) -> None:
        """Let the trained model label the whole target training split, once."""
        if self.start is None:
            return
        device = splits.target_images.device
        networks = self.start.networks.to(device).eval()
        images = (as_input(part, self.format.channels) for part in chunks(splits.target_images))
        self.labels = torch.cat([self.start.logits(part).softmax(dim=1) for part in images])
        networks.cpu()

    @contextmanager
    def at_checkpoint(self, splits: Splits) -> Iterator[None]:
        """Have the weights of the moving average."""
        with averaged(self.student, self.teacher):
            yield

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step of the student and let its average follow; see `Algorithm.step`."""
        assert batch.target_images is not None
        labels, counts = self._label(batch.target_images, batch.target_index, progress)
        logits = self.student(torch.cat([*self._noisy(batch.source_images), *self._noisy(batch.target_images)]))
        of_source, of_target = logits.tensor_split([len(batch.source_images)])
        classification = F.cross_entropy(of_source, batch.source_labels)
        pseudo_label = (counts * F.cross_entropy(of_target, labels, reduction="none")).mean()
        descend(self.updates, classification + pseudo_label)
        self.teacher.update_parameters(self.student)
        return {
            "classification": classification.detach(),
            "pseudo_label": pseudo_label.detach(),
            "confident_share": counts.mean(),
        }

    def _noisy(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Change the first half of the images weakly and the second strongly."""
        weak, strong = images.tensor_split(2)
        return augment(weak, WEAK), augment(strong, self.params.strong)

    @torch.no_grad()
    def _label(self, images: Tensor, index: Tensor | None, progress: float) -> tuple[Tensor, Tensor]:
        """Give the labels ``(B, K)``, as probabilities, and which of them count, ``(B,)`` of 0 and 1."""
        if self.labels is not None and progress < self.params.taught_share:
            labels, least = self.labels[index], self.params.first_confidence
        else:
            predicted = self.teacher(augment(images, WEAK)).softmax(dim=1)
            aligned = predicted / self.memory["shares"](predicted)
            labels, least = aligned / aligned.sum(dim=1, keepdim=True), self.params.confidence
        return labels, (labels.amax(dim=1) >= least).float()


class ChampionParams(NoisyStudentParams):
    """Noisy student's parameters, for a larger student; `docs/champion_settings.md` tells how they were set.

    Attributes:
        epochs_factor: it is trained for so many times as long as the others.
        architecture: of the student.
        views: of an image that the student classifies after training: the mean of five, in five times the time.
        optimizer: of the student.
        learning_rate_factor: of ``training.learning_rate``.
    """

    epochs_factor: float | None = Field(default=5.0, gt=0, le=1000)
    architecture: ArchitectureName | None = "vgg"
    views: Views | None = "shifted"
    optimizer: Literal["adamw", "muon"] = "muon"
    learning_rate_factor: Annotated[float, Searched(0.3, 20, log=True)] = Field(default=5.0, gt=0)


class Champion(NoisyStudent):
    """Noisy student after `dann`, with a larger student, the optimizer Muon and five times the epochs.

    When to use:
        Where the most accurate model is wanted and hours of training do not matter. What it has reached is in
        `docs/champion.md`.
    """

    Params = ChampionParams
    params: ChampionParams
