"""DANN as others offer it, and ours: a script each, run in its own environment by `speed/libraries.py`."""
