"""Every algorithm by name. Adding one: a file in `algorithms/`, a line here, an entry in the parameters.

Classes are named, not imported, so that listing the pipelines does not import torch.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from ..errors import UserError, unknown

if TYPE_CHECKING:
    from .algorithm import Algorithm


@dataclass(frozen=True)
class Entry:
    """Where an algorithm lives and what it is.

    Attributes:
        path: ``module:Class`` inside `algorithms`.
        family: the field's family, or ``bound`` for what adaptations are compared with.
        target_labels: ``none``: unsupervised; ``few``: trained on a few labelled target images, in one of the settings
            of `FewLabelsParams`; ``all``: on every target label.
        translates: the split whose images it makes other images of, if it does.
    """

    path: str
    family: str
    target_labels: Literal["none", "few", "all"] = "none"
    translates: str | None = None


ALGORITHMS: dict[str, Entry] = {
    "source_only": Entry("bounds:SourceOnly", "bound"),
    "target_only": Entry("bounds:TargetOnly", "bound", target_labels="all"),
    "mmd": Entry("mmd:MMD", "divergence"),
    "joint_mmd": Entry("mmd:JointMMD", "divergence"),
    "coral": Entry("coral:CORAL", "divergence"),
    "cdd": Entry("cdd:CDD", "divergence"),
    "wasserstein": Entry("wasserstein:Wasserstein", "divergence"),
    "sliced_wasserstein": Entry("sliced_wasserstein:SlicedWassersteinDiscrepancy", "divergence"),
    "afn": Entry("afn:AFN", "divergence"),
    "dann": Entry("dann:DANN", "adversarial"),
    "domain_confusion": Entry("domain_confusion:DomainConfusion", "adversarial"),
    "adda": Entry("adda:ADDA", "adversarial"),
    "cdan": Entry("cdan:CDAN", "adversarial"),
    "cdan_e": Entry("cdan:CDANE", "adversarial"),
    "mcd": Entry("mcd:MCD", "adversarial"),
    "vada": Entry("vada:VADA", "adversarial"),
    "gvb": Entry("gvb:GVB", "adversarial"),
    "symnets": Entry("symnets:SymNets", "adversarial"),
    "rtn": Entry("rtn:RTN", "adversarial"),
    "translation": Entry("translation:Translation", "reconstruction", translates="target_test"),
    "drcn": Entry("drcn:DRCN", "reconstruction", translates="target_test"),
    "pixelda": Entry("pixelda:PixelDA", "reconstruction", translates="source_test"),
    "adabn": Entry("adabn:AdaBN", "normalisation"),
    "mcc": Entry("mcc:MCC", "self-training"),
    "bnm": Entry("bnm:BNM", "self-training"),
    "atdoc": Entry("atdoc:ATDOC", "self-training"),
    "dirt_t": Entry("dirt_t:DIRTT", "self-training"),
    "self_training": Entry("self_training:SelfTraining", "self-training"),
    "source_few_labels": Entry("bounds:SourceOnly", "few-labels", target_labels="few"),
    "dann_few_labels": Entry("dann:DANN", "few-labels", target_labels="few"),
    "mmd_few_labels": Entry("mmd:MMD", "few-labels", target_labels="few"),
    "drcn_few_labels": Entry("drcn:DRCN", "few-labels", target_labels="few"),
    "mme": Entry("mme:MME", "few-labels", target_labels="few"),
}


def algorithm_class(name: str) -> type["Algorithm"]:
    """Import the class of an algorithm.

    Raises:
        UserError: there is no such algorithm; lists the known ones.
    """
    if name not in ALGORITHMS:
        raise UserError(unknown("algorithm", name, ALGORITHMS))
    module, class_name = ALGORITHMS[name].path.split(":")
    found: type[Algorithm] = getattr(import_module(f"{__package__}.algorithms.{module}"), class_name)
    return found
