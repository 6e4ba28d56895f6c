"""ngc-learn: predictive coding with labels, 784-512-512-10, with the settings of its museum's exhibit pc_discrim.

RateCells (sigmoid), GaussianErrorCells and HebbianSynapses with Adam (0.001), 20 Euler steps of dt/τ = 1/20,
minibatches of 250, weights from ±0.3, errors fed back through the transposed weights. Hidden states start at the
forward pass, which also answers. All steps of an update are one call compiled by JAX; the exhibit calls each by itself.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp
from jax import random
from ngclearn import Context, MethodProcess, __version__
from ngclearn.components import DenseSynapse, GaussianErrorCell, HebbianSynapse, RateCell
from ngclearn.utils.distribution_generator import DistributionGenerator as Dist
from ngcsimlib.global_state import stateManager

SIZES, BATCH, STEPS, TAU, RATE, RANGE, CLIP = (784, 512, 512, 10), 250, 20, 20.0, 0.001, 0.3, 0.001
EPOCHS, BUDGET = {3500: 40, 50_000: 20}, 480.0  # by how many images there are; seconds of training
State = dict[str, Any]


class Network:
    """The exhibit's circuit, from ngc-learn's components."""

    def __init__(self, seed: int) -> None:
        keys = iter(random.split(random.PRNGKey(seed), 8))
        with Context("pcn"):
            self.up = [self._synapse(k, next(keys)) for k in (1, 2, 3)]
            self.down = [DenseSynapse(f"E{k}", (SIZES[k], SIZES[k - 1]), batch_size=BATCH, key=next(keys))
                         for k in (2, 3)]  # fmt: skip
            self.cells = [RateCell(f"z{k}", SIZES[k], tau_m=TAU, act_fx="sigmoid", prior=("gaussian", 0.0),
                                   batch_size=BATCH) for k in (1, 2)]  # fmt: skip
            self.errors = [GaussianErrorCell(f"e{k}", SIZES[k], batch_size=BATCH) for k in (1, 2, 3)]
            for k, synapse in enumerate(self.up):
                synapse.outputs >> self.errors[k].mu
                self.errors[k].dmu >> synapse.post
            for k, cell in enumerate(self.cells):
                cell.zF >> self.up[k + 1].inputs
                cell.zF >> self.up[k + 1].pre
                cell.z >> self.errors[k].target
                self.errors[k].dtarget >> cell.j_td
                self.errors[k + 1].dmu >> self.down[k].inputs
                self.down[k].outputs >> cell.j
            settle, evolve = MethodProcess("settle"), MethodProcess("evolve")
            for part in (*self.down, *self.cells, *self.up, *self.errors):
                settle = settle >> part.advance_state
            for synapse in self.up:
                evolve = evolve >> synapse.evolve
        self._run = {p.name: (p.run.compiled, p.get_keywords()) for p in (settle, evolve)}

    @staticmethod
    def _synapse(k: int, key: Any) -> HebbianSynapse:
        return HebbianSynapse(f"W{k}", (SIZES[k - 1], SIZES[k]), eta=RATE, weight_init=Dist.uniform(-RANGE, RANGE),
                              bias_init=Dist.constant(0.0), w_bound=0.0, optim_type="adam", sign_value=-1.0,
                              batch_size=BATCH, key=key)  # fmt: skip

    def call(self, name: str, state: State) -> State:
        """One step of "settle" or "evolve"."""
        run, keywords = self._run[name]
        return run(state, [{"dt": 1.0, "t": 0.0}[word] for word in keywords])[0]

    def forward(self, state: State, x: Any) -> list[Any]:
        """Net inputs of the layers in one pass up."""
        nets, sent = [], x
        for synapse in self.up:
            nets.append(sent @ state[synapse.weights.target] + state[synapse.biases.target])
            sent = jax.nn.sigmoid(nets[-1])
        return nets

    def learn(self, state: State, x: Any, labels: Any) -> State:
        """A minibatch: start at the forward pass, settle, change the weights."""
        target = jnp.clip(jax.nn.one_hot(labels, SIZES[-1]), CLIP, 1 - CLIP)
        nets, state = self.forward(state, x), dict(state)
        for k, cell in enumerate(self.cells):
            state[cell.z.target] = nets[k]
            state[self.errors[k].dmu.target] = state[self.errors[k].dtarget.target] = jnp.zeros_like(nets[k])
            state[self.down[k].weights.target] = state[self.up[k + 1].weights.target].T
        first, last = self.up[0], self.errors[-1]
        state |= {first.inputs.target: x, first.pre.target: x, last.target.target: target,
                  last.dmu.target: target - nets[-1], last.dtarget.target: nets[-1] - target}  # fmt: skip
        state, _ = jax.lax.scan(lambda s, _: (self.call("settle", s), None), state, None, length=STEPS)
        return self.call("evolve", state)


def main(data: str, out: str, seed: int) -> None:
    """Train, answer after every epoch."""
    d, rng = np.load(data), np.random.default_rng(seed)
    x, y = d["x_train"].astype(np.float32), d["y_train"]
    validation, test = d["x_validation"].astype(np.float32), d["x_test"].astype(np.float32)
    network = Network(seed)
    state, learn = dict(stateManager.state), jax.jit(network.learn)
    learn(learn(state, x[:BATCH], y[:BATCH]), x[:BATCH], y[:BATCH])  # compiles, and is thrown away
    answer = jax.jit(lambda state, images: network.forward(state, images)[-1].argmax(axis=1))
    seconds, times, validated = 0.0, [], []
    while len(times) < EPOCHS[len(x)] and seconds < BUDGET:
        began, order = time.process_time(), rng.permutation(len(x))
        for start in range(0, len(x) - BATCH + 1, BATCH):
            part = order[start : start + BATCH]
            state = learn(state, x[part], y[part])
        jax.block_until_ready(state)
        seconds += time.process_time() - began
        times.append(seconds)
        validated.append(np.asarray(answer(state, validation)))
    sizes = "-".join(map(str, SIZES))
    about = f"ngc-learn {__version__} predictive coding {sizes}, JAX {jax.__version__}, {len(times)} epochs"
    np.savez(out, predicted=np.asarray(answer(state, test)), validated=validated, times=times, seconds=seconds,
             about=about)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
