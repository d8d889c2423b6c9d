"""The stages, in the order of the data: ingestion, splitting, training, selection, evaluation, embedding, drawing.

Prediction, export, report and benchmark stand beside them: they begin with the results of the others.

Nodes are thin: they call the library and return. They import it when they run, because torch, scikit-learn and
matplotlib take seconds to import and `kedro registry list` needs none of them.
"""

DEFAULT_PIPELINE = "dann"
"""The pipeline of `kedro run` alone, and the one that kedro-viz shows first."""
