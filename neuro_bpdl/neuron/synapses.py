"""The learning engine as a neuron document describes it: sums of products over every synapse at every time step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import SimulationError

Array = NDArray[Any]
_SIGN_OF_TAG = re.compile(r"sgn\(t([+-]\d+)\)")


@dataclass(frozen=True)
class Product:
    """mantissa · 2^exponent · dependency · factors."""

    mantissa: int
    exponent: int
    dependency: str
    factors: tuple[str, ...]


def parsed(rule: str) -> list[Product]:
    """The products of a rule in Lava's grammar, e.g. ``2^-1*u0*sgn(t+32)-6*2^-3*x0*x1*y2``."""
    terms = re.findall(r"[+-]?(?:sgn\([^)]*\)|\^-\d+|[^+-])+", rule)
    if "".join(terms) != rule:
        raise SimulationError(f"neuron program: {rule!r} is no sum of products")
    return [_product(term) for term in terms]


def _product(term: str) -> Product:
    mantissa, exponent, dependency, factors = -1 if term.startswith("-") else 1, 0, "", []
    for part in term.lstrip("+-").split("*"):
        if part.startswith("2^"):
            exponent = int(part[2:])
        elif part.isdecimal():
            mantissa *= int(part)
        elif part in ("x0", "u0"):
            dependency = part
        else:
            factors.append(part)
    return Product(mantissa, exponent, dependency, tuple(factors))


class Synapses:
    """One plastic matrix.

    Parameters
    ----------
    document : mapping
        The ``synapses`` of a neuron document.
    rule : {"weight": str, "tag": str} or None
        None where nothing is learned.
    weights, tags : (pre + 1, post) int64
        Copies are kept. The last presynaptic unit is the always-on one.
    """

    def __init__(
        self, document: Mapping[str, Any], rule: Mapping[str, str] | None, weights: Array, tags: Array
    ) -> None:
        self.weights, self.tags = weights.astype(np.int64), tags.astype(np.int64)
        self._document, self._settled = document, rule is None
        self._rules = {} if rule is None else {name: parsed(text) for name, text in rule.items()}

    def currents(self, payload: Array) -> Array:
        """(post,), what payloads (pre + 1,) cause."""
        return payload @ self.weights

    def step(self, payload: Array | None, traces: tuple[Array, Array] | None, draws: Any) -> None:
        """One time step of both rules.

        Parameters
        ----------
        payload : (pre + 1,) or None
            What arrives; None where nothing was sent.
        traces : ((post,), (post,)) or None
            y1 and y2.
        draws : () -> (pre + 1, post) or (1, 1)
        """
        if not self._rules or (self._settled and traces is None):
            return  # without y1 and y2 the rules are what they were when they changed nothing
        values, drawn = self._values(payload, traces), draws()
        weights = self._applied(self.weights, "weight", values, drawn)
        tags = self._applied(self.tags, "tag", values, drawn)
        self._settled = traces is None and bool((weights == self.weights).all() and (tags == self.tags).all())
        self.weights, self.tags = weights, tags

    def _values(self, payload: Array | None, traces: tuple[Array, Array] | None) -> dict[str, Array]:
        pre, post = self.weights.shape
        sent = np.zeros(pre, np.int64) if payload is None else payload
        y1, y2 = (np.zeros(post, np.int64),) * 2 if traces is None else traces
        return {
            "u0": np.ones((1, 1), np.int64), "x0": (sent != 0).astype(np.int64)[:, None],
            "x1": np.rint(sent / 2).astype(np.int64)[:, None], "y1": y1[None], "y2": y2[None],
        }  # fmt: skip

    def _applied(self, held: Array, name: str, values: Mapping[str, Array], draws: Array) -> Array:
        accumulator, limits = self._document["accumulator"], self._document[name]
        fraction = accumulator["fraction_bits"]
        total = held << fraction
        for product in self._rules[name]:
            change = np.clip(self._change(product, values), accumulator["min"], accumulator["max"])
            total = np.clip(total + change, accumulator["min"], accumulator["max"])
        rounded = (total + (1 << fraction) - 1 - draws) >> fraction
        return np.clip(rounded, limits["min"], limits["max"])

    def _change(self, product: Product, values: Mapping[str, Array]) -> Array:
        bits, accumulator = self._document["factor_bits"], self._document["accumulator"]
        result, width = product.mantissa * values[product.dependency], bits["literal"]
        for factor in product.factors:
            sign = _SIGN_OF_TAG.fullmatch(factor)
            result = result * (np.sign(self.tags + int(sign[1])) if sign else values[factor])
            width += bits["t" if sign else factor]
        result = result >> max(0, width - accumulator["bits"])
        return result << (product.exponent + accumulator["fraction_bits"])
