"""Make files of a trained model, compare them with it, and write its card."""

import hashlib
from importlib.metadata import version
from typing import Any

import numpy as np

from mnistm_da.errors import UserError
from mnistm_da.parameters import CardParams
from mnistm_da.pipelines.evaluation.unlabelled import classified_otherwise, score_if_labelled

Arrays = dict[str, np.ndarray]

MAX_DISAGREEMENT = 5e-3
"""Largest share of the test images that the files may classify differently from the saved metrics. Another device
rounds differently, which explains a few images. If more differ, the metrics are of another training. They may also be
of another epoch of this training, whose share may be smaller: so the epochs are compared, too."""


def export_model(chosen_model: Arrays, model: str) -> tuple[bytes, bytes]:
    """Export a trained model.

    Args:
        chosen_model: weights by name, and what they were made with.
        model: the algorithm that the model must be of.

    Returns:
        The contents of an .onnx and of a .pt2 file; see `adaptation/models/portable.py`.
    """
    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.models.portable import export, to_onnx, to_pt2

    program, images = export(load(chosen_model, model)), description(chosen_model).format
    says = {
        "algorithm": model,
        "images": f"uint8 0–255, (N, {', '.join(map(str, images.shape))})",
        "probabilities": f"of the classes {', '.join(images.classes)}",
    }
    return to_onnx(program, says), to_pt2(program)


def check_export(
    chosen_model: Arrays,
    model: str,
    exported_onnx: bytes,
    exported_program: bytes,
    source_test: Arrays,
    target_test: Arrays,
    chosen_metrics: dict[str, Any],
) -> dict[str, Any]:
    """Compare the exported files with the original on every test image of both domains.

    Returns:
        ``algorithm``, ``epoch``, ``agree``, ``tolerance``, ``versions`` of the libraries that made the files, and the
        files' ``sha256``. For ``source_test`` and ``target_test``: the number of ``images``, how many of them the
        metrics count as ``classified_otherwise`` than here, and ``compared``, the result of `compare` by file.
    """
    import torch
    from scipy.special import softmax

    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.models.inference import predict
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.models.portable import TOLERANCE, compare, run_onnx, run_program

    original, made_with = load(chosen_model, model), description(chosen_model)
    images = made_with.format
    found: dict[str, Any] = {}
    for split, test in (("source_test", source_test), ("target_test", target_test)):
        logits, _ = predict(original, test["images"], torch.device("cpu"))
        probabilities = softmax(logits, axis=1)
        now = score_if_labelled(test["labels"], probabilities, images.classes)
        found[split] = {
            "images": len(logits),
            "classified_otherwise": classified_otherwise(now, chosen_metrics[split]),
            "compared": {
                "onnx": compare(probabilities, run_onnx(exported_onnx, test["images"], images.channels)),
                "pt2": compare(probabilities, run_program(exported_program, test["images"], images.channels)),
            },
        }
    return found | {
        "algorithm": model,
        "epoch": made_with.epoch,
        "agree": all(file["agree"] for split in found.values() for file in split["compared"].values()),
        "tolerance": TOLERANCE,
        "versions": {name: version(name) for name in ("mnistm-da", "torch", "onnx", "onnxruntime")},
        "sha256": {
            "onnx": hashlib.sha256(exported_onnx).hexdigest(),
            "pt2": hashlib.sha256(exported_program).hexdigest(),
        },
    }


def write_model_card(
    export_check: dict[str, Any],
    chosen_metrics: dict[str, Any],
    chosen_model: Arrays,
    model: str,
    card: CardParams,
) -> str:
    """Write the model card of files that agree with the original.

    Raises:
        UserError: they do not, or the metrics are of another model; names what differs and the cure.
    """
    from mnistm_da.adaptation.models.card import model_card
    from mnistm_da.adaptation.models.description import description

    for split in ("source_test", "target_test"):
        for file, found in export_check[split]["compared"].items():
            if not found["agree"]:
                raise UserError(
                    f"{model}.{file} is not the model it was made of, do not use it: on {split} "
                    f"{found['equal_predictions']} of {export_check[split]['images']} predictions are equal, and "
                    f"probabilities differ by up to {found['max_absolute_difference']:.2g} "
                    f"(allowed: {export_check['tolerance']:.0e})"
                )
        otherwise = export_check[split]["classified_otherwise"]
        if otherwise > MAX_DISAGREEMENT * export_check[split]["images"]:
            raise UserError(
                f"the newest {model}.metrics are not of the newest {model}.model: {otherwise} images of {split} are "
                f"classified otherwise. Score it first: kedro run --pipelines={model} --only-stale"
            )
    scored = chosen_metrics["picks"].get(chosen_metrics["selection"], {}).get("epoch")
    if scored != export_check["epoch"]:
        raise UserError(
            f"the newest {model}.metrics are of epoch {scored}, the newest {model}.model is of epoch "
            f"{export_check['epoch']}. Score it first: kedro run --pipelines={model} --only-stale"
        )
    return model_card(description(chosen_model), chosen_metrics, export_check, card)
