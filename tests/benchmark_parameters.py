"""The parameters that the tests of the benchmark run with."""

PARAMETERS = {
    "device": "cpu",
    "network": {"width": 4},
    "synthesis": {},
    "splitting": {"source_validation": 60, "target_validation": 60},
    "training": {"epochs": 2, "batch_size": 16},
    "selection": {"samples": 50},
    "target_classes": None,
    "titles": {},
    "source_only": {},
    "dann": {},
}
