"""Networks drawn as Mermaid text: boxes with shapes and parameter counts, arrows as the data flows in training."""

import inspect
import sys
from collections import defaultdict
from textwrap import wrap

from torch import nn

from mnistm_da.adaptation.algorithm import Algorithm
from mnistm_da.adaptation.figures.flow import Flow, Layer, observe
from mnistm_da.adaptation.figures.style import DOMAIN_COLOURS

WIDTH = 44
"""Characters in a line of a box."""


def draw(algorithm: Algorithm, target_labels: str) -> str:
    """Draw an algorithm's networks: what goes into which, and which loss comes out.

    Args:
        algorithm: made by `build`; it is not fit for training afterwards.
        target_labels: what it is trained on; see `observe`.

    Returns:
        The text of a Mermaid flowchart.
    """
    counts = {name: _count(network) for name, network in algorithm.networks.items()}
    return "\n".join(_lines(algorithm, counts, observe(algorithm, target_labels)))


def _count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def _lines(algorithm: Algorithm, counts: dict[str, int], flow: Flow) -> list[str]:
    lines = ["flowchart TB", f'  about["{about(algorithm)}"]:::about']
    inputs = dict.fromkeys(start for start, _ in flow.edges if isinstance(start, str))
    terms = dict.fromkeys(end for _, end in flow.edges if isinstance(end, str))
    ids: dict[int | str, str] = {name: f"x{number}" for number, name in enumerate((*inputs, *terms))}
    ids |= {number: f"n{number}" for number in range(len(flow.layers))}
    for name in inputs:
        domain = "target" if "target" in name else "source"
        lines.append(f'  {ids[name]}(["{name}<br/>{algorithm.format.written()}"]):::{domain}')
    parts: dict[str, list[str]] = defaultdict(list)
    for number, layer in enumerate(flow.layers):
        parts[layer.network].append(f'    {ids[number]}["{_label(layer)}"]')
    for place, (name, boxes) in enumerate(parts.items()):
        size = f"{counts[name]:,} parameters" if name in counts else "not trained"
        lines += [f'  subgraph g{place}["{name.replace("_", " ")} · {size}"]', *boxes, "  end"]
    lines += [f'  {ids[name]}{{{{"{name.replace("_", " ")}"}}}}:::loss' for name in terms]
    lines += [f"  {ids[start]} --> {ids[end]}" for start, end in flow.edges]
    lines += [f"  classDef {name} fill:{colour},stroke:none,color:#fff" for name, colour in DOMAIN_COLOURS.items()]
    return [*lines, "  classDef loss fill:#777,stroke:none,color:#fff", "  classDef about fill:none,stroke:none"]


def about(algorithm: Algorithm) -> str:
    """Say what an algorithm is, from the docstrings of its file and class, in the lines of a box."""
    make = type(algorithm)
    texts = (inspect.getdoc(sys.modules[make.__module__]) or "", inspect.getdoc(make) or "")
    lines = [line for text in texts for line in wrap(" ".join(text.split("\n\n")[0].split()), WIDTH)]
    return "<br/>".join(line.replace('"', "'").replace("`", "") for line in lines)


def _label(layer: Layer) -> str:
    made_of = [text for text in (_name(module) for module in layer.modules) if text]
    lines = wrap(" · ".join(made_of), WIDTH, break_long_words=False)
    size = f" · {layer.parameters:,} parameters" if layer.parameters else ""
    return "<br/>".join([*lines, (" × ".join(map(str, layer.shape)) or "1 number") + size])


def _name(module: nn.Module) -> str:
    """Give a module's class and what of its arguments the shapes do not tell."""
    kind = type(module).__name__
    if isinstance(module, nn.Identity):
        return ""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        stride = f", stride {module.stride[0]}" if module.stride[0] > 1 else ""
        return f"{kind} {module.kernel_size[0]} × {module.kernel_size[1]}{stride}"
    if isinstance(module, nn.Dropout | nn.Dropout2d):
        return f"{kind} {module.p:g}"
    return kind
