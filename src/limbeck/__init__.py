"""limbeck: schema migrations for SQLAlchemy.

The names of the Python API are loaded on first use, so that `import limbeck` costs nothing.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck import context, declare, fleet, op
    from limbeck.api import (
        check,
        compare,
        current,
        downgrade,
        heads,
        list_revisions,
        plan,
        revision,
        stamp,
        status,
        upgrade,
    )
    from limbeck.compat import command
    from limbeck.errors import LimbeckError
    from limbeck.project import Config

__version__ = "0.2.0"

__all__ = [
    "Config",
    "LimbeckError",
    "__version__",
    "check",
    "command",
    "compare",
    "context",
    "current",
    "declare",
    "downgrade",
    "fleet",
    "heads",
    "list_revisions",
    "op",
    "plan",
    "revision",
    "stamp",
    "status",
    "upgrade",
]

_HOMES = {
    "Config": ("limbeck.project", "Config"),
    "LimbeckError": ("limbeck.errors", "LimbeckError"),
    "check": ("limbeck.api", "check"),
    "compare": ("limbeck.api", "compare"),
    "current": ("limbeck.api", "current"),
    "downgrade": ("limbeck.api", "downgrade"),
    "heads": ("limbeck.api", "heads"),
    "list_revisions": ("limbeck.api", "list_revisions"),
    "plan": ("limbeck.api", "plan"),
    "revision": ("limbeck.api", "revision"),
    "stamp": ("limbeck.api", "stamp"),
    "status": ("limbeck.api", "status"),
    "upgrade": ("limbeck.api", "upgrade"),
    "command": ("limbeck.compat.command", None),
    "context": ("limbeck.context", None),
    "declare": ("limbeck.declare", None),
    "fleet": ("limbeck.fleet", None),
    "op": ("limbeck.op", None),
}


def __getattr__(name: str) -> object:
    if name == "beside":
        return _renamed_to_declare()
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


def _renamed_to_declare() -> object:
    import warnings

    message = "limbeck.beside is now limbeck.declare; the old name goes in the next release"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
    return importlib.import_module("limbeck.declare")


def __dir__() -> list[str]:
    return __all__
