"""neuro-bpdl doctor"""

from __future__ import annotations

from dataclasses import asdict

import typer

from neuro_bpdl.cli.options import Json
from neuro_bpdl.cli.output import echo_json, note, show

BROKEN = 1


def doctor_command(as_json: Json = False) -> None:
    """Try everything that this machine should have: what works, what does not, and what to do.

    Exit code 1 when something is broken; what is only missing is an extra.

    Examples:

      neuro-bpdl doctor

      neuro-bpdl doctor --json
    """
    from neuro_bpdl.training.provenance import versions
    from neuro_bpdl.workflows.doctor import examine

    findings = []
    for finding in examine():
        if not as_json:
            note(f"{finding.name}: {finding.state}")
        findings.append(finding)
    if as_json:
        echo_json({"versions": versions(), "findings": [asdict(finding) for finding in findings]})
    else:
        rows = {finding.name: f"{finding.state}: {finding.said}" + (f"\n→ {finding.mend}" if finding.mend else "")
                for finding in findings}  # fmt: skip
        show("neuro-bpdl doctor", {"versions": ", ".join(f"{n} {v}" for n, v in versions().items()), **rows})
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(BROKEN)
