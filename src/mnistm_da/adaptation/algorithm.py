"""The contract every algorithm keeps, and what the one training loop hands to it.

Shape legend: B images of each domain in a batch, C × S × S pixels, F features, K classes. C, S and K come with the data
(`Format`), F with the network; of digits and the network `ganin` they are 3, 28, 10 and 800.
One domain convention everywhere: source = 0, target = 1.
"""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.augmentation import views
from mnistm_da.adaptation.networks.registry import architecture_class
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.domains.format import Format
from mnistm_da.errors import UserError
from mnistm_da.parameters import AlgorithmParams, NetworkParams, TrainingParams, Views

with warnings.catch_warnings():
    # pytorch-adapt pins a torchmetrics that still imports pkg_resources, which warns that it is deprecated.
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
    import torchmetrics  # noqa: F401


Arrays = dict[str, np.ndarray]
"""Named arrays. Of a split: ``images`` (N, 1 or C, S, S) uint8 0–255 and perhaps ``labels`` (N,) int64.

Of several sources also ``domains`` (N,) int64, the number of each image's source: its place in `Format.sources`.
"""


@dataclass(frozen=True)
class Batch:
    """What one training step sees; a part the algorithm does not read is ``None``.

    Attributes:
        source_images: ``(B, C, S, S)`` float32 0–1; ``(0, C, S, S)`` in the training of source-free algorithms.
        source_labels: ``(B,)`` int64, from 0 to below K; likewise.
        target_images: ``(B, C, S, S)`` float32 0–1.
        target_labels: ``(B,)`` int64, of ``target_images``; only for algorithms trained on them.
        target_index: ``(B,)`` int64, which images of the target training split these are.
        source_domains: ``(B,)`` int64, which of several sources each source image is from, in `Format.sources`.
    """

    source_images: Tensor
    source_labels: Tensor
    target_images: Tensor | None = None
    target_labels: Tensor | None = None
    target_index: Tensor | None = None
    source_domains: Tensor | None = None


@dataclass(frozen=True)
class Splits:
    """The whole training splits, on the device, for algorithms that look at all of them between steps.

    Attributes:
        source_images: ``(Ns, 1 or C, S, S)`` uint8 0–255; none, in the training of source-free algorithms.
        source_labels: ``(Ns,)`` int64, from 0 to below K.
        target_images: ``(Nt, 1 or C, S, S)`` uint8 0–255, without labels.
    """

    source_images: Tensor
    source_labels: Tensor
    target_images: Tensor


class Algorithm(ABC):
    """A domain-adaptation algorithm: its networks, its optimizers, and one training step.

    The loop in `optimization/loop.py` owns device, seed, data order, learning-rate schedule, logging and checkpoints;
    an algorithm owns everything that happens inside a step. Its constructor makes the networks and nothing else, which
    is enough to use a trained model. What training needs besides is made by `prepare`.

    Args:
        params: the algorithm's own parameters.
        network: which architecture the networks have, and what they look like.
        format: of the images.

    Attributes:
        network: what the networks were made with; some algorithms change what they are given.
        architecture: makes networks, and knows how long their features are.
        classes: how many there are.
        views: of an image that is classified, see `NetworkParams`.
        networks: every network that is trained, by name; together they are saved as the model.
        optimizers: every optimizer, whose learning rates the loop schedules; none before `prepare`.
        memory: what training remembers besides, such as a teacher; kept when it is stopped, no part of the model.
    """

    Params: ClassVar[type[AlgorithmParams]] = AlgorithmParams
    reads_target: ClassVar[bool] = True
    """Whether a step looks at target images; the loop does not gather them otherwise."""
    needs_exact_networks: ClassVar[bool] = False
    """Whether lower precision or compiled networks would spoil it: its losses use derivatives or tiny differences."""

    training: TrainingParams
    start: "Algorithm | None" = None
    """A trained algorithm that this one starts from, see `take_up`."""

    def __init__(self, params: AlgorithmParams, network: NetworkParams, format: Format) -> None:
        self.params, self.format, self.classes, self.views = params, format, len(format.classes), network.views
        self.network = network
        self.architecture = architecture_class(network.architecture)(network, format)
        self.feature_extractor = self.architecture.feature_extractor()
        self.classifier = self.architecture.label_classifier()
        self.networks = nn.ModuleDict({"feature_extractor": self.feature_extractor, "classifier": self.classifier})
        self.optimizers: list[torch.optim.Optimizer] = []
        self.memory = nn.ModuleDict()

    def take_up(self, start: "Algorithm") -> None:
        """Start from a trained algorithm, where the registry names one (`Entry.starts_from`); called before `prepare`.

        Here: take the weights of the networks that both have. The networks of both are built alike.

        Raises:
            UserError: they are not.
        """
        self.start = start
        for name in self.networks.keys() & start.networks.keys():
            try:
                self.networks[name].load_state_dict(start.networks[name].state_dict())
            except RuntimeError as error:
                raise UserError(
                    "the saved model to start from has another network than the parameters (network.…) ask for: give "
                    f"those that it was trained with, or train it again ({error})"
                ) from error

    def prepare(self, training: TrainingParams) -> None:
        """Make what training needs besides the networks: optimizers, hooks, memory. The training loop alone calls it.

        Args:
            training: learning rate and weight decay of the optimizers.
        """
        self.training = training
        self.optimizers = []

    def begin(self, splits: Splits) -> None:  # noqa: B027
        """Make what depends on the splits' sizes, before the first step, and before stopped training is continued.

        Args:
            splits: the training splits; the target without labels.
        """

    def prepare_few_label_step(self) -> None:
        """Make what `few_label_step` needs, if there are labelled target images."""
        self.few_label_optimizer = self.optimizer(self.feature_extractor, self.classifier)

    def later_phase(self) -> tuple[str, float] | None:
        """Name what only runs in epochs that begin at a share of the training (0 < share < 1) or later, if anything."""
        return None

    def start_epoch(self, splits: Splits, progress: float) -> None:  # noqa: B027
        """Look at the whole splits before an epoch: cluster them, say. Most algorithms do not.

        What it sets must follow from the networks, the memory and ``progress``, so that it is the same after a stop.

        Args:
            splits: the training splits; the target without labels.
            progress: share of the training that is over, 0 ≤ progress < 1.
        """

    @contextmanager
    def at_checkpoint(self, splits: Splits) -> Iterator[None]:
        """Change the networks while the weights of an epoch are kept, where a model is more than trained weights.

        Afterwards, training goes on with the networks as they were. Most algorithms change nothing.

        Args:
            splits: the training splits; the target without labels.
        """
        yield

    @abstractmethod
    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one training step: losses, backward pass, optimizer step.

        Args:
            batch: images and labels of both domains.
            progress: share of the training that is over, 0 ≤ progress < 1.

        Returns:
            The named loss terms, each a detached scalar tensor on the device (no host sync here).
        """

    def few_label_step(self, images: Tensor, labels: Tensor) -> Tensor:
        """Do one step of cross-entropy on labelled target images, beside `step`, in the few-label settings.

        Args:
            images: ``(B, C, S, S)`` float32 0–1.
            labels: ``(B,)`` int64, from 0 to below K.

        Returns:
            The detached loss.
        """
        return descend(self.few_label_optimizer, F.cross_entropy(self.logits(images), labels))

    def features(self, images: Tensor) -> Tensor:
        """Features ``(N, F)`` of images ``(N, C, S, S)`` float32 0–1."""
        return self.feature_extractor(images)

    def logits(self, images: Tensor) -> Tensor:
        """Class logits ``(N, K)`` of images ``(N, C, S, S)`` float32 0–1; after training, their mean over the views."""
        return self.logits_and_features(images, "one" if self.networks.training else self.views)[0]

    def logits_and_features(self, images: Tensor, which: Views) -> tuple[Tensor, Tensor]:
        """Class logits ``(N, K)``, their mean over some views, and features ``(N, F)`` of the images themselves.

        Args:
            images: ``(N, C, S, S)`` float32 0–1.
            which: the views, see `NetworkParams`.
        """
        features = [self.features(view) for view in views(images, which)]
        logits = [self.classify(of_view) for of_view in features]
        return torch.stack(logits).mean(dim=0) if len(logits) > 1 else logits[0], features[0]

    def bottleneck(self) -> nn.Sequential:
        """Give the network from images to the hidden units in front of the classifier's last layer.

        Its weights are the same, not copies. Many papers align these units, and not the features of the convolutions.
        """
        return nn.Sequential(self.feature_extractor, self.classifier.hidden)

    def classify(self, features: Tensor) -> Tensor:
        """Class logits ``(N, K)`` of features ``(N, F)``."""
        return self.classifier(features)

    def last_hidden(self, features: Tensor) -> Tensor:
        """Hidden units ``(N, H)`` in front of the last layer of what `classify` uses, of features ``(N, F)``."""
        return self.classifier.hidden(features)

    def optimizer(
        self, *modules: nn.Module, momentum: float = 0.9, factor: float = 1.0, without: Sequence[Tensor] = ()
    ) -> torch.optim.Optimizer:
        """Make an AdamW over the modules' parameters and let the loop schedule its learning rate.

        Args:
            modules: whose parameters.
            momentum: AdamW's β₁ (0–1).
            factor: of ``training.learning_rate``.
            without: parameters that another optimizer trains.
        """
        others = {id(parameter) for parameter in without}
        made = torch.optim.AdamW(
            [parameter for module in modules for parameter in module.parameters() if id(parameter) not in others],
            lr=factor * self.training.learning_rate,
            betas=(momentum, 0.999),
            weight_decay=self.training.weight_decay,
        )
        self.optimizers.append(made)
        return made
