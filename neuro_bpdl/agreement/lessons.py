"""What labels change in integers beside theory: summed over many events, each from the same weights."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from neuro_bpdl.agreement.measures import changes
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec
from neuro_bpdl.theory.teaching import teach

Array = NDArray[Any]
ENGINE = EngineSpec(arithmetic="fixed")


def summed_lessons(
    params: Parameters, rule: PlasticitySpec, rows: Array, *, seed: int = 0
) -> dict[str, tuple[Array, Array]]:
    """By matrix, what the event of every label changes, added up: in fixed point, and by `theory.teaching`.

    Parameters
    ----------
    params : Parameters
        Of a network that is only taught: `Parameters.taught`. Both start from what its integers stand for.
    rows : (N, n_0 + classes)
        Images and labels. Rounding draws anew for each, so that a row may come more than once.

    Returns
    -------
    {"F_1": (fixed, theory), "F_2": …, "G_2": …}: G_1 is not taught.
    """
    program, pixels = learning_program(ENGINE, params.network, 1), params.network.sizes[0]
    kernel: Any = make_network(ENGINE, params, InferenceSpec(), rule, program, batch=1, seed=seed)
    begin, memory = kernel.to_parameters(params), kernel.memory.copy()
    sums: list[dict[str, Array]] = [{}, {}]
    for k in range(len(rows)):
        row, wanted = rows[k : k + 1], begin.copy()
        kernel.memory[:] = memory
        kernel.present(k, kernel.to_feed(row))
        teach(wanted, row[:, :pixels], row[:, pixels:], rule)
        for total, learned in zip(sums, (kernel.to_parameters(params), wanted), strict=True):
            for name, change in changes(begin, learned).items():
                total[name] = total.get(name, 0) + change
    fixed, theory = sums
    return {name: (fixed[name], theory[name]) for name in sorted(fixed) if name != "G_1"}
