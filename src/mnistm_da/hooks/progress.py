"""How far a run is: a line when a node begins, and what there is to say when the run is stopped."""

import logging
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from mnistm_da.adaptation.registry import ALGORITHMS

logger = logging.getLogger(__name__)

STATES = frozenset(f"{name}.training_state" for name in ALGORITHMS)


class TellProgress:
    """Say which node begins, and remember it and its epochs.

    The workers of the ParallelRunner tell of their nodes; the process that started them remembers none.

    Attributes:
        node: that began last; None before the first one.
        epochs: of its training that are saved, and of how many; None outside of a training.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._numbers: dict[str, int] = {}
        self.node: str | None = None
        self.epochs: tuple[int, int] | None = None

    @hook_impl(trylast=True)  # after the checks that may refuse the run
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Number the nodes."""
        self.forget()
        self._numbers = {node.name: number for number, node in enumerate(pipeline.nodes, start=1)}

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """Say that a node begins: with its inputs, which may be downloaded."""
        if node.name == self.node:
            return
        self.node, self.epochs = node.name, None
        logger.info("%s%s", self.place("[{}/{}] "), node.name)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Note the epochs of a training."""
        if dataset_name in STATES:
            from mnistm_da.adaptation.models.description import description
            from mnistm_da.adaptation.optimization.state import history

            self.epochs = len(history(data)), description(data).training.epochs

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Nothing is under way any more."""
        self.forget()

    def place(self, form: str) -> str:
        """Write the number of the node and of all nodes; nothing in a worker that was not told of them."""
        number = self._numbers.get(self.node or "")
        return form.format(number, len(self._numbers)) if number else ""

    @property
    def is_running(self) -> bool:
        """Whether nodes are being run, by this process or by workers."""
        return bool(self._numbers)
