"""An algorithm's own parameters, searched without a target label; then, on fresh seeds, what the search gained."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
