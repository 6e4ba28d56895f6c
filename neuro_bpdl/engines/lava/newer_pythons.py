"""Lets Lava 0.10.0 be imported by Python 3.11 and newer.

One of its modules gives dataclasses other dataclasses' instances as defaults.
Since 3.11 Python refuses a default that cannot be hashed, which for these
instances is a matter of ``unsafe_hash``: nothing ever changes or hashes them.
All other modules of Lava work as they are.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

MENDED = "lava.magma.compiler.var_model"


def let_lava_be_imported() -> None:
    """Mend the import of `MENDED`, now or later; harmless when repeated, and without effect on Python 3.10."""
    installed = any(isinstance(finder, _Finder) for finder in sys.meta_path)
    if sys.version_info >= (3, 11) and MENDED not in sys.modules and not installed:
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Answers for one module, and leaves once that is found."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != MENDED:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    def __init__(self, stock: Loader) -> None:
        self._stock = stock

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._stock.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with _hashable_dataclasses_in(module.__name__):
            self._stock.exec_module(module)
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]

    def __getattr__(self, name: str) -> Any:
        # inspect and linecache ask a module's loader for its source.
        return getattr(self._stock, name)


@contextmanager
def _hashable_dataclasses_in(module: str) -> Iterator[None]:
    """While open, dataclasses of this one module are made with ``unsafe_hash``."""
    stock: Any = dataclasses.dataclass

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        if cls is None:
            return lambda decorated: dataclass(decorated, **options)
        if cls.__module__ == module:
            options["unsafe_hash"] = True
        return stock(cls, **options)

    dataclasses.dataclass = dataclass
    try:
        yield
    finally:
        dataclasses.dataclass = stock
