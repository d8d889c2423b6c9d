"""Ingestion: raw_digits, raw_photos → digits, format, photos."""

from kedro.pipeline import Pipeline, node

from .nodes import ingest_digits, ingest_photos


def create_pipeline() -> Pipeline:
    """Read, verify and keep the raw digits and photos."""
    return Pipeline(
        [
            node(ingest_digits, "raw_digits", ["digits", "format"], name="ingest_digits"),
            node(ingest_photos, ["raw_photos", "format"], "photos", name="ingest_photos"),
        ],
        tags="ingestion",
    )
