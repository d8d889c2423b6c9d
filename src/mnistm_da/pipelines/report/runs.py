"""The runs that a report can show: the saved results of each algorithm, and which of them belong together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mnistm_da.adaptation.models.description import Description, description
from mnistm_da.adaptation.registry import ALGORITHMS, Entry
from mnistm_da.datasets.saved import Saved
from mnistm_da.parameters import dotted

SavedParts = Mapping[str, Saved]

PARTS = (
    "predictions",
    "timing",
    "model",
    "judged",
    "training_curves",
    "validator_trust",
    "embedding",
    "translated",
)
"""The results of a run that are shown beside its scores."""


@dataclass(frozen=True)
class Run:
    """The newest scores of an algorithm, and the results that were saved on the way to them.

    Attributes:
        name: of the algorithm.
        metrics: its scores, see `evaluate`.
        parts: what belongs to these scores, by name; ``metrics`` is among them.
        newer: parts that are there but were made from something else than the scores were.
    """

    name: str
    metrics: dict[str, Any]
    parts: SavedParts
    newer: tuple[str, ...] = ()
    _loaded: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def entry(self) -> Entry:
        """What the algorithm is."""
        return ALGORITHMS[self.name]

    @property
    def is_scored(self) -> bool:
        """Whether the target had labels to score it by."""
        return self.metrics["target_test"]["accuracy"] is not None

    def load(self, part: str) -> Any:
        """Give the data of a part, or nothing where there is none."""
        if part not in self._loaded and part in self.parts:
            self._loaded[part] = self.parts[part].load()
        return self._loaded.get(part)

    def parameters(self) -> dict[str, Any]:
        """Give all parameters by dotted name: what the model was made with, and what the records of the parts name."""
        found: dict[str, Any] = {}
        for part in sorted(self.parts):
            found |= dotted(self.parts[part].record.get("parameters", {}))
        made_with = self.made_with()
        return found | (made_with.flat() if made_with else {})

    def made_with(self) -> Description | None:
        """Give what the model was made with; nothing where there is no model, or one of earlier code."""
        model = self.load("model")
        try:
            return description(model) if model else None
        except ValueError:
            return None

    def timing(self) -> dict[str, Any]:
        """Give ``seconds`` of the training, of all its epochs, on the clock of the machine, and on which ``device``."""
        return self.load("timing") or {"seconds": None, "device": None}


def gather(saved: Mapping[str, SavedParts]) -> tuple[list[Run], list[str]]:
    """Give the runs that have scores, and the names of algorithms of which only something else is saved."""
    begun = [name for name, parts in saved.items() if parts and "metrics" not in parts]
    return [_run(name, parts) for name, parts in saved.items() if "metrics" in parts], begun


def _run(name: str, parts: SavedParts) -> Run:
    """Take the newest scores, and what does not contradict them: the newest of the rest can be of a later run."""
    together, newer = {"metrics": parts["metrics"]}, []
    known = made_from(parts["metrics"])
    for part in PARTS:
        if part not in parts:
            continue
        own = made_from(parts[part]) | {f"{name}.{part}": parts[part].record.get("content")}
        if any(known.get(one, content) != content for one, content in own.items()):
            newer.append(part)
        else:
            together[part] = parts[part]
            known |= own
    return Run(name, parts["metrics"].load(), together, tuple(newer))


def made_from(part: Saved) -> dict[str, str | None]:
    """Give the content of every input by name, as the record names it."""
    return {name: made["content"] for name, made in part.record.get("inputs", {}).items()}


def is_of(part: Saved, data: SavedParts, *names: str) -> bool:
    """Whether a part was made from these datasets as they are now: only then are their pictures those it is about."""
    wanted = made_from(part)
    return all(name in data and wanted.get(name) == data[name].record.get("content") for name in names)
