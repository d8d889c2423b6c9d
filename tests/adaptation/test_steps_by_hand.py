"""Steps of algorithms beside the same step written by hand, after their papers and their authors' code."""

import pytest
import torch
from torch.nn import functional

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.gvb import GVB
from mnistm_da.adaptation.algorithms.mcd import MCD
from mnistm_da.adaptation.algorithms.rotation import Rotation, turned
from mnistm_da.adaptation.algorithms.symnets import SymNets
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.networks.forward import as_input
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams
from training_data import DATA

LABELS = torch.arange(16) % 10
SOURCE, TARGET = (as_input(torch.from_numpy(DATA.target["images"][part])) for part in (slice(16, 32), slice(16)))


def two_alike(algorithm_class, **params):
    """Make an algorithm twice, without dropout: one to do a step, one to do it by hand."""
    network = NetworkParams(dropout=0.0)
    pair = [loading.build(algorithm_class, params, network, DIGITS, seed=0) for _ in range(2)]
    for one in pair:
        one.prepare(TrainingParams())
        one.networks.train()
        for module in one.networks.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
    return pair


def gradients(algorithm):
    """Give what the last step took down, by name; 0 where nothing was."""
    named = algorithm.networks.named_parameters()
    return {name: torch.zeros_like(one) if one.grad is None else one.grad.clone() for name, one in named}


def assert_same_gradients(ours, expected):
    """And each of these weights is some optimizer's."""
    found = gradients(ours)
    assert found.keys() == expected.keys()
    trained = {id(one) for optimizer in ours.optimizers for group in optimizer.param_groups for one in group["params"]}
    assert all(id(one) in trained for one in ours.networks.parameters())
    for name, gradient in found.items():
        torch.testing.assert_close(
            gradient, expected[name], rtol=1e-3, atol=1e-6, msg=lambda text, of=name: f"{of}: {text}"
        )


def reversed_by(coefficient):
    return lambda gradient: -coefficient * gradient


def test_a_step_of_mcd_weighs_the_discrepancy_alike_on_both_sides_from_the_first_on():
    """Without a ramp: steps A, B and 2 times C."""
    weight = 0.5
    ours, by_hand = two_alike(MCD, weight=weight, repeat=2)
    ours.step(Batch(SOURCE, LABELS, TARGET), progress=0.0)

    extract, heads = by_hand.feature_extractor, (by_hand.classifier, by_hand.second)
    of_features, of_heads = by_hand.optimizer(extract), by_hand.optimizer(*heads)

    def on_source():
        features = extract(SOURCE)
        return sum(functional.cross_entropy(head(features), LABELS) for head in heads)

    def discrepancy():
        features = extract(TARGET)
        one, other = (head(features).softmax(dim=1) for head in heads)
        return (one - other).abs().mean()

    descend([of_features, of_heads], on_source())
    descend([of_heads], on_source() - weight * discrepancy())
    for _ in range(2):
        descend([of_features], weight * discrepancy())
    expected = by_hand.networks.state_dict()
    for name, found in ours.networks.state_dict().items():
        torch.testing.assert_close(found, expected[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("progress", [0.0, 0.3])
def test_a_step_of_symnets_gives_classifiers_and_features_the_losses_of_the_paper(progress):
    """Probabilities over the classes of both domains, and their logarithms once."""
    ours, by_hand = two_alike(SymNets)
    ours.step(Batch(SOURCE, LABELS, TARGET), progress)

    heads, numbers = (by_hand.classifier, by_hand.second), torch.arange(16)
    joint = [
        torch.cat([head(features) for head in heads], dim=1)
        for features in (by_hand.features(SOURCE), by_hand.features(TARGET))
    ]
    source, target = (logits.softmax(dim=1) for logits in joint)
    of_classifiers = sum(functional.cross_entropy(joint[0][:, part], LABELS) for part in (slice(10), slice(10, 20)))
    of_classifiers = of_classifiers - source[:, :10].sum(dim=1).log().mean() - target[:, 10:].sum(dim=1).log().mean()
    category = -source[numbers, LABELS].log().mean() / 2 - source[numbers, LABELS + 10].log().mean() / 2
    confusion = -target[:, :10].sum(dim=1).log().mean() / 2 - target[:, 10:].sum(dim=1).log().mean() / 2
    classes = target[:, :10] + target[:, 10:]
    entropy = -(classes * classes.log()).sum(dim=1).mean()
    of_features = category + ramp(progress, 10.0) * (confusion + entropy)

    of_classifiers.backward(retain_graph=True)
    expected = gradients(by_hand)
    by_hand.networks.zero_grad()
    of_features.backward()
    expected |= {name: one for name, one in gradients(by_hand).items() if name.startswith("feature_extractor")}
    assert_same_gradients(ours, expected)


@pytest.mark.parametrize("progress", [0.0, 0.3])
def test_a_step_of_gvb_reverses_what_the_discriminator_learns_with_a_growing_coefficient(progress):
    """The discriminator and its bridge learn at full strength; sure images count more, and less sureness is learned."""
    ours, by_hand = two_alike(GVB)
    ours.step(Batch(SOURCE, LABELS, TARGET), progress)

    grown = ramp(progress, 10.0)
    hidden = [by_hand.classifier.hidden(by_hand.features(images)) for images in (SOURCE, TARGET)]
    bridge = torch.cat([by_hand.bridge(one) for one in hidden])
    logits = torch.cat([by_hand.classifier.last(one) for one in hidden]) - bridge
    probabilities = logits.softmax(dim=1)
    shown = probabilities * 1.0
    shown.register_hook(reversed_by(grown))
    of_layers = by_hand.discriminator.hidden(shown)
    its_bridge = by_hand.discriminator.bridge(of_layers)
    told = torch.sigmoid(by_hand.discriminator.last(of_layers) - its_bridge).squeeze(1)
    entropy = -(probabilities * probabilities.log()).sum(dim=1)
    entropy.register_hook(reversed_by(grown))
    sureness = torch.exp(-entropy)
    halves = [sureness[:16] / sureness[:16].sum().detach(), sureness[16:] / sureness[16:].sum().detach()]
    is_target = (torch.arange(32) >= 16).float()
    losses = functional.binary_cross_entropy(told, is_target, reduction="none")
    discrimination = (torch.cat(halves) * losses).sum() / 2
    classification = functional.cross_entropy(logits[:16], LABELS)
    (classification + discrimination + bridge.abs().mean() + its_bridge.abs().mean()).backward()
    assert_same_gradients(ours, gradients(by_hand))


def test_a_step_of_rotation_shows_both_domains_in_one_batch():
    """So batch norm leaves the difference between the domains, which the features have to lose."""
    ours, by_hand = two_alike(Rotation, weight=0.5)
    torch.manual_seed(3)
    ours.step(Batch(SOURCE, LABELS, TARGET), progress=0.0)

    torch.manual_seed(3)
    turns = torch.randint(4, (32,))
    classification = functional.cross_entropy(by_hand.logits(SOURCE), LABELS)
    told = by_hand.head(by_hand.features(turned(torch.cat([SOURCE, TARGET]), turns)))
    (classification + 0.5 * functional.cross_entropy(told, turns)).backward()
    assert_same_gradients(ours, gradients(by_hand))
