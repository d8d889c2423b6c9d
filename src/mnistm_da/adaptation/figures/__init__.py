"""Figures of data, trainings and networks."""
