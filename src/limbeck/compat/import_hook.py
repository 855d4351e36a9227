"""The import alias: `alembic` and `alembic.*` are served as the modules of `limbeck.compat`.

Both names refer to the same module object, so `isinstance`, patches and registries agree.
This module imports nothing but the import system.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType

from limbeck.dialects import register_lookup
from limbeck.errors import LimbeckError, ProjectError

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.dialects import Dialect

ALIAS = "alembic"
HOME = "limbeck.compat"
PAGE = "the page 'Coming from Alembic' of limbeck's documentation"


class MissingName(LimbeckError, AttributeError):
    """A name that Alembic has, or had, and limbeck does not provide."""

    code = "LB180"


class AliasRefused(ProjectError):
    """The alias cannot be installed because the real package was already imported."""

    code = "LB181"


def absent(thing: str) -> MissingName:
    """Return the error for a name that limbeck's `alembic` does not have.

    Args:
        thing: the dotted name as written in the user's code.
    """
    return MissingName(
        f"limbeck does not provide {thing}",
        hint=f"see {PAGE} for what is provided and what to use instead",
    )


def alias_of(native: str) -> str:
    """Return the name under `alembic` of a module of `limbeck.compat`."""
    return ALIAS + native[len(HOME) :]


def _native(name: str) -> str:
    return HOME + name[len(ALIAS) :]


def guard(module: ModuleType) -> ModuleType:
    """Make a module of the alias raise a helpful error for names that it does not have."""

    def __getattr__(name: str) -> object:  # noqa: N807 - the hook of PEP 562
        raise absent(f"{alias_of(module.__name__)}.{name}")

    # the modules `op` and `context` handle missing names themselves
    if type(module) is ModuleType:
        vars(module).setdefault("__getattr__", __getattr__)
    return module


class _AliasLoader:
    """Returns limbeck's module and preserves its spec.

    It implements the methods of a loader without the abstract base classes, whose import takes
    longer than all else in this module.
    """

    def __init__(self, native: ModuleSpec) -> None:
        self._native = native
        self._kept: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(_native(spec.name))
        self._kept = module.__spec__
        return guard(module)

    def exec_module(self, module: ModuleType) -> None:
        # importlib has just set the alias's spec on the shared module
        module.__spec__ = self._kept

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of limbeck's module, for `python -m`."""
        loader = self._native.loader
        code: CodeType | None = loader.get_code(_native(fullname))  # type: ignore[union-attr]
        return code

    def is_package(self, fullname: str) -> bool:
        """Return whether the module is a package."""
        del fullname
        return self._native.submodule_search_locations is not None


class AliasFinder:
    """Finds `alembic` and its submodules in `limbeck.compat`."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return a spec for a name of the alias; None for other names."""
        del path, target
        if fullname != ALIAS and not fullname.startswith(ALIAS + "."):
            return None
        try:
            native = importlib.util.find_spec(_native(fullname))
        except ModuleNotFoundError:
            return None
        if native is None:
            return None
        spec = ModuleSpec(
            fullname,
            _AliasLoader(native),  # type: ignore[arg-type] # see there
            origin=native.origin,
            is_package=native.submodule_search_locations is not None,
        )
        spec.submodule_search_locations = native.submodule_search_locations
        return spec


def install(*, instead_of: ModuleType | None = None) -> None:
    """Serve `import alembic` from limbeck, for the rest of this process.

    Further calls do nothing. The alias has precedence over an installed Alembic that has not been
    imported.

    Args:
        instead_of: the current module `alembic` if it may be replaced; only the drop-in
            distribution passes itself.

    Raises:
        AliasRefused: the real package has already been imported.
    """
    home = sys.modules.get(HOME) or importlib.import_module(HOME)
    present = sys.modules.get(ALIAS)
    if present is not None and present is not home and present is not instead_of:
        raise AliasRefused(
            f"'{ALIAS}' is already imported from {getattr(present, '__file__', None)}",
            hint="call limbeck.compat.install() before anything imports alembic, or install "
            "limbeck's drop-in distribution in its place",
        )
    if not installed():
        sys.meta_path.insert(0, AliasFinder())
    if instead_of is not None:
        sys.modules[ALIAS] = home
    register_lookup(_outside_dialect)


def _outside_dialect(name: str) -> Dialect | None:
    # Runs when a dialect is first looked up: early enough for implementations, and late enough
    # for commands that need none. It also sets `MigrationContext.impl`, which env.py and
    # revision files access, so a check of sys.modules cannot replace it.
    third_party = importlib.import_module(f"{HOME}.ddl.third_party")
    dialect: Dialect | None = third_party.dialect_of(name)
    return dialect


def installed() -> bool:
    """Return whether the alias is installed in this process."""
    return any(isinstance(finder, AliasFinder) for finder in sys.meta_path)
