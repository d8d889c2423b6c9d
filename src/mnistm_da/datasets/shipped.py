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
        if shipped and not self._version_before():
            self._take_shipped(settings)

    def _take_shipped(self, settings: dict[str, Any]) -> None:
        file = FOLDER / self._filepath.name
        if not file.is_file():
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
        super().__init__(shipped=False, **settings)
        where = {key: settings[key] for key in ("version", "credentials") if key in settings}
        if ModelDataset(shipped=shipped, filepath=model, **where).is_shipped:
            self._take_shipped(settings)
