"""Which files a node is made from: on a package made for it, and against what really runs in this one."""

import importlib
import sys
import textwrap
from functools import partial
from pathlib import Path

import pytest

from mnistm_da.lineage import code

MODULES = {
    "__init__": "from . import unrelated",
    "nodes": '''
        """Nodes."""
        from .losses import distance

        SIZE = 3

        def train(data):
            """Train."""
            from toy.networks import Network as Net
            return Net(SIZE).fit(distance(data))

        def other(data):
            return data
    ''',
    "plots": """
        import toy.figures

        def plot(data):
            return toy.figures.bars(data)
    """,
    "chosen": """
        from .parameters import SIZE
        from .registry import find

        def choose(name):
            return find(name)
    """,
    "losses": """
        def distance(a):
            # a comment
            return abs(a)
    """,
    "networks": """
        import math
        from . import base

        class Network(base.Base):
            def fit(self, x):
                return math.sqrt(x)
    """,
    "base": """
        class Base:
            def __init__(self, size):
                self.size = size
    """,
    "figures": """
        COLOUR = "red"

        def bars(data):
            return COLOUR
    """,
    "parameters": "SIZE = 1",
    "registry": """
        ALL = {"a": "toy.networks:Network", "b": "toy.other:Other", "c": "toy.other:More"}

        def classes():
            return ALL

        def find(name):
            return ALL[name]
    """,
    "other": "",
    "unrelated": "",
}


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A package ``toy`` on disk; gives a function that changes a module's text, and one that gives fingerprints."""
    folder = tmp_path / "toy"
    folder.mkdir()
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(str(tmp_path))

    def forget():
        for cached in (code._folder, code._file, code._read, code._relative, code._reached, code._content):
            cached.cache_clear()
        importlib.invalidate_caches()
        for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
            del sys.modules[name]

    def fresh(function="nodes.train", namespace=None):
        forget()
        module, _, name = function.partition(".")
        return code.fingerprint(getattr(importlib.import_module(f"toy.{module}"), name), "toy", namespace)

    def change(module, old, new):
        path = folder / f"{module}.py"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    yield change, fresh
    forget()


def test_a_node_is_made_from_all_that_its_module_imports_also_within_functions(toy):
    _, fresh = toy
    assert set(fresh("nodes.train")) == {"nodes.py", "losses.py", "networks.py", "base.py"}
    assert fresh("nodes.train") == fresh("nodes.other")
    assert set(fresh("plots.plot")) == {"plots.py", "figures.py"}


def test_bound_arguments_and_functions_of_elsewhere_change_nothing(toy):
    _, fresh = toy
    before = fresh("nodes.train")
    train = importlib.import_module("toy.nodes").train
    assert code.fingerprint(partial(partial(train), 3), "toy") == before
    assert code.fingerprint(textwrap.dedent, "toy") == {}


@pytest.mark.parametrize(
    ("module", "old", "new", "changed"),
    [
        ("losses", "abs(a)", "abs(a) + 1", {"losses.py"}),
        ("base", "size\n", "size + 1\n", {"base.py"}),
        ("nodes", "SIZE = 3", "SIZE = 4", {"nodes.py"}),
        ("nodes", "return data", "return [data]", {"nodes.py"}),
        ("losses", "# a comment", "# another", set()),
        ("nodes", '"""Train."""', '"""Train, again."""', set()),
        ("figures", '"red"', '"green"', set()),
        ("__init__", "unrelated", "other", set()),
    ],
)
def test_only_a_change_of_code_that_is_imported_counts(toy, module, old, new, changed):
    change, fresh = toy
    before = fresh()
    change(module, old, new)
    after = fresh()
    assert {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)} == changed


def test_a_data_file_counts_for_what_names_it_and_those_beside_it_too(toy, tmp_path):
    """A template, say, which may include the others."""
    change, fresh = toy
    style, other = (tmp_path / "toy" / name for name in ("style.css", "other.css"))
    for path in (style, other):
        path.write_text("red")
    assert not {"style.css", "other.css"} & set(fresh("plots.plot"))
    change("figures", '"red"', '"style.css"')
    before = fresh("plots.plot")
    assert {"style.css", "other.css"} < set(before)
    assert not {"style.css", "other.css"} & set(fresh())
    other.write_text("green")
    after = fresh("plots.plot")
    assert {name for name in after if after[name] != before[name]} == {"other.css"}


def test_a_registry_counts_as_what_it_names_for_the_namespace(toy):
    _, fresh = toy
    assert set(fresh("chosen.choose", "a")) == {"chosen.py", "registry.py", "networks.py", "base.py"}
    assert set(fresh("chosen.choose", "b")) == {"chosen.py", "registry.py", "other.py"}
    every = {"chosen.py", "registry.py", "networks.py", "base.py", "other.py"}
    assert set(fresh("chosen.choose")) == set(fresh("chosen.choose", "of another registry")) == every


@pytest.mark.parametrize(
    ("module", "old", "new", "changed"),
    [
        ("registry", "ALL = {", 'ALL = {"new": "toy.losses:New", ', {"every"}),
        ("registry", "toy.other:Other", "toy.other:More", {"b", "every"}),
        ("other", "", "X = 1", {"b", "c", "every"}),
        ("parameters", "SIZE = 1", "SIZE = 2", set()),
    ],
)
def test_neither_a_new_name_nor_a_new_default_makes_others_stale(toy, module, old, new, changed):
    change, fresh = toy
    namespaces = {"a": "a", "b": "b", "c": "c", "every": None}
    before = {name: fresh("chosen.choose", namespace) for name, namespace in namespaces.items()}
    change(module, old, new)
    assert {name for name in namespaces if fresh("chosen.choose", namespaces[name]) != before[name]} == changed


@pytest.mark.parametrize("algorithm", ["cdd", "dirt_t", "pixelda"])
def test_what_really_runs_in_a_training_is_in_its_fingerprint(algorithm):
    """Independent of the source: the files of this package whose functions a profiler sees at work."""
    from conftest import make_split
    from mnistm_da.domains.format import DIGITS
    from mnistm_da.parameters import NetworkParams, SelectionParams, TrainingParams
    from mnistm_da.pipeline_registry import register_pipelines

    node = next(n for n in register_pipelines()[algorithm].nodes if n.name == f"{algorithm}.train")
    package = Path(sys.modules["mnistm_da"].__file__).parent
    seen: set[str] = set()

    def profile(frame, event, argument):
        # What runs while a module is imported (the bodies of modules and classes) is not the function's.
        path = Path(frame.f_code.co_filename)
        if event == "call" and package in path.parents and frame.f_code.co_flags & 0x2:
            seen.add(path.relative_to(package).as_posix())

    split = make_split(40, channels=1, seed=0)
    target = {"images": make_split(40, channels=3, seed=1)["images"]}
    sys.setprofile(profile)
    try:
        params, training = {}, TrainingParams(epochs=2, batch_size=16)
        list(
            node.func(
                target,
                params,
                NetworkParams(),
                training,
                SelectionParams(),
                DIGITS.model_dump(),
                0,
                "cpu",
                False,
                lambda: None,
                split,
                split,
            )
        )
    finally:
        sys.setprofile(None)
    found = set(code.fingerprint(node.func, "mnistm_da", node.namespace))
    assert f"adaptation/algorithms/{algorithm}.py" in seen
    # Of parameters the values are recorded; the names of the registries count as what they choose. Log lines go to the
    # terminal, which makes nothing.
    beside = {path for path in seen - found if not path.startswith("parameters/")}
    assert beside <= {"registry.py", "terminal.py"}
    others = {f"adaptation/algorithms/{other}.py" for other in ("mmd", "gvb", "rtn", "mcd", "dann")}
    assert not others & found
