"""A trained model and its scores: the newest that was trained here, else those that come with the package."""

from importlib import resources
from pathlib import Path
from typing import Any

from mnistm_da.hashes import content_hash

from .artifacts import ScoresDataset
from .crash_safe import CrashSafe
from .tensors import TensorsDataset

FOLDER = Path(str(resources.files("mnistm_da"))) / "shipped"
"""Files of the models that come with the package, by the names that they have in the catalog."""


class _OrShipped(CrashSafe):
    """Mixin that takes the file that comes with the package where none was made here; before the class.

    It is decided when the catalog is made. From then on, a shipped file is raw data: it has no version, and a record
    names its hash.

    Attributes:
        is_shipped: whether the file is the one that comes with the package.

    Args:
        shipped: whether it may be.
        settings: of the dataset class.
    """

    is_shipped = False

    def __init__(self, *, shipped: bool, **settings: Any) -> None:
        super().__init__(**settings)
        file = FOLDER / self._filepath.name
        if not shipped or self._version_before() or not file.is_file():
            return
        of_viz = {key: value for key, value in (settings.get("metadata") or {}).items() if key != "reads"}
        super().__init__(filepath=str(file), metadata=of_viz)  # type: ignore[call-arg]
        self.is_shipped, self.content = True, lambda: content_hash(file)


class ModelDataset(_OrShipped, TensorsDataset):
    """Weights of a trained model and its description, as `TensorsDataset` has them."""


class ModelScoresDataset(_OrShipped, ScoresDataset):
    """The scores of that model, as `ScoresDataset` has them: those that come with the package are of its model alone.

    Args:
        shipped: whether they may come with the package.
        model: the file of the model, as `ModelDataset` has it.
        settings: of the dataset class.
    """

    def __init__(self, *, shipped: bool, model: str, **settings: Any) -> None:
        where = {key: settings[key] for key in ("version", "credentials") if key in settings}
        super().__init__(shipped=ModelDataset(shipped=shipped, filepath=model, **where).is_shipped, **settings)
