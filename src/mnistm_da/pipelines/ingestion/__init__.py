"""Raw files to the two domains: the entrance of every pair."""

from mnistm_da.pipelines.ingestion.pipeline import TARGET_LABELS, create_pipeline, read_domains

__all__ = ["TARGET_LABELS", "create_pipeline", "read_domains"]
