"""neuro-bpdl report"""

from __future__ import annotations

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, label_of, note


def report_command(run: o.RunArgument, as_json: o.Json = False) -> None:
    """Write RUN/report.html: one file with everything about a run, to read or to send.

    Example:

      neuro-bpdl report first
    """
    from neuro_bpdl.report.build import write_report
    from neuro_bpdl.report.hardware import mapping_section
    from neuro_bpdl.report.material import gather
    from neuro_bpdl.training.run_dir import RunDir

    trained = RunDir.open(run)
    trained.checkpoint()  # refused before anything is announced
    note("evaluating, generating and inpainting with the run's own engine")
    material = gather(trained, trained.dataset())
    path = write_report(trained, material, [mapping_section(trained)])
    result = {
        "report": str(path), "bytes": path.stat().st_size, **material.evaluation.label.to_dict(),
        "data": material.evaluation.data,
    }  # fmt: skip
    emit(result, as_json, "Report", {"computed by": label_of(result), "file": path})
