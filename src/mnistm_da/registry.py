"""The names of all algorithms and networks, and where each lives. It imports nothing of the project.

So parameters can check names without knowing algorithms. Classes are named, not imported: listing the pipelines does
not import torch. `adaptation/registry.py` and `adaptation/networks/registry.py` give the classes.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Entry:
    """Where an algorithm lives and what it is.

    Attributes:
        path: ``module:Class`` inside `adaptation/algorithms`.
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
"""Every algorithm by name. Adding one: a file in `adaptation/algorithms/`, and a line here."""

ARCHITECTURES = {
    "ganin": "ganin:Ganin",
}
"""Every network by name, for ``network.architecture``: ``module:Class`` inside `adaptation/networks`."""
