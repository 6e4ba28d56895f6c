"""Markov chains the paper weighs against GENERATE: joint DAE, Langevin with and without rejection, and their mixing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.learning import corrupt
from neuro_bpdl.theory.maps import f, g
from neuro_bpdl.theory.model import log_joint, log_prior
from neuro_bpdl.theory.score import prior_score, target_propagation_score, true_score

Array = NDArray[np.floating]
State = list[Array]
Step = Callable[[State, np.random.Generator], State]


def ancestral(params: Parameters, top: Array, rng: np.random.Generator) -> State:
    """A state [x, h_1, …, h_L] of p(x, h): ``top`` mapped down, with the noise σ_l of every layer (Eq 7)."""
    h = [top]
    for layer in range(params.network.depth, 0, -1):
        mean = g(params, layer, h[0])
        noise = rng.standard_normal(mean.shape).astype(mean.dtype)
        h.insert(0, mean + float(np.sqrt(params.variance[layer - 1])) * noise)
    return h


def joint_dae(params: Parameters, plasticity: PlasticitySpec) -> Step:
    """One step of the joint denoising auto-encoder: corrupt (x, h), then reconstruct every layer (Eqs 9–11).

    A middle layer is rebuilt from above or from below with probability ½ each,
    drawn per image; the image from above, the top from below. Corruption is
    that of training, so that the maps meet what they were trained on.
    """
    depth = params.network.depth

    def step(h: State, rng: np.random.Generator) -> State:
        noisy = [corrupt(params, layer, state, plasticity, rng) for layer, state in enumerate(h)]
        new = [g(params, 1, noisy[1])]
        for layer in range(1, depth):
            from_above = rng.random((len(h[0]), 1)) < 0.5
            new.append(np.where(from_above, g(params, layer + 1, noisy[layer + 1]), f(params, layer, noisy[layer - 1])))
        return [*new, f(params, depth, noisy[depth - 1])]

    return step


def latent_dae(params: Parameters, inference: InferenceSpec) -> Step:
    """One round of GENERATE: infer h from x, then x ← g_1(h_1) (§5.2 of the paper)."""

    def step(h: State, rng: np.random.Generator) -> State:
        inferred = infer(params, h[0], inference, rng=rng).h
        return [g(params, 1, inferred[1]), *inferred[1:]]

    return step


@dataclass
class Langevin:
    """Langevin dynamics on log p(x, h), with or without Metropolis–Hastings.

    h_l ← h_l + ε σ²_l ∂log p/∂h_l + √(2 ε σ²_l) N(0, I), x included. The
    scale σ²_l makes ε mean the same in every layer. ``exact`` takes the true
    gradient; otherwise the data term of layer l is Eq 12, divided by σ²_l,
    which is what a synapse can deliver. Activities are not clipped: the
    density lives on the whole space.

    ``accepted`` counts accepted proposals per chain (equal to ``proposed``
    without rejection).
    """

    params: Parameters
    epsilon: float
    exact: bool = True
    rejection: bool = False
    proposed: int = 0
    accepted: Array | None = None

    def __call__(self, h: State, rng: np.random.Generator) -> State:
        """One step of every chain.

        Raises
        ------
        InvalidInput
            The prior p(h_L) has not been fitted.
        """
        log_prior(self.params, h[-1][:1])
        drift = self._drift(h)
        new: State = [mean + np.sqrt(2 * self.epsilon * s) * rng.standard_normal(mean.shape)
               for mean, s in zip(self._means(h, drift), self._scales(), strict=True)]  # fmt: skip
        accept = np.ones(len(h[0]), bool)
        if self.rejection:
            logit = log_joint(self.params, new) - log_joint(self.params, h)
            logit = logit + self._log_proposal(new, h) - self._log_proposal(h, new)
            accept = np.log(rng.random(len(logit))) < logit
        self.proposed += 1
        self.accepted = accept + (np.zeros(len(accept)) if self.accepted is None else self.accepted)
        return [np.where(accept[:, None], a, b) for a, b in zip(new, h, strict=True)]

    def acceptance(self) -> float:
        """Mean acceptance rate over all chains so far."""
        return 1.0 if self.accepted is None else float(self.accepted.mean() / self.proposed)

    def _scales(self) -> list[Array | float]:
        return [*map(float, self.params.variance), np.asarray(self.params.prior_variance)]

    def _drift(self, h: State) -> State:
        """∂log p(x, h)/∂h_l for l = 0…L."""
        params, depth = self.params, self.params.network.depth
        drift = [prior_score(params, 0, h[0], h[1])]
        for layer in range(1, depth + 1):
            if self.exact:
                up = true_score(params, layer, h[layer - 1], h[layer])
            else:
                up = target_propagation_score(params, layer, h[layer - 1], h[layer]) / self._scales()[layer]
            if layer < depth:
                down = prior_score(params, layer, h[layer], h[layer + 1])
            else:
                down = (params.prior_mean - h[layer]) / params.prior_variance  # type: ignore[operator]
            drift.append(up + down)
        return drift

    def _means(self, h: State, drift: State) -> State:
        scales = self._scales()
        return [state + self.epsilon * s * d for state, s, d in zip(h, scales, drift, strict=True)]

    def _log_proposal(self, source: State, goal: State) -> Array:
        """log q(goal | source), up to a constant."""
        means = self._means(source, self._drift(source))
        total = [
            ((to - mean) ** 2 / (4 * self.epsilon * s)).sum(axis=1)
            for to, mean, s in zip(goal, means, self._scales(), strict=True)
        ]
        return -np.sum(total, axis=0)


def run_chain(step: Step, start: State, steps: int, rng: np.random.Generator) -> Array:
    """Images along the chains: the start's and those after each step, (steps + 1, chains, n_0)."""
    h, images = start, [start[0]]
    for _ in range(steps):
        h = step(h, rng)
        images.append(h[0])
    return np.stack(images)


def autocorrelation(images: Array, lags: int) -> Array:
    """Correlation of an image with itself k steps later, k = 0…lags, mean over chains and pixels that vary.

    Parameters
    ----------
    images : (steps, chains, D)

    Returns
    -------
    (lags + 1,), 1 at lag 0; deviations are taken from the mean over all
    chains and steps, so that a chain which never leaves its mode stays high.
    """
    deviation = images - images.mean(axis=(0, 1))
    power = float((deviation**2).mean())
    if power == 0:
        return np.ones(lags + 1)
    return np.array([float((deviation[: len(images) - k] * deviation[k:]).mean()) / power for k in range(lags + 1)])


def class_switches(labels: NDArray[np.integer]) -> float:
    """Share of steps at which the class changes along a chain; ``labels`` is (steps, chains)."""
    return float((labels[1:] != labels[:-1]).mean()) if len(labels) > 1 else 0.0
