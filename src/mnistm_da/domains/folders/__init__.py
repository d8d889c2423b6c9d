"""A user's own pictures as two domains: a folder per class, or a table, and a folder without labels.

`survey` looks at what there is and refuses what cannot be meant, before a picture is decoded; `read_pictures` decodes.
"""

from .places import Places
from .reading import read_pictures
from .survey import Survey, survey

__all__ = ["Places", "Survey", "read_pictures", "survey"]
