"""The exported folder: complete, checked on loading, refused when a chip could not hold it."""

import hashlib
import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import training_program
from neuro_bpdl.errors import CheckpointError, HardwareLimit, InvalidInput
from neuro_bpdl.export.chip import NETWORK, WEIGHTS, export_chip, load_export
from neuro_bpdl.export.folder import CHECKSUMS
from neuro_bpdl.hardware.target import list_targets
from neuro_bpdl.numbers.widths import CARRY_STEPS
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

SETTINGS = {
    "inference": InferenceSpec(steps=3, delta=0.1, alpha=0.01),
    "plasticity": PlasticitySpec(learning_rate=0.1, feedforward_rate=0.07, noise=0.15),
    "seed": 5,
    "presentation": 40,
}


def network(sizes=(12, 8, 5), activation="hard-sigmoid"):
    params = initial_parameters(NetworkSpec.of(sizes, activation), seed=5)
    rng = np.random.default_rng(0)
    for bias in (*params.b, *params.c):
        bias[:] = rng.uniform(-1, 1, bias.shape)
    params.variance[:] = rng.random(params.network.depth)
    return params


def exported(folder, arithmetic="fixed", target=None, params=None, **changes):
    given = {**SETTINGS, "arithmetic": arithmetic, "target": target, **changes}
    return export_chip(network() if params is None else params, folder, **given)


def rewrite(folder, name, change):
    """Change a file and make its checksum right again."""
    path = folder / name
    change(path)
    record = json.loads((folder / CHECKSUMS).read_text())
    record["files"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / CHECKSUMS).write_text(json.dumps(record))


def edit(folder, **fields):
    rewrite(folder, NETWORK, lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), **fields})))


def edit_tensors(folder, change):
    def write(path):
        tensors = load_file(path)
        change(tensors)
        save_file(tensors, path)

    rewrite(folder, WEIGHTS, write)


def test_float_weights_come_back_to_the_bit(tmp_path):
    params = network()
    params.prior_mean, params.prior_variance = np.linspace(0, 1, 5), np.ones(5)
    back = exported(tmp_path / "out", "float", params=params)
    for name in ("F", "b", "G", "c"):
        for a, b in zip(getattr(params, name), getattr(back.params, name), strict=True):
            np.testing.assert_array_equal(a, b)
    for name in ("variance", "prior_mean", "prior_variance"):
        np.testing.assert_array_equal(getattr(params, name), getattr(back.params, name))
    assert back.params.network == params.network
    assert (back.settings.seed, back.settings.presentation) == (5, 40)
    assert back.settings.inference == SETTINGS["inference"]
    assert back.settings.plasticity == SETTINGS["plasticity"]


@pytest.mark.parametrize("activation", ["hard-sigmoid", ("clipped-relu", "hard-sigmoid", "clipped-relu")])
def test_fixed_weights_are_integers_times_a_scale_and_stay_the_same_when_exported_again(tmp_path, activation):
    params = network(activation=activation)
    back = exported(tmp_path / "one", params=params)
    tensors = load_file(tmp_path / "one" / WEIGHTS)
    for layer in (1, 2):
        for way, weights, bias in (("F", params.F, params.b), ("G", params.G, params.c)):
            integers, (unit, bias_unit) = tensors[f"{way}_{layer}"], tensors[f"{way}_{layer}_scale"]
            assert integers.dtype == np.int16
            assert np.abs(integers).max() > 1
            assert np.log2(unit) == round(np.log2(unit))
            assert np.abs(integers[:, :-1] * unit - weights[layer - 1]).max() <= unit * (33 / 64)
            value = integers + tensors[f"{way}_{layer}_tag"] / 64
            assert np.abs(value[:, :-1] * unit - weights[layer - 1]).max() <= unit / 128
            assert np.abs(value[:, -1] * bias_unit - bias[layer - 1]).max() <= bias_unit / 128
    exported(tmp_path / "two", params=back.params)
    assert (tmp_path / "two" / WEIGHTS).read_bytes() == (tmp_path / "one" / WEIGHTS).read_bytes()


def test_the_document_says_what_a_chip_does_when(tmp_path):
    document = exported(tmp_path / "out").document
    program, schedule = training_program(describe(network().network), 3, rest=CARRY_STEPS), document["schedule"]
    assert [step["phase"] for step in schedule["steps"]] == [step.phase.value for step in program.steps]
    assert schedule["time_steps"] == 1 + 2 + 2 * 3 + 2 + CARRY_STEPS
    assert schedule["steps"][1 + 2 + 2 * 3 + 1] == {
        "phase": "learn", "acts": [0, 1, 2], "sends_up": [0, 1], "sends_down": [1, 2],
    }  # fmt: skip
    rules = {projection["name"]: projection for projection in document["projections"]}
    assert list(rules) == ["F_1", "G_1", "F_2", "G_2"]
    assert rules["F_2"]["shape"] == [5, 9]
    assert rules["G_2"]["compartment"] == "apical"
    for projection in rules.values():
        literal = projection["literal"]
        sign = "" if literal["mantissa"] == 1 else f"{literal['mantissa']}*"
        term = f"{sign}2^{literal['exponent']}*x0*x1"
        assert projection["rule"]["tag"].endswith(f"+{term}*y1-{term}*y2")
        assert "sgn(t" in projection["rule"]["weight"]
        assert literal["rate"] == pytest.approx(projection["requested_learning_rate"], rel=0.5)
    assert document["steps"]["delta"]["mantissa"] * 2.0 ** -document["steps"]["delta"]["shift"] == pytest.approx(
        0.1, rel=0.05
    )
    assert document["widths"]["payload_bits"] == 7
    assert "not run on a chip" in document["note"]
    assert document["missing_for_a_chip"]
    json.loads((tmp_path / "out" / NETWORK).read_text(), parse_constant=pytest.fail)


@pytest.mark.parametrize("target", [name for name in list_targets() if not name.startswith("loihi1")])
def test_the_mapping_on_a_target_is_added(tmp_path, target):
    document = exported(tmp_path / "out", target=target).document
    assert document["target"] == target
    assert document["mapping"]["target"] == target
    assert document["mapping"]["fits"]
    assert document["mapping"]["cores"] >= 1


def test_a_chip_without_graded_spikes_is_refused_with_every_broken_limit(tmp_path):
    with pytest.raises(HardwareLimit, match=r"(?s)target loihi1: .*learning rule: .*graded spikes: "):
        exported(tmp_path / "out", target="loihi1")
    assert not list(tmp_path.iterdir())


def test_the_simulator_as_target_takes_float(tmp_path):
    document = exported(tmp_path / "out", "float", "cpu").document
    assert document["settings"]["arithmetic"] == "float"
    assert document["widths"] is None
    assert document["projections"][0]["rule"] == {"weight": "2^-3*x0*x1*y1-2^-3*x0*x1*y2"}
    assert document["projections"][0]["gain"] == pytest.approx(2 * 0.07 / 2.0**-3)


def test_checksums_cover_every_file_and_nothing_else_is_left(tmp_path):
    exported(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    record = json.loads((tmp_path / "out" / CHECKSUMS).read_text())
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert set(record["files"]) == files - {CHECKSUMS}
    for name, checksum in record["files"].items():
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == checksum


@pytest.mark.parametrize("name", [NETWORK, WEIGHTS])
def test_one_changed_byte_is_refused_by_file_and_checksum(tmp_path, name):
    exported(tmp_path / "out")
    path = tmp_path / "out" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(CheckpointError, match=rf"{name}: sha256 is [0-9a-f]{{64}}, checksums.json says"):
        load_export(tmp_path / "out")


@pytest.mark.parametrize("name", [NETWORK, WEIGHTS, CHECKSUMS])
def test_a_missing_file_is_refused_by_name(tmp_path, name):
    exported(tmp_path / "out")
    (tmp_path / "out" / name).unlink()
    with pytest.raises(CheckpointError, match=f"{name}: got 'no such file'"):
        load_export(tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "allowed: JSON"),
        ("[]", "allowed: a JSON object"),
        ('{"algorithm": "md5", "files": {}}', "is not a list of sha256 sums"),
        ('{"algorithm": "sha256", "files": {}}', "has no checksum of network.json"),
        ('{"algorithm": "sha256", "files": {"../x": "0"}}', "names a file outside the folder"),
    ],
)
def test_broken_checksums_are_refused(tmp_path, content, message):
    exported(tmp_path / "out")
    (tmp_path / "out" / CHECKSUMS).write_text(content)
    with pytest.raises(CheckpointError, match=message):
        load_export(tmp_path / "out")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"version": 2}, r"version 2, allowed: .* version 3; export it again \(neuro-bpdl export RUN"),
        ({"kind": "something"}, r"'something' version 3, allowed"),
        ({"settings": {}}, r"settings: ChipSettings\.network"),
        ({"settings": None}, "settings: .* got None"),
        ({"projections": []}, "projections differs from what its settings give"),
        ({"schedule": {}}, "schedule differs"),
        ({"widths": None}, "widths differs"),
    ],
)
def test_another_version_and_contradictions_are_refused(tmp_path, fields, message):
    exported(tmp_path / "out")
    edit(tmp_path / "out", **fields)
    with pytest.raises(CheckpointError, match=message):
        load_export(tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("F_1"), "tensor F_1 is missing"),
        (lambda t: t.update(G_2=t["G_2"].T.copy()), r"G_2 is int16 \(6, 8\), allowed: int16 \(8, 6\)"),
        (lambda t: t.update(F_1=t["F_1"].astype(np.int8)), r"F_1 is int8 .* allowed: int16"),
        (lambda t: t.update(F_1=np.full_like(t["F_1"], 300)), "numbers that cannot be there"),
        (lambda t: t.update(F_1_tag=np.full_like(t["F_1_tag"], 300)), "F_1_tag holds numbers that cannot be there"),
        (lambda t: t.update(F_1_tag=np.full_like(t["F_1_tag"], 200)), "F_1(_tag)? differs from what its numbers give"),
        (lambda t: t.update(variance=np.full(2, np.nan)), "numbers that cannot be there"),
        (lambda t: t.update(F_1_scale=t["F_1_scale"] / 2), "F_1(_scale)? differs from what its numbers give"),
        (lambda t: t.update(extra=np.zeros(1)), "holds extra, which is no part"),
    ],
)
def test_tensors_that_do_not_belong_are_refused(tmp_path, change, message):
    exported(tmp_path / "out")
    edit_tensors(tmp_path / "out", change)
    with pytest.raises(CheckpointError, match=message):
        load_export(tmp_path / "out")


def test_weights_that_are_no_safetensors_file_are_refused(tmp_path):
    exported(tmp_path / "out")
    rewrite(tmp_path / "out", WEIGHTS, lambda path: path.write_bytes(b"nothing of the kind"))
    with pytest.raises(CheckpointError, match="allowed: a whole safetensors file"):
        load_export(tmp_path / "out")


def test_a_folder_that_exists_stays_as_it_is(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(InvalidInput, match=r"out: .* does not exist yet"):
        exported(tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_a_failure_half_way_leaves_nothing(tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("neuro_bpdl.export.chip.write_tensors", full)
    with pytest.raises(CheckpointError, match="No space left"):
        exported(tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_chip_target_refuses_float_and_softplus_and_names_the_way_out(tmp_path):
    params = network(activation=("hard-sigmoid", "softplus", "hard-sigmoid"))
    with pytest.raises(HardwareLimit) as refused:
        exported(tmp_path / "out", "float", "loihi2", params)
    message = str(refused.value)
    assert "layer 1: got softplus" in message
    assert "--arithmetic fixed" in message
    assert not list(tmp_path.iterdir())


def test_fixed_point_without_a_target_refuses_softplus_too(tmp_path):
    with pytest.raises(InvalidInput, match=r"activation of layer 0: got 'softplus'"):
        exported(tmp_path / "out", params=network(activation="softplus"))
    assert not list(tmp_path.iterdir())


def test_a_weight_that_no_integer_holds_is_refused(tmp_path):
    params = network()
    params.F[0][0, 0] = 100.0
    with pytest.raises(InvalidInput, match=r"weights of F_1"):
        exported(tmp_path / "out", params=params)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("field", "value"), [("order", "sequential"), ("langevin", 0.5)])
@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_what_only_theory_has_is_refused(tmp_path, arithmetic, field, value):
    with pytest.raises(InvalidInput, match=rf"inference\.{field}: got {value!r}"):
        exported(tmp_path / "out", arithmetic, inference=InferenceSpec(**{field: value}))
    assert not list(tmp_path.iterdir())


def test_an_unknown_target_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(InvalidInput, match=r"target: got 'loihi9'.*loihi2"):
        exported(tmp_path / "out", target="loihi9")
    assert not list(tmp_path.iterdir())
