"""Images: what peers are given, and how what they draw, rebuild, fill in or say is judged.

The common file has x_train, y_train, x_validation, y_validation, x_test, y_test and missing (True where a test image's
pixel is hidden). A generative peer writes samples, reconstruction (of x_test) and filled (x_test with its missing
pixels inferred); a supervised one predicted (of x_test), and for every epoch validated (classes of x_validation) and
times (of training until its end). Both write seconds and about. Seconds are those that the processor gave to training
(time.process_time, one thread): on a machine with other work a clock would measure that work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from neuro_bpdl.data import load, missing_mask
from neuro_bpdl.generation.quality import Judge

VALIDATION = {"mnist-mini": 500, "mnist": 10_000}
GENERATIVE = ("ours", "rbm", "harmonium")
SUPERVISED = ("ours:float", "ours:fixed", "pcn", "mlp")
GOALS = {"mnist-mini": (0.90, 0.93), "mnist": (0.97, 0.98)}


def write(name: str, path: Path) -> dict[str, Any]:
    """The common file; returns its arrays."""
    dataset, kept = load(name), VALIDATION[name]
    arrays = {
        "x_train": dataset.x_train[:-kept], "y_train": dataset.labels("train")[:-kept],
        "x_validation": dataset.x_train[-kept:], "y_validation": dataset.labels("train")[-kept:],
        "x_test": dataset.test, "y_test": dataset.labels("test"),
        "missing": missing_mask("left", 0.5, dataset.image_shape, len(dataset.test), 0), "goals": GOALS[name],
    }  # fmt: skip
    np.savez(path, **arrays)
    return arrays


def measure(found: dict[str, Any], arrays: dict[str, Any], seed: int) -> dict[str, Any]:
    """A peer's row: errors relative to the mean image's, Parzen by our protocol, accuracy and when it was reached."""
    x, missing, mean = arrays["x_test"], arrays["missing"], arrays["x_train"].mean(axis=0)
    row: dict[str, Any] = {"about": str(found["about"]), "CPU s": round(float(found["seconds"]), 1)}
    if "reconstruction" in found:
        row["reconstruction"] = ratio(found["reconstruction"], x, mean, np.ones_like(missing))
    if "filled" in found:
        row["missing left half"] = ratio(found["filled"], x, mean, missing)
    if "samples" in found:
        judge = Judge(arrays["x_train"], arrays["y_train"], arrays["x_validation"], x, seed)
        row["parzen"] = judge.score(found["samples"].astype(np.float32))
    if "predicted" in found:
        row["accuracy"] = float((found["predicted"] == arrays["y_test"]).mean())
    if "validated" in found:
        row.update(progress(found, arrays))
    return row


def progress(found: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
    """Images learned from per second, and the seconds after which validation images were known so well."""
    known = (found["validated"] == arrays["y_validation"]).mean(axis=1)
    row: dict[str, Any] = {"images/s": round(len(known) * len(arrays["x_train"]) / float(found["times"][-1]))}
    for goal in arrays["goals"]:
        reached = np.flatnonzero(known >= goal)
        row[f"CPU s to {100 * goal:.0f} %"] = round(float(found["times"][reached[0]]), 1) if len(reached) else None
    return {**row, "best validation": float(known.max()), "epochs": len(known)}


def ratio(image: Any, x: Any, mean: Any, where: Any) -> float:
    """Squared error at some pixels, the mean image's = 1."""
    return float(((image - x)[where] ** 2).mean() / ((mean - x)[where] ** 2).mean())
