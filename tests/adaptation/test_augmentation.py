"""Each change of an image against what it says it does."""

import pytest
import torch

from mnistm_da.adaptation.augmentation import augment, views
from mnistm_da.adaptation.models import inference, loading
from mnistm_da.adaptation.models.portable import Classifier
from mnistm_da.adaptation.optimization import loop
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import AugmentationParams, NetworkParams, TrainingParams
from training_data import CPU, DATA, no_bar

IMAGES = torch.rand(64, 3, 28, 28, generator=torch.Generator().manual_seed(0)).contiguous(
    memory_format=torch.channels_last
)


def changed(**params):
    torch.manual_seed(0)
    return augment(IMAGES, AugmentationParams(**params))


def test_nothing_is_changed_by_default():
    assert augment(IMAGES, AugmentationParams()) is IMAGES


@pytest.mark.parametrize(
    "params",
    [{"affine": 0.1}, {"shift": 2.0}, {"polarity": 0.5}, {"channel_order": 0.5}, {"noise": 0.1}, {"cutout": 9}],
)
def test_a_change_is_of_each_image_and_the_same_for_the_same_seed(params):
    found = changed(**params)
    assert found.shape == IMAGES.shape
    assert found.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(found, changed(**params), rtol=0, atol=0)
    is_other = (found != IMAGES).flatten(1).any(dim=1)
    assert is_other.sum() > 10
    grey = augment(torch.rand(5, 1, 17, 17), AugmentationParams(**params))
    assert grey.shape == (5, 1, 17, 17)


def test_polarity_inverts_a_share_of_the_images():
    torch.testing.assert_close(changed(polarity=1.0), 1 - IMAGES)
    inverted = (changed(polarity=0.25) - (1 - IMAGES)).abs().flatten(1).amax(dim=1) < 1e-6
    assert 5 < inverted.sum() < 30


def test_channels_are_only_put_in_another_order():
    found = changed(channel_order=1.0)
    torch.testing.assert_close(found.sum(dim=1), IMAGES.sum(dim=1))
    torch.testing.assert_close(found.sort(dim=1).values, IMAGES.sort(dim=1).values, rtol=0, atol=0)


def test_a_cut_out_square_has_one_colour_and_its_side():
    found = changed(cutout=9)
    covered = (found != IMAGES).any(dim=1)
    assert covered.flatten(1).sum(dim=1).max() == 81
    for image, where in zip(found, covered, strict=True):
        assert (image[:, where] == image[:, where][:, :1]).all()


def test_a_shift_moves_by_no_more_than_it_says():
    dot = torch.zeros(200, 1, 28, 28)
    dot[:, :, 14, 14] = 1
    torch.manual_seed(0)
    rows, columns = augment(dot, AugmentationParams(shift=3.0))[:, 0].nonzero()[:, 1:].T
    assert 10 <= min(rows.min(), columns.min()) < 13
    assert 15 < max(rows.max(), columns.max()) <= 18


def test_noise_has_its_deviation():
    difference = changed(noise=0.2) - IMAGES
    assert difference.std() == pytest.approx(0.2, rel=0.02)


def test_views_are_moved_by_one_pixel_and_inverted():
    same, *moved, inverted = views(IMAGES, "shifted_and_inverted")
    assert same is IMAGES
    torch.testing.assert_close(inverted, 1 - IMAGES)
    for view, (y, x) in zip(moved, ((1, 0), (-1, 0), (0, 1), (0, -1)), strict=True):
        inner = IMAGES.roll((y, x), (2, 3))[:, :, 1:-1, 1:-1]
        torch.testing.assert_close(view[:, :, 1:-1, 1:-1], inner, rtol=0, atol=0)
    assert len(views(IMAGES, "shifted")) == 5
    assert views(IMAGES, "one") == [IMAGES]


def test_a_trained_model_classifies_by_the_mean_of_the_views_wherever_it_is_used():
    made = loading.build(algorithm_class("dann"), {}, NetworkParams(width=8, views="shifted"), DIGITS, seed=0)
    stored = (255 * IMAGES[:6]).to(torch.uint8)
    images = stored.float() / 255
    training = made.logits(images)
    assert training.shape == (6, 10)
    made.networks.eval()
    with torch.no_grad():
        expected = torch.stack([made.classifier(made.feature_extractor(v)) for v in views(images, "shifted")]).mean(0)
        exported = Classifier(made)(stored)
    torch.testing.assert_close(torch.from_numpy(inference.predict(made, stored.numpy(), CPU)[0]), expected)
    torch.testing.assert_close(exported, expected.softmax(dim=1))


def test_a_prediction_looks_at_each_view_once_and_at_no_more_than_are_asked_for():
    made = loading.build(algorithm_class("dann"), {}, NetworkParams(width=8, views="shifted"), DIGITS, seed=0)
    seen = []
    made.feature_extractor.register_forward_hook(lambda _module, images, features: seen.append((*images, features)))
    stored = (255 * IMAGES[:6]).to(torch.uint8).numpy()
    several, features = inference.predict(made, stored, CPU)
    assert len(seen) == 5
    torch.testing.assert_close(torch.from_numpy(features), seen[0][1])
    torch.testing.assert_close(seen[0][0], torch.from_numpy(stored) / 255)
    one, same = inference.predict(made, stored, CPU, views="one")
    assert len(seen) == 6
    assert (same == features).all()
    assert (one != several).any()


def test_the_accuracy_after_an_epoch_is_of_one_view():
    several = NetworkParams(width=8, views="shifted")
    made = loading.build(algorithm_class("source_only"), {}, several, DIGITS, seed=0)
    shown = []
    made.feature_extractor.register_forward_hook(
        lambda module, images, _: None if module.training else shown.append(len(images[0]))
    )
    params = TrainingParams(epochs=1, batch_size=16, precision="float32")
    *_, _end = loop.train(made, DATA, params, seed=0, device=CPU, progress_bar=no_bar)
    assert sum(shown) == len(DATA.source_validation["images"])
