"""Domains: raw_source, raw_target_images, raw_target_labels, raw_photos → source, target_images, target_labels, format.

Which pair it is says the catalog of an environment. Images and labels of the target come from different nodes, and from
different raw datasets, so that the graph itself shows what an unsupervised model can know.
"""

from kedro.pipeline import Pipeline, node

from mnistm_da.pipelines.ingestion.nodes import ingest_photos, ingest_source, ingest_target_labels, make_target_images

TARGET_LABELS = frozenset({"raw_target_labels", "target_labels"})
"""The datasets through which target labels come in: what has none of them among its ancestors has seen none."""


def read_domains() -> Pipeline:
    """Read, check and keep what the target's images are made from, and all else: the same for every seed."""
    return Pipeline(
        [
            node(ingest_source, ["raw_source", "params:target_classes"], ["source", "format"], name="ingest_source"),
            node(ingest_photos, ["raw_photos", "format"], "photos", name="ingest_photos"),
            node(ingest_target_labels, ["raw_target_labels", "format"], "target_labels", name="ingest_target_labels"),
        ],
        tags="ingestion",
    )


def create_pipeline() -> Pipeline:
    """Read both domains and make the target's images."""
    make = node(
        make_target_images,
        ["raw_target_images", "photos", "format", "params:synthesis", "params:seed"],
        "target_images",
        name="make_target_images",
    )
    return read_domains() + Pipeline([make], tags="ingestion")
