"""Cover the right half of an image and let the network fill it in.

    python examples/fill_in_a_missing_half.py [OUTPUT.png]
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from neuro_bpdl.data import load, missing_mask
from neuro_bpdl.estimator import GenerativeNetwork

SEED = 0


def main(picture: str = "fill_in_a_missing_half.png") -> None:
    data = load("digits")
    network = GenerativeNetwork(recipe="digits-quick", layers=(64, 24), epochs=40, random_state=SEED).fit(data.x_train)

    # A missing pixel is NaN, as everywhere in scikit-learn. The known pixels
    # stay clamped; the missing ones follow the network's own reconstruction.
    test = data.test
    missing = missing_mask("right", 0.5, data.image_shape, len(test), SEED)
    covered = np.where(missing, np.nan, test)
    filled = network.inpaint(covered)

    mean = np.broadcast_to(data.x_train.mean(axis=0), test.shape)
    error = ((filled - test)[missing] ** 2).mean()
    blind = ((mean - test)[missing] ** 2).mean()
    print(f"digits, right half missing, {network.label_}")
    print(f"error on missing pixels: {error:.4f}; with the mean image: {blind:.4f}")

    rows = [test[:12], covered[:12], filled[:12]]
    figure, axes = plt.subplots(len(rows), 12, figsize=(9, 2.6), constrained_layout=True)
    for line, images, title in zip(axes, rows, ("original", "covered", "filled in"), strict=True):
        line[0].set_title(title, loc="left", fontsize=9)
        for axis, image in zip(line, images, strict=True):
            axis.imshow(np.reshape(image, data.image_shape), cmap="gray_r", vmin=0, vmax=1)
            axis.set_facecolor("lightsteelblue")
            axis.set_xticks([])
            axis.set_yticks([])
    figure.savefig(picture, dpi=120)
    print(f"picture: {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:])
