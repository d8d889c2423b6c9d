"""Private names of Kedro, kedro-datasets and kedro-viz: each is still there, and one module uses them.

A test that fails here after an upgrade names what moved, and the module to mend.
"""

import ast
from importlib import import_module
from importlib.metadata import version
from inspect import signature

import pytest
from kedro.config import OmegaConfigLoader
from kedro.framework.context import KedroContext
from kedro.io import Version
from kedro.pipeline.node import Node
from kedro_datasets.json import JSONDataset

import mnistm_da.kedro_private
import mnistm_da.viz.kedro_viz_private

KEDRO, VIZ = "kedro_private.py", "viz/kedro_viz_private.py"

OF_DATASETS = {
    "_exists_function",
    "_filepath",
    "_fs",
    "_get_load_path",
    "_get_save_path",
    "_get_versioned_path",
    "_glob_function",
    "_protocol",
    "_version",
}
"""What a versioned dataset has; `datasets/` may override these, beside ``_exists`` and ``_describe``, which it must."""

IMPORTED = [
    *(("kedro.framework.cli.utils", name, KEDRO) for name in ("_config_file_callback", "_split_load_versions")),
    ("kedro.framework.cli.utils", "_split_params", KEDRO),
    *(("kedro_datasets._typing", name, KEDRO) for name in ("HTMLPreview", "ImagePreview", "JSONPreview")),
    ("kedro_viz.api.apps", "create_api_app_from_project", VIZ),
    ("kedro_viz.server", "populate_data", VIZ),
    ("kedro_viz.integrations.kedro.data_loader", "load_data", VIZ),
    ("kedro_viz.integrations.deployment.local_deployer", "LocalDeployer", VIZ),
    ("kedro_viz.models.metadata", "NodeExtras", VIZ),
    ("kedro_viz.api.rest.responses.version", "get_static_version_response", VIZ),
    ("kedro_viz.api.rest.responses.metadata", "MetadataAPIResponse", VIZ),
    ("kedro_viz.api.rest.responses.metadata", "get_metadata_response", VIZ),
    ("kedro_viz.data_access", "data_access_manager", VIZ),
    ("kedro_viz.constants", "PIPELINE_EVENT_FULL_PATH", VIZ),
]


def moved(name, module):
    package = "kedro-viz" if module == VIZ else "kedro-datasets" if "kedro_datasets" in name else "kedro"
    return f"{package} {version(package)} has no `{name}`, or another one: mend src/mnistm_da/{module}"


@pytest.mark.parametrize(("module", "name", "used_in"), IMPORTED, ids=str)
def test_a_name_that_is_imported_is_there(module, name, used_in):
    try:
        found = getattr(import_module(module), name, None)
    except ImportError:
        found = None
    assert found is not None, moved(f"{module}.{name}", used_in)


@pytest.mark.parametrize("name", sorted(OF_DATASETS))
def test_a_versioned_dataset_has_what_is_read_of_it(name, tmp_path):
    dataset = JSONDataset(filepath=str(tmp_path / "a.json"), version=Version(None, "v1"))
    assert hasattr(dataset, name), moved(f"AbstractVersionedDataset.{name}", KEDRO)


def test_what_is_read_of_a_dataset_means_what_it_meant(tmp_path):
    private = mnistm_da.kedro_private
    dataset = JSONDataset(filepath=str(tmp_path / "a.json"), version=Version(None, "v1"))
    dataset.save([1])
    path = tmp_path / "a.json" / "v1" / "a.json"
    assert private.version_of(dataset) == Version(None, "v1"), moved("AbstractVersionedDataset._version", KEDRO)
    assert private.versioned_path(dataset, "v1") == path, moved("AbstractVersionedDataset._get_versioned_path", KEDRO)
    assert private.load_path(dataset) == path, moved("AbstractVersionedDataset._get_load_path", KEDRO)
    assert private.saved(dataset) == [path], moved("AbstractVersionedDataset._glob_function", KEDRO)
    assert private.place(dataset) == tmp_path / "a.json", moved("AbstractVersionedDataset._filepath", KEDRO)
    assert private.unwrapped(dataset.load)(dataset) == [1], moved("AbstractDataset.load.__wrapped__", KEDRO)
    private.move(dataset, tmp_path / "b.json")
    dataset.save([2])
    assert (tmp_path / "b.json" / "v1" / "b.json").exists(), moved("AbstractVersionedDataset._filepath", KEDRO)


def test_a_node_can_be_copied_with_a_preview():
    node = Node(len, "a", "b", name="n")
    assert hasattr(node, "_copy"), moved("Node._copy", KEDRO)
    made = mnistm_da.kedro_private.with_preview(node, dict)
    assert (made.name, made.func, made._preview_fn) == ("n", len, dict), moved("Node._preview_fn", KEDRO)


def test_the_loader_asks_for_its_files(tmp_path):
    name = "OmegaConfigLoader._initialise_filesystem_and_protocol"
    assert hasattr(OmegaConfigLoader, name.partition(".")[2]), moved(name, KEDRO)

    class Loader(mnistm_da.kedro_private.ConfigLoader):
        @staticmethod
        def files(conf_source):
            asked.append(conf_source)

    asked = []
    (tmp_path / "base").mkdir()
    Loader(str(tmp_path), base_env="base", default_run_env="base")
    assert asked == [str(tmp_path)], moved(name, KEDRO)


def test_a_context_makes_a_catalog_of_chosen_versions():
    made = getattr(KedroContext, "_get_catalog", lambda: None)
    assert "load_versions" in signature(made).parameters, moved("KedroContext._get_catalog", KEDRO)


def test_kedro_viz_has_its_page_and_answers():
    private = mnistm_da.viz.kedro_viz_private
    assert "<head>" in private.page(), moved("html/index.html", VIZ)
    assert version("kedro-viz") in private.version(), moved("get_static_version_response", VIZ)
    assert "package_compatibilities" in private.metadata(), moved("get_metadata_response", VIZ)
    assert private.events_file().endswith(".json"), moved("PIPELINE_EVENT_FULL_PATH", VIZ)


def test_private_names_are_used_in_one_module(root):
    own = {"os._exit", "frozen._trial_id"}  # Optuna has no other way to a trial that runs, by its number
    for path in (root / "src/mnistm_da").rglob("*.py"):
        place = path.relative_to(root / "src/mnistm_da").as_posix()
        if place in (KEDRO, VIZ) or place.split("/")[0] in ("adaptation", "domains"):  # these never import Kedro
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kedro"):
                names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
                assert not any(name.startswith("_") for name in names), f"{place}: {ast.unparse(node)}"
                assert names[0] != "kedro_viz", f"{place}: {ast.unparse(node)}"
            if not isinstance(node, ast.Attribute):
                continue
            assert node.attr != "__wrapped__", f"{place}: {ast.unparse(node)}"
            if node.attr.startswith("_") and not node.attr.startswith("__"):
                owner = ast.unparse(node.value)
                inside = owner in ("self", "cls", "super()") or owner[0].isupper() or owner[0] == "_"
                inside |= node.attr in ("_asdict", "_replace")  # of named tuples: public
                assert inside or ast.unparse(node) in own, f"{place}: {ast.unparse(node)}"


def test_our_datasets_use_no_more_of_kedros_than_is_listed(root, tmp_path):
    kedros = set(dir(JSONDataset(filepath=str(tmp_path / "a.json"), version=Version(None, "v1"))))
    for path in (root / "src/mnistm_da/datasets").glob("*.py"):
        used = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__")
        }
        assert used & kedros <= OF_DATASETS, path.name
