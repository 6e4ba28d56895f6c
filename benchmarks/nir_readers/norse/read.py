"""Norse reads NIR files; see jobs.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import jobs
import nir
import norse.torch


def rates(file, x, steps, dt):
    return jobs.in_steps(norse.torch.from_nir(nir.read(file), dt=dt), x, steps)


jobs.work(rates)
