"""A run spec from a recipe (or the defaults) and single fields on top of it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from neuro_bpdl.spec import EngineSpec, RunSpec

Place = tuple[str, ...]
BATCH, VISIBLE_NOISE = ("training", "batch"), ("plasticity", "visible_noise")
# What learns whatever images it is given: where nobody chose a learning rate, steps follow from the images.
FROM_IMAGES: dict[Place, Any] = {
    ("plasticity", "learning_rate"): "auto", ("training", "start"): "data", ("training", "ground"): "auto", BATCH: 0,
    ("plasticity", "noise"): 0.07,  # smooth pictures drown in 0.1; less fills in missing pixels worse
    VISIBLE_NOISE: "auto",
}  # fmt: skip


def compose(base: Mapping[str, Any], given: Mapping[Place, Any]) -> RunSpec:
    """``base``, the fields of a `RunSpec`, with what was ``given`` on top.

    What nobody chose follows the engine: one that learns one image at a time
    gets the batch 1; what else an engine that is asked for has not, such as a
    base's float32, is its default (`EngineSpec.changed`). Without labels and a
    learning rate, rates, start, ground, batch and the pixels' noise follow from the images
    (`training.steps_from_data.settled`).

    Parameters
    ----------
    given : mapping
        From a field's place, e.g. ("training", "epochs"), to its value.

    Raises
    ------
    InvalidInput
        Names the field that is unknown or out of range.
    """
    fields = deepcopy(dict(base))
    engine = EngineSpec(**fields.get("engine", {}))
    asked = {place[1]: value for place, value in given.items() if place[0] == "engine" and len(place) > 1}
    if asked:
        engine = engine.changed(**asked)
        fields["engine"] = engine.model_dump()
    for place, value in given.items():
        if place[0] != "engine" or len(place) == 1:
            _put(fields, place, value)
    if engine.online and "batch" not in fields.get("training", {}):
        _put(fields, BATCH, 1)
    if "learning_rate" not in fields.get("plasticity", {}) and fields.get("labels") is None:  # labels have a start
        if "noise" in fields.get("plasticity", {}):  # whoever chose it has chosen it for pixels too
            _leave(fields, VISIBLE_NOISE, None)
        for place, value in FROM_IMAGES.items():
            _leave(fields, place, value)
    return RunSpec(**fields)


def _leave(fields: dict[str, Any], place: Place, value: Any) -> None:
    """``value`` where nobody chose another."""
    section, name = place
    if name not in fields.get(section, {}):
        _put(fields, place, value)


def _put(fields: dict[str, Any], place: Place, value: Any) -> None:
    for key in place[:-1]:
        fields[key] = dict(fields.get(key, {}))
        fields = fields[key]
    fields[place[-1]] = value
