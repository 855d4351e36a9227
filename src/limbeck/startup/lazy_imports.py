"""What SQLAlchemy and PyMySQL import and few commands use, imported at its use.

Event loops, package metadata and OpenSSL's digests are a third of what importing SQLAlchemy
costs, in time and in memory; the library that encrypts a password where the server asks for it is
half of PyMySQL. While these modules are imported, and then only, an object that forwards
stands in the place of each; who imports them later gets the real ones.
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
# what is taken from them when they are imported: to be called when it is used, or modules again
_FUNCTIONS = frozenset(("iscoroutine", "default_backend"))
_MODULES = frozenset(("hashes", "serialization", "padding"))


class Later(ModuleType):
    """A module that is imported when something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name in _FUNCTIONS:
            return self._forwarded(name)
        if self.__name__ in _ENCRYPTING:
            if name in _MODULES:
                return Later(f"{self.__name__}.{name}")
            if name == "__path__":  # `from` asks for it, to find modules below
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
        # where it is not installed, PyMySQL has to find that out
        with _put_off(_ENCRYPTING if PathFinder.find_spec(_OPENSSL) else ()):
            super().exec_module(module)


class _Finder:
    """Finds SQLAlchemy, its dialects and PyMySQL's module as Python would."""

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
        later = sys.modules[name] = Later(name)
        home, _, child = name.rpartition(".")
        if home in sys.modules and home not in absent:
            # `import a.b` gives a name to `a` alone; the real one will take this place
            setattr(sys.modules[home], child, later)
    try:
        yield
    finally:
        for name in absent:
            if isinstance(sys.modules.get(name), Later):
                del sys.modules[name]


@contextmanager
def _collected_never() -> Iterator[None]:
    """Look for no garbage in a block, nor ever after among what is there at its end."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if is_on:
            gc.enable()


def import_sparingly() -> None:
    """Import SQLAlchemy, once somebody does, without what few commands use.

    For a process that is the command and nothing else.
    """
    if _LIBRARY not in sys.modules:
        sys.meta_path.insert(0, _Finder)
