"""A hook that puts right what kedro-viz's Workflow view tells of nodes that are generators, as the trainings are."""

import inspect
import json
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.pipeline.node import Node

from . import kedro_viz_private


class TellWorkflow:
    """Correct the times and failures that kedro-viz wrote down.

    A generator works while its outputs are saved, and Kedro reports such a node as done before that. So kedro-viz would
    show an hour of training as a tenth of a second, and a failed training as a success.
    """

    _events: Path | None = None
    """The file that kedro-viz writes."""

    def __init__(self) -> None:
        self.before_pipeline_run()  # a worker of the ParallelRunner may be started without it

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Note where kedro-viz writes."""
        self._events = context.project_path / kedro_viz_private.events_file()
        self._before = self._written()

    @hook_impl
    def before_pipeline_run(self) -> None:
        """Forget the run before."""
        self._before, self._clock = self._written(), time.perf_counter()
        self._seconds: dict[str, float] = {}
        self._node: Node | None = None

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """Note whose turn it is."""
        self._node = node

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Start the clock."""
        self._node, self._clock = node, time.perf_counter()

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """Read the clock."""
        if inspect.isgeneratorfunction(node.func):
            self._seconds[node.name] = time.perf_counter() - self._clock

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        """Correct the times."""
        self._correct(None)

    @hook_impl(trylast=True)
    def on_pipeline_error(self, error: Exception) -> None:
        """Correct the times, and name the generator that broke."""
        self._correct(error)

    def _written(self) -> tuple[int, int] | None:
        """Give time and size of kedro-viz's file; they change when it is written. Nothing if there is none.

        Its time is compared with itself alone: a file's clock can be some milliseconds behind that of `time.time`.
        """
        if self._events is None or not self._events.exists():
            return None
        found = self._events.stat()
        return found.st_mtime_ns, found.st_size

    def _correct(self, error: Exception | None) -> None:
        # For a partial or parallel run kedro-viz writes nothing: a file that is there is of another run.
        if self._events is None or self._written() in (None, self._before):
            return
        events: list[dict[str, Any]] = json.loads(self._events.read_text(encoding="utf-8"))
        for event in events:
            if event["event"] == "after_node_run" and event["node"] in self._seconds:
                event["duration"] = self._seconds[event["node"]]
        broken = self._node
        if error and broken and inspect.isgeneratorfunction(broken.func):
            done = [event for event in events if event["event"] == "after_node_run" and event["node"] == broken.name]
            events += [_failure(event, error) for event in done]
        self._events.write_text(json.dumps(events, indent=2), encoding="utf-8")


def _failure(done: dict[str, Any], error: Exception) -> dict[str, Any]:
    return {
        "event": "on_node_error",
        "node": done["node"],
        "node_id": done["node_id"],
        "error": str(error),
        "timestamp": datetime.now(UTC).isoformat(),
        "traceback": "".join(traceback.format_exception(error)),
    }
