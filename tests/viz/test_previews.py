"""What kedro-viz is told of every node, without a browser."""

import json

import pytest
from kedro.framework.startup import bootstrap_project
from kedro.pipeline.preview_contract import TextPreview

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.parameters import TYPED
from mnistm_da.pipeline_registry import register_pipelines

PIPELINES = register_pipelines()
NODES = {node.name: node for pipeline in PIPELINES.values() for node in pipeline.nodes}


def test_every_node_says_what_it_does_or_draws_its_network():
    for name, node in NODES.items():
        if name.endswith(".train"):
            assert node._preview_fn, name
            continue
        preview = node.preview()
        assert isinstance(preview, TextPreview), name
        assert preview.content.startswith(node.func.__doc__.splitlines()[0].replace("`", "")), name
        assert "`" not in preview.content, name


def test_every_parameter_is_explained_at_a_node():
    texts = [(node.inputs, node.preview().content) for name, node in NODES.items() if not name.endswith(".train")]
    for name in (*TYPED, *ALGORITHMS):
        read = [node for node in NODES.values() if f"params:{name}" in node.inputs]
        assert any(f"— {name} —" in text for _, text in texts) or not read, name
        assert all(f"— {name} —" in text for inputs, text in texts if f"params:{name}" in inputs), name


def test_every_command_of_kedro_viz_finds_its_pipeline(root):
    from mnistm_da.cli.run import _holding

    bootstrap_project(root)
    nothing = dict.fromkeys(("from_nodes", "to_nodes", "node_names", "to_outputs"), ())
    for node in NODES.values():
        by_node = _holding(nothing | {"to_nodes": [node.name]})
        by_output = _holding(nothing | {"to_outputs": node.outputs})
        assert by_node == by_output or node.name == "run_winner", "whose outputs are the benchmark's too"
        assert node in PIPELINES[by_node[0]].nodes
    assert _holding(nothing) == _holding(nothing | {"to_nodes": ["dann.train"]}) == ["dann"]
    assert _holding(nothing | {"to_nodes": ["mmd.train"]}) == ["mmd"]
    assert _holding(nothing | {"to_nodes": ["mmd.train", "vada.train"]}) == ["all"]
    assert _holding(nothing | {"to_nodes": ["classify"]}) == ["predict"]
    assert _holding(nothing | {"namespaces": ["vada"]}) == ["vada"]
    assert _holding(nothing | {"from_inputs": ["vada.model"]}) == ["vada"]
    assert _holding(nothing | {"tags": ["training"]}) == ["dann"]
    assert _holding(nothing | {"tags": ["divergence"]}) == ["all"]
    assert _holding(nothing | {"to_nodes": ["no such node"]}) == ["dann"], "which Kedro explains"


def test_colours_are_of_datasets_that_are_there(root):
    styles = json.loads((root / ".viz/styles.json").read_text())
    datasets = set().union(*(pipeline.datasets() for pipeline in PIPELINES.values()))
    assert styles.keys() <= datasets
    from mnistm_da.adaptation.figures.style import DOMAIN_COLOURS

    assert styles["source_test"]["fill"] == DOMAIN_COLOURS["source"]
    assert styles["target_train"]["fill"] == DOMAIN_COLOURS["target"]


@pytest.mark.parametrize("env", [None, "sample"])
def test_a_command_names_the_environment_that_is_shown(env):
    from mnistm_da.viz.page import in_env

    shown = in_env("""{"run_command":"kedro run --to-nodes='dann.train'"}""", env)
    assert json.loads(shown)["run_command"] == f"kedro run {'--env=sample ' if env else ''}--to-nodes='dann.train'"
