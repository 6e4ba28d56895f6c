"""snnTorch reads NIR files (its own Δt is 1e-4); see jobs.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import jobs
import nir
from snntorch.import_nir import import_from_nir


def rates(file, x, steps, dt):
    return jobs.in_steps(import_from_nir(nir.read(file)), x, steps)


jobs.work(rates)
