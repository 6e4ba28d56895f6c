"""Nengo missing, and networks that do not fit."""

import subprocess
import sys

import pytest

MISSING = """
import sys
sys.modules["nengo"] = None
import neuro_bpdl
from neuro_bpdl.errors import MissingDependency
try:
    import neuro_bpdl.engines.nengo
except MissingDependency as error:
    print(error)
"""
UNTOUCHED = """
import sys
import neuro_bpdl, neuro_bpdl.agreement
print("nengo" in sys.modules)
"""


def python(script):
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_without_nengo_the_extra_is_named():
    message = python(MISSING)
    assert "pip install neuro-bpdl[nengo]" in message
    assert "\n" not in message


def test_nengo_is_imported_in_one_package_only():
    assert python(UNTOUCHED) == "False"


def test_a_network_too_large_is_refused_with_its_estimate():
    pytest.importorskip("nengo")
    from neuro_bpdl.engines.nengo.memory import check_memory, estimate_bytes
    from neuro_bpdl.errors import InvalidInput
    from neuro_bpdl.spec import NetworkSpec

    network = NetworkSpec.of((784, 200, 64))
    need = estimate_bytes(network, 100, learning=False)
    check_memory(network, 100, learning=False, available=2 * need)
    with pytest.raises(InvalidInput, match="MiB") as caught:
        check_memory(network, 100, learning=False, available=need // 2)
    fits = int(str(caught.value).split("at most ")[1].split()[0])
    check_memory(network, fits, learning=False, available=need // 2)
    with pytest.raises(InvalidInput, match="smaller layers"):
        check_memory(network, 100, learning=True, available=2**20)


def test_the_simulator_checks_before_it_builds(monkeypatch):
    pytest.importorskip("nengo")
    import numpy as np

    from neuro_bpdl.engines.nengo import NengoSimulator, memory
    from neuro_bpdl.errors import InvalidInput
    from neuro_bpdl.parameters import initial_parameters
    from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

    monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
    simulator = NengoSimulator(initial_parameters(NetworkSpec.of((12, 5)), 0), InferenceSpec(), PlasticitySpec())
    with pytest.raises(InvalidInput, match="usable"):
        simulator.infer(np.zeros((2, 12)))


def test_the_users_decoder_cache_is_left_alone(tmp_path, monkeypatch, caplog):
    """A broken one is an error with a traceback in Nengo's log; on a fresh machine it was the demo's first line."""
    pytest.importorskip("nengo")
    import nengo
    import numpy as np

    from neuro_bpdl.engines.nengo import NengoSimulator
    from neuro_bpdl.parameters import initial_parameters
    from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

    index = tmp_path / "index"
    index.write_bytes(b"no index")
    monkeypatch.setitem(nengo.rc["decoder_cache"], "enabled", "True")
    monkeypatch.setitem(nengo.rc["decoder_cache"], "path", str(tmp_path))
    NengoSimulator(
        initial_parameters(NetworkSpec.of((12, 5)), 0), InferenceSpec(steps=1), PlasticitySpec()
    ).infer(np.zeros((2, 12)))
    assert [path.name for path in tmp_path.iterdir()] == ["index"] and index.read_bytes() == b"no index"
    assert caplog.records == []
