"""Single rows of the table of `neuro-bpdl reproduce reward`: many short commands instead of a long one.

    python benchmarks/reward_rows.py ENVIRONMENT METHOD [SEED ...] [FIELD=VALUE ...]

METHOD is the beginning of a method's name: fixed, float, SARSA, backpropagation, or "fixed, hidden". SEED may be a
range, 0-15. A FIELD is a number of `ControlSpec`, for our agents: hidden=100 gamma_shift=7.
"""

from __future__ import annotations

import sys

from neuro_bpdl.experiments.reward import FIRST_SEED, SEEDS, TASKS, line_of


def main(environment: str, method: str, seeds: list[int], other: dict[str, float]) -> None:
    """Print a line per seed, and how many were solved."""
    name, solved, last = next(name for name in TASKS[environment] if name.startswith(method)), 0, []
    told = ", ".join([environment, name, *(f"{field} {value:g}" for field, value in other.items())])
    for seed in seeds:
        line, _, _ = line_of(environment, name, TASKS[environment][name], seed, **other)
        print(f"{told}, seed {seed}: {line}", flush=True)
        solved, last = solved + (line["solved_at"] is not None), [*last, line["last_100"]]
    print(f"solved {solved} of {len(seeds)}; last 100 returns {min(last):.0f} to {max(last):.0f}")


def seeds_of(words: list[str]) -> list[int]:
    """The seeds that are named, singly or as ranges."""
    ends = [[int(end) for end in word.split("-")] for word in words]
    return [seed for first, *last in ends for seed in range(first, (last or [first])[0] + 1)]


if __name__ == "__main__":
    where, which, *rest = sys.argv[1:]
    fields = {name: float(value) for name, value in (word.split("=") for word in rest if "=" in word)}
    given = seeds_of([word for word in rest if "=" not in word])
    main(where, which, given or list(range(FIRST_SEED, FIRST_SEED + SEEDS)), fields)
