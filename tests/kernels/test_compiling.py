"""What is compiled for: registers as wide as the processor's, unless somebody has chosen."""

from __future__ import annotations

import numba
import pytest

from neuro_bpdl.kernels import compiling


@pytest.mark.parametrize(
    ("has", "chosen", "cpu", "expected"),
    [
        ("+avx2,+avx512bw", None, None, "+avx2,+avx512bw,-prefer-256-bit"),
        ("+avx2,-avx512bw", None, None, None),
        ("+avx2,+avx512bw", "+avx2", None, "+avx2"),
        ("+avx2,+avx512bw", None, "generic", None),
    ],
)
def test_wide_registers_are_asked_for_where_there_are_some(
    monkeypatch: pytest.MonkeyPatch, has: str, chosen: str | None, cpu: str | None, expected: str | None
) -> None:
    monkeypatch.setattr(compiling, "get_host_cpu_features", lambda: has)
    monkeypatch.setattr(numba.config, "CPU_FEATURES", chosen)
    monkeypatch.setattr(numba.config, "CPU_NAME", cpu)
    compiling.wide_vectors()
    assert expected == numba.config.CPU_FEATURES
