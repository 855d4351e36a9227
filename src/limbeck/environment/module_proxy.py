"""The modules `op` and `context`: names that speak to whatever environment is running.

A name asked for while nothing runs is bound late, so that `from limbeck.op import add_column`
works at the top of a file.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from limbeck.environment.current import active, here, running_count


class Face(ModuleType):
    """A module whose unknown names are looked up on the object that is active now."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name == "_proxy":
            return self._limbeck_spoken_to()
        if name.startswith("_"):
            # who only looks, as mock and inspect do, takes an AttributeError for an answer
            speaker = self._limbeck_spoken_to()
            if speaker is not None:
                return getattr(speaker, name)
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        home = self._limbeck_class()
        if name == home.__name__:
            return home
        found = getattr(home, name, None)
        if callable(found):
            return self._limbeck_late(name, found)
        speaker = self._limbeck_spoken_to()
        if speaker is not None:
            return getattr(speaker, name)
        if name in self._limbeck_attributes():
            raise AttributeError(_explain(self.__name__, name))
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_proxy":
            # holds until something else begins to speak here, as if it had spoken first
            since = self._limbeck_here()
            super().__setattr__("_limbeck_put", None if value is None else (value, since))
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__("_limbeck_put" if name == "_proxy" else name)

    def __dir__(self) -> list[str]:
        public = {name for name in dir(self._limbeck_class()) if not name.startswith("_")}
        known = {name for name in vars(self) if not name.startswith("_limbeck")}
        return sorted(known | public | set(self._limbeck_attributes()))

    def _limbeck_late(self, name: str, found: Callable[..., Any]) -> Callable[..., Any]:
        # a script of a thousand operations asks for the same few names
        made: dict[str, tuple[Any, Callable[..., Any]]] = vars(self).setdefault("_limbeck_made", {})
        model, call = made.get(name, (None, None))
        if call is None or model is not found:
            call = _late(self, name, found)
            made[name] = (found, call)
        return call

    def _limbeck_attributes(self) -> tuple[str, ...]:
        return ()

    def _limbeck_class(self) -> type[Any]:
        raise NotImplementedError

    def _limbeck_here(self) -> Any:
        raise NotImplementedError

    def _limbeck_anywhere(self) -> Any:
        raise NotImplementedError

    def _limbeck_spoken_to(self) -> Any:
        here = self._limbeck_here()
        put, since = vars(self).get("_limbeck_put") or (None, None)
        if put is not None and (here is None or here is since):
            return put
        return here or self._limbeck_anywhere()

    def _limbeck_require(self, name: str) -> Any:
        found = self._limbeck_spoken_to()
        if found is None:
            raise NameError(_explain(self.__name__, name))
        return found


class OpFace(Face):
    """The module `op`."""

    def _limbeck_class(self) -> type[Any]:
        from limbeck.operations import Operations

        return Operations

    def _limbeck_here(self) -> Any:
        from limbeck.operations import current_in_context

        return current_in_context()

    def _limbeck_anywhere(self) -> Any:
        from limbeck.operations import current_operations

        return current_operations()

    def _limbeck_attributes(self) -> tuple[str, ...]:
        return ("migration_context", "impl", "schema_obj")


class ContextFace(Face):
    """The module `context`."""

    def _limbeck_class(self) -> type[Any]:
        from limbeck.environment.environment import Environment

        return Environment

    def _limbeck_here(self) -> Any:
        return here()

    def _limbeck_anywhere(self) -> Any:
        return active()

    def _limbeck_attributes(self) -> tuple[str, ...]:
        return ("config", "script", "context_opts")


def _late(face: Face, name: str, model: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(model)
    def call(*args: Any, **kw: Any) -> Any:
        return getattr(face._limbeck_require(name), name)(*args, **kw)

    call.__module__ = face.__name__
    call.__qualname__ = name
    for word in ("__wrapped__", "__signature__"):
        vars(call).pop(word, None)
    return call


def _explain(module: str, name: str) -> str:
    short = module.rpartition(".")[2]
    if running_count() > 1:
        return (
            f"Can't invoke function '{name}': several migration environments are running in this "
            f"process and this thread belongs to none of them. Start the thread with "
            f"`contextvars.copy_context().run(...)` from the one that is meant."
        )
    if short == "op":
        return (
            f"Can't invoke function '{name}', as no migration is running: `op` works inside "
            f"upgrade() and downgrade(), or in a block of `Operations.context(...)`."
        )
    return (
        f"Can't invoke function '{name}', as no migration environment is running: `context` works "
        f"inside env.py, or in a block of `with EnvironmentContext(...)`."
    )


def become(module: str, face: type[Face]) -> None:
    """Turn an imported module into a face."""
    sys.modules[module].__class__ = face
