"""What the defaults make of pictures of every kind: no flag but data, layers and epochs.

Trains n-200-64 on digits, the same black on white, clothes, small digits, patches of two photographs, faces and random
blobs, and measures test images: errors from h_1 (beside as many principal components as the top has units) and from
the top, relative to the mean image's, mean ± standard deviation over seeds. Every run is a folder in DIR that a second
call reads; rows go to DIR/any_images.json, a table to stdout.

    python benchmarks/any_images.py --out DIR [--layers 200,64] [--epochs 10] [--seeds 0,1,2] [--arithmetic float,fixed]
        [--only mnist-mini,faces]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_sample_images

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.recipes import compose
from neuro_bpdl.training.evaluation import evaluate
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import resume, train

Array = NDArray[Any]
LUMA = (0.299, 0.587, 0.114)
PATCH, BLOB, FASHION_IMAGES = 16, 28, 5000
TRAIN, TEST = 5000, 1000


def main() -> None:
    """Train what is missing, measure everything, print the table."""
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = [
        _row(options, name, arithmetic)
        for name in options.only.split(",")
        for arithmetic in options.arithmetic.split(",")
    ]
    (options.out / "any_images.json").write_text(json.dumps(rows, indent=1) + "\n")
    print(_table(rows))


def _row(options: argparse.Namespace, name: str, arithmetic: str) -> dict[str, Any]:
    dataset = IMAGES[name](options.out)
    runs = [_measured(options, name, dataset, arithmetic, int(seed)) for seed in options.seeds.split(",")]
    print(name, arithmetic, [f"{run['h1']:.4f} {run['top']:.3f} {run['verdict']}" for run in runs], flush=True)
    return {"images": name, "pixels": dataset.pixels, "train_images": len(dataset.x_train), "arithmetic": arithmetic,
            "mean": float(dataset.x_train.mean()), "runs": runs}  # fmt: skip


def _measured(
    options: argparse.Namespace, name: str, dataset: Dataset, arithmetic: str, seed: int
) -> dict[str, Any]:
    given: dict[tuple[str, ...], Any] = {
        ("data",): dataset.name, ("layers",): tuple(int(size) for size in options.layers.split(",")),
        ("training", "epochs"): options.epochs, ("training", "seed"): seed, ("engine", "arithmetic"): arithmetic,
    }  # fmt: skip
    path = options.out / f"{name}-{arithmetic}-{options.layers.replace(',', '-')}-{options.epochs}-s{seed}"
    run = resume(RunDir.open(path), dataset) if path.exists() else train(compose({}, given), dataset, path)
    found = evaluate(run, dataset)
    mean = found.baselines["mean_image_mse"]
    spec, shown = run.config.spec, found.measurement
    return {
        "seed": seed, "h1": shown.reconstruction_mse / mean, "top": shown.deep_reconstruction_mse / mean,
        "pca": found.baselines["pca_mse"] / mean, "ground": spec.training.ground, "batch": spec.training.batch,
        "noise": spec.plasticity.noise_of(0), "rates": spec.plasticity.rate_text,
        "verdict": run.metrics()[-1].get("verdict"),
    }  # fmt: skip


def _table(rows: list[dict[str, Any]]) -> str:
    lines = ["| images | pixels | mean | ground | noise | batch | arithmetic | from h₁ | / PCA's | from the top |",
             "|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        first, runs = row["runs"][0], row["runs"]
        h1, top = (_spread([run[key] for run in runs]) for key in ("h1", "top"))
        pca = _spread([run["h1"] / run["pca"] for run in runs]) if first["pca"] > 1e-9 else "PCA is exact"
        kind = f"{first['ground']} | {first['noise']:g} | {first['batch']} | {row['arithmetic']}"
        lines.append(f"| {row['images']} ({row['train_images']}) | {row['pixels']} | {row['mean']:.2f} | "
                     f"{kind} | {h1} | {pca} | {top} |")  # fmt: skip
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


def _made(out: Path, name: str, make: Callable[[], tuple[Array, Array]]) -> Dataset:
    """Images of our own, through the loader that everybody's files take."""
    path = out / f"{name}.npz"
    if not path.exists():
        train_images, test_images = make()
        np.savez(path, x_train=train_images, x_test=test_images)
    return load(str(path))


def _inverted(out: Path) -> Dataset:
    data = load("mnist-mini")
    shape = (-1, *data.image_shape)
    return _made(out, "mnist-mini-inverted", lambda: (
        *(255 - np.rint(255 * images).astype(np.uint8).reshape(shape) for images in (data.x_train, data.test)),
    ))  # fmt: skip


def _patches() -> tuple[Array, Array]:
    """Squares of two photographs: the left four fifths to learn from, the rest to test on."""
    photographs = [image.astype(np.float64) @ LUMA for image in load_sample_images().images]
    rng = np.random.default_rng(0)

    def cut(n: int, left: float, right: float) -> Array:
        found = np.empty((n, PATCH, PATCH), np.uint8)
        for k in range(n):
            image = photographs[k % len(photographs)]
            row = rng.integers(0, image.shape[0] - PATCH)
            column = rng.integers(int(left * image.shape[1]), int(right * image.shape[1]) - PATCH)
            found[k] = np.rint(image[row : row + PATCH, column : column + PATCH])
        return found

    return cut(TRAIN, 0, 0.8), cut(TEST, 0.8, 1)


def _blobs() -> tuple[Array, Array]:
    """One to five Gaussian bumps at random places, of random widths and heights."""
    rng, grid = np.random.default_rng(0), np.arange(BLOB)

    def draw(n: int) -> Array:
        images = np.zeros((n, BLOB, BLOB))
        for k in range(n):
            for _ in range(rng.integers(1, 6)):
                row, column, width, height = (rng.uniform(*ends) for ends in ((3, 25), (3, 25), (1, 3), (0.4, 1)))
                distance = (grid[:, None] - row) ** 2 + (grid - column) ** 2
                images[k] += height * np.exp(-distance / (2 * width**2))
        return np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)

    return draw(TRAIN), draw(TEST)


IMAGES: dict[str, Callable[[Path], Dataset]] = {
    "mnist-mini": lambda out: load("mnist-mini"),
    "inverted": _inverted,
    "fashion": lambda out: load("fashion").limit(FASHION_IMAGES),
    "digits": lambda out: load("digits"),
    "patches": lambda out: _made(out, "patches", _patches),
    "faces": lambda out: load("faces"),
    "blobs": lambda out: _made(out, "blobs", _blobs),
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--layers", default="200,64")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--arithmetic", default="float,fixed")
    parser.add_argument("--only", default=",".join(IMAGES))
    return parser.parse_args()


if __name__ == "__main__":
    main()
