"""The hardware run configuration: refused without Intel's extension, the composed network with it.

The extension is not public: what stands for it here is only what Lava looks
for before it agrees to make the configuration. No chip takes part.
"""

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from lava.magma.core import run_configs
from lava.utils import loihi

from neuro_bpdl.engines.lava.chip import chip_run_config
from neuro_bpdl.errors import InvalidInput, MissingDependency
from neuro_bpdl.export.chip import export_chip
from neuro_bpdl.export.rebuild import build_lava
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec


@pytest.fixture
def extension(monkeypatch):
    monkeypatch.setattr(loihi, "is_installed", lambda *_: True)
    monkeypatch.setattr(run_configs, "CLoihiProcessModel", type("CLoihiProcessModel", (), {}), raising=False)


def test_without_intels_extension_a_chip_run_is_one_clear_error():
    with pytest.raises(MissingDependency, match=r"Intel's Lava extension for Loihi .* nothing .* on a chip"):
        chip_run_config()


def test_a_chip_run_in_float_is_refused(extension):
    with pytest.raises(InvalidInput, match=r"arithmetic: got 'float', allowed: fixed on a chip"):
        chip_run_config("float")


def test_with_the_extension_the_same_network_takes_the_hardware_config(extension, tmp_path):
    params = initial_parameters(NetworkSpec.of((12, 7)), seed=3)
    images = np.random.default_rng(0).random((4, 12))
    export_chip(params, tmp_path / "out", inference=InferenceSpec(steps=3), plasticity=PlasticitySpec(), seed=3)
    config = chip_run_config()
    assert isinstance(config, run_configs.Loihi2HwCfg)
    on_hardware_config = build_lava(tmp_path / "out", images).run(config)  # every process has a CPU model only
    on_simulator = build_lava(tmp_path / "out", images).run()
    assert np.abs(on_simulator.F[0] - params.F[0]).max() > 0.01
    np.testing.assert_array_equal(on_hardware_config.F[0], on_simulator.F[0])
    np.testing.assert_array_equal(on_hardware_config.G[0], on_simulator.G[0])
