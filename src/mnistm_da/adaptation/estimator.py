"""Adaptation from Python, without Kedro: arrays in, arrays out, by the conventions of scikit-learn.

The defaults are those of the pipelines' parameters, and so is the training: `train_described`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from mnistm_da.adaptation.algorithm import Arrays
from mnistm_da.adaptation.given_arrays import as_images, check_settings, divided, numbered
from mnistm_da.adaptation.models.checkpoints import pick
from mnistm_da.adaptation.models.description import Description
from mnistm_da.adaptation.models.inference import predict
from mnistm_da.adaptation.models.loading import load
from mnistm_da.adaptation.optimization import device as devices
from mnistm_da.adaptation.optimization.acceleration import with_precision
from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.adaptation.optimization.described import train_described, weights_checksum
from mnistm_da.adaptation.optimization.loop import Bar
from mnistm_da.adaptation.optimization.state import history, kept
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class, trained_in_order
from mnistm_da.domains.format import Format
from mnistm_da.errors import UserError
from mnistm_da.parameters import NetworkParams, TrainingParams


class DomainAdapter(ClassifierMixin, BaseEstimator):
    """A classifier of images that is trained on one domain with labels and on another one without.

    Images are ``(N, S, S)``, ``(N, S, S, 1 or 3)`` or ``(N, 1 or 3, S, S)``, ``uint8`` 0–255 or floating 0–1.

    Args:
        algorithm: a name in the registry, such as ``dann``; none of those that need target labels. One that starts from
            another's model has that trained first, with its defaults. Of the source-free ones, such as ``shot``, only
            that first training reads the source.
        params: the algorithm's own parameters; None: its defaults.
        network: what the networks look like, the keys of `NetworkParams`; None: the defaults.
        training: budget and optimizer, the keys of `TrainingParams`; None: the defaults. A batch is never larger than
            a training split.
        validation: share of the source images (0–1) that is held out, of each source by itself; `history_` has the
            accuracy on them.
        random_state: of initial weights, data order and the held-out images; same number, same result on a processor.
        device: see `resolve_device`.
        verbose: whether a progress bar is shown on a terminal.

    Attributes:
        classes_: ``(K,)``, the labels in order.
        history_: a dictionary per epoch; see `adaptation.optimization.loop.train`.
        model_: the trained model as named arrays; `adaptation.models.loading.load` makes the networks of it again.
        n_features_in_: numbers in an image.
        domains_: ``(M,)``, the sources in order; None where there is one.
    """

    def __init__(
        self,
        algorithm: str = "dann",
        *,
        params: dict[str, Any] | None = None,
        network: dict[str, Any] | None = None,
        training: dict[str, Any] | None = None,
        validation: float = 0.1,
        random_state: int = 0,
        device: str = "auto",
        verbose: bool = False,
    ) -> None:
        self.algorithm = algorithm
        self.params = params
        self.network = network
        self.training = training
        self.validation = validation
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    def fit(
        self, X: ArrayLike, y: ArrayLike, X_target: ArrayLike, domains: ArrayLike | None = None
    ) -> "DomainAdapter":  # scikit-learn's
        """Train on labelled source images and unlabelled target images.

        Args:
            X: source images.
            y: ``(N,)``, their labels: numbers or texts.
            X_target: target images, of the same side.
            domains: ``(N,)``, which of several sources each source image is from: numbers or texts. ``mdan`` uses it;
                the other algorithms take all sources as one. None: there is one source.

        Raises:
            UserError: images of another shape, fewer than two classes, not as many labels or domains as images. Or an
                algorithm that needs target labels, or a setting of a wrong type or range.
            pydantic.ValidationError: a parameter that is unknown, or of a wrong type or range; names it.
        """
        check_settings(self.get_params())
        source, target = self._read(X, y, X_target, domains)
        train, validation = divided(source, self.validation, int(self.random_state))
        data = TrainingData(train, validation, {"images": target})
        shape = max(source["images"].shape[1], target.shape[1]), target.shape[-1]
        algorithm_class(self.algorithm).Params.model_validate(self.params or {})  # before another one is trained for it
        model: Arrays = {}
        for name in trained_in_order(self.algorithm):
            params = (self.params or {}) if name == self.algorithm else {}
            rows, model = self._train(name, data, params, shape, start=model or None)
        self.history_, self.model_ = rows, model
        self.n_features_in_ = int(np.prod(source["images"].shape[1:]))
        self._trained = load(self.model_)
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Give the label of each image, ``(N,)``."""
        logits = self._logits(X)
        return self.classes_[logits.argmax(axis=1)]

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Give the probability of each class, ``(N, K)`` float32, in the order of ``classes_``."""
        return softmax(self._logits(X), axis=1)

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Give the features of each image, ``(N, F)`` float32: what the algorithms align."""
        check_is_fitted(self, "model_")
        return predict(self._trained, as_images(X, "X"), devices.use_device(self.device))[1]

    def _logits(self, images: ArrayLike) -> np.ndarray:
        check_is_fitted(self, "model_")
        return predict(self._trained, as_images(images, "X"), devices.use_device(self.device))[0]

    def _read(
        self, X: ArrayLike, y: ArrayLike, X_target: ArrayLike, domains: ArrayLike | None
    ) -> tuple[Arrays, np.ndarray]:
        """Give the arrays of the source, and the target images, as the training reads them; set classes and domains."""
        labels = column_or_1d(y, warn=True)
        check_classification_targets(labels)
        images, target = as_images(X, "X"), as_images(X_target, "X_target")
        if len(images) != len(labels):
            raise UserError(f"there are {len(images)} images, but {len(labels)} labels")
        if images.shape[2:] != target.shape[2:]:
            sides = images.shape[-1], target.shape[-1]
            raise UserError("source images have a side of {} pixels, target images one of {}".format(*sides))
        self.classes_, places = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise UserError(f"at least two classes are needed, but all labels are {self.classes_.tolist()[0]!r}")
        source = {"images": images, "labels": places.astype(np.int64)}
        self.domains_: np.ndarray | None = None
        if domains is not None:
            names, numbers = numbered(domains, len(images))
            if len(names) > 1:
                self.domains_, source["domains"] = names, numbers
        return source, target

    def _train(
        self,
        algorithm: str,
        data: TrainingData,
        params: dict[str, Any],
        shape: tuple[int, int],
        start: Arrays | None = None,
    ) -> tuple[list[dict[str, float]], Arrays]:
        """Give the history and the model of the last epoch, of images with these channels and this side."""
        make = algorithm_class(algorithm)
        if ALGORITHMS[algorithm].target_labels != "none":
            raise UserError(f"{algorithm} needs target labels, and is for the pipelines alone: choose another")
        device = devices.use_device(self.device)
        data = data.without_source() if ALGORITHMS[algorithm].source_free else data
        own = make.Params.model_validate(params)
        training = with_precision(own.adjusted(TrainingParams.model_validate(self.training or {})), make, device)
        batch = min(training.batch_size, *(len(split["images"]) for split in (data.source, data.target) if split))
        if batch < 2:  # batch norm needs as many
            raise UserError(
                "at least two images of each domain are needed to train on, besides those held out: add some"
            )
        made_with = Description(
            algorithm=algorithm,
            params=own.model_dump(),
            network=NetworkParams.model_validate(self.network or {}),
            format=Format(
                channels=shape[0],
                side=shape[1],
                classes=tuple(map(str, self.classes_)),
                sources=None if self.domains_ is None else tuple(map(str, self.domains_)),
            ),
            training=training.model_copy(update={"batch_size": batch}),
            seed=int(self.random_state),
            data=data.fingerprint(),
            checkpoints=1,
            start=weights_checksum(start) if start else None,
        )
        bar = devices.progress_bar if self.verbose else _no_bar
        cuda = range(torch.cuda.device_count()) if device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda):  # it is seeded, and the caller's generators stay as they are
            *_, last = train_described(made_with, data, device=device, progress_bar=bar, start=start)
        model = pick(kept(last) | made_with.as_arrays(), made_with.training.epochs, selected_by="last")
        return history(last), model

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags

    def __getstate__(self) -> Arrays:
        """Leave out the networks: they are made of the model again."""
        return {name: value for name, value in super().__getstate__().items() if name != "_trained"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            self._trained = load(self.model_)


def adapt(
    algorithm: str,
    source_images: ArrayLike,
    source_labels: ArrayLike,
    target_images: ArrayLike,
    *,
    source_domains: ArrayLike | None = None,
    **options: Any,
) -> DomainAdapter:
    """Train a classifier on labelled source images and unlabelled target images.

    Args:
        algorithm: a name in the registry, such as ``dann``.
        source_images: ``(N, S, S)``, ``(N, S, S, 1 or 3)`` or ``(N, 1 or 3, S, S)``, ``uint8`` 0–255 or floating 0–1.
        source_labels: ``(N,)``, numbers or texts.
        target_images: likewise, of the same side.
        source_domains: ``(N,)``, which of several sources each source image is from, for ``mdan``; see
            `DomainAdapter.fit`.
        options: see `DomainAdapter`.

    Returns:
        The trained classifier, with ``predict``, ``predict_proba``, ``score`` and ``transform``.
    """
    return DomainAdapter(algorithm, **options).fit(source_images, source_labels, target_images, source_domains)


@contextmanager
def _no_bar(steps: int) -> Iterator[Bar]:
    yield lambda description: None
