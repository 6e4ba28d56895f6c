"""Processor time of an image with whole payloads and with changes only, in turns: 784-500-100, mnist-mini, one core.

    python benchmarks/changes_speed.py

Fixed point, eager engine, rounding per synapse, seed 0, after 2,000 images of training. Medians of alternating blocks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from neuro_bpdl.data import load
from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import inference_program
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

NETWORK, PLASTICITY, SENDS = NetworkSpec.of((784, 500, 100)), PlasticitySpec(learning_rate=0.01), ("whole", "changes")
BEFORE, BLOCKS, LEARNED, INFERRED = 2000, 15, 40, 500


def main() -> None:
    """Print µs per image, and the ratio."""
    images = load("mnist-mini").x_train
    for inference in (InferenceSpec(steps=3, delta=0.5), InferenceSpec(steps=15)):
        learn, infer = ({sends: _work(images, inference, sends, learns) for sends in SENDS} for learns in (True, False))
        for name, work, count in (("learning", learn, LEARNED), ("inference, 500 replicas", infer, INFERRED)):
            took = {sends: [] for sends in SENDS}
            for _ in range(BLOCKS):
                for sends in SENDS:
                    began = time.process_time()
                    work[sends]()
                    took[sends].append(1e6 * (time.process_time() - began) / count)
            whole, changes = (float(np.median(took[sends])) for sends in SENDS)
            print(f"N = {inference.steps}, δ = {inference.delta}, {name}: {whole:.0f} µs whole, {changes:.0f} µs "
                  f"changes only, {changes / whole:.2f}", flush=True)  # fmt: skip


def _work(images: Any, inference: InferenceSpec, sends: Any, learns: bool) -> Callable[[], None]:
    """A block of presentations."""
    engine, params = EngineSpec(arithmetic="fixed", sends=sends), initial_parameters(NETWORK, 0)
    kernel = make_network(engine, params, inference, PLASTICITY, learning_program(engine, NETWORK, inference.steps),
                          batch=1, seed=0)  # fmt: skip
    feeds = kernel.to_feed(images)[:, None]
    for k, feed in enumerate(feeds[:BEFORE]):
        kernel.present(k, feed)
    if learns:
        numbers = iter(range(BEFORE, len(images)))

        def learn() -> None:
            for k in (next(numbers) for _ in range(LEARNED)):
                kernel.present(k, feeds[k])

        return learn
    program = inference_program(describe(NETWORK), inference.steps).sending(engine.messages)
    learned = kernel.to_parameters(params)
    replicas = make_network(engine, learned, inference, PLASTICITY, program, batch=INFERRED, seed=0)
    together = replicas.to_feed(images[:INFERRED])
    return lambda: replicas.present(0, together)


if __name__ == "__main__":
    main()
