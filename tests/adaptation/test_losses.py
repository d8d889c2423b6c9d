"""Each loss against an independent NumPy computation; zero on equal samples; finite gradients."""

import numpy as np
import pytest
import torch
from pytorch_adapt.layers import CORALLoss, MMDLoss, SlicedWasserstein
from pytorch_adapt.layers.utils import get_kernel_scales
from torch import nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithms.cdd import cluster
from mnistm_da.adaptation.algorithms.mmd import MultiKernelMMD
from mnistm_da.adaptation.losses.adversarial import discrimination, realistic
from mnistm_da.adaptation.losses.class_balance import class_balance
from mnistm_da.adaptation.losses.contrastive import contrastive_domain_discrepancy
from mnistm_da.adaptation.losses.virtual_adversarial import virtual_adversarial_loss
from mnistm_da.adaptation.losses.wasserstein import critic_distance, gradient_penalty


def two_samples(shift=1.0, count=24, width=6, seed=0):
    rng = np.random.default_rng(seed)
    source = rng.normal(size=(count, width)).astype(np.float32)
    target = (rng.normal(size=(count, width)) + shift).astype(np.float32)
    return source, target


def tensors(*arrays):
    return tuple(torch.from_numpy(array) for array in arrays)


def squared_distances(a, b):
    return ((a[:, None].astype(float) - b[None]) ** 2).sum(axis=2)


def test_mmd_is_the_unbiased_estimate_of_five_kernels():
    source, target = two_samples()
    median = np.sort(squared_distances(source, source).ravel())[(24 * 24 - 1) // 2]  # torch takes the lower median

    def kernel(a, b):
        return np.mean([np.exp(-squared_distances(a, b) * 2.0**power / median) for power in (-2, -1, 0, 1, 2)], axis=0)

    off = 24 * 23
    within = [(k.sum() - np.trace(k)) / off for k in (kernel(source, source), kernel(target, target))]
    expected = sum(within) - 2 * kernel(source, target).mean()
    assert MultiKernelMMD(5)(*tensors(source, target)).item() == pytest.approx(expected, rel=1e-4)


def test_mmd_is_small_for_the_same_distribution_and_grows_with_the_shift():
    found = [MultiKernelMMD(5)(*tensors(*two_samples(shift, count=200))).item() for shift in (0, 0.5, 2)]
    assert abs(found[0]) < 0.01 < found[1] < found[2]


def test_mmd_of_identical_samples_is_what_its_unbiased_estimate_leaves_out():
    """−2/n of how far the mean kernel of different images is from one: zero for large samples."""
    source, _ = two_samples()
    median = np.sort(squared_distances(source, source).ravel())[(24 * 24 - 1) // 2]
    kernel = np.mean([np.exp(-squared_distances(source, source) * 2.0**p / median) for p in (-2, -1, 0, 1, 2)], axis=0)
    within = (kernel.sum() - 24) / (24 * 23)
    assert MultiKernelMMD(5)(*tensors(source, source)).item() == pytest.approx(-2 * (1 - within) / 24, rel=1e-4)


def test_coral_is_the_distance_of_the_covariances_over_four_d_squared():
    source, target = two_samples()
    target = target * 3
    expected = ((np.cov(source.T) - np.cov(target.T)) ** 2).sum() / (4 * 6**2)
    assert CORALLoss()(*tensors(source, target)).item() == pytest.approx(expected, rel=1e-4)
    assert CORALLoss()(*tensors(source, source)).item() == pytest.approx(0, abs=1e-9)


def test_sliced_wasserstein_is_that_of_sorted_projections():
    source, target = two_samples()
    torch.manual_seed(5)
    directions = torch.randn(6, 128).numpy()
    directions /= np.linalg.norm(directions, axis=0)
    expected = ((np.sort(source @ directions, axis=0) - np.sort(target @ directions, axis=0)) ** 2).mean()
    torch.manual_seed(5)
    assert SlicedWasserstein()(*tensors(source, target)).item() == pytest.approx(expected, rel=1e-4)
    assert SlicedWasserstein()(*tensors(source, source[::-1].copy())).item() == pytest.approx(0, abs=1e-9)


def test_contrastive_discrepancy_is_that_of_its_loops():
    source, target = two_samples()
    source_labels, target_labels = np.arange(24) % 3, np.arange(24) % 4 - 1  # −1: left out
    both = np.concatenate([source, target])
    mean = squared_distances(both, both).mean()

    def kernel(a, b):
        return np.mean([np.exp(-squared_distances(a, b) * 2.0**power / mean) for power in (-2, -1, 0, 1, 2)], axis=0)

    def pair(c, d):
        s, t = source[source_labels == c], target[target_labels == d]
        return kernel(s, s).mean() + kernel(t, t).mean() - 2 * kernel(s, t).mean()

    same = np.mean([pair(c, c) for c in range(3)])
    different = np.mean([pair(c, d) for c in range(3) for d in range(3) if c != d])
    found = contrastive_domain_discrepancy(*tensors(source, source_labels, target, target_labels), classes=10)
    assert found.item() == pytest.approx(same - different, rel=1e-4)


def test_contrastive_discrepancy_of_identical_samples_of_one_class_is_zero():
    source, labels = tensors(two_samples()[0], np.zeros(24, dtype=np.int64))
    assert contrastive_domain_discrepancy(source, labels, source, labels, classes=10).item() == pytest.approx(
        0, abs=1e-6
    )


def test_contrastive_discrepancy_without_a_common_class_is_zero_and_has_a_gradient():
    source, target = tensors(*two_samples())
    source.requires_grad_()
    labels = torch.zeros(24, dtype=torch.int64)
    found = contrastive_domain_discrepancy(source, labels, target, labels + 1, classes=10)
    assert found.item() == 0
    found.backward()
    assert torch.isfinite(source.grad).all()


def test_the_bandwidth_is_above_zero_where_most_images_are_alike():
    """Of two classes, or a frequent one, most predictions are the same: the median of their distances is zero."""
    source = torch.eye(3)[[0] * 20 + [1] * 3 + [2]].requires_grad_()
    target = torch.eye(3)[[1] * 20 + [0] * 4]
    for given in ((source, target), ([source, source], [target, target])):
        found = MultiKernelMMD(5)(*given)
        assert 0.1 < found.item() < 4
        [gradient] = torch.autograd.grad(found, source)
        assert torch.isfinite(gradient).all()


def test_it_is_pytorch_adapts_where_images_differ():
    source, target = tensors(*two_samples())
    theirs = MMDLoss(get_kernel_scales(low=-2, high=2, num_kernels=5), "quadratic")
    for given in ((source, target), ([source, source], [target, target])):
        assert torch.equal(MultiKernelMMD(5)(*given), theirs(*given))


def test_gradients_are_finite_even_where_images_coincide():
    source = tensors(two_samples()[0])[0].requires_grad_()
    labels = torch.arange(24) % 3
    for loss in (
        MultiKernelMMD(5)(source, source.detach()),
        CORALLoss()(source, 2 * source.detach()),
        CORALLoss()(source, source.detach()),
        SlicedWasserstein()(source, 2 * source.detach()),
        SlicedWasserstein()(source, source.detach()),
        contrastive_domain_discrepancy(source, labels, source.detach(), labels, classes=10),
    ):
        [gradient] = torch.autograd.grad(loss, source)
        assert torch.isfinite(gradient).all()


def test_critic_distance_and_penalty_of_a_linear_critic():
    """f(x) = w·x has gradient w everywhere: distance w·(mean difference), penalty (‖w‖ − 1)²."""
    source, target = tensors(*two_samples())
    critic = nn.Linear(6, 1)
    weight = critic.weight.detach().numpy()[0]
    expected = weight @ (source.mean(dim=0) - target.mean(dim=0)).numpy()
    assert critic_distance(critic, source, target).item() == pytest.approx(expected, abs=1e-5)
    assert gradient_penalty(critic, source, target).item() == pytest.approx((np.linalg.norm(weight) - 1) ** 2, rel=1e-4)


def test_no_image_is_of_a_class_that_the_source_has_not():
    centres = torch.eye(3)
    centres[1] = torch.nan
    assert set(cluster(F.normalize(torch.randn(50, 3) - 1), centres, kept=1.0).tolist()) <= {0, 2}


def test_clusters_are_found_and_far_images_left_out():
    rng = np.random.default_rng(0)
    centres = np.eye(10, 16)
    labels = np.repeat(np.arange(10), 20)
    points = centres[labels] + 0.1 * rng.normal(size=(200, 16))
    start = centres + 0.3 * rng.normal(size=centres.shape)
    unit = [torch.from_numpy(a / np.linalg.norm(a, axis=1, keepdims=True)) for a in (points, start)]
    np.testing.assert_array_equal(cluster(*unit, kept=1.0), labels)
    kept = cluster(*unit, kept=0.5).numpy()
    assert (kept >= 0).sum() == pytest.approx(100, abs=10)
    assert (kept[kept >= 0] == labels[kept >= 0]).all()


def test_adversarial_losses_are_cross_entropies_with_a_smoothed_real_side():
    real, made = two_samples(width=1)
    identity = nn.Flatten(0)

    def log_odds(x, share):  # cross-entropy of logits x with the share of "real"
        return np.mean(share * np.log1p(np.exp(-x.astype(float))) + (1 - share) * np.log1p(np.exp(x.astype(float))))

    expected = (log_odds(real, 0.9) + log_odds(made, 0.0)) / 2
    assert discrimination(identity, *tensors(real, made)).item() == pytest.approx(expected, rel=1e-5)
    assert realistic(identity, *tensors(made)).item() == pytest.approx(log_odds(made, 1.0), rel=1e-5)


def test_a_discriminators_loss_leaves_the_translator_alone():
    real, made = (tensor.requires_grad_() for tensor in tensors(*two_samples(width=1)))
    discrimination(nn.Linear(1, 1), real, made).backward()
    assert made.grad is None
    assert real.grad is not None


def test_class_balance_is_the_binary_cross_entropy_of_the_mean_with_uniform_shares():
    logits = two_samples(width=10)[0]
    odds = np.exp(logits.astype(float))
    shares = (odds / odds.sum(axis=1, keepdims=True)).mean(axis=0)
    expected = -(0.1 * np.log(shares) + 0.9 * np.log(1 - shares)).sum()
    assert class_balance(*tensors(logits)).item() == pytest.approx(expected, rel=1e-5)


def test_class_balance_is_least_where_every_class_has_its_share():
    sure = 20.0 * torch.eye(10)
    least = class_balance(sure)
    assert class_balance(torch.zeros(5, 10)).item() == pytest.approx(least.item(), rel=1e-6)
    assert class_balance(sure[:9]) > least + 0.5
    one = sure[:1].repeat(4, 1).requires_grad_()
    class_balance(one).backward()
    assert one.grad.isfinite().all()


def linear_model(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 5))


def test_virtual_adversarial_loss_finds_a_direction_that_hurts_more_than_chance():
    model, images = linear_model(), torch.rand(32, 3, 4, 4)
    radius = 0.5
    clean = model(images).log_softmax(dim=1).double().detach().numpy()

    def divergence(disturbance):  # KL(clean ‖ perturbed), every perturbation of the radius' length
        scaled = radius * disturbance / disturbance.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        moved = model(images + scaled).log_softmax(dim=1).double().detach().numpy()
        return (np.exp(clean) * (clean - moved)).sum(axis=1).mean()

    loss = virtual_adversarial_loss(model, images, radius).item()
    by_chance = [divergence(torch.randn_like(images)) for _ in range(20)]
    assert loss > 2 * max(by_chance)


def test_virtual_adversarial_loss_is_the_divergence_at_its_radius():
    """For a model of one input direction, the worst perturbation is known: along it, one way or the other."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 2, bias=False))
    direction = torch.randn(48)
    direction /= direction.norm()
    with torch.no_grad():
        model[1].weight.copy_(torch.stack([3 * direction, torch.zeros(48)]))
    images = torch.zeros(1, 3, 4, 4)  # p = (1/2, 1/2), so that both ways are as bad
    moved = 1 / (1 + np.exp(-3 * 0.7))
    expected = -np.log(2 * np.sqrt(moved * (1 - moved)))
    assert virtual_adversarial_loss(model, images, 0.7).item() == pytest.approx(expected, rel=1e-4)


def test_virtual_adversarial_loss_leaves_dropout_and_running_statistics_as_they_were():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout2d(0.5), nn.Flatten(), nn.Linear(16, 5))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items() if "running" in name}
    model.train()
    virtual_adversarial_loss(model, torch.rand(8, 3, 4, 4), 1.0).backward()
    assert all(module.training for module in model.modules())
    assert model[1].momentum == 0.1
    for name, tensor in before.items():
        assert torch.equal(tensor, model.state_dict()[name])
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters())
