"""Losses as small pure functions, one idea a file, and how the terms of a loss are weighted."""
