"""Raw files to checked arrays."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
