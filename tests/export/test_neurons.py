"""neuron.json: exported with the network, run by itself, refused when changed."""

import hashlib
import json

import numpy as np
import pytest

from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.export.chip import export_chip, load_export
from neuro_bpdl.export.folder import CHECKSUMS
from neuro_bpdl.export.neurons import NEURON, read_neurons
from neuro_bpdl.neuron.replay import replay
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec


def exported(folder, arithmetic="fixed"):
    return export_chip(
        initial_parameters(NetworkSpec.of((12, 8, 5)), seed=5), folder, inference=InferenceSpec(steps=2),
        plasticity=PlasticitySpec(learning_rate=0.1), arithmetic=arithmetic, seed=5, presentation=40,
    )  # fmt: skip


def test_the_exported_program_goes_on_where_the_run_stopped(tmp_path):
    export = exported(tmp_path / "out")
    kernel = export.settings.kernel(export.params)
    feeds = kernel.to_feed(np.random.default_rng(0).random((5, 12)))
    document = read_neurons(tmp_path / "out")
    assert list(replay(kernel, document, feeds, export.settings.presentation)) == [[]] * 5


def test_a_program_that_was_changed_is_refused_even_with_its_checksum_made_right(tmp_path):
    exported(tmp_path / "out")
    path = tmp_path / "out" / NEURON
    document = json.loads(path.read_text())
    document["populations"][1]["routines"]["corrupt"][0] = ["mov", "t", 0]
    path.write_text(json.dumps(document))
    with pytest.raises(CheckpointError, match="sha256 is"):
        read_neurons(tmp_path / "out")
    sums = json.loads((tmp_path / "out" / CHECKSUMS).read_text())
    sums["files"][NEURON] = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "out" / CHECKSUMS).write_text(json.dumps(sums))
    with pytest.raises(CheckpointError, match=r"neuron\.json: differs from what its settings give"):
        load_export(tmp_path / "out")


def test_an_export_without_a_program_says_what_to_do(tmp_path):
    exported(tmp_path / "out", "float")
    with pytest.raises(CheckpointError, match=r"neuron\.json: not there; export it again .* in fixed point"):
        read_neurons(tmp_path / "out")
