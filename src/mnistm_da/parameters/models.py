"""Parameters of a model: its networks, how it is trained and picked, and how it is used."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from mnistm_da.errors import unknown
from mnistm_da.registry import ARCHITECTURES

from .base import Params

MAX_EPOCHS = 100_000
"""More were typed by mistake."""


def _is_architecture(name: str) -> str:
    if name not in ARCHITECTURES:
        raise ValueError(unknown("network", name, list(ARCHITECTURES)))
    return name


ArchitectureName = Annotated[str, AfterValidator(_is_architecture)]
"""One of `ARCHITECTURES` in `src/mnistm_da/registry.py`."""


Views = Literal["one", "shifted", "shifted_and_inverted"]
"""Of an image that is classified; see `NetworkParams`."""


class NetworkParams(Params):
    """What feature extractor and label classifier look like; the same for every algorithm.

    Attributes:
        architecture: one of `ARCHITECTURES` in `src/mnistm_da/registry.py`.
        views: of an image that is classified after training, whose logits are averaged: ``one``; ``shifted``: five, the
            image and it moved by a pixel each way; ``shifted_and_inverted``: six. Each costs a forward pass.
        instance_norm: normalise every input image's channels to zero mean and unit variance.
        dropout: share of the feature maps, and of the label classifier's hidden units, dropped in training (0–1).
        width: maps of the feature extractor's first convolution (`ganin`), its second (`compact`) or its third (`vgg`).
    """

    architecture: ArchitectureName = "ganin"
    views: Views = "one"
    instance_norm: bool = True
    dropout: float = Field(default=0.5, ge=0, lt=1)
    width: int = Field(default=64, ge=1, le=4096)


class AugmentationParams(Params):
    """Random changes of training images, each image by itself. A value of zero switches a change off.

    Attributes:
        affine: standard deviation of the normal noise on each entry of an affine map's identity matrix.
        shift: by at most so many pixels each way.
        polarity: share of the images that are inverted (0–1).
        channel_order: share of the images whose channels are put in another order (0–1).
        noise: standard deviation of the normal noise on each pixel, of values 0–1.
        cutout: side in pixels of a square of one colour that is laid over each image.
    """

    affine: float = Field(default=0.0, ge=0, le=1)
    shift: float = Field(default=0.0, ge=0, le=100)
    polarity: float = Field(default=0.0, ge=0, le=1)
    channel_order: float = Field(default=0.0, ge=0, le=1)
    noise: float = Field(default=0.0, ge=0, le=1)
    cutout: int = Field(default=0, ge=0, le=1000)


class TrainingParams(Params):
    """The budget and the optimizer, the same for every algorithm, so that a comparison is side by side.

    Attributes:
        epochs: passes over the source training images, or over the target's where no source is read; an algorithm can
            have a multiple (`AlgorithmParams`).
        batch_size: images of each domain in a step.
        learning_rate: peak of the optimizer's learning rate; the optimizer is AdamW, and in some algorithms also Muon.
        weight_decay: its decoupled weight decay.
        warmup: share of the steps in which the learning rate rises linearly to its peak.
        decay: how it falls after that: a name in `adaptation/optimization/schedule.py`.
        precision: ``float32``, or ``bfloat16`` for what the networks compute; weights, losses and optimizer stay in
            float32. ``bfloat16`` is not for algorithms that need exact networks (`Algorithm.needs_exact_networks`).
            ``auto``: bfloat16 where the device has instructions for it and the algorithm allows it, else float32.
        average: momentum of the exponential moving average of the weights (0–1), which is evaluated and kept in the
            place of the last weights; 0: the last ones are. An algorithm can have its own.
        augmentation: of every image of both domains that a step sees.
        compile: let `torch.compile` make faster kernels of the networks on a GPU; not for algorithms that need exact
            networks.
    """

    epochs: int = Field(default=8, ge=1, le=MAX_EPOCHS)
    batch_size: int = Field(default=128, ge=2)
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=1e-2, ge=0)
    warmup: float = Field(default=0.1, ge=0, lt=1)
    decay: str = "cosine"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    average: float = Field(default=0.0, ge=0, lt=1)
    augmentation: AugmentationParams = AugmentationParams()
    compile: bool = False


class AlgorithmParams(Params):
    """Base of what a single algorithm can be told; its own are in its file.

    Attributes:
        epochs_factor: by which it is trained for longer than ``training.epochs``, or more briefly; None is 1.
        average: in place of ``training.average``, if not None.
    """

    epochs_factor: float | None = Field(default=None, gt=0, le=1000)
    average: float | None = Field(default=None, ge=0, lt=1)

    def adjusted(self, training: "TrainingParams") -> "TrainingParams":
        """Give the training as this algorithm has it: its epochs multiplied, at least one, and its own average."""
        average = training.average if self.average is None else self.average
        epochs = max(1, round(training.epochs * (self.epochs_factor or 1)))
        return training.model_copy(update={"epochs": epochs, "average": average})


LAST = "last"
"""The selection that looks at nothing."""


class SelectionParams(Params):
    """Which epoch's weights are the model, decided without a target label.

    Attributes:
        by: ``last`` epoch, or the validator whose highest score decides; see `adaptation/measures/validators.py`.
        checkpoints: evenly spaced epochs whose weights are kept and validated; the last always is.
        samples: validation images of each domain that the validators look at, at most.
    """

    by: str = LAST
    checkpoints: int = Field(default=10, ge=1)
    samples: int = Field(default=2000, ge=50)


EXTRACTOR: Final = "extractor"
"""The layer whose output the maps show by default."""


class EmbeddingParams(Params):
    """The two-dimensional maps of the features.

    Attributes:
        method: ``tsne``, ``umap`` or ``pca``.
        samples: test images of each domain whose features are kept and shown.
        perplexity: how many neighbours an image has, roughly: t-SNE's perplexity, UMAP's number of neighbours.
        layer: ``extractor``: the features that the classifier is given; Ganin et al. show them for MNIST → MNIST-M.
            ``hidden``: the units in front of the classifier's last layer, which have to tell the classes apart alone.
    """

    method: Literal["tsne", "umap", "pca"] = "tsne"
    layer: Literal["extractor", "hidden"] = EXTRACTOR
    samples: int = Field(default=1000, ge=10)
    perplexity: float = Field(default=30, gt=1)


class PredictParams(Params):
    """How a user's own pictures are looked at.

    Attributes:
        crop: ``digit`` finds the digit on each picture and brings it into MNIST's form: white on black, 20 pixels high
            or wide, and centred. ``none`` takes the central square of each, in its colours. ``own`` does as
            `PicturesParams` says, for models that were trained so.
        unsure_below: an answer is "unsure" where the confidence in it (0–1) is less than this.
            Checked on 240 synthetic photos of MNIST training digits, with a small DANN that saw none of them: 95 % of
            the answers were right. Of those with a confidence of at least 0.8, 97 % were right. Of the wrong answers,
            45 % were below it, and of the right ones 6 %. Of the champion's answers on MNIST-M's test images, 99.0 %
            are right, and 99.4 % of the surer ones. Of the wrong ones, 41 % were below it, and of the right ones 0.6 %.
    """

    crop: Literal["digit", "none", "own"] = "digit"
    unsure_below: float = Field(default=0.8, ge=0, le=1)
