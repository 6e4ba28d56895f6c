"""How near to theory each kind of engine has to be, and why. The only place where these numbers are."""

from __future__ import annotations

from dataclasses import dataclass

from neuro_bpdl.engines.protocol import Label
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec
from neuro_bpdl.spec.capabilities import capabilities_of

STILL_MOVING = 0.02
"""A layer whose last inference step is longer than this share of its whole path has not converged.

N steps of equal length would each be 1/N = 0.067 of the path for the paper's N = 15; a layer below 0.02 has slowed
down to less than a third of that. It is a finding, not a failure: Algorithm 2 stops after N steps whatever happens.
"""


COMPARED_RATE = 0.005
"""Updates are compared at learning rates of at least this much.

The rule is linear in its rates, so the direction of an update does not depend on them; but in integers an update far
below a step of the weights is drawn, not computed.
"""


@dataclass(frozen=True)
class Tolerance:
    """Limits for one kind of engine, against theory.

    Attributes
    ----------
    r : float
        Least Pearson correlation of a layer's rates at the end of inference,
        where payloads stand for at most 1; see `unit_of`.
    rmse : float
        Largest root mean square difference of a layer's rates, in the unit of
        `unit_of` (the range of most activations is 1).
    objective : float
        Largest relative difference of each term of the objective at the end
        of inference, of the mean over images; relative to the term, or to half
        a nat a unit where the term is nearer to 0.
    cosine : float
        Least cosine between a matrix's first changes.
    """

    r: float
    rmse: float
    objective: float
    cosine: float
    reason: str


EXACT = Tolerance(
    r=1 - 1e-9, rmse=1e-6, objective=1e-4, cosine=1 - 1e-6,
    reason="the same equations in the same order: only the floating type (float32 in kernels) may differ",
)  # fmt: skip
COMPOSED = Tolerance(
    r=1 - 1e-6, rmse=1e-3, objective=1e-3, cosine=0.999,
    reason="the same equations with stock Lava parts, whose longest trace constant of 65535 decays by 1.5e-5 a step",
)  # fmt: skip
FIXED = Tolerance(
    r=0.995, rmse=0.02, objective=0.05, cosine=0.50,
    reason="rates of 7 bits and weights of 8 bits: a few steps of 1/128 of the largest range up to a layer. One image "
           "moves most weights by less than one step, so an update is mostly stochastic rounding: cosines of 0.95 to "
           "0.97 over ten images at 784-200-64, where many synapses average it out, but 0.65 in a third layer of 12 "
           "by 8",
)  # fmt: skip
NENGO_RATE = Tolerance(
    r=0.99, rmse=0.02, objective=0.02, cosine=0.99,
    reason="continuous time: Algorithm 2 with step δ is an Euler scheme of it and differs by O(δ)",
)  # fmt: skip
NENGO_SPIKES = Tolerance(
    r=0.95, rmse=0.05, objective=0.05, cosine=0.90,
    reason="regular and LIF spikes in a window of 0.1 s are rates rounded to 1/20, averaged over many synapses",
)  # fmt: skip
NENGO_POISSON = Tolerance(
    r=0.95, rmse=0.10, objective=0.30, cosine=0.25,
    reason="a window of 0.1 s holds 20 spikes at activity 1: counts are off by up to 1/√20 = 0.22 per unit, which "
           "inference averages out of the rates, but a change of the weights over a few images does not",
)  # fmt: skip


def unit_of(label: Label, params: Parameters, layer: int) -> float:
    """The activity that a difference of a layer's rates is measured in.

    In fixed point a payload has 7 bits, whatever it stands for: a straight-piece
    softplus that goes to 8 is sent in steps of 8/127, and the layers above it
    see no finer ones. There it is the largest range up to the layer; else 1.
    """
    if label.arithmetic != "fixed":
        return 1.0
    return max(1.0, *(transfer.high for transfer in params.transfers[: layer + 1]))


def at_compared_rates(plasticity: PlasticitySpec, depth: int) -> PlasticitySpec:
    """The same rule, all rates times what brings the least to `COMPARED_RATE`; see there."""
    least = min(*plasticity.rates_up(depth), *plasticity.rates_down(depth))
    return plasticity if least >= COMPARED_RATE else plasticity.scaled(COMPARED_RATE / least)


def tolerance_for(label: Label) -> Tolerance:
    """The tolerance of an engine, from what it says of itself."""
    if label.backend == "nengo":
        return {"rate": NENGO_RATE, "poisson": NENGO_POISSON}.get(label.model, NENGO_SPIKES)
    if label.arithmetic == "fixed":
        return FIXED
    return EXACT if capabilities_of(label.backend, label.model).exact else COMPOSED
