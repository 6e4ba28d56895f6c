"""Measures beside Parzen, which blurred or copied images can fool: classes, copying, and a two-sample test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.theory.parzen import parzen, squared_distances

Array = NDArray[Any]
COMPONENTS = 50  # principal components the classifiers see: enough for digits, and fast
CLASSIFIED = 5000  # images a classifier is trained on, and images of each side of the two-sample test
CLASS_PRESENT = 0.01  # share of the samples from which a class counts as covered


@dataclass
class Judge:
    """Real images, and what is learned from them once for all rows of a table.

    Attributes
    ----------
    train, labels : (N, D), (N,)
        Training images of the generative models.
    validation, test : (m, D), (k, D)
        For σ and for the likelihood.
    """

    train: Array
    labels: Array
    validation: Array
    test: Array
    seed: int = 0

    def score(self, samples: Array) -> dict[str, Any]:
        """Every measure of ``samples`` (n, D), JSON-able."""
        window = parzen(samples, self.validation, self.test)
        probability = self.classifier.predict_proba(samples)
        shares = np.bincount(probability.argmax(axis=1), minlength=probability.shape[1]) / len(samples)
        return {
            "parzen_nats": window.mean,
            "parzen_standard_error": window.standard_error,
            "parzen_sigma": window.sigma,
            "class_shares": [round(float(share), 4) for share in shares],
            "classes_covered": int((shares >= CLASS_PRESENT).sum()),
            "confidence": float(probability.max(axis=1).mean()),
            "nearest_train": self._nearest(samples),
            "nearest_train_of_test": self.nearest_of_test,
            "two_sample_accuracy": self._two_sample(samples),
        }

    @cached_property
    def classifier(self) -> Any:
        """Digits from pixels, trained on real images only."""
        rng = np.random.default_rng(self.seed)
        chosen = rng.permutation(len(self.train))[: 2 * CLASSIFIED]
        return _fit(self.train[chosen], self.labels[chosen], self.seed)

    @cached_property
    def nearest_of_test(self) -> float:
        """What the distance is for images that cannot be copies: the test images'."""
        return self._nearest(self.test)

    def labels_of(self, images: Array) -> NDArray[np.int64]:
        """Class of every image under the classifier."""
        labels: NDArray[np.int64] = self.classifier.predict(images)
        return labels

    def _nearest(self, images: Array, at_most: int = 1000) -> float:
        """Mean Euclidean distance to the nearest training image; far below the test images' means copying."""
        nearest = [np.sqrt(block.min(axis=1)) for block in squared_distances(images[:at_most], self.train)]
        return float(np.concatenate(nearest).mean())

    def _two_sample(self, samples: Array) -> float:
        """Accuracy of a classifier told to tell samples from test images, on held-out halves; 0.5 is perfect."""
        n = min(CLASSIFIED, len(samples), len(self.test))
        images = np.concatenate([samples[:n], self.test[:n]])
        origin = np.repeat([0, 1], n)
        order = np.random.default_rng(self.seed).permutation(2 * n)
        train, test = order[: n], order[n:]
        return float(_fit(images[train], origin[train], self.seed).score(images[test], origin[test]))


def _fit(images: Array, labels: Array, seed: int) -> Any:
    """Five nearest neighbours among the principal components: no training to tune, and hard to fool by blur."""
    from sklearn.decomposition import PCA
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline

    components = min(COMPONENTS, len(images) // 2, images.shape[1])
    pca = PCA(components, svd_solver="randomized", random_state=seed)
    return make_pipeline(pca, KNeighborsClassifier(5)).fit(images, labels)


def controls(train: Array, n: int, seed: int) -> dict[str, Array]:
    """Sets of n images to compare with: real images, k-means centres, a Gaussian on principal components."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(seed)
    chosen = train[rng.permutation(len(train))[:n]]
    clusters = min(n // 2, 1000)
    centres = MiniBatchKMeans(clusters, random_state=seed, n_init=1, batch_size=4096, max_iter=20).fit(train)
    pca = PCA(min(100, train.shape[1] // 2), svd_solver="randomized", random_state=seed).fit(train)
    drawn = rng.standard_normal((n, pca.n_components_)) * np.sqrt(pca.explained_variance_)
    return {
        "real training images": chosen,
        f"{clusters} k-means centres": centres.cluster_centers_.astype(np.float32),
        f"Gaussian on {pca.n_components_} principal components": np.clip(pca.inverse_transform(drawn), 0, 1).astype(
            np.float32
        ),
    }
