"""scikit-learn's MLPClassifier: back-propagation with labels, the ceiling for classification."""

from __future__ import annotations

import sys
import time

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier


def main(data: str, out: str, seed: int) -> None:
    """Train and predict."""
    d = np.load(data)
    began = time.perf_counter()
    model = MLPClassifier((512, 512), batch_size=100, max_iter=20, early_stopping=False, random_state=seed)
    model.fit(d["x_train"], d["y_train"])
    seconds = time.perf_counter() - began
    about = f"scikit-learn {sklearn.__version__} MLPClassifier 784-512-512-10, {model.n_iter_} epochs"
    np.savez(out, predicted=model.predict(d["x_test"]), seconds=seconds, about=about)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
