"""The code of the readers of raw data: a node that reads them is made from it too."""

import pickle
import sys
from inspect import CO_NEWLOCALS
from pathlib import Path
from types import CodeType

import pytest
import yaml
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog, MemoryDataset, Version
from kedro.pipeline import Pipeline
from PIL import Image

import mnistm_da
from mnistm_da.datasets.artifacts import JSONDataset
from mnistm_da.domains import folders
from mnistm_da.hooks.project import PACKAGE, UNTRACED
from mnistm_da.lineage.protocol import is_raw
from mnistm_da.lineage.status import status
from mnistm_da.lineage.trace import TraceRun
from mnistm_da.lineage.trace import code as code_of
from mnistm_da.pipeline_registry import register_pipelines
from mnistm_da.registry import DIGIT_SETS

PIPELINES = register_pipelines()
PIPELINE = PIPELINES["all"]
SEARCHED = PIPELINES["tune"].only_nodes("ingest_proxy_photos")
READING = [node for node in (PIPELINE + SEARCHED).nodes if any(name.startswith("raw_") for name in node.inputs)]
FOLDER = Path(mnistm_da.__file__).parent
MODULES = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py")}
PARAMETERS = {path for path in MODULES if path.startswith("parameters/")}


@pytest.fixture
def pair(tmp_path):
    """Two classes of six pictures each, and twelve pictures without labels."""
    for number in range(24):
        place = f"source/{'ab'[number % 2]}" if number < 12 else "target"
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 9), (number, 0, 0)).save(tmp_path / place / f"{number}.png")
    return tmp_path


@pytest.fixture
def catalog(root, pair):
    """Give the catalog of an environment, as a session of it makes it; of pictures, those of ``pair``."""
    bootstrap_project(root)

    def make(env, **params):
        given = {"source": str(pair / "source"), "target": str(pair / "target")} if env == "pictures" else {}
        with KedroSession.create(project_path=root, env=env, runtime_params=given | params) as session:
            return session.load_context().catalog

    return make


RAW = {"datasets/raw/base.py"}
PUBLISHED = {"domains/raw_files.py", "domains/download.py"}
MNIST = RAW | PUBLISHED | {"datasets/raw/mnist.py", "domains/mnist.py"}
SAMPLE = RAW | PUBLISHED | {"datasets/raw/sample.py", "domains/sample.py"}
PICTURES = RAW | {
    "datasets/picture_folders.py",
    *(f"domains/folders/{name}.py" for name in ("survey", "labels", "places", "reading")),
    *(f"domains/pictures/{name}.py" for name in ("decode", "fitting", "find")),
}
NAMED = RAW | PUBLISHED | {"datasets/digit_sets.py", "domains/digit_sets/__init__.py"}
SETS = {
    "mnist": {"domains/mnist.py"},
    "mnist_m": {"domains/mnist.py", "domains/bsds500.py", "domains/blending.py"},
    "mnist_sample": {"domains/sample.py"},
    "usps": {"domains/resizing.py"},
    "svhn": {"domains/resizing.py"},
    "optdigits": {"domains/resizing.py"},
    "synthetic_photos": {"domains/sample.py"},
}
NO_PHOTOS = RAW | {"datasets/raw/no_photos.py"}
CASES = [
    ("base", {}, {"domain": MNIST, "raw_photos": RAW | PUBLISHED | {"datasets/raw/bsds500.py", "domains/bsds500.py"}}),
    ("sample", {}, {"domain": SAMPLE, "raw_photos": SAMPLE}),
    ("pictures", {}, {"domain": PICTURES, "raw_photos": NO_PHOTOS}),
    *(
        (
            "digits",
            {"source": name, "target": name},
            {"domain": NAMED | {f"domains/digit_sets/{name}.py"} | more, "raw_photos": NO_PHOTOS},
        )
        for name, more in SETS.items()
    ),
]
"""Environment, parameters, and the files that read: source and target alike, and the photos."""

READERS = set().union(*(files for *_, readers in CASES for files in readers.values()))
ALWAYS = {"domains/blending.py"}
"""What the nodes import themselves, whatever the reader is."""

SAFE = {"storage/files.py", "lineage/records.py", "datasets/crash_safe.py", "kedro_private.py"}
"""What no reader's images depend on."""


def test_every_reader_of_the_configuration_is_looked_at(root, catalog):
    named = {path.parent.name for path in root.glob("conf/*/catalog_raw.yml")}
    assert named == {env for env, *_ in CASES}
    assert set(SETS) == set(DIGIT_SETS)
    in_files = [yaml.safe_load(path.read_text()) for path in root.glob("conf/*/catalog_raw.yml")]
    raw = {name.replace("{part}", part) for entries in in_files for name in entries for part in ("images", "labels")}
    assert raw - {"user_pictures"} == {name for node in READING for name in node.inputs if name.startswith("raw_")}
    assert all(is_raw(catalog("base").get(name)) for name in raw)


@pytest.mark.parametrize(("env", "params", "readers"), CASES, ids=[f"{e} {p.get('source', '')}" for e, p, _ in CASES])
def test_a_change_of_a_file_of_a_reader_makes_stale_what_reads_with_it(env, params, readers, catalog, change, tmp_path):
    raw, trace, stale_by = catalog(env, **params), TraceRun(PACKAGE, UNTRACED), {}
    for node in READING:
        change()
        here = DataCatalog({name: raw.get(name) for name in node.inputs if name.startswith(("raw_", "params:"))})
        for name in {"photos", "format"} & set(node.inputs):
            here[name] = MemoryDataset({})
        for name in node.outputs:
            here[name] = JSONDataset(filepath=str(tmp_path / f"{name}.json"), version=Version(None, "now"))
        trace.before_node_run(node, here, None)
        for name in node.outputs:
            here.save(name, [])
        trace.after_pipeline_run()
        assert why(node, here) == []
        change(*({*READERS, *SAFE} - ALWAYS))
        stale_by[node.name] = {reason.removeprefix("code changed in ") for reason in why(node, here)}
    of = {"ingest_photos": readers["raw_photos"], "ingest_proxy_photos": SAMPLE}
    assert stale_by == {node.name: of.get(node.name, readers["domain"]) - ALWAYS for node in READING}


def why(node, catalog) -> list[str]:
    [found] = status(Pipeline([node]), catalog, PACKAGE, UNTRACED)
    return found.why


@pytest.mark.parametrize(
    ("env", "params"),
    [
        ("sample", {}),
        ("pictures", {}),
        ("digits", {"source": "synthetic_photos", "target": "optdigits"}),
    ],
)
def test_what_runs_when_raw_data_are_read_is_in_the_fingerprint(env, params, catalog):
    """Independent of the source: a profiler looks at readers at work."""
    ran: set[CodeType] = set()

    def profile(frame, event, argument):
        if event == "call" and frame.f_code.co_flags & CO_NEWLOCALS:  # of functions alone
            ran.add(frame.f_code)

    raw = catalog(env, **params)
    for node in READING:
        ran.clear()
        sys.setprofile(profile)
        try:
            for name in node.inputs:
                if name.startswith("raw_"):
                    raw.get(name).load()
        finally:
            sys.setprofile(None)
        files = {Path(code.co_filename) for code in ran}
        seen = {path.relative_to(FOLDER).as_posix() for path in files if FOLDER in path.parents}
        assert seen
        assert not seen - set(code_of(node, raw, PACKAGE)) - PARAMETERS - {"registry.py", "terminal.py"}, node.name


def test_pictures_are_surveyed_once_in_a_session_and_anew_in_the_next(catalog, pair, monkeypatch):
    made, real = [], folders.survey
    monkeypatch.setattr(folders, "survey", lambda *how: made.append(how) or real(*how))

    def read():
        raw = catalog("pictures")
        for name in ("raw_source", "raw_target_images", "raw_target_labels"):
            domain = raw.get(name)
            domain.check()
            domain.sizes()
            domain.has_labelled_test()
            domain.content()
            domain.load()
        return raw

    first = read()
    assert len(made) == 1
    Image.new("RGB", (9, 9), (0, 99, 0)).save(pair / "source/a/new.png")
    again = read()
    assert len(made) == 2
    assert again.get("raw_source").content() != first.get("raw_source").content()
    first.release("raw_target_images")
    assert again.get("raw_source").content() == first.get("raw_source").content()
    assert len(made) == 3
    pickle.loads(pickle.dumps(first.get("raw_source"))).check()
    assert len(made) == 4, "a survey of a million files does not go to the workers with every task"
