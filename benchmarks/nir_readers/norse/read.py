"""Norse reads NIR files; see jobs.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import jobs
import nir
import norse.torch
import torch


def rates(file, x, steps, dt):
    network, total, state = norse.torch.from_nir(nir.read(file), dt=dt), 0, None
    with torch.no_grad():
        for _ in range(steps):
            y, state = network(torch.tensor(x), state)
            total = total + y
    return (total / steps).numpy()


jobs.work(rates)
