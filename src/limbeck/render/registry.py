"""A registry of functions by class or word, and the one that knows how operations print."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Registered = TypeVar("Registered", bound=Callable[..., Any])


class Dispatcher:
    """Functions registered for a class (its subclasses included) or for a word.

    A `qualifier` (a dialect's name, say) is asked first, "default" after it.
    """

    def __init__(self) -> None:
        self._registry: dict[tuple[Hashable, str], Callable[..., Any]] = {}

    def dispatch_for(
        self, target: Any, *, qualifier: str = "default", replace: bool = False
    ) -> Callable[[Registered], Registered]:
        """Return a decorator that registers a function for `target`.

        Args:
            target: a class, or a word.
            qualifier: a narrower realm in which the function counts.
            replace: take the place of a function registered before.

        Raises:
            ValueError: something is registered already and `replace` is False.
        """

        def register(function: Registered) -> Registered:
            place = (target, qualifier)
            if place in self._registry and not replace:
                raise ValueError(
                    f"{target!r} ({qualifier}): the key already exists; replace=True replaces it"
                )
            self._registry[place] = function
            return function

        return register

    def find(self, obj: Any, qualifier: str = "default") -> Callable[..., Any] | None:
        """Return the function for an object, class or word; None when there is none."""
        if isinstance(obj, str):
            targets: tuple[Hashable, ...] = (obj,)
        else:
            targets = (obj if isinstance(obj, type) else type(obj)).__mro__
        realms = (qualifier,) if qualifier == "default" else (qualifier, "default")
        places = ((target, realm) for target in targets for realm in realms)
        return next((self._registry[place] for place in places if place in self._registry), None)

    def dispatch(self, obj: Any, qualifier: str = "default") -> Callable[..., Any]:
        """Return the function for an object, class or word.

        Raises:
            ValueError: nothing is registered for it.
        """
        found = self.find(obj, qualifier)
        if found is None:
            raise ValueError(f"There is no dispatch function for {obj!r}")
        return found

    def branch(self) -> Dispatcher:
        """Return a copy that can grow on its own."""
        twin = Dispatcher()
        twin._registry.update(self._registry)
        return twin


renderers = Dispatcher()
"""How operations print: `(context, operation) -> str | list[str]` by operation class."""
