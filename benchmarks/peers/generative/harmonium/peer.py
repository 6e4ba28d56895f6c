"""ngc-learn: a harmonium (restricted Boltzmann machine) with the settings of its museum's exhibit harmonium.

HebbianSynapses for both phases and ngc-learn's Adam (0.0001), 256 hidden units, minibatches of 500 binary draws of the
images, persistent chains that are shuffled with probability 0.75, L2 0.01, hidden biases from −4, visible ones from the
data. The exhibit makes 10,000 updates (100 epochs of MNIST); this stops there or when its time is used. The stochastic
cell is the exhibit's own and not ngc-learn's: here it is a line of JAX. Samples and missing pixels as for BernoulliRBM.
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
from ngclearn.components import HebbianSynapse
from ngclearn.utils.distribution_generator import DistributionGenerator as Dist
from ngclearn.utils.optim import get_opt_init_fn, get_opt_step_fn
from ngcsimlib.global_state import stateManager

VISIBLE, HIDDEN, BATCH, UPDATES = 784, 256, 500, 10_000
BUDGET = {3500: 25.0, 50_000: 480.0}  # seconds of training, by how many images there are
RATE, L2, SHUFFLED, SPREAD, SPARSE = 0.0001, 0.01, 0.75, 0.01, -4.0
SAMPLES, BURN_IN, FILL_STEPS, AVERAGED = 1000, 300, 60, 30
Theta = list[Any]  # weights (visible, hidden), hidden biases, visible biases


def correlate(seed: int) -> tuple[Any, Theta]:
    """pre.T · post by a HebbianSynapse, as a function; its first weights and hidden biases."""
    with Context("rbm"):
        synapse = HebbianSynapse("W", (VISIBLE, HIDDEN), eta=0.0, weight_init=Dist.gaussian(mean=0.0, std=SPREAD),
                                 bias_init=Dist.constant(SPARSE), w_bound=0.0, batch_size=BATCH,
                                 key=random.PRNGKey(seed))  # fmt: skip
        process = MethodProcess("update") >> synapse.calc_update
    state, run, words = dict(stateManager.state), process.run.compiled, process.get_keywords()

    def product(pre: Any, post: Any) -> Any:
        given = {**state, synapse.pre.target: pre, synapse.post.target: post}
        return run(given, [0.0 for _ in words])[0][synapse.dWeights.target]

    return product, [state[synapse.weights.target], state[synapse.biases.target]]


def up(theta: Theta, v: Any) -> Any:
    """P(h = 1 | v)."""
    return jax.nn.sigmoid(v @ theta[0] + theta[1])


def down(theta: Theta, h: Any) -> Any:
    """P(v = 1 | h)."""
    return jax.nn.sigmoid(h @ theta[0].T + theta[2])


def coin(key: Any, p: Any) -> Any:
    """Draws of 0 and 1."""
    return random.bernoulli(key, p).astype(jnp.float32)


def trained(x: Any, seed: int) -> tuple[Theta, float, int]:
    """Parameters, seconds and updates."""
    product, theta = correlate(seed)
    mean = x.mean(axis=0, keepdims=True)
    mean = np.where(mean > 0, np.minimum(mean, 0.99), 0.01)
    theta = [*theta, jnp.log(mean / (1 - mean))]
    step, rng = get_opt_step_fn("adam", eta=RATE), np.random.default_rng(seed)

    @jax.jit
    def update(theta: Theta, adam: Any, chains: Any, images: Any, key: Any) -> tuple[Theta, Any, Any]:
        draws = random.split(key, 5)
        v = coin(draws[0], images)
        told, dreamt = up(theta, v), down(theta, chains)
        redreamt = up(theta, dreamt)
        change = (product(v, told) - product(dreamt, redreamt)) / BATCH - 0.5 * L2 * theta[0]
        biases = [(told - redreamt).mean(axis=0, keepdims=True), (v - dreamt).mean(axis=0, keepdims=True)]
        adam, theta = step(adam, theta, [-change, *(-each for each in biases)])
        chains = coin(draws[2], redreamt)
        mixed = random.uniform(draws[3]) <= SHUFFLED
        return theta, adam, jnp.where(mixed, random.permutation(draws[4], chains), chains)

    adam, key, seconds, done = get_opt_init_fn("adam")(theta), random.PRNGKey(seed + 1), 0.0, 0
    chains = coin(key, up(theta, coin(key, x[:BATCH])))
    update(theta, adam, chains, x[:BATCH], key)  # compiles
    began = time.process_time()
    while done < UPDATES and time.process_time() - began < BUDGET[len(x)]:
        key, now = random.split(key)
        images = x[rng.choice(len(x), BATCH, replace=False)]
        theta, adam, chains = update(theta, adam, chains, images, now)
        done += 1
    jax.block_until_ready(theta)
    seconds = time.process_time() - began
    return theta, seconds, done


def main(data: str, out: str, seed: int) -> None:
    """Train, then draw, reconstruct and fill."""
    d = np.load(data)
    x, test, missing = d["x_train"].astype(np.float32), d["x_test"].astype(np.float32), d["missing"]
    theta, seconds, updates = trained(x, seed)
    key, mean = random.PRNGKey(seed + 2), x.mean(axis=0)

    @jax.jit
    def gibbs(v: Any, key: Any) -> Any:
        return down(theta, coin(key, up(theta, v)))

    samples = coin(key, jnp.broadcast_to(mean, (SAMPLES, VISIBLE)))
    for _ in range(BURN_IN):
        key, one, two = random.split(key, 3)
        picture = gibbs(samples, one)
        samples = coin(two, picture)
    v, total = np.where(missing, mean, test), np.zeros_like(test)
    for k in range(FILL_STEPS):
        key, one, two = random.split(key, 3)
        p = gibbs(v, one)
        v = np.where(missing, coin(two, p), test)
        total += np.asarray(p) if k >= FILL_STEPS - AVERAGED else 0
    about = f"ngc-learn {__version__} harmonium {VISIBLE}-{HIDDEN}, JAX {jax.__version__}, {updates} updates"
    np.savez(out, samples=picture, reconstruction=down(theta, up(theta, test)), seconds=seconds, about=about,
             filled=np.where(missing, total / AVERAGED, test))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
