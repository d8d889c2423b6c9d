"""Typed parameters of the pipelines: what `conf/*/parameters_*.yml` and `--params` may say.

A model as the type hint of a ``params:`` input is checked by Kedro before any node runs. Free of torch and
Kedro, so that the command line starts quickly and the library can use it. The parameters of one algorithm
live in that algorithm's file.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from .errors import unknown
from .extras import check_extra
from .launchers import LAUNCHERS, NEEDS
from .registry import ALGORITHMS, ARCHITECTURES

OF_ENVIRONMENT = frozenset({"labelled_target"})
"""Parameters that no node reads: they say which pipelines an environment has."""

OF_HOOKS = frozenset({"tracking"})
"""Parameters that no node reads either: they change nothing of what is made, in whatever pipeline."""

PATHS = frozenset({"images", "source", "target", "target_test"})
"""Parameters that are paths, or names of domains."""

AS_TYPED = PATHS | {"target_classes", "benchmark.merge"}
"""Parameters whose values in ``--params`` are taken as typed, not read as YAML: paths, and names of classes."""

MAX_EPOCHS = 100_000
"""More were typed by mistake."""

Seed = Annotated[int, Field(strict=True, ge=0, lt=2**32)]
"""Of everything random: NumPy and scikit-learn take no other numbers."""


def _split(value: Any) -> Any:
    """Turn "dann mmd" into a list; a single number is one too."""
    return str(value).split() if isinstance(value, str | int) else value


def _split_names(value: Any) -> Any:
    """Turn "dann mmd" into a list of algorithms, and "all" into that of all there are."""
    words = _split(value)
    return list(ALGORITHMS) if words == ["all"] else words


def _split_numbers(value: Any) -> Any:
    """Turn "0 1 2" into a list of numbers; what is none stays as it is, to be refused by its name."""
    words = _split(value)
    if not isinstance(words, list):
        return words
    return [int(word) if isinstance(word, str) and word.lstrip("-").isdecimal() else word for word in words]


def _once(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _is_known(name: str) -> str:
    if name not in ALGORITHMS:
        raise ValueError(unknown("algorithm", name, ALGORITHMS))
    return name


def dotted(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give all values of nested dictionaries by the names that they have on the command line, ``training.epochs``."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= dotted(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


class Params(BaseModel):
    """Base of all parameter models: an unknown key is an error, and nothing changes them in a run."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class AlgorithmParams(Params):
    """Base of what a single algorithm can be told; its own are in its file.

    Attributes:
        epochs_factor: by which it is trained for longer than ``training.epochs``, or more briefly; None is 1.
    """

    epochs_factor: float | None = Field(default=None, gt=0, le=1000)

    def lengthened(self, training: "TrainingParams") -> "TrainingParams":
        """Give the training with its epochs multiplied by the factor, at least one."""
        return training.model_copy(update={"epochs": max(1, round(training.epochs * (self.epochs_factor or 1)))})


class SynthesisParams(Params):
    """How MNIST-M is blended.

    Attributes:
        threshold: a digit's pixel is stroke where it is greater than this (0–254).
    """

    threshold: int = Field(default=0, ge=0, le=254)


def _is_number_or_share(value: float) -> float:
    if value >= 1 and value != int(value):
        raise ValueError(f"{value} is neither a whole number of images nor a share below 1")
    return int(value) if value >= 1 else value


def _as_it_is(value: float) -> Any:
    return value


# A number of images is an int: Pydantic would write it into JSON as the float that it is declared as.
HeldOut = Annotated[float, Field(gt=0), AfterValidator(_is_number_or_share), PlainSerializer(_as_it_is)]


class SplittingParams(Params):
    """How the training images of each domain are divided; its test images are always its test images.

    Attributes:
        source_validation: source training images held out for validation; a number below 1 is a share of them.
        target_validation: target training images held out for (label-free) validation, likewise.
        digits: ``shared`` is the standard protocol: every training image of both domains is used, where the target is
            made of the source's digits too; ``disjoint`` gives each domain its own half of such digits.
    """

    source_validation: HeldOut = 5000
    target_validation: HeldOut = 5000
    digits: Literal["shared", "disjoint"] = "shared"


def _is_architecture(name: str) -> str:
    if name not in ARCHITECTURES:
        raise ValueError(unknown("network", name, list(ARCHITECTURES)))
    return name


ArchitectureName = Annotated[str, AfterValidator(_is_architecture)]
"""One of `ARCHITECTURES` in `src/mnistm_da/registry.py`."""


class NetworkParams(Params):
    """What feature extractor and label classifier look like; the same for every algorithm.

    Attributes:
        architecture: one of `ARCHITECTURES` in `src/mnistm_da/registry.py`.
        views: of an image that is classified after training, whose logits are averaged: ``one``; ``shifted``: five, the
            image and it moved by a pixel each way; ``shifted_and_inverted``: six. Each costs a forward pass.
        instance_norm: normalise every input image's channels to zero mean and unit variance.
        dropout: share of the feature maps, and of the label classifier's hidden units, dropped in training (0–1).
        width: maps of the feature extractor's first convolution (`ganin`), or of its second (`compact`).
    """

    architecture: ArchitectureName = "ganin"
    views: Literal["one", "shifted", "shifted_and_inverted"] = "one"
    instance_norm: bool = True
    dropout: float = Field(default=0.5, ge=0, lt=1)
    width: int = Field(default=64, ge=1, le=4096)


class AugmentationParams(Params):
    """Random changes of training images, each image by itself. A value of zero switches a change off.

    Attributes:
        affine: standard deviation of what is added to each entry of an affine map's identity matrix.
        shift: by at most so many pixels each way.
        polarity: share of the images that are inverted (0–1).
        channel_order: share of the images whose channels are put in another order (0–1).
        noise: standard deviation of what is added to each pixel, of values 0–1.
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
        learning_rate: peak of AdamW's learning rate.
        weight_decay: AdamW's decoupled weight decay.
        warmup: share of the steps in which the learning rate rises linearly to its peak.
        decay: how it falls after that: a name in `adaptation/optimization/schedule.py`.
        precision: ``float32``, or ``bfloat16`` for what the networks compute; weights, losses and optimizer stay in
            float32. ``bfloat16`` is not for algorithms that need exact networks (`Algorithm.needs_exact_networks`).
            ``auto``: bfloat16 where the device has instructions for it and the algorithm allows it, else float32.
        average: momentum of the exponential moving average of the weights (0–1), which is evaluated and kept in the
            place of the last weights; 0: the last ones are.
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


class FewLabelsParams(Params):
    """The settings between unsupervised and trained on every target label; for algorithms that are named for it.

    Attributes:
        setting: ``semi_supervised``: the labelled and all unlabelled images; ``supervised``: the labelled ones only.
        per_class: labelled target training images of each class, the field's k.
    """

    setting: Literal["semi_supervised", "supervised"] = "semi_supervised"
    per_class: int = Field(default=10, ge=1)

    def described(self) -> str:
        """Say it in the cell of a table."""
        return f"{self.per_class} of each class, {self.setting.replace('_', '-')}"


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


class BenchmarkParams(Params):
    """What the benchmark runs; on the command line with spaces: ``--params="benchmark.seeds=0 1 2"``.

    Attributes:
        algorithms: names in the registry, or ``all``; one that is named twice runs once.
        seeds: of every algorithm, 0 to 2³² − 1; one that is named twice runs once.
        merge: a folder of results of another machine, which are taken over before anything is run; see `merge.py`.
    """

    algorithms: Annotated[
        list[Annotated[str, AfterValidator(_is_known)]], BeforeValidator(_split_names), AfterValidator(_once)
    ] = Field(min_length=1)
    seeds: Annotated[list[Seed], BeforeValidator(_split_numbers), AfterValidator(_once)] = Field(min_length=1)
    merge: str | None = None


def _is_tunable(name: str) -> str:
    if ALGORITHMS[_is_known(name)].target_labels != "none" or ALGORITHMS[name].family == "bound":
        tunable = [one for one, entry in ALGORITHMS.items() if entry.target_labels == "none" and not entry.is_bound]
        raise ValueError(f"'{name}' is no unsupervised adaptation. Those are {', '.join(tunable)}")
    return name


PROXY = "proxy"
"""The score of a search that is the accuracy on a proxy target; all others are validators."""


class TuneParams(Params):
    """How an algorithm's own parameters are searched, without a target label.

    Attributes:
        algorithm: whose parameters; their ranges stand beside them, in the algorithm's file.
        trials: of the whole study; those that are recorded count, and are not run again.
        score: that is to be high: the name of a validator, or ``proxy``: the accuracy on a target whose labels are the
            source's, since it is made of the source's training digits over other photos.
        guard: a second validator: parameters whose score of it is lower than that of the parameters to begin with are
            not picked. None: no guard. Of no use with ``proxy``, and not looked at.
        guard_slack: by how much lower it may be, in the guard's own units.
        sampler: of Optuna: ``tpe``, ``gp`` or ``random``.
        pruner: of Optuna: ``median`` ends a training whose score is below the median of the earlier ones at the same
            epoch; ``none`` trains all to the end.
        at_once: trials that are chosen together, and run at the same time where the launcher can; None: as many as it
            has workers.
        fresh_seeds: with which the best parameters are run in the end, and those to begin with; not the seed of the
            search.
    """

    algorithm: Annotated[str, AfterValidator(_is_tunable)] = "mmd"
    trials: int = Field(default=20, ge=2, le=10_000)
    score: str = "im"
    guard: str | None = "source_accuracy"
    guard_slack: float = Field(default=0.01, ge=0)
    sampler: Literal["tpe", "gp", "random"] = "tpe"
    pruner: Literal["median", "none"] = "median"
    at_once: int | None = Field(default=None, ge=1, le=1024)
    fresh_seeds: Annotated[list[Seed], BeforeValidator(_split_numbers), AfterValidator(_once)] = Field(
        default=[1, 2, 3], min_length=1
    )


def _is_launcher(name: str) -> str:
    if name not in LAUNCHERS:
        raise ValueError(unknown("launcher", name, list(LAUNCHERS)))
    if name in NEEDS:
        check_extra(NEEDS[name], f"launcher '{name}'")
    return name


def _is_address(text: str) -> str:
    if not re.match(r"(tcp|tls|ws|wss|ucx)://.+", text):
        raise ValueError(f"'{text}' is no address: one has a protocol, a host and a port, as the scheduler prints it")
    return text


class LauncherParams(Params):
    """Where units are run, and how many at a time; on the command line, ``launcher=dask`` is ``launcher.name=dask``.

    Attributes:
        name: ``here``: in this process, one after the other; ``dask``: in processes, one unit at a time in each. The
            others are for ``dask`` alone.
        workers: processes that are started on this machine; None: as many as it has cores.
        threads: of a unit; None: of processes on this machine, their share of the cores; of a running scheduler, what
            ``OMP_NUM_THREADS`` says at the worker.
        scheduler: the address of a running scheduler, such as ``tcp://host:8786``; None: one is started here.
        resources: that a worker must have for a unit, such as ``{"GPU": 1}``; they are Dask's names and numbers. None:
            one GPU if ``device`` is one, else nothing.
        tls_ca: file of the authority that signed the certificates of scheduler and workers.
        tls_cert: file of the certificate that is shown to them.
        tls_key: file of its key.
    """

    name: Annotated[str, AfterValidator(_is_launcher)] = "here"
    workers: int | None = Field(default=None, ge=1, le=1024)
    threads: int | None = Field(default=None, ge=1, le=1024)
    scheduler: Annotated[str, AfterValidator(_is_address)] | None = None
    resources: dict[str, float] | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None

    @model_validator(mode="after")
    def _has_whole_tls(self) -> "LauncherParams":
        files = {"tls_ca": self.tls_ca, "tls_cert": self.tls_cert, "tls_key": self.tls_key}
        missing = [name for name, path in files.items() if not path]
        if 0 < len(missing) < len(files):
            raise ValueError(f"{' and '.join(missing)} must be named too, or no tls_… at all")
        for name, path in files.items():
            if path and not Path(path).is_file():
                raise ValueError(f"{name}: there is no file '{path}'")
        return self


def _is_tracking(name: str) -> str:
    if name not in TRACKING:
        raise ValueError(unknown("tracking", name, TRACKING))
    if name != "none":
        check_extra("tracking", f"tracking={name}")
    return name


TRACKING = ("none", "mlflow")


class TrackingParams(Params):
    """Where runs are told of while they are made; on the command line, ``tracking=mlflow`` is ``tracking.name=mlflow``.

    Attributes:
        name: ``none``, or ``mlflow``.
        uri: of MLflow's server, such as ``http://127.0.0.1:5000``; None: what ``MLFLOW_TRACKING_URI`` says.
        experiment: whose runs they become; it is made if it is not there.
    """

    name: Annotated[str, AfterValidator(_is_tracking)] = "none"
    uri: str | None = None
    experiment: str = Field(default="mnistm-da", min_length=1)


class PicturesParams(Params):
    """How a user's own pictures become two domains, in ``--env=pictures``.

    Attributes:
        side: height and width that they are brought to, in pixels.
        fit: how: ``pad``: all of a picture, with its aspect, and what is missing in the colour of its border; ``crop``:
            its central square; ``stretch``: all of it, without its aspect.
        test_share: share of the pictures that is held out for testing: of each class of the source, and of the target
            if ``target_test`` is not named.
    """

    side: int = Field(default=32, ge=16, le=256)
    fit: Literal["pad", "crop", "stretch"] = "pad"
    test_share: float = Field(default=0.2, gt=0, lt=1)


class PredictParams(Params):
    """How a user's own pictures are looked at.

    Attributes:
        crop: ``digit``: the digit is found on each and brought into MNIST's form, white on black, 20 pixels high or
            wide and centred; ``none``: the central square of each, in its colours; ``own``: as `PicturesParams` says,
            for models that were trained so.
        unsure_below: an answer is "unsure" where the confidence in it (0–1) is less than this.
            Checked on 240 synthetic photos of MNIST training digits, with a small DANN that saw none of them: 95 % were
            right, and so were 97 % of the answers with a confidence of at least 0.8. Of the wrong answers, 45 % were
            below it, and of the right ones 6 %.
    """

    crop: Literal["digit", "none", "own"] = "digit"
    unsure_below: float = Field(default=0.8, ge=0, le=1)


class TitleParams(Params):
    """What figures call the two domains."""

    source: str = "MNIST"
    target: str = "MNIST-M"


class CardParams(Params):
    """What model card and report say of the data.

    Attributes:
        source: what the source images are.
        target: what the target images are, and how they were made.
        licences: of what they were made from.
        demonstration: whether models of these data are small ones for show; see `measures.percent.demonstration`.
        environment: the Kedro environment that these data are of, for the commands that are printed; None: the default.
    """

    source: str
    target: str
    licences: list[str] = Field(min_length=1)
    demonstration: bool = False
    environment: str | None = None


TYPED: dict[str, type[Params]] = {
    "synthesis": SynthesisParams,
    "splitting": SplittingParams,
    "network": NetworkParams,
    "training": TrainingParams,
    "few_labels": FewLabelsParams,
    "selection": SelectionParams,
    "embedding": EmbeddingParams,
    "benchmark": BenchmarkParams,
    "launcher": LauncherParams,
    "tracking": TrackingParams,
    "tune": TuneParams,
    "pictures": PicturesParams,
    "predict": PredictParams,
    "titles": TitleParams,
    "card": CardParams,
}
"""The model of every top-level parameter that has one; an algorithm's own is at its class."""
