import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mnistm_da.adaptation.models import loading, portable
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS, Format
from mnistm_da.parameters import CardParams, NetworkParams
from mnistm_da.pipelines.export.nodes import write_model_card

IMAGES = np.random.default_rng(0).integers(0, 256, size=(23, 3, 28, 28), dtype=np.uint8)


def made(name, **network):
    """Random weights, and batch norms that have the images' own statistics, so that predictions differ."""
    algorithm = loading.build(algorithm_class(name), {}, NetworkParams(**network), DIGITS, seed=4)
    for layer in algorithm.networks.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        for parameter in algorithm.networks.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        algorithm.logits(torch.from_numpy(IMAGES) / 255)
    return algorithm


def by_hand(algorithm):
    """The probabilities, without anything of `export`."""
    algorithm.networks.eval()
    with torch.no_grad():
        return algorithm.logits(torch.from_numpy(IMAGES) / 255).softmax(dim=1).numpy()


def named_of_the_machine(content):
    """Give what a file says of where it was made: source files, the folders of project and libraries, the user."""
    parts = [content]
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(name) for name in archive.namelist()] + [" ".join(archive.namelist()).encode()]
    folders = {str(Path(portable.__file__).parents[4]), sys.prefix, sys.base_prefix, str(Path.cwd()), str(Path.home())}
    words = {".py", "stack_trace", *(f"{folder}/" for folder in folders - {"/"})}
    return [word for word in words for part in parts if word.encode() in part]


def test_a_program_that_would_tell_of_the_machine_is_told_from_one_that_does_not():
    """The exporters do write stack traces: that nothing is found elsewhere is no accident."""
    example = torch.zeros(2, 3, 28, 28, dtype=torch.uint8)
    program = torch.export.export(portable.Classifier(made("source_only")).eval(), (example,))
    file = io.BytesIO()
    torch.export.save(program, file)
    assert ".py" in named_of_the_machine(file.getvalue())


# Without instance norm in one of them, since it takes the scale of the input away. A champion has the network `vgg`,
# and its probabilities are of five views.
@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("dann", {"instance_norm": False}),
        ("translation", {}),
        ("mcd", {}),
        ("adda", {}),
        ("gvb", {}),
        ("champion", {"width": 4}),
    ],
    ids=["dann", "translation", "mcd", "adda", "gvb", "champion"],
)
def test_exported_files_are_the_model(name, network):
    algorithm = made(name, **network)
    algorithm.networks.train()  # the exported model is in evaluation mode all the same
    program = portable.export(algorithm)
    content = {
        portable.run_onnx: portable.to_onnx(program, {"algorithm": name}),
        portable.run_program: portable.to_pt2(program),
    }
    expected = by_hand(algorithm)
    assert len(set(expected.argmax(axis=1))) > 1
    for run, file in content.items():
        np.testing.assert_allclose(run(file, IMAGES), expected, rtol=0, atol=portable.TOLERANCE)
        np.testing.assert_allclose(run(file, IMAGES[:1]), expected[:1], rtol=0, atol=portable.TOLERANCE)
        assert not named_of_the_machine(file)
    parameters = {n for n in program.state_dict if "num_batches" not in n}
    assert {n.split(".")[1] for n in parameters} == set(portable.classifying(algorithm))


def test_an_exported_file_has_the_format_of_its_model():
    form = Format(side=32, channels=3, classes=("cat", "dog", "owl"))
    algorithm = loading.build(algorithm_class("dann"), {}, NetworkParams(), form, seed=4)
    images = np.random.default_rng(0).integers(0, 256, size=(3, 1, 32, 32), dtype=np.uint8)
    program = portable.export(algorithm)
    for made in (
        portable.run_onnx(portable.to_onnx(program, {}), images),
        portable.run_program(portable.to_pt2(program), images),
    ):
        assert made.shape == (3, 3)


def test_the_same_model_gives_the_same_bytes():
    first, again = (portable.export(made("source_only")) for _ in range(2))
    assert portable.to_pt2(first) == portable.to_pt2(again)
    assert portable.to_onnx(first, {"seed": "0"}) == portable.to_onnx(again, {"seed": "0"})


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_is_left_out_has_no_part_in_a_prediction(name):
    algorithm = made(name)
    before = by_hand(algorithm)
    with torch.no_grad():
        for other in set(algorithm.networks) - set(portable.classifying(algorithm)):
            for parameter in algorithm.networks[other].parameters():
                parameter.fill_(torch.nan)
    np.testing.assert_array_equal(by_hand(algorithm), before)


def test_a_program_with_a_pickle_is_not_loaded():
    program = portable.export(made("source_only"))
    program.example_inputs = ((torch.zeros(2, 3, 28, 28, dtype=torch.uint8),), {})
    file = io.BytesIO()
    torch.export.save(program, file)
    with pytest.raises(ValueError, match=r"sample_inputs/model\.pt is no plain data"):
        portable.load_program(file.getvalue())


def test_files_disagree_by_a_probability_or_a_prediction():
    original = np.full((3, 10), 0.08)
    original[[0, 1, 2], [4, 5, 6]] = 0.28
    assert portable.compare(original, original + 5e-5)["agree"]
    assert not portable.compare(original, original + 2e-4)["agree"]
    assert not portable.compare(original, original * np.nan)["agree"]
    tied = np.full((3, 10), 0.1)
    other = tied.copy()
    other[0, 7] += 1e-7
    found = portable.compare(tied, other)
    assert (found["equal_predictions"], found["agree"]) == (2, False)


CARD = CardParams(source="grey", target="coloured", licences=["none"])


def check(*, agree=True, classified_otherwise=0):
    compared = {"onnx": {"max_absolute_difference": 0.5, "equal_predictions": 70, "agree": agree}}
    split = {"images": 100, "classified_otherwise": classified_otherwise, "compared": compared}
    return {"source_test": split, "target_test": split, "tolerance": 1e-4, "epoch": 5}


def test_no_card_is_written_of_files_that_disagree():
    with pytest.raises(ValueError, match=r"dann\.onnx is not the model .* 70 of 100 predictions are equal"):
        write_model_card(check(agree=False), {}, {}, "dann", CARD)


def test_no_card_is_written_with_the_metrics_of_another_model():
    with pytest.raises(ValueError, match="3 images of source_test are classified otherwise"):
        write_model_card(check(classified_otherwise=3), {}, {}, "dann", CARD)


def test_no_card_is_written_with_the_metrics_of_another_epoch():
    """It may classify as good as all images alike."""
    metrics = {"selection": "im", "picks": {"last": {"epoch": 5}, "im": {"epoch": 4}}}
    with pytest.raises(ValueError, match=r"metrics are of epoch 4, the newest dann\.model is of epoch 5"):
        write_model_card(check(), metrics, {}, "dann", CARD)
