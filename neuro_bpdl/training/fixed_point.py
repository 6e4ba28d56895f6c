"""What fixed point makes of a training run: the settings as the chip has them, and how often a number did not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import RunSpec

NOT_COUNTED = "not counted: stock Lava synapses do not tell"


def quantised_settings(spec: RunSpec, visible: int) -> dict[str, Any] | None:
    """δ, α and the learning rates of F_l and G_l, requested and as the integers give them; None in float.

    Parameters
    ----------
    visible : int
        Pixels of an image.

    Returns
    -------
    {"delta": {"requested", "value", "mantissa", "shift"}, "alpha": one of these for each hidden layer but the top,
    "learning_rates": {"F_1": {"requested", "rate", "literal", "weight_unit"}, …}}

    Raises
    ------
    InvalidInput
        A setting that has no form in fixed point.
    """
    if spec.engine.arithmetic != "fixed":
        return None
    from neuro_bpdl.kernels.fixed.quantize import scheme

    network = spec.network(visible)
    held = scheme(initial_parameters(network, spec.training.seed), spec.inference, spec.plasticity, learns=True,
                  code=spec.engine.messages)
    alphas = zip(spec.inference.alphas(network.depth)[:-1], held.alpha[:-1], strict=True)
    return {
        "delta": _step(spec.inference.delta, held.delta),
        "alpha": [_step(requested, step) for requested, step in alphas],
        "learning_rates": {
            matrix.name: {
                "requested": rule.requested, "rate": rule.rate, "literal": f"{rule.mantissa}*2^{rule.exponent}",
                "weight_unit": f"2^-{matrix.unit_exponent}",
            }
            for matrix, rule in zip((*held.up, *held.down), (*held.up_literals, *held.down_literals), strict=True)
        },
    }  # fmt: skip


def _step(requested: float, step: Any) -> dict[str, Any]:
    return {"requested": requested, "value": step.value, "mantissa": step.mantissa, "shift": step.shift}


def setting_rows(quantised: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(setting, requested, in fixed point, as) of `quantised_settings`, as text."""
    steps = [("δ", quantised["delta"]), *((f"α of h_{k}", step) for k, step in enumerate(quantised["alpha"], start=1))]
    rows = [
        (name, f"{step['requested']:.4g}", f"{step['value']:.4g}", f"{step['mantissa']}/2^{step['shift']}")
        for name, step in steps
    ]
    rows += [
        (f"learning rate of {name}", f"{rate['requested']:.4g}", f"{rate['rate']:.4g}",
         f"{rate['literal']}, weight unit {rate['weight_unit']}")
        for name, rate in quantised["learning_rates"].items()
    ]  # fmt: skip
    return rows


def clipped_per_image(lines: Sequence[dict[str, Any]]) -> list[dict[str, float]] | None:
    """Numbers clipped per image learned, by kind, for every layer; None where nothing was counted.

    Parameters
    ----------
    lines : the lines of metrics.jsonl
    """
    counted = [line for line in lines if line.get("saturations")]
    if not counted:
        return None
    images = len(counted) * counted[-1]["images"] / counted[-1]["epoch"]  # every epoch presents as many
    return [
        {kind: sum(line["saturations"][layer][kind] for line in counted) / images for kind in kinds}
        for layer, kinds in enumerate(counted[0]["saturations"])
    ]
