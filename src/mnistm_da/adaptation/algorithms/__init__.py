"""One small file per algorithm, each named in `registry.py`."""
