"""What a trained algorithm makes of images: logits and features, accuracy, translated images."""

import numpy as np
import torch

from mnistm_da.adaptation.algorithm import Algorithm, Arrays
from mnistm_da.adaptation.networks.forward import as_input
from mnistm_da.errors import UserError
from mnistm_da.parameters import Views


@torch.no_grad()
def predict(
    algorithm: Algorithm, images: np.ndarray, device: torch.device, batch_size: int = 250, views: Views | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Forward images through a trained algorithm in evaluation mode.

    Args:
        algorithm: trained.
        images: ``(N, 1 or C, S, S)`` uint8 0–255.
        device: where to compute.
        batch_size: images at a time; 250 are fastest on two cores, where 1,000 no longer fit into the caches.
        views: whose logits are averaged; None: the algorithm's own.

    Returns:
        logits: ``(N, K)`` float32.
        features: ``(N, F)`` float32.

    Raises:
        ValueError: the images are not of the format that the algorithm was made for.
    """
    _check_format(algorithm, images)
    was_training = algorithm.networks.training
    algorithm.networks.to(device).to(memory_format=torch.channels_last).eval()
    logits, features = [], []
    for chunk in torch.from_numpy(images).split(batch_size):
        shown = as_input(chunk.to(device), algorithm.format.channels)
        logit, feature = algorithm.logits_and_features(shown, views or algorithm.views)
        logits.append(logit.cpu())
        features.append(feature.cpu())
    algorithm.networks.train(was_training)
    return torch.cat(logits).numpy(), torch.cat(features).numpy()


@torch.no_grad()
def last_hidden(algorithm: Algorithm, features: np.ndarray) -> np.ndarray:
    """Give the last hidden units ``(N, H)`` float32 of features ``(N, F)`` float32, as `predict` gives them."""
    was_training = algorithm.networks.training
    algorithm.networks.eval()
    device = next(algorithm.networks.parameters()).device
    hidden: np.ndarray = algorithm.last_hidden(torch.from_numpy(features).to(device)).cpu().numpy()
    algorithm.networks.train(was_training)
    return hidden


def accuracy(algorithm: Algorithm, split: Arrays, device: torch.device, views: Views | None = None) -> float:
    """Share (0–1) of a labelled split that is classified right; arguments as `predict`'s."""
    logits, _ = predict(algorithm, split["images"], device, views=views)
    return float((logits.argmax(axis=1) == split["labels"]).mean())


@torch.no_grad()
def translate(algorithm: Algorithm, images: np.ndarray, device: torch.device, batch_size: int = 250) -> np.ndarray:
    """Let an algorithm that has ``translate`` make other images of images, both ``(N, …, S, S)`` uint8 0–255."""
    algorithm.networks.to(device).to(memory_format=torch.channels_last).eval()
    made = []
    for chunk in torch.from_numpy(images).split(batch_size):
        shown = as_input(chunk.to(device), algorithm.format.channels)
        made.append(algorithm.translate(shown).mul(255).round().to(torch.uint8).cpu())  # type: ignore[attr-defined]
    return torch.cat(made).contiguous().numpy()


def _check_format(algorithm: Algorithm, images: np.ndarray) -> None:
    wanted = algorithm.format
    if images.shape[1] not in (1, wanted.channels) or images.shape[2:] != wanted.shape[1:]:
        found = " × ".join(map(str, images.shape[1:]))
        raise UserError(f"the model is for images of {wanted.written()}, but these are {found}")
