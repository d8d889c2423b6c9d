"""The pipelines of an environment whose target has no labels to train on."""

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines


class ChoosePipelines:
    """Leave out algorithms that learn from target labels where the environment's parameter `labelled_target` is false.

    Every command opens its environment before it takes pipelines from the registry: so all see the same.
    """

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Exchange the registered pipelines, if they are those of another environment."""
        try:
            wanted = context.config_loader["parameters"].get("labelled_target", True) is not False
        except Exception:  # the hook that checks parameters tells their mistakes
            return
        if ("target_only" in set(pipelines)) != wanted:  # `in pipelines` asks for it, which raises
            from mnistm_da.pipeline_registry import register_pipelines  # not above: listing commands needs none

            made = register_pipelines(labelled_target=wanted)
            pipelines.clear()
            pipelines.update(made)
