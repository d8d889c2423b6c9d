"""Domain adaptation on MNIST → MNIST-M as a reproducible Kedro project."""

__version__ = "0.1.0"
