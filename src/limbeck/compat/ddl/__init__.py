"""`alembic.ddl`: the implementations of all five databases, each imported on first access."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limbeck.compat.ddl import mssql, mysql, oracle, postgresql, sqlite
    from limbeck.compat.ddl.impl import DefaultImpl

__all__ = ["DefaultImpl", "mssql", "mysql", "oracle", "postgresql", "sqlite"]


def __getattr__(name: str) -> object:
    if name == "DefaultImpl":
        return importlib.import_module(f"{__name__}.impl").DefaultImpl
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
