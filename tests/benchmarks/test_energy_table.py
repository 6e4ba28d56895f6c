"""The table of docs/hardware.md is what the benchmark's file of counts says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def energy_table(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield __import__("energy_table")
    sys.modules.pop("energy_table", None)


def test_every_training_is_in_the_docs_with_its_numbers(energy_table) -> None:  # type: ignore[no-untyped-def]
    rows = json.loads((ROOT / "docs" / "hardware" / "energy_tradeoff.json").read_text())["rows"]
    page, found = (ROOT / "docs" / "hardware.md").read_text(), list(energy_table.together(rows))
    assert sum(map(len, found)) == len(rows) and len(found) > 10
    for seeds in found:
        assert f"| {' | '.join(energy_table.measured(seeds))} | " in page


def test_changes_only_and_whole_payloads_have_the_same_errors() -> None:
    rows = json.loads((ROOT / "docs" / "hardware" / "energy_tradeoff.json").read_text())["rows"]
    whole = {(row["steps"], row["delta"], row["learning_epoch"], row["seed"]): row
             for row in rows if row["arithmetic"] == "fixed" and row.get("sends") == "whole" and not row["threshold"]
             and row["group"] != "sparse"}  # fmt: skip
    changes = [row for row in rows if row.get("sends") == "changes"]
    assert len(changes) > 10
    for row in changes:
        like = whole[row["steps"], row["delta"], row["learning_epoch"], row["seed"]]
        for name in ("reconstruction", "deep_reconstruction", "objective_gain_nats"):
            assert row[name] == like[name]
        assert row["counts"]["spikes"] < like["counts"]["spikes"]
