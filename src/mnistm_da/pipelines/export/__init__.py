"""A trained model as files for other programs, checked, with a model card."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
