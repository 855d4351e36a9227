"""limbeck: schema migrations for SQLAlchemy.

The names of the Python API are loaded on first use, so that `import limbeck` costs nothing.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck import context, op
    from limbeck.compat import command
    from limbeck.errors import LimbeckError
    from limbeck.project import Config
    from limbeck.sqlalchemy_io import declared_objects as beside

__version__ = "0.1.0"

__all__ = ["Config", "LimbeckError", "__version__", "beside", "command", "context", "op"]

_HOMES = {
    "Config": ("limbeck.project", "Config"),
    "LimbeckError": ("limbeck.errors", "LimbeckError"),
    "beside": ("limbeck.sqlalchemy_io.declared_objects", None),
    "command": ("limbeck.compat.command", None),
    "context": ("limbeck.context", None),
    "op": ("limbeck.op", None),
}


def __getattr__(name: str) -> object:
    home, attribute = _HOMES.get(name, (None, None))
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "command":
        # its functions run user files, which may import alembic
        importlib.import_module("limbeck.compat").install()
    module = importlib.import_module(home)
    found = module if attribute is None else getattr(module, attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
