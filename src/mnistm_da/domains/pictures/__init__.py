"""A user's own pictures of digits: which files they are, what is in them, and where on them the digit is."""

from .find import PicturesError, find_pictures, shown
from .read import Pictures, read_pictures

__all__ = ["Pictures", "PicturesError", "find_pictures", "read_pictures", "shown"]
