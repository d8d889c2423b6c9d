"""The photos of BSDS500, from the original files."""

from typing import Any

from .base import RawFolder


class Bsds500Files(RawFolder):
    """The BSDS500 photos in the folder ``path``; loads what `load_bsds500` gives."""

    def _read(self) -> Any:
        from mnistm_da.domains.bsds500 import load_bsds500

        return load_bsds500(self._folder)

    def content(self) -> str:
        from mnistm_da.domains.bsds500 import manifest
        from mnistm_da.domains.raw_files import published

        return published(manifest())
