"""neuro-bpdl export"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from neuro_bpdl.cli import completing
from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, note
from neuro_bpdl.errors import InvalidInput

FORMATS = ("loihi", "nir")
ARITHMETICS = ("float", "fixed")
DEFAULT_TARGET = "loihi2"

Out = Annotated[
    Path, typer.Option("--out", metavar="PATH", show_default=False, rich_help_panel=o.OUTPUT,
                       help="New folder (loihi) or new file (nir).")
]  # fmt: skip
Format = Annotated[
    str,
    typer.Option("--format", metavar="loihi|nir",
                 help="loihi: integers, rules, schedule and mapping, to rebuild the network from. nir: both maps as a "
                      "NIR graph."),
]  # fmt: skip
TargetName = Annotated[
    str | None,
    typer.Option("--target", metavar="TARGET", show_default=DEFAULT_TARGET,
                 help="loihi only: the chip or board whose limits are checked; cpu for Lava's simulator.",
                 autocompletion=completing.target),
]  # fmt: skip
Arithmetic = Annotated[
    str | None,
    typer.Option("--arithmetic", metavar="float|fixed", show_default="the run's",
                 help="The run's own unless given; fixed rounds the weights of a float run."),
]  # fmt: skip

Neurons = Annotated[
    str | None,
    typer.Option("--neurons", metavar="threshold|lif|if", show_default="threshold",
                 help="nir only: what a unit is. lif and if are for readers that know no Threshold node."),
]  # fmt: skip
ChainName = Annotated[
    str | None,
    typer.Option("--chain", metavar="both|recognition|generation", show_default="both",
                 help="nir only: one map has one input and one output, as most readers expect."),
]  # fmt: skip


def export_command(
    run: o.RunArgument,
    out: Out,
    target: TargetName = None,
    format: Format = "loihi",
    arithmetic: Arithmetic = None,
    neurons: Neurons = None,
    chain: ChainName = None,
    as_json: o.Json = False,
) -> None:
    """Write a trained network for a Loihi chip or as a NIR graph. Nothing is run on a chip.

    Of a control run the first seed's agent is written (control export chooses another).

    Examples:

      neuro-bpdl export first --target loihi2 --out chip     (first trained with --arithmetic fixed)

      neuro-bpdl export first --arithmetic fixed --out chip  (rounded after training)

      neuro-bpdl export first --format nir --out first.nir

      neuro-bpdl export first --format nir --neurons lif --chain recognition --out up.nir
    """
    if _is_control(run):
        _control(run, out, target, (format, arithmetic), as_json)
        return
    result = export_run(run, out, target=target, format=format, arithmetic=arithmetic, neurons=neurons, chain=chain)
    for line in result["notes"]:
        note(line)
    emit(result, as_json, "Exported", _rows(result))


def _is_control(run: Path) -> bool:
    from neuro_bpdl.control.folder import kind_of

    return kind_of(run) == "control"


def _control(run: Path, out: Path, target: str | None, given: tuple[str, str | None], as_json: bool) -> None:
    from neuro_bpdl.cli.control_command import export

    if given != ("loihi", None):
        raise InvalidInput("RUN", str(run), "a network's run with --format nir or --arithmetic",
                           "an agent is exported in its own integers: leave both out")  # fmt: skip
    export(run, out, target or DEFAULT_TARGET, None, as_json)


def export_run(
    path: Path, out: Path, *, target: str | None = None, format: str = "loihi", arithmetic: str | None = None,
    neurons: str | None = None, chain: str | None = None,
) -> dict[str, Any]:
    """Export a run; what was written and what to know about it, JSON-ready.

    Raises
    ------
    InvalidInput
        Unknown format, arithmetic or target, a target with format nir, or
        ``out`` exists.
    CheckpointError
        ``path`` is no run.
    HardwareLimit
        The target cannot hold the network as it was trained.
    MissingDependency
        Format nir without the nir package.
    """
    from neuro_bpdl.training.run_dir import RunDir

    if format not in FORMATS:
        raise InvalidInput("--format", format, " | ".join(FORMATS))
    if arithmetic is not None and arithmetic not in ARITHMETICS:
        raise InvalidInput("--arithmetic", arithmetic, " | ".join(ARITHMETICS))
    for option, value in (("--neurons", neurons), ("--chain", chain)):
        if format != "nir" and value is not None:
            raise InvalidInput(option, value, "none with --format loihi", "say --format nir")
    if format == "nir" and target is not None:
        raise InvalidInput("--target", target, "no target with --format nir", "leave --target out: a graph has none")
    run = RunDir.open(path)
    if format == "nir":
        run.config.spec.require_one_task("--format nir")
    chosen = cast(Literal["float", "fixed"], arithmetic or run.config.spec.engine.arithmetic)
    form = {"neurons": neurons or "threshold", "chain": chain or "both"}
    return _as_nir(run, out, chosen, form) if format == "nir" else _for_chip(run, out, target, chosen)


def _as_nir(run: Any, out: Path, arithmetic: Literal["float", "fixed"], form: dict[str, Any]) -> dict[str, Any]:
    from neuro_bpdl.export.nir_export import export_nir

    params, facts = run.checkpoint().params, _provenance(run, arithmetic)
    provenance = {k: str(v) for k, v in facts.items()}
    plasticity = run.config.spec.plasticity
    done = export_nir(params, out, arithmetic=arithmetic, plasticity=plasticity, provenance=provenance, **form)
    return {
        "format": "nir", "out": str(out), "sizes": list(params.network.sizes), "arithmetic": arithmetic,
        "nodes": done.nodes, "levels": done.levels, "rate_error": done.rate_error,
        "not_expressed": list(done.not_expressed), "provenance": facts,
        "notes": [f"NIR cannot express {line}" for line in done.not_expressed],
    }  # fmt: skip


def _for_chip(run: Any, out: Path, target: str | None, arithmetic: Literal["float", "fixed"]) -> dict[str, Any]:
    from neuro_bpdl.export.both import IMAGES, LABELS, export_both
    from neuro_bpdl.export.chip import export_chip
    from neuro_bpdl.training.few_labels import lessons_before

    spec, checkpoint, facts = run.config.spec, run.checkpoint(), _provenance(run, arithmetic)
    code = spec.engine.messages
    if arithmetic == "float":  # which has no sums of changes
        code = replace(code, changes=False)
    options: dict[str, Any] = {
        "inference": spec.inference, "plasticity": spec.plasticity, "arithmetic": arithmetic, "code": code,
        "seed": checkpoint.seed, "presentation": checkpoint.progress.presentations,
        "learning_epoch": spec.engine.learning_epoch if arithmetic == "fixed" else "step",
        "target": target or spec.target or DEFAULT_TARGET, "provenance": facts,
    }  # fmt: skip
    if spec.joint:
        both = export_both(checkpoint.params, out, lessons=lessons_before(spec, checkpoint.progress), **options)
        return {
            **_written(both[LABELS].document, out, checkpoint, arithmetic, facts, str(code)),
            "time_steps": {event: one.document["schedule"]["time_steps"] for event, one in both.items()},
            "rules": {event: _rules(both[event].document) for event in (IMAGES, LABELS)},
        }  # the label population is in the second alone
    document = export_chip(checkpoint.params, out, **options).document
    return _written(document, out, checkpoint, arithmetic, facts, str(code))


def _rules(document: dict[str, Any]) -> dict[str, Any]:
    return {part["name"]: part["rule"] for part in document["projections"]}


def _written(
    document: dict[str, Any], out: Path, checkpoint: Any, arithmetic: str, facts: dict[str, Any], code: str
) -> dict[str, Any]:
    """What an export says of itself."""
    mapping = document["mapping"]
    return {
        "format": "loihi", "out": str(out), "sizes": list(checkpoint.params.network.sizes), "arithmetic": arithmetic,
        "code": code, "target": document["target"],
        "time_steps": document["schedule"]["time_steps"],
        "rules": _rules(document),
        "cores": mapping["cores"], "chips": mapping["chips"], "bottleneck": mapping["bottleneck"],
        "note": document["note"], "missing_for_a_chip": document["missing_for_a_chip"], "provenance": facts,
        "notes": _differences(facts, arithmetic),
    }  # fmt: skip


def _provenance(run: Any, arithmetic: str) -> dict[str, Any]:
    """Where the weights come from, and whether they were trained as they are exported."""
    config, progress = run.config, run.checkpoint().progress
    return {
        "run": str(run.path),
        "data": config.data.name,
        "data_sha256": config.data.sha256,
        "epochs": progress.epoch,
        "images": progress.images,
        "trained_with": config.spec.engine.model_dump(mode="json"),
        "trained_batch": config.spec.training.batch,
        "rounded_after_training": arithmetic == "fixed" and config.spec.engine.arithmetic == "float",
        "versions": config.versions,
        "commit": config.commit,
    }


def _differences(facts: dict[str, Any], arithmetic: str) -> list[str]:
    """How learning on from the export differs from learning on in the run."""
    lines = []
    if facts["rounded_after_training"]:
        lines.append("weights were trained in float and rounded now: evaluate the run with --arithmetic fixed")
    if facts["trained_batch"] != 1:
        lines.append(f"the run averaged {facts['trained_batch']} images per update; the exported network learns from 1")
    if arithmetic == "fixed" and facts["trained_with"]["rounding"] != "shared":
        lines.append("the run drew a number per synapse to round weights; stock Lava draws one per matrix")
    return lines


def _rows(result: dict[str, Any]) -> dict[str, Any]:
    rows = {
        "written": result["out"],
        "network": "-".join(map(str, result["sizes"])),
        "arithmetic": result["arithmetic"],
    }
    if result["format"] == "nir":
        error = result["rate_error"]
        return rows | {
            "NIR nodes": result["nodes"],
            "rates of a map": f"within {error:.2g} of the trained map's" if error else "exactly the fixed-point map's",
            "read it with": f"nir.read({result['out']!r})",
        }
    return rows | {
        "messages": result["code"],
        "target": f"{result['target']}: {result['cores']} cores on {result['chips']} chips",
        "fullest": result["bottleneck"],
        "status": result["note"],
        "missing for a chip": "; ".join(result["missing_for_a_chip"]),
        **(_of_one(result) if "F_1" in result["rules"] else _of_both(result)),
    }


def _of_one(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "time steps per image": result["time_steps"],
        "rules": f"{len(result['rules'])} in network.json, e.g. {_formula(result['rules']['F_1'])}",
        "load it with": f"neuro_bpdl.export.load_export({result['out']!r})",
    }


def _of_both(result: dict[str, Any]) -> dict[str, Any]:
    """Images and labels in one network: two events, a folder each."""
    events = {
        f"{event}/": f"{result['time_steps'][event]} time steps; {len(rules)} rules in network.json, e.g. "
                     f"{_formula(rules['F_1'])}"
        for event, rules in result["rules"].items()
    }  # fmt: skip
    return events | {"load it with": f"neuro_bpdl.export.load_both({result['out']!r})"}


def _formula(rule: dict[str, str]) -> str:
    return ", ".join(f"d{target[0]} = {text}" for target, text in rule.items())
