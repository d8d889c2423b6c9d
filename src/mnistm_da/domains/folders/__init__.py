"""A user's own pictures as two domains: a folder per class, or a table, and a folder without labels.

`survey` lists the pictures and refuses mistakes before any picture is decoded. `read_pictures` decodes them.
"""

from .places import Places
from .reading import read_pictures
from .survey import Survey, survey

__all__ = ["Places", "Survey", "read_pictures", "survey"]
