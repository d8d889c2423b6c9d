"""A trained algorithm as one file that other programs run: ONNX, and a program of `torch.export` (.pt2).

Both take stored images, ``(N, C, S, S)`` uint8 0–255 named ``images``, and give ``probabilities``, ``(N, K)`` float32;
N is any number, the others are those of the model's format. Only the networks that classify are in it, and nothing of
the machine they were made on.

A .pt2 file is a ZIP of raw weights and JSON, but for three things that `torch.export.load` unpickles: the example
inputs, weights of tensor subclasses, and constants that are objects. Those written here have none of the three, and
`load_program` refuses a file that has.
"""

import io
import json
import re
import zipfile
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mnistm_da.adaptation.algorithm import Algorithm
from mnistm_da.adaptation.networks.forward import as_input

INPUT, OUTPUT = "images", "probabilities"

TOLERANCE = 1e-4
"""Largest difference of a probability (0–1) that is put down to another order of float32 sums."""

BATCH = 250
"""Images at a time where whole splits are compared."""


class Classifier(nn.Module):
    """From stored images to probabilities, preprocessing inside.

    Args:
        algorithm: trained; it is put into evaluation mode.
    """

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__()
        algorithm.networks.eval()
        self.networks = nn.ModuleDict({name: algorithm.networks[name] for name in classifying(algorithm)})
        self.logits, self.channels = algorithm.logits, algorithm.format.channels

    def forward(self, images: Tensor) -> Tensor:
        """Give probabilities ``(N, K)`` of images ``(N, C, S, S)`` uint8 0–255."""
        return self.logits(as_input(images, self.channels)).softmax(dim=1)


def classifying(algorithm: Algorithm) -> list[str]:
    """Name the networks that a prediction goes through, not those that only training needs."""
    used: list[str] = []
    hooks = [
        part.register_forward_hook(lambda *_, name=name: used.append(name))
        for name, network in algorithm.networks.items()
        for part in network.modules()  # some algorithms call the layers of a network one by one
    ]
    try:
        with torch.no_grad():
            algorithm.logits(torch.zeros(2, *algorithm.format.shape))
    finally:
        for hook in hooks:
            hook.remove()
    return [name for name in algorithm.networks if name in used]


def export(algorithm: Algorithm) -> torch.export.ExportedProgram:
    """Trace a trained algorithm, on the CPU, for any number of images."""
    example = torch.zeros(2, *algorithm.format.shape, dtype=torch.uint8)
    program = torch.export.export(
        Classifier(algorithm).eval(), (example,), dynamic_shapes={INPUT: {0: torch.export.Dim("batch")}}
    )
    program.example_inputs = None  # they would be saved as a pickle
    for node in program.graph.nodes:  # paths of source files on this machine
        for origin in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn", "from_node"):
            node.meta.pop(origin, None)
    return program


def to_pt2(program: torch.export.ExportedProgram) -> bytes:
    """Give the content of a .pt2 file."""
    file = io.BytesIO()
    torch.export.save(program, file)
    return file.getvalue()


def to_onnx(program: torch.export.ExportedProgram, properties: dict[str, str]) -> bytes:
    """Give the content of an .onnx file.

    Args:
        program: of `export`.
        properties: the file's own description, as ONNX metadata.
    """
    import onnx

    made = torch.onnx.export(program, dynamo=True, input_names=[INPUT], output_names=[OUTPUT], verbose=False)
    assert made is not None
    model = made.model_proto
    graph = model.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.ClearField("metadata_props")  # the exporter's notes on its own work
    for value in (*graph.input, *graph.output, *graph.value_info):
        for axis in value.type.tensor_type.shape.dim:
            if axis.dim_param:
                axis.dim_param = "batch"
    onnx.helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def load_program(content: bytes) -> nn.Module:
    """Load a .pt2 file without unpickling anything.

    Raises:
        ValueError: it holds more than raw weights and JSON, and could run any code when it is loaded; names the part.
    """
    for part in _not_plain(content):
        raise ValueError(f"the program is not loaded: its part {part} is no plain data and could run any code")
    return torch.export.load(io.BytesIO(content)).module()


PLAIN = re.compile(
    r"[^/]+/(archive_format|archive_version|byteorder|\.data/(version|serialization_id)|models/model\.json"
    r"|data/weights/weight_\d+|data/constants/tensor_\d+|data/(weights|constants)/model_(weights|constants)_config\.json)"
)
"""The parts of a .pt2 file that are read as numbers or text."""


def _not_plain(content: bytes) -> list[str]:
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        found += sorted({name for name in names if names.count(name) > 1})
        for part in archive.infolist():
            if not PLAIN.fullmatch(part.filename) and part.file_size:  # example inputs that were left out are empty
                found.append(part.filename)
            if part.filename.endswith("_config.json"):
                payloads: dict[str, Any] = json.loads(archive.read(part))["config"]
                for name, payload in payloads.items():
                    if payload["use_pickle"] or not payload["path_name"].startswith(("weight_", "tensor_")):
                        found.append(name)
    return found


def run_onnx(content: bytes, images: np.ndarray, channels: int = 3) -> np.ndarray:
    """Give the probabilities ``(N, K)`` that onnxruntime computes of images ``(N, 1 or C, S, S)`` uint8."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    parts = [session.run([OUTPUT], {INPUT: batch})[0] for batch in _batches(images, channels)]
    return np.concatenate(parts)


@torch.no_grad()
def run_program(content: bytes, images: np.ndarray, channels: int = 3) -> np.ndarray:
    """Give the probabilities ``(N, K)`` that a .pt2 file computes of images ``(N, 1 or C, S, S)`` uint8."""
    program = load_program(content)
    return np.concatenate([program(torch.from_numpy(batch)).numpy() for batch in _batches(images, channels)])


def _batches(images: np.ndarray, channels: int) -> list[np.ndarray]:
    return [
        np.repeat(images[start : start + BATCH], channels // images.shape[1], axis=1)
        for start in range(0, len(images), BATCH)
    ]


def compare(original: np.ndarray, exported: np.ndarray) -> dict[str, Any]:
    """Set the probabilities of the exported model beside those of the original, both ``(N, K)``.

    Returns:
        ``max_absolute_difference``, ``equal_predictions`` (of N) and ``agree``: all predictions are equal, and
        probabilities differ by `TOLERANCE` at most.
    """
    difference = float(np.abs(original.astype(np.float64) - exported).max())
    equal = int((original.argmax(axis=1) == exported.argmax(axis=1)).sum())
    return {
        "max_absolute_difference": difference,
        "equal_predictions": equal,
        "agree": equal == len(original) and difference <= TOLERANCE,  # NaN is no agreement
    }
