"""Digits and photos to MNIST-M."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
