"""The modules `op` and `context`: proxies of the running `Operations` and `Environment`.

Functions are resolved when they are called, so that `from limbeck.op import add_column` works at
the top of a file, before anything runs.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

from limbeck.environment.current import current_environment, current_in_context, running_count

_Cache: TypeAlias = "dict[str, tuple[Any, Callable[..., Any]]]"


class ModuleProxy(ModuleType):
    """A module whose unknown names are looked up on the current target object."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name == "_proxy":
            return self._limbeck_target()
        if name.startswith("_"):
            # mock and inspect probe for attributes and expect an AttributeError
            target = self._limbeck_target()
            if target is not None:
                return getattr(target, name)
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        home = self._limbeck_class()
        if name == home.__name__:
            return home
        found = getattr(home, name, None)
        if callable(found):
            return self._limbeck_function(name, found)
        target = self._limbeck_target()
        if target is not None:
            return _found_or_near(target, name, home)
        if name in self._limbeck_attributes():
            raise AttributeError(_explain(self.__name__, name))
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_proxy":
            # valid until another target becomes current in this context
            since = self._limbeck_target_in_context()
            super().__setattr__("_limbeck_override", None if value is None else (value, since))
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__("_limbeck_override" if name == "_proxy" else name)

    def __dir__(self) -> list[str]:
        public = {name for name in dir(self._limbeck_class()) if not name.startswith("_")}
        known = {name for name in vars(self) if not name.startswith("_limbeck")}
        return sorted(known | public | set(self._limbeck_attributes()))

    def _limbeck_function(self, name: str, model: Callable[..., Any]) -> Callable[..., Any]:
        # cached: a script of a thousand operations uses the same few names
        cache: _Cache = vars(self).setdefault("_limbeck_functions", {})
        cached_model, function = cache.get(name, (None, None))
        if function is None or cached_model is not model:
            function = _forwarder(self, name, model)
            cache[name] = (model, function)
        return function

    def _limbeck_attributes(self) -> tuple[str, ...]:
        return ()

    def _limbeck_class(self) -> type[Any]:
        raise NotImplementedError

    def _limbeck_target_in_context(self) -> Any:
        raise NotImplementedError

    def _limbeck_current_target(self) -> Any:
        raise NotImplementedError

    def _limbeck_target(self) -> Any:
        in_context = self._limbeck_target_in_context()
        override, since = vars(self).get("_limbeck_override") or (None, None)
        if override is not None and (in_context is None or in_context is since):
            return override
        return in_context or self._limbeck_current_target()

    def _limbeck_require(self, name: str) -> Any:
        found = self._limbeck_target()
        if found is None:
            raise NameError(_explain(self.__name__, name))
        return found


class OpProxy(ModuleProxy):
    """The module `op`."""

    def _limbeck_class(self) -> type[Any]:
        from limbeck.operations import Operations

        return Operations

    def _limbeck_target_in_context(self) -> Any:
        from limbeck.operations import current_in_context

        return current_in_context()

    def _limbeck_current_target(self) -> Any:
        from limbeck.operations import current_operations

        return current_operations()

    def _limbeck_attributes(self) -> tuple[str, ...]:
        return ("migration_context", "impl", "schema_obj", "tables")


class ContextProxy(ModuleProxy):
    """The module `context`."""

    def _limbeck_class(self) -> type[Any]:
        from limbeck.environment.environment import Environment

        return Environment

    def _limbeck_target_in_context(self) -> Any:
        return current_in_context()

    def _limbeck_current_target(self) -> Any:
        return current_environment()

    def _limbeck_attributes(self) -> tuple[str, ...]:
        return ("config", "script", "context_opts")


def _forwarder(proxy: ModuleProxy, name: str, model: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(model)
    def call(*args: Any, **kw: Any) -> Any:
        return getattr(proxy._limbeck_require(name), name)(*args, **kw)

    call.__module__ = proxy.__name__
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
            f"`contextvars.copy_context().run(...)` in the environment that it should use."
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


def install_proxy(module: str, proxy_class: type[ModuleProxy]) -> None:
    """Turn an imported module into a proxy."""
    sys.modules[module].__class__ = proxy_class


def _found_or_near(target: Any, name: str, home: type) -> Any:
    """Return an attribute; the error for a missing one suggests a similar public name."""
    try:
        return getattr(target, name)
    except AttributeError as error:
        from difflib import get_close_matches

        known = [each for each in dir(home) if not each.startswith("_")]
        near = get_close_matches(name, known, n=1, cutoff=0.75)
        if not near:
            raise
        raise AttributeError(f"{error}: did you mean {near[0]}?") from None
