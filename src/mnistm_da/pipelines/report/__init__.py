"""One self-contained page of whatever has been run."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
