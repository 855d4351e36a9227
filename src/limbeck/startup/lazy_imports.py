"""Delay imports of SQLAlchemy and PyMySQL that few commands need.

asyncio, importlib.metadata and hashlib take a third of the time and memory for importing
SQLAlchemy. cryptography, which encrypts a password if the server requires it, takes half of that
for PyMySQL. While SQLAlchemy or PyMySQL is being imported, lazy modules replace these modules.
Later imports get the real modules.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

_LIBRARY = "sqlalchemy"
_DIALECTS = f"{_LIBRARY}.dialects"
_LATER = ("asyncio", "hashlib", "importlib.metadata", "json", "random")
_PASSWORDS = "pymysql._auth"
_OPENSSL = "cryptography"
_ENCRYPTING = (
    f"{_OPENSSL}.hazmat.backends",
    f"{_OPENSSL}.hazmat.primitives",
    f"{_OPENSSL}.hazmat.primitives.asymmetric",
)
# the names that are imported from these modules: functions, and modules
_FUNCTIONS = frozenset(("iscoroutine", "default_backend"))
_MODULES = frozenset(("hashes", "serialization", "padding"))


class DeferredModule(ModuleType):
    """A module that is imported when one of its attributes is used."""

    def __getattr__(self, name: str) -> Any:
        if name in _FUNCTIONS:
            return self._forwarded(name)
        if self.__name__ in _ENCRYPTING:
            if name in _MODULES:
                return DeferredModule(f"{self.__name__}.{name}")
            if name == "__path__":  # the `from` statement reads it to find submodules
                raise AttributeError(name)
        return getattr(self._real(), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._real(), name, value)

    def _forwarded(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            return getattr(self._real(), name)(*arguments, **named)

        return call

    def _real(self) -> ModuleType:
        name = self.__name__
        if sys.modules.get(name) is self:
            del sys.modules[name]
        return import_module(name)


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        with _put_off(_LATER), _collected_never():
            super().exec_module(module)


class _PasswordLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        # if cryptography is not installed, PyMySQL must get the ImportError
        with _put_off(_ENCRYPTING if PathFinder.find_spec(_OPENSSL) else ()):
            super().exec_module(module)


class _Finder:
    """Finds SQLAlchemy, its dialects and `pymysql._auth`, and replaces their loaders."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        kind: type[SourceFileLoader] = _Loader
        if name == _PASSWORDS:
            kind = _PasswordLoader
        elif name != _LIBRARY and name.rpartition(".")[0] != _DIALECTS:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return None
        spec.loader = kind(spec.loader.name, spec.loader.path)
        return spec


@contextmanager
def _put_off(names: Sequence[str]) -> Iterator[None]:
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        later = sys.modules[name] = DeferredModule(name)
        home, _, child = name.rpartition(".")
        if home in sys.modules and home not in absent:
            # `import a.b` binds `a` only, so `a.b` must exist; the real module replaces it
            setattr(sys.modules[home], child, later)
    try:
        yield
    finally:
        for name in absent:
            if isinstance(sys.modules.get(name), DeferredModule):
                del sys.modules[name]


@contextmanager
def _collected_never() -> Iterator[None]:
    """Collect no garbage within the block, and exclude its objects from later collections."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if is_on:
            gc.enable()


def install_lazy_imports() -> None:
    """Install the import hook that delays imports of SQLAlchemy and PyMySQL.

    Only for the process of a command.
    """
    if _LIBRARY not in sys.modules:
        sys.meta_path.insert(0, _Finder)
