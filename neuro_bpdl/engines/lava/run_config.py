"""Which ProcessModel stands for which Process, chosen by ordered tag preference.

Lava's own run configurations know one global tag, so they cannot ask for our
fused models and for stock floating-point models in the same net, and they
take another arithmetic without a word when it is the only one there.
"""

from __future__ import annotations

from typing import Any, Literal

from neuro_bpdl.engines.lava.availability import require_lava
from neuro_bpdl.errors import InvalidInput

require_lava()

from lava.magma.core.model.py.model import AbstractPyProcessModel  # noqa: E402
from lava.magma.core.model.sub.model import AbstractSubProcessModel  # noqa: E402
from lava.magma.core.run_configs import Loihi2SimCfg  # noqa: E402

ModelKind = Literal["fused", "composed"]
Arithmetic = Literal["float", "fixed"]

KIND_TAGS: tuple[str, ...] = ("fused", "composed")
ARITHMETIC_TAGS: dict[str, str] = {"float": "floating_pt", "fixed": "fixed_pt"}
_WIDTH_TAGS = frozenset({*ARITHMETIC_TAGS.values(), "bit_accurate_loihi", "bit_approximate_loihi"})


class TagPreference(Loihi2SimCfg):  # type: ignore[misc]
    """Selects, per Process, a model of one kind in one arithmetic on the CPU.

    In this order: an entry of ``exception_proc_model_map``; a model with both
    tags; a model with the arithmetic's tag and no kind (Lava's own); a model
    of the kind that names no arithmetic; a model that names neither (data
    sources, sinks). A Process with none of these is refused.

    Parameters
    ----------
    kind : {"fused", "composed"}
    arithmetic : {"float", "fixed"}
    options : dict
        Passed to Lava's ``Loihi2SimCfg``, e.g. ``exception_proc_model_map``.
    """

    def __init__(self, kind: str, arithmetic: str, **options: Any) -> None:
        super().__init__(**options)
        self.kind, self.arithmetic = kind, arithmetic

    def select(self, process: Any, proc_models: list[Any]) -> Any:
        """Return the model class for `process`; InvalidInput when none fits."""
        if type(process) in self.exception_proc_model_map:
            return self.exception_proc_model_map[type(process)]
        self._refuse_conflict(process)
        width = ARITHMETIC_TAGS[self.arithmetic]
        runnable = [model for model in proc_models if _runs_on_cpu(model)]
        for kind, arithmetic in ((self.kind, width), (None, width), (self.kind, None), (None, None)):
            for model in runnable:
                if _kinds(model) == _set(kind) and (
                    arithmetic in model.tags if arithmetic else not _WIDTH_TAGS & set(model.tags)
                ):
                    return model
        raise InvalidInput("model, arithmetic", (self.kind, self.arithmetic), *_offer(process, runnable))

    def _refuse_conflict(self, process: Any) -> None:
        engine = getattr(process, "proc_params", {}).get("engine")
        said = getattr(engine, "arithmetic", self.arithmetic)
        if said != self.arithmetic:
            raise InvalidInput(
                f"engine.arithmetic of {type(process).__name__} {process.name!r}", said,
                f"{self.arithmetic}, which the run configuration asks for (select(…, {self.arithmetic!r}))",
                "change one of the two places, or leave engine out",
            )  # fmt: skip


def select(model: str = "fused", arithmetic: str = "float", **options: Any) -> TagPreference:
    """Return the run configuration for a kind of model and an arithmetic.

    Raises
    ------
    InvalidInput
        An unknown `model` or `arithmetic`.
    """
    if model not in KIND_TAGS:
        raise InvalidInput("model", model, " | ".join(KIND_TAGS))
    if arithmetic not in ARITHMETIC_TAGS:
        raise InvalidInput("arithmetic", arithmetic, " | ".join(ARITHMETIC_TAGS))
    return TagPreference(model, arithmetic, **options)


def _runs_on_cpu(model: Any) -> bool:
    return issubclass(model, (AbstractPyProcessModel, AbstractSubProcessModel))


def _kinds(model: Any) -> set[str]:
    return set(KIND_TAGS) & set(model.tags)


def _set(kind: str | None) -> set[str]:
    return set() if kind is None else {kind}


def _offer(process: Any, models: list[Any]) -> tuple[str, str]:
    """What is allowed, and the mend: the models that `process` does have."""
    has = ", ".join(f"{m.__name__} [{' '.join(sorted(m.tags))}]" for m in models) or "none"
    return (
        f"a combination that {type(process).__name__} {process.name!r} has a model for ({has})",
        "choose one of these",
    )
