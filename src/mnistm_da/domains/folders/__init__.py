"""A user's own pictures as two domains: a folder per class, or a table, and a folder without labels.

`survey` lists the pictures and refuses mistakes before any picture is decoded. `decode_all` decodes them.
"""

from .places import Places
from .reading import decode_all
from .survey import Survey, survey

__all__ = ["Places", "Survey", "decode_all", "survey"]
