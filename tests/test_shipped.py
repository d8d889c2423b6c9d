"""The trained champion that comes with the package: it classifies at once, and is as good as its card says."""

import json
import shutil

import numpy as np
import pytest
import torch
from kedro.io import Version
from safetensors import numpy as safetensors
from scipy.special import softmax

from mnistm_da.adaptation.models.description import description
from mnistm_da.adaptation.models.inference import predict
from mnistm_da.adaptation.models.loading import load
from mnistm_da.adaptation.models.portable import TOLERANCE, run_onnx, run_program
from mnistm_da.datasets import shipped
from mnistm_da.datasets.shipped import FOLDER, ModelDataset, ModelScoresDataset
from mnistm_da.domains.sample import load_sample_digits
from mnistm_da.hashes import content_hash
from mnistm_da.lineage import protocol, records
from mnistm_da.parameters import PredictParams
from mnistm_da.pipelines.export.nodes import check_export, export_model

MODEL, SCORES = FOLDER / "champion.model.safetensors", FOLDER / "champion.metrics.json"
MAX_BYTES = 2 * 2**20


@pytest.fixture(scope="module")
def model():
    return safetensors.load_file(MODEL)


@pytest.fixture(scope="module")
def scores():
    return json.loads(SCORES.read_text(encoding="utf-8"))


def test_its_files_belong_together_and_are_small(model, scores):
    assert MODEL.stat().st_size <= MAX_BYTES
    made_with = description(model)
    assert made_with.algorithm == "champion"
    assert made_with.epoch == scores["picks"][scores["selection"]]["epoch"]
    card = (FOLDER / "champion.model_card.md").read_text(encoding="utf-8")
    assert f"{made_with.data:08x}" in card
    for split in ("source_test", "target_test"):
        assert f"{100 * scores[split]['accuracy']:.2f}" in card


def test_a_fresh_clone_classifies_at_once_and_says_with_what(project, kedro_here, scores):
    done = kedro_here("run", "--pipelines=predict", cwd=project)
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 0, told
    share = f"{100 * scores['target_test']['accuracy']:.2f}"
    assert f"This champion comes with mnistm-da: {share}" in told
    answers = max((project / "data/08_reporting").glob("user_predictions.csv/*/user_predictions.csv"))
    [read] = [made for name, made in records.read(answers)["inputs"].items() if name == "chosen_model"]
    assert read["version"] == protocol.RAW
    assert read["content"] == content_hash(MODEL)


def test_an_export_of_it_asks_for_the_test_images(project, kedro_here, tmp_path, monkeypatch):
    monkeypatch.setenv("MNISTM_DATA_ROOT", str(tmp_path))
    done = kedro_here("run", "--pipelines=export", cwd=project)
    assert done.returncode == 2
    told = " ".join(done.stdout.split())
    assert "there is no source_test and no target_test here. Make the data too: kedro run --pipelines=data,ex" in told


@pytest.mark.parametrize("user", ["export", "predict"])
@pytest.mark.parametrize(("name", "chosen"), [("champion", []), ("dann", ["--params=model=dann"])])
def test_a_run_that_trains_a_model_does_not_use_another_one_in_its_place(project, kedro_here, user, name, chosen):
    done = kedro_here("run", f"--pipelines={name},{user}", *chosen, cwd=project)
    assert done.returncode == 2
    told = " ".join(done.stdout.split())
    assert f"this run trains '{name}', and what uses it would not wait for that. Run one after the other" in told
    assert f"kedro run --pipelines={name}, then kedro run --pipelines={user} --params=model={name}" in told


def test_a_report_is_not_made_before_what_it_tells_of(project, kedro_here):
    done = kedro_here("run", "--pipelines=dann,report", "--env=sample", cwd=project)
    assert done.returncode == 2
    told = " ".join(done.stdout.split())
    assert "would not wait for the rest of this run" in told
    assert "then the report by itself: kedro run --pipelines=report --env=sample" in told


def by_hand(model, images):
    """The mean of the logits of five views, as probabilities, without anything that shifts images or exports."""
    champion = load(model, "champion")
    champion.networks.eval()
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge").astype(np.float32) / 255
    corners = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
    views = [torch.from_numpy(padded[:, :, y : y + 28, x : x + 28]) for y, x in corners]
    with torch.no_grad():
        logits = [champion.classifier(champion.feature_extractor(view)).numpy() for view in views]
    return softmax(np.mean(logits, axis=0), axis=1)


def test_its_exported_files_give_the_probabilities_of_five_views(model, scores):
    """Of ten digits on noise, and of noise alone, of which it is less sure."""
    digits = load_sample_digits()
    chosen = [np.flatnonzero(digits["test_labels"] == label)[0] for label in range(10)]
    noise = np.random.default_rng(0).integers(0, 256, (20, 3, 28, 28), dtype=np.uint8)
    noise[:10] = np.where(digits["test_images"][chosen, None] > 127, 255 - noise[:10], noise[:10])
    files = export_model(model, "champion")
    expected = by_hand(model, noise)
    assert len(set(expected.argmax(axis=1))) > 1
    for run, file in zip((run_onnx, run_program), files, strict=True):
        np.testing.assert_allclose(run(file, noise), expected, rtol=0, atol=TOLERANCE)
    split = {"images": noise, "labels": expected.argmax(axis=1)}
    check = check_export(model, "champion", *files, split, split, scores)
    assert check["agree"]
    assert (check["epoch"], check["target_test"]["images"]) == (description(model).epoch, 20)


@pytest.mark.real_data
def test_its_accuracy_is_that_of_its_card_and_its_mistakes_are_as_its_page_says(project, kedro_here, model, scores):
    done = kedro_here("run", "--pipelines=data", "--to-outputs=target_test", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    path = max((project / "data/05_model_input").glob("target_test.safetensors/*/target_test.safetensors"))
    test = safetensors.load_file(path)
    logits, _ = predict(load(model, "champion"), test["images"], torch.device("cpu"))
    right = logits.argmax(axis=1) == test["labels"]
    assert right.sum() == round(scores["target_test"]["accuracy"] * scores["target_test"]["count"])

    page = " ".join((project / "docs/champion.md").read_text(encoding="utf-8").split())
    tenths = np.array_split(right[test["images"].std(axis=(1, 2, 3)).argsort(kind="stable")], 10)
    faintest, second, *_, strongest = (f"{100 * tenth.mean():.1f} %" for tenth in tenths)
    assert f"{faintest} of the faintest tenth are right, {second} of the second, {strongest} of the strongest" in page
    confidence = softmax(logits, axis=1).max(axis=1)
    assert f"half of the wrong answers have a confidence below {np.median(confidence[~right]):.2f}" in page

    told = " ".join((PredictParams.__doc__ or "").split())
    sure = confidence >= PredictParams().unsure_below
    assert f"{100 * right.mean():.1f} % are right, and {100 * right[sure].mean():.1f} % of the surer ones" in told
    below = (f"{100 * (~sure[~right]).mean():.0f} %", f"{100 * (~sure[right]).mean():.1f} %")
    assert "Of the wrong ones, {} were below it, and of the right ones {}.".format(*below) in told


class Saved:
    """A folder for a model that is trained here, and the file of the same name that comes with the package."""

    def __init__(self, folder, monkeypatch):
        (folder / "package").mkdir()
        monkeypatch.setattr(shipped, "FOLDER", folder / "package")
        safetensors.save_file({"weight": np.zeros(1)}, folder / "package/dann.model.safetensors")
        self.path = folder / "here/dann.model.safetensors"

    def dataset(self, load=None, save="now", *, shipped=True):
        metadata = {"reads": ["dann.model"], "kedro-viz": {"layer": "models"}}
        return ModelDataset(filepath=str(self.path), version=Version(load, save), shipped=shipped, metadata=metadata)


@pytest.fixture
def saved(tmp_path, monkeypatch):
    return Saved(tmp_path, monkeypatch)


def test_where_none_was_trained_the_shipped_one_is_raw_data(saved):
    dataset = saved.dataset()
    assert dataset.is_shipped
    assert dataset.exists()
    assert dataset.load()["weight"] == [0]
    assert protocol.is_raw(dataset)
    assert protocol.reads(dataset, "chosen_model") == ("chosen_model",)
    assert dataset.metadata == {"kedro-viz": {"layer": "models"}}


def test_one_that_was_trained_here_goes_first(saved):
    saved.dataset(save="first", shipped=False).save({"weight": np.ones(1)})
    dataset = saved.dataset()
    assert not dataset.is_shipped
    assert dataset.load()["weight"] == [1]
    assert not protocol.is_raw(dataset)
    assert protocol.reads(dataset, "chosen_model") == ("dann.model",)


def test_the_scores_of_the_shipped_one_are_not_those_of_one_that_was_trained_here(saved):
    """Its training may have been stopped before it was scored."""
    (shipped.FOLDER / "dann.metrics.json").write_text("{}")
    where = {"filepath": str(saved.path.with_name("dann.metrics.json")), "version": Version(None, "now")}
    of_shipped = ModelScoresDataset(shipped=True, model=str(saved.path), **where)
    assert of_shipped.is_shipped
    saved.dataset(save="first", shipped=False).save({"weight": np.ones(1)})
    of_ours = ModelScoresDataset(shipped=True, model=str(saved.path), **where)
    assert not of_ours.is_shipped
    assert not of_ours.exists()
    of_ours.save({"mine": 1})
    shutil.rmtree(saved.path)
    assert ModelScoresDataset(shipped=True, model=str(saved.path), **where).load() == {}


@pytest.mark.parametrize("how", [{"load": "yesterday"}, {"shipped": False}])
def test_it_is_not_taken_for_a_version_that_is_named_or_for_other_data(how, saved):
    dataset = saved.dataset(**how)
    assert not dataset.is_shipped
    assert not dataset.exists()
