"""What a learning epoch as long as a presentation costs in quality: the same training with rests, and without.

    python benchmarks/learning_epoch.py --data digits --sizes 64,32,12 --epochs 10 --seeds 0,1,2

Eager, fixed point, one image at a time. Errors on the test images, relative to the mean image's.
"""

from __future__ import annotations

import argparse

import numpy as np

from neuro_bpdl.data import load, presentation_order
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.training.baselines import mean_image_mse
from neuro_bpdl.training.measure import measure

INFERENCE = InferenceSpec(steps=3, delta=0.5)


def main() -> None:
    """Parse, train, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="digits")
    parser.add_argument("--sizes", default="64,32,12")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--seeds", default="0,1,2")
    given = parser.parse_args()
    data, network = load(given.data), NetworkSpec.of(tuple(map(int, given.sizes.split(","))))
    mean = mean_image_mse(data.test, data.x_train.mean(axis=0, dtype=np.float64))
    for seed in map(int, given.seeds.split(",")):
        for epoch_of_learning in ("step", "presentation"):
            simulator = EagerSimulator(
                initial_parameters(network, seed), INFERENCE, PlasticitySpec(learning_rate=given.rate),
                EngineSpec(arithmetic="fixed", learning_epoch=epoch_of_learning), seed=seed,
            )  # fmt: skip
            for epoch in range(given.epochs):
                order = presentation_order(len(data.x_train), epoch, 1, seed)
                simulator.learn(data.x_train, order, epoch * len(order))
            found = measure(simulator, data.test, INFERENCE)
            near, far = found.reconstruction_mse / mean, found.deep_reconstruction_mse / mean
            print(f"seed {seed}, learning epoch a {epoch_of_learning}: {near:.4f} from h_1, {far:.4f} from the top; "
                  f"{simulator.counts}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
