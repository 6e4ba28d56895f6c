"""The composed Lava network rebuilt from a folder learns as the one it was exported from, to the bit."""

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.engines.lava.simulator import LavaSimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.export.chip import export_chip
from neuro_bpdl.export.rebuild import build_lava
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import GRADED, Code, EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.taught_start import taught_parameters

INFERENCE = InferenceSpec(steps=4, alpha=0.01)
PLASTICITY = PlasticitySpec(learning_rate=0.1, feedforward_rate=0.07)
SEED = 3
CHANGES = Code(changes=True)
BEFORE, AFTER = 10, 14
PIXELS = np.random.default_rng(0).random((BEFORE + AFTER, 12)).astype(np.float32)


def simulator(arithmetic, sizes):
    engine = EngineSpec(backend="lava", model="composed", arithmetic=arithmetic, rounding="shared")
    return LavaSimulator(
        initial_parameters(NetworkSpec.of(sizes), seed=SEED), INFERENCE, PLASTICITY, engine, batch=1, seed=SEED
    )


def export(params, out, arithmetic, presentation, **changes):
    return export_chip(
        params, out, inference=INFERENCE, plasticity=PLASTICITY, arithmetic=arithmetic, seed=SEED,
        presentation=presentation, **changes,
    )  # fmt: skip


def weights(params):
    return [*params.F, *params.b, *params.G, *params.c, params.variance]


@pytest.mark.parametrize("sizes", [(12, 7), (12, 9, 6)])
@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_learning_goes_on_from_the_folder_to_the_same_bits(tmp_path, arithmetic, sizes):
    original = simulator(arithmetic, sizes)
    original.learn(PIXELS, np.arange(BEFORE), first=0)
    before = original.parameters()
    export(before, tmp_path / "out", arithmetic, presentation=BEFORE)
    order = np.arange(BEFORE, BEFORE + AFTER)
    original.learn(PIXELS, order, first=BEFORE)
    rebuilt = build_lava(tmp_path / "out", PIXELS, order).run()
    for start, a, b in zip(weights(before), weights(original.parameters()), weights(rebuilt), strict=True):
        np.testing.assert_array_equal(a, b)
        assert np.abs(b - start).max() > 0


@pytest.mark.parametrize("code", [GRADED, CHANGES, Code("regular", 5), Code("stochastic", 5)], ids=str)
def test_in_fixed_point_a_run_cut_in_two_by_an_export_ends_as_one_that_was_not(tmp_path, code):
    sends = "changes" if code.changes else "whole"
    engine = EngineSpec(arithmetic="fixed", rounding="shared", code=code.kind, window=code.window, sends=sends)
    whole, half = (
        EagerSimulator(
            initial_parameters(NetworkSpec.of((12, 7)), seed=SEED), INFERENCE, PLASTICITY, engine, batch=1, seed=SEED
        )
        for _ in range(2)
    )
    whole.learn(PIXELS, np.arange(BEFORE + AFTER), first=0)
    half.learn(PIXELS, np.arange(BEFORE), first=0)
    export(half.parameters(), tmp_path / "out", "fixed", presentation=BEFORE, code=code)
    rebuilt = build_lava(tmp_path / "out", PIXELS, np.arange(BEFORE, BEFORE + AFTER)).run()
    for a, b in zip(weights(whole.parameters()), weights(rebuilt), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_folder_is_all_it_takes_in_another_process(tmp_path):
    original = simulator("float", (12, 7))
    export(original.parameters(), tmp_path / "out", "float", presentation=0)
    np.save(tmp_path / "images.npy", PIXELS[:5])
    code = (
        "import numpy as np, sys; from neuro_bpdl.export import build_lava; "
        "p = build_lava(sys.argv[1], np.load(sys.argv[2])).run(); np.savez(sys.argv[3], F=p.F[0], c=p.c[0])"
    )
    files = [str(tmp_path / name) for name in ("out", "images.npy", "learned.npz")]
    subprocess.run([sys.executable, "-c", code, *files], check=True)
    original.learn(PIXELS[:5], np.arange(5), first=0)
    with np.load(files[2]) as learned:
        np.testing.assert_array_equal(learned["F"], original.parameters().F[0])
        np.testing.assert_array_equal(learned["c"], original.parameters().c[0])


def test_the_number_of_the_next_image_and_the_seed_belong_to_the_state(tmp_path):
    start = simulator("float", (12, 7)).parameters()
    export(start, tmp_path / "zero", "float", presentation=0)
    export(start, tmp_path / "ten", "float", presentation=10)
    results = [build_lava(tmp_path / name, PIXELS[:2]).run().F[0] for name in ("zero", "zero", "ten")]
    np.testing.assert_array_equal(results[0], results[1])
    assert np.abs(results[0] - results[2]).max() > 0


@pytest.mark.parametrize(
    ("images", "order", "message"),
    [
        (PIXELS[:, :5], None, r"images: got \(24, 5\), allowed: \(N, 12\)"),
        (PIXELS[:0], None, r"images: got \(0, 12\)"),
        (PIXELS[0], None, r"images: got \(12,\)"),
        (PIXELS * 3, None, r"images: got '.*', allowed: values in \[0, 1\]"),
        (np.full((2, 12), np.nan), None, r"images: got 'nan to nan'"),
        (PIXELS[:3], np.array([0, 3]), r"order: .* indices from 0 to 2"),
        (PIXELS[:3], np.array([], int), r"order: .* one or more indices"),
    ],
)
def test_images_and_order_are_checked(tmp_path, images, order, message):
    export(simulator("float", (12, 7)).parameters(), tmp_path / "out", "float", presentation=0)
    with pytest.raises(InvalidInput, match=message):
        build_lava(tmp_path / "out", images, order)


def test_a_taught_network_goes_on_from_the_folder_to_the_same_bits(tmp_path):
    network = NetworkSpec.of((12, 9, 4), ("hard-sigmoid", "clipped-relu", "hard-sigmoid"), labels=LabelSpec())
    rows = labelled_rows(PIXELS, np.arange(len(PIXELS)) % 4, 4)
    engine = EngineSpec(arithmetic="fixed", rounding="shared")
    whole = EagerSimulator(taught_parameters(network, PIXELS, SEED), INFERENCE, PLASTICITY, engine, seed=SEED)
    whole.learn(rows, np.arange(BEFORE), first=0)
    export(whole.parameters(), tmp_path / "out", "fixed", presentation=BEFORE)
    rebuilt = build_lava(tmp_path / "out", rows[BEFORE:]).run()
    before = whole.parameters()
    whole.learn(rows, np.arange(BEFORE, BEFORE + AFTER), first=BEFORE)
    for a, b in zip(weights(rebuilt), weights(whole.parameters()), strict=True):
        np.testing.assert_array_equal(a, b)
    assert all(np.abs(a - b).max() > 0.01 for a, b in zip(rebuilt.F, before.F, strict=True))
