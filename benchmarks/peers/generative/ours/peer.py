"""This package: the recipe generative-quick, with missing pixels by chains."""

from __future__ import annotations

import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

from neuro_bpdl.data import load
from neuro_bpdl.generation.inpainting import inpaint
from neuro_bpdl.generation.samples import generate
from neuro_bpdl.recipes.composing import compose
from neuro_bpdl.recipes.reading import read_recipe
from neuro_bpdl.theory.climb import resolved
from neuro_bpdl.training.trainer import train

RECIPES = {3500: "generative-quick", 50_000: "generative"}  # by how many images there are
SAMPLES, CHAINS = 1000, 16


def main(data: str, out: str, seed: int) -> None:
    """Train the recipe for that many images, then draw, reconstruct and fill."""
    d = np.load(data)
    name = RECIPES[len(d["x_train"])]
    spec = compose(read_recipe(name).fields, {("training", "seed"): seed})
    dataset = load(spec.data)
    assert np.array_equal(dataset.x_train[: len(d["x_train"])], d["x_train"])  # the recipe learns from these images
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        run = train(spec, dataset, Path(folder, "run"))
        seconds = time.process_time() - began
        samples = generate(run, SAMPLES)
        filled = inpaint(run, dataset, kind="left", chains=CHAINS)
        params = run.checkpoint().params
        from neuro_bpdl.theory.inference import infer
        from neuro_bpdl.theory.maps import g

        h = infer(params, d["x_test"].astype(params.dtype), resolved(spec.inference, params)).h
    assert np.array_equal(filled.missing, d["missing"])
    sizes = "-".join(str(size) for size in params.network.sizes)
    about = f"neuro-bpdl {version('neuro-bpdl')} {name} {sizes}, {spec.training.epochs} epochs, {samples.label}"
    np.savez(out, samples=samples.generated.reshape(SAMPLES, -1), reconstruction=g(params, 1, h[1]),
             filled=filled.inpainted, seconds=seconds, about=about)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
