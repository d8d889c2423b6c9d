"""The stages, in the order of the data: domains, splitting, training, evaluation, embedding, reporting.

Nodes are thin: they call the library and return. They import it when they run, because torch, scikit-learn and
matplotlib take seconds to import and `kedro registry list` needs none of them.
"""

FIRST = "dann"
"""The pipeline of `kedro run` alone, and the one that kedro-viz shows first."""
