"""A network of ours beside Nengo's own ensembles, in one Nengo model.

    python examples/beside_a_nengo_model.py      (pip install neuro-bpdl[nengo])
"""

import nengo
import numpy as np

from neuro_bpdl.data import load
from neuro_bpdl.nengo import network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

SIZES, IMAGES, SEED = (64, 24, 8), 20, 0


def main() -> None:
    images = load("digits").x_train[:IMAGES]
    with nengo.Network(seed=SEED, label="two models") as model:
        ours = network(
            initial_parameters(NetworkSpec.of(SIZES), SEED), InferenceSpec(steps=4), PlasticitySpec(learning_rate=0.2),
            images=images, seed=SEED,
        )  # fmt: skip
        # A standard Nengo ensemble that represents how active the top layer is, read from its axons.
        level = nengo.Ensemble(50, 1, label="level of the top layer")
        nengo.Connection(ours.parts.axon[2].neurons, level, transform=np.full((1, SIZES[2]), 1 / SIZES[2]))
        seen = nengo.Probe(level, synapse=0.05)
        pixels, redrawn = ours.probe("soma", 0), ours.probe("apical", 0)

    with nengo.Simulator(model, dt=ours.dt, progress_bar=False) as simulator:
        simulator.run(IMAGES * ours.presentation_time, progress_bar=False)
        change = np.abs(ours.parameters(simulator).F[0] - ours.start.F[0]).max()

    settled = 4  # time steps after which an image has come up through three layers
    period = round(ours.presentation_time / ours.dt)
    error = ((simulator.data[pixels] - simulator.data[redrawn]) ** 2).mean(axis=1)[settled::period]
    print(f"Nengo rate, seed {SEED}, digits: error of the first pictures {error[:5].mean():.3f}, "
          f"{IMAGES} images later {error[-5:].mean():.3f}; F_1 changed by up to {change:.2f}; "
          f"the ensemble beside it reads {simulator.data[seen][-1, 0]:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
