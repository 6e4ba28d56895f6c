"""Whatever is put into a spec: a valid frozen record, or one line that names the field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import (
    ACTIVATIONS,
    MAX_LAYERS,
    MAX_UNITS,
    EngineSpec,
    InferenceSpec,
    NetworkSpec,
    PlasticitySpec,
    RunSpec,
    TrainingSpec,
)

SPECS = {
    "inference": InferenceSpec, "plasticity": PlasticitySpec, "training": TrainingSpec, "engine": EngineSpec
}  # fmt: skip
FIELDS = [(owner, name) for owner in SPECS.values() for name in owner.model_fields]
anything: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), st.binary(max_size=4),
)  # fmt: skip


@given(place=st.sampled_from(FIELDS), value=anything)
def test_any_value_in_any_field(place: tuple[type, str], value: Any) -> None:
    owner, name = place
    try:
        spec = owner(**{name: value})
    except InvalidInput as error:
        assert "\n" not in str(error) and error.argument.startswith(f"{owner.__name__}.{name}")
    else:
        assert owner(**spec.model_dump()) == spec


@given(fields=st.dictionaries(st.sampled_from([*RunSpec.model_fields, "colour", "epochs"]), anything, max_size=3))
def test_any_config(fields: dict[str, Any]) -> None:
    try:
        spec = RunSpec(**fields)
    except InvalidInput as error:
        assert "\n" not in str(error) and error.allowed
    else:
        assert RunSpec(**spec.model_dump(mode="json")) == spec


@given(layers=st.lists(st.integers(-3, MAX_UNITS + 3), max_size=MAX_LAYERS + 1), visible=st.integers(-2, 2000))
def test_networks_have_between_one_and_fifteen_hidden_layers_of_at_least_one_unit(
    layers: list[int], visible: int
) -> None:
    valid = 1 <= len(layers) < MAX_LAYERS and all(1 <= n <= MAX_UNITS for n in (visible, *layers))
    if valid:
        network = RunSpec(layers=layers).network(visible)
        assert network.sizes == (visible, *layers) and network.depth == len(layers)
        return
    with pytest.raises(InvalidInput):
        RunSpec(layers=layers).network(visible)


@given(names=st.lists(st.sampled_from(ACTIVATIONS), min_size=1, max_size=5))
def test_one_activation_per_layer(names: list[str]) -> None:
    if len(names) == 3:
        assert NetworkSpec.of((4, 3, 2), tuple(names)).activations == tuple(names)
    else:
        with pytest.raises(InvalidInput, match=r"activations.*3 names"):
            NetworkSpec.of((4, 3, 2), tuple(names))


@pytest.mark.parametrize("owner", [*SPECS.values(), RunSpec])
def test_unknown_fields_are_named(owner: type) -> None:
    with pytest.raises(InvalidInput, match=rf"{owner.__name__}\.colour"):
        owner(colour=1)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", [("inference", "delta"), ("inference", "alpha"), ("plasticity", "learning_rate")])
def test_numbers_must_be_finite(place: tuple[str, str], bad: float) -> None:
    with pytest.raises(InvalidInput, match=place[1]):
        RunSpec(**{place[0]: {place[1]: bad}})


@pytest.mark.parametrize(
    "content", [b"layers = [1", b"\xff\xfe", b"colour = 3", b"layers = [0]", b"[training]\nseed = -1"]
)
def test_odd_config_files_are_refused(tmp_path, content: bytes) -> None:
    (tmp_path / "c.toml").write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        RunSpec.from_toml(tmp_path / "c.toml")
    assert "\n" not in str(refused.value)


def test_a_missing_config_file_is_refused(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="--config"):
        RunSpec.from_toml(tmp_path / "none.toml")


@pytest.mark.parametrize("alpha", [0, 0.5, (0.1,), (0.1, 0.2), [0.1, 0], "variance"])
def test_alpha_is_a_number_or_one_for_each_layer_or_variance(alpha: Any) -> None:
    spec = InferenceSpec(alpha=alpha)
    assert InferenceSpec(**spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize("alpha", [-0.1, 1.5, (), (0.1, 2.0), (0.1, float("nan")), "Variance", None, [[0.1]]])
def test_other_alphas_are_refused_with_all_that_is_allowed(alpha: Any) -> None:
    with pytest.raises(InvalidInput, match=r"InferenceSpec\.alpha: got .*one such number for each.*'variance'"):
        InferenceSpec(alpha=alpha)


@pytest.mark.parametrize("alpha", [(0.1,), (0.1, 0.2, 0.3)])
def test_a_run_has_as_many_alphas_as_hidden_layers(alpha: Any) -> None:
    assert RunSpec(layers=(5, 4), inference={"alpha": (0.1, 0.2)}).inference.alphas(2) == (0.1, 0.0)
    with pytest.raises(InvalidInput, match=r"inference\.alpha: got .*one number, or 2"):
        RunSpec(layers=(5, 4), inference={"alpha": alpha})


@pytest.mark.parametrize("rate", [0, -1, 101, (), (0.1, 0), "fast", [[0.1]]])
@pytest.mark.parametrize("field", ["learning_rate", "feedforward_rate"])
def test_other_rates_are_refused_with_all_that_is_allowed(field: str, rate: Any) -> None:
    with pytest.raises(InvalidInput, match=rf"PlasticitySpec\.{field}: got .*one such number for each"):
        PlasticitySpec(**{field: rate})


@pytest.mark.parametrize("field", ["learning_rate", "feedforward_rate"])
def test_a_run_has_as_many_rates_as_hidden_layers(field: str) -> None:
    spec = RunSpec(layers=(5, 4), plasticity={field: [0.1, 0.2]}).plasticity
    rates = spec.rates_down(2) if field == "learning_rate" else spec.rates_up(2)
    assert rates == (0.1, 0.2) and PlasticitySpec(**spec.model_dump(mode="json")) == spec
    with pytest.raises(InvalidInput, match=rf"plasticity\.{field}: got .*one number, or 2"):
        RunSpec(layers=(5, 4), plasticity={field: (0.1,)})


def test_scaled_rates_keep_what_follows_what() -> None:
    spec = PlasticitySpec(learning_rate=(0.1, 0.2)).scaled(0.5)
    assert spec.rates_up(2) == spec.rates_down(2) == (0.05, 0.1)
    assert PlasticitySpec(learning_rate=0.2, feedforward_rate=0.1).scaled(0.5).feedforward_rate == 0.05


def test_a_run_cannot_train_with_the_variances_of_its_end() -> None:
    with pytest.raises(InvalidInput, match=r"inference\.alpha: got 'variance', allowed: numbers while training"):
        RunSpec(inference={"alpha": "variance"})


def test_a_field_with_a_line_break_in_its_name_is_refused_in_one_line():
    with pytest.raises(InvalidInput, match=r"^RunSpec\.infer\\nce: got 1, allowed: only the fields of the spec"):
        RunSpec(**{"infer\nce": 1})
