"""What a trained algorithm makes of images: logits and features, accuracy, translated images."""

import numpy as np
import torch

from .algorithm import Algorithm, Arrays
from .networks import as_input


@torch.no_grad()
def predict(
    algorithm: Algorithm, images: np.ndarray, device: torch.device, batch_size: int = 250
) -> tuple[np.ndarray, np.ndarray]:
    """Forward images through a trained algorithm in evaluation mode.

    Args:
        algorithm: trained.
        images: ``(N, 1 or 3, 28, 28)`` uint8 0–255.
        device: where to compute.
        batch_size: images at a time; 250 are fastest on two cores, where 1,000 no longer fit into the caches.

    Returns:
        logits: ``(N, 10)`` float32.
        features: ``(N, 800)`` float32.
    """
    was_training = algorithm.networks.training
    algorithm.networks.to(device).to(memory_format=torch.channels_last).eval()
    logits, features = [], []
    for chunk in torch.from_numpy(images).split(batch_size):
        feature = algorithm.features(as_input(chunk.to(device)))
        logits.append(algorithm.classify(feature).cpu())
        features.append(feature.cpu())
    algorithm.networks.train(was_training)
    return torch.cat(logits).numpy(), torch.cat(features).numpy()


def accuracy(algorithm: Algorithm, split: Arrays, device: torch.device) -> float:
    """Share (0–1) of a labelled split that is classified right."""
    logits, _ = predict(algorithm, split["images"], device)
    return float((logits.argmax(axis=1) == split["labels"]).mean())


@torch.no_grad()
def translate(algorithm: Algorithm, images: np.ndarray, device: torch.device, batch_size: int = 250) -> np.ndarray:
    """Let an algorithm that has ``translate`` make other images of images, both ``(N, …, 28, 28)`` uint8 0–255."""
    algorithm.networks.to(device).to(memory_format=torch.channels_last).eval()
    made = [
        algorithm.translate(as_input(chunk.to(device))).mul(255).round().to(torch.uint8).cpu()  # type: ignore[attr-defined]
        for chunk in torch.from_numpy(images).split(batch_size)
    ]
    return torch.cat(made).contiguous().numpy()
