"""Measures of a model: accuracy, label-free validators, the distance of the domains, maps of its features."""
