"""WDGRL: Wasserstein distance guided representation learning (Shen et al., AAAI 2018, arXiv 1707.01217)."""

from typing import Annotated, Any

from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.hooked import AdaptationParams
from mnistm_da.adaptation.losses.wasserstein import critic_distance, gradient_penalty
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import TrainingParams
from mnistm_da.searched import Searched


class WassersteinParams(AdaptationParams):
    """WDGRL's parameters.

    Attributes:
        weight: of the distance, the paper's λ.
        critic_steps: steps of the critic in each training step, the paper's n.
        penalty: weight of the gradient penalty, the paper's γ.
        critic_width: hidden units of the critic.
    """

    weight: Annotated[float, Searched(0.001, 10, log=True)] = Field(default=0.1, ge=0)
    critic_steps: Annotated[int, Searched(1, 10)] = Field(default=5, ge=1)
    penalty: Annotated[float, Searched(0.1, 100, log=True)] = Field(default=10.0, ge=0)
    critic_width: int = Field(default=100, ge=1)


class Wasserstein(Algorithm):
    """A critic estimates the Wasserstein-1 distance between the domains' features; the features make it small.

    When to use:
        Where the domains hardly overlap, so that a discriminator would always be right: the distance still has
        a gradient. The critic takes several steps in each training step.
    """

    needs_exact_networks = True
    Params = WassersteinParams
    params: WassersteinParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        width = self.params.critic_width
        # No batch norm: the penalty is on the gradient of each image alone.
        self.critic = nn.Sequential(nn.Linear(self.architecture.features, width), nn.ReLU(), nn.Linear(width, 1))
        self.networks["critic"] = self.critic

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)
        self.critic_updates = self.optimizer(self.critic)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do the critic's steps, then one of features and classifier; see `Algorithm.step`."""
        assert batch.target_images is not None
        source, target = self.features(batch.source_images), self.features(batch.target_images)
        penalty = self._teach_critic(source.detach(), target.detach())
        classification = F.cross_entropy(self.classify(source), batch.source_labels)
        distance = critic_distance(self.critic, source, target)
        strength = self.params.weight * ramp(progress, self.params.ramp_speed)
        descend(self.updates, classification + strength * distance)
        return {
            "classification": classification.detach(),
            "wasserstein_distance": distance.detach(),
            "gradient_penalty": penalty,
        }

    def _teach_critic(self, source: Tensor, target: Tensor) -> Tensor:
        for _ in range(self.params.critic_steps):
            penalty = gradient_penalty(self.critic, source, target)
            distance = critic_distance(self.critic, source, target)
            descend(self.critic_updates, self.params.penalty * penalty - distance)
        return penalty.detach()
