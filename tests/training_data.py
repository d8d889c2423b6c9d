"""A few small images of both domains to train on, and no progress bar."""

import contextlib

import torch

from conftest import make_split
from mnistm_da.adaptation.training import TrainingData

CPU = torch.device("cpu")

DATA = TrainingData(
    make_split(64, channels=1, seed=0), make_split(40, channels=1, seed=1), make_split(48, channels=3, seed=2)
)


@contextlib.contextmanager
def no_bar(steps):
    yield lambda description: None
