"""Many algorithms and seeds, side by side, in one table."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
