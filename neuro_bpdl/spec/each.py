"""Settings that are one number, or one for each hidden layer."""

from __future__ import annotations

from neuro_bpdl.errors import InvalidInput


def one_each(name: str, rates: float | tuple[float, ...], depth: int) -> tuple[float, ...]:
    """The numbers of the hidden layers l = 1…``depth``; raises InvalidInput on another count."""
    if not isinstance(rates, tuple):
        return (rates,) * depth
    if len(rates) != depth:
        raise InvalidInput(
            name, rates, f"one number, or {depth}: one for each hidden layer",
            f"give {depth} numbers, the lowest layer's first",
        )  # fmt: skip
    return rates
