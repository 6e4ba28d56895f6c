"""Published on-chip learners, kept apart from our own estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["measured", "projected", "not stated"]


@dataclass(frozen=True)
class PublishedLearner:
    """One row as printed; None where the source prints nothing.

    ``basis`` is "not stated" where the copy read does not say how the number
    came about. Energies are per training sample, times too.
    """

    work: str
    chip: str
    learning: str
    network: str
    energy_mj: float | None
    time_ms: float | None
    accuracy: float | None
    basis: Basis
    source: str


_RENNER = "Renner et al., Nat Commun 15:9691 (2024), Table 1"


def published_learners() -> tuple[PublishedLearner, ...]:
    """Energy, time and MNIST accuracy (%) of on-chip learners, as published."""
    rows: tuple[tuple[str, str, str, str, float | None, float | None, float | None], ...] = (
        ("Renner 2024", "Loihi", "on-chip BP", "400-400-10 (20x20 crop)", 0.59, 1.5, 96.3),
        ("Shrestha 2021 EMSTDP", "Loihi", "FA/DFA", "CNN-CNN-100-10", 8.4, 20.0, 94.7),
        ("Lin 2018", "Loihi", "S-STDP", "1920-10", 0.553, None, 96.4),
        ("Frenkel 2020", "SPOON", "DRTP", "CNN-10", 0.000366, 0.12, 95.3),
        ("Park 2019", "ASIC", "mod. SD", "784-200-200-10", 0.000253, 0.01, 98.1),
        ("Chen 2018", "ASIC", "S-STDP", "236-20", 0.017, 0.16, 89.0),
        ("Frenkel 2018", "ODIN", "SDSP", "256-10", 0.000015, None, 84.5),
    )
    return (
        *(PublishedLearner(*row, "not stated", _RENNER) for row in rows),
        PublishedLearner("CLP-SNN 2025", "Loihi 2", "prototype learning (OpenLORIS)", "CLP-SNN", 0.05, 0.33, None,
                         "not stated", "arXiv 2511.01553 v2, abstract"),
        PublishedLearner("EqSpike", "none (simulation)", "equilibrium propagation", "not stated", None, None, 97.6,
                         "projected", "arXiv 2010.07859, abstract: energy 100 times below a GPU's in training"),
    )
