"""MNIST, from the original files."""

from pathlib import Path
from typing import Any

from .base import RawDomain


class MnistFiles(RawDomain):
    """The four MNIST files in the folder ``path``; loads what `load_mnist` gives."""

    def __init__(self, *, path: str, **more: Any) -> None:
        super().__init__(**more)
        self._folder = Path(path)

    def _describe(self) -> dict[str, Any]:
        return {"folder": self._folder, "part": self._part}

    def read(self) -> dict[str, Any]:
        from mnistm_da.domains.mnist import load_mnist

        return load_mnist(self._folder)

    def content(self) -> str:
        from mnistm_da.domains.mnist import FILES
        from mnistm_da.domains.raw_files import published

        return published(dict(FILES.values()))

    def sizes(self) -> Any:
        """Give the `Sizes` of the data without reading it."""
        from mnistm_da.domains.mnist import SIZES

        return SIZES
