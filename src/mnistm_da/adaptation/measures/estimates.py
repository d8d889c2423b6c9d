"""Estimates of the target accuracy that read no target label. How far to trust them: `estimate_errors`."""

import numpy as np
from scipy.special import entr


def estimated_accuracy(labels: np.ndarray, source: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Estimate how many target images a model classifies right, from labelled source images that it was not trained on.

    Args:
        labels: ``(Ns,)`` integers, places of the classes: of the source images.
        source: ``(Ns, K)`` floats 0–1, their predicted probabilities.
        target: ``(Nt, K)`` floats 0–1, those of the target images.

    Returns:
        ``atc`` and ``doc``: fractions 0–1.
    """
    correct = source.argmax(axis=1) == labels
    return {
        "atc": average_thresholded_confidence(correct, source, target),
        "doc": difference_of_confidences(correct, source, target),
    }


def average_thresholded_confidence(correct: np.ndarray, source: np.ndarray, target: np.ndarray) -> float:
    """Give the share of target images that are surer than a threshold: ATC (Garg et al., ICLR 2022, arXiv 2201.04234).

    The threshold is where as many source images are surer than it as are classified right. The negative entropy says
    how sure a prediction is, as the authors recommend. Probabilities are not calibrated before.

    Args:
        correct: ``(Ns,)`` bool, whether each source image is classified right.
        source: ``(Ns, K)`` floats 0–1, the source images' probabilities.
        target: ``(Nt, K)`` floats 0–1, the target images' probabilities.
    """
    known, unknown = (-entr(of.astype(np.float64)).sum(axis=1) for of in (source, target))
    surest_first = np.sort(known)[::-1]
    right = int(correct.sum())
    return float((unknown >= surest_first[right - 1]).mean()) if right else 0.0


def difference_of_confidences(correct: np.ndarray, source: np.ndarray, target: np.ndarray) -> float:
    """Give the source accuracy less the loss of mean confidence: DoC (Guillory et al., ICCV 2021, arXiv 2107.03315).

    The confidence is the largest probability. The authors fit a line to pairs of domains with labels; here it has the
    slope 1, as in Garg et al.

    Args:
        correct: ``(Ns,)`` bool, whether each source image is classified right.
        source: ``(Ns, K)`` floats 0–1, the source images' probabilities.
        target: ``(Nt, K)`` floats 0–1, the target images' probabilities.
    """
    loss = source.max(axis=1).mean(dtype=np.float64) - target.max(axis=1).mean(dtype=np.float64)
    return float(np.clip(correct.mean() - loss, 0, 1))
