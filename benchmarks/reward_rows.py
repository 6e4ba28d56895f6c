"""Single rows of the table of `neuro-bpdl reproduce reward`: many short commands instead of a long one.

    python benchmarks/reward_rows.py ENVIRONMENT METHOD [SEED ...]

METHOD is the beginning of a method's name: fixed, float, SARSA, backpropagation, or "fixed, hidden".
"""

from __future__ import annotations

import sys

from neuro_bpdl.experiments.reward import FIRST_SEED, SEEDS, TASKS, line_of


def main(environment: str, method: str, seeds: list[int]) -> None:
    """Print a line per seed."""
    name = next(name for name in TASKS[environment] if name.startswith(method))
    for seed in seeds:
        line, _, _ = line_of(environment, name, TASKS[environment][name], seed)
        print(f"{environment}, {name}, seed {seed}: {line}", flush=True)


if __name__ == "__main__":
    given = [int(seed) for seed in sys.argv[3:]]
    main(sys.argv[1], sys.argv[2], given or list(range(FIRST_SEED, FIRST_SEED + SEEDS)))
