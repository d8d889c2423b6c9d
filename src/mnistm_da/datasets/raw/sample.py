"""The embedded digits and photos."""

from importlib.metadata import version
from typing import Any

from mnistm_da.hashes import text_hash

from .base import RawDomain, RawSource


class SampleDigits(RawDomain):
    """The embedded digits; loads what `load_sample_digits` gives."""

    def read(self) -> dict[str, Any]:
        from mnistm_da.domains.sample import load_sample_digits

        return load_sample_digits()

    def sizes(self) -> Any:
        """Give the `Sizes` of the data."""
        from mnistm_da.domains.sample import SIZES

        return SIZES

    def content(self) -> str:
        from mnistm_da.domains.sample import DIGITS_SHA256

        return DIGITS_SHA256


class SamplePhotos(RawSource):
    """The embedded photos; loads what `load_sample_photos` gives."""

    def _read(self) -> Any:
        from mnistm_da.domains.sample import load_sample_photos

        return load_sample_photos()

    def content(self) -> str:
        return _shipped("scikit-learn", "scikit-image")


class OtherPhotos(RawSource):
    """Photos that are not among the embedded ones; loads what `load_other_photos` gives."""

    def _read(self) -> Any:
        from mnistm_da.domains.sample import load_other_photos

        return load_other_photos()

    def content(self) -> str:
        return _shipped("matplotlib", "scikit-image")


def _shipped(*libraries: str) -> str:
    """Hash of the libraries' versions that the data ship in."""
    return text_hash(" ".join(f"{library} {version(library)}" for library in libraries))
