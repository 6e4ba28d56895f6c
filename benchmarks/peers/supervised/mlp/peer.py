"""scikit-learn's MLPClassifier: back-propagation with labels, the ceiling for classification."""

from __future__ import annotations

import sys
import time

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

HIDDEN, BATCH, EPOCHS = (512, 512), 100, 20


def main(data: str, out: str, seed: int) -> None:
    """Train, answer after every epoch."""
    d = np.load(data)
    model = MLPClassifier(HIDDEN, batch_size=BATCH, random_state=seed)
    seconds, times, validated = 0.0, [], []
    x = {name: d[name].astype(np.float32) for name in ("x_train", "x_validation", "x_test")}
    for _ in range(EPOCHS):
        began = time.process_time()
        model.partial_fit(x["x_train"], d["y_train"], classes=np.arange(10))
        seconds += time.process_time() - began
        times.append(seconds)
        validated.append(model.predict(x["x_validation"]))
    about = f"scikit-learn {sklearn.__version__} MLPClassifier 784-512-512-10, {EPOCHS} epochs"
    np.savez(out, predicted=model.predict(x["x_test"]), validated=validated, times=times, seconds=seconds, about=about)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
