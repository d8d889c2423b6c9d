"""Muon: against PyTorch's, on weights of convolutions, and beside AdamW."""

import torch
from torch import nn

from mnistm_da.adaptation.optimization.descent import Together, descend
from mnistm_da.adaptation.optimization.muon import Muon, hidden_weights, orthogonal


def test_singular_values_become_nearly_equal_and_singular_vectors_stay():
    torch.manual_seed(0)
    for shape in ((64, 288), (1152, 100)):
        matrix = torch.randn(shape) * torch.logspace(0, -1, shape[1])
        left, before, right = torch.linalg.svd(matrix, full_matrices=False)
        made = orthogonal(matrix)
        assert before.max() / before.min() > 4
        assert torch.linalg.svdvals(made).max() < 1.3
        assert torch.linalg.svdvals(made).min() > 0.5
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


def test_a_convolution_is_a_matrix_with_a_row_for_each_map_it_makes():
    torch.manual_seed(0)
    convolution, matrix = nn.Parameter(torch.randn(8, 4, 3, 3)), nn.Parameter(torch.empty(8, 36))
    matrix.data.copy_(convolution.detach().flatten(1))
    convolution.data = convolution.data.contiguous(memory_format=torch.channels_last)
    convolution.grad = torch.randn(8, 4, 3, 3)
    matrix.grad = convolution.grad.flatten(1)
    for weight in (convolution, matrix):
        Muon([weight], lr=0.1, weight_decay=0.0).step()
    assert torch.allclose(convolution.flatten(1), matrix, atol=1e-6)


def test_the_last_layer_biases_and_batch_norm_are_left_to_another_optimizer():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 5), nn.ReLU(), nn.Linear(5, 2)
    )
    hidden = hidden_weights(network)
    assert [tuple(weight.shape) for weight in hidden] == [(4, 3, 3, 3), (5, 16)]
    chosen = {id(weight) for weight in hidden}
    rest = [weight for weight in network.parameters() if id(weight) not in chosen]
    before = [weight.detach().clone() for weight in network.parameters()]
    both = Together(Muon(hidden, lr=0.01, weight_decay=0.0), torch.optim.AdamW(rest, lr=0.01))
    loss = nn.functional.cross_entropy(network(torch.rand(6, 3, 4, 4)), torch.tensor([0, 1, 0, 1, 0, 1]))
    assert descend(both, loss) == loss.detach()
    assert all(not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))
    both.zero_grad()
    assert all(weight.grad is None for weight in network.parameters())
