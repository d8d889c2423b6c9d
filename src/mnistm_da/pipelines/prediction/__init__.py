"""A user's own pictures, classified by a model that was trained before."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
