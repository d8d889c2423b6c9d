"""Checkpoints to one model, without a target label: one template for every algorithm."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
