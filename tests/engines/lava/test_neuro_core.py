"""A layer on neuro cores, against a small fake of what public code shows of Intel's extension. No chip takes part."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from lava.magma.core import run_configs
from lava.magma.core.model.model import AbstractProcessModel
from lava.utils import loihi

from neuro_bpdl.engines.lava.chip import chip_run_config
from neuro_bpdl.engines.lava.neuro_core import Microcode, layer_model
from neuro_bpdl.errors import InvalidInput, MissingDependency
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.neuron.document import neuron_document
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.processes.layer.process import Layer
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

NC = "lava.magma.core.model.nc"


class Nodes(SimpleNamespace):
    def connect(self, other):
        self.log.append((self.name, "->", getattr(other, "name", other)))


class FakeNet:
    """Remembers what is allocated and connected."""

    def __init__(self):
        self.allocated, self.log = {}, []
        for group in ("neurons_cfg", "neurons", "ax_out"):
            allocate = "allocate" if group == "ax_out" else "allocate_ucode"
            setattr(self, group, SimpleNamespace(**{allocate: self._allocating(group)}))

    def _allocating(self, group):
        def allocate(**given):
            self.allocated.setdefault(group, []).append(given)
            return Nodes(name=group, log=self.log)

        return allocate

    def port(self, name):
        return Nodes(name=name, log=self.log)


@pytest.fixture
def extension(monkeypatch):
    parts = {
        "model": {"AbstractNcProcessModel": type("AbstractNcProcessModel", (AbstractProcessModel,), {})},
        "ports": {"NcInPort": type("NcInPort", (), {}), "NcOutPort": type("NcOutPort", (), {})},
        "type": {"LavaNcType": lambda cls, d_type, precision: SimpleNamespace(cls=cls, precision=precision)},
    }
    monkeypatch.setitem(sys.modules, NC, ModuleType(NC))
    for part, names in parts.items():
        module = ModuleType(f"{NC}.{part}")
        vars(module).update(names)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(loihi, "is_installed", lambda *_: True)
    monkeypatch.setattr(run_configs, "CLoihiProcessModel", type("CLoihiProcessModel", (), {}), raising=False)


@pytest.fixture(scope="module")
def document():
    network, inference, engine = NetworkSpec.of((12, 7, 4)), InferenceSpec(steps=2), EngineSpec(arithmetic="fixed")
    program = learning_program(engine, network, inference.steps)
    params = initial_parameters(network, 0)
    return neuron_document(make_network(engine, params, inference, PlasticitySpec(), program, batch=1, seed=0))


@pytest.fixture
def microcode(document, tmp_path):
    files = {one["name"]: tmp_path / f"{one['name']}.code" for one in document["populations"]}
    for file in files.values():
        file.write_text("as translated by somebody who may")
    return Microcode(document, files)


@pytest.mark.parametrize(("index", "inputs", "outputs"), [
    (0, ["apical_in"], ["up_out"]),
    (1, ["basal_in", "apical_in"], ["up_out", "down_out"]),
    (2, ["basal_in"], ["down_out"]),
])  # fmt: skip
def test_one_neuron_has_all_accumulators_and_the_documents_registers(extension, microcode, index, inputs, outputs):
    model, net = layer_model(microcode), FakeNet()
    instance = object.__new__(model)
    instance.proc_params = {"index": index}
    for port in ("basal_in", "apical_in", "up_out", "down_out"):
        setattr(instance, port, net.port(port))
    instance.allocate(net)
    population = microcode.document["populations"][index]
    (neurons,), (program,) = net.allocated["neurons"], net.allocated["neurons_cfg"]
    assert program == {"shape": (1,), "ucode": str(microcode.files[population["name"]])}
    registers = {name for name, register in population["registers"].items() if register["kept"]}
    assert neurons["shape"] == (population["units"],)
    assert set(neurons) - {"shape"} == registers
    assert {"soma", "noisy"} <= registers
    assert [(a, c) for a, _, c in net.log if c == "neurons"] == [(port, "neurons") for port in inputs]
    assert [c for a, _, c in net.log if a == "ax_out"] == outputs
    assert len(net.allocated["ax_out"]) == len(outputs)


def test_the_hardware_configuration_takes_the_model_for_layers(extension, microcode):
    config = chip_run_config(microcode=microcode)
    chosen = config.exception_proc_model_map[Layer]
    assert chosen.__name__ == "NcLayer"
    assert chosen.implements_process is Layer


def test_without_the_extension_it_is_one_clear_error(microcode):
    with pytest.raises(MissingDependency, match=r"Intel's Lava extension for Loihi"):
        layer_model(microcode)


def test_an_extension_with_other_names_is_one_clear_error(extension, microcode, monkeypatch):
    monkeypatch.delattr(sys.modules[f"{NC}.model"], "AbstractNcProcessModel")
    with pytest.raises(MissingDependency, match=r"lava-loihi: installed, but .*AbstractNcProcessModel"):
        layer_model(microcode)


def test_a_population_without_a_translated_program_is_named(document, microcode):
    files = {name: path for name, path in microcode.files.items() if name != "layer_1"}
    with pytest.raises(InvalidInput, match=r"microcode of layer_1: got None, allowed: a file with its program"):
        Microcode(document, files)
