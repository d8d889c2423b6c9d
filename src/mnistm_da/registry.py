"""The names of all algorithms and networks, and where each lives. It imports nothing of the project.

So parameters can check names without knowing algorithms. Classes are named, not imported: listing the pipelines does
not import torch. `adaptation/registry.py` and `adaptation/networks/registry.py` give the classes.
"""

from dataclasses import dataclass
from typing import Literal

Family = Literal["bound", "divergence", "adversarial", "reconstruction", "normalisation", "self-training"]
"""The field's families, and ``bound`` for what adaptations are compared with. A few target labels are a setting, and
no family: see ``target_labels``."""


@dataclass(frozen=True)
class Entry:
    """Where an algorithm lives and what it is.

    Attributes:
        path: ``module:Class`` inside `adaptation/algorithms`.
        family: see `Family`.
        target_labels: ``none``: unsupervised; ``few``: trained on a few labelled target images, in one of the settings
            of `FewLabelsParams`; ``all``: on every target label.
        translates: the split whose images it makes other images of, if it does.
    """

    path: str
    family: Family
    target_labels: Literal["none", "few", "all"] = "none"
    translates: str | None = None

    @property
    def is_bound(self) -> bool:
        """Whether every adaptation is compared with it: those that read a few labels are not."""
        return self.family == "bound" and self.target_labels != "few"


ALGORITHMS: dict[str, Entry] = {
    "source_only": Entry("bounds:SourceOnly", "bound"),
    "target_only": Entry("bounds:TargetOnly", "bound", target_labels="all"),
    "mmd": Entry("mmd:MMD", "divergence"),
    "joint_mmd": Entry("mmd:JointMMD", "divergence"),
    "coral": Entry("coral:CORAL", "divergence"),
    "cdd": Entry("cdd:CDD", "divergence"),
    "wasserstein": Entry("wasserstein:Wasserstein", "divergence"),
    "rtn": Entry("rtn:RTN", "divergence"),
    "afn": Entry("afn:AFN", "divergence"),
    "dann": Entry("dann:DANN", "adversarial"),
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
    "mcc": Entry("mcc:MCC", "self-training"),
    "bnm": Entry("bnm:BNM", "self-training"),
    "atdoc": Entry("atdoc:ATDOC", "self-training"),
    "dirt_t": Entry("dirt_t:DIRTT", "self-training"),
    "self_training": Entry("self_training:SelfTraining", "self-training"),
    "source_few_labels": Entry("bounds:SourceOnly", "bound", target_labels="few"),
    "dann_few_labels": Entry("dann:DANN", "adversarial", target_labels="few"),
    "mmd_few_labels": Entry("mmd:MMD", "divergence", target_labels="few"),
    "drcn_few_labels": Entry("drcn:DRCN", "reconstruction", target_labels="few"),
    "mme": Entry("mme:MME", "adversarial", target_labels="few"),
}
"""Every algorithm by name. Adding one: a file in `adaptation/algorithms/`, and a line here."""

ARCHITECTURES = {
    "ganin": "ganin:Ganin",
    "compact": "compact:Compact",
}
"""Every network by name, for ``network.architecture``: ``module:Class`` inside `adaptation/networks`."""
