"""ngc-learn: LIFCell, VarTrace and TraceSTDPSynapse compiled by JAX, all steps in one scan or a call for each, float32.

It computes the common layer; a current arrives in the step in which it was sent, one earlier than elsewhere. Its
products are dense: silent neurons cost what firing ones do.
"""

from __future__ import annotations

import sys
import time

import jax
import numpy as np
from jax import numpy as jnp
from jax import random
from ngclearn import Context, MethodProcess, __version__
from ngclearn.components import LIFCell, TraceSTDPSynapse, VarTrace
from ngcsimlib.global_state import stateManager


def main(data: str, out: str, seed: int, variant: str) -> None:
    """Build, run, save."""
    d, began = np.load(data), time.perf_counter()
    pre, post = d["weights"].shape
    tau, key = float(d["tau"]), random.PRNGKey(seed)
    membrane = 1 / (1 - np.exp(-1 / tau))  # its Euler step then decays as exp(-1/τ)
    with Context("layer"):
        synapse = TraceSTDPSynapse("W", (pre, post), A_plus=float(d["plus"]), A_minus=float(d["minus"]),
                                   w_bound=float(d["high"]), key=key)  # fmt: skip
        cell = LIFCell("z", post, tau_m=membrane, resist_m=membrane, thr=float(d["threshold"]), v_rest=0.0,
                       v_reset=0.0, tau_theta=0.0, refract_time=0.0, key=key)  # fmt: skip
        before, after = (VarTrace(name, n, tau_tr=tau, a_delta=1.0) for name, n in (("x", pre), ("y", post)))
        synapse.outputs >> cell.j
        cell.s >> after.inputs
        cell.s >> synapse.postSpike
        before.trace >> synapse.preTrace
        after.trace >> synapse.postTrace
        process = MethodProcess("step")
        for method in (synapse.advance_state, cell.advance_state, before.advance_state, after.advance_state,
                       synapse.evolve):  # fmt: skip
            process = process >> method
    synapse.weights.set(jnp.array(d["weights"], jnp.float32))
    sent = [part.target for part in (synapse.inputs, synapse.preSpike, before.inputs)]
    order, run = process.get_keywords(), process.run.compiled
    fixed = {"dt": 1.0, "t": 0.0}

    def step(state: dict, spikes: jax.Array) -> tuple[dict, jax.Array]:
        state = {**state, **dict.fromkeys(sent, spikes[None])}
        state, _ = run(state, [fixed[name] for name in order])
        return state, state[cell.s.target].sum()

    state, spikes = dict(stateManager.state), jnp.array(d["spikes"], jnp.float32)
    if variant == "scan":
        every = jax.jit(lambda state, spikes: jax.lax.scan(step, state, spikes)).lower(state, spikes).compile()
    else:
        each = jax.jit(step).lower(state, spikes[0]).compile()

        def every(state: dict, spikes: jax.Array) -> tuple[dict, jax.Array]:
            counts = []
            for row in spikes:
                state, count = each(state, row)
                counts.append(count)
            return state, jnp.stack(counts)

    build, began, cpu = time.perf_counter() - began, time.perf_counter(), time.process_time()
    state, fired = jax.block_until_ready(every(state, spikes))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    about = f"ngc-learn {__version__}, JAX {jax.__version__}, {variant}, float32"
    np.savez(out, build=build, seconds=seconds, cpu=cpu, weights=np.asarray(state[synapse.weights.target]),
             fired=int(fired.sum()), about=about)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
