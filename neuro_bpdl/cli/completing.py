"""What a shell offers after an option, read when it asks: names that exist, not a list that could grow old."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Complete = Callable[[str], list[str]]


def _among(names: Callable[[], Iterable[str]]) -> Complete:
    def complete(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return complete


def _recipes() -> Iterable[str]:
    from neuro_bpdl.recipes import recipe_names

    return recipe_names()


def _targets() -> Iterable[str]:
    from neuro_bpdl.hardware.target import list_targets

    return list_targets()


def _data() -> Iterable[str]:
    from neuro_bpdl.data import NAMES

    return NAMES


def _backends() -> Iterable[str]:
    from neuro_bpdl.spec import ENGINES

    return dict.fromkeys(engine.backend for engine in ENGINES.values())


def _models() -> Iterable[str]:
    from neuro_bpdl.spec import ENGINES

    return dict.fromkeys(engine.model for engine in ENGINES.values())


recipe, target, data = _among(_recipes), _among(_targets), _among(_data)
backend, model = _among(_backends), _among(_models)
arithmetic, rounding = _among(lambda: ("float", "fixed")), _among(lambda: ("per-synapse", "shared"))
