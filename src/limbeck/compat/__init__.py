"""The names of `alembic.*` for limbeck's classes; no other package imports them.

Every module below corresponds to the module of that name in Alembic. `install()` makes
`import alembic` find them.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from limbeck.compat.import_hook import absent, guard, install, installed

__version__ = "1.20.1"

__all__ = ["install", "installed"]


def __getattr__(name: str) -> ModuleType:
    full = f"{__name__}.{name}"
    if name.startswith("_"):
        raise absent(f"alembic.{name}")
    try:
        return guard(importlib.import_module(full))
    except ModuleNotFoundError as error:
        if error.name != full:
            raise
    raise absent(f"alembic.{name}")
