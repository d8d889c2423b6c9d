"""Splits to a trained model: one template for every algorithm."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
