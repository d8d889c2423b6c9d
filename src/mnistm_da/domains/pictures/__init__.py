"""A user's own pictures of digits: find the files, decode them, and find the digit on each."""

from .find import PicturesError, find_pictures, shown
from .read import Pictures, read_pictures

__all__ = ["Pictures", "PicturesError", "find_pictures", "read_pictures", "shown"]
