"""What fixed point makes of a training run: the settings as the chip has them, and how often a number did not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neuro_bpdl.parameters import Parameters, initial_parameters
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
    "learning_rates": {"F_1": {"requested", "rate", "literal", "weight_unit"}, …}}; of images and labels in one network
    "teaching_rates" besides, and "weight", λ.

    Raises
    ------
    InvalidInput
        A setting that has no form in fixed point.
    """
    if spec.engine.arithmetic != "fixed":
        return None
    from neuro_bpdl.kernels.fixed.quantize import scheme

    params = initial_parameters(spec.network(visible), spec.training.seed)
    seen = params.images if spec.joint else params
    held = scheme(seen, spec.inference, spec.plasticity, learns=True, code=spec.engine.messages)
    alphas = zip(spec.inference.alphas(seen.network.depth)[:-1], held.alpha[:-1], strict=True)
    return {
        "delta": _step(spec.inference.delta, held.delta),
        "alpha": [_step(requested, step) for requested, step in alphas],
        "learning_rates": _rates(held),
        **(_of_labels(spec, params) if spec.joint else {}),
    }


def _of_labels(spec: RunSpec, params: Parameters) -> dict[str, Any]:
    """What images and labels in one network have besides; G_1 is not taught."""
    from neuro_bpdl.kernels.fixed.quantize import scheme
    from neuro_bpdl.numbers.steps import quantized_step

    weight = params.network.teacher.weight
    unused = spec.inference.model_copy(update={"alpha": 0.0})  # a lesson does not infer
    rates = _rates(scheme(params.taught, unused, spec.plasticity.teaching, learns=True))
    del rates["G_1"]
    return {"weight": _step(weight, quantized_step("labels.weight", weight)), "teaching_rates": rates}


def _rates(held: Any) -> dict[str, Any]:
    """The learning rate of every matrix, requested and as its literal gives it."""
    return {
        matrix.name: {
            "requested": rule.requested, "rate": rule.rate, "literal": f"{rule.mantissa}*2^{rule.exponent}",
            "weight_unit": f"2^-{matrix.unit_exponent}",
        }
        for matrix, rule in zip(held.matrices, held.literals, strict=True)
    }  # fmt: skip


def _step(requested: float, step: Any) -> dict[str, Any]:
    return {"requested": requested, "value": step.value, "mantissa": step.mantissa, "shift": step.shift}


def setting_rows(quantised: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(setting, requested, in fixed point, as) of `quantised_settings`, as text."""
    steps = [("δ", quantised["delta"]), *((f"α of h_{k}", step) for k, step in enumerate(quantised["alpha"], start=1))]
    steps += [("λ", quantised["weight"])] if "weight" in quantised else []
    rows = [
        (name, f"{step['requested']:.4g}", f"{step['value']:.4g}", f"{step['mantissa']}/2^{step['shift']}")
        for name, step in steps
    ]
    named = [("learning rate", quantised["learning_rates"]), ("teaching rate", quantised.get("teaching_rates", {}))]
    rows += [
        (f"{kind} of {name}", f"{rate['requested']:.4g}", f"{rate['rate']:.4g}",
         f"{rate['literal']}, weight unit {rate['weight_unit']}")
        for kind, rates in named for name, rate in rates.items()
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
