"""Train on small digits and look at what the network made of them.

    python examples/train_and_look.py [OUTPUT.png]
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from neuro_bpdl.data import load
from neuro_bpdl.estimator import GenerativeNetwork

SEED = 0


def main(picture: str = "train_and_look.png") -> None:
    # 8 × 8 digits from scikit-learn: 1,437 images to learn from, 360 to look at.
    data = load("digits")

    # Two hidden layers. Every synapse changes by its presynaptic activity times
    # the rate of change of its postsynaptic voltage; nothing is backpropagated.
    network = GenerativeNetwork(layers=(64, 24), epochs=20, random_state=SEED).fit(data.x_train)

    # What is left of a test image after a round trip through each layer?
    test = data.test
    error = ((network.reconstruct(test) - test) ** 2).mean()
    deep = ((network.inverse_transform(network.transform(test)) - test) ** 2).mean()
    blind = ((data.x_train.mean(axis=0) - test) ** 2).mean()
    print(f"digits, {network.label_}")
    print(f"reconstruction error from layer 1: {error / blind:.3f} of the mean image's")
    print(f"reconstruction error from layer 2: {deep / blind:.3f} of the mean image's")

    # Images, their reconstructions, and digits that nobody has written.
    rows = [test[:12], network.reconstruct(test[:12]), network.sample(12, seed=SEED)]
    titles = ["test images", "reconstructed from layer 1", "generated"]
    figure, axes = plt.subplots(len(rows), 12, figsize=(9, 2.6), constrained_layout=True)
    for line, images, title in zip(axes, rows, titles, strict=True):
        line[0].set_title(title, loc="left", fontsize=9)
        for axis, image in zip(line, images, strict=True):
            axis.imshow(np.reshape(image, data.image_shape), cmap="gray_r", vmin=0, vmax=1)
            axis.axis("off")
    figure.savefig(picture, dpi=120)
    print(f"picture: {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:])
