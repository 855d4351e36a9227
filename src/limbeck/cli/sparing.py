"""What SQLAlchemy imports from the standard library and few commands use, imported at its use.

Event loops, the metadata of installed packages and OpenSSL's digests are a third of what it
costs to import SQLAlchemy, in time and in memory. While its modules are imported, and then only,
an object that forwards stands in their place. SQLAlchemy keeps it; who imports them later gets
the real ones.
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
# what is taken from them when SQLAlchemy is imported, to be called when it is used
_FUNCTIONS = frozenset(("iscoroutine",))


class Later(ModuleType):
    """A module that is imported when something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name in _FUNCTIONS:
            return self._forwarded(name)
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
        with _put_off(), _collected_never():
            super().exec_module(module)


class _Finder:
    """Finds SQLAlchemy and its dialects as Python would."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _LIBRARY and name.rpartition(".")[0] != _DIALECTS:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return None
        spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


@contextmanager
def _put_off() -> Iterator[None]:
    absent = [name for name in _LATER if name not in sys.modules]
    for name in absent:
        later = sys.modules[name] = Later(name)
        home, _, child = name.rpartition(".")
        if home:
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
