"""Prediction: a user's pictures, a trained model → user_predictions, contact_sheet."""

from kedro.pipeline import Pipeline, node

from .nodes import classify, plot_contact_sheet, read_images


def create_pipeline() -> Pipeline:
    """Classify the picture or the folder of pictures that ``images`` names, with the newest ``model``."""
    return Pipeline(
        [
            node(
                read_images, ["user_pictures", "params:predict", "params:pictures"], "user_images", name="read_images"
            ),
            node(
                classify,
                ["chosen_model", "user_images", "params:model", "params:predict", "params:pictures", "params:device"],
                "user_predictions",
                name="classify",
            ),
            node(plot_contact_sheet, ["user_images", "user_predictions"], "contact_sheet", name="plot_contact_sheet"),
        ],
        tags="prediction",
    )
