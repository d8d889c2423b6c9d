"""Raw sources: Kedro datasets that only load. What they read is verified by the library in `domains`.

Each source has a file, so that lineage can tell by imports whose code made what. A reader imports its base class from
`base`: an import from here counts as an import of all sources.
"""

from .base import RawDomain
from .bsds500 import Bsds500Files
from .mnist import MnistFiles
from .no_photos import NoPhotos
from .pictures import PictureFolder
from .sample import OtherPhotos, SampleDigits, SamplePhotos

__all__ = [
    "Bsds500Files",
    "MnistFiles",
    "NoPhotos",
    "OtherPhotos",
    "PictureFolder",
    "RawDomain",
    "SampleDigits",
    "SamplePhotos",
]
