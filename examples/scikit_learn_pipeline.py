"""Digits in a scikit-learn pipeline: codes learned without labels, a classifier on them, settings by cross-validation.

    python examples/scikit_learn_pipeline.py      (needs neither Lava nor Nengo)
"""

from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from neuro_bpdl import GenerativeNetwork
from neuro_bpdl.classifier import SpikingClassifier


def main() -> None:
    images, digits = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(images, digits, test_size=360, random_state=0)

    # Codes without labels, then a classifier that sees 400 of them: a Pipeline like any other.
    codes = GenerativeNetwork(backend="theory", epochs=5, random_state=0)
    pipeline = make_pipeline(MinMaxScaler(clip=True), codes, LogisticRegression(max_iter=500))
    search = GridSearchCV(pipeline, {"generativenetwork__layers": [(16,), (48,)]}, cv=2)
    search.fit(x_train[:400], y_train[:400])
    units = search.best_params_["generativenetwork__layers"][0]
    print(f"digits, theory float, seed 0, 400 labels: {units} units chosen, {search.score(x_test, y_test):.1%} known")

    # The same rule with labels of its own: no gradient goes back through the layers.
    taught = SpikingClassifier(hidden=64, epochs=10, random_state=0).fit(x_train, y_train)
    print(f"digits, {taught.label_}, {len(y_train)} labels: {taught.score(x_test, y_test):.1%} of {len(y_test)} known")


if __name__ == "__main__":
    main()
