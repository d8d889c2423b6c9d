"""Raw files to the two domains: the door that every pair comes through."""

from mnistm_da.pipelines.ingestion.pipeline import TARGET_LABELS, create_pipeline, read_domains

__all__ = ["TARGET_LABELS", "create_pipeline", "read_domains"]
