"""DANN as others offer it, and ours: a script each, run in an environment of its own by `speed/libraries.py`."""
