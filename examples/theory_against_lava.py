"""Does the Lava network still compute the paper? Compare it with the equations.

    python examples/theory_against_lava.py      (Lava installed)
"""

import numpy as np

from neuro_bpdl.data import load, presentation_order
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.objective import objective

SEED, EPOCHS = 0, 4


def main() -> None:
    data = load("digits")
    start = initial_parameters(NetworkSpec.of((64, 48, 20)), SEED)
    inference, plasticity = InferenceSpec(), PlasticitySpec(learning_rate=0.05)
    order = presentation_order(len(data.x_train), 0, EPOCHS, SEED)
    order = order[: len(order) // 10 * 10]

    results = {}
    for backend in ("theory", "lava"):
        engine = EngineSpec(backend=backend)
        simulator = make_simulator(engine, start, inference, plasticity, batch=10, seed=SEED)
        # The same images in the same order, the same noise, the same starting weights.
        simulator.learn(data.x_train, order, first=0)
        results[backend] = simulator.parameters(), simulator.infer(data.test[:100], record=True)
        print(f"{simulator.label}, digits, {len(order)} images")

    (theory, by_theory), (lava, by_lava) = results["theory"], results["lava"]
    for layer, (a, b) in enumerate(zip(theory.F, lava.F, strict=True), start=1):
        print(f"largest difference in F_{layer}: {np.abs(a - b).max():.1e}")
    for layer, (a, b) in enumerate(zip(by_theory.h, by_lava.h, strict=True)):
        print(f"largest difference in h_{layer}: {np.abs(a - b).max():.1e}")

    # Inference climbs log p(x, h); both terms, before and after.
    for step in (0, -1):
        value = objective(theory, by_theory.history[step])
        terms = f"reconstruction {value.reconstruction.mean():.1f}, latent {value.latent.mean():.1f}"
        print(f"log p(x, h) {'before' if step == 0 else 'after'} inference: {value.total.mean():.1f} nats ({terms})")


if __name__ == "__main__":  # Lava starts processes: without this guard every child would run the script again
    main()
