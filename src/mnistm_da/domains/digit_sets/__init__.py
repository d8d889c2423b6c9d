"""The sets of digits, a module each. All are brought to the format `DIGITS`.

A module has:

- ``load(raw)``: gives ``train_images``, ``train_labels``, ``test_images`` and ``test_labels``, as `domains.reading`
  says. ``raw`` is the folder of raw files; each set has a sub-folder of its name there, see `raw_folders`.
- ``content()``: gives a hash of what ``load`` gives, without loading.
- ``SIZES``: the numbers of images.
- ``origin()``, only if it is made from another set's images, in the same order: gives the content of that set.

Their names, titles and licences are in `mnistm_da/registry.py`.
"""

from importlib import import_module
from typing import Any

from ...errors import UserError, unknown
from ...registry import DIGIT_SETS


def digit_set(name: str) -> Any:
    """Give the module of a set.

    Raises:
        UserError: there is no such set; lists those that there are.
    """
    if name not in DIGIT_SETS:
        raise UserError(unknown("digit set", name, DIGIT_SETS))
    return import_module(f".{DIGIT_SETS[name].module}", __package__)
