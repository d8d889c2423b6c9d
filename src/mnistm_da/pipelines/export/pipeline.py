"""Export: a trained model, *_test → exported_onnx, exported_program → export_check → model_card."""

from kedro.pipeline import Pipeline, node

from .nodes import check_export, export_model, write_model_card


def create_pipeline() -> Pipeline:
    """Export the newest ``model``, and check the files against it."""
    trained = ["chosen_model", "params:model"]
    files = ["exported_onnx", "exported_program"]
    return Pipeline(
        [
            node(export_model, trained, files, name="export_model"),
            node(
                check_export,
                [*trained, *files, "source_test", "target_test", "chosen_metrics"],
                "export_check",
                name="check_export",
            ),
            node(
                write_model_card,
                ["export_check", "chosen_metrics", "chosen_model", "params:model", "params:card"],
                "model_card",
                name="write_model_card",
            ),
        ],
        tags="export",
    )
