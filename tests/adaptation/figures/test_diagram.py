"""The drawn networks are the real ones: the layers seen in a step, against those of the modules."""

import re

import torch

from mnistm_da.adaptation.figures import diagram, flow
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams


def build(name, **own):
    return loading.build(algorithm_class(name), own, NetworkParams(), DIGITS, seed=0)


def test_dann_flows_as_in_its_paper():
    seen = flow.observe(build("dann"), "none")
    networks = [layer.network for layer in seen.layers]
    between = {(networks[a], networks[b]) for a, b in seen.edges if isinstance(a, int) and isinstance(b, int)}
    assert {(a, b) for a, b in between if a != b} == {
        ("feature_extractor", "discriminator"),  # through the reversal layer
        ("feature_extractor", "classifier"),
    }
    into = {(a, networks[b]) for a, b in seen.edges if isinstance(a, str)}
    assert into == {("source images", "feature_extractor"), ("target images", "feature_extractor")}
    losses = {(networks[a], b) for a, b in seen.edges if isinstance(b, str)}
    assert losses == {
        ("classifier", "classification"),
        ("discriminator", "source_domain"),
        ("discriminator", "target_domain"),
    }


def test_shapes_and_counts_are_those_of_the_networks():
    algorithm = build("dann", discriminator_width=32)
    seen = flow.observe(algorithm, "none")
    assert [layer.shape for layer in seen.layers if layer.network == "feature_extractor"] == [
        (3, 28, 28),
        (64, 12, 12),
        (800,),
    ]
    for name, network in algorithm.networks.items():
        drawn = sum(layer.parameters for layer in seen.layers if layer.network == name)
        assert drawn == sum(weight.numel() for weight in network.parameters())
    text = diagram.draw(build("dann", discriminator_width=32), "none")
    assert "discriminator · 25,729 parameters" in text  # 800 · 32 + 32, 2 · 32 of batch norm, 32 + 1
    assert "DANN: domain-adversarial training of neural" in text


def test_the_target_is_not_seen_by_the_lower_bound_and_its_labels_only_by_some():
    assert "target images" not in diagram.draw(build("source_only"), "none")
    assert "few labelled target images" in diagram.draw(build("source_only"), "few")
    assert "source images" not in diagram.draw(build("target_only"), "all")


def test_a_skip_connection_is_drawn():
    seen = flow.observe(build("translation", width=8), "none")
    out = [n for n, layer in enumerate(seen.layers) if layer.network == "to_source" and layer.shape == (3, 28, 28)]
    assert len([a for a, b in seen.edges if b == out[-1] and isinstance(a, int)]) == 2


def test_nothing_is_left_behind():
    before = len(torch.nn.modules.module._global_forward_hooks)
    flow.observe(build("vada"), "none")
    assert len(torch.nn.modules.module._global_forward_hooks) == before


def test_every_line_is_mermaid():
    lines = diagram.draw(build("drcn"), "few").splitlines()
    assert lines[0] == "flowchart TB"
    shapes = r'\w+(\["[^"]*"\]|\(\["[^"]*"\]\)|\{\{"[^"]*"\}\})(:::\w+)?'
    known = rf'  +({shapes}|subgraph \w+\["[^"]*"\]|end|\w+ --> \w+|classDef \w+ [\w:,#]+)'
    assert all(re.fullmatch(known, line) for line in lines[1:]), [x for x in lines[1:] if not re.fullmatch(known, x)]
