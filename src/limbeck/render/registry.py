"""A registry of functions by class or name, and the registry of operation renderers."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Registered = TypeVar("Registered", bound=Callable[..., Any])


class Dispatcher:
    """Functions registered for a class, including its subclasses, or for a name.

    Functions for a `qualifier` (for example a dialect's name) precede those for "default".
    """

    def __init__(self) -> None:
        self._registry: dict[tuple[Hashable, str], Callable[..., Any]] = {}

    def dispatch_for(
        self, target: Any, *, qualifier: str = "default", replace: bool = False
    ) -> Callable[[Registered], Registered]:
        """Return a decorator that registers a function for `target`.

        Args:
            target: a class or a name.
            qualifier: restricts the function, for example to a dialect.
            replace: replace a registered function.

        Raises:
            ValueError: a function is registered and `replace` is False.
        """

        def register(function: Registered) -> Registered:
            key = (target, qualifier)
            if key in self._registry and not replace:
                raise ValueError(
                    f"{target!r} ({qualifier}): the key already exists; replace=True replaces it"
                )
            self._registry[key] = function
            return function

        return register

    def find(self, obj: Any, qualifier: str = "default") -> Callable[..., Any] | None:
        """Return the function for an object, class or name; None if there is none."""
        if isinstance(obj, str):
            targets: tuple[Hashable, ...] = (obj,)
        else:
            targets = (obj if isinstance(obj, type) else type(obj)).__mro__
        realms = (qualifier,) if qualifier == "default" else (qualifier, "default")
        for target in targets:
            for realm in realms:
                function = self._registry.get((target, realm))
                if function is not None:
                    return function
        return None

    def dispatch(self, obj: Any, qualifier: str = "default") -> Callable[..., Any]:
        """Return the function for an object, class or name.

        Raises:
            ValueError: no function is registered for it.
        """
        function = self.find(obj, qualifier)
        if function is None:
            raise ValueError(f"There is no dispatch function for {obj!r}")
        return function

    def branch(self) -> Dispatcher:
        """Return an independent copy."""
        twin = Dispatcher()
        twin._registry.update(self._registry)
        return twin


renderers = Dispatcher()
"""Renderers `(context, operation) -> str | list[str]` by class of operation."""
