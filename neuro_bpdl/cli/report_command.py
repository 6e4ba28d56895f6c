"""neuro-bpdl report"""

from __future__ import annotations

from pathlib import Path

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, label_of, note


def report_command(run: o.RunArgument, as_json: o.Json = False) -> None:
    """Write RUN/report.html: one file with everything about a run, to read or to send.

    RUN may also be one of control train or of bandit train.

    Example:

      neuro-bpdl report first
    """
    from neuro_bpdl.report.build import write_report
    from neuro_bpdl.report.hardware import mapping_section
    from neuro_bpdl.report.labelled import write_labelled_report
    from neuro_bpdl.report.material import gather
    from neuro_bpdl.training.run_dir import RunDir

    if (rewarded := _of_rewards(run)) is not None:
        path, row = rewarded
        result = {"report": str(path), "bytes": path.stat().st_size, **row}
        emit(result, as_json, "Report", {**row, "file": path})
        return
    trained = RunDir.open(run)
    trained.checkpoint()  # refused before anything is announced
    if trained.config.spec.labels is not None:
        path, answers = write_labelled_report(trained, trained.dataset(), [mapping_section(trained)])
        result = {"report": str(path), "bytes": path.stat().st_size, **answers.label.to_dict(), "data": answers.data}
        emit(result, as_json, "Report", {"computed by": label_of(result), "file": path})
        return
    note("evaluating, generating and inpainting with the run's own engine")
    material = gather(trained, trained.dataset())
    path = write_report(trained, material, [mapping_section(trained)])
    result = {
        "report": str(path), "bytes": path.stat().st_size, **material.evaluation.label.to_dict(),
        "data": material.evaluation.data,
    }  # fmt: skip
    emit(result, as_json, "Report", {"computed by": label_of(result), "file": path})


def _of_rewards(run: Path) -> tuple[Path, dict[str, str]] | None:
    """The report of a control or bandit run, and what it is about; None for another run."""
    from neuro_bpdl.control.bandit_run import BanditRun
    from neuro_bpdl.control.folder import kind_of
    from neuro_bpdl.control.run_dir import ControlRun

    kind = kind_of(run)
    if kind == ControlRun.kind:
        from neuro_bpdl.report.acting import write_control_report

        note("playing test episodes without noise")
        acted = ControlRun.open(run)
        about = {"environment": acted.config.spec.environment, "computed by": acted.computed_by}
        return write_control_report(acted), about
    if kind == BanditRun.kind:
        from neuro_bpdl.report.rewarded import write_bandit_report

        taught = BanditRun.open(run)
        return write_bandit_report(taught), {"data": taught.config.spec.data, "computed by": taught.computed_by}
    return None
