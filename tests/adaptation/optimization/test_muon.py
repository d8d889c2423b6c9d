"""Muon: against PyTorch's, on weights of convolutions, and beside AdamW."""

import pytest
import torch
from torch import nn

from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.adaptation.optimization.muon import Muon, orthogonal


def test_singular_values_become_nearly_equal_and_singular_vectors_stay():
    torch.manual_seed(0)
    for shape in ((64, 288), (1152, 100)):
        matrix = torch.randn(shape) * torch.logspace(0, -1, shape[1])
        left, before, right = torch.linalg.svd(matrix, full_matrices=False)
        made = orthogonal(matrix)
        assert before.max() / before.min() > 4
        assert torch.linalg.svdvals(made).max() < 1.21
        assert torch.linalg.svdvals(made).min() > 0.67
        in_its_directions = left.T @ made @ right.T
        assert torch.allclose(in_its_directions, in_its_directions.diag().diag(), atol=1e-3)


def test_three_steps_are_those_of_pytorch_in_its_lower_precision():
    torch.manual_seed(0)
    ours = nn.Parameter(torch.randn(48, 80))
    theirs = nn.Parameter(ours.detach().clone())
    optimizers = (
        Muon([ours], lr=0.01, weight_decay=0.1),
        torch.optim.Muon([theirs], lr=0.01, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
    )
    start = ours.detach().clone()
    for _ in range(3):
        ours.grad = torch.randn(48, 80)
        theirs.grad = ours.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    way = (theirs - start).norm()
    assert way > 0.1
    assert (ours - theirs).norm() < 0.02 * way


@pytest.mark.parametrize("maps", [8, 64], ids=["wide", "tall"])
def test_a_convolution_is_a_matrix_with_a_row_for_each_map_it_makes(maps):
    torch.manual_seed(0)
    stored = {"memory_format": torch.channels_last}
    convolution, matrix = nn.Parameter(torch.randn(maps, 4, 3, 3)), nn.Parameter(torch.empty(maps, 36))
    matrix.data.copy_(convolution.detach().flatten(1))
    convolution.data = convolution.data.contiguous(**stored)
    convolution.grad = torch.randn(maps, 4, 3, 3).contiguous(**stored)
    matrix.grad = convolution.grad.flatten(1)
    before = matrix.detach().clone()
    for weight in (convolution, matrix):
        Muon([weight], lr=0.1, weight_decay=0.0).step()
    assert torch.allclose(convolution.flatten(1), matrix, atol=1e-6)
    assert float((matrix - before).square().mean().sqrt()) == pytest.approx(0.1 * 0.2, rel=0.2)


def test_a_weight_without_a_gradient_stays():
    weight = nn.Parameter(torch.randn(4, 6))
    before = weight.detach().clone()
    Muon([weight], lr=0.1, weight_decay=0.5).step()
    assert torch.equal(weight, before)


def test_one_descent_is_a_step_of_each_optimizer():
    layers = [nn.Parameter(torch.ones(2, 3)), nn.Parameter(torch.ones(3))]
    both = [Muon(layers[:1], lr=0.1, weight_decay=0.0), torch.optim.SGD(layers[1:], lr=0.1)]
    for _ in range(2):  # gradients of the first step are forgotten in the second
        descend(both, layers[0].sum() + 2 * layers[1].sum())
        assert (layers[1].grad == 2).all()
    assert (layers[0] < 1).all()
    torch.testing.assert_close(layers[1].detach(), torch.full((3,), 1 - 2 * 0.2))
