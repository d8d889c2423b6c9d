"""Domains to train, validation and test splits."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
