"""scikit-learn's BernoulliRBM: persistent contrastive divergence, samples and missing pixels by Gibbs sampling."""

from __future__ import annotations

import sys
import time

import numpy as np
import sklearn
from sklearn.neural_network import BernoulliRBM

HIDDEN, EPOCHS, BATCH, RATE = 200, 30, 20, 0.01
SAMPLES, BURN_IN, FILL_STEPS, AVERAGED = 1000, 300, 60, 30


def up(rbm: BernoulliRBM, v: np.ndarray) -> np.ndarray:
    """P(h = 1 | v)."""
    return 1 / (1 + np.exp(-(v @ rbm.components_.T + rbm.intercept_hidden_)))


def down(rbm: BernoulliRBM, h: np.ndarray) -> np.ndarray:
    """P(v = 1 | h)."""
    return 1 / (1 + np.exp(-(h @ rbm.components_ + rbm.intercept_visible_)))


def main(data: str, out: str, seed: int) -> None:
    """Train, then draw, reconstruct and fill."""
    d, rng = np.load(data), np.random.default_rng(seed)
    began = time.process_time()
    rbm = BernoulliRBM(HIDDEN, learning_rate=RATE, batch_size=BATCH, n_iter=EPOCHS, random_state=seed)
    rbm.fit(d["x_train"].astype(np.float64))
    seconds = time.process_time() - began

    def coin(p: np.ndarray) -> np.ndarray:
        return (rng.random(p.shape) < p).astype(float)

    samples = (rng.random((SAMPLES, d["x_train"].shape[1])) < d["x_train"].mean(axis=0)).astype(float)
    for _ in range(BURN_IN):
        picture = down(rbm, coin(up(rbm, samples)))
        samples = coin(picture)
    x, missing = d["x_test"], d["missing"]
    v = np.where(missing, d["x_train"].mean(axis=0), x)
    total = np.zeros_like(v)
    for step in range(FILL_STEPS):
        p = down(rbm, coin(up(rbm, v)))
        v = np.where(missing, coin(p), x)
        total += p if step >= FILL_STEPS - AVERAGED else 0
    np.savez(out, samples=picture, reconstruction=down(rbm, up(rbm, x)), seconds=seconds,
             filled=np.where(missing, total / AVERAGED, x),
             about=f"scikit-learn {sklearn.__version__} BernoulliRBM 784-{HIDDEN}, {EPOCHS} epochs")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
