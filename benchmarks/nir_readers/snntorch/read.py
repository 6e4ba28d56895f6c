"""snnTorch reads NIR files (its own Δt is 1e-4); see jobs.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import jobs
import nir
import torch
from snntorch.import_nir import import_from_nir


def rates(file, x, steps, dt):
    network, total, state = import_from_nir(nir.read(file)), 0, None
    with torch.no_grad():
        for _ in range(steps):
            y, state = network(torch.tensor(x), state)
            total = total + y
    return (total / steps).numpy()


jobs.work(rates)
