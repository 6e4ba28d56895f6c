"""What an image costs a run's network on a chip: events counted while it learns and infers, times constants."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.hardware.counts import presentation_steps
from neuro_bpdl.hardware.energy import Counts, Estimate, estimate
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import options_of
from neuro_bpdl.hardware.published import published_learners
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.spec import NetworkSpec
from neuro_bpdl.training.labelled import learned_rows, told
from neuro_bpdl.training.run_dir import RunDir

TARGET = "loihi2"
SAMPLE = 20  # images of which events are counted


@dataclass(frozen=True)
class RunCosts:
    """Modelled costs of one image, from measured counts; nothing was run on a chip.

    Attributes
    ----------
    learning, inference : Counts
        Events per image, counted.
    label : str
        What counted them.
    learn, infer : Estimate
        On the cores of ``mapping``.
    learn_bound : Estimate
        Of learning if the engine evaluates every synapse at every time step.
    """

    mapping: Mapping
    images: int
    label: str
    learning: Counts
    inference: Counts
    learn: Estimate
    infer: Estimate
    learn_bound: Estimate

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; ours (modelled) and the published learners apart."""
        return {
            "target": self.mapping.target.name, "images": self.images, "counted_by": self.label,
            "cores": self.mapping.core_count, "chips": self.mapping.chip_count,
            "bottleneck": self.mapping.bottleneck, "fits": self.mapping.fits,
            "counts": {"learning": asdict(self.learning), "inference": asdict(self.inference)},
            "modelled": {"learning": self.learn.to_dict(), "inference": self.infer.to_dict(),
                         "learning_every_synapse_every_step": self.learn_bound.to_dict()},
            "published": [asdict(row) for row in published_learners()],
            "note": "not run on a chip",
        }  # fmt: skip


def run_costs(run: RunDir, target: Target | str = TARGET, images: int = SAMPLE) -> RunCosts:
    """Count events of ``images`` training images with the eager engine in the run's arithmetic.

    Every engine counts the same. The run itself is not changed. Order and
    noise that only theory has are left out: no chip has them.

    Raises
    ------
    CheckpointError
        The checkpoint or the data cannot be used.
    InvalidInput
        The target has no costs.
    """
    spec, checkpoint = run.config.spec, run.checkpoint()
    inference = spec.inference.model_copy(update={"order": "simultaneous", "langevin": 0.0})
    engine = spec.engine.model_copy(update={"backend": "eager", "model": "fused"})
    x = learned_rows(spec, run.matching(run.dataset()))
    x = (x if spec.labels is None else x[told(spec, x)])[:images]
    simulator = make_simulator(engine, checkpoint.params, inference, spec.plasticity, seed=checkpoint.seed)
    network = run.config.network
    learning, inferring = _counted(simulator, x, network)
    chosen = load_target(target) if isinstance(target, str) else target
    mapping = map_network(network, chosen, options=options_of(network, engine))

    arithmetic = engine.arithmetic
    learn, infer = (
        presentation_steps(network, inference, learns, arithmetic=arithmetic, code=engine.messages,
                           learning_epoch=engine.learning_epoch) for learns in (True, False)
    )  # fmt: skip
    return RunCosts(
        mapping, len(x), str(simulator.label), learning, inferring, estimate(learn, mapping, counts=learning),
        estimate(infer, mapping, counts=inferring),
        estimate(learn, mapping, counts=learning, every_synapse=True),
    )  # fmt: skip


def _counted(simulator: Any, x: Any, network: NetworkSpec) -> tuple[Counts, Counts]:
    """Of learning, and of inference and of reading labels, whatever of both the network does."""
    order, images = np.arange(len(x)), x[:, : network.sizes[0]]
    inferring, learning = Counts(), Counts()
    if network.generates:
        simulator.infer(images)
        inferring += simulator.counts
    if network.labels is not None:
        simulator.classify(images)
        inferring += simulator.counts
    simulator.learn(x, order, 0)
    learning += simulator.counts
    if network.labels is not None and network.generates:
        simulator.teach(x, order, 0)
        learning += simulator.counts
    return learning, inferring
