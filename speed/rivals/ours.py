"""Our own DANN, by the training loop that `kedro run` uses; ``settings`` is the precision."""

from torch import nn

from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.parameters import TrainingParams
from speed.training import epoch

from .task import Task, run


def train(task: Task) -> tuple[nn.Module, nn.Module]:
    """Train in the default settings; no validation, as the rivals have none."""
    given = {"epochs": task.epochs, "batch_size": task.batch_size, "precision": task.settings}
    training = TrainingParams.model_validate(given)
    data = TrainingData({"images": task.source, "labels": task.labels}, {}, {"images": task.target})
    algorithm = epoch(data, training, task.seed)
    return algorithm.feature_extractor, algorithm.classifier


if __name__ == "__main__":
    run(train)
