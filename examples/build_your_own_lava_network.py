"""Wire the Lava processes yourself, run them under the supervisor, read the weights.

    python examples/build_your_own_lava_network.py      (Lava installed)
"""

import numpy as np

from neuro_bpdl.data import load
from neuro_bpdl.engines.lava.mailbox import Mailbox
from neuro_bpdl.engines.lava.run_config import select
from neuro_bpdl.engines.lava.supervisor import LavaRun
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.processes.network.process import Network
from neuro_bpdl.processes.source.process import Source
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

SEED, IMAGES = 0, 40


def main(model: str = "composed") -> None:
    data = load("digits")

    # 1. Describe: sizes, how to infer, how to learn, and the steps of one presentation.
    network_spec = NetworkSpec.of((64, 32, 16))
    inference, plasticity = InferenceSpec(steps=5), PlasticitySpec(learning_rate=0.05)
    engine = EngineSpec(backend="lava", model=model)
    program = learning_program(engine, network_spec, inference.steps)
    print(f"one presentation takes {len(program)} time steps:", *(step.phase.value for step in program.steps))

    # 2. Make the processes. The mailbox is memory that the network shares with us.
    start = initial_parameters(network_spec, SEED)
    kernel = make_network(engine, start, inference, plasticity, program, batch=1, seed=SEED)
    mailbox = Mailbox.of(kernel, IMAGES)
    source = Source(
        rows=data.x_train, order=np.arange(IMAGES), batch=1, period=len(program), encode=kernel.to_feed
    )
    network = Network(
        params=start,
        inference=inference,
        plasticity=plasticity,
        engine=engine,
        program=program,
        mailbox=mailbox,
        seed=SEED,
    )

    # 3. Connect, as anywhere in Lava.
    source.feed_out.connect(network.feed_in)

    # 4. Run. "composed" expands into layer processes and stock LearningDense
    #    connections with this rule; "fused" would step the same kernels in one process.
    print("rule of F:", kernel.rule(0)[0])
    with LavaRun(network, select(model, "float")) as run:
        run.steps(IMAGES * len(program))

    change = np.linalg.norm(mailbox.weights[0][:-1].T - start.F[0]) / np.linalg.norm(start.F[0])
    print(f"Lava {model} float, seed {SEED}, digits: {mailbox.progress.array[0]} images, F_1 changed by {change:.1%}")


if __name__ == "__main__":  # Lava starts processes: without this guard every child would run the script again
    main()
